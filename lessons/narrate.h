/* narrate.h: tells the socket calls of the program that includes it.
 *
 * A lesson makes its calls as any program does. This header stands
 * between them and the C library: each call is made once, with the very
 * same arguments, and told with its real values: what it returned, what
 * that means, what came, what the kernel holds then, and what a failure
 * means. Without this line the program is the same, and silent.
 *
 * Before it a lesson defines
 *   TITLE      what it is about
 *   PARTNER    the program at the other end, to be named where a call
 *              waits for it
 *   ADDRESSES  IPV4_OR_IPV6 or HOST_NAME, if it takes more than IPv4
 *   FILTER     if it copies bytes when nobody sits at the keyboard
 *
 * How it works: a call is declared once more with the name under which
 * the assembler is to know it, so that `bind` in the program is
 * narrate_bind in the object file; what narrate_bind then calls is the
 * library's. A macro of the same name notes where the call stands.
 * What is told of each call is in narrator/.
 */
#ifndef NARRATE_H
#define NARRATE_H

#if defined _FEATURES_H || defined _SYS_CDEFS_H_
#error "include narrate.h before the system's headers"
#endif
#ifndef TITLE
#error "a lesson defines TITLE before it includes narrate.h"
#endif

/* What the headers are to declare: POSIX.1-2008 and struct tcp_info,
 * even under -std=c11. glibc does so for _DEFAULT_SOURCE (with
 * _GNU_SOURCE it would no longer warn of a missing cast to struct
 * sockaddr *); musl shows struct tcp_info for _GNU_SOURCE only, and
 * warns all the same. feature_test_macros(7). Fortified headers put
 * calls of their own in the place of ours. */
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
#include <sched.h>
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <netpacket/packet.h>
#include <sys/syscall.h>
#endif

/* The name that the assembler is to use. Some systems put an underscore
 * before every name. */
#define NARRATE_TEXT_OF(text) #text
#define NARRATE_PREFIX_OF(prefix) NARRATE_TEXT_OF(prefix)
#define NARRATE_LABEL(name) \
    __asm__(NARRATE_PREFIX_OF(__USER_LABEL_PREFIX__) name)

/* In the place of a call: its type, name, parameters and arguments. The
 * library's own is narrate_real_NAME; narrate_told_NAME, whose body
 * follows, tells it. A program pays only for the calls that it makes:
 * the compiler leaves narrate_told_NAME out where no macro names it. */
#define NARRATE_REAL(type, name, parameters) \
    type narrate_real_##name parameters NARRATE_LABEL(#name)
