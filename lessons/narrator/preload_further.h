/* preload_further.h: the calls that no lesson makes. Part of preload.c.
 *
 * They are told as those of calls.h are: values, result, what came, what
 * the kernel holds. One without a text of its own is told by its line.
 */
#ifndef NARRATE_PRELOAD_FURTHER_H
#define NARRATE_PRELOAD_FURTHER_H

/* What came, in a line of its own. */
static inline void narrate_came(const struct narrate_call *call,
                                const struct narrate_text *t)
{
    narrate_tell(NARRATE_CAME, call, NARRATE_MARGIN, NARRATE_MARGIN,
                 t->text);
}

/* The end of a call that is told by its line. */
static inline void narrate_line_only(struct narrate_call *call, int sock,
                                     long result)
{
    narrate_after(call, result);
    if (result == -1)
        narrate_failed_or(call, sock, 0, "Nothing to do yet.");
    narrate_kernel(call, sock, false);
    narrate_leave(call);
}

/* ---- bytes ------------------------------------------------------- */

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

static inline int narrate_told_sendmmsg(int sock, struct mmsghdr *messages,
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

static inline int narrate_told_recvmmsg(int sock, struct mmsghdr *messages,
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

/* ---- sockets and descriptors ------------------------------------- */

static inline int narrate_told_accept4(int sock, struct sockaddr *address,
                                       socklen_t *length, int flags)
{
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, "accept4"))
        return narrate_real_accept4(sock, address, length, flags);
    narrate_add(&call.args, "%d, %s, %s, ", sock,
                address ? "&address" : "NULL",
                length ? "&length" : "NULL");
    if (flags == 0)
        narrate_add(&call.args, "0");
    else
        narrate_add(&call.args, "%s%s%s",
                    flags & SOCK_CLOEXEC ? "SOCK_CLOEXEC" : "",
                    (flags & SOCK_CLOEXEC) && (flags & SOCK_NONBLOCK)
                        ? "|"
                        : "",
                    flags & SOCK_NONBLOCK ? "SOCK_NONBLOCK" : "");
    narrate_before(&call, narrate_never_blocks(sock, 0)
                              ? NULL
                              : "until a client connects");
    result = narrate_real_accept4(sock, address, length, flags);
    narrate_after(&call, result);
    narrate_accepted(&call, sock, result);
    narrate_leave(&call);
    return result;
}

static inline int narrate_told_socketpair(int family, int type,
                                          int protocol, int ends[2])
{
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, "socketpair"))
        return narrate_real_socketpair(family, type, protocol, ends);
    NARRATE_ADD_NAME(&call.args, family, narrate_families);
    narrate_add(&call.args, ", ");
    narrate_add_type(&call.args, type);
    narrate_add(&call.args, ", %d, ends", protocol);
    narrate_before(&call, NULL);
    result = narrate_real_socketpair(family, type, protocol, ends);
    narrate_after(&call, result);
    if (result == -1)
        narrate_failed(&call, NULL, 0);
    else
        narrate_means(&call, 0,
                      "What is sent into descriptor %d comes out of %d,"
                      " and the other way round.",
                      ends[0], ends[1]);
    narrate_leave(&call);
    return result;
}

/* The three ways to make a second number for a socket; `made` makes the
 * call. */
struct narrate_copy {
    const char *name;
    int from, to, flags; /* -1: this call does not have it */
};

static inline int narrate_make_copy(const struct narrate_copy *copy)
{
    if (copy->to == -1 && copy->name[3] == '\0')
        return narrate_real_dup(copy->from);
    return copy->name[3] == '2'
               ? narrate_real_dup2(copy->from, copy->to)
               : narrate_real_dup3(copy->from, copy->to, copy->flags);
}

static inline int narrate_told_copy(const struct narrate_copy *copy)
{
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, copy->name))
        return narrate_make_copy(copy);
    narrate_add(&call.args, "%d", copy->from);
    if (copy->name[3] != '\0')
        narrate_add(&call.args, ", %d", copy->to);
    if (copy->name[3] == '3')
        narrate_add(&call.args, copy->flags & O_CLOEXEC ? ", O_CLOEXEC"
                                                        : ", 0");
    narrate_before(&call, NULL);
    result = narrate_make_copy(copy);
    narrate_after(&call, result);
    if (result == -1)
        narrate_failed(&call, NULL, 0);
    else if (result != copy->from && narrate_is_socket(result))
        narrate_means(&call, 0, "Descriptor %d is the same socket as"
                                " %d.",
                      result, copy->from);
    else if (result != copy->from)
        narrate_means(&call, 0, "Descriptor %d is not a socket any more.",
                      result);
    narrate_leave(&call);
    return result;
}

/* fcntl on a socket, other commands than those of the lessons. */
static inline int narrate_told_fcntl_other(int sock, int command,
                                           void *argument)
{
    static const struct narrate_name commands[] = {
        NARRATE_NAME(F_GETFD),         NARRATE_NAME(F_SETFD),
        NARRATE_NAME(F_DUPFD),         NARRATE_NAME(F_GETOWN),
        NARRATE_NAME(F_SETOWN),        NARRATE_NAME(F_SETSIG),
        NARRATE_NAME(F_DUPFD_CLOEXEC),
    };
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, "fcntl"))
        return narrate_real_fcntl(sock, command, argument);
    narrate_add(&call.args, "%d, ", sock);
    NARRATE_ADD_NAME(&call.args, command, commands);
    if (command == F_SETFD)
        narrate_add(&call.args, (int)(intptr_t)argument == FD_CLOEXEC
                                    ? ", FD_CLOEXEC"
                                    : ", %d",
                    (int)(intptr_t)argument);
    else if (command == F_DUPFD || command == F_DUPFD_CLOEXEC
             || command == F_SETOWN || command == F_SETSIG)
        narrate_add(&call.args, ", %d", (int)(intptr_t)argument);
    narrate_before(&call, NULL);
    result = narrate_real_fcntl(sock, command, argument);
    narrate_line_only(&call, sock, result);
    return result;
}

