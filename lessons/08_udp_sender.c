// # 08 `sendto` and `recvfrom`, the sender
//
// A datagram needs no connection: every `sendto` names the receiver. So
// the call can succeed even if no receiver is running, and a sender
// must not wait for ever for an answer.
#define TITLE "each datagram names its receiver"
#define PARTNER "08_udp_receiver"
#include "narrate.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

// Seconds to wait; room for an answer; how many datagrams we look at
// for one answer; and how many we send.
enum { PATIENCE = 2, ROOM = 64, READS = 8, DATAGRAMS = 2 };

// In 06 a newline had to mark the end of the message; a datagram has an
// end of its own. Our second one is longer than the receiver's buffer.
static const char *const messages[DATAGRAMS] = {
    "Hello from the sender!", "A datagram that is longer than 32 bytes."
};

// Makes bytes from the network printable, as in 06.
static void print(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        printf(isprint(byte) && byte != '\\' ? "%c" : "\\x%02X", byte);
    }
    putchar('\n');
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

    // A UDP socket, as in the receiver. The kernel chooses its port at
    // the first `sendto`. A sender whose port others must know
    // beforehand calls `bind` first.
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // A datagram or its answer may be lost, and no error tells us.
    // `SO_RCVTIMEO` sets a time limit: when it expires, the call fails
    // with `EAGAIN` ("Resource temporarily unavailable"). The struct
    // holds seconds and microseconds.
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

    for (int i = 0; i < DATAGRAMS; i++) {
        // `sendto` succeeds as soon as our kernel has taken the
        // datagram. The kernel cannot know whether it will arrive, or
        // whether any program is waiting for it.
        if (sendto(sock, messages[i], strlen(messages[i]), 0,
                   (struct sockaddr *)&peer, sizeof peer) == -1) {
            perror("sendto");
            return 1;
        }

        // Anybody can send to our port. So we look at where an answer
        // comes from before we believe it, and keep waiting for the
        // right one. But we stop after 8 datagrams, since each
        // stranger's starts the 2 seconds again. (If you send to
        // 0.0.0.0, the answer comes from another address.)
        bool known = false;
        for (int reads = 0; reads < READS && !known; reads++) {
            char buffer[ROOM];
            struct sockaddr_in from = {0};
            socklen_t length = sizeof from;
            ssize_t n = recvfrom(sock, buffer, sizeof buffer, 0,
                                 (struct sockaddr *)&from, &length);

            // After Ctrl-Z and `fg`, a call with a time limit is not
            // resumed: it fails with `EINTR`, and we call again.
            if (n == -1 && errno == EINTR)
                continue;
            if (n == -1) {
                perror("recvfrom");
                return 1;
            }
            known = from.sin_addr.s_addr == peer.sin_addr.s_addr
                && from.sin_port == peer.sin_port;
            if (known) {
                printf("The answer: ");
                print(buffer, (size_t)n);
            } else {
                puts("A datagram from somebody else: dropped");
            }
        }

        // One thing is missing. If the first answer comes too late, or
        // twice, we take it for the answer to the second datagram. Only
        // a number in each message would show the difference.
        if (!known)
            printf("%d datagrams, none from the receiver\n", READS);
    }
    return 0;
}
