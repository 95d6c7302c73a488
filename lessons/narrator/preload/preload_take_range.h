/* preload_take_range.h: closefrom and close_range, under the library's
 * names. Part of preload_take.h. */
#ifndef NARRATE_PRELOAD_TAKE_RANGE_H
#define NARRATE_PRELOAD_TAKE_RANGE_H

/* The lowest of our own descriptors from `first` on; UINT_MAX if there
 * is none. */
static inline unsigned narrate_next_own(unsigned first)
{
    const int own[] = {narrator.out, narrator.terminal, narrator.diag,
                       narrator.proc[0], narrator.proc[1]};
    unsigned next = UINT_MAX;

    for (size_t i = 0; i < NARRATE_COUNT(own); i++)
        if (narrate_is_own(own[i]) && (unsigned)own[i] >= first
            && (unsigned)own[i] < next)
            next = (unsigned)own[i];
    return next;
}

/* The next two close a range in pieces, sparing our descriptors. */
static void (*narrate_next_closefrom)(int);
static inline void narrate_close_from(unsigned from)
{
    unsigned own;

    while ((own = narrate_next_own(from)) != UINT_MAX) {
        while (from < own)
            narrate_real_close((int)from++);
        from++;
    }
    NARRATE_FIND(closefrom);
    if (narrate_next_closefrom != NULL)
        narrate_next_closefrom((int)from);
}

#ifdef SYS_close_range
static inline int narrate_close_range(unsigned first, unsigned last,
                                      int flags)
{
    unsigned own;
    long result = 0;

    while ((own = narrate_next_own(first)) <= last && own != UINT_MAX) {
        if (own > first)
            result = syscall(SYS_close_range, first, own - 1, flags);
        if (result == -1 || own == last)
            return (int)result;
        first = own + 1;
    }
    return (int)syscall(SYS_close_range, first, last, flags);
}
#endif

/* A range to be closed, and which of its descriptors are sockets. */
struct narrate_range {
    unsigned first, last;
    int flags; /* -1: closefrom has none */
    bool sockets[NARRATE_SEEN];
};

/* Is there a socket in the range? Makes the remarks that need it still
 * open, as before close. */
static inline bool narrate_range_begins(struct narrate_range *range)
{
    bool found = false;

    memset(range->sockets, 0, sizeof range->sockets);
    for (unsigned i = range->first;
         i < NARRATE_SEEN && i <= range->last; i++) {
        if (!narrate_wanted((int)i))
            continue;
        found = range->sockets[i] = true;
        if (getpid() != narrate_home)
            continue;
        narrate_note_closing((int)i);
        narrate_note_left((int)i);
        narrate_note_returned(narrate_gives_back((int)i));
    }
    return found;
}

/* Forgets what we knew about these numbers. A child of vfork(2) does
 * not: it closes its own descriptors, but has its parent's memory. */
static inline void narrate_range_is_over(
    const struct narrate_range *range, int number)
{
    if (!narrate_may_note() || getpid() != narrate_home)
        return;
    for (unsigned i = range->first;
         i < NARRATE_SEEN && i <= range->last; i++) {
        narrate_watches[i] = false;
        narrate_given[i].watcher = 0;
        narrate_forget((int)i);
        if (range->sockets[i])
            narrate_memory((int)i)->closed = number;
    }
}

/* Makes the call, which is closefrom if `flags` is -1. */
static inline int narrate_make_range(const struct narrate_range *range)
{
    if (range->flags == -1) {
        narrate_close_from(range->first);
        return 0;
    }
#ifdef SYS_close_range
    return narrate_close_range(range->first, range->last, range->flags);
#else
    return -1;
#endif
}

/* Makes and tells the call for a range with sockets in it: which they
 * are, and what is left of each (of many, only the first). */
static inline int narrate_told_range(const struct narrate_range *range)
{
    enum { FIRST = 12 };
    struct narrate_seen closed[FIRST];
    struct narrate_call call;
    struct narrate_text t;
    bool stream[FIRST];
    int result, shown, count = 0;

    if (!narrate_enter(&call, NARRATE_NONE,
                       range->flags == -1 ? "closefrom" : "close_range",
                       "%u", range->first))
        return narrate_make_range(range);
    if (range->flags != -1)
        narrate_add(&call.args, ", %u, %d", range->last, range->flags);
    narrate_clear(&t);
    for (int i = 0; i < NARRATE_SEEN; i++) {
        if (!range->sockets[i])
            continue;
        if (count < FIRST) {
            closed[count] = *narrate_see(i);
            stream[count] = narrate_is_type(i, SOCK_STREAM);
            narrate_add(&t, "%s%d", count > 0 ? ", " : "", i);
        }
        count++;
    }
    shown = count < FIRST ? count : FIRST;
    for (int i = NARRATE_SEEN; i <= narrator.highest; i++)
        count += (unsigned)i >= range->first
                 && (unsigned)i <= range->last && narrate_is_socket(i);
    if (count > shown)
        narrate_add(&t, " and %d more", count - shown);
    narrate_before(&call, NULL);
    result = narrate_make_range(range);
    call.shown = range->flags == -1 ? "" : NULL; /* it returns void */
    if (narrate_after(&call, result)) {
        narrate_means(&call, 0, "It closes the socket%s %s.",
                      count == 1 ? "" : "s", t.text);
        for (int i = 0; i < shown; i++) {
            narrate_holder(&closed[i], stream[i]);
            closed[i].open = false;
            narrate_held(&call, &closed[i], false);
        }
    }
    narrate_leave(&call);
    if (result == 0)
        narrate_range_is_over(range, call.number);
    return result;
}

NARRATE_OURS(void, closefrom, (int first))
{
    struct narrate_range range = {
        first > 0 ? (unsigned)first : 0, UINT_MAX, -1, {0}};

    if (narrate_range_begins(&range)) {
        narrate_told_range(&range);
        return;
    }
    narrate_make_range(&range);
    narrate_range_is_over(&range, 0);
}

#ifdef SYS_close_range
/* With CLOSE_RANGE_CLOEXEC, which is 4, it closes nothing. */
NARRATE_OURS(int, close_range,
             (unsigned first, unsigned last, int flags))
{
    struct narrate_range range = {first, last, flags, {0}};
    int result;

    if (flags != -1 && (flags & 4) == 0 && narrate_range_begins(&range))
        return narrate_told_range(&range);
    result = narrate_close_range(first, last, flags);
    if (result == 0 && (flags & 4) == 0)
        narrate_range_is_over(&range, 0);
    return result;
}
#endif

#endif
