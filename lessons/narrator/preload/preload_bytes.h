/* preload_bytes.h: the calls that move bytes and that no lesson makes.
 * Part of preload.c.
 *
 * They are told like the calls in the lessons: values, result, what
 * came, and what the kernel holds. A call that has no explanation is
 * told by its line alone.
 */
#ifndef NARRATE_PRELOAD_BYTES_H
#define NARRATE_PRELOAD_BYTES_H

/* Tells what came, in a line of its own. */
static inline void narrate_came(const struct narrate_call *call,
                                const struct narrate_text *t)
{
    narrate_tell(NARRATE_CAME, call, t->text);
}

/* A call that sends blocks while the send buffer is full, and a stream
 * takes in pieces what is longer, unless the call fails. No lesson
 * fills it, but other programs do: the last line told must then say
 * what they wait for. Preserves errno. */
static inline void narrate_before_send(const char *name, int sock,
                                       size_t size, int flags)
{
    struct pollfd watched = {sock, POLLOUT, 0};
    int entry = errno, room = 0;
    socklen_t length = sizeof room;
    struct narrate_call call = {.name = name};
    struct narrate_text t;
    struct sockaddr_storage peer;
    socklen_t its = sizeof peer;

    if (narrator.telling && !narrate_busy && !narrate_made.made
        && narrate_real_getpeername(sock, (struct sockaddr *)&peer,
                                    &its)
               == 0
        && !narrate_never_blocks(sock, flags)
        && narrate_real_getsockopt(sock, SOL_SOCKET, SO_SNDBUF, &room,
                                   &length)
               == 0
        && (!narrate_is_ready(&watched, 1)
            || (size > (size_t)room
                && (watched.revents & (POLLERR | POLLHUP)) == 0
                && !narrate_has_shut(sock)
                && narrate_is_type(sock, SOCK_STREAM)))) {
        narrate_start();
        narrate_flush(name);
        call.number = narrator.calls + 1;
        narrate_clear(&call.args);
        narrate_add(&call.args, "%d, %zu bytes", sock, size);
        narrate_clear(&t);
        narrate_add(&t, "\xE2\x80\xA6 blocks until the peer has read so"
                        " much that the kernel has room");
        narrate_add_most(&t, narrate_limit(sock, SO_SNDTIMEO));
        narrate_call_line(NARRATE_BLOCKS, &call, t.text);
        narrate_end();
    }
    errno = entry;
}

/* Ends a call that is told by its line, without an explanation. */
static inline void narrate_line_only(struct narrate_call *call,
                                     long result)
{
    call->nothing = "Nothing to do yet.";
    narrate_after(call, result);
    narrate_leave(call);
}

static inline ssize_t narrate_told_read_socket(int sock, void *bytes,
                                               size_t size)
{
    struct narrate_call call;
    struct narrate_text t;
    ssize_t result;

    if (!narrate_enter(&call, sock, "read", "%d, buffer, %zu", sock,
                       size))
        return narrate_real_read(sock, bytes, size);
    narrate_before(&call, size > 0 ? narrate_until(&t, &call) : NULL);
    result = narrate_real_read(sock, bytes, size);
    narrate_got(&call, result, size);
    if (result > 0)
        narrate_received(&call, bytes, (size_t)result);
    narrate_leave(&call);
    return result;
}

static inline ssize_t narrate_told_write(int sock, const void *bytes,
                                         size_t size)
{
    struct narrate_call call;
    ssize_t result;

    if (!narrate_enter(&call, sock, "write", "%d, ", sock))
        return narrate_real_write(sock, bytes, size);
    narrate_add_quoted(&call.args, bytes, size);
    narrate_add(&call.args, ", %zu", size);
    narrate_before(&call, NULL);
    result = narrate_real_write(sock, bytes, size);
    narrate_sent(&call, result, size);
    return result;
}

/* Adds the pieces that one call moves, as in {"Hello", 7 bytes}, 2; the
 * first one's text only if `shown`. Returns the sum of their sizes. */
static inline size_t narrate_add_pieces(struct narrate_call *call,
                                        const struct iovec *pieces,
                                        int count, bool shown)
{
    size_t size = 0;

    if (count <= 0
        || !narrate_readable(pieces, (size_t)count * sizeof *pieces)) {
        narrate_add(&call->args, "?, %d", count);
        return 0;
    }
    for (int i = 0; i < count; i++)
        size += pieces[i].iov_len;
    narrate_add(&call->args, "{");
    if (shown) {
        narrate_add_quoted(&call->args, pieces[0].iov_base,
                           pieces[0].iov_len);
        narrate_add(&call->args, ", ");
    }
    narrate_add_count(&call->args, (long)size, "byte");
    narrate_add(&call->args, "}, %d", count);
    return size;
}

static inline ssize_t narrate_told_readv(int sock,
                                         const struct iovec *pieces,
                                         int count)
{
    struct narrate_call call;
    struct narrate_text t;
    ssize_t result;
    size_t size, left;

    if (!narrate_enter(&call, sock, "readv", "%d, ", sock))
        return narrate_real_readv(sock, pieces, count);
    size = narrate_add_pieces(&call, pieces, count, false);
    narrate_before(&call, size > 0 ? narrate_until(&t, &call) : NULL);
    result = narrate_real_readv(sock, pieces, count);
    narrate_got(&call, result, size);
    left = result > 0 ? (size_t)result : 0;
    for (int i = 0; left > 0 && i < count; i++) {
        size_t part = pieces[i].iov_len;

        part = part < left ? part : left;
        if (part > 0)
            narrate_received(&call, pieces[i].iov_base, part);
        left -= part;
    }
    narrate_leave(&call);
    return result;
}

