// A ping client that blocks in recvfrom, with a time limit of the socket
// that is set anew each time.
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

static long now(void) // microseconds
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int main(int argc, char *argv[])
{
    int count = argc == 3 ? atoi(argv[2]) : 0, got = 0;
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    long times[500];
    if (count < 1 || count > 500 || sock == -1)
        return 2;
    struct sockaddr_in there = {0};
    there.sin_family = AF_INET;
    there.sin_port = htons((uint16_t)atoi(argv[1]));
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (uint32_t i = 1; i <= (uint32_t)count; i++) {
        uint32_t sent = htonl(i * 2654435761u), heard = 0;
        long begun = now(), took = -1, left;
        sendto(sock, &sent, sizeof sent, 0, (struct sockaddr *)&there,
               sizeof there);
        while (took == -1 && (left = begun + 1000000 - now()) > 0) {
            struct timeval limit = {0, left};
            if (left == 1000000)
                limit = (struct timeval){1, 0};
            setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit,
                       sizeof limit);
            if (recvfrom(sock, &heard, sizeof heard, MSG_TRUNC, NULL,
                         NULL)
                    == sizeof heard
                && heard == sent)
                took = now() - begun;
        }
        if (took == -1) {
            printf("ping %u: lost\n", (unsigned)i);
            continue;
        }
        printf("ping %u: %.3f ms\n", (unsigned)i, (double)took / 1e3);
        int at = got++; // sorted as they come
        for (; at > 0 && times[at - 1] > took; at--)
            times[at] = times[at - 1];
        times[at] = took;
    }
    if (got == 0)
        printf("%d of %d lost, no median\n", count, count);
    else
        printf("%d of %d lost, median %.3f ms\n", count - got, count,
               (double)(times[(got - 1) / 2] + times[got / 2]) / 2e3);
    return got == 0;
}
