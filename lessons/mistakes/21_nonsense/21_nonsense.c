// # Mistake 21: the reading that arrives as nonsense
//
// It reads "KIND VALUE STATION" from standard input, three numbers, and
// sends them to a server. The protocol says: 7 bytes, namely 1 for the
// kind, 4 for the value, 2 for the station, each number with its
// highest byte first.
//
// Symptom: a server that copies the same struct understands it. One
// that follows the protocol gets 12 bytes, and values that nobody
// measured.
//
// Provoke: cc 21_nonsense.c -o 21_nonsense, start a server that
// shows bytes (nc -l 127.0.0.1 8888 | od -An -tx1), then:
// echo 1 258 3 | ./21_nonsense (More in task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 // for a system that lacks it
#endif

// Sends all of the bytes. Returns 0, or -1 when a send failed.
static int send_all(int sock, const char *bytes, size_t size)
{
    for (ssize_t n; size > 0; bytes += n, size -= (size_t)n)
        if ((n = send(sock, bytes, size, MSG_NOSIGNAL)) == -1)
            return -1;
    return 0;
}

struct reading {
    uint8_t kind;
    uint32_t value;
    uint16_t station;
};

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    unsigned kind, value, station;
    if (scanf("%u %u %u", &kind, &value, &station) != 3
        || kind > UINT8_MAX || station > UINT16_MAX) {
        fprintf(stderr, "KIND VALUE STATION expected: 1 258 3\n");
        return 2;
    }
    struct reading reading = {(uint8_t)kind, value, (uint16_t)station};
    if (send_all(sock, (const char *)&reading,
                 sizeof reading) == -1) {
        perror("send");
        return 1;
    }
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
