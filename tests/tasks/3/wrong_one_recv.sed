# One recv is taken for the message.
# report: the answer to
s/        bytes += n;/        return 0;/
