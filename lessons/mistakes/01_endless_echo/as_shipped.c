// # Mistake 01: the echo server that never stops
//
// It sends back what a client says, one client after the other.
//
// Symptom: the first client is served well. When it leaves, the server
// prints "Received 0 bytes" as fast as it can, and no other client is
// ever served.
//
// Provoke: cc 01_endless_echo.c -o 01_endless_echo, start it, talk to
// it with nc 127.0.0.1 8888, then Ctrl-C there. (More in task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }
    if (listen(sock, 5) == -1) {
        perror("listen");
        return 1;
    }

    for (;;) {
        int connected = accept(sock, NULL, NULL);
        if (connected == -1) {
            perror("accept");
            return 1;
        }
        for (;;) {
            char buffer[1024];
            ssize_t n = recv(connected, buffer, sizeof buffer, 0);
            if (n == -1) {
                perror("recv");
                break;
            }
            printf("Received %zd bytes\n", n);
            if (send_all(connected, buffer, (size_t)n) == -1) {
                perror("send");
                break;
            }
        }
        if (close(connected) == -1)
            perror("close");
    }
}
