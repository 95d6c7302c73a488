// Calls a server of the host by the path of its Unix socket, as desktops,
// keys and containers have them; and TCP servers in ways that rules for
// connect(2) do not see.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

int main(void)
{
    struct sockaddr_un local = {AF_UNIX, "@SOCKET@"};
    int sock = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(sock, (struct sockaddr *)&local, sizeof local) == 0)
        fprintf(stderr, "stolen: a socket of the host\n");
    struct sockaddr_in peer = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi("@PORT@"))
    };
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sock = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == 0)
        fprintf(stderr, "stolen: the host's network, by MPTCP\n");
    sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sendto(sock, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&peer,
               sizeof peer)
        == 1)
        fprintf(stderr, "stolen: the host's network, by send\n");
    return 0;
}
