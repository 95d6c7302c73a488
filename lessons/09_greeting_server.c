// # 09 A loop round `accept`, the server
//
// The shortest useful server. It speaks first: it greets each caller
// and waits for the next, until you press Ctrl-C. A server that keeps
// running must survive whatever its clients do. So here a failed call
// ends one conversation, not the program.
#define TITLE "the server greets one client after another"
#define PARTNER "09_greeting_client"
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

// The backlog, as in 03.
enum { BACKLOG = 5 };

// How many seconds a `recv` may block while other clients wait; how
// many such calls one client gets; and room for what it says.
enum { PATIENCE = 1, READS = 8, ROOM = 4096 };

// ## One conversation
//
// If a call fails, we say so and return. This client is lost; the next
// one is not.
static void greet(int connected)
{
    // A client that neither speaks nor leaves must not keep the others
    // waiting. `SO_RCVTIMEO` sets a time limit: when it expires, `recv`
    // fails with `EAGAIN`, which `perror` calls "Resource temporarily
    // unavailable".
    struct timeval patience = {.tv_sec = PATIENCE};
    if (setsockopt(connected, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1) {
        perror("setsockopt");
        return;
    }

    // A new connection has room for so few bytes: `send` does not
    // block. If the client has closed it, `send` still succeeds: a FIN
    // says only that the client sends no more. Its kernel answers with
    // an RST, and a second `send` would fail with `EPIPE`; without
    // `MSG_NOSIGNAL`, a signal would end the server. After an RST from
    // the client, even the first `send` fails.
    const char *words = "Hello from the server!\n";
    size_t left = strlen(words);
    while (left > 0) {
        ssize_t n = send(connected, words, left, MSG_NOSIGNAL);
        if (n == -1) {
            perror("send");
            return;
        }
        words += n;
        left -= (size_t)n;
    }

    // We have sent everything, and `shutdown` tells the client so: its
    // `recv` will return 0. This conversation needs no other rule: the
    // end of the stream is the end of the message. The call fails with
    // `ENOTCONN` if a reset has already ended the connection.
    if (shutdown(connected, SHUT_WR) == -1) {
        perror("shutdown");
        return;
    }

    // Why not `close` at once? If the client has sent bytes that we
    // have not read, `close` sends an RST, and any part of the greeting
    // that is still on its way may be lost. So we read until the client
    // ends its side too, but with a limit: a client that keeps talking
    // is cut off. If a signal comes first (`EINTR`), we read again.
    char rest[ROOM];
    ssize_t n = 1;
    for (int i = 0; i < READS && n != 0; i++) {
        n = recv(connected, rest, sizeof rest, 0);
        if (n == -1 && errno != EINTR) {
            perror("recv");
            return;
        }
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

    // The loop that makes this a server. Each round serves one client,
    // from `accept` to `close`; others wait in the queue meanwhile.
    unsigned clients = 0;
    for (;;) {
        // The next caller, as in 04. `accept` writes to `length`, so it
        // must be set in each round.
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        int connected = accept(sock, (struct sockaddr *)&peer, &length);

        // If `accept` fails, that is seldom our fault. If a caller hung
        // up in the queue, we take the next. A shortage of descriptors
        // or memory passes: we wait, because trying again without a
        // pause would only fill the screen. But an invalid `sock` stays
        // invalid: then we end. `perror` may change `errno`, so we keep
        // a copy.
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

        greet(connected);

        // Without this call, about a thousand clients would use up all
        // descriptors: `accept` would fail with `EMFILE`. We ended our
        // side first, so TIME-WAIT is at our end, unless an RST came.
        if (close(connected) == -1)
            perror("close");

        // A server prints its reports to standard error, which has no
        // buffer, so Ctrl-C loses none of them.
        fprintf(stderr, "Clients so far: %u\n", ++clients);
    }
    return 1;
}
