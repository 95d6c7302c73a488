/* others.h: what the other calls mean: options, fcntl, poll, pipe,
 * getaddrinfo. */
#ifndef NARRATE_OTHERS_H
#define NARRATE_OTHERS_H

/* ---- options ----------------------------------------------------- */

/* Says what was done about a group, by one of the options whose value
 * is its addresses. An interface without an address is left to the
 * kernel, or has a number. */
NARRATE_INNER void narrate_means_group(struct narrate_call *call)
{
    int option = (int)call->arg[2];
    const char *value = narrate_pointer(call, 3);
    socklen_t length = (socklen_t)call->arg[4];
    const char *own = length > 4 ? value + 4 : value;
    bool chosen = length == 12 || memcmp(own, "\0\0\0", 4) == 0;
    NARRATE_TEXT(group, INET_ADDRSTRLEN);
    NARRATE_TEXT(network, 40);

    narrate_add_group(&group, value, 4);
    narrate_add(&network, chosen ? "an interface" : "the network of ");
    if (!chosen)
        narrate_add_group(&network, own, 4);
    if (option == IP_ADD_MEMBERSHIP)
        narrate_means(call, 19,
                      "We have joined the group: our kernel takes what"
                      " comes for %s through %s.",
                      group.text, network.text);
    else if (option == IP_DROP_MEMBERSHIP)
        narrate_means(call, 19, "We have left the group %s.",
                      group.text);
    else if (!chosen)
        narrate_means(call, 19,
                      "What we send to a group leaves through %s.",
                      network.text);
}

/* Says what an option does that was just set. The rows are for options
 * of TCP and UDP that are switched on. SO_REUSEADDR of TCP does nothing
 * for a port that it has already. */
NARRATE_APART void narrate_means_setsockopt(struct narrate_call *call)
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
    int level = (int)call->arg[1], option = (int)call->arg[2];
    int on[2] = {0, 0}, port = call->now->port;
    bool receives = option == SO_RCVTIMEO;
    NARRATE_TEXT(t, 60);

    if ((size_t)call->arg[4] < sizeof on[0])
        return;
    if (narrate_is_group_value(level, option,
                               (socklen_t)call->arg[4])) {
        narrate_means_group(call);
        return;
    }
    memcpy(on, narrate_pointer(call, 3),
           level == SOL_SOCKET && option == SO_LINGER ? sizeof on
                                                      : sizeof on[0]);
    for (const struct done *row = rows;
         row < rows + NARRATE_COUNT(rows) && on[0] != 0 && on[1] == 0;
         row++)
        if (row->level == level && row->option == option
            && row->type == call->now->type
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
    narrate_add_most(&t, narrate_limit(call->sock, option));
    narrate_means(call, receives ? 8 : 10,
                  t.used > 0 ? "From now on a call that %s on this"
                               " socket blocks%s; then it fails with"
                               " EAGAIN."
                             : "No time limit any more for a call that"
                               " %s on this socket.",
                  receives ? "receives" : "sends", t.text + 1);
}

NARRATE_APART void narrate_means_getsockopt(struct narrate_call *call)
{
    int level = (int)call->arg[1], option = (int)call->arg[2];
    const socklen_t *length = narrate_pointer(call, 4);
    const void *value = narrate_pointer(call, 3);
    NARRATE_TEXT(t, 100);
    int error = 0;

#ifdef __linux__
    /* struct ucred, which is shown with _GNU_SOURCE alone; other
     * systems have another one. unix(7) */
    struct {
        pid_t process;
        uid_t user;
        gid_t group;
    } peer;

    if (level == SOL_SOCKET && option == SO_PEERCRED
        && *length == sizeof peer) {
        memcpy(&peer, value, sizeof peer);
        narrate_add(&t, "At the other end is process %ld, of user %u.",
                    (long)peer.process, (unsigned)peer.user);
        narrate_tell(NARRATE_CAME, call, t.text);
        return;
    }
#endif
    if (level != SOL_SOCKET || option != SO_ERROR) {
        narrate_add(&t, "The value is ");
        narrate_add_value(&t, level, option, value, *length);
        narrate_add(&t, ".");
        narrate_tell(NARRATE_CAME, call, t.text);
        return;
    }
    if (*length >= sizeof error)
        memcpy(&error, value, sizeof error);
    narrate_add(&t, "Its error is %d: %s.", error,
                error != 0 ? narrate_errno_name(error)
                : call->now->connected
                        && call->now->state != NARRATE_CLOSED
                    ? "none, so we are connected"
                    : "none");
    narrate_tell(NARRATE_CAME, call, t.text);
    if (error == 0)
        return;
    narrate_unanswered(call, call->now, error);
    narrate_breaks(call, error);
    call->sock = NARRATE_NONE;
}

