/* peer: the other side of the conversation. */
#define _GNU_SOURCE
#include "../common/clock.h"
#include "judge.h"
#include "state.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds that a program may take to start: by the clock, and of
 * processor time, which is looked at only after ASKED. */
enum { START_TIME = 5000, START_WORK = 500, ASKED = 1000 };

static bool is_overdue(struct program *p, long since)
{
    long waited = now() - since;
    return waited >= START_TIME
           || (waited >= ASKED && !p->reached
               && busy(p) * 1000 > START_WORK);
}

/* ---- calling and being called -------------------------------------- */

/* Small buffers on our side, and small segments, which keep the peer's
 * buffers small: what we do not read soon blocks the peer. */
static bool narrow;

static void make_narrow(int fd)
{
    int size = 4096, segment = 536;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
}

/* Tries once to connect. A non-blocking socket, or -1 and errno. */
static int try_call(const struct sockaddr_in *peer, const char *from,
                    int milliseconds)
{
    int fd = own_socket(SOCK_STREAM | SOCK_NONBLOCK);
    struct sockaddr_in here = {.sin_family = AF_INET};
    if (narrow)
        make_narrow(fd);
    if (from != NULL) {
        inet_pton(AF_INET, from, &here.sin_addr);
        must(bind(fd, (struct sockaddr *)&here, sizeof here) == 0,
             "127.0.0.0/8 to be loopback, as on Linux", "%s: %s", from,
             strerror(errno));
    }
    int result = 0;
    socklen_t size = sizeof result;
    if (connect(fd, (const struct sockaddr *)peer, sizeof *peer)
        == -1) {
        result = errno;
        if (result == EINPROGRESS && pump(fd, POLLOUT, milliseconds))
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &size);
    }
    if (result == 0)
        return fd;
    close(fd);
    errno = result;
    return -1;
}

static void note_reached(void)
{
    pump(-1, 0, 0);
    for (int i = 0; i < PROGRAMS; i++) {
        struct program *p = &the_judge()->programs[i];
        p->reached |= p->most != 0;
        p->earlier = strlen(p->complaint);
    }
}

int call(int port, const char *from, const char *to)
{
    struct sockaddr_in peer = here_at(port);
    if (to != NULL)
        inet_pton(AF_INET, to, &peer.sin_addr);
    for (long long since = now();;) {
        int fd =
            try_call(&peer, from, (int)(since + START_TIME - now()));
        if (fd != -1) {
            note_reached();
            return fd;
        }
        int result = errno;
        struct program *programs = the_judge()->programs;
        struct program *last = programs;
        bool any = false;
        for (int i = 0; i < PROGRAMS; i++) {
            any |= programs[i].pid != 0;
            if (programs[i].most != 0)
                last = &programs[i];
        }
        must(any,
             last->reached ? "a server that goes on"
                           : "a server that listens at its port",
             "nobody listens at port %d: %s", port, fate(last));
        must(!is_overdue(last, since),
             "a server at the port it was given",
             "connect to %s port %d: %s", to ? to : "127.0.0.1", port,
             strerror(result));
        pump(-1, 0, 5);
    }
}

int call_narrow(int port)
{
    narrow = true;
    int fd = call(port, NULL, NULL);
    narrow = false;
    return fd;
}

/* Binds fd to 127.0.0.1 and a free port, which goes to *port. */
static void bind_somewhere(int fd, int *port)
{
    struct sockaddr_in here;
    do {
        *port = some_port();
        here = here_at(*port);
    } while (bind(fd, (struct sockaddr *)&here, sizeof here) == -1);
}

int listening(int *port)
{
    int fd = own_socket(SOCK_STREAM | SOCK_NONBLOCK);
    int small = 65536; /* so that the buffers fill soon */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    bind_somewhere(fd, port);
    if (listen(fd, 5) == -1)
        could_not("a listening socket", strerror(errno));
    return fd;
}

int taken(int listener, struct program *p)
{
    long long since = now();
    while (!pump(listener, POLLIN, 10))
        must((p->pid != 0 && !is_overdue(p, since))
                 || pump(listener, POLLIN, 0),
             "a client that calls the port that it was given",
             "nobody called; %s", fate(p));
    int fd =
        accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd == -1)
        could_not("the connection to a program", strerror(errno));
    return fd;
}

int datagram_socket(int *port)
{
    int fd = own_socket(SOCK_DGRAM | SOCK_NONBLOCK);
    bind_somewhere(fd, port);
    return fd;
}

void ask_times(int fd)
{
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on)
        == -1)
        could_not("the times of datagrams", strerror(errno));
}

static double milliseconds(const struct timespec *t)
{
    return (double)t->tv_sec * 1e3 + (double)t->tv_nsec / 1e6;
}

double real_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return milliseconds(&t);
}

ssize_t datagram(int fd, void *to, size_t size,
                 struct sockaddr_in *from, double *when)
{
    union { /* aligned */
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    struct iovec piece = {to, size};
    struct msghdr m = {.msg_name = from,
                       .msg_namelen = sizeof *from,
                       .msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    struct timespec t;
    ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);
    if (n == -1 && errno == EAGAIN)
        return -1;
    if (n == -1)
        could_not("a datagram", strerror(errno));
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (c == NULL || c->cmsg_level != SOL_SOCKET
        || c->cmsg_type != SCM_TIMESTAMPNS)
        could_not("a datagram", "the kernel did not note its time");
    memcpy(&t, CMSG_DATA(c), sizeof t);
    *when = milliseconds(&t);
    return n;
}

/* ---- bytes --------------------------------------------------------- */

void say(int fd, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t n = send(fd, from, size, MSG_NOSIGNAL);
        if (n == -1
            && (errno != EAGAIN || !pump(fd, POLLOUT, PATIENCE)))
            return;
        if (n > 0) {
            from += n;
            size -= (size_t)n;
        }
    }
}

