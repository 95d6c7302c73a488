/* kernel.h: what the kernel holds of a socket.
 *
 * The descriptor, the TCP state, both addresses and what waits in the
 * queue, as the kernel reports them: getsockname(2), getpeername(2),
 * TCP_INFO of tcp(7), and /proc/net/tcp of proc(5). Kernels other than
 * Linux are asked for the addresses only.
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

/* The state of a connection whose socket is closed or says CLOSED, from
 * /proc/net/tcp: TCP_INFO of tcp(7) does not show TIME-WAIT. `gone` if
 * it is not there. Needs the lock: the buffer is static. */
NARRATE_APART const char *narrate_lasting(
    const struct narrate_seen *seen, const char *gone)
{
    static char part[4096];
    int file = narrator.proc[seen->here.ss_family == AF_INET6];
    struct narrate_text key;
    size_t kept = 0;
    off_t at = 0;

    if (seen->sock >= NARRATE_SEEN)
        return gone;
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

/* Is there no /proc here to say what is left of a closed socket? */
NARRATE_APART bool narrate_is_blind(const struct narrate_seen *seen)
{
    return narrator.proc[seen->here.ss_family == AF_INET6] == -1;
}

/* How long an answer of narrate_lasting holds, in microseconds.
 * TIME-WAIT lasts a minute, so a program that goes on reading does not
 * pay each time for a search through all connections. */
enum { NARRATE_STALE = 100000 };

/* Returns the state of a TCP socket, "TCP" if it is not known, and adds
 * what is queued. Of a listening socket TCP_INFO holds the length of
 * the queue in tcpi_unacked and the backlog in tcpi_sacked. */
NARRATE_INNER const char *narrate_state(int sock,
                                        struct narrate_seen *seen,
                                        struct narrate_text *queue)
{
#ifdef __linux__
    struct tcp_info info;
    socklen_t length = sizeof info;
    int unread = 0;

    if (narrate_real_getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info,
                                &length)
        == -1)
        return "TCP";
    if (info.tcpi_state == TCP_LISTEN) {
        narrate_add(queue, "%u waiting, backlog %u", info.tcpi_unacked,
                    info.tcpi_sacked);
        if (info.tcpi_unacked > info.tcpi_sacked)
            narrate_add(queue, " (Linux admits one more)");
    } else if (ioctl(sock, FIONREAD, &unread) == 0 && unread > 0) {
        narrate_add(queue, "%d byte%s unread", unread,
                    unread == 1 ? "" : "s");
    }
    if (info.tcpi_state != TCP_CLOSE)
        return narrate_state_name(info.tcpi_state);
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

/* What still holds the socket that we have just closed: a descriptor of
 * our own, a call of another thread, or a process; NULL if none does.
 * Only the last of them ends the three states below. In /proc the peer
 * of a listening socket is all zeros. Descriptors of other threads are
 * not looked at: a sanitizer would take that for a race. */
NARRATE_INNER const char *narrate_other(struct narrate_seen *seen,
                                        bool stream)
{
    const char *state = "", *other;
    struct stat file;

    for (int i = 0; i < NARRATE_SEEN && narrate_threads < 2; i++)
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
    struct tcp_info info;
    socklen_t length = sizeof info;
    int error = errno;

    info.tcpi_state = 0; /* it stays 0 if this is no TCP socket */
    narrate_real_getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info,
                            &length);
    errno = error;
    return (states >> info.tcpi_state & 1) != 0;
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
    struct narrate_text t, here, peer, queue;
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
