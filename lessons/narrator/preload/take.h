/* take.h: the names under which a program calls us. Part of preload.c.
 *
 * Each function made here has the library's own name in the object
 * file.
 */
#ifndef NARRATE_TAKE_H
#define NARRATE_TAKE_H

#define NARRATE_OURS(type, name, parameters) \
    type narrate_our_##name parameters __asm__(#name); \
    __attribute__((visibility("default"))) \
    type narrate_our_##name parameters

/* dup2 is about to take this number: if it is ours, we move away. */
static inline void narrate_make_room(int number)
{
    int entry = errno, high = -1;

    if (narrate_is_own(number) && number == narrator.out) {
        for (int at = number - 1; high == -1 && at > 2; at--)
            high = narrate_real_fcntl(number, F_DUPFD, at);
        narrator.out = narrator.err = high;
    }
    if (narrate_is_own(number) && number == narrate_kernel.diag)
        narrate_kernel.diag = -1;
    for (int i = 0; i < 2; i++)
        if (narrate_is_own(number) && number == narrate_kernel.proc[i])
            narrate_kernel.proc[i] = -1;
    errno = entry;
}

/* Does a call with these first two arguments spare our descriptors? If
 * not, it fails as if they were not open. */
static inline bool narrate_spares(const char *name, intptr_t one,
                                  intptr_t other)
{
    if (strcmp(name, "dup2") == 0 || strcmp(name, "dup3") == 0)
        narrate_make_room((int)other);
    return strcmp(name, "close") != 0 || !narrate_is_own((int)one);
}
#define NARRATE_SPARES(name, one, ...) \
    NARRATE_SPARES_TWO(name, one, __VA_ARGS__, 0)
#define NARRATE_SPARES_TWO(name, one, other, ...) \
    narrate_spares(name, (intptr_t)(one), (intptr_t)(other))
#define NARRATE_FIRST_TWO(name, ...) \
    NARRATE_SPARES(name, __VA_ARGS__, 0)
#define NARRATE_OPEN(...) __VA_ARGS__

/* What a file has given: see notes_buffers.h. */
static inline ssize_t narrate_read(int descriptor, void *bytes,
                                   size_t size)
{
    ssize_t result = narrate_real_read(descriptor, bytes, size);
    int entry = errno;

    if (result > 0 && narrate_is_free())
        narrate_note_read("read", bytes, size, (size_t)result);
    errno = entry;
    return result;
}
#define narrate_real_read(descriptor, bytes, size) \
    narrate_read(descriptor, bytes, size)

