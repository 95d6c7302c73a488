// # 23 `epoll`: the kernel keeps the list
//
// Lesson 11 hands `poll` its whole list each time: thousands of entries
// for the one client that has just spoken. Here the kernel keeps the
// list, and we say only what changes. It answers with those that are
// ready. `epoll` is Linux's own; macOS and the BSDs have `kqueue`.
/*
 * +--> epoll_wait: sleep until a descriptor is ready
 * |    +-- a client can take more bytes: answer -->+
 * |    +-- a client has sent some: hear ---------->+
 * |    +-- clients have been silent: tidy -------->+
 * |    +-- callers are in the queue: welcome ----->+
 * |    +-- a signal came: leave the loop ---> end
 * +<-----------------------------------------------+
 */
#define _POSIX_C_SOURCE 200809L

#define TITLE "the kernel keeps the list"
#define PARTNER "10_echo_client"
#define ADDRESSES IPV4_OR_IPV6
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h> // Linux alone has it
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// The backlog; how many callers we accept in a row; how many ready
// descriptors we are told of at once: the rest comes next time.
enum { BACKLOG = 4096, ROW = 64, READY = 64 };

// How many descriptors we serve, the room for each, and the seconds of
// silence and of a pause, as in 11.
enum { CLIENTS = 4096, ROOM = 64 * 1024, IDLE = 600, PAUSE = 2 };

// What we know of a client, as in 11, and what the kernel watches it
// for (0: there is no client). A report names the descriptor, so that
// is the client's place in our table: nobody looks for it. Memory that
// is not written to costs nothing, so there is no `malloc` either.
static struct client {
    size_t from, to;
    time_t active;
    uint32_t events;
    char bytes[ROOM];
} clients[CLIENTS];
static long served;

// The kernel's list: we know it by a descriptor, too.
static int list;

// The time in seconds, and until when we take no callers, as in 11.
static time_t now, closed_until;

// The call would have blocked, as in 11.
static bool later(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

// `O_NONBLOCK`, as in 11. Returns 0, or -1 with the reason in errno.
static int never_block(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    if (flags == -1)
        return -1;
    return fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

// ## The list
//
// Puts a descriptor on the list (`EPOLL_CTL_ADD`), changes what it is
// watched for (`EPOLL_CTL_MOD`), or takes it off (`EPOLL_CTL_DEL`).
// The kernel keeps `data` for us, and gives it back with each report.
// Returns 0, or -1.
static int watch(int operation, int descriptor, uint32_t events)
{
    struct epoll_event event = {0};
    event.events = events;
    event.data.fd = descriptor;
    int result = epoll_ctl(list, operation, descriptor, &event);
    if (result == -1)
        perror("epoll_ctl");
    return result;
}

// ## The events
//
// A client has left or is lost. `close` takes it off the list, too: no
// other descriptor leads to its socket. (After `dup` or `fork`, one
// would, and the kernel would go on reporting it.)
static void leave(int sock)
{
    if (close(sock) == -1)
        perror("close");
    clients[sock].events = 0;
}

// A client can take bytes, as in 11. The kernel must know only if we
// wait for something else from now on.
static void answer(int sock)
{
    struct client *c = &clients[sock];
    ssize_t n = send(sock, c->bytes + c->from,
                     c->to - c->from, MSG_NOSIGNAL);
    if (n == -1 && !later()) {
        leave(sock);
        return;
    }
    if (n > 0) {
        c->from += (size_t)n;
        c->active = now;
    }
    uint32_t events = c->from < c->to ? EPOLLOUT : EPOLLIN;
    if (events != c->events && watch(EPOLL_CTL_MOD, sock, events) == -1)
        leave(sock);
    else
        c->events = events;
}

// A client has sent bytes, or ended its side, as in 11. If it has sent
// more than there is room for, `recv` leaves the rest, and `epoll_wait`
// reports it again: its reports are *level-triggered*. With `EPOLLET`
// they are *edge-triggered*: it reports that bytes have come, once. *A
// classic mistake* is to receive only once then: nobody tells you of
// the rest.
static void hear(int sock)
{
    struct client *c = &clients[sock];
    ssize_t n = recv(sock, c->bytes, sizeof c->bytes, 0);
    if (n > 0) {
        c->from = 0;
        c->to = (size_t)n;
        c->active = now;
        answer(sock);
    } else if (n == 0 || !later()) {
        leave(sock);
    }
}

// Clients that have done nothing for IDLE seconds leave, as in 11.
static void tidy(void)
{
    static time_t last;
    if (now - last < IDLE)
        return;
    last = now;
    for (int i = 0; i < CLIENTS; i++) {
        if (clients[i].events != 0 && now - clients[i].active >= IDLE) {
            fprintf(stderr, "Descriptor %d: no byte for %d seconds\n",
                    i, IDLE);
            leave(i);
        }
    }
}

// Callers are in the queue, as in 11. Returns false if `sock` itself is
// invalid.
static bool welcome(int sock)
{
    for (int i = 0; i < ROW; i++) {
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

        // It must not block, as in 11, and it comes onto the list.
        if (connected >= CLIENTS || never_block(connected) == -1
            || watch(EPOLL_CTL_ADD, connected, EPOLLIN) == -1) {
            fprintf(stderr, "No room for a new client\n");
            close(connected);
            continue;
        }
        struct client *c = &clients[connected];
        c->from = c->to = 0;
        c->active = now;
        c->events = EPOLLIN;
        served++;
    }
    return true;
}

// Ctrl-C and `kill`: the self-pipe trick, as in 11.
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

    // `accept` must not wait for a caller that has hung up, as in 11.
    if (never_block(sock) == -1) {
        perror("fcntl");
        return 1;
    }

    // The pipe for signals and its handler, as in 11.
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

    // An empty list. What comes onto it stays there until it is taken
    // off or closed. (0: no flags.)
    list = epoll_create1(0);
    if (list == -1) {
        perror("epoll_create1");
        return 1;
    }
    if (watch(EPOLL_CTL_ADD, pipe_ends[0], EPOLLIN) == -1)
        return 1;

    // The loop in the drawing: only `epoll_wait` blocks. The listening
    // socket is on the list unless we take no callers for a while.
    bool ended = false, open = false;
    while (!ended) {
        int patience = now < closed_until ? PAUSE : IDLE;
        if (open != (patience == IDLE)) {
            open = !open;
            if (watch(open ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, sock,
                      EPOLLIN) == -1)
                return 1;
        }
        struct epoll_event ready[READY];
        int n = epoll_wait(list, ready, READY, patience * 1000);
        if (n == -1) {
            if (errno == EINTR)
                continue;
            perror("epoll_wait");
            return 1;
        }
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        now = t.tv_sec;

        // Those that are ready, and no others. Errors and hang-ups
        // (EPOLLERR, EPOLLHUP) are reported unasked, as in 11.
        bool callers = false;
        for (int i = 0; i < n; i++) {
            int descriptor = ready[i].data.fd;
            if (descriptor == pipe_ends[0])
                ended = true;
            else if (descriptor == sock)
                callers = true;
            else if (ready[i].events & EPOLLOUT)
                answer(descriptor);
            else
                hear(descriptor);
        }
        tidy();
        if (callers && !welcome(sock))
            return 1;
    }

    // We close all, as in 11.
    if (close(sock) == -1)
        perror("close");
    for (int i = 0; i < CLIENTS; i++)
        if (clients[i].events != 0)
            leave(i);
    printf("%ld client%s served\n", served, served == 1 ? "" : "s");
    return 0;
}
