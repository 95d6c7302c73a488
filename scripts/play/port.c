/* port.c: a port at which the lessons can meet. */
#include "engine.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket at this port of 127.0.0.1, as a lesson's would be: for TCP it
 * listens. -1 if the port is not free. */
static int at_port(int type, unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int sock = socket(AF_INET, type, 0), on = 1;

    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (sock == -1)
        return -1;
    if ((type == SOCK_STREAM
         && setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
                == -1)
        || bind(sock, (struct sockaddr *)&address, sizeof address) == -1
        || (type == SOCK_STREAM && listen(sock, 1) == -1)) {
        close(sock);
        return -1;
    }
    return sock;
}

bool port_is_free(unsigned port)
{
    int tcp = at_port(SOCK_STREAM, port);
    int udp = tcp == -1 ? -1 : at_port(SOCK_DGRAM, port);

    if (tcp != -1)
        close(tcp);
    if (udp != -1)
        close(udp);
    return udp != -1;
}

unsigned port_choose(void)
{
    for (int tries = 0; tries < 5; tries++) {
        struct sockaddr_in address = {.sin_family = AF_INET};
        socklen_t length = sizeof address;
        int sock = at_port(SOCK_STREAM, 0);
        unsigned port = 0;

        if (sock == -1)
            continue;
        if (getsockname(sock, (struct sockaddr *)&address, &length)
            == 0)
            port = ntohs(address.sin_port);
        close(sock);
        if (port != 0 && port_is_free(port))
            return port;
    }
    return 0;
}
