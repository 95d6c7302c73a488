/* remarks.c: for each remark of scripts/narrate a program that deserves
 * it, and right ones that look like it but must get none. For
 * tests/any-program-remarks.bats.
 *
 *   remarks                   prints the cases, one a line, with tabs:
 *                             name, how many right programs, words for
 *                             the one with the fault, for the right ones,
 *                             the remark (* is what varies)
 *   remarks CASE 0 [WORD]     is the program with the fault
 *   remarks CASE N [WORD]     is its Nth right one
 *
 * Exit status: 77 if this machine lacks what the program needs.
 */
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined __has_include
#if __has_include(<linux/io_uring.h>)
#include <linux/io_uring.h>
#endif
#endif

#include "ends.h"

extern char **environ;
static int right; /* 0: with the fault */
static char bytes[64];
static int sock, ends[2]; /* ends[1] is what accept returned */

static void lacking(const char *what)
{
    fprintf(stderr, "remarks: this machine lacks %s\n", what);
    exit(77);
}

/* A listening socket and a connection to it. */
static void meet(void)
{
    sock = serve();
    ends[0] = call();
    ends[1] = accept(sock, NULL, NULL);
}

/* The others end in order: no case is about these. */
static void leave(void)
{
    shutdown(ends[0], SHUT_WR);
    while (recv(ends[1], bytes, sizeof bytes, 0) > 0)
        ;
    close(ends[1]);
    while (recv(ends[0], bytes, sizeof bytes, 0) > 0)
        ;
    close(ends[0]);
    close(sock);
}

static int local(unsigned port, in_addr_t address)
{
    sock = socket(AF_INET, SOCK_STREAM, 0);
    here.sin_family = AF_INET;
    here.sin_port = (in_port_t)port;
    here.sin_addr.s_addr = address;
    return bind(sock, (void *)&here, sizeof here);
}

static int again(const char *name, int n, int standard)
{
    char number[12];
    int child;

    snprintf(number, sizeof number, "%d", n);
    if ((child = fork()) == 0) {
        dup2(standard, STDIN_FILENO);
        execl("/proc/self/exe", "remarks", name, number, NULL);
        _exit(1);
    }
    return child;
}

/* ---- addresses --------------------------------------------------- */

/* The user named 8888, or the port that the program really takes. */
static void htons_argument(void)
{
    local(right ? htons(47138) : 8888, htonl(INADDR_LOOPBACK));
    close(sock);
}

/* A port that the program knows by itself: 8888, or one at which
 * somebody answers, whatever it looks like. */
static void htons_list(void)
{
    static const unsigned likely[] = {8888, 8080, 5000, 6000, 7000};
    void *library = dlopen("libc.so.6", RTLD_LAZY);
    int (*untold)(int, const void *, socklen_t) = NULL;
    int client = socket(AF_INET, SOCK_STREAM, 0), found = -1;

    if (!right) {
        local(8888, htonl(INADDR_LOOPBACK));
        return;
    }
    if (library == NULL)
        lacking("a libc.so.6");
    *(void **)&untold = dlsym(library, "bind"); /* not the narrator's */
    sock = socket(AF_INET, SOCK_STREAM, 0);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 5 && found == -1; i++) {
        here.sin_port = (in_port_t)likely[i];
        found = untold(sock, &here, sizeof here);
    }
    if (found == -1)
        lacking("a free port");
    listen(sock, 5);
    if (right == 2)
        fcntl(client, F_SETFL, O_NONBLOCK);
    connect(client, (void *)&here, sizeof here);
    poll(&(struct pollfd){client, POLLOUT, 0}, 1, -1);
    close(accept(sock, NULL, NULL));
    close(client);
    close(sock);
}

/* A listening socket at a port whose bytes are swapped, and a connect
 * that is refused; or one that tries all the ports in a row. */
static void htons_refused(void)
{
    int client = -1, other = socket(AF_INET, SOCK_STREAM, 0);
    in_port_t port;

    sock = serve();
    port = here.sin_port;
    here.sin_port = (in_port_t)(port << 8 | port >> 8);
    if (right == 1)
        close(sock); /* nothing listens at either */
    if (right == 2) {
        in_port_t last = here.sin_port;

        here.sin_port = htons(1);
        connect(other, (void *)&here, sizeof here);
        here.sin_port = last;
    }
    client = socket(AF_INET, SOCK_STREAM, 0);
    if (right == 3) { /* the peer is on another address */
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
        fcntl(client, F_SETFL, O_NONBLOCK);
    }
    connect(client, (void *)&here, sizeof here);
}

