// # 11 `poll`: many clients in one process
//
// Lesson 10 serves one client after another. This server has a whole
// class connected at once. It never waits for one client, only for all
// of them together: each function does what it can without waiting.
/*
 * +--> poll: sleep until a descriptor is ready
 * |    +-- a client can take more bytes: answer -->+
 * |    +-- a client has sent some: hear ---------->+
 * |    +-- clients have been silent: tidy -------->+
 * |    +-- callers are in the queue: welcome ----->+
 * |    +-- a signal came: leave the loop ---> end
 * +<-----------------------------------------------+
 */
#define _POSIX_C_SOURCE 200809L

#define TITLE "one process, a whole class at once"
#define PARTNER "10_echo_client"
#define ADDRESSES IPV4_OR_IPV6
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// The backlog. A caller that finds no room in the queue is not refused:
// it gets no answer and tries again after one second, then again and
// again. With a backlog of 5, half of 500 clients have no answer after
// 10 seconds (`make bench`). The kernel lowers the number to its own
// limit, usually 4096 on Linux (listen(2)). `ROW` says how many callers
// we accept in a row.
enum { BACKLOG = 4096, ROW = 64 };

// How many clients we serve at once; room for the bytes of one, 256 MiB
// for all (plus the kernel's buffers: several MiB for a client that
// sends and never reads, tcp(7)); and, in seconds, how long a client
// may neither send nor take a byte, and how long we take no callers
// after a shortage. `ulimit -n` limits descriptors: often to 1,024.
enum { CLIENTS = 4096, ROOM = 64 * 1024, IDLE = 600, PAUSE = 2 };

// What we know of a client: which of its bytes, `from` up to `to`, have
// yet to go back, and when it last sent or took any. Until all are
// back, we read nothing more from it. So a client that sends but never
// reads costs us one buffer, and the other clients no time.
struct client {
    size_t from, to;
    time_t active;
    char bytes[ROOM];
};

// What `poll` watches, and the client of each entry: first a pipe for
// signals, then the listening socket, then the clients in any order.
enum { SIGNALS, CALLERS, FIRST };
static struct pollfd watched[FIRST + CLIENTS];
static struct client *clients[FIRST + CLIENTS];
static nfds_t watching = FIRST;
static long served;

// The time, in seconds, read once a round from a clock that nobody can
// set; and the time until which we take no callers.
static time_t now, closed_until;

