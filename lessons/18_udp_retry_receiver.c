// # 18 UDP that tries again, the receiver
//
// Over UDP, datagrams may be lost, come twice or come late. If that
// would do harm, a program numbers its messages, and repeats each one
// until it is answered. So the same message may come twice, and the
// receiver must not act on it twice.
#define TITLE "the same message twice, and acted on once"
#define PARTNER "18_udp_retry_sender"
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

// Each message is two numbers, in network byte order: which message it
// is, and which try this is. The answer repeats them.
enum { NUMBER, TRY, NUMBERS };

// Within one machine hardly anything is lost. So this receiver also
// plays the bad network: it drops the first try of one message, answers
// another twice, and holds one answer back until the second try.
enum { LOSE = 2, DOUBLE = 3, DELAY = 4, LAST = 5 };

// How long we stay after the last answer, in seconds.
enum { LINGER = 2 };

// Sends an answer. If it gets lost, the sender will ask again.
static void answer(int sock, uint32_t number, uint32_t try,
                   const struct sockaddr_in *peer)
{
    uint32_t out[NUMBERS] = {htonl(number), htonl(try)};
    if (sendto(sock, out, sizeof out, 0,
               (const struct sockaddr *)peer, sizeof *peer) == -1)
        perror("sendto");
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

    // A UDP socket, as in 08.
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
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

    // The port where datagrams come in, as in 08.
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }

    // `done` is the last message that we have acted on. One such number
    // serves one sender; several would each need their own.
    uint32_t done = 0;
    for (;;) {
        // Room for more than a message has, so that we notice a
        // datagram that is too long to be one.
        uint32_t in[NUMBERS + 1];
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        ssize_t n = recvfrom(sock, in, sizeof in, 0,
                             (struct sockaddr *)&peer, &length);
        if (n == -1 && errno == EAGAIN) {
            puts("No more tries came: done");
            return 0;
        }
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            perror("recvfrom");
            return 1;
        }

        // Anybody can send us anything. We drop what is not a message.
        if ((size_t)n != sizeof(uint32_t[NUMBERS])) {
            puts("Not one of our messages: dropped");
            continue;
        }
        uint32_t number = ntohl(in[NUMBER]), try = ntohl(in[TRY]);
        printf("Message %lu, try %lu: ", (unsigned long)number,
               (unsigned long)try);

        // The bad network: this datagram never came.
        if (number == LOSE && try == 1) {
            puts("lost");
            continue;
        }

        // Is it the next message, or one that we know? If we know it,
        // the sender has missed our answer. We answer again, but do not
        // act on it again. A bank that forgets this pays twice.
        if (number == done + 1) {
            done = number;
            puts("new");
        } else if (number <= done) {
            puts("known, answered again");
        } else {
            puts("too early: dropped");
            continue;
        }

        // The bad network again: an answer late, an answer twice.
        if (number == DELAY && try == 1)
            continue;
        if (number == DELAY && try == 2)
            answer(sock, number, 1, &peer);
        answer(sock, number, try, &peer);
        if (number == DOUBLE)
            answer(sock, number, try, &peer);

        // Our last answer may get lost as well. So we stay for as long
        // as another try may come, and answer that. TIME-WAIT in TCP
        // (07) exists for the same reason. (`EINTR`: as in 08.)
        struct timeval limit = {.tv_sec = LINGER};
        if (done >= LAST
            && setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO,
                          &limit, sizeof limit) == -1) {
            perror("setsockopt");
            return 1;
        }
    }
}
