// # Mistake 18: the client that connects to nobody
//
// It sends the line that you type to a server and prints the answer,
// which is a line too.
//
// Symptom: connect succeeds, with a server or without one. Then the
// first send says "Broken pipe", and no server has seen a client.
//
// Provoke: cc 18_connects_to_nobody.c -o 18_connects_to_nobody, start a
// server that you can talk through (nc -l 127.0.0.1 8888), start this,
// type a line. (More in task.md.)
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
    peer.sin_port = htons((uint16_t)port);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    char line[1024];
    if (fgets(line, sizeof line, stdin) == NULL) {
        fprintf(stderr, "no line to send\n");
        return 1;
    }
    if (send_all(sock, line, strlen(line)) == -1) {
        perror("send");
        return 1;
    }
    char c = '\0';
    ssize_t n;
    while (c != '\n' && (n = recv(sock, &c, 1, 0)) != 0) {
        if (n == -1) {
            perror("recv");
            return 1;
        }
        putchar(c);
    }
    if (fflush(stdout) == EOF) {
        perror("standard output");
        return 1;
    }
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
