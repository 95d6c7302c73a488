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

/* The name in RFC 9293, section 3.3.2, of Linux's number for a state:
 * the enum in netinet/tcp.h; 12 is the kernel's own; else "?". */
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

#ifdef __linux__
/* What TCP_INFO of tcp(7) tells of a socket. */
struct narrate_tcp {
    int state; /* as in netinet/tcp.h; 0: not known, or no TCP socket */
    bool listens; /* and then the next two are known */
    unsigned waiting, backlog;
};

/* Asks for it. An emulator may answer with the first bytes only: what
 * the length that came back does not cover is not known. Of a listening
 * socket tcpi_unacked is the length of the queue, tcpi_sacked the
 * backlog. Keeps errno. */
NARRATE_APART struct narrate_tcp narrate_ask_tcp(int sock)
{
    struct narrate_tcp tcp = {0, false, 0, 0};
    struct tcp_info info;
    socklen_t length = sizeof info;
    int error = errno;

    memset(&info, 0, sizeof info);
    if (narrate_real_getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info,
                                &length)
            == 0
        && length > offsetof(struct tcp_info, tcpi_state)
        && info.tcpi_state <= 12)
        tcp.state = info.tcpi_state;
    if (tcp.state == TCP_LISTEN
        && length >= offsetof(struct tcp_info, tcpi_sacked)
                         + sizeof info.tcpi_sacked) {
        tcp.listens = true;
        tcp.waiting = info.tcpi_unacked;
        tcp.backlog = info.tcpi_sacked;
    }
    errno = error;
    return tcp;
}

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

    narrator.diag = diag;
    narrator.asker = getpid();
    if (fstat(diag, &file) == 0)
        narrator.diag_inode = file.st_ino;
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
    if (syscall(SYS_write, narrator.diag, question, sizeof *question)
        == -1)
        return false;
    do
        n = syscall(SYS_read, narrator.diag, answer, sizeof *answer);
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

    if (narrator.diag == -1)
        return false;
    if (fstat(narrator.diag, &file) == -1
        || file.st_ino != narrator.diag_inode) {
        narrator.diag = -1;
        return false;
    }
    if (narrator.asker != getpid()) {
        mine = narrate_new_diag();
        narrate_use_diag(
            (int)syscall(SYS_dup3, mine, narrator.diag, O_CLOEXEC));
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
            narrator.diag = -1;
    }
    return narrator.diag != -1;
}

/* The state of the TCP socket with these two addresses, asked of
 * sock_diag(7); 0: there is none, -1: we cannot ask. A listening socket
 * answers for connections too, so the addresses must be the same. */
