// # 14 A length before each message, the server
//
// A newline can mark the end of a line (06), but not of a message that
// may contain newlines. So here every message brings its length, in
// four bytes; then comes the text. The server sends each message back.
#define TITLE "each message brings its length"
#define PARTNER "14_framing_client"
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

// The backlog and the time limit in seconds, as in 09. The length takes
// four bytes, so it could say 4 GiB. We decide how long a message may
// be, and refuse a longer one.
enum { BACKLOG = 5, PATIENCE = 10, HEADER = 4, MOST = 1000 };

// ## One conversation
//
// If a call fails, we say so and return, as in 09.
static void converse(int connected)
{
    // Time limits for `recv` and `send`, as in 10.
    struct timeval patience = {.tv_sec = PATIENCE};
    if (setsockopt(connected, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1
        || setsockopt(connected, SOL_SOCKET, SO_SNDTIMEO,
                      &patience, sizeof patience) == -1) {
        perror("setsockopt");
        return;
    }

    // One `recv` may bring part of a message, or three messages. It
    // adds to the `got` bytes that are not dealt with yet. There is
    // room for the longest message, so there is always room for more.
    char bytes[HEADER + MOST];
    size_t got = 0;
    for (;;) {
        ssize_t n = recv(connected, bytes + got, sizeof bytes - got, 0);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            perror("recv");
        if (n <= 0)
            break;
        got += (size_t)n;

        // Once four bytes are here, we know how long the message is.
        // The highest comes first; `ntohl` puts them into the order of
        // our processor. `memcpy` copies them, because a `uint32_t *`
        // may not point at just any byte of a buffer.
        while (got >= HEADER) {
            uint32_t header;
            memcpy(&header, bytes, HEADER);
            size_t length = ntohl(header);

            // *A classic mistake*: to believe the length. A server that
            // copies that many bytes into its buffer overwrites what
            // follows; one that calls `malloc` runs out of memory.
            if (length > MOST) {
                fprintf(stderr, "A message of %zu bytes: refused\n",
                        length);
                return;
            }

            // Is the whole message here? If not, we go back to `recv`.
            size_t size = HEADER + length;
            if (got < size)
                break;
            fprintf(stderr, "A message of %zu bytes\n", length);

            // All of it goes back, as in 10.
            size_t sent = 0;
            while (sent < size) {
                n = send(connected, bytes + sent, size - sent,
                         MSG_NOSIGNAL);
                if (n == -1 && errno != EINTR) {
                    perror("send");
                    return;
                }
                if (n > 0)
                    sent += (size_t)n;
            }

            // Any further bytes belong to the next message. We keep
            // them: they move to the front of the buffer.
            got -= size;
            memmove(bytes, bytes + size, got);
        }
    }
    if (got > 0)
        fprintf(stderr, "%zu bytes of a message, then the end\n", got);
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

    // One client after another, as in 09. We need not know who calls:
    // `NULL`.
    for (;;) {
        int connected = accept(sock, NULL, NULL);

        // As in 09: only an invalid `sock` ends the server, and only a
        // shortage makes it wait.
        if (connected == -1) {
            int error = errno;
            perror("accept");
            if (error == EBADF || error == EFAULT || error == EINVAL
                || error == ENOTSOCK)
                break;
            if (error == EMFILE || error == ENFILE
                || error == ENOBUFS || error == ENOMEM) {
                fputs("No callers for 2 seconds\n", stderr);
                sleep(2);
            }
            continue;
        }

        converse(connected);
        if (close(connected) == -1)
            perror("close");
    }
    return 1;
}
