/* preload_take.h: the names under which a program calls us. Part of
 * preload.c.
 *
 * Each function made here has the library's own name in the object
 * file. It decides whether the call is told: calls on sockets always,
 * calls that files have too only if the descriptor is a socket.
 */
#ifndef NARRATE_PRELOAD_TAKE_H
#define NARRATE_PRELOAD_TAKE_H

#define NARRATE_OURS(type, name, parameters) \
    type narrate_our_##name parameters __asm__(#name); \
    __attribute__((visibility("default"))) \
    type narrate_our_##name parameters

/* Is this one of our own descriptors? The program did not open it. */
static inline bool narrate_is_own(int descriptor)
{
    return !narrate_busy && narrator.telling && descriptor > 2
           && (descriptor == narrator.out
               || descriptor == narrator.terminal
               || descriptor == narrator.diag
               || descriptor == narrator.proc[0]
               || descriptor == narrator.proc[1]);
}

/* Is this a socket, and do we tell its calls? Preserves errno. */
static inline bool narrate_wanted(int descriptor)
{
    int entry = errno;
    bool wanted = narrator.telling && !narrate_busy && descriptor >= 0
                  && descriptor != narrator.diag
                  && narrate_is_socket(descriptor);

    errno = entry;
    return wanted;
}

/* The end of a call that sends: releases SIGPIPE if it is pending. A
 * program that was handed the socket, perhaps as its standard output,
 * may be meant to end in this way. */
static inline ssize_t narrate_let_go(ssize_t result, bool made_here)
{
    int entry = errno;

    if (narrate_pipe.pending) {
        narrate_pipe.pending = false;
        if (made_here)
            narrate_note("SIGPIPE ends the program here. With"
                         " MSG_NOSIGNAL, or SIGPIPE ignored, the call"
                         " fails with EPIPE instead.");
        narrate_finish(false, SIGPIPE);
        pthread_sigmask(SIG_SETMASK, &narrate_pipe.before, NULL);
    }
    errno = entry;
    return result;
}

/* ---- sockets ----------------------------------------------------- */

NARRATE_OURS(int, socket, (int family, int type, int protocol))
{
    int result = narrate_told_socket(family, type, protocol);

    narrate_new(result);
    narrate_python_socket(type, result);
    return result;
}

NARRATE_OURS(int, socketpair,
             (int family, int type, int protocol, int *ends))
{
    int result = narrate_told_socketpair(family, type, protocol, ends);

    for (int i = 0; i < 2 && result == 0; i++)
        narrate_new(ends[i]);
    return result;
}

NARRATE_OURS(int, bind,
             (int sock, narrate_address address, socklen_t length))
{
    int result = narrate_told_bind(sock, address, length);

    narrate_note_bind(sock, address, length, result);
    return result;
}

NARRATE_OURS(int, listen, (int sock, int backlog))
{
    int before = narrate_port_here(sock);
    int result = narrate_told_listen(sock, backlog);

    narrate_note_listen(sock, before, result);
    return result;
}

/* What *length holds before accept or recvfrom; -1 if unknown. */
static inline long narrate_room(const socklen_t *length)
{
    int entry = errno;
    long room = -1;

    if (length != NULL && narrate_may_note()
        && narrate_readable(length, sizeof *length))
        room = (long)*length;
    errno = entry;
    return room;
}

/* Should accept be made first, and then told or counted? Yes, where it
 * cannot block: if `sock` does not listen, or if a caller waits and the
 * calls before were alike (as when each fails with EMFILE). */
static inline bool narrate_accepts_at_once(const char *name, int sock)
{
    struct pollfd watched = {sock, POLLIN, 0};
    int entry = errno;
    bool counts, listens, at_once;

    if (!narrate_may_note() || NARRATE_CUED)
        return false;
    narrate_note_unknown_ports();
    narrate_note_lent();
    narrate_memory(sock)->tries++;
    counts = narrate_counts(name, sock);
    listens = narrate_is_listening(sock);
    narrate_astray = narrate_astray || !listens;
    at_once = !listens || narrate_is_done(sock)
              || (counts && narrate_is_ready(&watched, 1));
    if (!counts)
        narrate_row.now = NULL;
    errno = entry;
    return at_once;
}

