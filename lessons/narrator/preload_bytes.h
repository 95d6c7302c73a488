/* preload_bytes.h: the calls that move bytes and that no lesson makes.
 * Part of preload.c.
 *
 * They are told as those of calls.h are: values, result, what came, and
 * what the kernel holds. One without a text of its own is told by its
 * line.
 */
#ifndef NARRATE_PRELOAD_BYTES_H
#define NARRATE_PRELOAD_BYTES_H

/* What came, in a line of its own. */
static inline void narrate_came(const struct narrate_call *call,
                                const struct narrate_text *t)
{
    narrate_tell(NARRATE_CAME, call, NARRATE_MARGIN, NARRATE_MARGIN,
                 t->text);
}

/* The end of a call that is told by its line. */
static inline void narrate_line_only(struct narrate_call *call,
                                     int sock, long result)
{
    narrate_after(call, result);
    if (result == -1)
        narrate_failed_or(call, sock, 0, "Nothing to do yet.");
    narrate_kernel(call, sock, false);
    narrate_leave(call);
}

static inline ssize_t narrate_told_read_socket(int sock, void *bytes,
                                               size_t size)
{
    struct narrate_call call;
    struct narrate_text t;
    ssize_t result;

    if (!narrate_enter(&call, "read"))
        return narrate_real_read(sock, bytes, size);
    narrate_add(&call.args, "%d, buffer, %zu", sock, size);
    narrate_before(&call, narrate_until(&t, sock, 0));
    result = narrate_real_read(sock, bytes, size);
    narrate_after(&call, result);
    narrate_got(&call, sock, result, size, 0);
    if (result > 0)
        narrate_received(&call, sock, bytes, (size_t)result);
    narrate_kernel(&call, sock, false);
    narrate_leave(&call);
    return result;
}

static inline ssize_t narrate_told_write(int sock, const void *bytes,
                                         size_t size)
{
    struct narrate_call call;
    ssize_t result;

    if (!narrate_enter(&call, "write"))
        return narrate_real_write(sock, bytes, size);
    narrate_add(&call.args, "%d, ", sock);
    narrate_add_quoted(&call.args, bytes, size);
    narrate_add(&call.args, ", %zu", size);
    narrate_before(&call, NULL);
    result = narrate_real_write(sock, bytes, size);
    narrate_after(&call, result);
    narrate_sent(&call, sock, result, size, 0);
    narrate_leave(&call);
    return result;
}

/* {"Hello", 2 pieces, 7 bytes}: how the pieces are told that one call
 * moves. Returns the sum of their sizes. */
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

    if (!narrate_enter(&call, "readv"))
        return narrate_real_readv(sock, pieces, count);
    narrate_add(&call.args, "%d, ", sock);
    size = narrate_add_pieces(&call, pieces, count, false);
    narrate_before(&call, narrate_until(&t, sock, 0));
    result = narrate_real_readv(sock, pieces, count);
    narrate_after(&call, result);
    narrate_got(&call, sock, result, size, 0);
    left = result > 0 ? (size_t)result : 0;
    for (int i = 0; left > 0 && i < count; i++) {
        size_t part = pieces[i].iov_len;

        part = part < left ? part : left;
        if (part > 0)
            narrate_received(&call, sock, pieces[i].iov_base, part);
        left -= part;
    }
    narrate_kernel(&call, sock, false);
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

    if (!narrate_enter(&call, "writev"))
        return narrate_real_writev(sock, pieces, count);
    narrate_add(&call.args, "%d, ", sock);
    size = narrate_add_pieces(&call, pieces, count, true);
    narrate_before(&call, NULL);
    result = narrate_real_writev(sock, pieces, count);
    narrate_after(&call, result);
    narrate_sent(&call, sock, result, size, 0);
    narrate_leave(&call);
    return result;
}

static inline int narrate_told_sendmmsg(int sock,
                                        struct mmsghdr *messages,
                                        unsigned count, int flags)
{
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, "sendmmsg"))
        return narrate_real_sendmmsg(sock, messages, count, flags);
    narrate_add(&call.args, "%d, &messages, %u, ", sock, count);
    NARRATE_ADD_FLAGS(&call.args, flags, narrate_flags);
    narrate_before(&call, NULL);
    result = narrate_real_sendmmsg(sock, messages, count, flags);
    narrate_line_only(&call, sock, result);
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

    if (!narrate_enter(&call, "recvmmsg"))
        return narrate_real_recvmmsg(sock, messages, count, flags,
                                     limit);
    narrate_add(&call.args, "%d, &messages, %u, ", sock, count);
    NARRATE_ADD_FLAGS(&call.args, flags, narrate_flags);
    narrate_add(&call.args, limit != NULL ? ", &limit" : ", NULL");
    narrate_before(&call, narrate_until(&t, sock, flags));
    result = narrate_real_recvmmsg(sock, messages, count, flags, limit);
    narrate_line_only(&call, sock, result);
    return result;
}

static inline ssize_t narrate_told_sendfile(int to, int from, off_t *at,
                                            size_t size)
{
    struct narrate_call call;
    ssize_t result;

    if (!narrate_enter(&call, "sendfile"))
        return narrate_real_sendfile(to, from, at, size);
    narrate_add(&call.args, "%d, %d, %s, %zu", to, from,
                at != NULL ? "&offset" : "NULL", size);
    narrate_before(&call, NULL);
    result = narrate_real_sendfile(to, from, at, size);
    narrate_line_only(&call, to, result);
    return result;
}

static inline ssize_t narrate_told_splice(int from, off64_t *in, int to,
                                          off64_t *out, size_t size,
                                          unsigned flags)
{
    struct narrate_call call;
    ssize_t result;

    if (!narrate_enter(&call, "splice"))
        return narrate_real_splice(from, in, to, out, size, flags);
    narrate_add(&call.args, "%d, %s, %d, %s, %zu, %u", from,
                in != NULL ? "&offset" : "NULL", to,
                out != NULL ? "&offset" : "NULL", size, flags);
    narrate_before(&call, NULL);
    result = narrate_real_splice(from, in, to, out, size, flags);
    narrate_line_only(&call, narrate_is_socket(to) ? to : from, result);
    return result;
}

#endif
