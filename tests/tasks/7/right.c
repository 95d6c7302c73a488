// A file over UDP, a block at a time.
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { NUMBER = 4, BLOCK = 1000, LIMIT = 200, TRIES = 25 };

static int fail(const char *what)
{
    perror(what);
    return 1;
}

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint32_t number_in(const char *datagram)
{
    uint32_t number;
    memcpy(&number, datagram, NUMBER);
    return ntohl(number);
}

// Whether the answer comes before the time limit is over.
static bool answered(int sock, uint32_t number)
{
    char answer[NUMBER + 1];
    long until = now() + LIMIT;
    for (long left; (left = until - now()) > 0;) {
        struct pollfd set = {sock, POLLIN, 0};
        if (poll(&set, 1, (int)left) != 1)
            continue;
        ssize_t n = recv(sock, answer, sizeof answer, MSG_DONTWAIT);
        if (n == NUMBER && number_in(answer) == number)
            return true;
    }
    return false;
}

static bool deliver(int sock, const char *datagram, size_t size)
{
    for (int i = 0; i < TRIES; i++) {
        // ECONNREFUSED: of the one before; this one is not sent.
        if (send(sock, datagram, size, 0) == -1
            && errno != ECONNREFUSED)
            return false;
        if (answered(sock, number_in(datagram)))
            return true;
    }
    return false;
}

static int send_file(int sock, const char *name)
{
    char datagram[NUMBER + BLOCK];
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        return fail(name);
    size_t size;
    uint32_t number = 0;
    do {
        uint32_t out = htonl(++number);
        memcpy(datagram, &out, NUMBER);
        size = fread(datagram + NUMBER, 1, BLOCK, file);
        if (!deliver(sock, datagram, NUMBER + size)) {
            fputs("no answer\n", stderr);
            return 1;
        }
    } while (size > 0);
    fclose(file);
    return 0;
}

static int receive_file(int sock)
{
    char in[NUMBER + BLOCK + 1];
    uint32_t next = 1;
    bool whole = false;
    struct sockaddr_in peer;
    for (;;) {
        socklen_t length = sizeof peer;
        ssize_t n = recvfrom(sock, in, sizeof in, 0,
                             (struct sockaddr *)&peer, &length);
        if (n == -1 && errno == EAGAIN)
            return fflush(stdout) == EOF ? fail("stdout") : 0;
        if (n == -1)
            return fail("recvfrom");
        if (n < NUMBER || n > NUMBER + BLOCK)
            continue;
        uint32_t number = number_in(in);
        if (number == 0 || number > next || (whole && number == next))
            continue;
        if (number == next) {
            next++;
            fwrite(in + NUMBER, 1, (size_t)n - NUMBER, stdout);
            whole = n == NUMBER;
        }
        if (whole) {
            struct timeval limit = {.tv_sec = 1};
            setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit,
                       sizeof limit);
        }
        sendto(sock, in, NUMBER, 0, (struct sockaddr *)&peer, length);
    }
}

int main(int argc, char *argv[])
{
    struct sockaddr_in peer = {.sin_family = AF_INET};
    peer.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1)
        return fail("socket");
    if (argc > 2)
        return connect(sock, (struct sockaddr *)&peer, sizeof peer)
                   ? fail("connect")
                   : send_file(sock, argv[2]);
    return bind(sock, (struct sockaddr *)&peer, sizeof peer)
               ? fail("bind")
               : receive_file(sock);
}
