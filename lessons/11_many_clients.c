// # 11 `poll`: many clients in one process
//
// Lesson 10 serves one client after the other: the second must wait
// until the first has left. This server has a whole class connected at
// once. It never waits for one client, only for all of them together;
// each function below does what can be done now, and returns.
/*
 * +--> poll: sleep until a descriptor is ready
 * |    +-- a client can take more bytes: answer -->+
 * |    +-- a client has sent some: hear ---------->+
 * |    +-- a client was silent too long: leave --->+
 * |    +-- a caller is in the queue: welcome ----->+
 * |    +-- a signal came: leave the loop ---> end
 * +<-----------------------------------------------+
 */
#define TITLE "one process, a whole class at once"
#define ADDRESSES IPV4_OR_IPV6
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// How many callers may wait in the queue: as many as the C library says
// that a system allows, on Linux mostly 4096. Whom it has no room for
// is not refused: it gets no answer, tries again after a second, and
// again and again, and takes the server for broken. `make bench` shows:
// of 500 callers at once, with a backlog of 5, about half have no
// answer after 10 seconds; from 511 up nobody waits.
enum { BACKLOG = SOMAXCONN };

// How many clients at once, and room for the bytes of one: 256 MiB for
// all of them if the worst comes to the worst. One that neither sends
// nor takes a byte for IDLE seconds loses its place. One byte in time
// keeps it: a server for strangers would limit how slow a client may be
// as well.
enum { CLIENTS = 4096, ROOM = 64 * 1024, IDLE = 600 };

// What we know of a client: its connected socket, and which of its
// bytes, `from` up to `to`, have yet to go back. As long as there are
// any, we read nothing more from it. So a client that sends and never
// reads costs this one buffer, and nobody else any time.
struct client {
    int connected;
    size_t from, to;
    char bytes[ROOM];
};

// What `poll` watches, and whose it is: first a pipe that tells of
// signals, then the listening socket, then the clients in any order.
// `active` is when each last sent or took bytes, `served` counts all
// that there have been.
enum { SIGNALS, CALLERS, FIRST };
static struct pollfd watched[FIRST + CLIENTS];
static struct client *clients[FIRST + CLIENTS];
static time_t active[FIRST + CLIENTS];
static nfds_t watching = FIRST;
static long served;

// Seconds of a clock that nobody sets. POSIX clock_gettime.
static time_t seconds(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

// ## The events
//
// A client has left, or is lost. The last one in the table takes its
// place: nobody has to move up, however many there are.
static void leave(nfds_t i)
{
    int connected = clients[i]->connected;
    free(clients[i]);
    watching--;
    clients[i] = clients[watching];
    watched[i] = watched[watching];
    active[i] = active[watching];

    step("close(%d)", connected);
    if (close(connected) == -1) {
        carry_on("close", "Linux frees the descriptor all the same.");
        return;
    }
    result(0, "Served; %s still here.",
           count((long)(watching - FIRST), "client"));
}

// A client can take bytes. `send` gives the kernel as many as it has
// room for and does not wait for more room: `poll` does, for POLLOUT.
// With no room at all it fails with `EAGAIN`. Any other error (POSIX
// send: `ECONNRESET`, `EPIPE`, ...) is the end of this client alone.
static void answer(nfds_t i)
{
    struct client *c = clients[i];
    size_t left = c->to - c->from;
    step("send(%d, c->bytes + %zu, %zu, MSG_NOSIGNAL)", c->connected,
         c->from, left);
    ssize_t n = send(c->connected, c->bytes + c->from, left,
                     MSG_NOSIGNAL);
    bool later = n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK);
    result(n, "%s", later ? "No room in the kernel; later." : n == -1
           ? "This client is lost." : (size_t)n == left
           ? "All of it goes back." : "A part; the rest later.");
    if (n == -1 && !later) {
        leave(i);
        return;
    }
    if (n > 0) {
        c->from += (size_t)n;
        active[i] = seconds();
    }
    watched[i].events = c->from < c->to ? POLLOUT : POLLIN;
}

// A client has sent bytes, or ended its side. Its answer goes out at
// once if there is room for it, which there nearly always is. "Ready"
// may be out of date by now: then `recv` fails with `EAGAIN`.
static void hear(nfds_t i)
{
    struct client *c = clients[i];
    step("recv(%d, c->bytes, %zu, 0)", c->connected, sizeof c->bytes);
    ssize_t n = recv(c->connected, c->bytes, sizeof c->bytes, 0);
    bool later = n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK);
    result(n, "%s", n > 0 ? quoted(c->bytes, (size_t)n) : later
           ? "Nothing yet; later." : n == 0
           ? "It will send no more." : "This client is lost.");
    if (n > 0) {
        c->from = 0;
        c->to = (size_t)n;
        active[i] = seconds();
        answer(i);
    } else if (!later) {
        leave(i);
    }
}