/* Nothing listens at this address; at another one something does, or at
 * another port. */
static void elsewhere(void)
{
    int client;

    sock = serve();
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    if (right == 1) { /* swapped, this port is itself */
        close(sock);
        here.sin_port = htons(0x9C9C);
    }
    if (right == 2)
        here.sin_port = htons(1);
    client = socket(AF_INET, SOCK_STREAM, 0);
    connect(client, (void *)&here, sizeof here);
}

/* The loopback address without htonl, or as it should be; or one that the
 * user has named. */
static void htonl_bind(void)
{
    local(0, right ? htonl(INADDR_LOOPBACK) : INADDR_LOOPBACK);
}

static void htonl_connect(void)
{
    sock = socket(AF_INET, SOCK_DGRAM, 0); /* nothing is sent */
    here.sin_family = AF_INET;
    here.sin_port = htons(1);
    here.sin_addr.s_addr = INADDR_LOOPBACK;
    connect(sock, (void *)&here, sizeof here);
}

/* The address that the user has named, reversed; or as it is. */
static void htonl_named(void)
{
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    here.sin_family = AF_INET;
    here.sin_port = htons(1);
    here.sin_addr.s_addr =
        htonl(0x7F000102); /* nothing leaves the host */
    sendto(sock, "", 1, 0, (void *)&here, sizeof here);
}

/* inet_addr of a name; or a broadcast. */
static void no_address(void)
{
    sock = socket(AF_INET, right ? SOCK_DGRAM : SOCK_STREAM, 0);
    here.sin_family = AF_INET;
    here.sin_port = htons(1);
    here.sin_addr.s_addr = inet_addr("localhost");
    connect(sock, (void *)&here, sizeof here);
}

static void family(void)
{
    struct sockaddr none = {AF_UNSPEC, ""};

    if (!right) {
        memset(&here, 0, sizeof here);
        sock = socket(AF_INET, SOCK_STREAM, 0);
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        bind(sock, (void *)&here, sizeof here);
        return;
    }
    pair(ends);
    connect(ends[0], &none, sizeof none); /* ends the connection */
    close(ends[0]);
    close(ends[1]);
}

/* A connect to nowhere: forgotten, or to end what was noted. */
static void family_connect(void)
{
    struct sockaddr_in to = {.sin_port = 1};
    int client = socket(AF_INET, right ? SOCK_DGRAM : SOCK_STREAM, 0);

    if (right) {
        serve();
        connect(client, (void *)&here, sizeof here);
    }
    connect(client, (void *)&to, sizeof to);
}

static void length(void)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6};
    int client = socket(AF_INET6, SOCK_STREAM, 0);

    to.sin6_addr = in6addr_loopback;
    to.sin6_port = htons(1);
    if (right) /* without sin6_scope_id, RFC 2133 */
        connect(client, (void *)&to, 24);
    else if (local(0, htonl(INADDR_LOOPBACK)) == 0)
        connect(sock, (void *)&here, 8);
}

/* ---- ports that the kernel chose --------------------------------- */

static void asks(int s)
{
    socklen_t size = sizeof here;

    getsockname(s, (void *)&here, &size);
}

static void bind_failed(void)
{
    int other, first = serve();

    other = sock = socket(AF_INET, SOCK_STREAM, 0);
    bind(sock, (void *)&here, sizeof here);
    if (right == 1) {
        here.sin_port = 0;
        bind(sock, (void *)&here, sizeof here);
    }
    listen(other, 5);
    if (right)
        asks(other);
    close(other);
    close(first);
}

static void unbound(void)
{
    struct pollfd watched = {socket(AF_INET, SOCK_STREAM, 0), POLLIN,
                             0};

    listen(watched.fd, 5);
    if (right)
        asks(right == 1 ? watched.fd : dup(watched.fd));
    poll(&watched, 1, 0);
}

/* htonl leaves 0 of a port. Whoever asks for port 0 has to ask which it
 * became, by whichever descriptor, in this process or a child; a client
 * need not know. */