NARRATE_APART int narrate_diagnosed(const struct narrate_seen *seen)
{
    size_t port = offsetof(struct sockaddr_in, sin_port),
           size = seen->here.ss_family == AF_INET ? 4 : 16;
    struct narrate_question question;
    struct narrate_answer answer;
    struct narrate_ends *ends = &question.ends;

    if (!narrate_can_ask())
        return -1;
    memset(&question, 0, sizeof question);
    memset(&answer, 0, sizeof answer);
    question.head.flags = NARRATE_ONE;
    question.family = (uint8_t)seen->here.ss_family;
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
NARRATE_APART void narrate_add_proc(
    struct narrate_text *t, const struct sockaddr_storage *address)
{
    int words = address->ss_family == AF_INET6 ? 4 : 1;
    uint32_t word[4];

    memcpy(word, narrate_bytes_of(address), sizeof word);
    for (int i = 0; i < words; i++)
        narrate_add(t, "%08X", (unsigned)word[i]);
    narrate_add(t, ":%04X ",
                (unsigned)narrate_port_of(address, sizeof *address));
}

/* The same state by its name, from /proc/net/tcp; `gone` if there is
 * none. The kernel goes through all its connections to list them, which
 * takes milliseconds. Needs the lock: the buffers are static. */
NARRATE_APART const char *narrate_listed(
    const struct narrate_seen *seen, const char *gone)
{
    static char part[4096];
    static struct narrate_text key;
    int file = narrator.proc[seen->here.ss_family == AF_INET6];
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
    return narrator.proc[seen->here.ss_family == AF_INET6] == -1;
}

/* How long an answer of narrate_lasting holds, in microseconds.
 * TIME-WAIT lasts a minute, so a program that goes on reading does not
 * pay each time for a search through all connections. */
enum { NARRATE_STALE = 100000 };

/* Returns the state of a TCP socket, "TCP" if it is not known, and adds
 * what is queued. */
NARRATE_INNER const char *narrate_state(int sock,
                                        struct narrate_seen *seen,
                                        struct narrate_text *queue)
{
#ifdef __linux__
    struct narrate_tcp tcp = narrate_ask_tcp(sock);
    int unread = 0;

    if (tcp.state == 0)
        return "TCP";
    if (tcp.listens) {
        narrate_add(queue, "%u waiting, backlog %u", tcp.waiting,
                    tcp.backlog);
        if (tcp.waiting > tcp.backlog)
            narrate_add(queue, " (Linux admits one more)");
    } else if (tcp.state != TCP_LISTEN
               && ioctl(sock, FIONREAD, &unread) == 0 && unread > 0) {
        narrate_add(queue, "%d byte%s unread", unread,
                    unread == 1 ? "" : "s");
    }
    if (tcp.state != TCP_CLOSE)
        return narrate_state_name((unsigned)tcp.state);
    if (!seen->connected) /* reset before accept, or never made */
        return seen->deaf ? "CLOSED (the connection is over)"
                          : "CLOSED (no connection yet)";
    if (narrator.lasting == NULL) /* no FIN from us: no TIME-WAIT */
        return "CLOSED (the connection is over)";
    if (seen->lasting == NULL
        || narrate_clock() - seen->looked > NARRATE_STALE) {
        seen->lasting = "CLOSED (the connection is over)";
        if (narrate_is_blind(seen))
            seen->lasting = "CLOSED or TIME-WAIT";
        seen->lasting = narrator.lasting(seen, seen->lasting);
        seen->looked = narrate_clock();
    }
    return seen->lasting;
#else
    (void)sock, (void)seen, (void)queue;
    return "TCP";
#endif
}

/* Adds the local address, in words if it is 0.0.0.0 or [::]: an IPv6
 * socket accepts IPv4 too, unless IPV6_V6ONLY is set. ipv6(7). */
NARRATE_INNER void narrate_add_here(struct narrate_text *t, int sock,
                                    const struct sockaddr_storage *here)
{
    size_t start = t->used;
    int alone = 0, port = narrate_port_of(here, sizeof *here);
    socklen_t length = sizeof alone;
    const char *family = "IPv4 ";

    narrate_add_address(t, here, sizeof *here);
    if (strncmp(t->text + start, "[::]:", 5) == 0) {
        narrate_real_getsockopt(sock, IPPROTO_IPV6, IPV6_V6ONLY, &alone,
                                &length);
        family = alone ? "IPv6 " : "";
    } else if (strncmp(t->text + start, "0.0.0.0:", 8) != 0) {
        return;
    }
    t->used = start;
    if (port == 0)
        narrate_add(t, "no address yet");
    else
        narrate_add(t, "every %saddress of this host, port %d", family,
                    port);
}

/* One more than the highest descriptor that we remember. */
NARRATE_APART int narrate_few(void)
{
    return narrator.highest < NARRATE_SEEN ? narrator.highest + 1
                                           : NARRATE_SEEN;
}

/* What still holds the socket that we have just closed: a descriptor of
 * our own, a call of another thread, or a process; NULL if none does.
 * Only the last of them ends the three states below. In /proc the peer
 * of a listening socket is all zeros. Descriptors of other threads are
 * not looked at: a sanitizer would take that for a race. A lesson's dup
 * is not told, so the first numbers are looked at in any case. */
NARRATE_INNER const char *narrate_other(struct narrate_seen *seen,
                                        bool stream)
{
    const char *state = "", *other;
    int few = narrate_few() > 64 ? narrate_few() : 64;
    struct stat file;

    for (int i = 0; i < few && narrate_threads < 2; i++)
        if (fstat(i, &file) == 0 && S_ISSOCK(file.st_mode)
            && file.st_ino == seen->inode) {
            seen->here.ss_family = AF_UNSPEC; /* no state is told */
            return "descriptor";
        }
    if (!seen->connected)
        seen->peer.ss_family = seen->here.ss_family;
    other = seen->shared ? "process" : "descriptor or thread";
    if (seen->shared || (stream && narrate_threads > 1))
        state = narrate_lasting(seen, "");
    if (strcmp(state, "LISTEN") != 0
        && strcmp(state, "ESTABLISHED") != 0
        && strcmp(state, "CLOSE-WAIT") != 0)
        return NULL;
    seen->shared = true; /* its state is told */
    return other;
}

/* Asks the kernel about a socket and returns what we know of it. Both
 * addresses are kept, to tell of the connection after close. A changed
 * inode means that the number now belongs to another socket. */
NARRATE_APART struct narrate_seen *narrate_see(int sock)
{
    struct narrate_seen *seen = narrator.seen + NARRATE_SEEN;
    socklen_t length = sizeof seen->here;
    struct stat file;

    if (sock >= 0 && sock < NARRATE_SEEN)
        seen = narrator.seen + sock;
    if (fstat(sock, &file) == -1)
        file.st_ino = seen->inode;
    if (file.st_ino != seen->inode || sock != seen->sock)
        memset(seen, 0, sizeof *seen);
    seen->sock = sock;
    seen->inode = file.st_ino;
    if (sock > narrator.highest)
        narrator.highest = sock;
    seen->open = narrate_real_getsockname(
                     sock, (struct sockaddr *)&seen->here, &length)
                 == 0;
    if (seen->lost > 0
        && narrate_port_of(&seen->here, length) == seen->lost)
        memset((char *)&seen->here
                   + offsetof(struct sockaddr_in, sin_port),
               0, sizeof(in_port_t)); /* sin6_port is there too */
    length = sizeof seen->peer;
    if (narrate_real_getpeername(sock, (struct sockaddr *)&seen->peer,
                                 &length)
        == 0)
        seen->connected = true;
#ifdef SO_BINDTOIFINDEX
    length = sizeof seen->device;
    narrate_real_getsockopt(sock, SOL_SOCKET, SO_BINDTOIFINDEX,
                            &seen->device, &length);
#endif
    return seen;
}

/* The port of a socket; 0: it has none yet, -1: it is not one of IP. */
NARRATE_APART int narrate_port(int sock)
{
    const struct narrate_seen *seen = narrate_see(sock);

    return narrate_port_of(&seen->here, sizeof seen->here);
}

/* Is this an open descriptor, and a socket? fstat(2). */
NARRATE_APART bool narrate_is_socket(int descriptor)
{
    struct stat file;

    return fstat(descriptor, &file) == 0 && S_ISSOCK(file.st_mode);
}

/* Does this socket listen? SO_ACCEPTCONN of socket(7). */
NARRATE_APART bool narrate_is_listening(int sock)
{
    int listening = 0;
#ifdef SO_ACCEPTCONN
    socklen_t length = sizeof listening;

    narrate_real_getsockopt(sock, SOL_SOCKET, SO_ACCEPTCONN, &listening,
                            &length);
#endif
    return listening != 0;
}

/* Is this a socket of that type? SO_TYPE of socket(7). */
NARRATE_APART bool narrate_is_type(int sock, int type)
{
    int got = 0;
    socklen_t length = sizeof got;

    narrate_real_getsockopt(sock, SOL_SOCKET, SO_TYPE, &got, &length);
    return got == type; /* no type is 0 */
}

/* The call whose rows of errors.h explain this failure. A stream has no
 * datagrams, with recvfrom either. */
NARRATE_INNER const char *narrate_fails_as(
    const struct narrate_call *call)
{
    return call->error == EAGAIN && call->name[0] == 'r'
                   && narrate_is_type(call->sock, SOCK_STREAM)
               ? "recv"
               : call->name;
}

/* Is this TCP socket in one of these states? Each is a bit, 1 << its
 * number in netinet/tcp.h. Always false where TCP_INFO is missing.
 * Keeps errno. */
NARRATE_APART bool narrate_is_in(int sock, int states)
{
#ifdef __linux__
    return (states >> narrate_ask_tcp(sock).state & 1) != 0;
#else
    (void)sock, (void)states;
    return false;
#endif
}

/* recv has returned 0: has shutdown ended receiving, here or in another
 * process? In these states no FIN has come from the peer. */
NARRATE_INNER bool narrate_is_shut(int sock)
{
#ifdef NARRATE_PRELOAD
    if (narrate_is_deaf(sock))
        return true;
#endif
    /* ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2 */
    return narrate_is_in(sock, 1 << 1 | 1 << 4 | 1 << 5);
}

/* A call has failed. If it says that the connection has broken, recv
 * returns 0 from then on, as if the peer had ended its side. */
NARRATE_APART void narrate_breaks(const struct narrate_call *call)
{
    int error = call->error;

    if ((error == ECONNRESET && strcmp(call->name, "connect") != 0)
        || (error == ETIMEDOUT && narrate_see(call->sock)->connected))
        narrate_see(call->sock)->deaf = true;
}

/* Tells the kernel line of a socket that narrate_see has just looked
 * at, or of one that is closed: `always`, or only if the line has
 * changed. Sockets that are neither TCP nor UDP have none, nor has a
 * closed one with a high number: the kernel goes through all its
 * connections to find it (measured: 6 ms with a thousand of them), and
 * a server that has so many closes them all. */
NARRATE_APART void narrate_held(const struct narrate_call *call,
                                struct narrate_seen *seen, bool always)
{
    int sock = seen->sock, family = seen->here.ss_family;
    static struct narrate_text t, here, peer, queue;
    bool lasts = seen->connected || seen->shared; /* after close */
    const char *state = "UDP";
    unsigned sum = 5381;

    if ((family != AF_INET && family != AF_INET6)
        || (!seen->open
            && (sock >= NARRATE_SEEN
                || (lasts
                    && (narrator.lasting == NULL
                        || narrate_is_blind(seen))))))
        return;
    narrate_clear(&t);
    narrate_clear(&here);
    narrate_clear(&peer);
    narrate_clear(&queue);
    if (!seen->open)
        state = lasts ? narrator.lasting(seen, NULL) : NULL;
    else if (narrate_is_type(sock, SOCK_STREAM))
        state = narrate_state(sock, seen, &queue);
    else if (!narrate_is_type(sock, SOCK_DGRAM))
        return;
    if (state != NULL)
        narrate_add_here(&here, sock, &seen->here);
    if (state != NULL && seen->connected)
        narrate_add_address(&peer, &seen->peer, sizeof seen->peer);
    narrate_add(&t, "kernel: fd %d  %s%s%s%s%s%s%s%s", sock,
                seen->open ? "" : "closed  ",
                state != NULL ? state : "nothing is left of it",
                here.used > 0 ? "  " : "", here.text,
                peer.used > 0 ? " <-> " : "", peer.text,
                queue.used > 0 ? "  " : "", queue.text);
    for (const char *s = t.text; *s != '\0'; s++)
        sum = sum * 33 + (unsigned char)*s;
    if (!always && sum == seen->told)
        return;
    seen->told = sum;
    if (NARRATE_RECORDED) {
        struct narrate_values values = {
            sock, state, here.text, peer.text, queue.text, -1, t.text};

        narrate_record(NARRATE_KERNEL, call, &values);
    } else {
        narrate_lines(NARRATE_KERNEL, t.text);
    }
}

#endif
