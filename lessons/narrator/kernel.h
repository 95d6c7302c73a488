/* kernel.h: what the kernel holds of a socket.
 *
 * The descriptor, the TCP state, both addresses and what waits in the
 * queue, as the kernel reports them: getsockname(2), getpeername(2),
 * TCP_INFO of tcp(7), sock_diag(7) and, where that is missing,
 * /proc/net/tcp of proc(5). Kernels other than Linux are asked for the
 * addresses only.
 */
#ifndef NARRATE_KERNEL_H
#define NARRATE_KERNEL_H

/* The numbers of Linux for the states of RFC 9293, section 3.3.2: the
 * enum in netinet/tcp.h, which not every C library shows. */
enum narrate_state {
    NARRATE_NO_TCP, /* or it is not known */
    NARRATE_ESTABLISHED,
    NARRATE_SYN_SENT,
    NARRATE_SYN_RECEIVED,
    NARRATE_FIN_WAIT_1,
    NARRATE_FIN_WAIT_2,
    NARRATE_TIME_WAIT,
    NARRATE_CLOSED,
    NARRATE_CLOSE_WAIT,
    NARRATE_LAST_ACK,
    NARRATE_LISTEN,
    NARRATE_CLOSING,
    NARRATE_NEW_RECEIVED, /* the kernel's own: SYN-RECEIVED, too */
};

/* The name of such a state; else "?". */
NARRATE_APART const char *narrate_state_name(unsigned long state)
{
    static const char *const names[] = {
        "?",
        "ESTABLISHED",
        "SYN-SENT",
        "SYN-RECEIVED",
        "FIN-WAIT-1",
        "FIN-WAIT-2",
        "TIME-WAIT",
        "CLOSED",
        "CLOSE-WAIT",
        "LAST-ACK",
        "LISTEN",
        "CLOSING",
        "SYN-RECEIVED",
    };

    return names[state < NARRATE_COUNT(names) ? state : 0];
}

/* What we know of a descriptor, and remember from call to call. */
struct narrate_seen {
    int sock;
    ino_t inode; /* another one: the number is another socket's */
    unsigned moment; /* when we last asked about it */
    bool open; /* it is a socket */
    int type; /* as SO_TYPE has it; 0: no socket */
    int port; /* of `here`; 0: none yet, -1: it is not one of IP */
    enum narrate_state state; /* now; of TCP in Linux alone */
    bool listens;
    bool queued; /* then these two are known */
    unsigned waiting, backlog;
    bool connected; /* it has a peer, or had one */
    bool settled; /* neither address can change any more */
    bool deaf; /* shut down, or broken: nothing can come */
    bool finished; /* we have sent a FIN, or may have */
    bool shared; /* another process has held it, too */
    int lost; /* after a failed connect: a port no longer ours */
    int device; /* the interface it is bound to, or 0 */
    unsigned told; /* a checksum of its last kernel line */
    union narrate_end here, peer;
    union narrate_end asked; /* of a handshake under way */
    const char *lasting; /* the state that the kernel gave */
    long long looked; /* when, as narrate_clock has it */
};

/* What the narrator asks the kernel with, and what it has answered. */
static struct {
    int diag; /* a socket of sock_diag(7), or -1 */
    ino_t diag_inode; /* by which we know that it is still ours */
    pid_t asker; /* the process that made it */
    int proc[2]; /* /proc/net/tcp and tcp6, or -1 */
    struct narrate_seen seen[NARRATE_SEEN + 1]; /* the last: others */
    int highest; /* the highest descriptor of a socket so far */
    unsigned moment; /* another one: what we know may have changed */
} narrate_kernel = {.diag = -1, .proc = {-1, -1}};

/* An option of a socket that is an int; 0 if it has none such. */
NARRATE_APART int narrate_option(int sock, int level, int option)
{
    int value = 0;
    socklen_t length = sizeof value;

    narrate_real_getsockopt(sock, level, option, &value, &length);
    return value;
}

