/* narrate.h: explains the socket calls of the program that includes it.
 *
 * A lesson makes its calls as any program does. This header stands
 * between it and the C library: it makes each call once, with the same
 * arguments, and prints what the call returned, what that means, what
 * was received, what the kernel holds now, and what a failure means.
 * Without the #include the program does the same, in silence.
 *
 * Above the #include a lesson defines
 *   TITLE      what it is about
 *   PARTNER    the program at the other end, which messages name
 *   ADDRESSES  IPV4_OR_IPV6 or HOST_NAME, if it takes more than IPv4;
 *              IPV4_BROADCAST, if it sends to all hosts; LOCAL_PATH,
 *              if it takes a path and no port
 *   FILTER     if it copies its standard input: unless that is a
 *              terminal, only a failure to connect is told
 *
 * How it works: a macro with the name of the call notes the line in the
 * source. An inline function of that name calls narrate_told_NAME, made
 * from the call's entry in narrator/calls.def, which makes the call and
 * explains it. That one reaches the library by a second declaration,
 * narrate_real_NAME, which has the library's name for the assembler.
 */
#ifdef __cplusplus
#error "narrate.h is for C: name the program .c and compile it with cc"
#elif !defined NARRATE_H
#define NARRATE_H

#if defined _FEATURES_H || defined _SYS_CDEFS_H_
#error "include narrate.h before the system's headers"
#endif
#ifndef TITLE
#error "a lesson defines TITLE before it includes narrate.h"
#endif

/* Defaults for what a lesson does not define. */
#ifndef PARTNER
#define PARTNER ""
#endif
#ifndef ADDRESSES
#define ADDRESSES IPV4
#endif
#ifdef FILTER
#define NARRATE_FILTER true
#else
#define NARRATE_FILTER false
#endif

/* The headers must declare POSIX.1-2008 and struct tcp_info, even under
 * -std=c11. glibc does so with _DEFAULT_SOURCE (with _GNU_SOURCE it no
 * longer warns about a missing cast to struct sockaddr *). musl shows
 * struct tcp_info only with _GNU_SOURCE, and still warns. See
 * feature_test_macros(7). _FORTIFY_SOURCE must go: with it the headers
 * replace calls such as read by functions of their own. */
#undef _FORTIFY_SOURCE
#ifdef __APPLE__
#define _DARWIN_C_SOURCE 1
#elif !defined _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include <errno.h>
#if defined __linux__ && !defined __GLIBC__ && !defined _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <netpacket/packet.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#endif

/* Gives a declaration this name for the assembler. Some systems put an
 * underscore before every name. */
#define NARRATE_TEXT_OF(text) #text
#define NARRATE_PREFIX_OF(prefix) NARRATE_TEXT_OF(prefix)
#define NARRATE_LABEL(name) \
    __asm__(NARRATE_PREFIX_OF(__USER_LABEL_PREFIX__) name)

/* The library's functions, under a name of ours: those that the .def
 * files list, and others that the narrator itself calls. */
#define NARRATE_REAL(type, name, parameters) \
    type narrate_real_##name parameters NARRATE_LABEL(#name)
#define CALL(type, name, parameters, ...) \
    NARRATE_REAL(type, name, parameters);
#include "narrator/calls.def"
#include "narrator/lesson.def"
#undef CALL
NARRATE_REAL(int, fcntl, (int, int, ...));
NARRATE_REAL(pid_t, fork, (void));
NARRATE_REAL(int, getpeername, (int, struct sockaddr *, socklen_t *));
NARRATE_REAL(int, getsockname, (int, struct sockaddr *, socklen_t *));
NARRATE_REAL(int, pselect,
             (int, fd_set *, fd_set *, fd_set *,
              const struct timespec *, const sigset_t *));
NARRATE_REAL(ssize_t, read, (int, void *, size_t));
NARRATE_REAL(ssize_t, write, (int, const void *, size_t));

enum {
    NARRATE_SEEN = 64, /* descriptors that we remember */
    NARRATE_HIGH_FD = 50, /* where our own begin */
};

