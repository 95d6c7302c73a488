/* more.h: what the calls of more.def mean, which no lesson makes. Part
 * of preload.c. */
#ifndef NARRATE_MORE_H
#define NARRATE_MORE_H

/* ---- bytes ------------------------------------------------------- */

/* Is there too little room for what a call sends? poll says so while a
 * part of the buffer is still free; the memory that it takes up tells
 * it exactly: SO_MEMINFO, with its values as <linux/sock_diag.h>
 * numbers them, SK_MEMINFO_SNDBUF and others. Not so of a local
 * datagram socket, whose peer's queue may be full. A datagram, or up to
 * half a buffer of a local stream, is taken whole if there is any room:
 * unix_stream_sendmsg of Linux's net/unix/af_unix.c. */
static inline bool narrate_is_full(const struct narrate_call *call,
                                   struct pollfd *watched)
{
    enum { WMEM_ALLOC = 2, SNDBUF, WMEM_QUEUED = 5 };
    const struct narrate_seen *was = &call->before;
    bool local = was->here.any.sa_family == AF_UNIX;
    bool stream = was->type == SOCK_STREAM;
    uint32_t memory[WMEM_QUEUED + 1];
    socklen_t length = sizeof memory;
    size_t asked = stream ? narrate_asked(call) : 0, whole;

    if (narrate_is_ready(watched, 1))
        return false;
    if ((local && !stream)
        || narrate_real_getsockopt(call->sock, SOL_SOCKET, SO_MEMINFO,
                                   memory, &length)
               == -1
        || length < sizeof memory)
        return true;
    whole = local ? memory[SNDBUF] / 2 : 0;
    return memory[stream && !local ? WMEM_QUEUED : WMEM_ALLOC]
               + (asked > whole ? asked - whole : 0)
           >= memory[SNDBUF];
}

/* A call that sends blocks while the send buffer is full, and a stream
 * takes in pieces what is longer, unless the call fails. No lesson
 * fills it, but other programs do. */
static inline bool narrate_until_send(struct narrate_call *call,
                                      struct narrate_text *t)
{
    const struct narrate_seen *was = &call->before;
    struct pollfd watched = {call->sock, POLLOUT, 0};
    bool full;

    narrate_add(t, "the peer has read so much that the kernel has"
                   " room");
    narrate_add_most(t, narrate_limit(call->sock, SO_SNDTIMEO));
    if (!was->connected)
        return false;
    full = narrate_is_full(call, &watched);
    return full
           || (was->type == SOCK_STREAM
               && (watched.revents & (POLLERR | POLLHUP)) == 0
               && !narrate_has_shut(call->sock)
               && narrate_asked(call) > (size_t)narrate_option(
                      call->sock, SOL_SOCKET, SO_SNDBUF));
}

static inline size_t narrate_asks_pieces(
    const struct narrate_call *call)
{
    return call->arg[2] < 0 ? 0
                            : narrate_sum(narrate_pointer(call, 1),
                                          (size_t)call->arg[2]);
}

/* Without room a read returns at once, as recv does not. */
static inline bool narrate_until_read(struct narrate_call *call,
                                      struct narrate_text *t)
{
    return narrate_asked(call) > 0 && narrate_until_recv(call, t);
}

/* Adds the pieces that one call moves, as in {"Hello", 7 bytes}; the
 * first one's text only if `shown`. */
static inline void narrate_add_pieces(struct narrate_call *call,
                                      struct narrate_text *t,
                                      bool shown)
{
    const struct iovec *pieces = narrate_pointer(call, 1);
    long count = (long)call->arg[2];

    if (count <= 0
        || !narrate_readable(pieces, (size_t)count * sizeof *pieces)) {
        narrate_add(t, "?");
        return;
    }
    narrate_add(t, "{");
    if (shown) {
        narrate_add_quoted(t, pieces[0].iov_base, pieces[0].iov_len);
        narrate_add(t, ", ");
    }
    narrate_add_count(t, (long)narrate_asked(call), "byte");
    narrate_add(t, "}");
}