#define CALL(type, name, parameters, arguments, ...) \
    NARRATE_OURS(type, name, parameters) \
    { \
        if (!NARRATE_FIRST_TWO(#name, NARRATE_OPEN arguments)) { \
            errno = EBADF; \
            return -1; \
        } \
        { \
            NARRATE_BODY(type, name, arguments, __VA_ARGS__, \
                         NARRATE_MORE(name)) \
        } \
    }
#include "../calls.def"
#include "more.def"
#undef CALL

/* ---- calls that take other arguments ----------------------------- */

static inline int narrate_told_control(int descriptor, int command,
                                       void *argument)
{
    NARRATE_BODY(int, fcntl, (descriptor, command, argument),
                 .format = "d, *", .adds = narrate_adds_control,
                 .nothing = "Nothing to do yet.",
                 .extra.after = narrate_after_control)
}

static inline int narrate_told_ioctl(int descriptor,
                                     unsigned long request,
                                     void *argument){
    NARRATE_BODY(int, ioctl, (descriptor, request, argument),
                 .format = "d, *", .same = "fcntl",
                 .adds = narrate_adds_ioctl,
                 .means = narrate_means_ioctl, .extra.files = true,
                 .extra.after = narrate_after_ioctl)}

/* The third argument is read even if the program passed none: the
 * commands that take none ignore it. */
#define NARRATE_OUR_FCNTL(name) \
    NARRATE_OURS(int, name, (int descriptor, int command, ...)) \
    { \
        int entry = errno; \
        void *argument; \
        va_list list; \
        bool wanted; \
\
        va_start(list, command); \
        argument = va_arg(list, void *); \
        va_end(list); \
        wanted = narrate_is_free() && narrate_wanted(descriptor); \
        errno = entry; \
        if (!wanted) \
            return narrate_real_fcntl(descriptor, command, argument); \
        if (command == F_GETFL || command == F_SETFL) \
            return narrate_told_fcntl(descriptor, command, argument); \
        return narrate_told_control(descriptor, command, argument); \
    }
NARRATE_OUR_FCNTL(fcntl) NARRATE_OUR_FCNTL(fcntl64)

    NARRATE_OURS(int, ioctl,
                 (int descriptor, unsigned long request, ...))
{
    void *argument;
    va_list list;

    va_start(list, request);
    argument = va_arg(list, void *);
    va_end(list);
    return narrate_told_ioctl(descriptor, request, argument);
}

static inline void narrate_shows_host(struct narrate_call *call,
                                      struct narrate_text *t)
{
    narrate_add(t, "= %s", call->result != 0 ? "&host" : "NULL");
}

NARRATE_OURS(struct hostent *, gethostbyname, (const char *name))
{
    static const struct narrate_row row = {
        .name = "gethostbyname",
        .format = "S",
        .shows = narrate_shows_host,
        .until = narrate_until_getaddrinfo,
        .other = true};
    struct narrate_call call;
    struct hostent *host;

    if (!narrate_begin(&call, &row, (intptr_t)name, 0, 0, 0, 0, 0))
        return narrate_real_gethostbyname(name);
    host = narrate_real_gethostbyname(name);
    narrate_finish(&call, (long)(intptr_t)host);
    return host;
}

/* ---- closing many ------------------------------------------------ */

/* The lowest of our own descriptors from `first` on; UINT_MAX if there
 * is none. */
static inline unsigned narrate_next_own(unsigned first)
{
    const int own[] = {narrator.out, narrate_out.terminal,
                       narrate_kernel.diag, narrate_kernel.proc[0],
                       narrate_kernel.proc[1]};
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
            (narrate_real_close)((int)from++);
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

/* A range is closed, and told by its line: what we know of it is
 * forgotten. Not in a child of vfork(2), which has its parent's
 * memory. */
static inline void narrate_after_range(struct narrate_call *call)
{
    unsigned first = (unsigned)call->arg[0],
             last = (unsigned)call->arg[1];

    if (call->error != 0 || getpid() != narrate_home)
        return;
    for (unsigned i = first; i < NARRATE_SEEN && i <= last; i++) {
        bool was = narrate_kernel.seen[i].open;

        narrate_watches[i] = false;
        narrate_entries[i].list = 0;
        narrate_kernel.seen[i].open = false;
        if (i > (unsigned)narrate_kernel.highest)
            continue;
        narrate_forget((int)i);
        if (was)
            narrate_memory((int)i)->closed = call->number;
    }
}

/* Is there a socket in the range? */
static inline bool narrate_wants_range(const intptr_t *arg)
{
    unsigned last = (unsigned)narrate_kernel.highest;

    if ((unsigned)arg[1] < last)
        last = (unsigned)arg[1];
    for (unsigned i = (unsigned)arg[0]; i <= last; i++)
        if (narrate_wanted((int)i))
            return true;
    return false;
}

static inline void narrate_shows_void(struct narrate_call *call,
                                      struct narrate_text *t)
{
    (void)call, (void)t;
}

NARRATE_OURS(void, closefrom, (int first))
{
    static const struct narrate_row row = {
        .name = "closefrom",
        .format = "i",
        .shows = narrate_shows_void,
        .extra.wants = narrate_wants_range,
        .extra.after = narrate_after_range};
    unsigned from = first > 0 ? (unsigned)first : 0;
    struct narrate_call call;

    if (!narrate_begin(&call, &row, (intptr_t)from, UINT_MAX, 0, 0, 0,
                       0)) {
        narrate_close_from(from);
        return;
    }
    narrate_close_from(from);
    narrate_finish(&call, 0);
}

#ifdef SYS_close_range
/* With CLOSE_RANGE_CLOEXEC, which is 4, it closes nothing. */
NARRATE_OURS(int, close_range,
             (unsigned first, unsigned last, int flags))
{
    static const struct narrate_row row = {
        .name = "close_range",
        .format = "u, u, i",
        .extra.wants = narrate_wants_range,
        .extra.after = narrate_after_range};
    struct narrate_call call;

    if ((flags & 4) != 0
        || !narrate_begin(&call, &row, (intptr_t)first, (intptr_t)last,
                          flags, 0, 0, 0))
        return narrate_close_range(first, last, flags);
    return (int)narrate_finish(&call,
                               narrate_close_range(first, last, flags));
}
#endif

/* ---- streams: of stdio only the beginning and the end ------------ */

NARRATE_OURS(FILE *, fdopen, (int descriptor, const char *mode))
{
    static atomic_bool said;
    FILE *stream = narrate_real_fdopen(descriptor, mode);

    if (stream != NULL && narrate_is_free()
        && narrate_wanted(descriptor) && !atomic_exchange(&said, true))
        narrate_say("%d is a stream now (fdopen). What fprintf, fgets"
                    " and the like send and receive through it, and"
                    " when, is not told here: strace shows it.",
                    descriptor);
    return stream;
}

/* What waits in the buffer is sent first, as by fclose: that may block,
 * or end the program, so it is not part of the call that is told. */
NARRATE_OURS(int, fclose, (FILE * stream))
{
    int descriptor = stream != NULL ? fileno(stream) : -1;

    if (!narrate_is_free() || !narrate_wanted(descriptor))
        return narrate_real_fclose(stream);
    fflush(stream);
    narrate_stream.stream = stream;
    narrate_stream.descriptor = descriptor;
    return narrate_our_close(descriptor);
}

/* ---- as -D_FORTIFY_SOURCE calls them ----------------------------- */

/* If the size is larger than the buffer, the library ends the program;
 * we leave that to it. */
#define NARRATE_CHECKED(type, name, parameters, arguments, fits, call) \
    static type(*narrate_next_##name) parameters; \
    NARRATE_OURS(type, name, parameters) \
    { \
        if (fits) \
            return call; \
        NARRATE_FIND(name); \
        return narrate_next_##name arguments; \
    }

NARRATE_CHECKED(ssize_t, __read_chk,
                (int d, void *bytes, size_t size, size_t room),
                (d, bytes, size, room), size <= room,
                narrate_our_read(d, bytes, size))
NARRATE_CHECKED(ssize_t, __recv_chk,
                (int s, void *bytes, size_t size, size_t room,
                 int flags),
                (s, bytes, size, room, flags), size <= room,
                narrate_our_recv(s, bytes, size, flags))
NARRATE_CHECKED(ssize_t, __recvfrom_chk,
                (int s, void *bytes, size_t size, size_t room,
                 int flags, struct sockaddr *a, socklen_t *l),
                (s, bytes, size, room, flags, a, l), size <= room,
                narrate_our_recvfrom(s, bytes, size, flags, a, l))

NARRATE_CHECKED(int, __poll_chk,
                (struct pollfd * watched, nfds_t count, int timeout,
                 size_t room),
                (watched, count, timeout, room),
                room / sizeof *watched >= count,
                narrate_our_poll(watched, count, timeout))
NARRATE_CHECKED(int, __ppoll_chk,
                (struct pollfd * watched, nfds_t count,
                 const struct timespec *limit, const sigset_t *mask,
                 size_t room),
                (watched, count, limit, mask, room),
                room / sizeof *watched >= count,
                narrate_our_ppoll(watched, count, limit, mask))

#if LONG_MAX > 0x7FFFFFFF /* off_t is the 64-bit one */
NARRATE_OURS(ssize_t, sendfile64,
             (int to, int from, off_t *at, size_t size))
{
    return narrate_our_sendfile(to, from, at, size);
}
#endif

typedef struct sockaddr narrate_sockaddr;
typedef const struct sockaddr *narrate_address;

#include "exec.h"

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
        narrate_finish_all(status != 0, 0); \
        for (;;) \
            syscall(SYS_exit_group, status); \
    }
NARRATE_OUR_EXIT(_exit)
NARRATE_OUR_EXIT(_Exit)

#endif
