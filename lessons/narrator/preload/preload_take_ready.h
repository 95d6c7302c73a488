/* preload_take_ready.h: readiness, names, signals and the end, under
 * the library's names. Part of preload_take.h. */
#ifndef NARRATE_PRELOAD_TAKE_READY_H
#define NARRATE_PRELOAD_TAKE_READY_H

/* A call that waits for descriptors. If `ready`, it is made first, then
 * counted or told; one that blocks for longer is told before. */
#define NARRATE_READY_OR_COUNT(name, key, ready, real, told) \
    do { \
        const struct narrate_outer outer = narrate_set_aside(); \
        bool done = false; \
        int number = 0; \
\
        if (narrate_counts(name, key) && (ready)) { \
            number = real; \
            done = narrate_counted(number, NARRATE_NUMBER); \
        } \
        if (!done) \
            number = told; \
        narrate_put_back(&outer); \
        return number; \
    } while (0)

/* One that is not counted, kept apart from the call it interrupts. */
#define NARRATE_READY_ONLY(call) \
    do { \
        const struct narrate_outer outer = narrate_set_aside(); \
        int number = call; \
\
        narrate_put_back(&outer); \
        return number; \
    } while (0)

/* Before a poll: the program uses these descriptors itself. */
static inline void narrate_waits_for(const struct pollfd *watched,
                                     nfds_t count)
{
    narrate_note_unknown_ports();
    for (nfds_t i = 0; i < count; i++)
        narrate_uses(watched[i].fd, false);
}

/* The end of a poll that was told. */
static inline int narrate_polled(const struct pollfd *watched,
                                 nfds_t count, int result)
{
    if (count == 1)
        narrate_python_waits(watched[0].fd, "poll");
    return result;
}

static inline int narrate_take_poll(struct pollfd *watched,
                                    nfds_t count, int timeout)
{
    if (!narrate_may_note() || !narrate_polls_socket(watched, count))
        NARRATE_READY_ONLY(narrate_real_poll(watched, count, timeout));
    narrate_waits_for(watched, count);
    NARRATE_READY_OR_COUNT(
        "poll", watched[0].fd,
        narrate_is_short(timeout * 1000LL)
            || narrate_soon(watched, count),
        narrate_real_poll(watched, count, timeout),
        narrate_polled(watched, count,
                       narrate_told_poll(watched, count, timeout)));
}

NARRATE_OURS(int, poll,
             (struct pollfd * watched, nfds_t count, int timeout))
{
    return narrate_take_poll(watched, count, timeout);
}

static inline int narrate_take_ppoll(struct pollfd *watched,
                                     nfds_t count,
                                     const struct timespec *limit,
                                     const sigset_t *mask)
{
    if (!narrate_may_note() || !narrate_polls_socket(watched, count))
        return narrate_real_ppoll(watched, count, limit, mask);
    narrate_waits_for(watched, count);
    return narrate_told_ppoll(watched, count, limit, mask);
}

NARRATE_OURS(int, ppoll,
             (struct pollfd * watched, nfds_t count,
              const struct timespec *limit, const sigset_t *mask))
{
    return narrate_take_ppoll(watched, count, limit, mask);
}

NARRATE_CHECKED(int, __poll_chk,
                (struct pollfd * watched, nfds_t count, int timeout,
                 size_t room),
                (watched, count, timeout, room),
                room / sizeof *watched >= count,
                narrate_take_poll(watched, count, timeout))
NARRATE_CHECKED(int, __ppoll_chk,
                (struct pollfd * watched, nfds_t count,
                 const struct timespec *limit, const sigset_t *mask,
                 size_t room),
                (watched, count, limit, mask, room),
                room / sizeof *watched >= count,
                narrate_take_ppoll(watched, count, limit, mask))

/* Will select find a descriptor ready soon, or its time over? */
static inline bool narrate_selects_soon(const struct narrate_choice *c)
{
    struct pollfd watched[64];
    nfds_t count = 0;

    if (narrate_is_short(narrate_most(c)))
        return true;
    for (int i = 0; i < c->count && i < FD_SETSIZE; i++) {
        int events = (narrate_in_set(c->in, i) ? POLLIN : 0)
                     | (narrate_in_set(c->out, i) ? POLLOUT : 0)
                     | (narrate_in_set(c->other, i) ? POLLPRI : 0);

        if (events == 0)
            continue;
        if (count == NARRATE_COUNT(watched))
            return false;
        watched[count++] = (struct pollfd){i, (short)events, 0};
    }
    return narrate_soon(watched, count);
}

static inline int narrate_take_choice(const struct narrate_choice *c)
{
    narrate_note_select(c->count, c->in);
    narrate_note_select(c->count, c->out);
    if (!narrator.telling || narrate_busy
        || !narrate_selects_socket(c->count, c->in, c->out, c->other))
        NARRATE_READY_ONLY(narrate_choose(c));
    narrate_note_unknown_ports();
    for (int i = 0; i < c->count && i < FD_SETSIZE; i++)
        if (narrate_in_set(c->in, i) || narrate_in_set(c->out, i))
            narrate_uses(i, false);
    NARRATE_READY_OR_COUNT(c->name, c->count, narrate_selects_soon(c),
                           narrate_choose(c), narrate_told_choice(c));
}