static inline void narrate_adds_readv(struct narrate_call *call,
                                      struct narrate_text *t)
{
    narrate_add_pieces(call, t, false);
}

static inline void narrate_adds_writev(struct narrate_call *call,
                                       struct narrate_text *t)
{
    narrate_add_pieces(call, t, true);
}

static inline void narrate_means_readv(struct narrate_call *call)
{
    const struct iovec *pieces = narrate_pointer(call, 1);
    size_t left = (size_t)call->result;

    if (call->before.type == SOCK_STREAM)
        narrate_got(call);
    for (long i = 0; left > 0 && i < call->arg[2]; i++) {
        size_t part = pieces[i].iov_len;

        part = part < left ? part : left;
        if (part > 0)
            narrate_received(call, pieces[i].iov_base, part);
        left -= part;
    }
}

/* ---- sockets and descriptors ------------------------------------- */

static inline void narrate_adds_accept4(struct narrate_call *call,
                                        struct narrate_text *t)
{
    static const struct narrate_name names[] = {
        NARRATE_NAME(SOCK_CLOEXEC),
        NARRATE_NAME(SOCK_NONBLOCK),
    };

    NARRATE_ADD_FLAGS(t, call->arg[3], names);
}

static inline bool narrate_until_accept4(struct narrate_call *call,
                                         struct narrate_text *t)
{
    return (call->arg[3] & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) == 0
           && narrate_until_accept(call, t);
}

static inline void narrate_adds_dup3(struct narrate_call *call,
                                     struct narrate_text *t)
{
    narrate_add(t, call->arg[2] & O_CLOEXEC ? "O_CLOEXEC" : "0");
}

static inline void narrate_means_dup(struct narrate_call *call)
{
    int from = (int)call->arg[0], made = (int)call->result;

    if (made == from)
        return;
    if (narrate_is_socket(made))
        narrate_means(call, 0,
                      "Descriptor %d is the same socket as %d.", made,
                      from);
    else
        narrate_means(call, 0,
                      "Descriptor %d is not a socket any more.", made);
}

/* fcntl with a command that no lesson uses. */
static inline void narrate_adds_control(struct narrate_call *call,
                                        struct narrate_text *t)
{
    static const struct narrate_name commands[] = {
        NARRATE_NAME(F_GETFD),         NARRATE_NAME(F_SETFD),
        NARRATE_NAME(F_DUPFD),         NARRATE_NAME(F_GETOWN),
        NARRATE_NAME(F_SETOWN),        NARRATE_NAME(F_SETSIG),
        NARRATE_NAME(F_DUPFD_CLOEXEC),
    };
    int command = (int)call->arg[1];

    NARRATE_ADD_NAME(t, command, commands);
    if (command == F_SETFD && (int)call->arg[2] == FD_CLOEXEC)
        narrate_add(t, ", FD_CLOEXEC");
    else if (command == F_SETFD || command == F_DUPFD
             || command == F_DUPFD_CLOEXEC || command == F_SETOWN
             || command == F_SETSIG)
        narrate_add(t, ", %d", (int)call->arg[2]);
}

static inline void narrate_adds_ioctl(struct narrate_call *call,
                                      struct narrate_text *t)
{
    static const struct narrate_name requests[] = {
        NARRATE_NAME(FIONREAD), NARRATE_NAME(FIONBIO),
        NARRATE_NAME(FIOASYNC), NARRATE_NAME(TIOCOUTQ),
        NARRATE_NAME(TCGETS),   NARRATE_NAME(TIOCGWINSZ),
    };
    const void *argument = narrate_pointer(call, 2);
    unsigned long request = (unsigned long)call->arg[1];
    int value;

    NARRATE_ADD_NAME(t, (long)request, requests);
    if ((request == FIONBIO || request == FIOASYNC)
        && narrate_readable(argument, sizeof value)) {
        memcpy(&value, argument, sizeof value);
        narrate_add(t, ", &(%d)", value);
    } else {
        narrate_add(t, request == FIONREAD || request == FIONBIO
                               || request == FIOASYNC
                               || request == TIOCOUTQ
                           ? ", &value"
                           : ", argument");
    }
}