// A client has done nothing this time. It may have fallen silent, or
// never read what we have for it, or have lost its power: no FIN came
// then, and as long as we send nothing no call tells us of it, unless
// the option `SO_KEEPALIVE` lets the kernel ask now and then. `poll`
// waits for IDLE seconds at most, so such a client goes after twice
// that at the latest.
static void check(nfds_t i, time_t now)
{
    if (now - active[i] < IDLE)
        return;
    note("Descriptor %d: no byte either way for %s.",
         clients[i]->connected, count(IDLE, "second"));
    leave(i);
}

// `accept` has failed for want of descriptors (`EMFILE`) or memory. The
// caller stays in the queue, so `poll` would report it again at once,
// and we should spin. Instead we take no callers for at least 1, then
// 2, 4, 8 seconds; those who are here notice nothing of it.
static time_t closed_until;
static unsigned closed_for;

static void rest(const char *call)
{
    closed_for = closed_for == 0 ? 1 : closed_for < 8 ? 2 * closed_for
                                                      : 8;
    closed_until = seconds() + (time_t)closed_for;
    carry_on(call, "No callers for at least %s; they wait.",
             count((long)closed_for, "second"));
}

// A caller is in the queue. `O_NONBLOCK` is what makes `send` and
// `recv` return at once in every case: one call that waits, for one
// client, and everybody waits.
static void welcome(int sock)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    struct client *c = malloc(sizeof *c);
    if (c == NULL) {
        rest("malloc");
        return;
    }
    step("accept(%d, &peer, &length)", sock);
    int connected = accept(sock, (struct sockaddr *)&peer, &length);
    if (connected == -1) {
        int error = errno;
        free(c);
        errno = error;
    }
    if (connected == -1 && (errno == EBADF || errno == EFAULT
        || errno == EINVAL || errno == ENOTSOCK))
        fail("accept");
    if (connected == -1 && (errno == EAGAIN || errno == EWOULDBLOCK
        || errno == EINTR || errno == ECONNABORTED)) {
        result(connected, "No caller after all.");
        return;
    }
    if (connected == -1) {
        rest("accept");
        return;
    }
    result(connected, "Descriptor %d is for %s.", connected,
           text_of(&peer));

    step("fcntl(%d, F_SETFL, O_NONBLOCK)", connected);
    if (fcntl(connected, F_SETFL, O_NONBLOCK) == -1)
        fail("fcntl");
    c->connected = connected;
    c->from = c->to = 0;
    clients[watching] = c;
    watched[watching] = (struct pollfd){connected, POLLIN, 0};
    active[watching] = seconds();
    watching++;
    served++;
    closed_for = 0;
    result(0, "No call on it will wait; %s here.",
           count((long)(watching - FIRST), "client"));
}