/* SO_RCVTIMEO or SO_SNDTIMEO of a socket, in microseconds; 0: none. */
NARRATE_APART long long narrate_limit(int sock, int option)
{
    struct timeval limit = {0, 0};
    socklen_t length = sizeof limit;

    narrate_real_getsockopt(sock, SOL_SOCKET, option, &limit, &length);
    return limit.tv_sec * 1000000LL + limit.tv_usec;
}

/* Is this the path of a socket? lstat(2). */
NARRATE_APART bool narrate_is_path(const char *path)
{
    struct stat file;

    return lstat(path, &file) == 0 && S_ISSOCK(file.st_mode);
}

/* Is this an open descriptor, and a socket? fstat(2). */
NARRATE_APART bool narrate_is_socket(int descriptor)
{
    struct stat file;

    return fstat(descriptor, &file) == 0 && S_ISSOCK(file.st_mode);
}

/* That the peer has ended its side, which Linux adds to poll's answer
 * if asked, and other systems say as POLLHUP. A number, because glibc
 * shows the name only with _GNU_SOURCE. poll(2). */
#ifdef POLLRDHUP
enum { NARRATE_RDHUP = POLLRDHUP };
#elif defined __linux__
enum { NARRATE_RDHUP = 0x2000 };
#else
enum { NARRATE_RDHUP = 0 };
#endif

/* Is one of these descriptors ready now? poll(2) itself is left to the
 * program, so that strace shows its calls alone. */
NARRATE_APART bool narrate_is_ready(struct pollfd *watched,
                                    nfds_t count)
{
#ifdef SYS_ppoll
    static const struct timespec none = {0, 0};

    return syscall(SYS_ppoll, watched, count, &none, NULL, 0L) != 0;
#else
    return narrate_real_poll(watched, count, 0) != 0;
#endif
}

/* How many bytes wait to be read; of a datagram, all of them. */
NARRATE_APART int narrate_unread(int sock)
{
    int unread = 0;

    return ioctl(sock, FIONREAD, &unread) == 0 ? unread : 0;
}

/* Asks for the state of a TCP socket, TCP_INFO of tcp(7). An emulator
 * may answer with the first bytes only: what the length that came back
 * does not cover is not known. Of a listening socket tcpi_unacked is
 * the length of the queue, tcpi_sacked the backlog. */
NARRATE_INNER void narrate_ask_tcp(struct narrate_seen *seen)
{
#ifdef __linux__
    struct tcp_info info;
    socklen_t length = sizeof info;

    memset(&info, 0, sizeof info);
    if (narrate_real_getsockopt(seen->sock, IPPROTO_TCP, TCP_INFO,
                                &info, &length)
            == 0
        && length > offsetof(struct tcp_info, tcpi_state)
        && info.tcpi_state <= NARRATE_NEW_RECEIVED)
        seen->state = (enum narrate_state)info.tcpi_state;
    if (seen->state == NARRATE_LISTEN
        && length >= offsetof(struct tcp_info, tcpi_sacked)
                         + sizeof info.tcpi_sacked) {
        seen->queued = true;
        seen->waiting = info.tcpi_unacked;
        seen->backlog = info.tcpi_sacked;
    }
#else
    (void)seen;
#endif
}

/* Asks for both addresses. They are kept, to tell of the connection
 * after close. getsockname(2), getpeername(2). */
NARRATE_INNER void narrate_ask_ends(struct narrate_seen *seen)
{
    socklen_t length = sizeof seen->here;
    union narrate_end peer;

    narrate_real_getsockname(seen->sock, &seen->here.any, &length);
    seen->port = narrate_port_in(&seen->here);
    if (seen->lost > 0 && seen->port == seen->lost)
        seen->port = seen->here.v4.sin_port = 0; /* of IPv6, too */
    length = sizeof peer;
    if (narrate_real_getpeername(seen->sock, &peer.any, &length) == 0) {
        seen->connected = true;
        seen->peer = peer;
        if (length < sizeof peer.any.sa_family) /* AF_UNIX, unnamed */
            seen->peer.any.sa_family = AF_UNSPEC;
    }
}

