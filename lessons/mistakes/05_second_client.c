// # Mistake 05: the server that keeps the second client waiting
//
// An echo server for everybody who calls, also at the same time.
//
// Symptom: the first client is served well. A second one connects and
// sends without an error, and gets no answer until the first one
// leaves.
//
// Provoke: start it, talk to it with an echo client, and while that one
// is connected with another.
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static void echo(int connected)
{
    char buffer[1024];
    ssize_t n;
    while ((n = recv(connected, buffer, sizeof buffer, 0)) > 0)
        if (send(connected, buffer, (size_t)n, MSG_NOSIGNAL) == -1)
            break;
    close(connected);
}

int main(int argc, char *argv[])
{
    int port = argc > 1 ? atoi(argv[1]) : 8888;

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
        echo(connected);
    }
}