static void port_zero(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET};

    any.sin_port = (in_port_t)htonl(8888);
    if (right == 3)
        ends[0] = serve();
    sock = socket(AF_INET, SOCK_STREAM, 0);
    bind(sock, (void *)&any, sizeof any);
    if (right == 3) {
        connect(sock, (void *)&here, sizeof here);
        accept(ends[0], NULL, NULL);
        return;
    }
    listen(sock, 5);
    fcntl(sock, F_SETFL, O_NONBLOCK);
    if (right == 1)
        asks(dup(sock));
    if (right == 2) {
        if (fork() == 0) {
            asks(sock);
            _exit(0);
        }
        wait(NULL);
    }
    accept(sock, NULL, NULL);
}

/* ---- connections ------------------------------------------------- */

static void closed(void)
{
    meet();
    leave();
    if (!right)
        close(ends[1]);
    for (int i = 9; right && i >= 0; i--)
        close(i);
}

static void closed_used(void)
{
    meet();
    leave();
    if (right)
        meet(); /* the same numbers, of other sockets */
    send(ends[1], "x", 1, MSG_NOSIGNAL);
    if (right)
        leave();
}

/* A program that was handed a connection asks what it is: accept4(2)
 * says EINVAL of all but a listening socket. */
static void accept_connected(void)
{
    if (right == 2) {
        accept(STDIN_FILENO, NULL, NULL);
        return;
    }
    meet();
    if (right)
        waitpid(again("accept-connected", 2, ends[1]), NULL, 0);
    else
        accept(ends[1], NULL, NULL);
    leave();
}

/* Another process shuts the listening socket down, to wake us. */
static void accept_early(void)
{
    if (!right) {
        local(0, htonl(INADDR_LOOPBACK));
        accept(sock, NULL, NULL);
        return;
    }
    sock = serve();
    if (fork() == 0) {
        shutdown(sock, SHUT_RDWR);
        _exit(0);
    }
    wait(NULL);
    accept(sock, NULL, NULL);
}

static void listener_sends(void)
{
    meet();
    send(right ? ends[1] : sock, "x", 1, MSG_NOSIGNAL);
    leave();
}

static void listener_receives(void)
{
    sock = serve();
    ends[0] = call();
    if (!right)
        recv(sock, bytes, sizeof bytes, 0);
    ends[1] = accept(sock, NULL, NULL);
    leave();
}

static void *shuts(void *unused)
{
    shutdown(ends[0], SHUT_RDWR);
    return unused;
}

/* Another thread shuts it down, and this one ends as it should. */
static void shut(void)
{
    pthread_t thread;

    meet();
    if (!right)
        shutdown(ends[0], SHUT_WR);
    else if (pthread_create(&thread, NULL, shuts, NULL) == 0)
        pthread_join(thread, NULL);
    send(ends[0], "x", 1, MSG_NOSIGNAL);
    leave();
}

/* A peer may leave at any time: who stops sending then is right. */
static void left(void)
{
    meet();
    close(ends[0]);
    while (send(ends[1], "x", 1, MSG_NOSIGNAL) == 1)
        sched_yield();
    if (!right)
        send(ends[1], "x", 1, MSG_NOSIGNAL);
    close(ends[1]);
    close(sock);
}

static void deaf(void)
{
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    shutdown(ends[0], SHUT_RD);
    send(ends[1], "x", 1, MSG_NOSIGNAL);
    if (!right)
        send(ends[1], "x", 1, MSG_NOSIGNAL);
}

/* What another program has left of a connection. */
static void no_connection(void)
{
    struct linger at_once = {1, 0};

    if (right == 9) {
        send(STDIN_FILENO, "x", 1, MSG_NOSIGNAL);
        send(STDIN_FILENO, "x", 1, MSG_NOSIGNAL);
    } else if (right) { /* the peer has reset it */
        sock = serve();
        ends[0] = call();
        if (right == 1)
            ends[1] = accept(sock, NULL, NULL);
        setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &at_once,
                   sizeof at_once);
        close(ends[0]);
        if (right == 1) { /* it was handed on */
            waitpid(again("no-connection", 9, ends[1]), NULL, 0);
        } else { /* before accept */
            ends[1] = accept(sock, NULL, NULL);
            recv(ends[1], bytes, sizeof bytes, 0);
            send(ends[1], "x", 1, MSG_NOSIGNAL);
        }
        close(ends[1]);
        close(sock);
    } else {
        send(socket(AF_INET, SOCK_STREAM, 0), "x", 1, MSG_NOSIGNAL);
    }
}

