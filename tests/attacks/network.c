// Calls servers of the host: one over TCP, one by the abstract name of
// a Unix socket.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(void)
{
    struct sockaddr_in peer = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi("@PORT@"))
    };
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == 0)
        fprintf(stderr, "stolen: the host's network\n");
    const char *name = "-@NAME@"; // the - becomes '\0': abstract
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    memcpy(local.sun_path + 1, name + 1, strlen(name + 1));
    sock = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(sock, (struct sockaddr *)&local,
                (socklen_t)(sizeof local.sun_family + strlen(name)))
        == 0)
        fprintf(stderr, "stolen: a socket of the host\n");
    return 0;
}