static inline ssize_t narrate_told_writev(int sock,
                                          const struct iovec *pieces,
                                          int count)
{
    struct narrate_call call;
    ssize_t result;
    size_t size;

    if (!narrate_enter(&call, sock, "writev", "%d, ", sock))
        return narrate_real_writev(sock, pieces, count);
    size = narrate_add_pieces(&call, pieces, count, true);
    narrate_before(&call, NULL);
    result = narrate_real_writev(sock, pieces, count);
    narrate_sent(&call, result, size);
    return result;
}

/* Adds the messages that one call moves, in brackets, and how many they
 * are; of more than three, only the first three are written out. */
static inline void narrate_add_messages(struct narrate_call *call,
                                        const struct mmsghdr *messages,
                                        unsigned count, bool shown)
{
    enum { FIRST = 3 };

    narrate_add(&call->args, "[");
    for (unsigned i = 0; i < count && i < FIRST; i++) {
        narrate_add(&call->args, i > 0 ? ", " : "");
        if (!narrate_readable(&messages[i], sizeof messages[i])) {
            narrate_add(&call->args, "?");
            break;
        }
        narrate_add_message(call, &messages[i].msg_hdr, shown);
    }
    narrate_add(&call->args, count > FIRST ? ", ...], %u, " : "], %u, ",
                count);
}

static inline int narrate_told_sendmmsg(int sock,
                                        struct mmsghdr *messages,
                                        unsigned count, int flags)
{
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, sock, "sendmmsg", "%d, ", sock))
        return narrate_real_sendmmsg(sock, messages, count, flags);
    narrate_add_messages(&call, messages, count, true);
    call.flags = flags;
    NARRATE_ADD_FLAGS(&call.args, flags, narrate_flags);
    narrate_before(&call, NULL);
    result = narrate_real_sendmmsg(sock, messages, count, flags);
    call.nothing = "The kernel has no room for more; later.";
    narrate_after(&call, result);
    narrate_leave(&call);
    return result;
}

static inline int narrate_told_recvmmsg(int sock,
                                        struct mmsghdr *messages,
                                        unsigned count, int flags,
                                        struct timespec *limit)
{
    struct narrate_call call;
    struct narrate_text t;
    int result;

    if (!narrate_enter(&call, sock, "recvmmsg", "%d, ", sock))
        return narrate_real_recvmmsg(sock, messages, count, flags,
                                     limit);
    narrate_add_messages(&call, messages, count, false);
    call.flags = flags;
    NARRATE_ADD_FLAGS(&call.args, flags, narrate_flags);
    if (limit == NULL)
        narrate_add(&call.args, ", NULL");
    else
        narrate_add(&call.args, ", {%ld, %ld}", (long)limit->tv_sec,
                    limit->tv_nsec);
    narrate_before(&call, narrate_until(&t, &call));
    result = narrate_real_recvmmsg(sock, messages, count, flags, limit);
    call.nothing = "Nothing is there yet.";
    narrate_after(&call, result);
    narrate_leave(&call);
    return result;
}

/* Adds an offset in a file, as in &(4096); the call advances it. */
static inline void narrate_add_offset(struct narrate_text *t,
                                      const void *offset, size_t size)
{
    off64_t at = 0;

    if (offset == NULL || !narrate_readable(offset, size)) {
        narrate_add(t, offset == NULL ? "NULL" : "?");
        return;
    }
    memcpy(&at, offset, size);
    narrate_add(t, "&(%lld)", (long long)at);
}

static inline ssize_t narrate_told_sendfile(int to, int from, off_t *at,
                                            size_t size)
{
    struct narrate_call call;
    ssize_t result;

    if (!narrate_enter(&call, narrate_is_socket(to) ? to : from,
                       "sendfile", "%d, %d, ", to, from))
        return narrate_real_sendfile(to, from, at, size);
    narrate_add_offset(&call.args, at, sizeof *at);
    narrate_add(&call.args, ", %zu", size);
    narrate_before(&call, NULL);
    result = narrate_real_sendfile(to, from, at, size);
    call.nothing = "It would block; later.";
    narrate_after(&call, result);
    narrate_leave(&call);
    return result;
}

static inline ssize_t narrate_told_splice(int from, off64_t *in, int to,
                                          off64_t *out, size_t size,
                                          unsigned flags)
{
    static const struct narrate_name splices[] = {
        NARRATE_NAME(SPLICE_F_MOVE),
        NARRATE_NAME(SPLICE_F_NONBLOCK),
        NARRATE_NAME(SPLICE_F_MORE),
    };
    struct narrate_call call;
    ssize_t result;

    if (!narrate_enter(&call, narrate_is_socket(to) ? to : from,
                       "splice", "%d, ", from))
        return narrate_real_splice(from, in, to, out, size, flags);
    narrate_add_offset(&call.args, in, sizeof *in);
    narrate_add(&call.args, ", %d, ", to);
    narrate_add_offset(&call.args, out, sizeof *out);
    narrate_add(&call.args, ", %zu, ", size);
    NARRATE_ADD_FLAGS(&call.args, flags, splices);
    narrate_before(&call, narrate_is_socket(from)
                                  && (flags & SPLICE_F_NONBLOCK) == 0
                                  && !narrate_never_blocks(from, 0)
                              ? "until bytes come"
                              : NULL);
    result = narrate_real_splice(from, in, to, out, size, flags);
    call.nothing = "It would block; later.";
    narrate_after(&call, result);
    narrate_leave(&call);
    return result;
}

#endif