/* Whose standard output is a connection may end of SIGPIPE. */
static void pipe_signal(void)
{
    if (right == 2)
        for (;;)
            write(STDIN_FILENO, "x", 1);
    meet();
    close(ends[0]);
    if (right)
        waitpid(again("sigpipe", 2, ends[1]), NULL, 0);
    for (int i = 0; !right && i < 1000; i++)
        write(ends[1], "x", 1);
    close(ends[1]);
    close(sock);
}

/* ---- bytes ------------------------------------------------------- */

static void zeros(void)
{
    char record[64] = "hello";

    meet();
    record[63] = right == 2; /* a struct with a number at its end */
    send(ends[0], record, right == 1 ? strlen(record) : sizeof record,
         0);
    leave();
}

static void no_size(void)
{
    meet();
    send(ends[0], "hello", 5, 0);
    recv(ends[1], bytes, right ? sizeof bytes : 0x7f7f7f7f7f7f7f7f, 0);
    leave();
}

/* Two messages in one buffer; the second is shorter. A right program
 * puts its own words after it, or has asked for that part alone. */
static void stale(void)
{
    meet();
    send(ends[0], "hello world", 11, 0);
    recv(ends[1], bytes, sizeof bytes, 0);
    send(ends[0], "hi", 2, 0);
    recv(ends[1], bytes, right == 2 ? 2 : sizeof bytes, 0);
    if (right == 1)
        strcpy(bytes + 2, ", too");
    send(ends[1], bytes, right == 1 ? 7 : 11, 0);
    leave();
}

static void pointer(void)
{
    meet();
    send(ends[0],
         right == 2 ? "0000001a, and the rest" : "hello, and you",
         right == 2 ? 22 : 14, 0);
    recv(ends[1], bytes, sizeof(char *), 0);
    if (right == 1)
        leave();
    else
        close(ends[1]);
}

/* The right ones send the rest, too, also if a child ends in between;
 * or a text that has this length, or what came. */
static void pointer_sent(void)
{
    const char *text = right == 2 ? "good bye" : "Hello, I am longer";

    meet();
    if (right == 3) { /* over the beginning of a longer one */
        send(ends[1], text, 18, 0);
        recv(ends[0], bytes, sizeof bytes, 0);
        send(ends[1], "good bye", sizeof text, 0);
        recv(ends[0], bytes, sizeof bytes, 0);
        text = bytes;
    }
    send(ends[0], text, sizeof text, 0);
    if (right == 4) {
        if (fork() == 0)
            exit(close(ends[0]));
        wait(NULL);
    }
    if (right == 1 || right == 4)
        send(ends[0], text + sizeof text, 10, 0);
    leave();
}

/* The right ones give the part back, or answer when the line is whole. */
static void half_a_line(void)
{
    meet();
    send(ends[0], "GET ", 4, 0);
    recv(ends[1], bytes, sizeof bytes, 0);
    if (right != 2)
        send(ends[1], "GET that", right == 1 ? 4 : 8, 0);
    send(ends[0], "/page\n", 6, 0);
    recv(ends[1], bytes, sizeof bytes, 0);
    if (right == 2)
        send(ends[1], "Here it is.\n", 12, 0);
    leave();
}

/* The right ones join, join with another socket, or are not bound to
 * the group. */
static void group(void)
{
    struct ip_mreq joined = {{htonl(0xEFFF0101)},
                             {htonl(INADDR_LOOPBACK)}};
    int other = socket(AF_INET, SOCK_DGRAM, 0);

    sock = socket(AF_INET, SOCK_DGRAM, 0);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = right == 3 ? htonl(INADDR_LOOPBACK)
                                      : joined.imr_multiaddr.s_addr;
    bind(sock, (void *)&here, sizeof here);
    if (right == 1 || right == 2)
        setsockopt(right == 1 ? sock : other, IPPROTO_IP,
                   IP_ADD_MEMBERSHIP, &joined, sizeof joined);
    recv(sock, bytes, sizeof bytes, MSG_DONTWAIT);
    close(other);
    close(sock);
}

