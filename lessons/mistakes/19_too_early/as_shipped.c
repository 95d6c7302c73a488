// # Mistake 19: the client that celebrates too early
//
// It hands an order to a server, which answers with a line that begins
// with "ok" when it has the order. Exit status 0 means that the order
// is there; 1 that it is not, and a message says why.
//
// Symptom: it says "The order is there" even when the server hangs, or
// ends without having looked at the order.
//
// Provoke: cc 19_too_early.c -o 19_too_early, start a server that
// listens and never accepts (build/03_listen), then this. (More in
// task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 // for a system that lacks it
#endif

// Sends all of the bytes. Returns 0, or -1 when a send failed.
static int send_all(int sock, const char *bytes, size_t size)
{
    for (ssize_t n; size > 0; bytes += n, size -= (size_t)n)
        if ((n = send(sock, bytes, size, MSG_NOSIGNAL)) == -1)
            return -1;
    return 0;
}

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }

    int sock = socket(AF_INET, SOCK_STREAM, 0);
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

    const char *words = "order: 3 sockets\n";
    if (send_all(sock, words, strlen(words)) == -1) {
        perror("send");
        return 1;
    }
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    printf("The order is there\n");
    return 0;
}