// Ctrl-C (SIGINT) and `kill` (SIGTERM). Of all that a program can do, a
// signal handler may do very little; `write` is allowed (POSIX, XSH
// 2.4.3). It writes into a pipe, and `poll` watches the other end. A
// variable would not do: a signal in the moment before `poll` begins to
// sleep would be noticed only after it.
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
    // The address and the port; `::1` works as in lesson 10.
    const char *address = "127.0.0.1";
    uint16_t port = 8888;
    begin(argc, argv, &address, &port);
    struct sockaddr_in v4 = {0};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    struct sockaddr_in6 v6 = {0};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    struct sockaddr *here = (struct sockaddr *)&v4;
    socklen_t size = sizeof v4;
    if (inet_pton(AF_INET, address, &v4.sin_addr) != 1) {
        here = (struct sockaddr *)&v6;
        size = sizeof v6;
        if (inet_pton(AF_INET6, address, &v6.sin6_addr) != 1)
            fail("inet_pton");
    }

    // From here to `listen` there is nothing new.
    step("socket(%s, SOCK_STREAM, 0)",
         here->sa_family == AF_INET ? "AF_INET" : "AF_INET6");
    int sock = socket(here->sa_family, SOCK_STREAM, 0);
    if (sock == -1)
        fail("socket");
    result(sock, "Our TCP socket is descriptor %d: %s.",
           sock, which_number(sock));

    int on = 1;
    step("setsockopt(%d, SOL_SOCKET, SO_REUSEADDR, %d, %zu)",
         sock, on, sizeof on);
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1)
        fail("setsockopt");
    result(0, "An earlier server's old connections will not be in our"
           " way.");

    step("bind(%d, %s, %zu)", sock, text_of(here), (size_t)size);
    if (bind(sock, here, size) == -1)
        fail("bind");
    result(0, "The socket has an address, %zu bytes.", (size_t)size);

    step("listen(%d, %d)", sock, BACKLOG);
    if (listen(sock, BACKLOG) == -1)
        fail("listen");
    result(0, "The kernel now completes handshakes on our behalf.");
    show(sock);

    // The caller that `poll` reports may have hung up before `accept`
    // is called. `accept` must not wait for the next one then.
    step("fcntl(%d, F_SETFL, O_NONBLOCK)", sock);
    if (fcntl(sock, F_SETFL, O_NONBLOCK) == -1)
        fail("fcntl");
    result(0, "From now on accept returns at once, caller or not.");

    // A process may have so many descriptors open, often 1024. We may
    // set this *soft limit* to what we need, up to the *hard limit*.
    // `ulimit -n` and `ulimit -Hn` show them.
    struct rlimit limit;
    const rlim_t wanted = CLIENTS + 64;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        fail("getrlimit");
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    step("setrlimit(RLIMIT_NOFILE, {%ju, %ju})",
         (uintmax_t)limit.rlim_cur, (uintmax_t)limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
        fail("setrlimit");
    result(0, "%ju descriptors may be open at once: clients, and some"
           " more.", (uintmax_t)limit.rlim_cur);

    // With `SA_RESETHAND` our handler runs once; a second Ctrl-C ends
    // the program on the spot. With `SA_RESTART` a line that is being
    // printed meanwhile is printed to its end. `poll` it ends all the
    // same (signal(7)).
    step("pipe(pipe_ends)");
    if (pipe(pipe_ends) == -1)
        fail("pipe");
    result(0, "A signal will write into descriptor %d, and poll watch"
           " %d.", pipe_ends[1], pipe_ends[0]);
    struct sigaction action = {0};
    action.sa_handler = on_signal;
    action.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, &action, NULL) == -1
        || sigaction(SIGTERM, &action, NULL) == -1)
        fail("sigaction");

    // The loop of the drawing. `poll` is the only call in it that
    // waits. In `events` we say of each descriptor what we wait for:
    // bytes or callers (POLLIN), room for bytes (POLLOUT), or neither.
    // `poll` returns how many are ready and marks them in `revents`.
    // While the table is full, or `accept` has a rest, callers wait.
    watched[SIGNALS] = (struct pollfd){pipe_ends[0], POLLIN, 0};
    watched[CALLERS] = (struct pollfd){sock, POLLIN, 0};
    while (watched[SIGNALS].revents == 0) {
        bool closed = seconds() <= closed_until;
        bool full = watching == FIRST + CLIENTS;
        watched[CALLERS].events = closed || full ? 0 : POLLIN;
        int patience = closed ? 1000
                       : watching > FIRST ? IDLE * 1000 : -1;
        step("poll(watched, %zu, %d)", (size_t)watching, patience);
        if (closed || full) {
            waits("%s; callers stay in the queue",
                  count((long)(watching - FIRST), "client"));
        } else if (watching == FIRST) {
            waits("a caller: run ./%s", other_side());
        } else {
            waits("%s and new callers",
                  count((long)(watching - FIRST), "client"));
        }
        int ready = poll(watched, watching, patience);
        if (ready == -1 && errno != EINTR)
            fail("poll");
        result(ready, "Ready: %s.", ready == -1
               ? "nothing, but a signal came"
               : count(ready, "descriptor"));
        if (ready == -1)
            continue;

        // Backwards, since `leave` puts the last client, who has had
        // its turn, in the place of the one that leaves. An error or a
        // hang-up (POLLERR, POLLHUP) is reported unasked; `send` or
        // `recv` will say what it is.
        time_t now = seconds();
        for (nfds_t i = watching; i-- > FIRST;) {
            if (watched[i].revents == 0)
                check(i, now);
            else if (watched[i].events == POLLOUT)
                answer(i);
            else
                hear(i);
        }
        if (watched[CALLERS].revents != 0)
            welcome(sock);
    }

    // The end: nobody is kept waiting for a server that is gone.
    step("close(%d)", sock);
    if (close(sock) == -1)
        fail("close");
    result(0, "From now on callers are refused.");
    while (watching > FIRST)
        leave(watching - 1);
    printf("%s served\n", count(served, "client"));
    return 0;
}