static int datagrams(int socks[2])
{
    socketpair(AF_UNIX, SOCK_DGRAM, 0, socks);
    return socks[1];
}

static void datagram(void)
{
    datagrams(ends);
    send(ends[0], "0123456789", 10, 0);
    recv(ends[1], bytes,
         right == 1   ? 10
         : right == 2 ? 64
                      : 4,
         right == 3 ? MSG_PEEK : 0);
}

/* Sends once the parent sleeps in a call that receives. proc(5). */
static void sends_late(const char *message, size_t size)
{
    char path[64], line[64] = "";

    snprintf(path, sizeof path, "/proc/%d/syscall", (int)getppid());
    while (strtol(line, NULL, 10) != SYS_recvfrom) {
        FILE *file = fopen(path, "r");

        if (file == NULL || fgets(line, sizeof line, file) == NULL)
            exit(77);
        fclose(file);
        sched_yield();
    }
    send(ends[0], message, size, 0);
    exit(0);
}

/* Nobody knows how long a datagram is for which the call had to wait: a
 * text may be cut, a struct is as long as its buffer. */
static void datagram_late(void)
{
    int status;

    datagrams(ends);
    if (fork() == 0)
        sends_late(right ? "\0\1data" : "0123456789", right ? 6 : 10);
    recv(ends[1], bytes, 6, 0);
    wait(&status);
    if (status != 0)
        lacking("/proc/PID/syscall");
}

static void dropped(void)
{
    if (right == 3) /* unix(7) loses nothing */
        socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    else
        meet();
    send(ends[0], "request", 7, 0);
    if (right == 1)
        recv(ends[1], bytes, 7, 0);
    if (right != 2) /* it has said nothing that could be lost */
        send(ends[1], "answer", 6, 0);
    close(ends[1]);
    recv(ends[0], bytes, sizeof bytes, 0);
    close(ends[0]);
    close(sock);
}

static void room(void)
{
    socklen_t size = right ? sizeof here : 0;
    struct sockaddr_storage peer;

    sock = serve();
    ends[0] = call();
    ends[1] = accept(sock, (void *)&peer, &size);
    size = 0;
    if (right) /* is there a peer? */
        getpeername(ends[1], (void *)&peer, &size);
    leave();
}

static void room_ipv6(void)
{
    struct sockaddr_storage from = {0};
    struct sockaddr_in6 at = {.sin6_family = AF_INET6};
    socklen_t size = sizeof at;

    sock = socket(AF_INET6, SOCK_DGRAM, 0);
    at.sin6_addr = in6addr_loopback;
    if (sock == -1 || bind(sock, (void *)&at, sizeof at) == -1)
        lacking("IPv6");
    getsockname(sock, (void *)&at, &size);
    sendto(sock, "six", 3, 0, (void *)&at, sizeof at);
    size = right ? sizeof from : sizeof here;
    recvfrom(sock, bytes, sizeof bytes, 0, (void *)&from, &size);
}

static void selects(void)
{
    struct timeval soon = {0, 0};
    fd_set in;

    meet();
    FD_ZERO(&in);
    FD_SET(sock, &in);
    FD_SET(ends[1], &in);
    select((right ? ends[1] : sock) + 1, &in, NULL, NULL, &soon);
    leave();
}

/* ---- processes --------------------------------------------------- */

/* A server leaves a connection to a child. A right one closes its own
 * descriptor, goes on to use it, or watches it; or the child helps. */
static void lent(bool first)
{
    int child, next;

    meet();
    next = socket(AF_INET, SOCK_STREAM, 0);
    child = fork();
    if (child == 0) {
        if (right != 4)
            recv(ends[1], bytes, 1, 0);
        _exit(close(ends[1]));
    }
    if (first || right == 4) {
        send(ends[0], "3", 1, 0);
        waitpid(child, NULL, 0);
    }
    if (right == 1)
        close(ends[1]);
    if (right == 2) {
        send(ends[1], "5", 1, 0);
        recv(ends[0], bytes, 1, 0);
    }
    if (right == 3)
        poll(&(struct pollfd){ends[1], POLLIN, 0}, 1, 0);
    connect(next, (void *)&here, sizeof here);
    close(accept(sock, NULL, NULL));
    if (!first && right != 4) {
        send(ends[0], "4", 1, 0);
        waitpid(child, NULL, 0);
    }
    close(next);
    close(ends[0]);
    if (right != 1)
        close(ends[1]);
    close(sock);
}