static inline int narrate_told_ioctl(int sock, unsigned long request,
                                     void *argument)
{
    static const struct narrate_name requests[] = {
        NARRATE_NAME(FIONREAD),  NARRATE_NAME(FIONBIO),
        NARRATE_NAME(FIOASYNC),  NARRATE_NAME(TIOCOUTQ),
        NARRATE_NAME(TCGETS),    NARRATE_NAME(TIOCGWINSZ),
    };
    struct narrate_call call;
    int result, value;
    bool number = request == FIONREAD || request == FIONBIO
                  || request == FIOASYNC || request == TIOCOUTQ;

    if (!narrate_enter(&call, "ioctl"))
        return narrate_real_ioctl(sock, request, argument);
    narrate_add(&call.args, "%d, ", sock);
    NARRATE_ADD_NAME(&call.args, (long)request, requests);
    if ((request == FIONBIO || request == FIOASYNC)
        && narrate_readable(argument, sizeof value)) {
        memcpy(&value, argument, sizeof value);
        narrate_add(&call.args, ", &(%d)", value);
    } else {
        narrate_add(&call.args, number ? ", &value" : ", argument");
    }
    narrate_before(&call, NULL);
    result = narrate_real_ioctl(sock, request, argument);
    narrate_after(&call, result);
    if (result == -1) {
        narrate_failed(&call, NULL, 0);
    } else if (request == FIONREAD || request == TIOCOUTQ) {
        memcpy(&value, argument, sizeof value);
        narrate_means(&call, 0, "The value is %d.", value);
    }
    narrate_kernel(&call, sock, false);
    narrate_leave(&call);
    return result;
}

/* ---- addresses and names ----------------------------------------- */

/* getsockname and getpeername. */
static inline int narrate_told_name(const char *name, int sock,
                                    struct sockaddr *address,
                                    socklen_t *length)
{
    bool ours = strcmp(name, "getsockname") == 0;
    struct narrate_call call;
    struct narrate_text t;
    int result;

    if (!narrate_enter(&call, name))
        return ours ? narrate_real_getsockname(sock, address, length)
                    : narrate_real_getpeername(sock, address, length);
    narrate_add(&call.args, "%d, &address, &length", sock);
    narrate_before(&call, NULL);
    result = ours ? narrate_real_getsockname(sock, address, length)
                  : narrate_real_getpeername(sock, address, length);
    narrate_after(&call, result);
    narrate_clear(&t);
    narrate_add(&t, ours ? "Our end is " : "The peer is ");
    if (result == -1) {
        narrate_failed(&call, NULL, 0);
    } else {
        narrate_add_address(&t, address, *length);
        narrate_add(&t, ".");
        narrate_came(&call, &t);
    }
    narrate_kernel(&call, sock, false);
    narrate_leave(&call);
    return result;
}

static inline int narrate_told_getnameinfo(narrate_address address,
                                           socklen_t length, char *host,
                                           socklen_t hosts, char *service,
                                           socklen_t services, int flags)
{
    struct narrate_call call;
    struct narrate_text t;
    int result;

    if (!narrate_enter(&call, "getnameinfo"))
        return narrate_real_getnameinfo(address, length, host, hosts,
                                        service, services, flags);
    narrate_add_address(&call.args, address, length);
    narrate_add(&call.args, ", %u, %s, %u, %s, %u, %d",
                (unsigned)length, host ? "host" : "NULL",
                (unsigned)hosts, service ? "service" : "NULL",
                (unsigned)services, flags);
    narrate_before(&call, NULL);
    result = narrate_real_getnameinfo(address, length, host, hosts,
                                      service, services, flags);
    narrate_after_as(&call, result,
                     result == 0 ? "0" : narrate_resolver_name(result));
    call.error = 0;
    narrate_clear(&t);
    if (result == 0 && host != NULL && hosts > 0)
        narrate_add_quoted(&t, host, strlen(host));
    if (result == 0 && service != NULL && services > 0) {
        narrate_add(&t, t.used > 0 ? ", " : "");
        narrate_add_quoted(&t, service, strlen(service));
    }
    if (t.used > 0)
        narrate_came(&call, &t);
    narrate_leave(&call);
    return result;
}

static inline struct hostent *narrate_told_gethostbyname(const char *name)
{
    struct narrate_call call;
    struct narrate_text t;
    struct hostent *result;

    if (!narrate_enter(&call, "gethostbyname"))
        return narrate_real_gethostbyname(name);
    narrate_add_quoted(&call.args, name,
                       name != NULL ? strlen(name) : 0);
    narrate_before(&call, "until the resolver answers");
    result = narrate_real_gethostbyname(name);
    narrate_after_as(&call, result != NULL ? 0 : -1,
                     result != NULL ? "&host" : "NULL");
    call.error = 0;
    narrate_clear(&t);
    for (char **a = result != NULL ? result->h_addr_list : NULL;
         a != NULL && *a != NULL; a++) {
        char text[INET6_ADDRSTRLEN] = "?";

        inet_ntop(result->h_addrtype, *a, text, sizeof text);
        narrate_add(&t, "%s%s", t.used > 0 ? ", " : "", text);
    }
    if (t.used > 0)
        narrate_came(&call, &t);
    narrate_leave(&call);
    return result;
}

#endif
