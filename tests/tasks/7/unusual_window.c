// Up to eight blocks are on their way at once, and the receiver keeps
// what comes before its turn.
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 1000, WINDOW = 8 };
struct datagram {
    uint32_t number;
    char bytes[BLOCK + 1];
};

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Each block has a time when it was sent: 0 not yet, -1 answered.
static int send_file(int sock, const char *name)
{
    FILE *file = fopen(name, "rb");
    struct stat about;
    if (file == NULL || fstat(fileno(file), &about) == -1)
        return 1;
    uint32_t end = (uint32_t)((about.st_size + BLOCK - 1) / BLOCK) + 1;
    long *sent = calloc(end + 1, sizeof *sent), begun = now();
    if (sent == NULL)
        return 1;
    for (uint32_t low = 1; low <= end && now() < begun + 60000;) {
        struct datagram out, in;
        for (uint32_t i = low; i <= end && i < low + WINDOW; i++) {
            if (sent[i] == -1 || (sent[i] > 0 && now() - sent[i] < 200)
                || (i == end && low < end))
                continue;
            out.number = htonl(i);
            fseek(file, (long)(i - 1) * BLOCK, SEEK_SET);
            size_t n = fread(out.bytes, 1, BLOCK, file);
            send(sock, &out, 4 + n, 0);
            sent[i] = now();
        }
        struct pollfd set = {sock, POLLIN, 0};
        poll(&set, 1, 10);
        while (recv(sock, &in, sizeof in, MSG_DONTWAIT) == 4)
            if (ntohl(in.number) > 0 && ntohl(in.number) <= end
                && sent[ntohl(in.number)] > 0)
                sent[ntohl(in.number)] = -1;
        while (low <= end && sent[low] == -1)
            low++;
    }
    int done = sent[end] == -1;
    free(sent);
    fclose(file);
    return !done;
}

static int receive_file(int sock)
{
    static struct {
        ssize_t size; // 0: not here
        struct datagram d;
    } kept[WINDOW];
    struct pollfd set = {sock, POLLIN, 0};
    uint32_t next = 1, end = 0;
    while (poll(&set, 1, end ? 1000 : -1) == 1) {
        struct datagram in;
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        ssize_t n = recvfrom(sock, &in, sizeof in, 0,
                             (struct sockaddr *)&peer, &length);
        uint32_t number = n < 4 ? 0 : ntohl(in.number);
        if (n > 4 + BLOCK || number == 0 || (end && number > end)
            || (number > next && (n == 4 || number - next >= WINDOW)))
            continue;
        sendto(sock, &in, 4, 0, (struct sockaddr *)&peer, length);
        if (number < next)
            continue;
        kept[number % WINDOW].size = n;
        kept[number % WINDOW].d = in;
        while ((n = kept[next % WINDOW].size) > 0) {
            kept[next % WINDOW].size = 0;
            write(1, kept[next % WINDOW].d.bytes, (size_t)n - 4) < 0
                ? exit(1)
                : (void)0;
            if (n == 4)
                end = next;
            next++;
        }
    }
    return 0;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in peer = {.sin_family = AF_INET};
    peer.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (argc > 2 ? connect(sock, (struct sockaddr *)&peer, sizeof peer)
                 : bind(sock, (struct sockaddr *)&peer, sizeof peer))
        return 1;
    return argc > 2 ? send_file(sock, argv[2]) : receive_file(sock);
}
