// # 05 `connect`
//
// The other side of the conversation. Nobody needs to know a client's
// address beforehand: when it calls the server, its own kernel chooses
// a port for it.
#define TITLE "the client calls the server"
#define PARTNER "04_accept"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char *argv[])
{
    // The address and the port, from the command line, as in 02.
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    char *end = "";
    long port = argc > 2 ? strtol(argv[2], &end, 10) : 8888;
    if (*end != '\0' || port < 0 || port > 65535) {
        fprintf(stderr, "%s is not a port: 0 to 65535\n", argv[2]);
        return 2;
    }

    // A TCP socket, as in 01.
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // The server's address, filled in as in 02. The server is our
    // *peer*, and we are its peer.
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &peer.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // `connect` makes the two kernels shake hands: ours sends a SYN,
    // the other answers with a SYN-ACK, and ours with an ACK. The call
    // blocks until the SYN-ACK has arrived, whether or not the server's
    // program has called `accept` yet. A client could call `bind`
    // first, but nearly all let the kernel choose their port.
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    // The program keeps running until you type q, as in 01.
    puts("The connection stands until either program ends.");
    puts("Type q and Enter to end.");
    while (getchar() == '\n')
        continue;
    return 0;
}
