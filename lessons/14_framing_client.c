// # 14 A length before each message, the client
//
// TCP does not keep the boundaries between our `send` calls. To show
// this, the client sends three messages in one call, then one in five
// calls, and the server finds all four. Last comes a length that lies.
#define _POSIX_C_SOURCE 200809L

#define TITLE "three messages at once, one in five pieces"
#define PARTNER "14_framing_server"
#include "narrate.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// Four bytes of length, as in the server; the longest message that we
// accept; and the size of the pieces into which we cut one.
enum { HEADER = 4, MOST = 1000, PIECE = 3 };

// Writes a message to `there`: its length in network byte order, then
// its text. Returns the number of bytes written.
static size_t put(char *there, const char *text)
{
    size_t size = strlen(text);
    uint32_t length = htonl((uint32_t)size);
    memcpy(there, &length, HEADER);
    memcpy(there + HEADER, text, size);
    return HEADER + size;
}

// Sends all the bytes, as in 06. Returns false if a call failed.
static bool send_all(int sock, const char *bytes, size_t left)
{
    while (left > 0) {
        ssize_t n = send(sock, bytes, left, MSG_NOSIGNAL);
        if (n == -1) {
            perror("send");
            return false;
        }
        bytes += n;
        left -= (size_t)n;
    }
    return true;
}

// Receives exactly `size` bytes, none of the next message: with
// `MSG_WAITALL`, `recv` blocks until all of them are here. Returns
// false if the server ended its side first.
static bool receive_all(int sock, void *bytes, size_t size)
{
    ssize_t n = recv(sock, bytes, size, MSG_WAITALL);
    if (n == -1)
        perror("recv");
    else if ((size_t)n < size)
        puts("The server has closed the connection");
    return n == (ssize_t)size;
}

// Receives one message: first the four bytes, then as many as they say.
// That takes two calls for each message, but one if it is empty: a
// `recv` of 0 bytes returns 0, which looks like the end. The server's
// way needs fewer calls but more thought.
static bool answer(int sock)
{
    char text[MOST];
    uint32_t header;
    if (!receive_all(sock, &header, HEADER))
        return false;
    size_t length = ntohl(header);
    if (length > MOST) {
        fprintf(stderr, "A message of %zu bytes: refused\n", length);
        return false;
    }
    if (length > 0 && !receive_all(sock, text, length))
        return false;

    // Its bytes, printable as in 06, in quotes: there may be none.
    printf("Back came %zu bytes: \"", length);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        printf(isprint(byte) && byte != '\\' ? "%c" : "\\x%02X", byte);
    }
    puts("\"");
    return true;
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

    // The server's address, filled in as in 02.
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

    // Three messages in one `send`. The second is empty, and the third
    // holds a newline, which would end a line of lesson 06 too early.
    char out[100];
    size_t size = put(out, "hi");
    size += put(out + size, "");
    size += put(out + size, "one\ntwo");
    if (!send_all(sock, out, size))
        return 1;
    if (!answer(sock) || !answer(sock) || !answer(sock))
        return 1;

    // One message in five calls, a fifth of a second apart, so that the
    // pieces arrive one by one. The first piece does not even hold the
    // whole length.
    struct timespec pause = {.tv_nsec = 200000000};
    size = put(out, "in pieces");
    for (size_t sent = 0; sent < size; sent += PIECE) {
        size_t left = size - sent;
        if (!send_all(sock, out + sent, left < PIECE ? left : PIECE))
            return 1;
        nanosleep(&pause, NULL);
    }
    if (!answer(sock))
        return 1;

    // A length that lies: 0xFFFFFFFF, one byte less than 4 GiB. A
    // server that believes it waits for ever, or crashes. Ours ends the
    // conversation.
    memset(out, 0xFF, HEADER);
    if (!send_all(sock, out, HEADER))
        return 1;
    if (answer(sock)) {
        fputs("The server has answered a lie\n", stderr);
        return 1;
    }

    // The end, as in 07.
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
