/* any_program.c: programs as others write them, which know nothing of
 * the narrator, for tests/any-program*.bats.
 *
 *   any KIND [NUMBER]
 *
 * Most kinds talk to themselves: they hold both ends of a connection
 * over the loopback interface.
 */
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ends.h"

static long number;
static const char *self;

/* The calls that programs make on sockets, most of them once. */
static void calls(void)
{
    char bytes[32], more[32];
    struct iovec pieces[2] = {{bytes, 2}, {more, 3}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    int ends[2], on = 1, copy;
    socklen_t length = sizeof on;
    struct pollfd watched = {0, POLLIN, 0};
    struct timespec second = {1, 0};

    memset(bytes, 'a', sizeof bytes);
    memset(more, 'b', sizeof more);
    pair(ends);
    need(write(ends[0], bytes, 5) == 5, "write");
    need(read(ends[1], bytes, (size_t)number) == 5, "read");
    need(writev(ends[0], pieces, 2) == 5, "writev");
    need(readv(ends[1], pieces, 2) == 5, "readv");
    need(sendmsg(ends[0], &message, 0) == 5, "sendmsg");
    need(recvmsg(ends[1], &message, 0) == 5, "recvmsg");
    need(send(ends[0], bytes, 5, MSG_NOSIGNAL) == 5, "send");
    watched.fd = ends[1];
    need(poll(&watched, 1, -1) == 1, "poll");
    need(ppoll(&watched, 1, &second, NULL) == 1, "ppoll");
    need(recv(ends[1], bytes, (size_t)number, MSG_PEEK) == 5, "recv");
    need(recvfrom(ends[1], bytes, (size_t)number, 0, NULL, NULL) == 5,
         "recvfrom");
    need(setsockopt(ends[0], SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on)
             == 0,
         "setsockopt");
    need(getsockopt(ends[0], SOL_SOCKET, SO_KEEPALIVE, &on, &length)
             == 0,
         "getsockopt");
    need(ioctl(ends[0], FIONREAD, &on) == 0, "ioctl");
    need(fcntl(ends[0], F_GETFL) != -1, "fcntl");
    copy = dup(ends[0]);
    need(dup2(ends[0], copy) == copy, "dup2");
    need(dup3(ends[0], copy, O_CLOEXEC) == copy, "dup3");
    close(copy);
    need(shutdown(ends[0], SHUT_WR) == 0, "shutdown");
    need(read(ends[1], bytes, (size_t)number) == 0, "read");
    close(ends[0]);
    close(ends[1]);
    need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    close(ends[0]);
    close(ends[1]);
}

static void selecting(void)
{
    struct timeval second = {1, 0};
    fd_set in;
    char byte;
    int ends[2];

    pair(ends);
    send(ends[0], "x", 1, 0);
    FD_ZERO(&in);
    FD_SET(ends[1], &in);
    need(select(ends[1] + 1, &in, NULL, NULL, &second) == 1, "select");
    need(recv(ends[1], &byte, 1, 0) == 1, "recv");
    close(ends[0]);
    close(ends[1]);
}

static void epolling(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int ends[2], epoll = epoll_create1(0);
    char byte;

    pair(ends);
    need(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &event) == 0,
         "epoll_ctl");
    send(ends[0], "x", 1, 0);
    need(epoll_wait(epoll, &event, 1, 1000) == 1, "epoll_wait");
    need(recv(ends[1], &byte, 1, 0) == 1, "recv");
    close(ends[0]);
    close(ends[1]);
    close(epoll);
}

/* ---- several at once --------------------------------------------- */

/* Sends back whatever comes, until the other side ends. */
static void *echo(void *argument)
{
    int sock = *(int *)argument;
    char bytes[4096];
    ssize_t n;

    while ((n = recv(sock, bytes, sizeof bytes, 0)) > 0)
        need(send(sock, bytes, (size_t)n, 0) == n, "send");
    close(sock);
    return NULL;
}

/* Sends `number` bytes, and compares them with what comes back. */
static void talk(int sock)
{
    char out[4096], in[4096];
    unsigned long i = 0;

    for (long left = number; left > 0;) {
        size_t part = left < 4096 ? (size_t)left : 4096;
        size_t got = 0;

        for (size_t j = 0; j < part; j++, i++)
            out[j] = (char)(i * 7 + i / 251);
        need(send(sock, out, part, 0) == (ssize_t)part, "send");
        while (got < part) {
            ssize_t n = recv(sock, in + got, part - got, 0);

            need(n > 0, "recv");
            got += (size_t)n;
        }
        need(memcmp(in, out, part) == 0, "another byte came");
        left -= (long)part;
    }
    close(sock);
}

