/* count.h: many like calls in a row. Part of preload.c.
 *
 * A program that moves a file makes ten thousand calls that are all the
 * same. When calls of one name on one descriptor follow each other
 * closely, the first are told and the rest are counted: "... 153 more
 * recv(4), 1.2 MB". A call that fails, finds the end of a stream or
 * blocks for longer is told again. The FILE of -o gets every call, but
 * there too a failure that repeats itself is counted. Each thread
 * counts its own calls, so that counting needs no lock.
 */
#ifndef NARRATE_COUNT_H
#define NARRATE_COUNT_H

enum {
    NARRATE_FIRST = 3, /* like calls that are told before we count */
    NARRATE_KINDS = 8, /* kinds of calls that may alternate in a row */
    NARRATE_PAUSE = 200000, /* microseconds after which a row ends */
    NARRATE_SHORT = 50000, /* and for which a counted call may block */
    NARRATE_HELD = 1000, /* and a signal may have to wait meanwhile */
    NARRATE_SHOWN = 160, /* received bytes shown for one call */
    NARRATE_LOOP = 1000, /* so many equal failures in a row: a loop */
};

static _Thread_local struct {
    long long last; /* narrate_clock of the last call */
    struct narrate_like {
        const struct narrate_row *row; /* NULL: this place is free */
        int descriptor, told;
        unsigned more; /* calls counted and not yet told */
        unsigned same; /* how often the result was the same in a row */
        unsigned long long bytes;
        int result, error; /* if known: */
        bool known; /* the call told last returned 0 or -1 */
        bool fails; /* the last call that was told has failed */
    } like[NARRATE_KINDS];
} narrate_row;

static pthread_key_t narrate_row_key; /* its destructor ends a row */

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
static inline bool narrate_may_count(const struct narrate_row *row)
{
    return row->extra.most != NULL || row->receives
           || row->extra.soon != NULL || row->sends;
}

/* Ends the row, after a call that is no repetition. What was counted
 * has been told already. */
static inline void narrate_row_anew(void)
{
    memset(narrate_row.like, 0, sizeof narrate_row.like);
}

/* Tells what was counted, before a call is told or, with NULL, before
 * the end. The lock is held. */
