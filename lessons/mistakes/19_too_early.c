// # Mistake 19: the client that rejoices too early
//
// It hands an order to a server. The server answers with a line that
// begins with "ok" once it has the order. Exit status 0 means that the
// order is there; 1 that it is not, with a word on why.
//
// Symptom: it says "The order is there" even when the server's program
// hangs, or ends without having looked at the order.
//
// Provoke: start a server that listens and never accepts (lesson 03),
// then this.
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
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    const char *words = "order: 3 sockets\n";
    if (send(sock, words, strlen(words), MSG_NOSIGNAL) == -1) {
        perror("send");
        return 1;
    }
    close(sock);
    printf("The order is there\n");
    return 0;
}