/* What lesson.h keeps of a call, and what it wants to know of its row.
 */
struct narrate_own {
    int asked; /* getchar: lines of the words that ask for it, or 0 */
};
struct narrate_extra {
    char none;
};

/* The layers: each file knows only those before it, and what front.h
 * declares of the last. */
#include "narrator/text.h"

#include "narrator/errors.h"

#include "narrator/kernel.h"

#include "narrator/ports.h"

#include "narrator/front.h"

#include "narrator/tell.h"

#include "narrator/args.h"

#include "narrator/call.h"

#include "narrator/wrap.h"

#include "narrator/connections.h"

#include "narrator/bytes.h"

#include "narrator/others.h"

#include "narrator/epoll.h"

#include "narrator/processes.h"

#include "narrator/records.h"

#include "narrator/lesson.h"

/* A program pays only for the calls that it makes: functions that
 * nothing calls are dropped. */
#define CALL(type, name, parameters, arguments, ...) \
    NARRATE_APART type narrate_told_##name parameters \
    { \
        NARRATE_BODY(type, name, arguments, __VA_ARGS__) \
    }
#include "narrator/calls.def"
#include "narrator/lesson.def"
#undef CALL

/* From here on this file counts as a system header: a warning about a
 * call then names the line in the program, not the macro here. */
#ifdef __GNUC__
#pragma GCC system_header
#endif

/* The calls that we take over. Each that gcc sees becomes a call of
 * narrate_told_NAME; a pointer to it is the library's. clang takes two
 * functions with one name for the assembler as one, and ours would call
 * itself. There ours has its own name, to which pointers lead too, and
 * is compiled even if nothing calls it. */
