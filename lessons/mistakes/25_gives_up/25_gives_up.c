// # Mistake 25: the sender that gives up
//
// It sends each line of its input as a datagram to a log service that
// may be restarted at any time. Meanwhile lines may be lost, but the
// sender has to go on.
//
// Symptom: while the service is away, the first line is sent without an
// error. At the second the sender ends: "send: Connection refused", and
// that with UDP, which has no connections.
//
// Provoke: cc 25_gives_up.c -o 25_gives_up, start it with no program at
// the port, type two lines. (More in task.md.)
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
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }

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
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
