# Length 0 is taken for the end.
# report: then the end of the stream
s/        char \*text = message + 2;/        char *text = message + 2; if (length == 0) return;/
