// # Mistake 06: the server that cannot be started again
//
// It greets one caller and ends; for the next one it is started again.
//
// Symptom: the first start is fine. Started again at once it says
// "bind: Address already in use", and goes on saying so for a minute,
// though no server is running. (Two servers at once on one port are
// rightly refused, and shall be.)
//
// Provoke: start it, call it with any client, start it again.
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

    int connected = accept(sock, NULL, NULL);
    if (connected == -1) {
        perror("accept");
        return 1;
    }
    const char *words = "Hello from the server!\n";
    if (send(connected, words, strlen(words), MSG_NOSIGNAL) == -1) {
        perror("send");
        return 1;
    }
    close(connected);
    close(sock);
    return 0;
}
