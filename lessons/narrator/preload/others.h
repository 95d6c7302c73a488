/* others.h: options, fcntl, poll, pipe, names. See calls.h first. */
#ifndef NARRATE_OTHERS_H
#define NARRATE_OTHERS_H

/* ---- options ----------------------------------------------------- */

/* Says what an option does that was just set; `value` holds an int or
 * more. The rows are for options of TCP and UDP that are switched on.
 * SO_REUSEADDR of TCP does nothing for a port that it has already. */
NARRATE_INNER void narrate_optioned(struct narrate_call *call, int sock,
                                    int level, int option,
                                    const void *value)
{
    static const struct done {
        int level, option, type, lesson;
        const char *text;
    } rows[] = {
        {SOL_SOCKET, SO_REUSEADDR, SOCK_STREAM, 2,
         "Old connections of an earlier server no longer block this"
         " port."},
        {SOL_SOCKET, SO_REUSEADDR, SOCK_DGRAM, 19,
         "Other sockets that say the same may have our port, too."},
        {SOL_SOCKET, SO_BROADCAST, SOCK_DGRAM, 19,
         "Now we may send to all hosts of a network."},
        {SOL_SOCKET, SO_KEEPALIVE, SOCK_STREAM, 20,
         "From now on the kernel asks a silent peer now and then"
         " whether it is still there."},
        {SOL_SOCKET, SO_LINGER, SOCK_STREAM, 17,
         "close will reset the connection and drop what was not yet"
         " delivered."},
        {IPPROTO_TCP, TCP_NODELAY, SOCK_STREAM, 20,
         "From now on small segments are sent at once: Nagle's"
         " algorithm is off."},
    };
    bool receives = option == SO_RCVTIMEO;
    struct narrate_text t;
    int on[2] = {0, 0}, port = narrate_port(sock);

    memcpy(on, value,
           level == SOL_SOCKET && option == SO_LINGER ? sizeof on
                                                      : sizeof on[0]);
    for (const struct done *row = rows;
         row < rows + NARRATE_COUNT(rows) && on[0] != 0 && on[1] == 0;
         row++)
        if (row->level == level && row->option == option
            && narrate_is_type(sock, row->type)
            && (row->lesson == 2 ? port == 0 : port >= 0)
            && !narrate_is_known(row->lesson, row->text))
            narrate_tell(NARRATE_MEANS, call, row->text);
    if (level == SOL_SOCKET && option == SO_RCVBUF)
        narrate_means(call, 20,
                      "We asked for %d byte%s; getsockopt tells what"
                      " the kernel has made of it.",
                      on[0], on[0] == 1 ? "" : "s");
    if (!narrate_is_limit(level, option))
        return;
    narrate_clear(&t);
    narrate_add_most(&t, narrate_limit(sock, option));
    narrate_means(call, receives ? 8 : 10,
                  t.used > 0 ? "From now on a call that %s on this"
                               " socket blocks%s; then it fails with"
                               " EAGAIN."
                             : "No time limit any more for a call that"
                               " %s on this socket.",
                  receives ? "receives" : "sends", t.text + 1);
}

NARRATE_TAKE(int, setsockopt,
             (int sock, int level, int option, const void *value,
              socklen_t length),
             (sock, level, option, value, length))
{
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, NARRATE_NONE, "setsockopt", "%d, ", sock))
        return narrate_real_setsockopt(sock, level, option, value,
                                       length);
    narrate_add_option(&call.args, level, option);
    narrate_add(&call.args, ", ");
    narrate_add_value(&call.args, level, option, value, length);
    narrate_add(&call.args, ", %u", (unsigned)length);
    narrate_before(&call, NULL);
    result =
        narrate_real_setsockopt(sock, level, option, value, length);
    if (narrate_after(&call, result) && length >= sizeof(int))
        narrate_optioned(&call, sock, level, option, value);
    narrate_leave(&call);
    return result;
}

NARRATE_TAKE(int, getsockopt,
             (int sock, int level, int option, void *value,
              socklen_t *length),
             (sock, level, option, value, length))
{
    struct narrate_call call;
    struct narrate_text t;
    int result, error = 0;

    if (!narrate_enter(&call, sock, "getsockopt", "%d, ", sock))
        return narrate_real_getsockopt(sock, level, option, value,
                                       length);
    narrate_add_option(&call.args, level, option);
    narrate_add(&call.args, ", ");
    narrate_add_source(&call, 3, "&value");
    narrate_add(&call.args, ", ");
    narrate_add_source(&call, 4, "&length");
    narrate_before(&call, NULL);
    result =
        narrate_real_getsockopt(sock, level, option, value, length);
    narrate_clear(&t);
    if (result == 0 && length != NULL && *length >= sizeof error)
        memcpy(&error, value, sizeof error);
    if (!narrate_after(&call, result)) {
        /* that has been told */
    } else if (level == SOL_SOCKET && option == SO_ERROR) {
        narrate_add(&t, "Its error is %d: %s.", error,
                    error != 0 ? narrate_errno_name(error)
                               : narrate_no_error(sock));
        narrate_tell(NARRATE_CAME, &call, t.text);
        if (error != 0)
            narrate_unanswered(&call, sock, error);
        call.error = error;
        narrate_breaks(&call);
    } else {
        narrate_add(&t, "The value is ");
        narrate_add_value(&t, level, option, value,
                          length != NULL ? *length : 0);
        narrate_add(&t, ".");
        narrate_tell(NARRATE_CAME, &call, t.text);
    }
    if (error != 0)
        call.sock = NARRATE_NONE;
    narrate_leave(&call);
    return result;
}