/* The place where we remember this descriptor. */
NARRATE_APART struct narrate_seen *narrate_slot(int sock)
{
    return &narrate_kernel
                .seen[sock >= 0 && sock < NARRATE_SEEN ? sock
                                                       : NARRATE_SEEN];
}

/* One more than the highest descriptor that we remember. */
NARRATE_APART int narrate_few(void)
{
    return narrate_kernel.highest < NARRATE_SEEN
               ? narrate_kernel.highest + 1
               : NARRATE_SEEN;
}

/* Asks the kernel about a descriptor, and returns what we know of it.
 * All that is told before or after a call is told from this. A changed
 * inode means that the number now belongs to another socket. Asked once
 * for each time that the lock of tell.h is taken, which it needs. Keeps
 * errno. */
NARRATE_APART struct narrate_seen *narrate_look(int sock)
{
    struct narrate_seen *seen = narrate_slot(sock);
    int error = errno;
    struct stat file;
    bool there;

    if (sock == seen->sock && seen->moment == narrate_kernel.moment)
        return seen;
    there = fstat(sock, &file) == 0;
    if (sock != seen->sock || (there && file.st_ino != seen->inode)) {
        memset(seen, 0, sizeof *seen);
        seen->sock = sock;
        seen->inode = there ? file.st_ino : 0;
        seen->port = -1;
    }
    seen->moment = narrate_kernel.moment;
    seen->open = there && S_ISSOCK(file.st_mode);
    seen->state = NARRATE_NO_TCP;
    seen->queued = false;
    if (seen->open) {
        if (sock > narrate_kernel.highest)
            narrate_kernel.highest = sock;
        if (seen->type == 0)
            seen->type = narrate_option(sock, SOL_SOCKET, SO_TYPE);
        if (!seen->settled)
            narrate_ask_ends(seen);
        if (seen->type == SOCK_STREAM && seen->port >= 0)
            narrate_ask_tcp(seen);
        seen->listens = seen->state == NARRATE_LISTEN;
#ifdef SO_ACCEPTCONN
        if (seen->state == NARRATE_NO_TCP && !seen->connected)
            seen->listens =
                narrate_option(sock, SOL_SOCKET, SO_ACCEPTCONN) != 0;
#endif
        seen->settled = seen->type == SOCK_STREAM && seen->port > 0
                        && (seen->connected || seen->listens);
    }
    errno = error;
    return seen;
}

/* Notes the interface that it is bound to: sock_diag(7) wants to know
 * it, also when the socket is closed. */
NARRATE_APART void narrate_note_device(struct narrate_seen *seen)
{
#ifdef SO_BINDTOIFINDEX
    seen->device =
        narrate_option(seen->sock, SOL_SOCKET, SO_BINDTOIFINDEX);
#else
    (void)seen;
#endif
}

#ifdef __linux__
/* A question to sock_diag(7) and its answer, as <linux/netlink.h> and
 * <linux/inet_diag.h> have them: not every C library brings these. */
enum {
    NARRATE_DIAG = 4, /* NETLINK_SOCK_DIAG */
    NARRATE_BY_FAMILY = 20, /* SOCK_DIAG_BY_FAMILY */
    NARRATE_ONE = 0x001, /* NLM_F_REQUEST: one socket */
    NARRATE_ALL = 0x301, /* and NLM_F_DUMP: all in these states */
    NARRATE_FAILED = 2, /* NLMSG_ERROR */
    NARRATE_DONE = 3, /* NLMSG_DONE: the end of all */
};

struct narrate_netlink {
    uint32_t size;
    uint16_t type, flags;
    uint32_t number, port;
};

