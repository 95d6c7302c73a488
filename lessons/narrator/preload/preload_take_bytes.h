/* preload_take_bytes.h: the calls that send and receive, under the
 * library's names. Part of preload_take.h. */
#ifndef NARRATE_PRELOAD_TAKE_BYTES_H
#define NARRATE_PRELOAD_TAKE_BYTES_H

/* The end of a call that moves bytes: a remark on it, and SIGPIPE. */
static inline ssize_t narrate_moved(int sock, ssize_t result)
{
    narrate_note_failed(sock, result);
    return narrate_let_go(result, narrate_memory(sock)->made_here);
}

/* The sum of these pieces' sizes; 0 if they cannot be read, or nothing
 * is told. */
static inline size_t narrate_sum(const struct iovec *pieces,
                                 size_t count)
{
    size_t sum = 0;

    if (count > 1024 || !narrate_may_note()
        || !narrate_readable(pieces, count * sizeof *pieces))
        return 0;
    for (size_t i = 0; i < count; i++)
        sum += pieces[i].iov_len;
    return sum;
}

static inline size_t narrate_sum_of(const struct msghdr *message)
{
    return narrate_may_note()
                   && narrate_readable(message, sizeof *message)
               ? narrate_sum(message->msg_iov,
                             (size_t)message->msg_iovlen)
               : 0;
}

/* Does a call that receives fail at once: is this no socket, or a local
 * one that has no peer yet? unix(7). Preserves errno. */
static inline bool narrate_is_alone(int sock)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer, size = sizeof(int);
    int entry = errno, family = AF_UNSPEC;
    bool alone =
        !narrate_is_socket(sock)
        || (narrate_real_getpeername(sock, (narrate_sockaddr *)&peer,
                                     &length)
                == -1
            && narrate_real_getsockopt(sock, SOL_SOCKET, SO_DOMAIN,
                                       &family, &size)
                   == 0
            && family == AF_UNIX && !narrate_is_type(sock, SOCK_DGRAM));

    errno = entry;
    return alone;
}

/* A call that may be counted: `real` only makes it, `told` tells it and
 * makes it unless `real` has. `sent`: the size of what it sends. */
#define NARRATE_TELL_OR_COUNT(name, sock, events, flags, sent, real, \
                              told) \
    do { \
        const struct narrate_outer outer = narrate_set_aside(); \
        bool done = false; \
        ssize_t moved = 0; \
\
        if ((events) == POLLIN) \
            narrate_memory(sock)->pointer = false; \
        if (narrate_counts_wait(name, sock, events, flags)) { \
            moved = real; \
            done = narrate_counted(moved, NARRATE_BYTES); \
            if ((events) == POLLIN) \
                narrate_note_read(name, NULL, 0, 0); \
        } else if ((events) == POLLIN && narrate_may_note() \
                   && narrate_is_alone(sock)) { \
            moved = real; \
            narrate_made = \
                (struct narrate_made){true, moved, errno, 0}; \
        } \
        if (!done && (events) == POLLOUT) \
            narrate_before_send(name, sock, sent, flags); \
        if (!done) \
            moved = narrate_moved(sock, told); \
        if (moved > 0) \
            narrate_uses(sock, (events) == POLLOUT); \
        narrate_put_back(&outer); \
        return moved; \
    } while (0)

static inline ssize_t narrate_take_recv(int sock, void *bytes,
                                        size_t size, int flags)
{
    const int next = narrate_next_size(sock);

    NARRATE_TELL_OR_COUNT(
        "recv", sock, POLLIN, flags, 0,
        narrate_real_recv(sock, bytes, size, flags),
        narrate_note_received(
            "recv", sock, bytes,
            narrate_told_recv(sock, bytes, size, flags), size, flags,
            next));
}

NARRATE_OURS(ssize_t, recv,
             (int sock, void *bytes, size_t size, int flags))
{
    return narrate_take_recv(sock, bytes, size, flags);
}

static inline ssize_t narrate_take_recvfrom(int sock, void *bytes,
                                            size_t size, int flags,
                                            narrate_sockaddr *a,
                                            socklen_t *l)
{
    const int next = narrate_next_size(sock);
    long room = a != NULL ? narrate_room(l) : -1;

    NARRATE_TELL_OR_COUNT(
        "recvfrom", sock, POLLIN, flags, 0,
        narrate_real_recvfrom(sock, bytes, size, flags, a, l),
        narrate_note_received(
            "recvfrom", sock, bytes,
            narrate_note_from(
                narrate_told_recvfrom(sock, bytes, size, flags, a, l),
                room, l),
            size, flags, next));
}

