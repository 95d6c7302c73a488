/* real.h: the library's own calls. Part of preload.c.
 *
 * dlsym(3) with RTLD_NEXT finds what the program would have called
 * without us. They are looked up when we are loaded; a call that comes
 * even before that looks up its own.
 */
#ifndef NARRATE_REAL_H
#define NARRATE_REAL_H

/* Copies the address of the function as bytes: ISO C has no cast from
 * void * to a pointer to a function. POSIX.1-2008, dlsym. */
static inline void narrate_look_up(void *where, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(where, &found, sizeof found);
}

#define NARRATE_FIND(name) \
    do { \
        if (narrate_next_##name == NULL) \
            narrate_look_up(&narrate_next_##name, #name); \
    } while (0)
#define NARRATE_REAL(type, name, parameters, arguments) \
    static type(*narrate_next_##name) parameters; \
    static inline type narrate_real_##name parameters \
    { \
        NARRATE_FIND(name); \
        return narrate_next_##name arguments; \
    }
#define CALL(type, name, parameters, arguments, ...) \
    NARRATE_REAL(type, name, parameters, arguments)
#include "../calls.def"
#include "more.def"
#undef CALL
NARRATE_REAL(int, execve,
             (const char *f, char *const a[], char *const e[]),
             (f, a, e))
NARRATE_REAL(int, execvpe,
             (const char *f, char *const a[], char *const e[]),
             (f, a, e))
NARRATE_REAL(int, fexecve, (int d, char *const a[], char *const e[]),
             (d, a, e))
NARRATE_REAL(int, fclose, (FILE * f), (f))
NARRATE_REAL(FILE *, fdopen, (int s, const char *m), (s, m))
NARRATE_REAL(pid_t, fork, (void), ())
NARRATE_REAL(struct hostent *, gethostbyname, (const char *n), (n))
NARRATE_REAL(int, ioctl, (int d, unsigned long r, void *a), (d, r, a))
NARRATE_REAL(int, sigaction,
             (int s, const struct sigaction *a, struct sigaction *o),
             (s, a, o))

/* The third argument of fcntl is an int, a pointer or missing. It is
 * passed on as one pointer, which is how the kernel takes it. */
static int (*narrate_next_fcntl)(int, int, ...);
static inline int narrate_real_fcntl(int descriptor, int command, ...)
{
    void *argument;
    va_list list;

    va_start(list, command);
    argument = va_arg(list, void *);
    va_end(list);
    NARRATE_FIND(fcntl);
    return narrate_next_fcntl(descriptor, command, argument);
}

/* The stream whose fclose is told as the close that it makes. */
static _Thread_local struct {
    FILE *stream;
    int descriptor;
} narrate_stream;

static inline int narrate_close(int s)
{
    FILE *stream = narrate_stream.stream;

    if (stream == NULL || narrate_stream.descriptor != s)
        return narrate_real_close(s);
    narrate_stream.stream = NULL;
    return narrate_real_fclose(stream);
}
#define narrate_real_close(descriptor) narrate_close(descriptor)

/* How much of a time limit is over already when the call is made, in
 * milliseconds, because we have waited before we told it. */
static _Thread_local long narrate_waited;

static inline int narrate_rest(int limit)
{
    long waited = narrate_waited;

    narrate_waited = 0;
    return limit > waited ? limit - (int)waited : limit;
}

/* The same of select's limit, which is changed in place, and of
 * pselect's. */
static inline struct timeval *narrate_rest_of(struct timeval *limit)
{
    long waited = narrate_waited;

    narrate_waited = 0;
    if (waited == 0 || limit == NULL || limit->tv_sec < 1)
        return limit;
    limit->tv_usec -= waited * 1000;
    limit->tv_sec -= limit->tv_usec < 0;
    limit->tv_usec += limit->tv_usec < 0 ? 1000000 : 0;
    return limit;
}

static inline const struct timespec *narrate_rest_exactly(
    const struct timespec *limit, struct timespec *rest)
{
    struct timeval whole;

    if (narrate_waited == 0 || limit == NULL)
        return limit;
    whole = (struct timeval){limit->tv_sec, limit->tv_nsec / 1000};
    narrate_rest_of(&whole);
    *rest = (struct timespec){whole.tv_sec, whole.tv_usec * 1000};
    return rest;
}

#define narrate_real_poll(watched, count, limit) \
    narrate_real_poll(watched, count, narrate_rest(limit))
#define narrate_real_ppoll(watched, count, limit, mask) \
    narrate_real_ppoll( \
        watched, count, \
        narrate_rest_exactly(limit, &(struct timespec){0}), mask)
#define narrate_real_select(count, in, out, other, limit) \
    narrate_real_select(count, in, out, other, narrate_rest_of(limit))
#define narrate_real_pselect(count, in, out, other, limit, mask) \
    narrate_real_pselect( \
        count, in, out, other, \
        narrate_rest_exactly(limit, &(struct timespec){0}), mask)
#define narrate_real_epoll_wait(epoll, events, room, limit) \
    narrate_real_epoll_wait(epoll, events, room, narrate_rest(limit))
#define narrate_real_epoll_pwait(epoll, events, room, limit, mask) \
    narrate_real_epoll_pwait(epoll, events, room, narrate_rest(limit), \
                             mask)

/* Looks them up now: dlsym must not be called in a signal handler. */
static inline void narrate_find_all(void)
{
#define CALL(type, name, ...) NARRATE_FIND(name);
#include "../calls.def"
#include "more.def"
#undef CALL
    NARRATE_FIND(execve);
    NARRATE_FIND(execvpe);
    NARRATE_FIND(fexecve);
    NARRATE_FIND(fclose);
    NARRATE_FIND(fdopen);
    NARRATE_FIND(fork);
    NARRATE_FIND(gethostbyname);
    NARRATE_FIND(ioctl);
    NARRATE_FIND(sigaction);
    NARRATE_FIND(fcntl);
}

#endif