struct narrate_ends {
    in_port_t here, peer;
    uint32_t here_bytes[4], peer_bytes[4];
    uint32_t device, cookie[2];
};

struct narrate_question {
    struct narrate_netlink head;
    uint8_t family, protocol, extensions, unused;
    uint32_t states; /* a bit for each: 1 << its number */
    struct narrate_ends ends;
};

struct narrate_answer {
    struct narrate_netlink head;
    union {
        int32_t error; /* of NARRATE_FAILED and NARRATE_DONE */
        struct {
            uint8_t family, state, timer, retries;
            struct narrate_ends ends;
            uint32_t expires, received, sent, user, inode;
        } found;
    } is;
};

NARRATE_APART int narrate_new_diag(void)
{
    return (int)syscall(SYS_socket, AF_NETLINK,
                        SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                        NARRATE_DIAG);
}

/* Takes this descriptor, which may be -1, to ask with. */
NARRATE_APART void narrate_use_diag(int diag)
{
    struct stat file;

    narrate_kernel.diag = diag;
    narrate_kernel.asker = getpid();
    if (fstat(diag, &file) == 0)
        narrate_kernel.diag_inode = file.st_ino;
}

/* Asks, and waits for no answer: the kernel gives it at once. `states`
 * is 0 in a question for all, so that it looks at none. False if there
 * is no answer. */
NARRATE_APART bool narrate_ask_diag(struct narrate_question *question,
                                    struct narrate_answer *answer)
{
    static uint32_t number;
    ssize_t n;

    question->head.size = sizeof *question;
    question->head.type = NARRATE_BY_FAMILY;
    question->head.number = ++number;
    question->protocol = IPPROTO_TCP;
    if (syscall(SYS_write, narrate_kernel.diag, question,
                sizeof *question)
        == -1)
        return false;
    do
        n = syscall(SYS_read, narrate_kernel.diag, answer,
                    sizeof *answer);
    while (n > 0 && answer->head.number != number);
    return n
           >= (ssize_t)(sizeof answer->head + sizeof answer->is.error);
}

/* Can we ask sock_diag(7)? Not if the program has closed our socket
 * behind our back, nor in a kernel that cannot answer for TCP, which
 * then fails as if no socket were there. If fork has copied the socket,
 * each of the two might read the other's answers: the child puts one of
 * its own in its place. */
NARRATE_APART bool narrate_can_ask(void)
{
    static bool tried;
    struct narrate_question question;
    struct narrate_answer answer;
    struct stat file;
    int mine;

    if (narrate_kernel.diag == -1)
        return false;
    if (fstat(narrate_kernel.diag, &file) == -1
        || file.st_ino != narrate_kernel.diag_inode) {
        narrate_kernel.diag = -1;
        return false;
    }
    if (narrate_kernel.asker != getpid()) {
        mine = narrate_new_diag();
        narrate_use_diag((int)syscall(SYS_dup3, mine,
                                      narrate_kernel.diag, O_CLOEXEC));
        if (mine != -1)
            syscall(SYS_close, mine);
    }
    if (!tried) {
        tried = true;
        memset(&question, 0, sizeof question);
        question.head.flags = NARRATE_ALL;
        question.family = AF_INET;
        if (!narrate_ask_diag(&question, &answer)
            || answer.head.type != NARRATE_DONE || answer.is.error < 0)
            narrate_kernel.diag = -1;
    }
    return narrate_kernel.diag != -1;
}

/* The state of the TCP socket with these two addresses, asked of
 * sock_diag(7); 0: there is none, -1: we cannot ask. A listening socket
 * answers for connections too, so the addresses must be the same. */
