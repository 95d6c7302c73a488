// A ping client: poll waits for what is left of the second.
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT = 1000, MOST = 1000 };

static double now(void) // milliseconds
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Sends ping `number`. Returns how long its answer took, or -1.
static double ping(int sock, int number)
{
    char text[20], heard[100];
    size_t size = (size_t)snprintf(text, sizeof text, "%d", number);
    double begun = now(), left;
    if (send(sock, text, size, 0) == -1)
        perror("send"); // the news of an earlier one: nobody is there
    while ((left = begun + LIMIT - now()) > 0) {
        struct pollfd set = {sock, POLLIN, 0};
        if (poll(&set, 1, (int)left + 1) != 1)
            continue;
        ssize_t n = recv(sock, heard, sizeof heard, 0);
        if (n == (ssize_t)size && memcmp(heard, text, size) == 0)
            return now() - begun;
    }
    return -1;
}

int main(int argc, char *argv[])
{
    long port = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    long count = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (port < 1 || port > 65535 || count < 1 || count > MOST) {
        fprintf(stderr, "usage: task-4 PORT COUNT\n");
        return 2;
    }
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in there = {0};
    there.sin_family = AF_INET;
    there.sin_port = htons((uint16_t)port);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (sock == -1
        || connect(sock, (struct sockaddr *)&there, sizeof there)
               == -1) {
        perror("socket, connect");
        return 1;
    }
    static double times[MOST];
    int got = 0;
    for (int i = 1; i <= count; i++) {
        double took = ping(sock, i);
        if (took < 0) {
            printf("ping %d: lost\n", i);
        } else {
            printf("ping %d: %.1f ms\n", i, took);
            times[got++] = took;
        }
    }
    close(sock);
    printf("%ld of %ld lost, ", count - got, count);
    if (got == 0) {
        printf("no median\n");
        return 1;
    }
    qsort(times, (size_t)got, sizeof *times, by_value);
    printf("median %.1f ms\n",
           (times[(got - 1) / 2] + times[got / 2]) / 2);
    return 0;
}
