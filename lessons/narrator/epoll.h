/* epoll.h: the lists of descriptors that the kernel keeps. epoll(7). */
#ifndef NARRATE_EPOLL_H
#define NARRATE_EPOLL_H
#ifdef __linux__

/* The `data` that epoll_ctl was given for a descriptor. */
static struct narrate_marked {
    int list; /* that it is on, plus 1; 0: none */
    uint64_t data;
} narrate_entries[NARRATE_SEEN];

static const struct narrate_name narrate_epolls[] = {
    NARRATE_NAME(EPOLLIN),      NARRATE_NAME(EPOLLOUT),
    NARRATE_NAME(EPOLLERR),     NARRATE_NAME(EPOLLHUP),
    NARRATE_NAME(EPOLLRDHUP),   NARRATE_NAME(EPOLLPRI),
    NARRATE_NAME(EPOLLRDNORM),  NARRATE_NAME(EPOLLRDBAND),
    NARRATE_NAME(EPOLLWRNORM),  NARRATE_NAME(EPOLLWRBAND),
    NARRATE_NAME(EPOLLONESHOT), NARRATE_NAME(EPOLLEXCLUSIVE),
    NARRATE_NAME(EPOLLWAKEUP),  {(long)EPOLLET, "EPOLLET"},
};

NARRATE_APART void narrate_adds_epoll_create1(struct narrate_call *call,
                                              struct narrate_text *t)
{
    static const struct narrate_name flags[] = {
        NARRATE_NAME(EPOLL_CLOEXEC),
    };

    NARRATE_ADD_FLAGS(t, call->arg[0], flags);
}

NARRATE_APART void narrate_means_epoll_create1(
    struct narrate_call *call)
{
    narrate_means(call, 23,
                  "Descriptor %ld is an epoll instance: a list that the"
                  " kernel keeps, as yet empty.",
                  call->result);
}

/* Notes which `data` stands for this descriptor. */
NARRATE_APART void narrate_mark_epoll(int list, int operation,
                                      int descriptor,
                                      const struct epoll_event *event)
{
    if (descriptor < 0 || descriptor >= NARRATE_SEEN)
        return;
    if (descriptor > narrate_kernel.highest)
        narrate_kernel.highest = descriptor;
    narrate_entries[descriptor] = (struct narrate_marked){0, 0};
    if (operation != EPOLL_CTL_DEL && event != NULL)
        narrate_entries[descriptor] =
            (struct narrate_marked){list + 1, event->data.u64};
}

/* The descriptor with this `data`; -1 if there is none, or several. */
NARRATE_APART int narrate_marked(int list, uint64_t data)
{
    int found = -1;

    for (int i = 0; i < narrate_few(); i++)
        if (narrate_entries[i].list == list + 1
            && narrate_entries[i].data == data) {
            if (found != -1)
                return -1;
            found = i;
        }
    return found;
}

NARRATE_APART void narrate_adds_epoll_ctl(struct narrate_call *call,
                                          struct narrate_text *t)
{
    static const struct narrate_name operations[] = {
        NARRATE_NAME(EPOLL_CTL_ADD),
        NARRATE_NAME(EPOLL_CTL_MOD),
        NARRATE_NAME(EPOLL_CTL_DEL),
    };
    const struct epoll_event *event = narrate_pointer(call, 3);
    int operation = (int)call->arg[1];

    NARRATE_ADD_NAME(t, operation, operations);
    narrate_add(t, ", %d, ", (int)call->arg[2]);
    if (event == NULL) {
        narrate_add(t, "NULL");
    } else if (operation == EPOLL_CTL_DEL) { /* it is ignored */
        narrate_add(t, "&event");
    } else if (narrate_readable(event, sizeof *event)) {
        narrate_add(t, "{");
        NARRATE_ADD_FLAGS(t, event->events, narrate_epolls);
        if (event->data.u64 <= INT32_MAX)
            narrate_add(t, ", %d}", (int)event->data.u64);
        else
            narrate_add(t, ", 0x%lX}", (unsigned long)event->data.u64);
    }
}

NARRATE_APART void narrate_means_epoll_ctl(struct narrate_call *call)
{
    int operation = (int)call->arg[1], descriptor = (int)call->arg[2];
    const struct epoll_event *event = narrate_pointer(call, 3);

    narrate_mark_epoll((int)call->arg[0], operation, descriptor, event);
    if (operation == EPOLL_CTL_DEL)
        narrate_means(call, 23,
                      "Descriptor %d is off the list. It stays open.",
                      descriptor);
    else if ((event->events & EPOLLET) != 0)
        narrate_means(call, 23,
                      "Edge-triggered: what comes to descriptor %d is"
                      " reported once, whether we take all of it or"
                      " not.",
                      descriptor);
    else if (operation == EPOLL_CTL_ADD)
        narrate_means(call, 23,
                      "Descriptor %d is on the list until we take it"
                      " off or close it.",
                      descriptor);
    else
        narrate_means(call, 23,
                      "From now on descriptor %d is watched for this"
                      " instead.",
                      descriptor);
}

/* A list can be asked itself whether it has something to report. */
NARRATE_APART nfds_t
narrate_watches_epoll(const struct narrate_call *call,
                      struct pollfd *watched, nfds_t room)
{
    (void)room;
    *watched = (struct pollfd){(int)call->arg[0], POLLIN, 0};
    return 1;
}

/* It fails at once if there is no room for reports. */
NARRATE_APART bool narrate_until_epoll(struct narrate_call *call,
                                       struct narrate_text *t)
{
    if (call->arg[2] <= 0 || call->arg[3] == 0)
        return false;
    narrate_add(t, "a descriptor is ready");
    if (call->arg[3] > 0)
        narrate_add_most(t, call->arg[3] * 1000LL);
    return true;
}

NARRATE_APART void narrate_means_epoll(struct narrate_call *call)
{
    const struct epoll_event *events = narrate_pointer(call, 1);
    NARRATE_STATIC(t, 400);
    long result = call->result;

    narrate_clear(&t);
    narrate_add(&t, result == 0 ? "The time is over: nothing is ready"
                                : "Ready: ");
    for (long i = 0; i < result && i < 6; i++) {
        int descriptor =
            narrate_marked((int)call->arg[0], events[i].data.u64);

        narrate_add(&t, i > 0 ? ", " : "");
        if (descriptor != -1)
            narrate_add(&t, "%d (", descriptor);
        NARRATE_ADD_FLAGS(&t, events[i].events, narrate_epolls);
        narrate_add(&t, descriptor != -1 ? ")" : "");
    }
    if (result > 6)
        narrate_add(&t, " and %ld more", result - 6);
    narrate_add(&t, ".");
    narrate_tell(NARRATE_CAME, call, t.text);
}

#endif
#endif
