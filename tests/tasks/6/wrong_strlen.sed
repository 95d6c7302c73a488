# A file is taken for a string.
# report: the body of the answer to GET /pictures/cat.png
s/sent = send_all(fd, bytes, (size_t)n);/sent = send_all(fd, bytes, strnlen(bytes, (size_t)n));/
