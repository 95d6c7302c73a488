// # Mistake 12: the client that prints more than it was sent
//
// It prints what a server sends, as it comes, and at the end how many
// bytes it was.
//
// Symptom: now and then there is rubbish after the text, or the end of
// an earlier text again.
//
// Provoke: cc 12_prints_too_much.c -o 12_prints_too_much, start a
// server that you can talk through (nc -lN 127.0.0.1 8888), start this,
// and type a long line there, then a short one. Ctrl-D ends both. (More
// in task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

struct news {
    char text[32];
    int total;
};

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

    struct news news = {.total = 0};
    for (;;) {
        ssize_t n = recv(sock, news.text, sizeof news.text, 0);
        if (n == -1) {
            perror("recv");
            return 1;
        }
        if (n == 0)
            break;
        news.total += (int)n;
        printf("%s", news.text);
        fflush(stdout);
    }
    printf("%d bytes\n", news.total);
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