NARRATE_OURS(int, select,
             (int count, fd_set *in, fd_set *out, fd_set *other,
              struct timeval *limit))
{
    const struct narrate_choice choice = {"select", count, in,   out,
                                          other,    limit, NULL, NULL};

    return narrate_take_choice(&choice);
}

NARRATE_OURS(int, pselect,
             (int count, fd_set *in, fd_set *out, fd_set *other,
              const struct timespec *limit, const sigset_t *mask))
{
    const struct narrate_choice choice = {
        "pselect", count, in, out, other, NULL, limit, mask};

    if (mask != NULL)
        NARRATE_READY_ONLY(narrate_told_choice(&choice));
    return narrate_take_choice(&choice);
}

/* ---- epoll ------------------------------------------------------- */

NARRATE_OURS(int, epoll_ctl,
             (int epoll, int operation, int descriptor,
              struct epoll_event *event))
{
    if (!narrate_wanted(descriptor)) {
        int result =
            narrate_real_epoll_ctl(epoll, operation, descriptor, event);

        if (result == 0
            && narrate_may_note()) /* told when it is ready */
            narrate_mark_epoll(epoll, operation, descriptor, event);
        return result;
    }
    narrate_uses(descriptor, false);
    return narrate_told_epoll_ctl(epoll, operation, descriptor, event);
}

static inline int narrate_take_wait(const struct narrate_wait *w)
{
    struct pollfd watched = {w->epoll, POLLIN, 0};

    if (!narrator.telling || narrate_busy || w->epoll < 0
        || w->epoll >= NARRATE_SEEN || !narrate_watches[w->epoll])
        NARRATE_READY_ONLY(narrate_wait(w));
    narrate_note_unknown_ports();
    NARRATE_READY_OR_COUNT(w->name, w->epoll,
                           narrate_is_short(w->timeout * 1000LL)
                               || narrate_soon(&watched, 1),
                           narrate_wait(w), narrate_told_wait(w));
}

NARRATE_OURS(int, epoll_wait,
             (int epoll, struct epoll_event *events, int room,
              int timeout))
{
    const struct narrate_wait wait = {"epoll_wait", epoll,   events,
                                      room,         timeout, NULL};

    return narrate_take_wait(&wait);
}

NARRATE_OURS(int, epoll_pwait,
             (int epoll, struct epoll_event *events, int room,
              int timeout, const sigset_t *mask))
{
    const struct narrate_wait wait = {"epoll_pwait", epoll,   events,
                                      room,          timeout, mask};

    if (mask == NULL || !narrator.telling || narrate_busy || epoll < 0
        || epoll >= NARRATE_SEEN || !narrate_watches[epoll])
        return narrate_take_wait(&wait);
    NARRATE_READY_ONLY(narrate_told_wait(&wait));
}

/* ---- names ------------------------------------------------------- */

NARRATE_OURS(int, getaddrinfo,
             (const char *host, const char *service,
              const struct addrinfo *hints, struct addrinfo **list))
{
    return narrate_told_getaddrinfo(host, service, hints, list);
}

NARRATE_OURS(int, getnameinfo,
             (narrate_address a, socklen_t length, char *host,
              socklen_t hosts, char *service, socklen_t services,
              int flags))
{
    return narrate_told_getnameinfo(a, length, host, hosts, service,
                                    services, flags);
}

NARRATE_OURS(struct hostent *, gethostbyname, (const char *name))
{
    return narrate_told_gethostbyname(name);
}

/* ---- signals ----------------------------------------------------- */

/* Hides our own handler from a program that asks which one it has set
 * for a signal. */
NARRATE_OURS(int, sigaction,
             (int signal, const struct sigaction *action,
              struct sigaction *old))
{
    int result = narrate_real_sigaction(signal, action, old);

    if (result == 0 && old != NULL
        && old->sa_handler == narrate_ended) {
        memset(old, 0, sizeof *old);
        old->sa_handler = SIG_DFL;
    }
    return result;
}

typedef void (*narrate_handler)(int);
#define NARRATE_OUR_SIGNAL(name) \
    static narrate_handler (*narrate_next_##name)(int, \
                                                  narrate_handler); \
    NARRATE_OURS(narrate_handler, name, \
                 (int signal, narrate_handler handler)) \
    { \
        narrate_handler old; \
\
        NARRATE_FIND(name); \
        old = narrate_next_##name(signal, handler); \
        return old == narrate_ended ? SIG_DFL : old; \
    }
NARRATE_OUR_SIGNAL(signal)
NARRATE_OUR_SIGNAL(__sysv_signal)

/* ---- the end ----------------------------------------------------- */

/* _exit(2) and _Exit run no on_exit function: we tell the end here. */
#define NARRATE_OUR_EXIT(name) \
    NARRATE_OURS(void, name, (int status)) \
    { \
        narrate_finish(status != 0, 0); \
        for (;;) \
            syscall(SYS_exit_group, status); \
    }
NARRATE_OUR_EXIT(_exit)
NARRATE_OUR_EXIT(_Exit)

#endif
