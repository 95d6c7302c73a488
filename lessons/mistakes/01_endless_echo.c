// # Mistake 01: the echo server that does not notice the end
//
// It sends back what a client says, one client after the other.
//
// Symptom: the first client is served well. When it leaves, the server
// prints "Received 0 bytes" as fast as it can, the machine's fan
// starts, and no other client is ever served.
//
// Provoke: start it, talk to it with any echo client, end that client.
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
        for (;;) {
            char buffer[1024];
            ssize_t n = recv(connected, buffer, sizeof buffer, 0);
            if (n == -1) {
                perror("recv");
                break;
            }
            printf("Received %zd bytes\n", n);
            if (send(connected, buffer, (size_t)n,
                     MSG_NOSIGNAL) == -1) {
                perror("send");
                break;
            }
        }
        close(connected);
    }
}
