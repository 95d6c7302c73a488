/* preload_out.h: how the lines leave a program that knows nothing of
 * them. Part of preload.c.
 *
 * They go to a descriptor of our own with a high number: a duplicate of
 * standard error, or FILE of -o. NARRATE_OUT is "-" at first; we set it
 * to NUMBER:DEVICE:INODE for programs that this one executes. A program
 * may close descriptors that it did not open and reuse their numbers,
 * so we check that the file is still ours before we write.
 */
#ifndef NARRATE_PRELOAD_OUT_H
#define NARRATE_PRELOAD_OUT_H

static struct {
    dev_t device; /* of the file that our lines go to */
    ino_t inode;
    bool named; /* it is FILE of -o */
    bool verbose;
    bool faults; /* only remarks that are certain are told */
    bool certain; /* what is being told is one */
    sigset_t before; /* the signal mask of the thread that tells */
    int cancel; /* and whether it may be cancelled */
    char setting[100]; /* NARRATE_OUT=…, for the environment */
} narrate_out;

/* ---- one teller at a time ---------------------------------------- */

/* The process that tells, or 0, and how many threads wait for it to
 * end. After fork the child clears both. */
static atomic_int narrate_lock, narrate_waiters;

enum { /* of <linux/futex.h>, which not every C library brings */
       NARRATE_FUTEX_WAIT = 128, /* FUTEX_WAIT_PRIVATE */
       NARRATE_FUTEX_WAKE = 129, /* FUTEX_WAKE_PRIVATE */
};

/* Takes the lock: nobody else tells until narrate_end. Signals are
 * blocked meanwhile, since a handler might make calls or never return;
 * so is cancellation, since nobody would open the lock. A process made
 * without fork(3) may have a copy of the lock that nobody opens: it
 * takes the lock after a second. futex(2). */
static inline void narrate_start(void)
{
    sigset_t all, before;
    static const struct timespec second = {1, 0};
    pid_t self = getpid();
    int owner = 0, cancel;
    bool lost = false;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    narrate_busy = 1; /* no handler can leave it set now */
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
    narrate_out.before = before;
    narrate_out.cancel = cancel;
    narrator.teller = self;
    if (narrate_thread == 0)
        narrate_thread = ++narrate_threads;
}

