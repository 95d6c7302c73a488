/* odd_program.c: what programs seldom do, for tests/any-program*.bats:
 * rare calls, system calls by number, a signal during each call, another
 * program or another root.
 *
 *   odd KIND [NUMBER]
 */
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ends.h"

static long number;

/* ---- rare calls -------------------------------------------------- */

static void several(void)
{
    char one[8] = "one", two[8] = "three", in[2][8];
    struct iovec out[2] = {{one, 3}, {two, 5}};
    struct iovec place[2] = {{in[0], 8}, {in[1], 4}};
    struct mmsghdr sent[2] = {0}, got[2] = {0};
    struct timespec limit = {1, 0};
    int ends[2], pipes[2],
        file = open("odd.txt", O_RDWR | O_CREAT, 0600);
    off_t at = 2;

    need(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0, "socketpair");
    for (int i = 0; i < 2; i++) {
        sent[i].msg_hdr.msg_iov = &out[i];
        sent[i].msg_hdr.msg_iovlen = 1;
        got[i].msg_hdr.msg_iov = &place[i];
        got[i].msg_hdr.msg_iovlen = 1;
    }
    need(sendmmsg(ends[0], sent, 2, 0) == 2, "sendmmsg");
    need(recvmmsg(ends[1], got, 2, 0, &limit) == 2, "recvmmsg");
    close(ends[0]);
    close(ends[1]);
    pair(ends);
    need(write(file, "0123456789", 10) == 10, "write");
    need(sendfile(ends[0], file, &at, 5) == 5, "sendfile");
    need(pipe(pipes) == 0, "pipe");
    need(splice(ends[1], NULL, pipes[1], NULL, 64, SPLICE_F_MOVE) == 5,
         "splice");
    need(splice(pipes[0], NULL, ends[1], NULL, 5, 0) == 5, "splice");
    close(ends[0]);
    close(ends[1]);
}

static void names(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct pollfd watched = {0, POLLIN | POLLRDHUP, 0};
    struct tcp_info info;
    socklen_t length = sizeof info;
    int ends[2], on = 1, epoll = epoll_create1(0);

    pair(ends);
    setsockopt(ends[0], IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    setsockopt(ends[0], IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
    setsockopt(ends[0], SOL_SOCKET, SO_PRIORITY, &on, sizeof on);
    getsockopt(ends[0], IPPROTO_TCP, TCP_INFO, &info, &length);
    close(ends[0]);
    watched.fd = ends[1];
    need(poll(&watched, 1, 1000) == 1, "poll");
    event.data.fd = ends[1];
    need(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &event) == 0,
         "epoll_ctl");
    need(epoll_wait(epoll, &event, 1, 1000) == 1, "epoll_wait");
    epoll_ctl(epoll, EPOLL_CTL_DEL, ends[1], &event);
    close(ends[1]);
    close(epoll);
}

/* ---- ends -------------------------------------------------------- */

/* Many calls in a row, and then another program. */
static void executes(void)
{
    char byte[] = "x";
    int ends[2];

    pair(ends);
    for (long i = 0; i < number; i++) {
        need(send(ends[0], byte, 1, 0) == 1, "send");
        need(recv(ends[1], byte, 1, 0) == 1, "recv");
    }
    execl("/bin/echo", "echo", "executed", (char *)NULL);
    exit(1);
}

/* Another program without the narrator: the environment is empty. */
static void forgets(void)
{
    char *words[] = {(char *)"echo", (char *)"untold", NULL};
    char *none[] = {NULL};

    close(socket(AF_INET, SOCK_STREAM, 0));
    execve("/bin/echo", words, none);
    exit(1);
}

/* A system call by its number, not through the library. */
static void numbered(void)
{
    long sock = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);

    need(sock >= 0, "socket");
    close((int)sock);
}

