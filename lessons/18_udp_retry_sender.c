// # 18 UDP that tries again, the sender
//
// The sender numbers its messages, waits a second for each answer, and
// sends a message again if none comes. The numbers tell it whether an
// answer comes late or twice.
#define TITLE "numbers, a time limit, and another try"
#define PARTNER "18_udp_retry_receiver"
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

// What a message holds, as in the receiver; how many we send; and how
// long we wait, in seconds, how often we try, and how many datagrams we
// look at for one answer.
enum { NUMBER, TRY, NUMBERS };
enum { MESSAGES = 5, PATIENCE = 1, TRIES = 3, READS = 8 };

// Waits for the answer to a message. Returns whether it came in time.
static bool answered(int sock, uint32_t number, uint32_t try)
{
    for (int i = 0; i < READS; i++) {
        uint32_t in[NUMBERS + 1];
        ssize_t n = recv(sock, in, sizeof in, 0);

        // `EAGAIN`: the time limit has expired. The message was lost,
        // or its answer: we cannot know which. `ECONNREFUSED`: no
        // program has that port, perhaps not yet. We learn this at
        // once, so we wait before the next try. `EINTR`: as in 08.
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            int error = errno;
            perror("recv");
            if (error == ECONNREFUSED)
                sleep(PATIENCE);
            return false;
        }

        // As in the receiver, we drop what has not the right size.
        if ((size_t)n != sizeof(uint32_t[NUMBERS])) {
            puts("Not one of our answers: dropped");
            continue;
        }

        // An answer to an earlier message may come late or twice.
        // Without numbers we would take it for the answer to this
        // message, and be one answer behind from then on.
        uint32_t was = ntohl(in[NUMBER]), of = ntohl(in[TRY]);
        if (was != number) {
            printf("An answer to message %lu again: dropped\n",
                   (unsigned long)was);
            continue;
        }
        printf("Message %lu is answered%s\n", (unsigned long)number,
               of < try ? ", late" : "");
        return true;
    }
    return false;
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

    // A time limit for `recv`, as in 08.
    struct timeval patience = {.tv_sec = PATIENCE};
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1) {
        perror("setsockopt");
        return 1;
    }

    // The receiver's address, filled in as in 02.
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &peer.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // `connect` on a UDP socket sends nothing. The kernel only notes
    // the peer. From now on `send` needs no address, the kernel drops
    // datagrams from others, and it reports errors that come back.
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    for (uint32_t number = 1; number <= MESSAGES; number++) {
        // The same message goes out until it is answered. Real
        // protocols wait longer after each try: most losses come from a
        // network that is too full already.
        bool done = false;
        for (uint32_t try = 1; try <= TRIES && !done; try++) {
            uint32_t out[NUMBERS] = {htonl(number), htonl(try)};

            // If no program has that port, `send` succeeds all the
            // same, and the peer's host answers with an ICMP message.
            // The *next* call then fails with `ECONNREFUSED`.
            if (send(sock, out, sizeof out, 0) == -1)
                perror("send");
            done = answered(sock, number, try);
        }
        if (!done) {
            printf("Message %lu: no answer to %d tries\n",
                   (unsigned long)number, TRIES);
            return 1;
        }
    }
    return 0;
}