static inline void narrate_means_ioctl(struct narrate_call *call)
{
    int value;

    if (call->arg[1] != FIONREAD && call->arg[1] != TIOCOUTQ)
        return;
    memcpy(&value, narrate_pointer(call, 2), sizeof value);
    narrate_means(call, 0, "The value is %d.", value);
}

/* ---- addresses and names ----------------------------------------- */

static inline void narrate_notes_name(struct narrate_call *call)
{
    const socklen_t *length = narrate_pointer(call, 2);

    if (narrate_readable(length, sizeof *length))
        call->kept = (long)*length;
}

/* getsockname and getpeername. */
static inline void narrate_means_name(struct narrate_call *call)
{
    bool ours = strcmp(call->row->name, "getsockname") == 0;
    const socklen_t *length = narrate_pointer(call, 2);
    NARRATE_STATIC(t, 300);

    if (*length > call->kept) {
        if (ours || call->kept > 0)
            narrate_note_cut("the", call->kept, length);
        return;
    }
    narrate_clear(&t);
    narrate_add(&t, ours ? "Our end " : "The peer ");
    if (*length > sizeof(sa_family_t)) { /* unix(7) */
        narrate_add(&t, "is ");
        narrate_add_address(&t, narrate_pointer(call, 1), *length);
    } else {
        narrate_add(&t, "has no address");
    }
    narrate_add(&t, ".");
    narrate_tell(NARRATE_CAME, call, t.text);
}

/* ---- readiness --------------------------------------------------- */

/* Which descriptors are epoll instances that watch a socket. */
static bool narrate_watches[NARRATE_SEEN];

/* The time limit of a call that waits, in microseconds; -1: none. */
static inline long long narrate_most_ms(const struct narrate_call *call)
{
    int at = call->row->name[0] == 'e' ? 3 : 2; /* epoll, poll */

    return (int)call->arg[at] < 0 ? -1 : (int)call->arg[at] * 1000LL;
}

static inline long long narrate_most_ns(const struct narrate_call *call)
{
    int at = call->row->name[1] == 's' ? 4 : 2; /* pselect, ppoll */
    const struct timespec *limit = narrate_pointer(call, at);

    return !narrate_readable(limit, sizeof *limit)
               ? -1
               : limit->tv_sec * 1000000LL + limit->tv_nsec / 1000;
}

static inline long long narrate_most_us(const struct narrate_call *call)
{
    const struct timeval *limit = narrate_pointer(call, 4);

    return !narrate_readable(limit, sizeof *limit)
               ? -1
               : limit->tv_sec * 1000000LL + limit->tv_usec;
}

static inline bool narrate_in_set(const fd_set *set, int descriptor)
{
    return set != NULL && descriptor < FD_SETSIZE
           && FD_ISSET(descriptor, set);
}

static inline nfds_t narrate_watches_select(
    const struct narrate_call *call, struct pollfd *watched,
    nfds_t room)
{
    static const short events[] = {POLLIN, POLLOUT, POLLPRI};
    nfds_t count = 0;

    for (int i = 0; i < call->arg[0] && i < FD_SETSIZE; i++) {
        short wanted = 0;

        for (int set = 0; set < 3; set++)
            if (narrate_in_set(narrate_pointer(call, set + 1), i))
                wanted = (short)(wanted | events[set]);
        if (wanted == 0)
            continue;
        if (count < room)
            watched[count] = (struct pollfd){i, wanted, 0};
        count++;
    }
    return count;
}

/* Is one of them a socket? */
static inline bool narrate_has_sockets(const struct pollfd *watched,
                                       nfds_t count)
{
    for (nfds_t i = 0; i < count; i++)
        if (watched[i].fd >= 0 && narrate_is_socket(watched[i].fd))
            return true;
    return false;
}

