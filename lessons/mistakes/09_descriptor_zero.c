// # Mistake 09: the client that works by hand and not as a service
//
// It calls a server that speaks first and prints what that says. Where
// there is no socket to be had it must still say so, and exit with 1.
//
// Symptom: from a terminal it works. Started by a program that has
// closed its standard input, it says "socket: Success" and ends.
//
// Provoke: start a server that greets, then this, with <&- behind its
// name.
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
    if (sock <= 0) {
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

    char buffer[256];
    ssize_t n;
    while ((n = recv(sock, buffer, sizeof buffer, 0)) > 0)
        fwrite(buffer, 1, (size_t)n, stdout);
    if (n == -1) {
        perror("recv");
        return 1;
    }
    close(sock);
    return 0;
}
