/* out.h: how the lines leave a program that knows nothing of
 * them. Part of preload.c.
 *
 * They go to a descriptor of our own with a high number: a duplicate of
 * standard error, or FILE of -o. NARRATE_OUT is "-" at first; we set it
 * to NUMBER:DEVICE:INODE for programs that this one executes. A program
 * may close descriptors that it did not open and reuse their numbers,
 * so we check that the file is still ours before we write.
 */
#ifndef NARRATE_OUT_H
#define NARRATE_OUT_H

static struct {
    dev_t device; /* of the file that our lines go to */
    ino_t inode;
    bool named; /* it is FILE of -o */
    bool verbose;
    bool faults; /* only remarks that are certain are told */
    int cancel; /* may the thread that tells be cancelled? */
    int terminal; /* -s: where Enter is read from, or -1 */
    char setting[100]; /* NARRATE_OUT=…, for the environment */
} narrate_out = {.terminal = -1};

static atomic_int narrate_calls; /* told or counted so far */

/* 1 while a call that narrate_calls includes waits for Enter. */
static volatile sig_atomic_t narrate_asks;

/* Do we tell, and is this not a call of our own? */
static inline bool narrate_is_free(void)
{
    return narrator.telling && !narrate_busy;
}

/* ---- one teller at a time ---------------------------------------- */

/* The process that tells, or 0, and how many threads wait for it to
 * end. After fork the child clears both. */
static atomic_int narrate_lock, narrate_waiters;

enum { /* of <linux/futex.h>, which not every C library brings */
       NARRATE_FUTEX_WAIT = 128, /* FUTEX_WAIT_PRIVATE */
       NARRATE_FUTEX_WAKE = 129, /* FUTEX_WAKE_PRIVATE */
};

/* The lock. Cancellation is off meanwhile, since nobody would open it.
 * A process made without fork(3) may have a copy of the lock that
 * nobody opens: it takes the lock after a second. futex(2). */
static inline void narrate_acquire(void)
{
    static const struct timespec second = {1, 0};
    pid_t self = getpid();
    int owner = 0, cancel;
    bool lost = false;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    atomic_fetch_add(&narrate_waiters, 1);
    while (
        !atomic_compare_exchange_strong(&narrate_lock, &owner, self)) {
        if (lost && owner != self)
            break;
        lost = syscall(SYS_futex, &narrate_lock, NARRATE_FUTEX_WAIT,
                       owner, &second)
                   == -1
               && errno == ETIMEDOUT;
        owner = 0;
    }
    atomic_fetch_sub(&narrate_waiters, 1);
    if (narrator.teller != self)
        narrate_clear(&narrate_page);
    narrate_out.cancel = cancel;
    narrator.teller = self;
}

static inline void narrate_release(void)
{
    int cancel = narrate_out.cancel;

    atomic_store(&narrate_lock, 0);
    if (atomic_load(&narrate_waiters) > 0)
        syscall(SYS_futex, &narrate_lock, NARRATE_FUTEX_WAKE, 1);
    pthread_setcancelstate(cancel, NULL);
}

/* ---- writing ----------------------------------------------------- */

/* Is this still the file that our lines go to? */
static inline bool narrate_is_ours(int descriptor)
{
    struct stat file;

    return descriptor != -1 && fstat(descriptor, &file) == 0
           && file.st_dev == narrate_out.device
           && file.st_ino == narrate_out.inode;
}

/* Duplicates a descriptor to a high number, out of the program's way;
 * programs that it executes inherit it. Returns it, or -1. */
static inline int narrate_move(int low)
{
    int high = -1;

    for (int at = NARRATE_HIGH_FD; high == -1 && at > low && at > 2;
         at--)
        high = narrate_real_fcntl(low, F_DUPFD, at);
    return high;
}

static inline bool narrate_may_write(int to)
{
    if (!narrator.telling)
        return false;
    if (to == narrator.out && !narrate_is_ours(to))
        narrator.telling = false;
    return narrator.telling;
}

/* The program goes on untold. We say so if FILE is full; the reader of
 * a pipe has left and knows. */