#ifdef __clang__
#define NARRATE_CALL(type, name, parameters, arguments) \
    type name parameters NARRATE_LABEL("narrate_" #name); \
    type name parameters \
    { \
        return narrate_told_##name arguments; \
    }
#else
#define NARRATE_CALL(type, name, parameters, arguments) \
    extern __inline__ __attribute__((gnu_inline, always_inline)) \
    type name parameters \
    { \
        return narrate_told_##name arguments; \
    }
#endif

/* As in glibc's headers: which buffer these fill, and its size, so that
 * gcc warns about one that is too small; noipa: at -O2, too, where it
 * would otherwise call a copy that has lost this. */
#if defined __GNUC__ && __GNUC__ >= 11
NARRATE_APART ssize_t narrate_told_read(int, void *, size_t)
    __attribute__((access(write_only, 2, 3), noipa));
NARRATE_APART int narrate_told_poll(struct pollfd *, nfds_t, int)
    __attribute__((access(write_only, 1, 2), noipa));
#endif

#define CALL(type, name, parameters, arguments, ...) \
    NARRATE_CALL(type, name, parameters, arguments)
#include "narrator/calls.def"
#include "narrator/lesson.def"
#undef CALL
NARRATE_CALL(pid_t, fork, (void), ())
NARRATE_CALL(ssize_t, read, (int descriptor, void *bytes, size_t size),
             (descriptor, bytes, size))

/* fcntl(2) takes a third argument with some commands. gcc can inline a
 * variadic function, with __builtin_va_arg_pack; clang has no such
 * thing, so there the macro fcntl calls narrate_fcntl directly. */
static inline int narrate_fcntl(int descriptor, int command, ...)
{
    void *argument = NULL;
    va_list list;

    if (command != F_GETFL && command != F_GETFD) {
        va_start(list, command);
        argument = va_arg(list, void *);
        va_end(list);
    }
    return narrate_told_fcntl(descriptor, command, argument);
}
#ifdef __clang__
#define NARRATE_FCNTL narrate_fcntl
#else
#define NARRATE_FCNTL fcntl
extern __inline__ __attribute__((gnu_inline, always_inline)) int fcntl(
    int descriptor, int command, ...)
{
    return narrate_fcntl(descriptor, command, __builtin_va_arg_pack());
}
#endif

/* Each macro first notes the line of the call and the text of its
 * arguments. The result is one expression that begins with a word. If
 * it began with a bracket, a line before it that lacks its semicolon
 * would turn into a function call. */
#if __STDC_VERSION__ >= 201112L
#define NARRATE_ONE(expression) _Generic(0, default : expression)
#else
#define NARRATE_ONE(expression) __extension__(expression)
#endif
#define NARRATE(text, call) \
    NARRATE_ONE((narrate_line = __LINE__, narrate_source = text, call))
#define accept(...) NARRATE(#__VA_ARGS__, accept(__VA_ARGS__))
#define bind(...) NARRATE(#__VA_ARGS__, bind(__VA_ARGS__))
#define close(...) NARRATE(#__VA_ARGS__, close(__VA_ARGS__))
#define connect(...) NARRATE(#__VA_ARGS__, connect(__VA_ARGS__))
#ifdef __linux__
#define epoll_create1(...) \
    NARRATE(#__VA_ARGS__, epoll_create1(__VA_ARGS__))
#define epoll_ctl(...) NARRATE(#__VA_ARGS__, epoll_ctl(__VA_ARGS__))
#define epoll_wait(...) NARRATE(#__VA_ARGS__, epoll_wait(__VA_ARGS__))
#endif
#define fcntl(...) NARRATE(#__VA_ARGS__, NARRATE_FCNTL(__VA_ARGS__))
#define fork() NARRATE("", fork())
#define getaddrinfo(...) NARRATE(#__VA_ARGS__, getaddrinfo(__VA_ARGS__))
#define getsockopt(...) NARRATE(#__VA_ARGS__, getsockopt(__VA_ARGS__))
#define listen(...) NARRATE(#__VA_ARGS__, listen(__VA_ARGS__))
#define pipe(...) NARRATE(#__VA_ARGS__, pipe(__VA_ARGS__))
#define poll(...) NARRATE(#__VA_ARGS__, poll(__VA_ARGS__))
#define read(...) NARRATE(#__VA_ARGS__, read(__VA_ARGS__))
#define recv(...) NARRATE(#__VA_ARGS__, recv(__VA_ARGS__))
#define recvfrom(...) NARRATE(#__VA_ARGS__, recvfrom(__VA_ARGS__))
#define recvmsg(...) NARRATE(#__VA_ARGS__, recvmsg(__VA_ARGS__))
#define send(...) NARRATE(#__VA_ARGS__, send(__VA_ARGS__))
#define sendmsg(...) NARRATE(#__VA_ARGS__, sendmsg(__VA_ARGS__))
#define sendto(...) NARRATE(#__VA_ARGS__, sendto(__VA_ARGS__))
#define setsockopt(...) NARRATE(#__VA_ARGS__, setsockopt(__VA_ARGS__))
#define shutdown(...) NARRATE(#__VA_ARGS__, shutdown(__VA_ARGS__))
#define socket(...) NARRATE(#__VA_ARGS__, socket(__VA_ARGS__))
#define socketpair(...) NARRATE(#__VA_ARGS__, socketpair(__VA_ARGS__))
#define unlink(...) NARRATE(#__VA_ARGS__, unlink(__VA_ARGS__))
#define waitpid(...) NARRATE(#__VA_ARGS__, waitpid(__VA_ARGS__))
#define getchar() narrate_getchar(__LINE__)
#define puts(text) narrate_puts(text)
#define isatty(descriptor) narrate_isatty(descriptor)

/* The lesson's main, in either of its two forms, becomes narrate_main.
 * Only a real main may lack its return: here that is an error. The
 * declaration catches a main that does not return int; in C23 it would
 * mean a main without parameters, and clang warns about it. */
#ifdef __GNUC__
#pragma GCC diagnostic error "-Wreturn-type"
#endif
#if defined __GNUC__ && !defined __clang__ \
    && __STDC_VERSION__ <= 201710L
int narrate_main();
#endif
#define main narrate_main

#endif
