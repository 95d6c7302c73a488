// # 20 Options: what a socket can be told
//
// `setsockopt` sets an option of a socket, `getsockopt` reads it. This
// program reads each option before and after setting it, because the
// kernel does not always take the value that you give. It holds both
// ends of a connection, so it can time the effect of one option.
#define _POSIX_C_SOURCE 200809L

#define TITLE "options, asked before and after"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// How many bytes of buffer we ask for; the backlog, as in 03; and how
// many pairs of bytes we time.
enum { BUFFER = 100000, BACKLOG = 5, PAIRS = 3 };

// Reads an option whose value is an int, sets it, and reads it again.
// The level says whose option it is: the socket's, or TCP's. Returns -1
// if a call failed.
static int change(int sock, int level, int option, const char *name,
                  int value)
{
    int before = 0, after = 0;
    socklen_t size = sizeof before;
    if (getsockopt(sock, level, option, &before, &size) == -1) {
        perror("getsockopt");
        return -1;
    }
    if (setsockopt(sock, level, option, &value, sizeof value) == -1) {
        perror("setsockopt");
        return -1;
    }
    size = sizeof after;
    if (getsockopt(sock, level, option, &after, &size) == -1) {
        perror("getsockopt");
        return -1;
    }
    printf("%s was %d, asked for %d, is %d\n", name, before, value,
           after);
    return 0;
}

// ## Two small sends
//
// One end sends two bytes, one by one; the other waits for both and
// sends one back. That is how a careless program sends a short header
// and then a short body. Prints how long the slowest of several pairs
// took; returns -1 if a call failed.
static int time_pairs(int one, int other)
{
    long slowest = 0;
    for (int i = 0; i < PAIRS; i++) {
        struct timespec start, end;
        char bytes[2] = "ab";
        clock_gettime(CLOCK_MONOTONIC, &start);
        if (send(one, bytes, 1, MSG_NOSIGNAL) == -1
            || send(one, bytes + 1, 1, MSG_NOSIGNAL) == -1) {
            perror("send");
            return -1;
        }

        // With `MSG_WAITALL`, `recv` waits for both bytes, as in 14.
        if (recv(other, bytes, 2, MSG_WAITALL) == -1
            || send(other, bytes, 1, MSG_NOSIGNAL) == -1
            || recv(one, bytes, 1, 0) == -1) {
            perror("the answer");
            return -1;
        }
        clock_gettime(CLOCK_MONOTONIC, &end);
        long took = (long)(end.tv_sec - start.tv_sec) * 1000000
            + (end.tv_nsec - start.tv_nsec) / 1000;
        if (took > slowest)
            slowest = took;
    }
    printf("The slowest of %d pairs took %ld microseconds\n", PAIRS,
           slowest);
    return 0;
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

    // A TCP socket, as in 01, and its address, as in 02.
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &here.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // The option that we know from 02, and `SO_RCVBUF`: how many bytes
    // may wait in the kernel for our `recv`? Linux doubles the number,
    // to have room for its own bookkeeping (socket(7)). Set it before
    // `listen`: the handshake tells the peer how much room there is.
    if (change(sock, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR", 1) == -1)
        return 1;
    if (change(sock, SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF", BUFFER) == -1)
        return 1;

    // Its address, and a queue for callers, as in 02 and 03.
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }
    if (listen(sock, BACKLOG) == -1) {
        perror("listen");
        return 1;
    }

    // The kernel answers our own call (03), so `connect` returns before
    // `accept` is called, and one program can do both.
    int one = socket(AF_INET, SOCK_STREAM, 0);
    if (one == -1) {
        perror("socket");
        return 1;
    }
    if (connect(one, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("connect");
        return 1;
    }
    int other = accept(sock, NULL, NULL);
    if (other == -1) {
        perror("accept");
        return 1;
    }

    // With `SO_KEEPALIVE` the kernel asks a silent peer now and then
    // whether it is still there, on Linux for the first time after two
    // hours. So it notices in the end that a peer has lost power.
    if (change(one, SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE", 1) == -1)
        return 1;

    // *Nagle's algorithm* (RFC 9293, 3.7.4): while data is on its way
    // and not yet acknowledged, TCP holds a small segment back, because
    // more may follow. The other end delays its ACK, hoping that an
    // answer can carry it. So each waits for the other, on Linux for
    // about 40 ms. `TCP_NODELAY` switches Nagle's algorithm off.
    if (time_pairs(one, other) == -1
        || change(one, IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY", 1) == -1
        || time_pairs(one, other) == -1)
        return 1;

    // The end of all three, as in 07.
    if (close(one) == -1 || close(other) == -1 || close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