#define NARRATE_ACCEPT(name, sock, real, told) \
    do { \
        const struct narrate_outer outer = narrate_set_aside(); \
        bool done = false; \
        int result = 0; \
\
        if (narrate_accepts_at_once(name, sock)) { \
            result = real; \
            done = narrate_counted(result, NARRATE_DESCRIPTOR); \
        } \
        if (!done) { \
            result = told; \
            if (result >= 0) \
                narrate_row_anew(); \
            narrate_note_accept(sock, result); \
            if (result >= 0) \
                narrate_note_cut("the", room, l); \
        } \
        narrate_put_back(&outer); \
        narrate_python_accept(name, result); \
        return result; \
    } while (0)

NARRATE_OURS(int, accept, (int sock, narrate_sockaddr *a, socklen_t *l))
{
    long room = a != NULL ? narrate_room(l) : -1;

    NARRATE_ACCEPT("accept", sock, narrate_real_accept(sock, a, l),
                   narrate_told_accept(sock, a, l));
}

NARRATE_OURS(int, accept4,
             (int sock, narrate_sockaddr *a, socklen_t *l, int flags))
{
    long room = a != NULL ? narrate_room(l) : -1;

    NARRATE_ACCEPT("accept4", sock,
                   narrate_real_accept4(sock, a, l, flags),
                   narrate_told_accept4(sock, a, l, flags));
}

NARRATE_OURS(int, connect,
             (int sock, narrate_address a, socklen_t length))
{
    bool fresh = narrate_is_fresh(sock);
    int result = narrate_told_connect(sock, a, length);

    narrate_note_connect(sock, a, length, result, fresh);
    if (result == -1)
        narrate_python_waits(sock, "connect");
    return result;
}

/* Has the program shut down receiving on this socket? */
static inline bool narrate_is_deaf(int descriptor)
{
    return descriptor < NARRATE_SEEN
           && narrate_memory(descriptor)->deaf;
}

/* After shutdown, for each descriptor of the socket. */
static inline void narrate_shut(int sock, bool deaf, bool shut)
{
    int entry = errno;

    if (!narrator.telling)
        return;
    for (int i = 0; i < narrate_few(); i++)
        if (i == sock || narrate_is_same(i, sock)) {
            narrate_memory(i)->deaf = narrate_memory(i)->deaf || deaf;
            if (shut)
                narrate_memory(i)->shut = narrate_thread;
        }
    errno = entry;
}

/* Linux shuts down an unconnected socket too, though it says ENOTCONN:
 * inet_shutdown of its net/ipv4/af_inet.c. */
NARRATE_OURS(int, shutdown, (int sock, int how))
{
    struct narrate_memory *memory = narrate_memory(sock);
    bool deaf = memory->deaf;
    int result;

    if (how != SHUT_WR) /* before it: it may wake another thread */
        memory->deaf = true;
    result = narrate_told_shutdown(sock, how);
    if (result == 0 || errno == ENOTCONN)
        narrate_shut(sock, how != SHUT_WR, how != SHUT_RD);
    else
        memory->deaf = deaf;
    return result;
}

NARRATE_OURS(int, setsockopt,
             (int sock, int level, int option, const void *v,
              socklen_t n))
{
    return narrate_told_setsockopt(sock, level, option, v, n);
}

NARRATE_OURS(int, getsockopt,
             (int sock, int level, int option, void *v, socklen_t *n))
{
    int result = narrate_told_getsockopt(sock, level, option, v, n);

    narrate_note_option(sock, level, option, v, result);
    return result;
}

NARRATE_OURS(int, getsockname,
             (int sock, narrate_sockaddr *a, socklen_t *l))
{
    int result = narrate_told_name("getsockname", sock, a, l);

    if (result == 0 && !narrate_busy)
        narrate_knows_port(sock);
    narrate_python_name();
    return result;
}

NARRATE_OURS(int, getpeername,
             (int sock, narrate_sockaddr *a, socklen_t *l))
{
    return narrate_told_name("getpeername", sock, a, l);
}

/* ---- descriptors ------------------------------------------------- */

NARRATE_OURS(int, close, (int descriptor))
{
    struct narrate_lent *lent = NULL;
    bool wanted, drops = false;
    int result;

    if (narrate_is_own(descriptor)) {
        errno = EBADF;
        return -1;
    }
    if (!narrator.telling
        || getpid() != narrate_home) /* what we know is the parent's */
        return narrate_told_close(descriptor);
    if (descriptor >= 0 && descriptor < NARRATE_SEEN && !narrate_busy) {
        narrate_watches[descriptor] = false;
        narrate_given[descriptor].watcher = 0;
    }
    wanted = narrate_wanted(descriptor);
    if (wanted) {
        narrate_note_closing(descriptor);
        narrate_note_left(descriptor);
        lent = narrate_gives_back(descriptor);
        drops = narrate_drops(descriptor);
    }
    result = narrate_told_close(descriptor);
    if (result == 0 && wanted) {
        narrate_note_returned(lent);
        if (drops)
            narrate_note_dropped(descriptor);
        narrate_row_anew();
        narrate_forget(descriptor);
        narrate_memory(descriptor)->closed = narrator.calls;
    } else if (result == 0) {
        narrate_forget(descriptor);
    }
    narrate_note_twice(descriptor, result);
    return result;
}

