/* sealed_program: forbids itself, by seccomp(2), the system calls that
 * only the telling of its calls would make, and then makes calls of all
 * kinds. It says "alive" at the end, if it is. FIRST says how:
 *
 *   prctl, syscall   a filter, by that call
 *   strict           strict mode: read, write and exit are all it may do
 *   exec             a filter; then it executes itself, to say "alive"
 *   refused          a filter that the kernel refuses
 *   asks             only whether the kernel knows filters
 */
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORBID(name) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

static struct sock_filter rules[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
             offsetof(struct seccomp_data, nr)),
    FORBID(getpid),
    FORBID(fstat),
    FORBID(newfstatat),
    FORBID(process_vm_readv),
    FORBID(mincore),
    FORBID(rt_sigpending),
    FORBID(rt_sigtimedwait),
    FORBID(ppoll),
    FORBID(getpeername),
    FORBID(ioctl),
    FORBID(futex),
    FORBID(sched_yield),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static void say(const char *text)
{
    if (write(1, text, strlen(text)) == -1)
        _exit(9);
}

static int reach(struct sockaddr_in *to)
{
    int sock = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(sock, (struct sockaddr *)to, sizeof *to) == -1)
        _exit(3);
    return sock;
}

static void calls(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t size = sizeof here;
    int server = socket(AF_INET, SOCK_STREAM, 0), on = 1, one, other;
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    struct pollfd watched = {-1, POLLIN, 0};
    char text[] = "eight by";
    fd_set in;

    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server, (struct sockaddr *)&here, size) == -1
        || listen(server, 5) == -1
        || getsockname(server, (struct sockaddr *)&here, &size) == -1)
        _exit(4);
    one = reach(&here);
    other = accept(server, NULL, NULL);
    for (int i = 0; i < 9; i++) {
        struct msghdr message = {0};

        if (send(one, text, 8, MSG_NOSIGNAL) != 8
            || recv(other, text, 8, 0) != 8
            || write(other, text, 8) != 8
            || sendmsg(one, &message, 0) == -1)
            _exit(5);
        watched.fd = one;
        FD_ZERO(&in);
        FD_SET(one, &in);
        if (poll(&watched, 1, -1) != 1
            || select(one + 1, &in, NULL, NULL, NULL) != 1
            || read(one, text, 8) != 8)
            _exit(6);
    }
    epoll_ctl(epoll, EPOLL_CTL_ADD, one, &event);
    epoll_wait(epoll, &event, 1, 0);
    close(dup2(dup(one), 99));
    shutdown(one, SHUT_RDWR);
    if (recv(other, text, 8, 0) != 0 || close(other) == -1
        || close(one) == -1 || close(one) != -1)
        _exit(7);
    closefrom(50);
    one = fork();
    if (one == 0)
        _exit(0);
    waitpid(one, NULL, 0);
}

int main(int argc, char *argv[])
{
    struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};
    const char *how = argc > 1 ? argv[1] : "alive";
    int ends[2], sealed = 0;
    char byte[1];

    if (strcmp(how, "alive") == 0) {
        say("alive\n");
        return 0;
    }
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (strcmp(how, "strict") == 0) {
        sealed = prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
        if (sealed == 0 && write(ends[0], "x", 1) == 1
            && read(ends[1], byte, 1) == 1)
            say("alive\n");
        for (;;)
            syscall(SYS_exit, 0);
    }
    if (strcmp(how, "asks") == 0)
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) != -1
               || errno != EFAULT
               || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL)
                      != -1
               || close(ends[0]) == -1;
    if (strcmp(how, "refused") == 0) {
        filter.len = 0;
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != -1
               || errno != EINVAL || close(ends[0]) == -1;
    }
    if (strcmp(how, "exec") == 0) /* the loader makes these two */
        rules[3].k = rules[5].k = ~0u;
    if (strcmp(how, "prctl") == 0)
        sealed = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
    else
        sealed = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
                              &filter);
    if (sealed == -1)
        return 2;
    if (strcmp(how, "exec") == 0)
        execl(argv[0], argv[0], "alive", (char *)NULL);
    calls();
    say("alive\n");
    return 0;
}