/* Many calls; prints the most memory that was in use, in KiB. */
static void counts(void)
{
    char byte[] = "x";
    struct rusage usage;
    int ends[2];

    need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    for (long i = 0; i < number; i += 2) {
        need(send(ends[0], byte, 1, 0) == 1, "send");
        need(recv(ends[1], byte, 1, 0) == 1, "recv");
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld\n", usage.ru_maxrss);
}

/* ---- a signal during each call ----------------------------------- */

static int bell[2];
static volatile sig_atomic_t silent; /* a call of the handler failed */

/* Rings again 20 ms after it has returned, or nearly so: on a busy
 * machine, a periodic timer would leave no time for anything else. */
static void ring(int signal)
{
    const struct itimerval soon = {{0, 0}, {0, 20000}};
    int error = errno;
    char byte;

    (void)signal;
    if (send(bell[0], "r", 1, MSG_DONTWAIT) != 1
        || recv(bell[1], &byte, 1, MSG_DONTWAIT) != 1)
        silent = 1;
    close(dup(bell[0]));
    setitimer(ITIMER_REAL, &soon, NULL);
    errno = error;
}

/* A call that blocks must be interrupted, as it is untold. */
static void must(const char *name, long result)
{
    if (result != -1 || errno != EINTR) {
        printf("%s: %ld %d\n", name, result, errno);
        exit(1);
    }
}

static void bells(void)
{
    struct sigaction action = {.sa_handler = ring};
    int server = serve(), ends[2], epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    struct iovec piece;
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    static char room[4096];
    struct pollfd watched;
    struct timespec long_time = {9, 0};
    fd_set in;

    pair(ends);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, bell);
    sigaction(SIGALRM, &action, NULL);
    raise(SIGALRM);
    piece.iov_base = room;
    piece.iov_len = 9;
    watched.fd = ends[1];
    watched.events = POLLIN;
    event.data.fd = ends[1];
    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &event);
    must("accept", accept(server, NULL, NULL));
    must("accept4", accept4(server, NULL, NULL, SOCK_CLOEXEC));
    must("recv", recv(ends[1], room, 9, 0));
    must("recvfrom", recvfrom(ends[1], room, 9, 0, NULL, NULL));
    must("recvmsg", recvmsg(ends[1], &message, 0));
    must("read", read(ends[1], room, 9));
    must("readv", readv(ends[1], &piece, 1));
    must("poll", poll(&watched, 1, 9000));
    must("ppoll", ppoll(&watched, 1, &long_time, NULL));
    FD_ZERO(&in);
    FD_SET(ends[1], &in);
    must("select", select(ends[1] + 1, &in, NULL, NULL, NULL));
    FD_SET(ends[1], &in);
    must("pselect",
         pselect(ends[1] + 1, &in, NULL, NULL, &long_time, NULL));
    must("epoll_wait", epoll_wait(epoll, &event, 1, 9000));
    must("epoll_pwait", epoll_pwait(epoll, &event, 1, 9000, NULL));
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    piece.iov_len = 4096;
    while (send(ends[0], room, 4096, MSG_DONTWAIT) > 0)
        continue;
    must("send", send(ends[0], room, 4096, 0));
    must("sendto", sendto(ends[0], room, 4096, 0, NULL, 0));
    must("sendmsg", sendmsg(ends[0], &message, 0));
    must("write", write(ends[0], room, 4096));
    must("writev", writev(ends[0], &piece, 1));
    puts(silent ? "silent" : "interrupted");
}

/* ---- another root ------------------------------------------------ */

/* Its root becomes an empty folder, without /proc and the narrator. */
static void rooted(void)
{
    char byte;
    int ends[2];

    need(mkdir("empty", 0700) == 0 && chroot("empty") == 0, "chroot");
    pair(ends);
    need(send(ends[0], "x", 1, 0) == 1, "send");
    need(recv(ends[1], &byte, 1, 0) == 1, "recv");
    close(ends[0]);
    close(ends[1]);
    puts("rooted");
}

/* ---- standard error is a socket ---------------------------------- */

static void loud(void)
{
    int ends[2];
    char bytes[65536];
    ssize_t n;
    pid_t child;

    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    child = fork();
    if (child == 0) {
        dup2(ends[0], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execlp("/bin/sh", "sh", "-c",
               "exec $NARRATE_SCRIPT ./any calls", (char *)NULL);
        _exit(127);
    }
    close(ends[0]);
    while ((n = read(ends[1], bytes, sizeof bytes)) > 0)
        need(write(STDOUT_FILENO, bytes, (size_t)n) == n, "write");
    waitpid(child, NULL, 0);
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *name;
        void (*run)(void);
    } kinds[] = {
        {"several", several}, {"names", names},     {"exec", executes},
        {"forgets", forgets}, {"number", numbered}, {"counts", counts},
        {"bells", bells},     {"loud", loud},       {"chroot", rooted},
    };

    number = argc > 2 ? strtol(argv[2], NULL, 10) : 10;
    for (size_t i = 0; argc > 1 && i < sizeof kinds / sizeof kinds[0];
         i++)
        if (strcmp(argv[1], kinds[i].name) == 0) {
            kinds[i].run();
            return 0;
        }
    return 2;
}
