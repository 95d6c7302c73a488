/* preload_count.h: many like calls in a row. Part of preload.c.
 *
 * A program that moves a file makes ten thousand calls that are all the
 * same. When calls of one name on one descriptor follow each other
 * closely, the first are told and the rest are counted: "... 153 more
 * recv(4), 1.2 MB". A call that fails, finds the end of a stream or
 * blocks for longer is told again. The FILE of -o gets every call, but
 * there too a failure that repeats itself is counted. Each thread
 * counts its own calls, so that counting needs no lock.
 */
#ifndef NARRATE_PRELOAD_COUNT_H
#define NARRATE_PRELOAD_COUNT_H

enum {
    NARRATE_FIRST = 3, /* like calls that are told before we count */
    NARRATE_KINDS = 8, /* kinds of calls that may alternate in a row */
    NARRATE_PAUSE = 200000, /* microseconds after which a row ends */
    NARRATE_SHORT = 50000, /* and for which a counted call may block */
    NARRATE_HELD = 1000, /* and a signal may have to wait meanwhile */
    NARRATE_SHOWN = 160, /* received bytes shown for one call */
    NARRATE_LOOP = 1000, /* so many equal failures in a row: a loop */
};

/* What kind of value a call returns. */
enum narrate_gives {
    NARRATE_NUMBER,
    NARRATE_BYTES,
    NARRATE_DESCRIPTOR
};

static _Thread_local struct {
    long long last; /* narrate_clock of the last call */
    struct narrate_like {
        const char *name; /* NULL: this place is free */
        int descriptor, told;
        unsigned long more; /* calls counted and not yet told */
        unsigned long long bytes;
        bool known; /* the call told last returned 0 or -1: */
        long result;
        int error;
        unsigned long same; /* how often that was repeated in a row */
        bool fails; /* the last call that was told has failed */
    } like[NARRATE_KINDS], *now;
} narrate_row;

static pthread_key_t narrate_row_key; /* its destructor ends a row */

/* Called before and after a call that may be counted. If a signal
 * handler makes it, they keep the state of the call it interrupts. */
static inline struct narrate_outer narrate_set_aside(void)
{
    struct narrate_outer outer = {narrate_made, narrate_row.now};

    narrate_made = (struct narrate_made){.made = false};
    return outer;
}

static inline void narrate_put_back(const struct narrate_outer *outer)
{
    narrate_made = outer->made;
    narrate_row.now = outer->like;
}

static inline void narrate_add_bytes(struct narrate_text *t,
                                     unsigned long long bytes)
{
    if (bytes < 1000)
        narrate_add_count(t, (long)bytes, "byte");
    else if (bytes < 1000000)
        narrate_add(t, "%u.%u kB", (unsigned)(bytes / 1000),
                    (unsigned)(bytes / 100 % 10));
    else
        narrate_add(t, "%u.%u MB", (unsigned)(bytes / 1000000),
                    (unsigned)(bytes / 100000 % 10));
}

/* Is this one of the calls that may be counted? */
static inline bool narrate_is_counted(const char *name)
{
    return narrate_among("recv recvfrom recvmsg send sendto sendmsg"
                         " read write readv writev poll ppoll select"
                         " pselect epoll_wait epoll_pwait sendfile"
                         " recvmmsg sendmmsg accept accept4 close",
                         name);
}

/* Tells what was counted, before the call `name` is told or, with NULL,
 * before the end. The lock is held. */
static inline void narrate_flush(const char *name)
{
    struct narrate_text t;

    narrate_clear(&t);
    for (size_t i = 0; i < NARRATE_KINDS; i++) {
        struct narrate_like *like = &narrate_row.like[i];

        if (like->more == 0)
            continue;
        narrate_add(&t, "%s%lu more %s(%d)",
                    t.used > 0 ? "; " : "\xE2\x80\xA6 ", like->more,
                    like->name, like->descriptor);
        if (like->bytes > 0) {
            narrate_add(&t, ",\b");
            narrate_add_bytes(&t, like->bytes);
        } else if (like->known) {
            narrate_add(&t, "\b=\b%ld%s%s", like->result,
                        like->result == -1 ? "\b" : "",
                        like->result == -1
                            ? narrate_errno_name(like->error)
                            : "");
        }
        like->more = 0;
        like->bytes = 0;
    }
    if (t.used > 0)
        narrate_tell(NARRATE_COUNTED, NULL, t.text);
    if (name == NULL || !narrate_is_counted(name))
        memset(narrate_row.like, 0, sizeof narrate_row.like);
}

/* The key's destructor: a thread ends. */
static inline void narrate_row_ends(void *unused)
{
    (void)unused;
    if (!narrator.telling || narrate_busy)
        return;
    narrate_start();
    narrate_flush(NULL);
    narrate_end();
}

