// # Mistake 25: the sender that is not supposed to give up
//
// It sends each line of its input as a datagram to a log service that
// may be restarted at any time. Lines are lost meanwhile, and that is
// agreed; but the sender shall go on.
//
// Symptom: while the service is away, the first line is sent without an
// error. At the second the sender ends: "send: Connection refused", and
// that with UDP, which has no connections.
//
// Provoke: start it with nobody at the port, type two lines.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    int port = argc > 1 ? atoi(argv[1]) : 8888;

    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    char line[1024];
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (send(sock, line, strlen(line), 0) == -1) {
            perror("send");
            return 1;
        }
        printf("next line?\n");
        fflush(stdout);
    }
    close(sock);
    return 0;
}
