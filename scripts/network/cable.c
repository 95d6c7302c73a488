/* A cable with a delay: what goes in at one end comes out at all others
 * after that time. Replaces `tc netem` where the kernel lacks it, and
 * joins more than two hosts.
 *
 *   cable PARENT MILLISECONDS INTERFACE INTERFACE...
 *
 * The ends are interfaces of this host. A packet socket at each of
 * them (packet(7), as in lesson 13) reads the frames that come in, and
 * sends those that come out. Prints "ready" and runs until the process
 * that started it, PARENT, ends. Exit status 1 if a call failed.
 */
#define _GNU_SOURCE
#include "../common/clock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LARGEST =
        65536 + ETHER_HDR_LEN + 10, /* bytes of the largest frame */
    TURN = 64, /* frames from one end before the next has its turn */
    LIMIT = 1000, /* frames on the way; more are lost, as with netem */
    ENDS = 8 /* at most */
};

/* A frame on its way: from the socket `from`, due when now() is `due`. */
struct frame {
    struct frame *next;
    long long due;
    int from;
    size_t size;
    unsigned char bytes[];
};

/* All frames on their way, in the order in which they are due: each takes
 * the same time. The first is head.next. */
static struct frame head, *last = &head;
static int count;

static struct pollfd ends[ENDS];
static nfds_t end_count;

/* Prints which call failed, and errno as text; exits with status 1. */
static void give_up(const char *call)
{
    fprintf(stderr, "cable: %s: %s\n", call, strerror(errno));
    exit(1);
}

/* A packet socket at this interface, for incoming frames only. Ten bytes
 * before each frame say how far its checksum has been computed; they are
 * passed on with it. packet(7), PACKET_IGNORE_OUTGOING and
 * PACKET_VNET_HDR. */
static int end_at(const char *interface)
{
    int on = 1;
    struct sockaddr_ll link = {0};
    int end = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
                     htons(ETH_P_ALL));

    if (end == -1)
        give_up("socket");
    link.sll_family = AF_PACKET;
    link.sll_protocol = htons(ETH_P_ALL);
    link.sll_ifindex = (int)if_nametoindex(interface);
    if (link.sll_ifindex == 0)
        give_up(interface);
    if (setsockopt(end, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
                   sizeof on)
            == -1
        || setsockopt(end, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on)
               == -1)
        give_up("setsockopt");
    if (bind(end, (struct sockaddr *)&link, sizeof link) == -1)
        give_up("bind");
    return end;
}

/* Reads the frames that wait at one end. They are due at the others after
 * `delay` milliseconds. */
static void take_in(int from, long long delay)
{
    static unsigned char bytes[LARGEST];

    for (int i = 0; i < TURN; i++) {
        ssize_t size = recv(from, bytes, sizeof bytes, 0);
        struct frame *f;

        if (size <= 0)
            return;
        f = count < LIMIT ? malloc(sizeof *f + (size_t)size) : NULL;
        if (f == NULL)
            continue; /* lost */
        memcpy(f->bytes, bytes, (size_t)size);
        f->size = (size_t)size;
        f->due = now() + delay;
        if (delay > 0)
            f->due++; /* now() has been rounded down */
        f->from = from;
        f->next = NULL;
        last->next = f;
        last = f;
        count++;
    }
}

/* Sends the frames that are due. Where an end cannot take one, it is
 * lost. */
static void let_out(void)
{
    while (head.next != NULL && head.next->due <= now()) {
        struct frame *f = head.next;
        ssize_t n;

        for (nfds_t i = 0; i < end_count; i++)
            if (ends[i].fd != f->from) {
                n = send(ends[i].fd, f->bytes, f->size, 0);
                (void)n;
            }
        head.next = f->next;
        if (last == f)
            last = &head;
        free(f);
        count--;
    }
}

/* The value of a word that is a number of 0 or more; otherwise -1. */
static long long number(const char *word)
{
    char *end;
    long long n = strtoll(word, &end, 10);

    return *word == '\0' || *end != '\0' || n < 0 ? -1 : n;
}

int main(int argc, char *argv[])
{
    long long delay = argc > 2 ? number(argv[2]) : -1;

    if (argc < 5 || argc > 3 + ENDS || number(argv[1]) == -1
        || delay == -1) {
        fputs("usage: cable PARENT MILLISECONDS INTERFACE"
              " INTERFACE...\n",
              stderr);
        return 2;
    }
    /* prctl(2): we get SIGTERM when the parent ends. */
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1)
        give_up("prctl");
    if (getppid() != number(argv[1]))
        return 0;
    for (int i = 3; i < argc; i++)
        ends[end_count++] = (struct pollfd){end_at(argv[i]), POLLIN, 0};
    if (puts("ready") == EOF || fclose(stdout) == EOF)
        give_up("standard output");

    for (;;) {
        int patience = -1;

        let_out();
        if (head.next != NULL) {
            long long left = head.next->due - now();
            patience = left > 0 ? (int)left : 0;
        }
        if (poll(ends, end_count, patience) == -1)
            give_up("poll");
        for (nfds_t i = 0; i < end_count; i++)
            take_in(ends[i].fd, delay);
    }
}
