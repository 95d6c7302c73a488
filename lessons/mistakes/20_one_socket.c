// # Mistake 20: the server for exactly one caller
//
// It greets whoever calls, one caller after the other.
//
// Symptom: the first caller is greeted. Then the server ends with
// "accept: Bad file descriptor", and callers are refused.
//
// Provoke: start it, call it twice with any client.
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

    const char *words = "Hello from the server!\n";
    for (;;) {
        sock = accept(sock, NULL, NULL);
        if (sock == -1) {
            perror("accept");
            return 1;
        }
        if (send(sock, words, strlen(words), MSG_NOSIGNAL) == -1)
            perror("send");
        close(sock);
    }
}