// Did a call fail only because it would have blocked? POSIX allows two
// names for this error.
static bool later(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

// With `O_NONBLOCK`, a call that would block fails with `EAGAIN`
// instead. It is one flag of several, so we read them all, add this one
// and write them back. Returns 0, or -1 with the reason in errno.
static int never_block(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    if (flags == -1)
        return -1;
    return fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

// ## The events
//
// A client has left or is lost. The last client in the table takes its
// place, so no other client has to move.
static void leave(nfds_t i)
{
    if (close(watched[i].fd) == -1)
        perror("close");
    free(clients[i]);
    clients[i] = NULL;
    watching--;
    if (i < watching) {
        clients[i] = clients[watching];
        watched[i] = watched[watching];
    }
}

// A client can take bytes. `send` gives the kernel as many as it has
// room for, perhaps none (`EAGAIN`); `poll` then waits for more room
// (POLLOUT). Any other error (`ECONNRESET`, `EPIPE`, ...) is the end of
// this client alone. That happens every day: we do not print it.
static void answer(nfds_t i)
{
    struct client *c = clients[i];
    ssize_t n = send(watched[i].fd, c->bytes + c->from,
                     c->to - c->from, MSG_NOSIGNAL);
    if (n == -1 && !later()) {
        leave(i);
        return;
    }
    if (n > 0) {
        c->from += (size_t)n;
        c->active = now;
    }
    watched[i].events = c->from < c->to ? POLLOUT : POLLIN;
}

// A client has sent bytes, or ended its side. The answer goes out at
// once: there is nearly always room for it. "Ready" may be out of date
// by now, and then `recv` fails with `EAGAIN`.
static void hear(nfds_t i)
{
    struct client *c = clients[i];
    ssize_t n = recv(watched[i].fd, c->bytes, sizeof c->bytes, 0);
    if (n > 0) {
        c->from = 0;
        c->to = (size_t)n;
        c->active = now;
        answer(i);
    } else if (n == 0 || !later()) {
        leave(i);
    }
}

// Which clients have done nothing for IDLE seconds? They may be silent
// or never read, or their host may have lost power: then no FIN comes,
// and no call tells us unless the option `SO_KEEPALIVE` makes the
// kernel ask. We check every IDLE seconds, so they have to leave after
// twice that time at the latest. One byte in time is enough to stay: a
// server for strangers also limits how slow a client may be.
static void tidy(void)
{
    static time_t last;
    if (now - last < IDLE)
        return;
    last = now;
    for (nfds_t i = watching; i-- > FIRST;) {
        if (now - clients[i]->active >= IDLE) {
            fprintf(stderr, "Descriptor %d: no byte for %d seconds\n",
                    watched[i].fd, IDLE);
            leave(i);
        }
    }
}

// Callers are in the queue. We take them until `accept` would block,
// but not too many in a row: they may come faster than we accept them,
// and our clients must have their turn. `poll` reports the rest again.
//
// We treat other errors as in 09, but after a shortage we must not
// sleep. The caller stays in the queue, though, and `poll` would report
// it again at once. So for a while we do not ask `poll` about callers.
// Returns false if `sock` itself is invalid.
static bool welcome(int sock)
{
    for (int i = 0; i < ROW && watching < FIRST + CLIENTS; i++) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        int connected = accept(sock, (struct sockaddr *)&peer, &length);
        if (connected == -1 && later())
            break;
        if (connected == -1) {
            int error = errno;
            perror("accept");
            if (error == EBADF || error == EFAULT || error == EINVAL
                || error == ENOTSOCK)
                return false;
            if (error == EMFILE || error == ENFILE
                || error == ENOBUFS || error == ENOMEM) {
                fprintf(stderr, "No callers for %d seconds\n", PAUSE);
                closed_until = now + PAUSE;
                break;
            }
            continue;
        }

        // If a call blocks for one client, all the others wait. So a
        // client whose socket we cannot set up has to go.
        struct client *c = malloc(sizeof *c);
        if (c == NULL || never_block(connected) == -1) {
            perror("a new client");
            free(c);
            close(connected);
            continue;
        }
        c->from = c->to = 0;
        c->active = now;
        clients[watching] = c;
        watched[watching] = (struct pollfd){connected, POLLIN, 0};
        watching++;
        served++;
    }
    return true;
}

// Ctrl-C (SIGINT) and `kill` (SIGTERM) end the loop. A signal handler
// may do very little; `write` is allowed (POSIX, XSH 2.4.3). Ours
// writes into a pipe, and `poll` watches the other end: the *self-pipe
// trick*. A variable would not do: if a signal came just before `poll`
// began to wait, we would see it only after `poll` returned.
static int pipe_ends[2];

static void on_signal(int number)
{
    int saved = errno;
    ssize_t n = write(pipe_ends[1], "", 1);
    (void)n, (void)number;
    errno = saved;
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

    // An IPv4 or IPv6 address, as in 10.
    struct sockaddr_in v4 = {0};
    v4.sin_family = AF_INET;
    v4.sin_port = htons((uint16_t)port);
    struct sockaddr_in6 v6 = {0};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons((uint16_t)port);
    struct sockaddr *here = (struct sockaddr *)&v4;
    socklen_t size = sizeof v4;
    if (inet_pton(AF_INET, address, &v4.sin_addr) != 1) {
        here = (struct sockaddr *)&v6;
        size = sizeof v6;
        if (inet_pton(AF_INET6, address, &v6.sin6_addr) != 1) {
            fprintf(stderr, "%s is not an IP address\n", address);
            return 2;
        }
    }

    // A listening TCP socket of that family, step by step as in 10.
    int sock = socket(here->sa_family, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }
    if (bind(sock, here, size) == -1) {
        perror("bind");
        return 1;
    }
    if (listen(sock, BACKLOG) == -1) {
        perror("listen");
        return 1;
    }

    // A caller that `poll` has reported may hang up before we call
    // `accept`, and then `accept` must not wait for the next one.
    if (never_block(sock) == -1) {
        perror("fcntl");
        return 1;
    }

    // What is written into one end of a pipe can be read from the
    // other. With `SA_RESETHAND` our handler runs only once: a second
    // Ctrl-C ends the program at once. With `SA_RESTART` a call that
    // the signal interrupts is resumed, except `poll`, which still
    // fails with `EINTR` (signal(7)).
    if (pipe(pipe_ends) == -1) {
        perror("pipe");
        return 1;
    }
    struct sigaction action = {0};
    action.sa_handler = on_signal;
    action.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, &action, NULL) == -1
        || sigaction(SIGTERM, &action, NULL) == -1) {
        perror("sigaction");
        return 1;
    }

    // The loop in the drawing: only `poll` blocks. `events` says what
    // we wait for: bytes or callers (POLLIN), room for bytes (POLLOUT),
    // or nothing (0): while the table is full, callers wait. `poll`
    // returns when something is ready, which it marks in `revents`, or
    // when its time limit, in milliseconds, expires.
    watched[SIGNALS] = (struct pollfd){pipe_ends[0], POLLIN, 0};
    watched[CALLERS] = (struct pollfd){sock, POLLIN, 0};
    while (watched[SIGNALS].revents == 0) {
        int patience = now < closed_until ? PAUSE : IDLE;
        bool room = watching < FIRST + CLIENTS && patience == IDLE;
        watched[CALLERS].events = room ? POLLIN : 0;
        if (poll(watched, watching, patience * 1000) == -1) {
            if (errno == EINTR)
                continue;
            perror("poll");
            return 1;
        }
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        now = t.tv_sec;

        // We go backwards, since `leave` puts the last client, which
        // has had its turn, in the place of the one that leaves. Errors
        // and hang-ups (POLLERR, POLLHUP) are reported unasked; `send`
        // or `recv` then gives the reason.
        for (nfds_t i = watching; i-- > FIRST;) {
            if (watched[i].revents == 0)
                continue;
            if (watched[i].events == POLLOUT)
                answer(i);
            else
                hear(i);
        }
        tidy();
        if (watched[CALLERS].revents != 0 && !welcome(sock))
            return 1;
    }

    // We close all: no client must wait for a server that is gone.
    if (close(sock) == -1)
        perror("close");
    while (watching > FIRST)
        leave(watching - 1);
    printf("%ld client%s served\n", served, served == 1 ? "" : "s");
    return 0;
}