NARRATE_OURS(ssize_t, recvfrom,
             (int sock, void *bytes, size_t size, int flags,
              narrate_sockaddr *a, socklen_t *l))
{
    return narrate_take_recvfrom(sock, bytes, size, flags, a, l);
}

/* Adds the descriptors that a message carries to another program to
 * `t`. How many there are. unix(7), SCM_RIGHTS */
static inline int narrate_passed(const struct msghdr *m,
                                 struct narrate_text *t)
{
    int entry = errno, count = 0;

    narrate_clear(t);
    if (!narrate_may_note() || !narrate_readable(m, sizeof *m)
        || !narrate_readable(m->msg_control, (size_t)m->msg_controllen))
        return 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
         c = CMSG_NXTHDR((struct msghdr *)(uintptr_t)m, c)) {
        size_t size = (size_t)c->cmsg_len - CMSG_LEN(0);

        for (size_t at = 0;
             c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS
             && at + sizeof(int) <= size;
             at += sizeof(int)) {
            int descriptor;

            memcpy(&descriptor, CMSG_DATA(c) + at, sizeof descriptor);
            narrate_hand_on(descriptor);
            narrate_add(t, "%s%d", count++ > 0 ? ", " : "", descriptor);
        }
    }
    errno = entry;
    return count;
}

static inline ssize_t narrate_take_recvmsg(int sock, struct msghdr *m,
                                           int flags)
{
    NARRATE_TELL_OR_COUNT("recvmsg", sock, POLLIN, flags, 0,
                          narrate_real_recvmsg(sock, m, flags),
                          narrate_told_recvmsg(sock, m, flags));
}

NARRATE_OURS(ssize_t, recvmsg, (int sock, struct msghdr *m, int flags))
{
    ssize_t result = narrate_take_recvmsg(sock, m, flags);
    struct narrate_text t;

    if (result >= 0 && narrate_passed(m, &t) > 0)
        narrate_say("The message brought open descriptors, which have"
                    " these numbers here: %s.",
                    t.text);
    return result;
}

NARRATE_OURS(int, recvmmsg,
             (int sock, struct mmsghdr *m, unsigned count, int flags,
              struct timespec *limit))
{
    return narrate_told_recvmmsg(sock, m, count, flags, limit);
}

NARRATE_OURS(ssize_t, send,
             (int sock, const void *bytes, size_t size, int flags))
{
    NARRATE_TELL_OR_COUNT(
        "send", sock, POLLOUT, flags, size,
        narrate_real_send(sock, bytes, size, flags),
        narrate_note_text(narrate_told_send(sock, bytes, size, flags),
                          bytes, size));
}

NARRATE_OURS(ssize_t, sendto,
             (int sock, const void *bytes, size_t size, int flags,
              narrate_address a, socklen_t l))
{
    NARRATE_TELL_OR_COUNT(
        "sendto", sock, POLLOUT, flags, size,
        narrate_real_sendto(sock, bytes, size, flags, a, l),
        narrate_note_text(
            narrate_told_sendto(sock, bytes, size, flags, a, l), bytes,
            size));
}

static inline ssize_t narrate_take_sendmsg(int sock,
                                           const struct msghdr *m,
                                           int flags)
{
    NARRATE_TELL_OR_COUNT("sendmsg", sock, POLLOUT, flags,
                          narrate_sum_of(m),
                          narrate_real_sendmsg(sock, m, flags),
                          narrate_told_sendmsg(sock, m, flags));
}

NARRATE_OURS(ssize_t, sendmsg,
             (int sock, const struct msghdr *m, int flags))
{
    struct narrate_text t;
    int carried = narrate_passed(m, &t);
    ssize_t result = narrate_take_sendmsg(sock, m, flags);

    if (result >= 0 && carried > 0)
        narrate_say("The message carries open descriptors, copies of "
                    "%s:"
                    " the receiver gets numbers of its own for them.",
                    t.text);
    return result;
}

NARRATE_OURS(int, sendmmsg,
             (int sock, struct mmsghdr *m, unsigned count, int flags))
{
    return (int)narrate_moved(
        sock, narrate_told_sendmmsg(sock, m, count, flags));
}

/* ---- on sockets and files ---------------------------------------- */

static inline ssize_t narrate_take_read(int descriptor, void *bytes,
                                        size_t size)
{
    int next;

    NARRATE_FIND(read);
    if (!narrate_wanted(descriptor))
        return narrate_note_received(
            "read", descriptor, bytes,
            narrate_next_read(descriptor, bytes, size), size, 0, 0);
    next = narrate_next_size(descriptor);
    NARRATE_TELL_OR_COUNT(
        "read", descriptor, POLLIN, 0, 0,
        narrate_real_read(descriptor, bytes, size),
        narrate_note_received(
            "read", descriptor, bytes,
            narrate_told_read_socket(descriptor, bytes, size), size, 0,
            next));
}

