// # Mistake 28: everybody calls himself
//
// It greets each caller, and prints who called whom.
//
// Symptom: it prints the same address twice, as if each caller had been
// calling itself.
//
// Provoke: start it, then call it from another address of this machine
// (on Linux: nc -s 127.0.0.3 127.0.0.1 8888), look at what it prints.
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
        struct sockaddr_in peer, own;
        socklen_t length = sizeof peer;
        int connected = accept(sock, (struct sockaddr *)&peer, &length);
        if (connected == -1) {
            perror("accept");
            return 1;
        }
        length = sizeof own;
        getsockname(connected, (struct sockaddr *)&own, &length);
        printf("%s called %s\n", inet_ntoa(peer.sin_addr),
               inet_ntoa(own.sin_addr));
        fflush(stdout);
        const char *words = "Hello from the server!\n";
        if (send(connected, words, strlen(words), MSG_NOSIGNAL) == -1)
            perror("send");
        close(connected);
    }
}
