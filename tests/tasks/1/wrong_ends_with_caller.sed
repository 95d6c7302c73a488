# A failed send ends the server.
# report: the caller behind that one\|a server that goes on
s/        perror("send");/        exit(1);/