NARRATE_APART int narrate_diagnosed(const struct narrate_seen *seen)
{
    size_t port = offsetof(struct sockaddr_in, sin_port),
           size = seen->here.any.sa_family == AF_INET ? 4 : 16;
    struct narrate_question question;
    struct narrate_answer answer;
    struct narrate_ends *ends = &question.ends;

    if (!narrate_can_ask())
        return -1;
    memset(&question, 0, sizeof question);
    memset(&answer, 0, sizeof answer);
    question.head.flags = NARRATE_ONE;
    question.family = (uint8_t)seen->here.any.sa_family;
    question.states = ~0u;
    memcpy(&ends->here, (const char *)&seen->here + port,
           sizeof ends->here); /* sin6_port is there too */
    memcpy(&ends->peer, (const char *)&seen->peer + port,
           sizeof ends->peer);
    memcpy(ends->here_bytes, narrate_bytes_of(&seen->here), size);
    memcpy(ends->peer_bytes, narrate_bytes_of(&seen->peer), size);
    ends->device = (uint32_t)seen->device;
    ends->cookie[0] = ends->cookie[1] = ~0u; /* INET_DIAG_NOCOOKIE */
    if (!narrate_ask_diag(&question, &answer))
        return -1;
    if (answer.head.type == NARRATE_FAILED)
        return answer.is.error == -ENOENT ? 0 : -1;
    return memcmp(ends, &answer.is.found.ends,
                  offsetof(struct narrate_ends, device))
                   == 0
               ? answer.is.found.state
               : 0;
}
#else
NARRATE_APART int narrate_diagnosed(const struct narrate_seen *seen)
{
    (void)seen;
    return -1;
}
#endif

/* Adds an address and port as /proc/net/tcp has them. proc(5). */
NARRATE_APART void narrate_add_proc(struct narrate_text *t,
                                    const union narrate_end *address)
{
    int words = address->any.sa_family == AF_INET6 ? 4 : 1;
    uint32_t word[4];

    memcpy(word, narrate_bytes_of(address), sizeof word);
    for (int i = 0; i < words; i++)
        narrate_add(t, "%08X", (unsigned)word[i]);
    narrate_add(t, ":%04X ", (unsigned)narrate_port_in(address));
}

/* The same state by its name, from /proc/net/tcp; `gone` if there is
 * none. The kernel goes through all its connections to list them, which
 * takes milliseconds. Needs the lock: the buffers are static. */
NARRATE_APART const char *narrate_listed(
    const struct narrate_seen *seen, const char *gone)
{
    static char part[4096];
    NARRATE_STATIC(key, 100);
    int file =
        narrate_kernel.proc[seen->here.any.sa_family == AF_INET6];
    size_t kept = 0;
    off_t at = 0;

    narrate_clear(&key);
    narrate_add_proc(&key, &seen->here);
    narrate_add_proc(&key, &seen->peer);
    for (;;) {
        size_t room = sizeof part - 1 - kept;
        ssize_t n = pread(file, part + kept, room, at);
        const char *found, *last;

        if (n <= 0)
            return gone;
        at += n;
        kept += (size_t)n;
        part[kept] = '\0';
        last = strrchr(part, '\n');
        found = strstr(part, key.text);
        if (found != NULL && last != NULL && found < last)
            return narrate_state_name(
                strtoul(found + key.used, NULL, 16));
        /* A read that left room for rows was the last; one more would
         * make the kernel go through its whole table again. */
        if (last == NULL || (size_t)n + 512 < room)
            return gone;
        kept -= (size_t)(last + 1 - part);
        memmove(part, last + 1, kept);
    }
}

/* The state of a connection whose socket is closed or says CLOSED:
 * TCP_INFO of tcp(7) does not show TIME-WAIT. `gone` if there is none.
 * Needs the lock. */
NARRATE_APART const char *narrate_lasting(
    const struct narrate_seen *seen, const char *gone)
{
    int state = 0;

    if (seen->sock < NARRATE_SEEN)
        state = narrate_diagnosed(seen);
    if (state == -1)
        return narrate_listed(seen, gone);
    return state == 0 ? gone : narrate_state_name((unsigned)state);
}

