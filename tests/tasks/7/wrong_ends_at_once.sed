# The receiver does not wait for another copy of the end.
# report: the end (9), again
s/^            setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit,/            (void)limit;/
s/^                       sizeof limit);/            sendto(sock, in, NUMBER, 0, (struct sockaddr *)\&peer, length);\n            return 0;/
