// # 07 `shutdown` and `close`, the server
//
// How a conversation ends. Each side ends its own direction: the client
// says that it will send no more, but it can still read. The server
// sees the end, answers, and closes its socket.
#define TITLE "the server sees the end and closes"
#define PARTNER "07_close_client"
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

// The backlog, as in 03, and room for one line, as in 06.
enum { BACKLOG = 5, ROOM = 64 };

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

    // The address as a struct, in network byte order, as in 02.
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &here.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // Old connections must not hold the port, as in 02.
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }

    // The socket gets its address, as in 02.
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }

    // From now on the kernel answers callers, as in 03.
    if (listen(sock, BACKLOG) == -1) {
        perror("listen");
        return 1;
    }

    // A connected socket for the first caller, as in 04.
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    int connected = accept(sock, (struct sockaddr *)&peer, &length);
    if (connected == -1) {
        perror("accept");
        return 1;
    }

    // Collect bytes until the newline, as in 06.
    char line[ROOM];
    size_t got = 0;
    char *newline = NULL;
    while (got < sizeof line && newline == NULL) {
        ssize_t n = recv(connected, line + got, sizeof line - got, 0);
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
        printf("The client's line: ");
    else if (got == sizeof line)
        printf("No newline, and no room for more: ");
    else
        printf("The client ended its side before the newline: ");
    print(line, size);
    if (got > size + 1)
        printf("Bytes after the newline: %zu\n", got - size - 1);

    // The client may send more than its line. Once it has ended its
    // side, our `recv` returns 0; we drop whatever comes before that.
    // If we closed the socket with bytes unread, our kernel would reset
    // the connection, and our answer might be lost.
    char rest[ROOM];
    ssize_t more;
    do {
        more = recv(connected, rest, sizeof rest, 0);
        if (more == -1) {
            perror("recv");
            return 1;
        }
    } while (more > 0);

    // The connection is now half-closed: the client can still read. The
    // pause lets you see that at the client's end; a real server
    // answers at once.
    sleep(1);

    // The answer, as in 06.
    const char *words = "Hello from the server!\n";
    size_t left = strlen(words);
    while (left > 0) {
        ssize_t n = send(connected, words, left, MSG_NOSIGNAL);
        if (n == -1) {
            perror("send");
            return 1;
        }
        words += n;
        left -= (size_t)n;
    }

    // `close` gives the descriptor back. The kernel has more to do: it
    // sends what is still unsent, then our FIN. The client has ended
    // its side already, so this ends the connection.
    if (close(connected) == -1) {
        perror("close");
        return 1;
    }

    // The listening socket is a socket of its own and needs a `close`
    // of its own. After that, callers are refused. A server that keeps
    // running accepts the next caller instead, as in lesson 09.
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