/* ---- fcntl ------------------------------------------------------- */

static const struct narrate_name narrate_statuses[] = {
    NARRATE_NAME(O_RDWR),
    NARRATE_NAME(O_WRONLY),
    NARRATE_NAME(O_NONBLOCK),
    NARRATE_NAME(O_APPEND),
};

NARRATE_APART void narrate_adds_fcntl(struct narrate_call *call,
                                      struct narrate_text *t)
{
    narrate_add(t, call->arg[1] == F_GETFL ? "F_GETFL" : "F_SETFL, ");
    if (call->arg[1] == F_SETFL)
        NARRATE_ADD_FLAGS(t, call->arg[2], narrate_statuses);
}

NARRATE_APART void narrate_shows_fcntl(struct narrate_call *call,
                                       struct narrate_text *t)
{
    narrate_add(t, "= ");
    if (call->arg[1] == F_GETFL)
        NARRATE_ADD_FLAGS(t, call->result, narrate_statuses);
    else
        narrate_add(t, "%ld", call->result);
}

NARRATE_APART void narrate_means_fcntl(struct narrate_call *call)
{
    if (call->arg[1] == F_GETFL)
        narrate_means(call, 11,
                      "These flags are set now. To add one, a program"
                      " writes all of them back.");
    else if ((call->arg[2] & O_NONBLOCK) != 0)
        narrate_means(call, 11,
                      "No call on this socket blocks from now on.");
    else
        narrate_means(call, 12, "Calls on this socket block again.");
}

/* Only F_GETFL and F_SETFL are told. `argument` is the third of
 * fcntl(2), an int or a pointer. Not in calls.def, because it takes a
 * third argument with some commands only. */
NARRATE_APART int narrate_told_fcntl(int descriptor, int command,
                                     void *argument){
    NARRATE_BODY(int, fcntl, (descriptor, command, argument),
                 .format = "d, *", .adds = narrate_adds_fcntl,
                 .shows = narrate_shows_fcntl,
                 .means = narrate_means_fcntl, .silent = true)}

/* ---- poll, pipe -------------------------------------------------- */

/* Adds what poll watches, {3, POLLIN}, {5, POLLOUT}, or (`ready`) what
 * is ready, 3 (POLLIN): at most six, and how many more there are. */