/* ---- streams: of stdio only the beginning and the end ------------ */

NARRATE_OURS(FILE *, fdopen, (int descriptor, const char *mode))
{
    static atomic_bool said;
    FILE *stream = narrate_real_fdopen(descriptor, mode);

    if (stream != NULL && narrate_may_note()
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

    if (!narrate_wanted(descriptor))
        return narrate_real_fclose(stream);
    fflush(stream);
    narrate_stream.stream = stream;
    narrate_stream.descriptor = descriptor;
    return narrate_our_close(descriptor);
}

#include "preload_take_range.h"

NARRATE_OURS(int, dup, (int descriptor))
{
    const struct narrate_copy copy = {"dup", descriptor, -1, -1};
    int result = narrate_wanted(descriptor)
                     ? narrate_told_copy(&copy)
                     : narrate_real_dup(descriptor);

    narrate_copied(descriptor, result);
    return result;
}

/* dup2 is about to take this number: if it is ours, we move away. */
static inline void narrate_make_room(int number)
{
    int entry = errno, high = -1;

    if (narrate_is_own(number) && number == narrator.out) {
        for (int at = number - 1; high == -1 && at > 2; at--)
            high = narrate_real_fcntl(number, F_DUPFD, at);
        narrator.out = narrator.err = high;
    }
    if (narrate_is_own(number) && number == narrator.diag)
        narrator.diag = -1;
    for (int i = 0; i < 2; i++)
        if (narrate_is_own(number) && number == narrator.proc[i])
            narrator.proc[i] = -1;
    errno = entry;
}

NARRATE_OURS(int, dup2, (int from, int to))
{
    const struct narrate_copy copy = {"dup2", from, to, -1};
    int result;

    narrate_make_room(to);
    result = narrate_wanted(from) || narrate_wanted(to)
                 ? narrate_told_copy(&copy)
                 : narrate_real_dup2(from, to);
    narrate_copied(from, result);
    return result;
}

NARRATE_OURS(int, dup3, (int from, int to, int flags))
{
    const struct narrate_copy copy = {"dup3", from, to, flags};
    int result;

    narrate_make_room(to);
    result = narrate_wanted(from) || narrate_wanted(to)
                 ? narrate_told_copy(&copy)
                 : narrate_real_dup3(from, to, flags);
    narrate_copied(from, result);
    return result;
}

static inline int narrate_take_fcntl(int descriptor, int command,
                                     void *argument)
{
    int result;

    if (!narrate_wanted(descriptor))
        return narrate_real_fcntl(descriptor, command, argument);
    if (command == F_GETFL || command == F_SETFL)
        return narrate_told_fcntl(descriptor, command, argument);
    result = narrate_told_fcntl_other(descriptor, command, argument);
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
        narrate_copied(descriptor, result);
    return result;
}

/* The third argument is read even if the program passed none: the
 * commands that take none ignore it. */
#define NARRATE_OUR_FCNTL(name) \
    NARRATE_OURS(int, name, (int descriptor, int command, ...)) \
    { \
        void *argument; \
        va_list list; \
\
        va_start(list, command); \
        argument = va_arg(list, void *); \
        va_end(list); \
        return narrate_take_fcntl(descriptor, command, argument); \
    }
NARRATE_OUR_FCNTL(fcntl)
NARRATE_OUR_FCNTL(fcntl64)

NARRATE_OURS(int, ioctl, (int descriptor, unsigned long request, ...))
{
    void *argument;
    va_list list;
    int result;

    va_start(list, request);
    argument = va_arg(list, void *);
    va_end(list);
    if (!narrate_wanted(descriptor))
        return narrate_real_ioctl(descriptor, request, argument);
    result = narrate_told_ioctl(descriptor, request, argument);
    narrate_python_ioctl(descriptor, request, result);
    return result;
}

#include "preload_take_bytes.h"

#include "preload_take_ready.h"

#include "preload_take_exec.h"

#endif
