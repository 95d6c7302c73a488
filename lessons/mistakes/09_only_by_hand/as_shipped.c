// # Mistake 09: the client that works by hand but not as a service
//
// It connects to a server that speaks first, and prints what it gets.
// If it gets no socket, it says so, and the exit status is 1.
//
// Symptom: from a terminal it works. Started by a program that has
// closed its standard input, it says "socket: Success" and ends.
//
// Provoke: cc 09_only_by_hand.c -o 09_only_by_hand, start a
// server that greets (build/09_greeting_server), then
// ./09_only_by_hand <&-
// (More in task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
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

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock <= 0) {
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

    char buffer[256];
    ssize_t n;
    while ((n = recv(sock, buffer, sizeof buffer, 0)) > 0)
        fwrite(buffer, 1, (size_t)n, stdout);
    if (n == -1) {
        perror("recv");
        return 1;
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
