// # Mistake 07: the server that nobody finds
//
// It greets whoever calls at its port.
//
// Symptom: it starts without an error, and yet every client is refused:
// "Connection refused". Only a list of all listening sockets (ss -tln)
// shows that it does listen, somewhere.
//
// Provoke: start it, call it with any client.
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
    here.sin_port = (uint16_t)port;
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