/* Does nothing here say what is left of a closed socket? */
NARRATE_APART bool narrate_is_blind(const struct narrate_seen *seen)
{
#ifdef __linux__
    if (narrate_can_ask())
        return false;
#endif
    return narrate_kernel.proc[seen->here.any.sa_family == AF_INET6]
           == -1;
}

/* How long an answer of narrate_lasting holds, in microseconds.
 * TIME-WAIT lasts a minute, so a program that goes on reading does not
 * pay each time for a search through all connections. */
enum { NARRATE_STALE = 100000 };

/* The state of an open TCP socket that says CLOSED. */
NARRATE_INNER const char *narrate_over(struct narrate_seen *seen)
{
    if (!seen->connected) /* reset before accept, or never made */
        return seen->deaf ? "CLOSED (the connection is over)"
                          : "CLOSED (no connection yet)";
    if (!seen->finished && !seen->shared) /* so no TIME-WAIT */
        return "CLOSED (the connection is over)";
    if (seen->lasting == NULL
        || narrate_clock() - seen->looked > NARRATE_STALE) {
        narrate_note_device(seen);
        seen->lasting =
            narrate_lasting(seen, narrate_is_blind(seen) ? "CLOSED or "
                                                           "TIME-WAIT"
                                                         : "CLOSED "
                                                           "(the "
                                                           "connection "
                                                           "is over)");
        seen->looked = narrate_clock();
    }
    return seen->lasting;
}

/* Adds the local address, in words if it is 0.0.0.0 or [::]: an IPv6
 * socket accepts IPv4 too, unless IPV6_V6ONLY is set. ipv6(7). */
NARRATE_INNER void narrate_add_here(struct narrate_text *t,
                                    const struct narrate_seen *seen)
{
    const char *family = "IPv4 ";
    size_t start = t->used;

    narrate_add_end(t, &seen->here);
    if (strncmp(t->text + start, "[::]:", 5) == 0)
        family = seen->open
                         && narrate_option(seen->sock, IPPROTO_IPV6,
                                           IPV6_V6ONLY)
                     ? "IPv6 "
                     : "";
    else if (strncmp(t->text + start, "0.0.0.0:", 8) != 0)
        return;
    t->used = start;
    if (seen->port == 0)
        narrate_add(t, "no address yet");
    else
        narrate_add(t, "every %saddress of this host, port %d", family,
                    seen->port);
}

/* The columns of a kernel line. */
struct narrate_columns {
    const char *state; /* NULL: nothing is left of it */
    const char *here, *peer, *queue; /* "": there is none */
};

/* Adds the path of one end of a socket of AF_UNIX. Most clients have
 * none. unix(7). */
NARRATE_INNER void narrate_add_path(struct narrate_text *t, int sock,
                                    bool peer)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    int result = peer ? narrate_real_getpeername(
                     sock, (struct sockaddr *)&address, &length)
                      : narrate_real_getsockname(
                          sock, (struct sockaddr *)&address, &length);

    if (result == -1 || length <= offsetof(struct sockaddr_un, sun_path)
        || length > sizeof address)
        narrate_add(t, "no path");
    else
        narrate_add_address(t, &address, length);
}

/* The columns of an open socket of AF_UNIX, which has no states as TCP
 * has them. */
NARRATE_INNER bool narrate_local_columns(
    struct narrate_columns *columns, const struct narrate_seen *seen,
    struct narrate_text *here, struct narrate_text *peer,
    struct narrate_text *queue)
{
    struct pollfd watched = {seen->sock, 0, 0};
    int unread;

    if (!seen->open || seen->type != SOCK_STREAM)
        return false;
    columns->state = "UNIX";
    if (seen->listens) {
        columns->state = "UNIX, listens";
    } else if (seen->connected) {
        columns->state = narrate_is_ready(&watched, 1)
                                 && (watched.revents & POLLHUP) != 0
                             ? "UNIX, connection over"
                             : "UNIX, connected";
        narrate_add_path(peer, seen->sock, true);
        unread = narrate_unread(seen->sock);
        if (unread > 0) {
            narrate_add_count(queue, unread, "byte");
            narrate_add(queue, " unread");
        }
    }
    narrate_add_path(here, seen->sock, false);
    return true;
}