/* The entry of this call in the row, a new one if it has none yet; NULL
 * if there is no free one. */
static inline struct narrate_like *narrate_find(const char *name,
                                                int descriptor)
{
    struct narrate_like *free = NULL;

    for (size_t i = 0; i < NARRATE_KINDS; i++) {
        struct narrate_like *like = &narrate_row.like[i];

        if (like->name == name && like->descriptor == descriptor)
            return like;
        if (like->name == NULL && free == NULL)
            free = like;
    }
    if (free != NULL)
        *free = (struct narrate_like){.name = name,
                                      .descriptor = descriptor};
    return free;
}

/* Is a signal pending that is not in `before`? `interrupts`: will its
 * handler interrupt a call, to which SA_RESTART applies if `restarts`?
 * Signals are blocked. signal(7). */
static inline bool narrate_is_pending(const sigset_t *before,
                                      bool restarts, bool *interrupts)
{
    struct sigaction action;
    sigset_t pending;
    bool found = false;

    sigpending(&pending);
    for (int i = 1; i < _NSIG; i++) {
        if (sigismember(&pending, i) != 1
            || sigismember(before, i) != 0)
            continue;
        found = true;
        if (sigaction(i, NULL, &action) == 0
            && action.sa_handler != SIG_DFL
            && action.sa_handler != SIG_IGN
            && (!restarts || (action.sa_flags & SA_RESTART) == 0))
            *interrupts = true;
    }
    return found;
}

/* Is one of these descriptors ready within NARRATE_SHORT? If a signal
 * arrives meanwhile that would have interrupted the program's call,
 * narrate_made gets EINTR as its result. `restarts`: SA_RESTART applies
 * to this call. Which signal came can be seen only while it is blocked:
 * so they are, but none is held back for more than NARRATE_HELD. */