static inline bool narrate_wants_poll(const intptr_t *arg)
{
    const struct pollfd *watched = (const void *)arg[0];
    nfds_t count = (nfds_t)arg[1];

    return count > 0
           && narrate_readable(watched, count * sizeof *watched)
           && narrate_has_sockets(watched, count);
}

/* Are these sets that can be read, with a socket in one of them? */
static inline bool narrate_wants_select(const intptr_t *arg)
{
    bool found = false;

    narrate_note_select((int)arg[0], (const void *)arg[1]);
    narrate_note_select((int)arg[0], (const void *)arg[2]);
    for (int set = 1; set <= 3; set++)
        if (arg[set] != 0
            && !narrate_readable((const void *)arg[set],
                                 sizeof(fd_set)))
            return false;
    for (int i = 0; i < arg[0] && i < FD_SETSIZE && !found; i++)
        for (int set = 1; set <= 3; set++)
            found = found
                    || (narrate_in_set((const void *)arg[set], i)
                        && narrate_is_socket(i));
    return found;
}

static inline bool narrate_wants_epoll(const intptr_t *arg)
{
    return arg[0] >= 0 && arg[0] < NARRATE_SEEN
           && narrate_watches[arg[0]];
}

static inline bool narrate_until_ready(struct narrate_call *call,
                                       struct narrate_text *t)
{
    long long limit = call->row->extra.most(call);

    narrate_add(t, "a descriptor is ready");
    narrate_add_most(t, limit);
    return limit != 0;
}

static inline void narrate_adds_ppoll(struct narrate_call *call,
                                      struct narrate_text *t)
{
    narrate_adds_poll(call, t);
}

static inline void narrate_means_ppoll(struct narrate_call *call)
{
    narrate_means_poll(call);
}

/* Adds the descriptors of a set, as in {3, 5}. */
static inline void narrate_add_set(struct narrate_text *t, int count,
                                   const fd_set *set)
{
    const char *between = "";

    if (set == NULL) {
        narrate_add(t, "NULL");
        return;
    }
    narrate_add(t, "{");
    for (int i = 0; i < count && i < FD_SETSIZE; i++)
        if (FD_ISSET(i, set)) {
            narrate_add(t, "%s%d", between, i);
            between = ", ";
        }
    narrate_add(t, "}");
}

/* select and pselect, which change their arguments in place. */
static inline void narrate_adds_select(struct narrate_call *call,
                                       struct narrate_text *t)
{
    bool exact = call->row->name[0] == 'p';
    long long limit = call->row->extra.most(call);
    const struct timespec *most = narrate_pointer(call, 4);
    const struct timeval *usual = narrate_pointer(call, 4);

    for (int set = 1; set <= 3; set++) {
        narrate_add_set(t, (int)call->arg[0],
                        narrate_pointer(call, set));
        narrate_add(t, ", ");
    }
    if (limit == -1)
        narrate_add(t, "NULL");
    else
        narrate_add(t, "{%ld, %ld}",
                    (long)(exact ? most->tv_sec : usual->tv_sec),
                    (long)(exact ? most->tv_nsec : usual->tv_usec));
    if (exact)
        narrate_add(t, call->arg[5] != 0 ? ", &mask" : ", NULL");
}

static inline void narrate_means_select(struct narrate_call *call)
{
    static const char *const ways[] = {"to read", "to write", "other"};
    NARRATE_STATIC(t, NARRATE_ROOM);

    narrate_clear(&t);
    if (call->result == 0)
        narrate_add(&t, "The time is over: nothing is ready");
    for (int set = 0; call->result > 0 && set < 3; set++)
        for (int i = 0; i < call->arg[0] && i < FD_SETSIZE; i++)
            if (narrate_in_set(narrate_pointer(call, set + 1), i))
                narrate_add(&t, "%s%d (%s)",
                            t.used > 0 ? ", " : "Ready: ", i,
                            ways[set]);
    narrate_add(&t, ".");
    narrate_tell(NARRATE_CAME, call, t.text);
}

#endif