NARRATE_OURS(ssize_t, read, (int descriptor, void *bytes, size_t size))
{
    return narrate_take_read(descriptor, bytes, size);
}

NARRATE_OURS(ssize_t, write,
             (int descriptor, const void *bytes, size_t size))
{
    NARRATE_FIND(write);
    if (!narrate_wanted(descriptor))
        return narrate_next_write(descriptor, bytes, size);
    NARRATE_TELL_OR_COUNT(
        "write", descriptor, POLLOUT, 0, size,
        narrate_real_write(descriptor, bytes, size),
        narrate_note_text(narrate_told_write(descriptor, bytes, size),
                          bytes, size));
}

NARRATE_OURS(ssize_t, readv,
             (int descriptor, const struct iovec *pieces, int count))
{
    NARRATE_FIND(readv);
    if (!narrate_wanted(descriptor))
        return narrate_next_readv(descriptor, pieces, count);
    NARRATE_TELL_OR_COUNT(
        "readv", descriptor, POLLIN, 0, 0,
        narrate_real_readv(descriptor, pieces, count),
        narrate_told_readv(descriptor, pieces, count));
}

NARRATE_OURS(ssize_t, writev,
             (int descriptor, const struct iovec *pieces, int count))
{
    NARRATE_FIND(writev);
    if (!narrate_wanted(descriptor))
        return narrate_next_writev(descriptor, pieces, count);
    NARRATE_TELL_OR_COUNT(
        "writev", descriptor, POLLOUT, 0,
        narrate_sum(pieces, count > 0 ? (size_t)count : 0),
        narrate_real_writev(descriptor, pieces, count),
        narrate_told_writev(descriptor, pieces, count));
}

static inline ssize_t narrate_take_sendfile(int to, int from, off_t *at,
                                            size_t size)
{
    NARRATE_FIND(sendfile);
    if (!narrate_wanted(to))
        return narrate_next_sendfile(to, from, at, size);
    NARRATE_TELL_OR_COUNT("sendfile", to, POLLOUT, 0, size,
                          narrate_real_sendfile(to, from, at, size),
                          narrate_told_sendfile(to, from, at, size));
}

NARRATE_OURS(ssize_t, sendfile,
             (int to, int from, off_t *at, size_t size))
{
    return narrate_take_sendfile(to, from, at, size);
}

#if LONG_MAX > 0x7FFFFFFF /* off_t is the 64-bit one */
NARRATE_OURS(ssize_t, sendfile64,
             (int to, int from, off_t *at, size_t size))
{
    return narrate_take_sendfile(to, from, at, size);
}
#endif

NARRATE_OURS(ssize_t, splice,
             (int from, off64_t *in, int to, off64_t *out, size_t size,
              unsigned flags))
{
    NARRATE_FIND(splice);
    if (!narrate_wanted(from) && !narrate_wanted(to))
        return narrate_next_splice(from, in, to, out, size, flags);
    return narrate_moved(
        narrate_wanted(to) ? to : from,
        narrate_told_splice(from, in, to, out, size, flags));
}

/* ---- as -D_FORTIFY_SOURCE calls them ----------------------------- */

/* If the size is larger than the buffer, the library ends the program;
 * we leave that to it. */
#define NARRATE_CHECKED(type, name, parameters, arguments, fits, call) \
    static type(*narrate_next_##name) parameters; \
    NARRATE_OURS(type, name, parameters) \
    { \
        if (fits) \
            return call; \
        NARRATE_FIND(name); \
        return narrate_next_##name arguments; \
    }

NARRATE_CHECKED(ssize_t, __read_chk,
                (int d, void *bytes, size_t size, size_t room),
                (d, bytes, size, room), size <= room,
                narrate_take_read(d, bytes, size))
NARRATE_CHECKED(ssize_t, __recv_chk,
                (int s, void *bytes, size_t size, size_t room,
                 int flags),
                (s, bytes, size, room, flags), size <= room,
                narrate_take_recv(s, bytes, size, flags))
NARRATE_CHECKED(ssize_t, __recvfrom_chk,
                (int s, void *bytes, size_t size, size_t room,
                 int flags, narrate_sockaddr *a, socklen_t *l),
                (s, bytes, size, room, flags, a, l), size <= room,
                narrate_take_recvfrom(s, bytes, size, flags, a, l))

#endif
