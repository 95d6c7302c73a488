/* preload_ready.h: select, pselect, ppoll, epoll. Part of preload.c. */
#ifndef NARRATE_PRELOAD_READY_H
#define NARRATE_PRELOAD_READY_H

/* Which descriptors are epoll instances that watch a socket. */
static bool narrate_watches[NARRATE_SEEN];

/* The `data` that epoll_ctl was given for a descriptor. */
static struct narrate_marked {
    int watcher; /* the epoll that watches it, plus 1; 0: none */
    uint64_t data;
} narrate_given[NARRATE_SEEN];

static inline void narrate_mark_epoll(int epoll, int operation,
                                      int descriptor,
                                      const struct epoll_event *event)
{
    if (descriptor < 0 || descriptor >= NARRATE_SEEN)
        return;
    if (descriptor > narrator.highest)
        narrator.highest = descriptor;
    narrate_given[descriptor] = (struct narrate_marked){0, 0};
    if (operation != EPOLL_CTL_DEL && event != NULL)
        narrate_given[descriptor] =
            (struct narrate_marked){epoll + 1, event->data.u64};
}

/* The descriptor with this `data`; -1 if there is none, or several. */
static inline int narrate_marked(int epoll, uint64_t data)
{
    int found = -1;

    for (int i = 0; i < narrate_few(); i++)
        if (narrate_given[i].watcher == epoll + 1
            && narrate_given[i].data == data) {
            if (found != -1)
                return -1;
            found = i;
        }
    return found;
}

static const struct narrate_name narrate_epolls[] = {
    NARRATE_NAME(EPOLLIN),      NARRATE_NAME(EPOLLOUT),
    NARRATE_NAME(EPOLLERR),     NARRATE_NAME(EPOLLHUP),
    NARRATE_NAME(EPOLLRDHUP),   NARRATE_NAME(EPOLLPRI),
    NARRATE_NAME(EPOLLRDNORM),  NARRATE_NAME(EPOLLRDBAND),
    NARRATE_NAME(EPOLLWRNORM),  NARRATE_NAME(EPOLLWRBAND),
    NARRATE_NAME(EPOLLONESHOT), NARRATE_NAME(EPOLLEXCLUSIVE),
    NARRATE_NAME(EPOLLWAKEUP),  {(long)EPOLLET, "EPOLLET"},
};

/* Is one of them a socket? */
static inline bool narrate_polls_socket(const struct pollfd *watched,
                                        nfds_t count)
{
    if (count == 0
        || !narrate_readable(watched, count * sizeof *watched))
        return false;
    for (nfds_t i = 0; i < count; i++)
        if (watched[i].fd >= 0 && narrate_is_socket(watched[i].fd))
            return true;
    return false;
}

static inline bool narrate_in_set(const fd_set *set, int descriptor)
{
    return set != NULL && descriptor < FD_SETSIZE
           && FD_ISSET(descriptor, set);
}

