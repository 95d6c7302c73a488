// # 06 `send` and `recv`, the client
//
// The client speaks first: it sends one line and reads the answer. It
// makes the same calls as the server, but in reverse order.
#define TITLE "the client sends a line and reads the answer"
#define PARTNER "06_send_recv_server"
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

// Room for one line.
enum { ROOM = 64 };

// Makes bytes from the network printable, as in the server.
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

    // A loop round `send`, as in the server. Our line goes out in two
    // parts, one second apart, so that the first arrives without the
    // second. TCP may split or join what we send, and over a long
    // distance it does so without our help. Here the pause lets you see
    // it; a real client sends its line in one go.
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

    // A loop round `recv` until the newline, as in the server. The
    // answer is so short that it usually comes in one piece, but TCP
    // does not promise that: we need the loop all the same.
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

    // The same three endings as in the server.
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

    // Both have sent everything, but neither has ended the connection.
    // Lesson 07 does that; here the kernel does, when a program ends.
    puts("The connection stands until either program ends.");
    puts("Type q and Enter to end.");
    while (getchar() == '\n')
        continue;
    return 0;
}
