/* A service that never answers, and a port without a service; meanwhile
 * one that answers at once, and then one that takes a second. */
#define _POSIX_C_SOURCE 200809L
#include "../judge.h"
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EARLY = 1500 }; /* ms: earlier than "two seconds or so" */

/* Receives the question; *peer is where the answer must go. */
static void asked(int fd, struct program *p, struct sockaddr_in *peer)
{
    char heard[256];
    socklen_t size = sizeof *peer;
    blame(p);
    must(pump(fd, POLLIN, PATIENCE), "a question", "none came; %s",
         fate(p));
    recvfrom(fd, heard, sizeof heard, 0, (struct sockaddr *)peer,
             &size);
}

static void answered(int fd, struct program *p,
                     const struct sockaddr_in *peer, const char *when)
{
    char what[80], *text = line(12 + chance(30));
    sendto(fd, text, strlen(text), 0, (const struct sockaddr *)peer,
           sizeof *peer);
    did("%s a service answered %s", when, quoted(text, strlen(text)));
    must_end(p, 0, "the program to end with exit status 0");
    snprintf(what, sizeof what, "what it prints of the answer %s",
             when);
    printed_all(p, text, strlen(text), what);
}

/* How many milliseconds ago the datagram received last had arrived. */
static long age(int fd)
{
    struct timespec came = {0}, t;
    ioctl(fd, SIOCGSTAMPNS, &came);
    clock_gettime(CLOCK_REALTIME, &t);
    return (t.tv_sec - came.tv_sec) * 1000
           + (t.tv_nsec - came.tv_nsec) / 1000000;
}

/* Waits until its question is `until` ms old; the program must not have
 * ended before EARLY. A judge that is late itself lets it pass. */
static void waits(struct program *p, int fd, long until)
{
    bool early = ended(p, (int)(until - age(fd)));
    long most = age(fd);
    if (early && most < EARLY) {
        blame(p);
        must(false, "two seconds or so of waiting for an answer",
             "an end after %ld ms, where a service does not answer",
             most);
    }
}

static void unanswered(struct program *p, const char *where)
{
    char expected[128], line[128];
    snprintf(expected, sizeof expected,
             "an end with exit status 1 after two seconds or so, %s",
             where);
    must_end(p, 1, expected);
    snprintf(line, sizeof line, "a word on why, %s", where);
    must(p->complaint[0] || p->size, line, "not a word");
}

static void judge(void)
{
    int quick_port, slow_port, mute_port, no_port;
    int quick = datagram_socket(&quick_port);
    int slow = datagram_socket(&slow_port);
    int mute = datagram_socket(&mute_port);
    int none = datagram_socket(&no_port);
    struct sockaddr_in quick_peer, slow_peer, mute_peer;
    close(none);
    age(mute); /* from now on the kernel notes arrival times */
    struct program *with_none = start(no_port, 0);
    struct program *with_mute = start(mute_port, 0);
    struct program *with_quick = start(quick_port, 0);
    did("started it three times: with a service that answers at once, "
        "one that never answers, and nobody at the port");
    asked(quick, with_quick, &quick_peer);
    answered(quick, with_quick, &quick_peer, "at once");
    asked(mute, with_mute, &mute_peer);
    struct program *with_slow = start(slow_port, 0);
    did("started it with a service that is slow");
    asked(slow, with_slow, &slow_peer);
    for (long long until = now() + 900; now() < until; rest(10))
        waits(with_mute, mute, 0);
    answered(slow, with_slow, &slow_peer, "after a second");
    waits(with_mute, mute, EARLY);
    unanswered(with_mute, "where a service does not answer");
    unanswered(with_none, "where nobody is");
    close(mute);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "A datagram to nobody is sent without an error, and no "
           "answer comes, for ever: only a time limit ends such a "
           "wait.",
    .read = "ch-udp",
};
