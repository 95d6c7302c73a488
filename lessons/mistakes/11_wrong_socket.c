// # Mistake 11: the server that asks the wrong one
//
// It reads one line from a caller and sends it back.
//
// Symptom: as soon as somebody calls, it says "recv: Transport endpoint
// is not connected", although somebody is.
//
// Provoke: start it, call it with any echo client.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
        char line[1024];
        size_t got = 0;
        while (got < sizeof line && !memchr(line, '\n', got)) {
            ssize_t n = recv(sock, line + got, sizeof line - got, 0);
            if (n == -1) {
                perror("recv");
                return 1;
            }
            if (n == 0)
                break;
            got += (size_t)n;
        }
        if (send(connected, line, got, MSG_NOSIGNAL) == -1)
            perror("send");
        close(connected);
    }
}