static inline void narrate_cannot_write(int to)
{
    int error = errno;
    NARRATE_TEXT(t, 200);

    if (to != narrator.out)
        return;
    narrator.telling = false;
    if (!narrate_out.named)
        return;
    narrate_add(&t,
                "narrate: the file of -o cannot be written (%s): from"
                " here on nothing is told\n",
                narrate_errno_name(error));
    syscall(SYS_write, STDERR_FILENO, t.text, t.used);
}

/* ---- what is said once ------------------------------------------- */

/* Has this text been told before? With -v it is told each time. */
static inline bool narrate_said(const char *text)
{
    static const char *said[64];

    if (narrate_out.verbose)
        return false;
    for (size_t i = 0; i < NARRATE_COUNT(said); i++) {
        if (said[i] == text)
            return true;
        if (said[i] == NULL) {
            said[i] = text;
            return false;
        }
    }
    return false;
}

/* ---- failures ---------------------------------------------------- */

/* The last failure, which is explained if the program then ends. */
static struct {
    struct narrate_call call; /* its number 0: there is none */
    const struct narrate_error *row;
    char path[sizeof(struct sockaddr_un)]; /* the address */
    size_t length;
    const char *name; /* of the call that failed */
    bool now; /* it is being explained */
} narrate_failure;

/* After these failures a server serves nobody any more, and nothing
 * else shows it. So the first of each is explained in a sentence, even
 * without -v. */
static inline void narrate_tell_stop(const struct narrate_call *call,
                                     const struct narrate_error *row)
{
    static const struct narrate_place nowhere = {.lesson = "",
                                                 .address = ""};
    NARRATE_TEXT(t, 400);

    if (narrate_out.verbose
        || (row->error != EMFILE && row->error != ENFILE
            && row->error != EBADF)
        || narrate_said(row->meaning))
        return;
    narrate_add(&t, "That means: ");
    narrate_fill(&t, row->meaning, &nowhere);
    narrate_add(&t, ".");
    narrate_tell(NARRATE_ERROR, call, t.text);
}

/* Keeps a failure for the end instead of explaining it now, since real
 * programs try calls that may fail. A close that fails is told by its
 * line. False: explain it now. */
static inline bool narrate_keeps(const struct narrate_call *call,
                                 const struct narrate_error *row,
                                 const void *address, size_t length)
{
    const char *name = call->row->name;

    if (narrate_failure.now)
        return false;
    if (row == NULL || strcmp(name, "close") == 0)
        return true; /* probes, and what we know nothing of */
    narrate_failure.call = *call;
    narrate_failure.name =
        call->error != 0 || strcmp(name, "getaddrinfo") == 0 ? name
                                                             : "connec"
                                                               "t";
    narrate_failure.row = row;
    narrate_failure.length = 0;
    if (length <= sizeof narrate_failure.path
        && narrate_readable(address, length)) {
        memcpy(narrate_failure.path, address, length);
        narrate_failure.length = length;
    }
    narrate_tell_stop(call, row);
    return !narrate_out.verbose;
}

/* ---- SIGPIPE ----------------------------------------------------- */

/* A call that sends: SIGPIPE, which would end the program at once, is
 * held back until the call is told. Is it usual for it to end it? */
static inline bool narrate_pipe_ends(void)
{
    struct sigaction action;

    return narrate_real_sigaction(SIGPIPE, NULL, &action) == 0
           && action.sa_handler == SIG_DFL;
}

/* Holds it back, before a call that is made first. */
static inline bool narrate_hold_pipe(void)
{
    sigset_t pipe_only, before;

    if (!narrate_pipe_ends())
        return false;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    return sigismember(&before, SIGPIPE) == 0;
}

static inline void narrate_let_pipe(void)
{
    sigset_t pipe_only;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_UNBLOCK, &pipe_only, NULL);
}

/* Does SIGPIPE end the program as soon as we let it? */
static inline bool narrate_ends_here(const struct narrate_call *call)
{
    return call->own.holds && call->error == EPIPE
           && narrate_is_pending(SIGPIPE);
}

#endif
