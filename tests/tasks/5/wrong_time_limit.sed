# send has two seconds for each client that does not read.
# report: clients 4 to 7 read nothing
s/MSG_NOSIGNAL | MSG_DONTWAIT/MSG_NOSIGNAL/
s/#include <sys\/socket.h>/&\n#include <sys\/time.h>/
s/    clients\[count\] = /    struct timeval limit = {2, 0}; setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, \&limit, sizeof limit);\n&/