static void lent_first(void)
{
    lent(true);
}

static void lent_last(void)
{
    lent(false);
}

static void queue_once(void)
{
    sock = serve();
    ends[0] = call();
    call();
    ends[1] = accept(sock, NULL, NULL);
    if (right)
        close(accept(sock, NULL, NULL));
    close(sock);
}

/* The program that accepts instead. */
static int accepts(int from)
{
    int taken = accept(from, NULL, NULL);

    while (recv(taken, bytes, sizeof bytes, 0) > 0)
        ;
    return close(taken);
}

/* Waits for a socket to come, and accepts one caller. */
static void accepts_sent(int from)
{
    char space[CMSG_SPACE(sizeof(int))];
    struct iovec part = {bytes, 1};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = space,
                       .msg_controllen = sizeof space};
    int got = -1;

    need(recvmsg(from, &m, 0) == 1, "recvmsg");
    memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof got);
    accepts(got);
}

static void hands_over(void)
{
    char space[CMSG_SPACE(sizeof(int))] = "";
    struct iovec part = {bytes, 1};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = space,
                       .msg_controllen = sizeof space};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof sock);
    memcpy(CMSG_DATA(c), &sock, sizeof sock);
    need(sendmsg(ends[0], &m, 0) == 1, "sendmsg");
}

/* Has io_uring accept a caller. io_uring_enter(2). */
static void uring_accepts(void)
{
#if defined SYS_io_uring_setup && defined IORING_OFF_SQES
    struct io_uring_params p = {0};
    int ring = (int)syscall(SYS_io_uring_setup, 4, &p);
    struct io_uring_sqe *entry;
    char *queue;

    if (ring == -1)
        lacking("io_uring");
    queue = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(unsigned),
                 PROT_READ | PROT_WRITE, MAP_SHARED, ring,
                 IORING_OFF_SQ_RING);
    entry =
        mmap(NULL, p.sq_entries * sizeof *entry, PROT_READ | PROT_WRITE,
             MAP_SHARED, ring, IORING_OFF_SQES);
    need(queue != MAP_FAILED && (void *)entry != MAP_FAILED, "mmap");
    memset(entry, 0, sizeof *entry);
    entry->opcode = IORING_OP_ACCEPT;
    entry->fd = sock;
    *(unsigned *)(void *)(queue + p.sq_off.array) = 0;
    __atomic_store_n((unsigned *)(void *)(queue + p.sq_off.tail), 1,
                     __ATOMIC_RELEASE);
    need(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
                 NULL, 0)
             == 1,
         "io_uring_enter");
#else
    lacking("io_uring");
#endif
}

/* Callers wait, and accept was called by somebody else: a program that
 * posix_spawn or vfork and exec started, or that got the socket by a
 * message, or io_uring; or it was called by its number. */
static void queue_never(void)
{
    char *words[] = {"remarks", "queue-never", "9", NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;

    if (right == 9) {
        accepts(STDIN_FILENO);
        return;
    }
    if (right == 3) {
        socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
        if (fork() == 0) {
            accepts_sent(ends[1]);
            _exit(0);
        }
    }
    sock = serve();
    if (right == 1) {
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, sock, 0);
        need(posix_spawn(&child, "/proc/self/exe", &actions, NULL,
                         words, environ)
                 == 0,
             "posix_spawn");
    }
    if (right == 2 && vfork() == 0) {
        dup2(sock, 0);
        execve("/proc/self/exe", words, environ);
        _exit(1);
    }
    if (right == 3)
        hands_over();
    if (right)
        close(call());
    if (right == 4)
        uring_accepts();
    if (right >= 1 && right <= 3)
        wait(NULL);
    call(); /* nobody has accepted this one yet */
    close(sock);
}

/* A child that ends says nothing of what its parent has still to do. */
static void child_ends(void)
{
    if (right == 2 && fork() == 0) {
        close(sock);
        exit(0);
    }
    if (right == 2)
        wait(NULL);
}

