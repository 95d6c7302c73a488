// # Mistake 10: the server that takes everybody for nobody
//
// It greets each caller and writes down who it was.
//
// Symptom: the callers are content, but the list says "0.0.0.0 port 0"
// for every one of them.
//
// Provoke: start it, call it with any client, look at what it prints.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct caller {
    struct sockaddr_in address;
    socklen_t length;
    int connected;
};

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
        struct caller caller = {0};
        caller.connected = accept(sock,
                                  (struct sockaddr *)&caller.address,
                                  &caller.length);
        if (caller.connected == -1) {
            perror("accept");
            return 1;
        }
        printf("%s port %d\n", inet_ntoa(caller.address.sin_addr),
               ntohs(caller.address.sin_port));
        fflush(stdout);
        if (send(caller.connected, words, strlen(words),
                 MSG_NOSIGNAL) == -1)
            perror("send");
        close(caller.connected);
    }
}