static inline bool narrate_selects_socket(int count, const fd_set *in,
                                          const fd_set *out,
                                          const fd_set *other)
{
    const fd_set *const sets[] = {in, out, other};

    for (size_t i = 0; i < NARRATE_COUNT(sets); i++)
        if (sets[i] != NULL
            && !narrate_readable(sets[i], sizeof(fd_set)))
            return false;
    for (int i = 0; i < count && i < FD_SETSIZE; i++)
        if ((narrate_in_set(in, i) || narrate_in_set(out, i)
             || narrate_in_set(other, i))
            && narrate_is_socket(i))
            return true;
    return false;
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

/* A call of select or pselect: they differ in the last arguments. */
struct narrate_choice {
    const char *name;
    int count;
    fd_set *in, *out, *other;
    struct timeval *limit; /* select's, or NULL */
    const struct timespec *exact; /* pselect's, or NULL */
    const sigset_t *mask;
};

static inline int narrate_choose(const struct narrate_choice *c)
{
    return c->name[0] == 's'
               ? narrate_real_select(c->count, c->in, c->out, c->other,
                                     c->limit)
               : narrate_real_pselect(c->count, c->in, c->out, c->other,
                                      c->exact, c->mask);
}

/* The time limit in microseconds, -1 for none; and, below, as the
 * program passes it, {2, 0}. */
static inline long long narrate_most(const struct narrate_choice *c)
{
    if (c->limit != NULL)
        return c->limit->tv_sec * 1000000LL + c->limit->tv_usec;
    if (c->exact != NULL)
        return c->exact->tv_sec * 1000000LL + c->exact->tv_nsec / 1000;
    return -1;
}

static inline void narrate_add_limit(struct narrate_text *t,
                                     const struct narrate_choice *c)
{
    if (c->limit != NULL)
        narrate_add(t, "{%ld, %ld}", (long)c->limit->tv_sec,
                    (long)c->limit->tv_usec);
    else if (c->exact != NULL)
        narrate_add(t, "{%ld, %ld}", (long)c->exact->tv_sec,
                    c->exact->tv_nsec);
    else
        narrate_add(t, "NULL");
}

/* The sets of a select as poll has them: how many, at most `room`. */
static inline nfds_t narrate_as_poll(const struct narrate_choice *c,
                                     struct pollfd *watched,
                                     nfds_t room)
{
    nfds_t count = 0;

    for (int i = 0; i < c->count && i < FD_SETSIZE; i++) {
        int events = (narrate_in_set(c->in, i) ? POLLIN : 0)
                     | (narrate_in_set(c->out, i) ? POLLOUT : 0)
                     | (narrate_in_set(c->other, i) ? POLLPRI : 0);

        if (events != 0 && count < room)
            watched[count++] = (struct pollfd){i, (short)events, 0};
    }
    return count;
}

static inline int narrate_told_choice(const struct narrate_choice *c)
{
    static const char *const ways[] = {"to read", "to write", "other"};
    fd_set *const sets[] = {c->in, c->out, c->other};
    struct narrate_call call;
    struct narrate_text t;
    struct pollfd watched[64];
    long long us = narrate_most(c);
    int result;

    if (!narrate_enter(&call, NARRATE_NONE, c->name, "%d, ", c->count))
        return narrate_choose(c);
    for (size_t i = 0; i < NARRATE_COUNT(sets); i++) {
        narrate_add_set(&call.args, c->count, sets[i]);
        narrate_add(&call.args, ", ");
    }
    narrate_add_limit(&call.args, c);
    if (c->name[0] == 'p')
        narrate_add(&call.args, c->mask != NULL ? ", &mask" : ", NULL");
    narrate_clear(&t);
    narrate_add(&t, "until a descriptor is ready");
    narrate_add_most(&t, us);
    for (int d = 0; d < c->count && d < FD_SETSIZE; d++)
        if ((narrate_in_set(c->in, d) || narrate_in_set(c->out, d)
             || narrate_in_set(c->other, d))
            && narrate_real_fcntl(d, F_GETFL) == -1)
            us = 0; /* EBADF */
    call.watched = us > 0 ? watched : NULL;
    call.watches = narrate_as_poll(c, watched, NARRATE_COUNT(watched));
    narrate_before(&call, us != 0 ? t.text : NULL);
    result = narrate_choose(c);
    narrate_clear(&t);
    if (!narrate_after(&call, result)) {
        /* that has been told */
    } else if (result == 0) {
        narrate_add(&t, "The time is over: nothing is ready.");
        narrate_came(&call, &t);
    } else {
        for (size_t i = 0; i < NARRATE_COUNT(sets); i++)
            for (int d = 0; d < c->count && d < FD_SETSIZE; d++)
                if (narrate_in_set(sets[i], d))
                    narrate_add(&t, "%s%d (%s)",
                                t.used > 0 ? ", " : "Ready: ", d,
                                ways[i]);
        narrate_add(&t, ".");
        narrate_came(&call, &t);
    }
    narrate_leave(&call);
    return result;
}

static inline int narrate_told_ppoll(struct pollfd *watched,
                                     nfds_t count,
                                     const struct timespec *limit,
                                     const sigset_t *mask)
{
    struct narrate_call call;
    struct narrate_text t;
    int result;

    if (!narrate_enter(&call, NARRATE_NONE, "ppoll", "["))
        return narrate_real_ppoll(watched, count, limit, mask);
    narrate_add_watched(&call.args, watched, count, false);
    narrate_add(&call.args, "], %zu, ", (size_t)count);
    if (limit == NULL)
        narrate_add(&call.args, "NULL");
    else
        narrate_add(&call.args, "{%ld, %ld}", (long)limit->tv_sec,
                    limit->tv_nsec);
    narrate_add(&call.args, mask != NULL ? ", &mask" : ", NULL");
    narrate_clear(&t);
    narrate_add(&t, "until a descriptor is ready");
    if (limit != NULL)
        narrate_add_most(&t, limit->tv_sec * 1000000LL
                                 + limit->tv_nsec / 1000);
    call.watched = limit != NULL ? watched : NULL;
    call.watches = count;
    narrate_before(&call, limit == NULL || limit->tv_sec > 0
                                  || limit->tv_nsec > 0
                              ? t.text
                              : NULL);
    result = narrate_real_ppoll(watched, count, limit, mask);
    if (narrate_after(&call, result)) {
        narrate_clear(&t);
        narrate_add(&t, result == 0 ? "The time is over: nothing is"
                                      " ready"
                                    : "Ready: ");
        narrate_add_watched(&t, watched, count, true);
        narrate_add(&t, ".");
        narrate_came(&call, &t);
    }
    narrate_leave(&call);
    return result;
}

/* ---- epoll ------------------------------------------------------- */

static inline int narrate_told_epoll_ctl(int epoll, int operation,
                                         int descriptor,
                                         struct epoll_event *event)
{
    static const struct narrate_name operations[] = {
        NARRATE_NAME(EPOLL_CTL_ADD),
        NARRATE_NAME(EPOLL_CTL_MOD),
        NARRATE_NAME(EPOLL_CTL_DEL),
    };
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, NARRATE_NONE, "epoll_ctl", "%d, ", epoll))
        return narrate_real_epoll_ctl(epoll, operation, descriptor,
                                      event);
    NARRATE_ADD_NAME(&call.args, operation, operations);
    narrate_add(&call.args, ", %d, ", descriptor);
    if (event == NULL) {
        narrate_add(&call.args, "NULL");
    } else if (operation == EPOLL_CTL_DEL) { /* it is ignored */
        narrate_add(&call.args, "&event");
    } else if (narrate_readable(event, sizeof *event)) {
        narrate_add(&call.args, "{");
        NARRATE_ADD_FLAGS(&call.args, event->events, narrate_epolls);
        narrate_add(&call.args,
                    event->data.u64 <= INT_MAX ? ", %llu}" : ", %#llx}",
                    (unsigned long long)event->data.u64);
    }
    narrate_before(&call, NULL);
    result =
        narrate_real_epoll_ctl(epoll, operation, descriptor, event);
    if (narrate_after(&call, result)) {
        narrate_mark_epoll(epoll, operation, descriptor, event);
    }
    if (result == 0 && epoll < NARRATE_SEEN
        && !narrate_watches[epoll]) {
        narrate_watches[epoll] = true;
        narrate_means(&call, 0,
                      "Descriptor %d, an epoll instance, watches other"
                      " descriptors.",
                      epoll);
    }
    narrate_leave(&call);
    return result;
}

