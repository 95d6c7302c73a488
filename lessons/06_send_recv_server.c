// # 06 `send` and `recv`, the server
//
// Bytes flow at last. TCP brings them all, once and in order. Where one
// message ends and the next begins, it does not say. So both programs
// need a sign for the end of a message. Theirs is the newline.
#define TITLE "the server reads a line and answers"
#define PARTNER "06_send_recv_client"
#include "narrate.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

// The backlog, as in 03, and room for one line.
enum { BACKLOG = 5, ROOM = 64 };

// Bytes from the network can be anything, and a terminal takes some of
// them for commands, such as "clear the screen". So we print letters,
// digits and signs of ASCII as they are. All other bytes, and the
// backslash, become `\x` and their value: é (two bytes) is `\xC3\xA9`.
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

    // `recv` blocks until there are bytes, and returns how many it put
    // into the buffer: perhaps part of a message, perhaps the end of
    // one and the start of the next. So we read on until the newline. 0
    // means that the peer will send no more. A peer that sends nothing
    // keeps us here for ever: lesson 09 sets a time limit.
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

    // The loop ends in one of three ways, and only one of them gives us
    // a line. Any bytes after the newline begin the next message. We
    // only count them; a program that reads on must keep them.
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

    // Whatever came, we answer. `send` hands bytes to our kernel, which
    // sends them when it can. The call returns how many the kernel
    // took, perhaps not all, so we need a loop here too. With
    // `MSG_NOSIGNAL`, the call fails if the peer is gone. Without this
    // flag a signal, SIGPIPE, would end the program without a message.
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

    // Both have sent everything, but neither has ended the connection.
    // Lesson 07 does that; here the kernel does, when a program ends.
    puts("The connection stands until either program ends.");
    puts("Type q and Enter to end.");
    while (getchar() == '\n')
        continue;
    return 0;
}
