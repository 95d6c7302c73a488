// A ping client with a name instead of an address, pings of 4096 bytes,
// and a new socket for each, where no late answer arrives.
#define _POSIX_C_SOURCE 200809L
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 4096 };

static double now(void) // seconds
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double ping(const struct addrinfo *to, int number)
{
    static char text[SIZE], heard[SIZE + 1];
    int sock = socket(to->ai_family, to->ai_socktype, 0);
    if (sock == -1)
        return -1;
    snprintf(text, sizeof text, "ping %d", number);
    double begun = now(), took = -1, left;
    sendto(sock, text, sizeof text, 0, to->ai_addr, to->ai_addrlen);
    while (took < 0 && (left = begun + 1 - now()) > 0) {
        struct timeval limit = {(long)left,
                                (long)(left * 1e6) % 1000000};
        fd_set set;
        FD_ZERO(&set);
        FD_SET(sock, &set);
        if (select(sock + 1, &set, NULL, NULL, &limit) == 1
            && recv(sock, heard, sizeof heard, 0) == SIZE
            && memcmp(text, heard, SIZE) == 0)
            took = now() - begun;
    }
    close(sock);
    return took;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char *argv[])
{
    struct addrinfo wanted = {0}, *to;
    double times[500];
    int count = argc == 3 ? atoi(argv[2]) : 0, got = 0;
    wanted.ai_family = AF_INET;
    wanted.ai_socktype = SOCK_DGRAM;
    if (count < 1 || count > 500
        || getaddrinfo("localhost", argv[1], &wanted, &to) != 0)
        return 2;
    for (int i = 1; i <= count; i++) {
        double took = ping(to, i);
        if (took < 0) {
            printf("ping %d: lost\n", i);
        } else {
            printf("ping %d: %f ms\n", i, took * 1e3);
            times[got++] = took * 1e3;
        }
    }
    freeaddrinfo(to);
    printf("%d of %d lost, ", count - got, count);
    if (got == 0) {
        puts("no median");
        return 1;
    }
    qsort(times, (size_t)got, sizeof *times, by_value);
    printf("median %f ms\n",
           (times[(got - 1) / 2] + times[got / 2]) / 2);
    return 0;
}