/* A call of epoll_wait or epoll_pwait. */
struct narrate_wait {
    const char *name;
    int epoll;
    struct epoll_event *events;
    int room, timeout;
    const sigset_t *mask;
};

static inline int narrate_wait(const struct narrate_wait *w)
{
    return strcmp(w->name, "epoll_wait") == 0
               ? narrate_real_epoll_wait(w->epoll, w->events, w->room,
                                         w->timeout)
               : narrate_real_epoll_pwait(w->epoll, w->events, w->room,
                                          w->timeout, w->mask);
}

static inline int narrate_told_wait(const struct narrate_wait *w)
{
    struct narrate_call call;
    struct pollfd ready = {w->epoll, POLLIN, 0};
    struct narrate_text t;
    int result;

    if (!narrate_enter(&call, NARRATE_NONE, w->name,
                       "%d, &events, %d, %d", w->epoll, w->room,
                       w->timeout))
        return narrate_wait(w);
    if (strcmp(w->name, "epoll_wait") != 0)
        narrate_add(&call.args, w->mask != NULL ? ", &mask" : ", NULL");
    narrate_clear(&t);
    narrate_add(&t, "until a descriptor is ready");
    if (w->timeout > 0)
        narrate_add_most(&t, w->timeout * 1000LL);
    call.watched = w->timeout > 0 ? &ready : NULL;
    call.watches = 1;
    narrate_before(&call,
                   w->timeout != 0 && w->room > 0 ? t.text : NULL);
    result = narrate_wait(w);
    narrate_clear(&t);
    if (!narrate_after(&call, result)) {
        /* that has been told */
    } else if (result == 0) {
        narrate_add(&t, "The time is over: nothing is ready.");
        narrate_came(&call, &t);
    } else {
        narrate_add(&t, "Ready: ");
        for (int i = 0; i < result && i < 6; i++) {
            int descriptor =
                narrate_marked(w->epoll, w->events[i].data.u64);

            narrate_add(&t, i > 0 ? ", " : "");
            if (descriptor != -1)
                narrate_add(&t, "%d (", descriptor);
            NARRATE_ADD_FLAGS(&t, w->events[i].events, narrate_epolls);
            narrate_add(&t, descriptor != -1 ? ")" : "");
        }
        narrate_add(&t, result > 6 ? " and %d more." : ".", result - 6);
        narrate_came(&call, &t);
    }
    narrate_leave(&call);
    return result;
}

#endif