void say_in_pieces(int fd, const void *bytes, size_t size, int pieces,
                   int milliseconds)
{
    const char *from = bytes;
    for (int i = 0; i < pieces; i++) {
        size_t piece = size / (size_t)(pieces - i);
        if (i > 0)
            rest(milliseconds);
        say(fd, from, piece);
        from += piece;
        size -= piece;
    }
}

size_t pour(int fd, size_t most)
{
    static char letters[16384];
    size_t sent = 0;
    memset(letters, (int)('a' + chance(26)), sizeof letters);
    while (sent < most && pump(fd, POLLOUT, PATIENCE)) {
        ssize_t n = send(fd, letters, sizeof letters, MSG_NOSIGNAL);
        if (n == -1 && errno != EAGAIN)
            break;
        sent += n > 0 ? (size_t)n : 0;
        for (long long until = now() + PATIENCE / 10;
             !asleep() && now() < until;)
            rest(1); /* it may be about to close */
    }
    return sent;
}

/* How many of our bytes wait in the peer's receive buffer, from
 * sock_diag(7), which answers in microseconds; reading /proc/net/tcp
 * takes milliseconds. -1: the peer's socket is gone, or nothing is
 * known. */
static long unread_by_peer(int fd)
{
    struct sockaddr_in ours, theirs;
    socklen_t size = sizeof ours;
    if (getsockname(fd, (struct sockaddr *)&ours, &size) == -1)
        return -1;
    size = sizeof theirs;
    if (getpeername(fd, (struct sockaddr *)&theirs, &size) == -1)
        return -1;
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 asked;
    } question = {
        .head = {.nlmsg_len = sizeof question,
                 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST},
        .asked = {.sdiag_family = AF_INET,
                  .sdiag_protocol = IPPROTO_TCP,
                  .idiag_states = ~0u,
                  .id = {.idiag_sport = theirs.sin_port,
                         .idiag_dport = ours.sin_port,
                         .idiag_src = {theirs.sin_addr.s_addr},
                         .idiag_dst = {ours.sin_addr.s_addr},
                         .idiag_cookie = {INET_DIAG_NOCOOKIE,
                                          INET_DIAG_NOCOOKIE}}},
    };
    union { /* aligned, and large enough for what comes unasked */
        struct nlmsghdr head;
        char bytes[2048];
    } answer;
    long found = -1;
    int link =
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (link != -1 && send(link, &question, sizeof question, 0) != -1
        && recv(link, &answer, sizeof answer, 0)
               >= (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg))
        && answer.head.nlmsg_type == SOCK_DIAG_BY_FAMILY) {
        const struct inet_diag_msg *row = NLMSG_DATA(&answer.head);
        if (row->idiag_state != TCP_LISTEN)
            found = (long)row->idiag_rqueue;
    }
    if (link != -1)
        close(link);
    return found;
}

bool read_by_peer(int fd, int milliseconds)
{
    long long until = now() + milliseconds;
    for (long last = milliseconds ? until + PATIENCE : until;;) {
        int on_its_way = 0;
        if (ioctl(fd, SIOCOUTQ, &on_its_way) == 0 && on_its_way == 0
            && unread_by_peer(fd) <= 0)
            return true;
        if (now() >= last || (now() >= until && asleep()))
            return false;
        pump(-1, 0, 2);
    }
}

enum how hear(int fd, char *to, size_t size, size_t *got,
              bool whole_line)
{
    *got = 0;
    while (*got < size) {
        if (!pump(fd, POLLIN, PATIENCE))
            return HEARD_NOTHING;
        ssize_t n =
            recv(fd, to + *got, size - *got, whole_line ? MSG_PEEK : 0);
        if (whole_line && n > 0) { /* leaves what follows the newline */
            char *end = memchr(to + *got, '\n', (size_t)n);
            n = recv(fd, to + *got,
                     end ? (size_t)(end - to) + 1 - *got : (size_t)n,
                     0);
        }
        if (n == 0)
            return HEARD_END;
        if (n == -1 && errno != EAGAIN)
            return HEARD_RESET;
        if (n > 0)
            *got += (size_t)n;
        if (whole_line && n > 0 && to[*got - 1] == '\n')
            return HEARD_LINE;
    }
    return HEARD_ALL;
}

const char *ending(enum how how)
{
    switch (how) {
    case HEARD_END:
        return "the end of the stream";
    case HEARD_RESET:
        return "a reset of the connection (ECONNRESET)";
    case HEARD_NOTHING:
        return "nothing for 3 seconds";
    default:
        return "";
    }
}

const char *heard_as(const char *text, size_t size, enum how how)
{
    static char sentence[500];
    const char *end = ending(how);
    snprintf(sentence, sizeof sentence, "%s%s%s",
             size ? quoted(text, size) : "",
             size && *end ? ", then " : "", end);
    return sentence;
}

/* SO_LINGER 0: RST instead of FIN, socket(7). */
void hang_up(int fd, bool reset)
{
    struct linger now_or_never = {1, 0};
    if (reset)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now_or_never,
                   sizeof now_or_never);
    close(fd);
}