static inline bool narrate_gets_ready(struct pollfd *watched,
                                      nfds_t count, bool restarts)
{
    long long start = narrate_clock();
    bool interrupted = false, late = false;
    sigset_t all, before;
    long n = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (n == 0 && !interrupted && !late) {
        struct timespec limit = {0, NARRATE_HELD * 1000L};

        n = syscall(SYS_ppoll, watched, count, &limit, NULL, 0L);
        late = narrate_clock() - start >= NARRATE_SHORT;
        if (n == 0
            && narrate_is_pending(&before, restarts, &interrupted)
            && !interrupted) { /* its handler runs now */
            pthread_sigmask(SIG_SETMASK, &before, NULL);
            pthread_sigmask(SIG_SETMASK, &all, NULL);
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL); /* or now */
    if (interrupted)
        narrate_made = (struct narrate_made){true, -1, EINTR, 0};
    return n != 0;
}

/* Is this time limit, in microseconds, so short that the call is made
 * before it is told? If we waited first, it would take longer. */
static inline bool narrate_is_short(long long limit)
{
    return limit >= 0 && limit <= 1000000;
}

static inline bool narrate_is_ready(struct pollfd *watched,
                                    nfds_t count)
{
    static const struct timespec none = {0, 0};

    return syscall(SYS_ppoll, watched, count, &none, NULL, 0L) != 0;
}

/* Does a call that receives or accepts return at once: has receiving
 * been shut down, here or in another process, or is an error waiting?
 * POLLRDHUP comes with the peer's FIN, too. */
static inline bool narrate_is_done(int sock)
{
    struct pollfd watched = {sock, POLLIN | POLLRDHUP, 0};

    return narrate_is_ready(&watched, 1)
           && (narrate_is_deaf(sock) || (watched.revents & POLLERR) != 0
               || ((watched.revents & POLLRDHUP) != 0
                   && narrate_is_shut(sock)));
}

/* Is one ready now or soon? For a call whose time limit starts here. */
static inline bool narrate_soon(struct pollfd *watched, nfds_t count)
{
    long long start = narrate_clock();
    bool soon = narrate_is_ready(watched, count)
                || narrate_gets_ready(watched, count, false);

    if (!soon && !narrate_made.made)
        narrate_made.waited = (long)(narrate_clock() - start) / 1000;
    return soon;
}

/* Should this call be made first, so that it can be counted? If not, it
 * is told as usual. */
static inline bool narrate_counts(const char *name, int descriptor)
{
    long long now;

    if (!narrator.telling || narrate_busy || narrator.terminal != -1
        || NARRATE_CUED)
        return false;
    now = narrate_clock();
    if (now - narrate_row.last > NARRATE_PAUSE)
        for (size_t i = 0; i < NARRATE_KINDS; i++)
            narrate_row.like[i].told = 0;
    narrate_row.last = now;
    narrate_row.now = narrate_find(name, descriptor);
    if (narrate_row.now == NULL)
        return false;
    if (narrate_row.now->told < NARRATE_FIRST) {
        narrate_row.now->told++;
        return false;
    }
    return !narrate_out.named || narrate_row.now->fails;
}

/* The same for a call with `flags` that waits for POLLIN or POLLOUT. If
 * the socket has a time limit, SA_RESTART does not apply to it. */
static inline bool narrate_counts_wait(const char *name, int descriptor,
                                       short events, int flags)
{
    struct pollfd watched = {descriptor, events, 0};
    int option = events == POLLIN ? SO_RCVTIMEO : SO_SNDTIMEO;
    int entry = errno;
    long long limit;
    bool counts = narrate_counts(name, descriptor);

    if (counts && (flags & MSG_DONTWAIT) == 0
        && !narrate_is_ready(&watched, 1)
        && !narrate_never_blocks(descriptor, 0)) {
        limit = narrate_limit(descriptor, option);
        if (limit == 0 || !narrate_is_short(limit))
            counts = narrate_gets_ready(&watched, 1, limit == 0);
    }
    if (!counts)
        narrate_row.now = NULL;
    errno = entry;
    return counts;
}

/* Does 0 mean the end of a stream here? A datagram may be empty. */
static inline bool narrate_zero_ends(const struct narrate_like *like)
{
    return narrate_among("recv recvfrom recvmsg read readv sendfile",
                         like->name)
           && narrate_is_type(like->descriptor, SOCK_STREAM);
}

/* Did the call succeed? EAGAIN does not count as a failure. */
static inline bool narrate_succeeds(const struct narrate_like *like,
                                    long result, int error,
                                    enum narrate_gives gives)
{
    if (gives == NARRATE_DESCRIPTOR)
        return false; /* a new descriptor is always told */
    return result > 0 || (result == -1 && error == EAGAIN)
           || (result == 0 && like != NULL && !narrate_zero_ends(like));
}

/* Says that a call has failed or found the end NARRATE_LOOP times in a
 * row, and the program ignores it. Takes the lock. */
static inline void narrate_tell_loop(const struct narrate_like *like)
{
    struct narrate_text t;

    narrate_start();
    narrate_flush(like->name);
    narrate_clear(&t);
    narrate_add(&t, "Note: %s(%d) has", like->name, like->descriptor);
    if (like->result == 0)
        narrate_add(&t, " returned 0, the end,");
    else
        narrate_add(&t, " failed with %s",
                    narrate_errno_name(like->error));
    narrate_add(&t,
                " %d times in a row: the program goes on as if"
                " nothing were wrong.",
                NARRATE_LOOP);
    narrate_out.certain = true;
    narrate_tell(NARRATE_NOTED, NULL, t.text);
    narrate_out.certain = false;
    narrate_end();
}

/* The call has been made. True if it is counted; if not, the caller has
 * to tell it, with the result from narrate_made. */
static inline bool narrate_counted(long result,
                                   enum narrate_gives gives)
{
    struct narrate_like *like = narrate_row.now;
    int error = errno;
    bool succeeds = narrate_succeeds(like, result, error, gives);
    bool again = like != NULL && like->known && like->result == result
                 && (result == 0 || like->error == error)
                 && error != EINTR;

    narrate_row.last = narrate_clock();
    if (like == NULL || result < -1 || (!succeeds && !again)
        || (succeeds && narrate_out.named)) {
        narrate_made = (struct narrate_made){true, result, error, 0};
        if (like != NULL) {
            like->known = result <= 0;
            like->result = result;
            like->error = error;
            like->same = 0;
        }
        return false;
    }
    if (succeeds)
        like->known = false;
    if (like->more++ == 0)
        pthread_setspecific(narrate_row_key, &narrate_row);
    if (gives == NARRATE_BYTES && result > 0)
        like->bytes += (unsigned long long)result;
    __atomic_add_fetch(&narrator.calls, 1, __ATOMIC_RELAXED);
    if (!succeeds && ++like->same == NARRATE_LOOP)
        narrate_tell_loop(like);
    errno = error;
    return true;
}

/* After a call was told: remembers whether it has failed. */
static inline void narrate_row_fails(const struct narrate_call *call)
{
    for (size_t i = 0; i < NARRATE_KINDS; i++)
        if (narrate_row.like[i].name == call->name)
            narrate_row.like[i].fails = call->result == -1
                                        && call->error != EAGAIN
                                        && call->error != EINTR;
}

/* Ends the row, after a call that is no repetition. What was counted
 * has been told already. */
static inline void narrate_row_anew(void)
{
    memset(narrate_row.like, 0, sizeof narrate_row.like);
}

/* Cuts *size down to what is shown of it; returns how much is not. */
static inline size_t narrate_cut(size_t *size)
{
    size_t more = *size > NARRATE_SHOWN ? *size - NARRATE_SHOWN : 0;

    *size -= more;
    return more;
}

#endif