/* Is this fcntl told? It is for a socket, and in a lesson also for a
 * number that is not open. */
NARRATE_INNER bool narrate_controls(int descriptor)
{
    struct stat file;
    bool open = fstat(descriptor, &file) == 0;

#ifdef NARRATE_PRELOAD
    return open && S_ISSOCK(file.st_mode);
#else
    return !open || S_ISSOCK(file.st_mode);
#endif
}

/* Tells of F_GETFL and F_SETFL only. `argument` is the third of
 * fcntl(2), an int or a pointer. */
NARRATE_APART int narrate_told_fcntl(int descriptor, int command,
                                     void *argument)
{
    static const struct narrate_name statuses[] = {
        NARRATE_NAME(O_RDWR),
        NARRATE_NAME(O_WRONLY),
        NARRATE_NAME(O_NONBLOCK),
        NARRATE_NAME(O_APPEND),
    };
    struct narrate_call call;
    struct narrate_text t;
    long flags;
    int result;

    if (!narrator.telling || narrate_busy
        || (command != F_GETFL && command != F_SETFL)
        || !narrate_controls(descriptor)
        || !narrate_enter(&call, NARRATE_NONE, "fcntl", NULL))
        return narrate_real_fcntl(descriptor, command, argument);
    flags = (int)(intptr_t)argument;
    narrate_add(&call.args, "%d, %s", descriptor,
                command == F_GETFL ? "F_GETFL" : "F_SETFL, ");
    if (command == F_SETFL)
        NARRATE_ADD_FLAGS(&call.args, flags, statuses);
    narrate_before(&call, NULL);
    result = narrate_real_fcntl(descriptor, command, argument);
    narrate_clear(&t);
    if (command == F_GETFL && result != -1) {
        NARRATE_ADD_FLAGS(&t, result, statuses);
        call.shown = t.text;
    }
    if (!narrate_after(&call, result))
        ; /* that has been told */
    else if (command == F_GETFL)
        narrate_means(&call, 11,
                      "These flags are set now. To add one, a program"
                      " writes all of them back.");
    else if ((flags & O_NONBLOCK) != 0)
        narrate_means(&call, 11,
                      "No call on this socket blocks from now on.");
    else
        narrate_means(&call, 12, "Calls on this socket block again.");
    narrate_leave(&call);
    return result;
}

/* ---- readiness --------------------------------------------------- */

/* Adds what poll watches, {3, POLLIN}, {5, POLLOUT}, or (`ready`) what
 * is ready, 3 (POLLIN): at most six, and how many more there are. */
NARRATE_APART void narrate_add_watched(struct narrate_text *t,
                                       const struct pollfd *watched,
                                       nfds_t count, bool ready)
{
    static const struct narrate_name events_of[] = {
        NARRATE_NAME(POLLIN),  NARRATE_NAME(POLLOUT),
        NARRATE_NAME(POLLERR), NARRATE_NAME(POLLHUP),
        NARRATE_NAME(POLLPRI), NARRATE_NAME(POLLNVAL),
#ifdef NARRATE_MORE_EVENTS /* of preload_names.h */
        NARRATE_MORE_EVENTS
#endif
    };
    nfds_t shown = 0, more = 0;

    for (nfds_t i = 0; i < count; i++) {
        short events = ready ? watched[i].revents : watched[i].events;

        if (ready && events == 0)
            continue;
        if (shown == 6) {
            more++;
            continue;
        }
        narrate_add(t, ready ? "%s%d (" : "%s{%d, ",
                    shown++ > 0 ? ", " : "", watched[i].fd);
        NARRATE_ADD_FLAGS(t, events & 0xFFFF, events_of);
        narrate_add(t, !ready              ? "}"
                       : events & POLLNVAL ? ": not open)"
                                           : ")");
    }
    if (more > 0)
        narrate_add(t, " and %zu more", (size_t)more);
}

/* Is a listening socket the only socket that is watched? */
NARRATE_INNER bool narrate_only_callers(const struct pollfd *watched,
                                        nfds_t count)
{
    int sockets = 0;
    bool listening = false;

    if (count > 8
        || !narrate_readable(watched, count * sizeof *watched))
        return false;
    for (nfds_t i = 0; i < count; i++)
        if (narrate_is_socket(watched[i].fd)) {
            sockets++;
            listening = narrate_is_listening(watched[i].fd);
        }
    return listening && sockets == 1;
}