static void threads(void)
{
    pthread_t thread[4];
    int ends[4][2];

    for (int i = 0; i < 4; i++) {
        pair(ends[i]);
        pthread_create(&thread[i], NULL, echo, &ends[i][1]);
    }
    for (int i = 0; i < 4; i++)
        talk(ends[i][0]);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
}

/* A server that forks for its caller; with `exec` the child executes
 * this program again, with the socket as its standard input. */
static void forks(int exec)
{
    int server = serve(), client = call();
    int sock = accept(server, NULL, NULL);
    pid_t child = fork();

    if (child == 0) {
        close(server);
        close(client);
        if (exec) {
            dup2(sock, 0);
            close(sock);
            execl(self, self, "echo", (char *)NULL);
            _exit(127);
        }
        echo(&sock);
        exit(0);
    }
    close(sock);
    talk(client);
    waitpid(child, NULL, 0);
    close(server);
}

static void vforks(void)
{
    int ends[2], status = 0;
    pid_t child;

    pair(ends);
    child = vfork();
    if (child == 0) {
        close(ends[1]);
        _exit(3);
    }
    waitpid(child, &status, 0);
    need(WEXITSTATUS(status) == 3, "vfork");
    send(ends[0], "x", 1, 0);
    close(ends[0]);
    close(ends[1]);
}

/* ---- signals ----------------------------------------------------- */

static volatile sig_atomic_t rings;
static int ring_to;

static void ring(int signal)
{
    int error = errno;

    (void)signal;
    rings++;
    send(ring_to, "r", 1, MSG_DONTWAIT);
    errno = error;
}

/* Bytes go there and back, while every 300 microseconds a signal comes,
 * whose handler sends, too. */
static void signals(void)
{
    struct itimerval often = {{0, 300}, {0, 300}};
    struct sigaction action = {.sa_handler = ring,
                               .sa_flags = SA_RESTART};
    int ends[2], bell[2];
    pthread_t thread;

    socketpair(AF_UNIX, SOCK_DGRAM, 0, bell);
    ring_to = bell[0];
    pair(ends);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    pthread_create(&thread, NULL, echo, &ends[1]);
    talk(ends[0]);
    pthread_join(thread, NULL);
    printf("%s\n", rings > 0 ? "rang" : "silent");
}

static void nothing(int signal)
{
    (void)signal;
}

/* A signal interrupts recv, which must fail with EINTR, as untold. */
static void interrupted(void)
{
    struct sigaction action = {.sa_handler = nothing};
    struct itimerval once = {{0, 0}, {0, 100000}};
    char byte;
    int ends[2];

    pair(ends);
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < 5; i++) {
        send(ends[0], "x", 1, 0);
        recv(ends[1], &byte, 1, 0);
    }
    for (int i = 0; i < 8; i++) {
        setitimer(ITIMER_REAL, &once, NULL);
        need(recv(ends[1], &byte, 1, 0) == -1 && errno == EINTR,
             "recv");
        once.it_value.tv_usec = 10000;
    }
    puts("interrupted");
}

/* Closes all descriptors: none but its own may be open. */
static void descriptors(void)
{
    int first = open("/dev/null", O_RDONLY), last = 0;

    printf("%d", first);
    for (int i = first; i < 1100; i++)
        last += close(i) == 0;
    printf(" %d %d\n", last, open("/dev/null", O_RDONLY));
}

static void sends(void)
{
    int ends[2];

    pair(ends);
    close(ends[1]);
    for (int i = 0; i < 100; i++) {
        send(ends[0], "x", 1, 0);
        usleep(1000);
    }
}

int main(int argc, char *argv[])
{
    const char *kind = argc > 1 ? argv[1] : "";
    int input = 0;

    self = argv[0];
    number = argc > 2 ? strtol(argv[2], NULL, 10) : 10;
    if (strcmp(kind, "calls") == 0)
        calls();
    else if (strcmp(kind, "select") == 0)
        selecting();
    else if (strcmp(kind, "epoll") == 0)
        epolling();
    else if (strcmp(kind, "threads") == 0)
        threads();
    else if (strcmp(kind, "fork") == 0)
        forks(0);
    else if (strcmp(kind, "exec") == 0)
        forks(1);
    else if (strcmp(kind, "echo") == 0)
        echo(&input);
    else if (strcmp(kind, "vfork") == 0)
        vforks();
    else if (strcmp(kind, "signals") == 0)
        signals();
    else if (strcmp(kind, "interrupted") == 0)
        interrupted();
    else if (strcmp(kind, "descriptors") == 0)
        descriptors();
    else if (strcmp(kind, "sigpipe") == 0)
        sends();
    else
        return 2;
    return 0;
}
