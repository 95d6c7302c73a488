// # 07 `shutdown` and `close`, the client
//
// How a conversation ends, seen from the side that ends it first. The
// client sends its line, ends its own direction, reads the whole
// answer, and closes its socket.
#define TITLE "the client ends its side first"
#define PARTNER "07_close_server"
#include "narrate.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// Room for one line, as in 06.
enum { ROOM = 64 };

// Makes bytes from the network printable, as in 06.
static void print(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        printf(isprint(byte) && byte != '\\' ? "%c" : "\\x%02X", byte);
    }
    putchar('\n');
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

    // The line goes out in two parts, as in 06.
    const char *parts[] = {"Hello from ", "the client!\n"};
    for (int i = 0; i < 2; i++) {
        const char *words = parts[i];
        size_t left = strlen(words);
        while (left > 0) {
            ssize_t n = send(sock, words, left, MSG_NOSIGNAL);
            if (n == -1) {
                perror("send");
                return 1;
            }
            words += n;
            left -= (size_t)n;
        }
        if (i == 0)
            sleep(1);
    }

    // `shutdown` with `SHUT_WR` ends only our own direction, a
    // *half-close*: after our last byte the kernel sends a FIN, and the
    // server's `recv` returns 0. We can still read; after `close` we
    // could not. Our end is now in FIN-WAIT-1, and in FIN-WAIT-2 once
    // the server's kernel has acknowledged the FIN. Both sides run at
    // the same time, so you may see either state.
    if (shutdown(sock, SHUT_WR) == -1) {
        perror("shutdown");
        return 1;
    }

    // Collect bytes until the newline, as in 06.
    char line[ROOM];
    size_t got = 0;
    char *newline = NULL;
    while (got < sizeof line && newline == NULL) {
        ssize_t n = recv(sock, line + got, sizeof line - got, 0);
        if (n == -1) {
            perror("recv");
            return 1;
        }
        if (n == 0)
            break;
        newline = memchr(line + got, '\n', (size_t)n);
        got += (size_t)n;
    }

    // A whole line, the end of the stream, or a full buffer, as in 06.
    size_t size = newline != NULL ? (size_t)(newline - line) : got;
    if (newline != NULL)
        printf("The server's line: ");
    else if (got == sizeof line)
        printf("No newline, and no room for more: ");
    else
        printf("The server ended its side before the newline: ");
    print(line, size);
    if (got > size + 1)
        printf("Bytes after the newline: %zu\n", got - size - 1);

    // The newline ends the line, not the stream. We read on until the
    // server ends its side too. Then both directions have ended, and
    // the connection is over. But we ended our side first, so our
    // kernel remembers the connection for a while, in case segments
    // arrive late: this is the state *TIME-WAIT*, 60 seconds on Linux.
    char rest[ROOM];
    ssize_t more;
    do {
        more = recv(sock, rest, sizeof rest, 0);
        if (more == -1) {
            perror("recv");
            return 1;
        }
    } while (more > 0);

    // `close` gives the descriptor back. The kernel does not need it
    // for TIME-WAIT. If the *server* had ended first, TIME-WAIT would
    // now hold the server's port, and without `SO_REUSEADDR` the server
    // could not restart for a minute.
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