NARRATE_TAKE(int, poll,
             (struct pollfd * watched, nfds_t count, int timeout),
             (watched, count, timeout))
{
    struct narrate_call call;
    struct narrate_text t;
    int result;
    bool waits;

    if (!narrate_enter(&call, NARRATE_NONE, "poll", "["))
        return narrate_real_poll(watched, count, timeout);
    waits = narrate_readable(watched, count * sizeof *watched);
    if (waits)
        narrate_add_watched(&call.args, watched, count, false);
    narrate_add(&call.args, "], %zu, %d", (size_t)count, timeout);
    narrate_clear(&t);
    narrate_add(&t, "until a descriptor is ready");
    if (timeout > 0)
        narrate_add_most(&t, timeout * 1000LL);
    if (narrate_only_callers(watched, count))
        narrate_add_partner(&t);
    waits = waits && timeout != 0 && count > 0;
    for (nfds_t i = 0; waits && i < count && i < 8; i++)
        waits = watched[i].fd < 0
                || narrate_real_fcntl(watched[i].fd, F_GETFL) != -1;
    call.watched = timeout > 0 ? watched : NULL;
    call.watches = count;
    narrate_before(&call, waits ? t.text : NULL);
    result = narrate_real_poll(watched, count, timeout);
    narrate_clear(&t);
    if (narrate_after(&call, result)) {
        narrate_add(&t, result == 0 ? "The time is over: nothing is"
                                      " ready"
                                    : "Ready: ");
        narrate_add_watched(&t, watched, count, true);
        narrate_add(&t, ".");
        narrate_tell(NARRATE_CAME, &call, t.text);
        count = result == 0 && timeout >= 3000 ? count : 0;
        for (nfds_t i = 0; i < count; i++) /* SYNs have been repeated */
            narrate_unanswered(&call, watched[i].fd, ETIMEDOUT);
    }
    narrate_leave(&call);
    return result;
}

NARRATE_TAKE(int, pipe, (int ends[2]), (ends))
{
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, NARRATE_NONE, "pipe", NULL))
        return narrate_real_pipe(ends);
    narrate_add_source(&call, 0, "ends");
    narrate_before(&call, NULL);
    result = narrate_real_pipe(ends);
    if (narrate_after(&call, result))
        narrate_means(&call, 0,
                      "What is written into descriptor %d can be read"
                      " from %d.",
                      ends[1], ends[0]);
    narrate_leave(&call);
    return result;
}

/* ---- names ------------------------------------------------------- */

/* Does this look like a host name or an address, by its letters? */
NARRATE_APART bool narrate_is_name(const char *word)
{
    const char *host = "0123456789-._:%ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                       "abcdefghijklmnopqrstuvwxyz";
    size_t good = strspn(word, host);

    return good > 0 && good < 254 && word[good] == '\0';
}

NARRATE_TAKE(int, getaddrinfo,
             (const char *host, const char *service,
              const struct addrinfo *hints, struct addrinfo **list),
             (host, service, hints, list))
{
    enum { SHOWN = 4 };
    struct narrate_call call;
    struct narrate_text t;
    struct in6_addr unused;
    int result, number = 0;

    if (!narrate_enter(&call, NARRATE_NONE, "getaddrinfo", NULL))
        return narrate_real_getaddrinfo(host, service, hints, list);
    for (int i = 0; i < 2; i++) {
        const char *word = i == 0 ? host : service;

        if (word == NULL)
            narrate_add(&call.args, "NULL");
        else
            narrate_add_quoted(&call.args, word, strlen(word));
        narrate_add(&call.args, ", ");
    }
    narrate_add_source(&call, 2, hints ? "&hints" : "NULL");
    narrate_add(&call.args, ", ");
    narrate_add_source(&call, 3, "&list");
    narrate_before(
        &call, host == NULL || inet_pton(AF_INET, host, &unused) == 1
                       || inet_pton(AF_INET6, host, &unused) == 1
                   ? NULL
                   : "until the resolver answers");
    result = narrate_real_getaddrinfo(host, service, hints, list);
    call.shown = result == 0 ? "0" : narrate_resolver_name(result);
    narrate_after(&call, result);
    if (result != 0) {
        call.host = host != NULL && narrate_is_name(host) ? host : "";
        narrate_explain(&call, narrate_resolver_error(result), NULL, 0);
        narrate_leave(&call);
        return result;
    }
    narrate_means(&call, 12, "The addresses, best first (RFC 6724):");
    for (const struct addrinfo *a = *list; a != NULL; a = a->ai_next) {
        if (++number > SHOWN)
            continue;
        narrate_clear(&t);
        narrate_add(&t, "%d. ", number);
        narrate_add_address(&t, a->ai_addr, a->ai_addrlen);
        if (hints == NULL || hints->ai_socktype == 0) { /* for each */
            narrate_add(&t, ", ");
            narrate_add_type(&t, a->ai_socktype);
        }
        narrate_tell(NARRATE_CAME, &call, t.text);
    }
    if (number > SHOWN)
        narrate_means(&call, 0, "and %d more", number - SHOWN);
    narrate_leave(&call);
    return result;
}

#endif
