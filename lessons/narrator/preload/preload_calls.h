/* preload_calls.h: the calls on sockets and names that no lesson
 * makes. Part of preload.c. */
#ifndef NARRATE_PRELOAD_CALLS_H
#define NARRATE_PRELOAD_CALLS_H

/* ---- sockets and descriptors ------------------------------------- */

static inline int narrate_told_accept4(int sock,
                                       struct sockaddr *address,
                                       socklen_t *length, int flags)
{
    static const struct narrate_name names[] = {
        NARRATE_NAME(SOCK_CLOEXEC),
        NARRATE_NAME(SOCK_NONBLOCK),
    };
    struct narrate_call call;
    struct narrate_text t;
    int result;

    if (!narrate_enter(&call, sock, "accept4", "%d, %s, %s, ", sock,
                       address ? "&address" : "NULL",
                       length ? "&length" : "NULL"))
        return narrate_real_accept4(sock, address, length, flags);
    NARRATE_ADD_FLAGS(&call.args, flags, names);
    narrate_clear(&t);
    narrate_add(&t, "until a client connects");
    narrate_add_most(&t, narrate_limit(sock, SO_RCVTIMEO));
    narrate_before(&call, flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)
                              ? NULL /* EINVAL */
                              : t.text);
    result = narrate_real_accept4(sock, address, length, flags);
    narrate_accepted(&call, result);
    narrate_leave(&call);
    return result;
}

static inline int narrate_told_socketpair(int family, int type,
                                          int protocol, int ends[2])
{
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, NARRATE_NONE, "socketpair", NULL))
        return narrate_real_socketpair(family, type, protocol, ends);
    NARRATE_ADD_NAME(&call.args, family, narrate_families);
    narrate_add(&call.args, ", ");
    narrate_add_type(&call.args, type);
    narrate_add(&call.args, ", %d, ends", protocol);
    narrate_before(&call, NULL);
    result = narrate_real_socketpair(family, type, protocol, ends);
    if (narrate_after(&call, result)) {
        narrate_see(ends[0]); /* the end lists what is open */
        narrate_see(ends[1]);
        narrate_means(&call, 0,
                      "What is sent into descriptor %d comes out of %d,"
                      " and the other way round.",
                      ends[0], ends[1]);
    }
    narrate_leave(&call);
    return result;
}

/* A call of dup, dup2 or dup3, which makes a second descriptor for a
 * socket. */
struct narrate_copy {
    const char *name;
    int from, to, flags; /* -1: the call has no such argument */
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

    if (!narrate_enter(&call, NARRATE_NONE, copy->name, "%d",
                       copy->from))
        return narrate_make_copy(copy);
    if (copy->name[3] != '\0')
        narrate_add(&call.args, ", %d", copy->to);
    if (copy->name[3] == '3')
        narrate_add(&call.args,
                    copy->flags & O_CLOEXEC ? ", O_CLOEXEC" : ", 0");
    narrate_before(&call, NULL);
    result = narrate_make_copy(copy);
    if (!narrate_after(&call, result))
        ; /* that has been told */
    else if (result != copy->from && narrate_is_socket(result))
        narrate_means(&call, 0,
                      "Descriptor %d is the same socket as"
                      " %d.",
                      result, copy->from);
    else if (result != copy->from)
        narrate_means(&call, 0,
                      "Descriptor %d is not a socket any more.",
                      result);
    narrate_leave(&call);
    return result;
}

/* fcntl on a socket, with a command that no lesson uses. */
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

    if (!narrate_enter(&call, sock, "fcntl", "%d, ", sock))
        return narrate_real_fcntl(sock, command, argument);
    NARRATE_ADD_NAME(&call.args, command, commands);
    if (command == F_SETFD && (int)(intptr_t)argument == FD_CLOEXEC)
        narrate_add(&call.args, ", FD_CLOEXEC");
    else if (command == F_SETFD || command == F_DUPFD
             || command == F_DUPFD_CLOEXEC || command == F_SETOWN
             || command == F_SETSIG)
        narrate_add(&call.args, ", %d", (int)(intptr_t)argument);
    narrate_before(&call, NULL);
    result = narrate_real_fcntl(sock, command, argument);
    narrate_line_only(&call, result);
    return result;
}

static inline int narrate_told_ioctl(int sock, unsigned long request,
                                     void *argument)
{
    static const struct narrate_name requests[] = {
        NARRATE_NAME(FIONREAD), NARRATE_NAME(FIONBIO),
        NARRATE_NAME(FIOASYNC), NARRATE_NAME(TIOCOUTQ),
        NARRATE_NAME(TCGETS),   NARRATE_NAME(TIOCGWINSZ),
    };
    struct narrate_call call;
    int result, value;
    bool number = request == FIONREAD || request == FIONBIO
                  || request == FIOASYNC || request == TIOCOUTQ;

    if (!narrate_enter(&call, sock, "ioctl", "%d, ", sock))
        return narrate_real_ioctl(sock, request, argument);
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
    if (narrate_after(&call, result)
        && (request == FIONREAD || request == TIOCOUTQ)) {
        memcpy(&value, argument, sizeof value);
        narrate_means(&call, 0, "The value is %d.", value);
    }
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
    socklen_t room;
    int result;

    if (!narrate_enter(&call, sock, name, "%d, &address, &length",
                       sock))
        return ours ? narrate_real_getsockname(sock, address, length)
                    : narrate_real_getpeername(sock, address, length);
    narrate_before(&call, NULL);
    room = narrate_readable(length, sizeof *length) ? *length : 0;
    result = ours ? narrate_real_getsockname(sock, address, length)
                  : narrate_real_getpeername(sock, address, length);
    narrate_clear(&t);
    narrate_add(&t, ours ? "Our end " : "The peer ");
    if (narrate_after(&call, result) && *length > room) {
        if (ours || room > 0)
            narrate_note_cut("the", room, length);
    } else if (result == 0) {
        bool path = *length > sizeof address->sa_family; /* unix(7) */

        narrate_add(&t, path ? "is " : "has no address");
        if (path)
            narrate_add_address(&t, address, *length);
        narrate_add(&t, ".");
        narrate_came(&call, &t);
    }
    narrate_leave(&call);
    return result;
}

static inline int narrate_told_getnameinfo(
    narrate_address address, socklen_t length, char *host,
    socklen_t hosts, char *service, socklen_t services, int flags)
{
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, NARRATE_NONE, "getnameinfo", NULL))
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
    call.shown = result == 0 ? "0" : narrate_resolver_name(result);
    narrate_after(&call, result);
    narrate_leave(&call);
    return result;
}

static inline struct hostent *narrate_told_gethostbyname(
    const char *name)
{
    struct narrate_call call;
    struct hostent *result;
    struct in_addr unused;

    if (!narrate_enter(&call, NARRATE_NONE, "gethostbyname", NULL))
        return narrate_real_gethostbyname(name);
    narrate_add_quoted(&call.args, name,
                       name != NULL ? strlen(name) : 0);
    narrate_before(
        &call, name == NULL || inet_pton(AF_INET, name, &unused) == 1
                   ? NULL
                   : "until the resolver answers");
    result = narrate_real_gethostbyname(name);
    call.shown = result != NULL ? "&host" : "NULL";
    narrate_after(&call, result != NULL ? 0 : -1);
    narrate_leave(&call);
    return result;
}

#endif