static inline void narrate_flush_row(const struct narrate_row *row)
{
    NARRATE_STATIC(t, NARRATE_ROOM);

    narrate_clear(&t);
    for (size_t i = 0; i < NARRATE_KINDS; i++) {
        struct narrate_like *like = &narrate_row.like[i];

        if (like->more == 0)
            continue;
        narrate_add(&t, "%s%u more %s(%d)",
                    t.used > 0 ? "; " : "\xE2\x80\xA6 ", like->more,
                    like->row->name, like->descriptor);
        if (like->bytes > 0) {
            narrate_add(&t, ",\b");
            narrate_add_bytes(&t, like->bytes);
        } else if (like->known) {
            narrate_add(&t, "\b=\b%d%s%s", like->result,
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
    if (row == NULL
        || (!narrate_may_count(row) && strcmp(row->name, "close") != 0))
        narrate_row_anew();
}

/* The key's destructor: a thread ends. */
static inline void narrate_row_ends(void *unused)
{
    (void)unused;
    if (!narrator.telling || narrate_busy)
        return;
    narrate_start();
    narrate_flush_row(NULL);
    narrate_end();
}

/* The entry of this call in the row, a new one if it has none yet; NULL
 * if there is no free one. */
static inline struct narrate_like *narrate_find(
    const struct narrate_row *row, int descriptor)
{
    struct narrate_like *free = NULL;

    for (size_t i = 0; i < NARRATE_KINDS; i++) {
        struct narrate_like *like = &narrate_row.like[i];

        if (like->row == row && like->descriptor == descriptor)
            return like;
        if (like->row == NULL && free == NULL)
            free = like;
    }
    if (free != NULL)
        *free =
            (struct narrate_like){.row = row, .descriptor = descriptor};
    return free;
}

/* Is a signal pending that is not in `before`? `interrupts`: will its
 * handler interrupt a call, to which SA_RESTART applies if `restarts`?
 * Signals are blocked. signal(7). */
static inline bool narrate_interrupts(const sigset_t *before,
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
 * *interrupted is set. `restarts`: SA_RESTART applies to this call.
 * Which signal came can be seen only while it is blocked:
 * so they are, but none is held back for more than NARRATE_HELD. */
static inline bool narrate_gets_ready(struct pollfd *watched,
                                      nfds_t count, bool restarts,
                                      bool *interrupted)
{
    long long start = narrate_clock();
    bool late = false;
    sigset_t all, before;
    long n = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (n == 0 && !*interrupted && !late) {
        struct timespec limit = {0, NARRATE_HELD * 1000L};

        n = syscall(SYS_ppoll, watched, count, &limit, NULL, 0L);
        late = narrate_clock() - start >= NARRATE_SHORT;
        if (n == 0 && narrate_interrupts(&before, restarts, interrupted)
            && !*interrupted) { /* its handler runs now */
            pthread_sigmask(SIG_SETMASK, &before, NULL);
            pthread_sigmask(SIG_SETMASK, &all, NULL);
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL); /* or now */
    return n != 0;
}

/* Is this time limit, in microseconds, so short that the call is made
 * before it is told? If we waited first, it would take longer. */
static inline bool narrate_is_short(long long limit)
{
    return limit >= 0 && limit <= 1000000;
}

/* Does the call return soon, and may so be made first? Otherwise it is
 * told as usual. What we have waited counts against its limit. */
static inline bool narrate_soon(struct narrate_call *call)
{
    const struct narrate_row *row = call->row;
    struct pollfd watched[64] = {
        {(int)call->arg[0], row->sends ? POLLOUT : POLLIN, 0}};
    nfds_t count = 1;
    bool waits = row->watches != NULL;
    long long limit, start = narrate_clock();

    if (row->extra.soon != NULL)
        return row->extra.soon(call);
    if (waits) {
        count = row->watches(call, watched, 64);
        if (narrate_is_short(row->extra.most(call)))
            return true;
        if (count > 64)
            return false;
    }
    if ((call->flags & MSG_DONTWAIT) != 0
        || narrate_is_ready(watched, count))
        return true;
    if (!waits) {
        if ((narrate_real_fcntl(watched[0].fd, F_GETFL) & O_NONBLOCK)
            != 0)
            return true;
        limit = narrate_limit(watched[0].fd,
                              row->sends ? SO_SNDTIMEO : SO_RCVTIMEO);
        if (limit != 0 && narrate_is_short(limit))
            return true;
        return narrate_gets_ready(watched, 1, limit == 0,
                                  &call->own.interrupted)
               || call->own.interrupted;
    }
    if (narrate_gets_ready(watched, count, false,
                           &call->own.interrupted)
        || call->own.interrupted)
        return true;
    narrate_waited = (long)(narrate_clock() - start) / 1000;
    return false;
}

/* By what the calls of a row are told apart: the descriptor. */
static inline int narrate_key(const struct narrate_call *call)
{
    return call->row->extra.key != NULL ? call->row->extra.key(call)
                                        : (int)call->arg[0];
}

/* Where the call is, for the player; may it be counted? */
static inline bool narrate_repeats(struct narrate_call *call)
{
    const struct narrate_row *row = call->row;
    struct narrate_like *like;
    long long now;
    bool imports;

    if (row->receives)
        narrate_memory((int)call->arg[0])->pointer = false;
    if (row->extra.changes) {
        struct narrate_text t = {0, sizeof call->own.args,
                                 call->own.args};

        narrate_add_args(&t, call);
    }
    if (narrate_board != NULL) {
        call->own.from = narrate_caller();
        narrate_file[0] = '\0';
        if (narrate_is_python())
            call->line = narrate_python_line(
                narrate_file, sizeof narrate_file, &imports);
        return false;
    }
    if (narrate_out.terminal != -1 || !narrate_may_count(row))
        return false;
    now = narrate_clock();
    if (now - narrate_row.last > NARRATE_PAUSE)
        for (size_t i = 0; i < NARRATE_KINDS; i++)
            narrate_row.like[i].told = 0;
    narrate_row.last = now;
    like = narrate_find(row, narrate_key(call));
    if (like == NULL || like->told < NARRATE_FIRST) {
        if (like != NULL)
            like->told++;
        return false;
    }
    if (narrate_out.named && !like->fails)
        return false;
    call->own.counted = narrate_soon(call);
    if (call->own.counted && row->sends)
        call->own.holds = narrate_hold_pipe();
    return call->own.counted;
}

static inline bool narrate_rendered(const struct narrate_call *call,
                                    struct narrate_text *t)
{
    if (call->own.args[0] == '\0')
        return false;
    narrate_add(t, "%s", call->own.args);
    return true;
}

/* Did the call succeed? EAGAIN does not count as a failure, nor does a
 * datagram of no bytes; the end of a stream does. */
static inline bool narrate_succeeds(const struct narrate_call *call,
                                    int error)
{
    if (call->row->extra.makes)
        return false; /* a new descriptor is always told */
    if (call->result == -1)
        return error == EAGAIN;
    return call->result > 0 || !call->row->receives
           || narrate_option((int)call->arg[0], SOL_SOCKET, SO_TYPE)
                  != SOCK_STREAM;
}

/* Says that a call has failed or found the end NARRATE_LOOP times in a
 * row, and the program ignores it. Takes the lock. */
static inline void narrate_tell_loop(const struct narrate_like *like)
{
    NARRATE_TEXT(t, 200);

    narrate_start();
    narrate_flush_row(like->row);
    narrate_add(&t, "Note: %s(%d) has", like->row->name,
                like->descriptor);
    if (like->result == 0)
        narrate_add(&t, " returned 0, the end,");
    else
        narrate_add(&t, " failed with %s",
                    narrate_errno_name(like->error));
    narrate_add(&t,
                " %d times in a row: the program goes on as if"
                " nothing were wrong.",
                NARRATE_LOOP);
    narrate_tell_certain(t.text);
    narrate_end();
}

/* The call has been made first. True if it is counted; if not, it is
 * told. */
static inline bool narrate_counts(struct narrate_call *call)
{
    struct narrate_like *like =
        narrate_find(call->row, narrate_key(call));
    int error = call->error;
    bool succeeds = narrate_succeeds(call, error);
    bool again = like != NULL && like->known
                 && like->result == call->result
                 && (call->result == 0 || like->error == error)
                 && error != EINTR;

    narrate_row.last = narrate_clock();
    if (like == NULL || (!succeeds && !again)
        || (succeeds && narrate_out.named)) {
        if (like != NULL) {
            like->known = call->result <= 0;
            like->result = (int)call->result;
            like->error = error;
            like->same = 0;
        }
        return false;
    }
    if (succeeds)
        like->known = false;
    if (like->more++ == 0)
        pthread_setspecific(narrate_row_key, &narrate_row);
    if (call->result > 0 && (call->row->receives || call->row->sends)) {
        like->bytes += (unsigned long long)call->result;
        narrate_uses((int)call->arg[0], call->row->sends);
    }
    if (call->row->receives)
        narrate_note_read("", NULL, 0, 0);
    atomic_fetch_add(&narrate_calls, 1);
    if (!succeeds && ++like->same == NARRATE_LOOP)
        narrate_tell_loop(like);
    if (call->own.holds)
        narrate_let_pipe();
    return true;
}

/* A call has been told: remembers whether it has failed; if it has not,
 * an earlier failure of its kind no longer counts. */
static inline void narrate_worked(const struct narrate_call *call)
{
    for (size_t i = 0; i < NARRATE_KINDS; i++)
        if (narrate_row.like[i].row == call->row)
            narrate_row.like[i].fails = call->result == -1
                                        && call->error != EAGAIN
                                        && call->error != EINTR;
    if (narrate_failure.call.number > 0 && call->result >= 0
        && call->error == 0
        && strcmp(call->row->name, narrate_failure.name) == 0)
        narrate_failure.call.number = 0;
}

static inline size_t narrate_shown(size_t size)
{
    return size < NARRATE_SHOWN ? size : NARRATE_SHOWN;
}

#endif
