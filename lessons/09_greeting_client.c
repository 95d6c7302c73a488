// # 09 A loop round `accept`, the client
//
// The server speaks first, so this client only reads. Where does the
// message end? At the end of the stream: the client prints whatever
// comes until `recv` returns 0.
#define TITLE "the client prints what comes until the end"
#define PARTNER "09_greeting_server"
#include "narrate.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// Room for one piece of the message. We need not know how long the
// whole message is.
enum { ROOM = 256 };

// Makes bytes from the network printable, as in 06, but prints each
// newline as it is: several lines may come.
static void print(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        bool plain = (isprint(byte) && byte != '\\') || byte == '\n';
        printf(plain ? "%c" : "\\x%02X", byte);
    }
}

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

    // The server's address, as in 05.
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &peer.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // The handshake with the server's kernel, as in 05.
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    // The message may come in any number of pieces; we print each as it
    // comes. 0 is not a piece but the end: the server has ended its
    // side. But `recv` also returns 0 if the server dies in
    // mid-message: only an end mark or a length would show that.
    char piece[ROOM];
    ssize_t n;
    do {
        n = recv(sock, piece, sizeof piece, 0);
        if (n == -1) {
            perror("recv");
            return 1;
        }
        print(piece, (size_t)n);
    } while (n > 0);

    // The server waits for our FIN before it takes the next caller;
    // `close` sends it. The server ended its side first, so TIME-WAIT
    // is at its end: we leave nothing behind.
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