static void never_closed(void)
{
    sock = serve();
    for (int i = 0; i < 2; i++) {
        int client = call();

        ends[i] = accept(sock, NULL, NULL);
        child_ends();
        close(client);
    }
    child_ends();
    for (int i = 0; right && i < 2; i++)
        close(ends[i]);
}

/* ---- loops, and calls that are not told -------------------------- */

static void loop_end(void)
{
    int type = right ? SOCK_DGRAM : SOCK_STREAM;

    socketpair(AF_UNIX, type, 0, ends);
    if (!right)
        close(ends[0]);
    for (int i = 0; i < 2000; i++) {
        if (right)
            send(ends[0], "", 0, 0);
        recv(ends[1], bytes, sizeof bytes, 0);
    }
}

static void loop_fails(void)
{
    sock = serve();
    if (right)
        fcntl(sock, F_SETFL, O_NONBLOCK);
    else
        close(sock);
    for (int i = 0; i < 2000; i++)
        accept(sock, NULL, NULL);
}

/* ---- the table --------------------------------------------------- */

static const struct tried {
    const char *name, *remark, *words, *right_words;
    int rights;
    void (*run)(void);
} cases[] = {
    {"htons-argument",
     "port 47138 is 8888 with its two bytes swapped: sin_port wants"
     " htons(8888).",
     "-p8888", "127.0.0.1:47138", 1, htons_argument},
    {"htons-list",
     "port 47138 is 8888 with its two bytes swapped: was htons(8888)"
     " meant?",
     "", "", 2, htons_list},
    {"htons-refused",
     "nothing listens at port *, but something does at *, which is *"
     " with its two bytes swapped: does one side lack htons?",
     "", "", 3, htons_refused},
    {"elsewhere",
     "nothing listens there, but something does at the same port of"
     " another address, 127.0.0.1:*: is one of the two addresses "
     "wrong?",
     "", "", 2, elsewhere},
    {"htonl-bind",
     "1.0.0.127 is 127.0.0.1 with its four bytes reversed: s_addr wants"
     " network byte order, as htonl(INADDR_LOOPBACK) and inet_pton have"
     " it.",
     "", "", 1, htonl_bind},
    {"htonl-connect",
     "1.0.0.127 is 127.0.0.1 with its four bytes reversed: was"
     " htonl(INADDR_LOOPBACK) meant?",
     "", "1.0.0.127", 1, htonl_connect},
    {"htonl-named",
     "127.0.1.2 is 2.1.0.127 with its four bytes reversed: s_addr wants"
     " network byte order",
     "2.1.0.127", "127.0.1.2", 1, htonl_named},
    {"no-address",
     "255.255.255.255 is what inet_addr returns for a text that is no"
     " address: was it a name?",
     "", "", 1, no_address},
    {"family",
     "the address has family 0: it was never set. Set sin_family to"
     " AF_INET.",
     "", "", 1, family},
    {"family-connect",
     "the address has family 0: it was never set. Set sin_family to"
     " AF_INET.",
     "", "", 1, family_connect},
    {"length",
     "8 is not the length of this address: it has 16 bytes, "
     "sizeof(struct"
     " sockaddr_in).",
     "", "", 1, length},
    {"bind-failed",
     "bind had failed (EADDRINUSE) and the program went on: the kernel"
     " chose port *, and callers do not find the server.",
     "", "", 2, bind_failed},
    {"unbound", "this socket was never bound: the kernel chose port *.",
     "", "", 2, unbound},
    {"port-zero",
     "bind was given port 0, so the kernel chose *; the program has not"
     " asked which (getsockname).",
     "", "", 3, port_zero},
    {"closed", "descriptor 5 was closed in call *.", "", "", 1, closed},
    {"closed-used", "descriptor 5 was closed in call *.", "", "", 1,
     closed_used},
    {"accept-connected",
     "5 is a connected socket: it has no queue of callers.", "", "", 1,
     accept_connected},
    {"accept-early", "3 does not listen: call listen first.", "", "", 1,
     accept_early},
    {"listener-sends",
     "3 is the listening socket; bytes go through the one that accept"
     " returned, 5.",
     "", "", 1, listener_sends},
    {"listener-receives",
     "3 is the listening socket; bytes go through the one that accept"
     " returns.",
     "", "", 1, listener_receives},
    {"shut", "shutdown has ended this side: nothing more can be sent.",
     "", "", 1, shut},
    {"left", "the peer has left: nothing that is sent here arrives.",
     "", "", 1, left},
    {"deaf",
     "the peer receives no more: nothing that is sent here arrives.",
     "", "", 1, deaf},
    {"no-connection", "3 is not connected: nothing can be sent.", "",
     "", 2, no_connection},
    {"sigpipe",
     "SIGPIPE ends the program here. With MSG_NOSIGNAL, or SIGPIPE"
     " ignored, the call fails with EPIPE instead.",
     "", "", 1, pipe_signal},
    {"no-size",
     "no buffer has 9187201950435737471 bytes: was this size ever set,"
     " or is it a negative number?",
     "", "", 1, no_size},
    {"zeros",
     "after 5 bytes of text come 59 zeros: are they meant? strlen gives"
     " the length of a text.",
     "", "", 2, zeros},
    {"stale",
     "the last recv gave 2 bytes; the other 9 that are sent are left "
     "from"
     " an earlier one: are they meant?",
     "", "", 2, stale},
    {"pointer",
     "the length given was *, the size of a pointer, and * more bytes"
     " were never read: was sizeof taken of a pointer instead of the"
     " array?",
     "", "", 2, pointer},
    {"pointer-sent",
     "8 bytes were sent, the size of a pointer, and the text goes on"
     " after them: was sizeof taken of a pointer instead of the text's"
     " length (strlen)?",
     "", "", 4, pointer_sent},
    {"half-a-line",
     "call * has answered a part of a line; its end came now. A recv"
     " returns what is there: was the whole line meant?",
     "", "", 2, half_a_line},
    {"group",
     "this socket is bound to a group's address, but has not joined the"
     " group (IP_ADD_MEMBERSHIP): it hears it only while another"
     " program of this host is in it.",
     "", "", 3, group},
    {"datagram",
     "the datagram had 10 bytes, and the buffer room for 4: the rest is"
     " lost.",
     "", "", 3, datagram},
    {"datagram-late",
     "the datagram has filled the buffer: was it longer? Then the rest "
     "is"
     " lost.",
     "", "", 1, datagram_late},
    {"dropped",
     "what was sent before may be lost with it. A program that reads to"
     " the end first loses nothing.",
     "", "", 3, dropped},
    {"room",
     "length held 0 before the call, so the address was cut: set it to"
     " the size of the address first.",
     "", "", 1, room},
    {"room-ipv6",
     "length held 16 before the call, so the sender's address was cut: "
     "a"
     " struct sockaddr_storage has room for it.",
     "", "", 1, room_ipv6},
    {"select",
     "5 is in a set too, but select looks only at descriptors below 4:"
     " its first argument is the highest descriptor plus 1.",
     "", "", 1, selects},
    {"lent-first",
     "5 is still open here, though the child has closed it: the"
     " connection ends only when the last descriptor is closed. Was"
     " close(5) forgotten after fork?",
     "", "", 4, lent_first},
    {"lent-last",
     "process * still holds this connection as 5 and has gone on to"
     " accept: the connection ends only when the last descriptor is"
     " closed. Was close(5) forgotten there, after fork?",
     "", "", 4, lent_last},
    {"queue-once",
     "1 more had called and were not served: accept was called once. Is"
     " a loop around it missing?",
     "", "", 1, queue_once},
    {"queue-never", "1 had called, and accept was never called.", "",
     "", 4, queue_never},
    {"never-closed",
     "never closed, though the peer has ended its side: 5, *.", "", "",
     2, never_closed},
    {"loop-end",
     "recv(4) has returned 0, the end, 1000 times in a row: the program"
     " goes on as if nothing were wrong.",
     "", "", 1, loop_end},
    {"loop-fails",
     "accept(3) has failed with EBADF 1000 times in a row: the program"
     " goes on as if nothing were wrong.",
     "", "", 1, loop_fails},
};

int main(int argc, char *argv[])
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct tried *c = &cases[i];

        if (argc < 3) {
            printf("%s\t%d\t%s\t%s\t%s\n", c->name, c->rights, c->words,
                   c->right_words, c->remark);
        } else if (strcmp(c->name, argv[1]) == 0) {
            right = atoi(argv[2]);
            c->run();
            return 0;
        }
    }
    return argc < 3 ? 0 : 2;
}
