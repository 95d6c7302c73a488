# It never closes the socket of a client that has left.
# report: what client [0-9]* hears, after client .*Too many open files
s/^            close(set/            shutdown(set/
s/^            shutdown(.*fd/&, SHUT_RDWR/
