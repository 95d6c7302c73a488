// # Mistake 16: two servers, and nobody complains
//
// It greets whoever calls. One port is for one server: a second one
// must be refused. And it must be possible to end it and to start it
// again at once.
//
// Symptom: started twice by accident, both run without an error, and
// each caller gets one or the other. Ended and started again, it may
// say "bind: Address already in use". (Linux.)
//
// Provoke: start it twice, look at both with ss -tlnp.
#define _DEFAULT_SOURCE
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
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR | SO_REUSEPORT,
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

    const char *words = "Hello from the server!\n";
    for (;;) {
        int connected = accept(sock, NULL, NULL);
        if (connected == -1) {
            perror("accept");
            return 1;
        }
        if (send(connected, words, strlen(words), MSG_NOSIGNAL) == -1)
            perror("send");
        close(connected);
    }
}