static inline void narrate_end(void)
{
    sigset_t before = narrate_out.before;
    int cancel = narrate_out.cancel;

    atomic_store(&narrate_lock, 0);
    if (atomic_load(&narrate_waiters) > 0)
        syscall(SYS_futex, &narrate_lock, NARRATE_FUTEX_WAKE, 1);
    narrate_busy = 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
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

/* We cannot write any more: the program goes on untold. We say so if
 * FILE is full; the reader of a pipe has left and knows. */
static inline void narrate_gone(int error)
{
    struct narrate_text t;

    narrator.telling = false;
    if (!narrate_out.named || error == 0)
        return;
    narrate_clear(&t);
    narrate_add(&t,
                "narrate: the file of -o cannot be written (%s): from"
                " here on nothing is told\n",
                narrate_errno_name(error));
    syscall(SYS_write, STDERR_FILENO, t.text, t.used);
}

/* Writes all of it, by system calls that are no cancellation points.
 * The lock is held, so SIGPIPE and SIGXFSZ are blocked; one that we
 * cause is removed, so that the program does not get it. */
static inline void narrate_write(int to, const char *bytes, size_t size)
{
    static const struct timespec at_once = {0, 0};
    struct pollfd room = {to, POLLOUT, 0};
    sigset_t ours, pending;
    int error = 0;

    if (!narrator.telling
        || (narrate_out.faults && !narrate_out.certain))
        return;
    if (to == narrator.out && !narrate_is_ours(to)) {
        narrate_gone(0);
        return;
    }
    sigpending(&pending);
    while (size > 0 && error == 0) {
        long n = syscall(SYS_write, to, bytes, size);

        if (n >= 0) {
            bytes += n;
            size -= (size_t)n;
        } else if (errno == EAGAIN) {
            syscall(SYS_ppoll, &room, 1L, NULL, NULL, 0L);
        } else if (errno != EINTR) {
            error = errno;
        }
    }
    if (error != 0) {
        sigemptyset(&ours);
        if (error == EPIPE && sigismember(&pending, SIGPIPE) == 0)
            sigaddset(&ours, SIGPIPE);
        if (error == EFBIG && sigismember(&pending, SIGXFSZ) == 0)
            sigaddset(&ours, SIGXFSZ);
        syscall(SYS_rt_sigtimedwait, &ours, NULL, &at_once,
                (long)_NSIG / 8);
    }
    if (error != 0 && to == narrator.out)
        narrate_gone(error);
}

/* 1 while a call that narrator.calls includes waits for Enter. */
static volatile sig_atomic_t narrate_asks;

/* Reads Enter. The lock is open meanwhile: signals such as that of
 * Ctrl-C are delivered, and other threads may tell. If a handler of the
 * program interrupts us, we wait again. */
static inline ssize_t narrate_ask(int from, char *line, size_t room)
{
    ssize_t n;

    narrate_asks = 1;
    narrate_end();
    do
        n = narrate_real_read(from, line, room);
    while (n == -1 && errno == EINTR);
    narrate_start();
    narrate_asks = 0;
    return n;
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
    const char *name;
    int number; /* of the call; 0: there is none */
    const struct narrate_error *row;
    struct sockaddr_storage address;
    size_t length;
    int type; /* that of the call */
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
    struct narrate_text t;

    if (narrate_out.verbose
        || (row->error != EMFILE && row->error != ENFILE
            && row->error != EBADF)
        || narrate_said(row->meaning))
        return;
    narrate_clear(&t);
    narrate_add(&t, "That means: ");
    narrate_fill(&t, row->meaning, &nowhere);
    narrate_add(&t, ".");
    narrate_tell(NARRATE_ERROR, call, t.text);
}

/* Keeps a failure for the end instead of explaining it now, since real
 * programs try calls that may fail. False: explain it now. */
static inline bool narrate_keep(const struct narrate_call *call,
                                const struct narrate_error *row,
                                const void *address, size_t length)
{
    if (narrate_failure.now)
        return false;
    if (row == NULL) /* probes, and what we know nothing of */
        return true;
    narrate_failure.name = call->error != 0 ? call->name : "connect";
    if (strcmp(call->name, "getaddrinfo") == 0)
        narrate_failure.name = call->name;
    narrate_failure.number = call->number;
    narrate_failure.row = row;
    narrate_failure.type = call->type;
    narrate_failure.length = 0;
    if (length <= sizeof narrate_failure.address
        && narrate_readable(address, length)) {
        memcpy(&narrate_failure.address, address, length);
        narrate_failure.length = length;
    }
    narrate_tell_stop(call, row);
    return !narrate_out.verbose;
}

/* After each call that is told: if it succeeded, an earlier failure of
 * the same call no longer counts. */
static inline void narrate_worked(const struct narrate_call *call)
{
    narrate_row_fails(call);
    if (narrate_failure.number > 0 && call->result >= 0
        && strcmp(call->name, narrate_failure.name) == 0)
        narrate_failure.number = 0;
}

/* The call among those of errors.h whose failures mean the same. */
static inline const char *narrate_known_as(const char *name)
{
    static const char *const same[][2] = {
        {"read", "recv"},         {"readv", "recvmsg"},
        {"recvmmsg", "recvmsg"},  {"write", "send"},
        {"writev", "sendmsg"},    {"sendmmsg", "sendmsg"},
        {"sendfile", "send"},     {"accept4", "accept"},
        {"ppoll", "poll"},        {"select", "poll"},
        {"pselect", "poll"},      {"epoll_wait", "poll"},
        {"dup", "fcntl"},         {"dup2", "fcntl"},
        {"dup3", "fcntl"},        {"ioctl", "fcntl"},
        {"socketpair", "socket"}, {"epoll_pwait", "poll"},
    };

    for (size_t i = 0; i < NARRATE_COUNT(same); i++)
        if (strcmp(same[i][0], name) == 0)
            return same[i][1];
    return name;
}

/* What failures mean on sockets of AF_UNIX, whose addresses are paths:
 * there most rows of meanings.h would be wrong. unix(7). */
static const struct narrate_error narrate_paths[] = {
    {"bind", EADDRINUSE,
     "a file has this path already. The kernel makes one in bind, and"
     " close leaves it there",
     "unlink the path before bind; another server that still uses it"
     " gets no more callers then"},
    {"connect", ECONNREFUSED,
     "the file is there, but no server listens: it has ended, perhaps,"
     " or has not called listen",
     "start the server first; it has to unlink the path before bind"},
    {"connect sendto sendmsg", ENOENT,
     "there is no file with this path",
     "start the server first; a path that does not begin with / begins"
     " in the directory of each of the two"},
    {"bind connect sendto sendmsg", EACCES,
     "the permissions of the file, or of a directory in its path, do"
     " not allow it",
     "`ls -ld` shows the permissions of a file or a directory"},
    {"connect sendto sendmsg", EPROTOTYPE,
     "the socket with this path is of another type",
     "give both sockets the same type, SOCK_STREAM for one"},
    {NARRATE_SENDS, ECONNREFUSED, "the receiver has closed its socket",
     NARRATE_RESTART},
    {"listen", EINVAL,
     "the socket has no path yet at which a client could find it, or it"
     " is connected",
     "call bind before listen"},
    {"listen", EOPNOTSUPP,
     "this kind of socket cannot listen: SOCK_DGRAM, for one, has no"
     " connections",
     "make it with SOCK_STREAM"},
    {NARRATE_RECVS, EAGAIN,
     "nothing came within the time limit that SO_RCVTIMEO sets",
     "see what the peer is doing, then call recv again, or set a longer"
     " limit"},
    {NARRATE_SENDS, EAGAIN,
     "there was no room within the time limit that SO_SNDTIMEO sets:"
     " the peer does not read",
     "see what the peer is doing, then send the rest, or set a longer"
     " limit"},
    {NARRATE_SENDS, EPIPE,
     "the peer has closed its socket or receives no more, or shutdown"
     " has ended our own side",
     NARRATE_RESTART},
    {NARRATE_SENDS " " NARRATE_RECVS, ECONNRESET,
     "the peer closed its socket before it had read all that we sent",
     NARRATE_RESTART},
    {NARRATE_SENDS " " NARRATE_RECVS, ENOTCONN,
     "this socket has no peer",
     "a client calls connect first; a server uses the descriptor that"
     " accept returned, not the listening socket"},
    {NARRATE_RECVS, EINVAL,
     "this socket has no peer, or a flag does not go with it",
     "a client calls connect first; a server uses the descriptor that"
     " accept returned, not the listening socket"},
};

/* Is this failure about a socket of AF_UNIX? EBADF, EMFILE and the like
 * mean the same on all sockets, as does what accept returns. */
static inline bool narrate_is_local(const struct narrate_call *call,
                                    const char *known)
{
    sa_family_t family = AF_UNSPEC;

    if (narrate_readable(call->address, sizeof family)
        && call->length > sizeof family)
        memcpy(&family, call->address, sizeof family);
    return narrate_among("bind listen connect " NARRATE_SENDS
                         " " NARRATE_RECVS,
                         known)
           && !narrate_among("EBADF ENOTSOCK EFAULT EINTR EMFILE ENFILE"
                             " ENOBUFS ENOMEM",
                             narrate_errno_name(call->error))
           && (family == AF_UNIX
               || narrate_see(call->sock)->here.ss_family == AF_UNIX);
}

/* The row that explains a failure; NULL if there is none. An address
 * that begins with 0 is abstract: there is no file. */
static inline const struct narrate_error *narrate_row_of(
    const struct narrate_call *call)
{
    const char *known = narrate_known_as(narrate_fails_as(call));
    const struct narrate_error *row = narrate_paths;
    const struct sockaddr *address = call->address;

    if (!narrate_is_local(call, known))
        return narrate_error_of(known, call->error);
    if (call->length > sizeof address->sa_family
        && narrate_readable(address, call->length)
        && address->sa_data[0] == '\0')
        return NULL;
    for (; row < narrate_paths + NARRATE_COUNT(narrate_paths); row++)
        if (row->error == call->error
            && narrate_among(row->calls, known))
            return row;
    return NULL;
}

/* If something still holds a socket that was closed, the sentence that
 * says so; NULL if not. A TCP state that does not follow a close shows
 * it: another descriptor, here or in another process, or a call that
 * blocks in another thread. In all other states only descriptors of
 * ours do. If there is no state, none is told. The lock is held. */
static inline const char *narrate_holder(struct narrate_seen *seen,
                                         bool stream)
{
    static const char holds[] = "Another descriptor, here or in another"
                                " process, still holds this socket.";
    int family = seen->here.ss_family;
    bool tcp = stream && (family == AF_INET || family == AF_INET6)
               && !narrate_is_blind(seen);
    bool copied = false, listens, up;
    const char *state = "";
    struct stat file;

    for (int i = 0; i < narrate_few(); i++)
        if (fstat(i, &file) == 0 && S_ISSOCK(file.st_mode)
            && file.st_ino == seen->inode)
            copied = true;
    if (!seen->connected)
        seen->peer.ss_family = seen->here.ss_family;
    if (tcp)
        state = narrate_lasting(seen, "");
    listens = strcmp(state, "LISTEN") == 0;
    up = listens || strcmp(state, "ESTABLISHED") == 0
         || strcmp(state, "CLOSE-WAIT") == 0;
    seen->shared = seen->shared || listens; /* its state is told */
    /* This socket, or one that shares the port. */
    if (listens && narrate_threads > 1)
        return "Another thread or descriptor, here or in another"
               " process, still listens at this address.";
    if (listens)
        return "Another descriptor, here or in another process, still"
               " listens at this address.";
    if (up && !copied && narrate_threads > 1
        && !narrate_is_forked(seen->sock))
        return "Another thread still holds this socket, so nothing"
               " ends.";
    if (up)
        return holds;
    if (copied && *state == '\0')
        seen->here.ss_family = AF_UNSPEC;
    if (copied)
        return holds;
    if (tcp || !narrate_is_forked(seen->sock))
        return NULL;
    seen->here.ss_family = AF_UNSPEC;
    return "Another process may still hold this socket.";
}

#endif