#define NARRATE_TAKE(type, name, parameters, arguments) \
    NARRATE_REAL(type, name, parameters); \
    static type(*narrate_with_##name) parameters; \
    type narrate_##name parameters; \
    type narrate_##name parameters \
    { \
        type(*told) parameters = \
            __atomic_load_n(&narrate_with_##name, __ATOMIC_RELAXED); \
\
        return told == NULL ? narrate_real_##name arguments \
                            : told arguments; \
    } \
    static inline type narrate_told_##name parameters

/* Those that the narrator needs itself. */
NARRATE_REAL(int, close, (int));
NARRATE_REAL(int, fcntl, (int, int, ...));
NARRATE_REAL(int, getsockopt, (int, int, int, void *, socklen_t *));
NARRATE_REAL(int, poll, (struct pollfd *, nfds_t, int));
NARRATE_REAL(ssize_t, read, (int, void *, size_t));

#include "narrator/text.h"

#include "narrator/errors.h"

#include "narrator/tell.h"

#include "narrator/kernel.h"

#include "narrator/calls.h"

#include "narrator/connections.h"

#include "narrator/bytes.h"

#include "narrator/others.h"

#include "narrator/keyboard.h"

#include "narrator/options.h"

/* What a compiler has to say of a call, it says of the line in the
 * program, not of the macro here. */
#ifdef __GNUC__
#pragma GCC system_header
#endif

/* The calls that are taken over. */
int accept(int, struct sockaddr *, socklen_t *) NARRATE_LABEL("narrate_"
                                                              "accept");
int bind(int, const struct sockaddr *, socklen_t) NARRATE_LABEL("narrat"
                                                                "e_"
                                                                "bind");
int close(int) NARRATE_LABEL("narrate_close");
int connect(int, const struct sockaddr *, socklen_t) NARRATE_LABEL("nar"
                                                                   "rat"
                                                                   "e_"
                                                                   "con"
                                                                   "nec"
                                                                   "t");
int fcntl(int, int, ...) NARRATE_LABEL("narrate_fcntl");
int getaddrinfo(const char *, const char *, const struct addrinfo *,
                struct addrinfo **) NARRATE_LABEL("narrate_"
                                                  "getaddrinfo");
int getsockopt(int, int, int, void *, socklen_t *) NARRATE_LABEL("narra"
                                                                 "te_"
                                                                 "getso"
                                                                 "ckop"
                                                                 "t");
int listen(int, int) NARRATE_LABEL("narrate_listen");
int pipe(int[2]) NARRATE_LABEL("narrate_pipe");
int poll(struct pollfd *, nfds_t, int) NARRATE_LABEL("narrate_poll");
ssize_t read(int, void *, size_t) NARRATE_LABEL("narrate_read");
ssize_t recv(int, void *, size_t, int) NARRATE_LABEL("narrate_recv");
ssize_t recvfrom(int, void *, size_t, int, struct sockaddr *,
                 socklen_t *) NARRATE_LABEL("narrate_recvfrom");
ssize_t recvmsg(int, struct msghdr *, int) NARRATE_LABEL("narrate_"
                                                         "recvmsg");
ssize_t send(int, const void *, size_t, int) NARRATE_LABEL("narrate_"
                                                           "send");
ssize_t sendmsg(int, const struct msghdr *, int) NARRATE_LABEL("narrate"
                                                               "_sendms"
                                                               "g");
ssize_t sendto(int, const void *, size_t, int, const struct sockaddr *,
               socklen_t) NARRATE_LABEL("narrate_sendto");
int setsockopt(int, int, int, const void *, socklen_t)
    NARRATE_LABEL("narrate_setsockopt");
int shutdown(int, int) NARRATE_LABEL("narrate_shutdown");
int socket(int, int, int) NARRATE_LABEL("narrate_socket");

#define NARRATE(name, text) \
    (__atomic_store_n(&narrate_with_##name, narrate_told_##name, \
                      __ATOMIC_RELAXED), \
     narrate_mark(__LINE__, text))
#define accept(...) (NARRATE(accept, #__VA_ARGS__), accept(__VA_ARGS__))
#define bind(...) (NARRATE(bind, #__VA_ARGS__), bind(__VA_ARGS__))
#define close(...) (NARRATE(close, #__VA_ARGS__), close(__VA_ARGS__))
#define connect(...) \
    (NARRATE(connect, #__VA_ARGS__), connect(__VA_ARGS__))
#define fcntl(...) (NARRATE(fcntl, #__VA_ARGS__), fcntl(__VA_ARGS__))
#define getaddrinfo(...) \
    (NARRATE(getaddrinfo, #__VA_ARGS__), getaddrinfo(__VA_ARGS__))
#define getsockopt(...) \
    (NARRATE(getsockopt, #__VA_ARGS__), getsockopt(__VA_ARGS__))
#define listen(...) (NARRATE(listen, #__VA_ARGS__), listen(__VA_ARGS__))
#define pipe(...) (NARRATE(pipe, #__VA_ARGS__), pipe(__VA_ARGS__))
#define poll(...) (NARRATE(poll, #__VA_ARGS__), poll(__VA_ARGS__))
#define read(...) (NARRATE(read, #__VA_ARGS__), read(__VA_ARGS__))
#define recv(...) (NARRATE(recv, #__VA_ARGS__), recv(__VA_ARGS__))
#define recvfrom(...) \
    (NARRATE(recvfrom, #__VA_ARGS__), recvfrom(__VA_ARGS__))
#define recvmsg(...) \
    (NARRATE(recvmsg, #__VA_ARGS__), recvmsg(__VA_ARGS__))
#define send(...) (NARRATE(send, #__VA_ARGS__), send(__VA_ARGS__))
#define sendmsg(...) \
    (NARRATE(sendmsg, #__VA_ARGS__), sendmsg(__VA_ARGS__))
#define sendto(...) (NARRATE(sendto, #__VA_ARGS__), sendto(__VA_ARGS__))
#define setsockopt(...) \
    (NARRATE(setsockopt, #__VA_ARGS__), setsockopt(__VA_ARGS__))
#define shutdown(...) \
    (NARRATE(shutdown, #__VA_ARGS__), shutdown(__VA_ARGS__))
#define socket(...) (NARRATE(socket, #__VA_ARGS__), socket(__VA_ARGS__))
#define getchar() narrate_getchar(__LINE__)
#define isatty(descriptor) narrate_isatty(descriptor)

/* The lesson's main, in either of its two forms. It is called under a
 * name of its own; that a function without a return is undefined then,
 * the compiler must say. */
#ifdef __GNUC__
#pragma GCC diagnostic error "-Wreturn-type"
#endif
int narrate_lesson(int, char **) NARRATE_LABEL("narrate_main");

#ifndef PARTNER
#define PARTNER NULL
#endif
#ifndef ADDRESSES
#define ADDRESSES IPV4
#endif

int main(int argc, char *argv[])
{
    char *words[4] = {NULL}, port[8];
    int count;

    narrator.title = TITLE;
    narrator.partner = PARTNER;
#ifdef FILTER
    narrator.filter = true;
#endif
    count = narrate_begin(__BASE_FILE__, ADDRESSES, argc, argv, words,
                          port);
    return narrate_lesson(count, words);
}
#define main narrate_main

#endif