/* Fills in the columns of a socket that narrate_look has just looked
 * at, or of one that is closed. False: it has no such line. Sockets
 * that are neither of TCP, of UDP nor streams of AF_UNIX have none, nor
 * has a closed one with a high number: the kernel goes through all its
 * connections to find it (measured: 6 ms with a thousand of them), and
 * a server that has so many closes them all. Needs the lock: the texts
 * are static. */
NARRATE_APART bool narrate_columns(struct narrate_columns *columns,
                                   struct narrate_seen *seen)
{
    bool lasts = seen->connected || seen->shared; /* after close */
    NARRATE_STATIC(here, 160);
    NARRATE_STATIC(peer, 160);
    NARRATE_STATIC(queue, 100);
    int unread;

    *columns = (struct narrate_columns){
        NULL, narrate_clear(&here)->text, narrate_clear(&peer)->text,
        narrate_clear(&queue)->text};
    if (seen->here.any.sa_family == AF_UNIX)
        return narrate_local_columns(columns, seen, &here, &peer,
                                     &queue);
    if (seen->here.any.sa_family != AF_INET
        && seen->here.any.sa_family != AF_INET6)
        return false;
    if (!seen->open) {
        if (seen->sock >= NARRATE_SEEN
            || (lasts && narrate_is_blind(seen)))
            return false;
        columns->state = lasts ? narrate_lasting(seen, NULL) : NULL;
    } else if (seen->type == SOCK_DGRAM) {
        columns->state = "UDP";
    } else if (seen->type != SOCK_STREAM) {
        return false;
    } else if (seen->state == NARRATE_NO_TCP) {
        columns->state = "TCP";
    } else {
        columns->state = narrate_state_name(seen->state);
        unread = seen->listens ? 0 : narrate_unread(seen->sock);
        if (unread > 0)
            narrate_add(&queue, "%d byte%s unread", unread,
                        unread == 1 ? "" : "s");
        if (seen->queued)
            narrate_add(&queue, "%u waiting, backlog %u%s",
                        seen->waiting, seen->backlog,
                        seen->waiting > seen->backlog ? " (Linux "
                                                        "admits one "
                                                        "more)"
                                                      : "");
        if (seen->state == NARRATE_CLOSED)
            columns->state = narrate_over(seen);
    }
    if (columns->state != NULL) {
        narrate_add_here(&here, seen);
        if (seen->connected)
            narrate_add_end(&peer, &seen->peer);
    }
    return true;
}

/* ---- what the kernel is asked with ------------------------------- */

/* Moves a descriptor of the narrator's own up, so that the program's
 * have their usual numbers. Returns the new one, or -1. fcntl(2). */
NARRATE_APART int narrate_lift(int low)
{
    int high = -1;

    for (int at = NARRATE_HIGH_FD; low != -1 && high == -1 && at > low;
         at--)
        high = narrate_real_fcntl(low, F_DUPFD_CLOEXEC, at);
    if (low != -1)
        narrate_real_close(low);
    return high;
}

/* Opens a file for the narrator; -1 if it cannot. */
NARRATE_APART int narrate_open(const char *path, int flags)
{
    return narrate_lift(open(path, flags | O_CLOEXEC));
}

/* Opens what narrate_lasting asks. */
NARRATE_INNER void narrate_open_states(void)
{
#ifdef __linux__
    narrate_use_diag(narrate_lift(narrate_new_diag()));
#endif
    narrate_kernel.proc[0] = narrate_open("/proc/net/tcp", O_RDONLY);
    narrate_kernel.proc[1] = narrate_open("/proc/net/tcp6", O_RDONLY);
}

#endif