NARRATE_APART void narrate_add_watched(struct narrate_text *t,
                                       const struct pollfd *watched,
                                       nfds_t count, bool ready)
{
    static const struct narrate_name events_of[] = {
        NARRATE_NAME(POLLIN),     NARRATE_NAME(POLLOUT),
        NARRATE_NAME(POLLERR),    NARRATE_NAME(POLLHUP),
        NARRATE_NAME(POLLPRI),    NARRATE_NAME(POLLNVAL),
#ifdef POLLRDHUP
        NARRATE_NAME(POLLRDHUP),  NARRATE_NAME(POLLRDNORM),
        NARRATE_NAME(POLLRDBAND), NARRATE_NAME(POLLWRNORM),
        NARRATE_NAME(POLLWRBAND),
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

NARRATE_APART void narrate_adds_poll(struct narrate_call *call,
                                     struct narrate_text *t)
{
    const struct pollfd *watched = narrate_pointer(call, 0);
    nfds_t count = (nfds_t)call->arg[1];

    narrate_add(t, "[");
    if (narrate_readable(watched, count * sizeof *watched))
        narrate_add_watched(t, watched, count, false);
    narrate_add(t, "]");
}

NARRATE_APART nfds_t
narrate_watches_poll(const struct narrate_call *call,
                     struct pollfd *watched, nfds_t room)
{
    const struct pollfd *given = narrate_pointer(call, 0);
    nfds_t count = (nfds_t)call->arg[1];

    if (!narrate_readable(given, count * sizeof *given))
        return 0;
    for (nfds_t i = 0; i < count && i < room; i++)
        watched[i] = given[i];
    return count;
}

/* Is one of the descriptors ready that a call watches? Of more than we
 * have room for, we do not say. */
NARRATE_APART bool narrate_there_ready(struct narrate_call *call,
                                       struct narrate_text *t)
{
    static struct pollfd watched[1024];
    const nfds_t room = NARRATE_COUNT(watched);
    nfds_t count = call->row->watches(call, watched, room);

    return count > room
           || (narrate_is_ready(watched, count)
               && narrate_was(t, 11,
                              "A descriptor was already ready."));
}

/* The partner is named if there is nobody else to wait for. */
NARRATE_APART bool narrate_until_poll(struct narrate_call *call,
                                      struct narrate_text *t)
{
    const struct pollfd *watched = narrate_pointer(call, 0);
    nfds_t count = (nfds_t)call->arg[1];
    int sockets = 0, listening = 0;

    if (call->arg[2] == 0 || count == 0
        || !narrate_readable(watched, count * sizeof *watched))
        return false;
    for (nfds_t i = 0; i < count && i < 8; i++) {
        const struct narrate_seen *seen;

        if (watched[i].fd < 0)
            continue;
        seen = narrate_look(watched[i].fd);
        sockets += seen->open;
        listening += seen->listens;
    }
    narrate_add(t, "a descriptor is ready");
    if (call->arg[2] > 0)
        narrate_add_most(t, call->arg[2] * 1000LL);
    if (sockets == 1 && listening == 1 && count <= 8)
        narrate_add_partner(t);
    return true;
}

NARRATE_APART void narrate_means_poll(struct narrate_call *call)
{
    const struct pollfd *watched = narrate_pointer(call, 0);
    nfds_t count = (nfds_t)call->arg[1];
    NARRATE_STATIC(t, 400);

    narrate_clear(&t);
    narrate_add(&t, call->result == 0 ? "The time is over: nothing is"
                                        " ready"
                                      : "Ready: ");
    narrate_add_watched(&t, watched, count, true);
    narrate_add(&t, ".");
    narrate_tell(NARRATE_CAME, call, t.text);
    if (call->result != 0 || call->arg[2] < 3000)
        return;
    for (nfds_t i = 0; i < count; i++) /* SYNs have been repeated */
        narrate_unanswered(call, narrate_look(watched[i].fd),
                           ETIMEDOUT);
}

NARRATE_APART void narrate_means_pipe(struct narrate_call *call)
{
    const int *ends = narrate_pointer(call, 0);

    narrate_means(call, 0,
                  "What is written into descriptor %d can be read from"
                  " %d.",
                  ends[1], ends[0]);
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

/* An address needs no resolver. */
NARRATE_APART bool narrate_until_getaddrinfo(struct narrate_call *call,
                                             struct narrate_text *t)
{
    const char *host = narrate_pointer(call, 0);
    struct in6_addr unused;

    narrate_add(t, "the resolver answers");
    return host != NULL && inet_pton(AF_INET, host, &unused) != 1
           && inet_pton(AF_INET6, host, &unused) != 1;
}

NARRATE_APART void narrate_shows_getaddrinfo(struct narrate_call *call,
                                             struct narrate_text *t)
{
    narrate_add(t, "= %s",
                call->result == 0
                    ? "0"
                    : narrate_resolver_name((int)call->result));
}

NARRATE_APART void narrate_means_getaddrinfo(struct narrate_call *call)
{
    enum { SHOWN = 4 };
    const char *host = narrate_pointer(call, 0);
    const struct addrinfo *hints = narrate_pointer(call, 2);
    struct addrinfo *const *list = narrate_pointer(call, 3);
    NARRATE_STATIC(t, 300);
    int number = 0;

    if (call->result != 0) {
        call->host = host != NULL && narrate_is_name(host) ? host : "";
        narrate_explain(call, narrate_resolver_error((int)call->result),
                        NULL, 0);
        return;
    }
    narrate_means(call, 12, "The addresses, best first (RFC 6724):");
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
        narrate_tell(NARRATE_CAME, call, t.text);
    }
    if (number > SHOWN)
        narrate_means(call, 0, "and %d more", number - SHOWN);
}

#endif
