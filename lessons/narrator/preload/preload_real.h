/* preload_real.h: the library's own calls. Part of preload.c.
 *
 * dlsym(3) with RTLD_NEXT finds what the program would have called
 * without us. They are looked up when we are loaded; a call that comes
 * even before that looks up its own.
 */
#ifndef NARRATE_PRELOAD_REAL_H
#define NARRATE_PRELOAD_REAL_H

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
#define NARRATE_LIBRARY(type, name, parameters, arguments) \
    static type(*narrate_next_##name) parameters; \
    static inline type narrate_real_##name parameters \
    { \
        NARRATE_FIND(name); \
        return narrate_next_##name arguments; \
    }

/* A call that may have been made already: narrate_made says so. */
#define NARRATE_LIBRARY_MADE(type, name, parameters, arguments) \
    static type(*narrate_next_##name) parameters; \
    static inline type narrate_real_##name parameters \
    { \
        if (narrate_made.made) { \
            narrate_made.made = false; \
            errno = narrate_made.error; \
            return (type)narrate_made.result; \
        } \
        NARRATE_FIND(name); \
        return narrate_next_##name arguments; \
    }

/* A call that sends: SIGPIPE, which would end the program at once, is
 * held back until the call is told. narrate_let_go releases it. */
static _Thread_local struct {
    bool pending;
    sigset_t before;
} narrate_pipe;

static inline bool narrate_hold_pipe(sigset_t *before)
{
    struct sigaction action;
    sigset_t pipe_only;
    int error = errno;
    bool held;

    held = narrator.telling && !narrate_busy
           && sigaction(SIGPIPE, NULL, &action) == 0
           && action.sa_handler == SIG_DFL;
    if (held) {
        sigemptyset(&pipe_only);
        sigaddset(&pipe_only, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_only, before);
        if (sigismember(before, SIGPIPE) == 1)
            held = false;
    }
    errno = error;
    return held;
}

static inline void narrate_release_pipe(const sigset_t *before,
                                        bool failed)
{
    int error = errno;
    sigset_t pending;

    sigemptyset(&pending);
    if (failed && error == EPIPE)
        sigpending(&pending);
    narrate_pipe.pending = sigismember(&pending, SIGPIPE) == 1;
    if (narrate_pipe.pending)
        narrate_pipe.before = *before;
    else
        pthread_sigmask(SIG_SETMASK, before, NULL);
    errno = error;
}

#define NARRATE_LIBRARY_SENDS(type, name, parameters, arguments) \
    static type(*narrate_next_##name) parameters; \
    static inline type narrate_real_##name parameters \
    { \
        sigset_t before; \
        bool held; \
        type result; \
\
        if (narrate_made.made) { \
            narrate_made.made = false; \
            errno = narrate_made.error; \
            return (type)narrate_made.result; \
        } \
        NARRATE_FIND(name); \
        held = narrate_hold_pipe(&before); \
        result = narrate_next_##name arguments; \
        if (held) \
            narrate_release_pipe(&before, result == -1); \
        return result; \
    }

typedef struct sockaddr narrate_sockaddr;
typedef const struct sockaddr *narrate_address;

NARRATE_LIBRARY_MADE(int, accept,
                     (int s, narrate_sockaddr *a, socklen_t *l),
                     (s, a, l))
NARRATE_LIBRARY_MADE(int, accept4,
                     (int s, narrate_sockaddr *a, socklen_t *l, int f),
                     (s, a, l, f))
NARRATE_LIBRARY(int, bind, (int s, narrate_address a, socklen_t l),
                (s, a, l))
NARRATE_LIBRARY(FILE *, fdopen, (int s, const char *m), (s, m))
NARRATE_LIBRARY(int, fclose, (FILE * f), (f))

/* The stream whose fclose is told as the close that it makes. */
static _Thread_local struct {
    FILE *stream;
    int descriptor;
} narrate_stream;

static int (*narrate_next_close)(int);
static inline int narrate_real_close(int s)
{
    FILE *stream = narrate_stream.stream;

    NARRATE_FIND(close);
    if (stream == NULL || narrate_stream.descriptor != s)
        return narrate_next_close(s);
    narrate_stream.stream = NULL;
    return narrate_real_fclose(stream);
}
NARRATE_LIBRARY(int, connect, (int s, narrate_address a, socklen_t l),
                (s, a, l))
NARRATE_LIBRARY(int, getaddrinfo,
                (const char *h, const char *s, const struct addrinfo *i,
                 struct addrinfo **l),
                (h, s, i, l))
NARRATE_LIBRARY(int, getsockopt,
                (int s, int l, int o, void *v, socklen_t *n),
                (s, l, o, v, n))
NARRATE_LIBRARY(int, listen, (int s, int b), (s, b))
NARRATE_LIBRARY(int, pipe, (int e[2]), (e))
NARRATE_LIBRARY(int, setsockopt,
                (int s, int l, int o, const void *v, socklen_t n),
                (s, l, o, v, n))
NARRATE_LIBRARY(int, shutdown, (int s, int h), (s, h))
NARRATE_LIBRARY(int, socket, (int f, int t, int p), (f, t, p))
NARRATE_LIBRARY(int, socketpair, (int f, int t, int p, int *e),
                (f, t, p, e))
NARRATE_LIBRARY(int, getsockname,
                (int s, narrate_sockaddr *a, socklen_t *l), (s, a, l))
NARRATE_LIBRARY(int, getpeername,
                (int s, narrate_sockaddr *a, socklen_t *l), (s, a, l))
NARRATE_LIBRARY(int, dup, (int d), (d))
NARRATE_LIBRARY(int, dup2, (int d, int e), (d, e))
NARRATE_LIBRARY(int, dup3, (int d, int e, int f), (d, e, f))
NARRATE_LIBRARY(int, epoll_ctl,
                (int e, int o, int d, struct epoll_event *v),
                (e, o, d, v))
NARRATE_LIBRARY(int, ioctl, (int d, unsigned long r, void *a),
                (d, r, a))
NARRATE_LIBRARY(int, getnameinfo,
                (narrate_address a, socklen_t l, char *h, socklen_t hl,
                 char *s, socklen_t sl, int f),
                (a, l, h, hl, s, sl, f))
NARRATE_LIBRARY(struct hostent *, gethostbyname, (const char *n), (n))

NARRATE_LIBRARY(int, sigaction,
                (int s, const struct sigaction *a, struct sigaction *o),
                (s, a, o))

/* What narrate_soon has left of a time limit: of one in milliseconds,
 * of select's, which is changed in place, and of pselect's. */
static inline int narrate_rest(int limit)
{
    long waited = narrate_made.waited;

    narrate_made.waited = 0;
    return limit > waited ? limit - (int)waited : limit;
}

static inline struct timeval *narrate_rest_of(struct timeval *limit)
{
    long waited = narrate_made.waited;

    narrate_made.waited = 0;
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

    if (narrate_made.waited == 0 || limit == NULL)
        return limit;
    whole = (struct timeval){limit->tv_sec, limit->tv_nsec / 1000};
    narrate_rest_of(&whole);
    *rest = (struct timespec){whole.tv_sec, whole.tv_usec * 1000};
    return rest;
}

NARRATE_LIBRARY_MADE(int, poll, (struct pollfd * w, nfds_t n, int t),
                     (w, n, narrate_rest(t)))
NARRATE_LIBRARY(int, ppoll,
                (struct pollfd * w, nfds_t n, const struct timespec *t,
                 const sigset_t *m),
                (w, n, t, m))
NARRATE_LIBRARY_MADE(int, select,
                     (int n, fd_set *r, fd_set *w, fd_set *e,
                      struct timeval *t),
                     (n, r, w, e, narrate_rest_of(t)))
NARRATE_LIBRARY_MADE(int, pselect,
                     (int n, fd_set *r, fd_set *w, fd_set *e,
                      const struct timespec *t, const sigset_t *m),
                     (n, r, w, e,
                      narrate_rest_exactly(t, &(struct timespec){0}),
                      m))
NARRATE_LIBRARY_MADE(int, epoll_wait,
                     (int e, struct epoll_event *v, int n, int t),
                     (e, v, n, narrate_rest(t)))
NARRATE_LIBRARY_MADE(int, epoll_pwait,
                     (int e, struct epoll_event *v, int n, int t,
                      const sigset_t *m),
                     (e, v, n, narrate_rest(t), m))
NARRATE_LIBRARY_MADE(ssize_t, read, (int d, void *b, size_t n),
                     (d, b, n))
NARRATE_LIBRARY_MADE(ssize_t, readv,
                     (int d, const struct iovec *v, int n), (d, v, n))
NARRATE_LIBRARY_MADE(ssize_t, recv, (int s, void *b, size_t n, int f),
                     (s, b, n, f))
NARRATE_LIBRARY_MADE(ssize_t, recvfrom,
                     (int s, void *b, size_t n, int f,
                      narrate_sockaddr *a, socklen_t *l),
                     (s, b, n, f, a, l))
NARRATE_LIBRARY_MADE(ssize_t, recvmsg, (int s, struct msghdr *m, int f),
                     (s, m, f))
NARRATE_LIBRARY(int, recvmmsg,
                (int s, struct mmsghdr *m, unsigned n, int f,
                 struct timespec *t),
                (s, m, n, f, t))

NARRATE_LIBRARY_SENDS(ssize_t, write, (int d, const void *b, size_t n),
                      (d, b, n))
NARRATE_LIBRARY_SENDS(ssize_t, writev,
                      (int d, const struct iovec *v, int n), (d, v, n))
NARRATE_LIBRARY_SENDS(ssize_t, send,
                      (int s, const void *b, size_t n, int f),
                      (s, b, n, f))
NARRATE_LIBRARY_SENDS(ssize_t, sendto,
                      (int s, const void *b, size_t n, int f,
                       narrate_address a, socklen_t l),
                      (s, b, n, f, a, l))
NARRATE_LIBRARY_SENDS(ssize_t, sendmsg,
                      (int s, const struct msghdr *m, int f), (s, m, f))
NARRATE_LIBRARY_SENDS(int, sendmmsg,
                      (int s, struct mmsghdr *m, unsigned n, int f),
                      (s, m, n, f))
NARRATE_LIBRARY_SENDS(ssize_t, sendfile,
                      (int to, int from, off_t *at, size_t n),
                      (to, from, at, n))
NARRATE_LIBRARY_SENDS(ssize_t, splice,
                      (int from, off64_t *i, int to, off64_t *o,
                       size_t n, unsigned f),
                      (from, i, to, o, n, f))

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

/* Looks them up now: dlsym must not be called in a signal handler. */
static inline void narrate_find_all(void)
{
    NARRATE_FIND(accept);
    NARRATE_FIND(accept4);
    NARRATE_FIND(bind);
    NARRATE_FIND(close);
    NARRATE_FIND(connect);
    NARRATE_FIND(getaddrinfo);
    NARRATE_FIND(getsockopt);
    NARRATE_FIND(listen);
    NARRATE_FIND(setsockopt);
    NARRATE_FIND(shutdown);
    NARRATE_FIND(socket);
    NARRATE_FIND(socketpair);
    NARRATE_FIND(getsockname);
    NARRATE_FIND(getpeername);
    NARRATE_FIND(dup);
    NARRATE_FIND(dup2);
    NARRATE_FIND(dup3);
    NARRATE_FIND(epoll_ctl);
    NARRATE_FIND(ioctl);
    NARRATE_FIND(fdopen);
    NARRATE_FIND(fclose);
    NARRATE_FIND(getnameinfo);
    NARRATE_FIND(gethostbyname);
    NARRATE_FIND(poll);
    NARRATE_FIND(ppoll);
    NARRATE_FIND(select);
    NARRATE_FIND(pselect);
    NARRATE_FIND(epoll_wait);
    NARRATE_FIND(epoll_pwait);
    NARRATE_FIND(read);
    NARRATE_FIND(readv);
    NARRATE_FIND(recv);
    NARRATE_FIND(recvfrom);
    NARRATE_FIND(recvmsg);
    NARRATE_FIND(recvmmsg);
    NARRATE_FIND(write);
    NARRATE_FIND(writev);
    NARRATE_FIND(send);
    NARRATE_FIND(sendto);
    NARRATE_FIND(sendmsg);
    NARRATE_FIND(sendmmsg);
    NARRATE_FIND(sendfile);
    NARRATE_FIND(splice);
    NARRATE_FIND(fcntl);
    NARRATE_FIND(sigaction);
}

#endif
