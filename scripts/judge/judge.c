/* judge: tries a student's program from outside and says whether it
 * behaves.
 *
 *   judge [-p] NUMBER PROGRAM
 *
 * Exit status 0: it does; 1: it does not, and the report says why;
 * 2: wrong arguments. Whatever the program does, the judge ends within
 * LIMIT seconds and leaves nothing behind:
 *
 * - the judging is done by a child. Where the kernel lets us, that is
 *   the first process of a PID namespace of its own: nothing in it can
 *   kill it, and when it ends the kernel ends all the others in it,
 *   pid_namespaces(7). It has a network of its own too, so that every
 *   port is free.
 * - where it does not, or with -p ("plain"), we adopt what the program
 *   leaves behind, PR_SET_CHILD_SUBREAPER of prctl(2), and end that.
 * - the program gets limits, setrlimit(2), and if we are root it runs as
 *   a user that nobody is.
 */
#define _GNU_SOURCE
#include "judge.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    LIMIT = 8000, /* milliseconds for one judging */
    MEMORY = 512, /* MiB for the program and all its children */
    PROCESSES = 40, /* that it may have at once */
    NOBODY = 61000, /* and upwards: users that nobody is */
    SHOWN = 40, /* bytes of a message in a report */
};

static const char *program_path;
static int program_file; /* open for fexecve(3) */
static struct program programs[8], *latest;

static long now(void) /* milliseconds */
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the story ----------------------------------------------------- */

static void print_entry(const char *key, const char *text)
{
    printf("  %-9s ", key);
    int column = 12;
    while (*text != '\0') {
        int length = (int)strcspn(text, " ");
        if (column > 12 && column + length > 78) {
            printf("\n%12s", "");
            column = 12;
        }
        printf("%.*s", length, text);
        column += length + 1;
        text += length;
        if (*text == ' ') {
            text++;
            if (column + (int)strcspn(text, " ") <= 78)
                putchar(' ');
        }
    }
    putchar('\n');
}

/* Tells what the judge did. */
void did(const char *format, ...)
{
    char text[2048];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    print_entry("did", text);
    fflush(stdout);
}

/* Ends the judging, with a report, unless ok. */
void must(bool ok, const char *expected, const char *saw, ...)
{
    if (ok)
        return;
    char text[2048];
    va_list list;
    va_start(list, saw);
    vsnprintf(text, sizeof text, saw, list);
    va_end(list);
    print_entry("saw", text);
    print_entry("expected", expected);
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (programs[i].complaint[0] != '\0')
            print_entry("its words",
                        quoted(programs[i].complaint,
                               strlen(programs[i].complaint)));
    fflush(stdout);
    _exit(1);
}

/* Bytes as a C string, the first of them if they are many. Returns one
 * of four buffers in turn. */
const char *quoted(const void *bytes, size_t size)
{
    static char buffers[4][320];
    static unsigned turn;
    char *text = buffers[turn++ % 4], *to = text;
    const unsigned char *from = bytes;
    *to++ = '"';
    for (size_t i = 0; i < size && i < SHOWN; i++)
        if (from[i] == '\n')
            to += sprintf(to, "\\n");
        else if (from[i] >= ' ' && from[i] < 0x7f && from[i] != '"')
            *to++ = (char)from[i];
        else
            to += sprintf(to, "\\x%02X", from[i]);
    *to++ = '"';
    *to = '\0';
    if (size > SHOWN)
        sprintf(to, " and %zu bytes more", size - SHOWN);
    return text;
}

/* ---- processes, seen in /proc -------------------------------------- */

struct process {
    pid_t pid, parent; /* as /proc counts them */
    char state;
    long threads, pages;
    uid_t user;
    bool ours; /* a descendant */
};

/* All processes; `ours` marks the descendants of `root`. The caller
 * frees the list. proc(5). */
static struct process *look(pid_t root, size_t *count)
{
    struct process *list = NULL;
    size_t n = 0, room = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *e; proc && (e = readdir(proc)) != NULL;) {
        char path[300], text[1024];
        struct stat about;
        if (!isdigit((unsigned char)e->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd == -1)
            continue;
        ssize_t size = read(fd, text, sizeof text - 1);
        bool known = fstat(fd, &about) == 0;
        close(fd);
        if (size <= 0 || !known)
            continue;
        text[size] = '\0';
        struct process p = {.pid = atoi(text), .user = about.st_uid};
        char *end = strrchr(text, ')');
        int parent;
        if (end == NULL
            || sscanf(end + 1,
                      " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u"
                      " %*u %*d %*d %*d %*d %ld %*d %*u %*u %ld",
                      &p.state, &parent, &p.threads, &p.pages)
                   != 4)
            continue;
        p.parent = parent;
        if (n == room) {
            room = room * 2 + 256;
            struct process *more = realloc(list, room * sizeof *list);
            if (more == NULL)
                break;
            list = more;
        }
        list[n++] = p;
    }
    if (proc)
        closedir(proc);
    for (bool grown = true; grown;) {
        grown = false;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; !list[i].ours && j <= n; j++)
                if (j < n
                        ? list[j].ours && list[i].parent == list[j].pid
                        : list[i].parent == root)
                    list[i].ours = grown = true;
    }
    *count = n;
    return list;
}

/* Our number as /proc counts, which is not getpid in a namespace. */
static pid_t own_number(void)
{
    char text[32] = "";
    ssize_t n = readlink("/proc/self", text, sizeof text - 1);
    return n > 0 ? atoi(text) : getpid();
}

/* How many processes the programs have: those that run, or those that
 * have ended and that nobody has waited for. */
int processes(bool zombies)
{
    size_t n;
    int count = 0;
    struct process *list = look(own_number(), &n);
    for (size_t i = 0; i < n; i++)
        count += list[i].ours && (list[i].state == 'Z') == zombies;
    free(list);
    return count;
}

/* ---- the program --------------------------------------------------- */

static void limit(unsigned what, rlim_t value)
{
    struct rlimit r = {value, value};
    setrlimit(what, &r);
}

/* Lets socket(2) fail with EMFILE from here on. seccomp(2). */
static void forbid_sockets(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {4, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

/* How many processes and threads our user has already. */
static rlim_t processes_of_user(void)
{
    size_t n;
    rlim_t count = 0;
    struct process *list = look(0, &n);
    for (size_t i = 0; i < n; i++)
        if (list[i].user == getuid())
            count += (rlim_t)list[i].threads;
    free(list);
    return count;
}

_Noreturn static void become(int port, int flags, rlim_t processes)
{
    char number[16];
    char *arguments[] = {(char *)program_path, number, NULL};
    char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
    snprintf(number, sizeof number, "%d", port);
    setsid();
    if (chdir("/") == -1)
        _exit(127);
    limit(RLIMIT_CPU, 6);
    limit(RLIMIT_AS, (rlim_t)256 << 20);
    limit(RLIMIT_STACK, (rlim_t)2 << 20);
    limit(RLIMIT_FSIZE, (rlim_t)1 << 20);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, flags & FEW_FILES ? 16 : 128);
    limit(RLIMIT_NPROC, processes);
    if (getuid() == 0) {
        uid_t user = NOBODY + (uid_t)getppid() % 4000;
        if (setgroups(0, NULL) == 0 && setgid(user) == 0
            && setuid(user) == -1)
            _exit(127);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int s = 1; s < 32; s++)
        signal(s, SIG_DFL);
    if (flags & INPUT_CLOSED)
        close(0);
    if (flags & NO_SOCKETS)
        forbid_sockets();
    fexecve(program_file, arguments, environment);
    _exit(127);
}

/* Starts the program with a port as its argument. */
struct program *start(int port, int flags)
{
    struct program *p = programs;
    while (p->pid != 0 || p->most != 0)
        p++;
    latest = p;
    int in[2], out[2], err[2];
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)
        || pipe2(err, O_CLOEXEC))
        must(false, "pipes", "%s", strerror(errno));
    p->in = in[1], p->out = out[0], p->err = err[0];
    p->most = MUCH;
    rlim_t processes = PROCESSES;
    if (getuid() != 0)
        processes += processes_of_user();
    fflush(stdout);
    p->pid = fork();
    if (p->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(err[1], 2);
        become(port, flags, processes);
    }
    close(in[0]), close(out[1]), close(err[1]);
    fcntl(p->in, F_SETFL, O_NONBLOCK);
    fcntl(p->out, F_SETFL, O_NONBLOCK);
    fcntl(p->err, F_SETFL, O_NONBLOCK);
    must(p->pid > 0, "a process", "%s", strerror(errno));
    return p;
}

/* Reads what a program printed. */
static void collect(struct program *p)
{
    char piece[65536];
    ssize_t n;
    if (p->out != -1 && (n = read(p->out, piece, sizeof piece)) >= 0) {
        if (n == 0) {
            close(p->out);
            p->out = -1;
        }
        must(p->size + (size_t)n <= p->most, "an output that ends",
             "it printed more than %zu KiB, the last of it %s",
             p->most >> 10,
             quoted(piece + (n > 40 ? n - 40 : 0),
                    n > 40 ? 40 : (size_t)n));
        char *more = realloc(p->text, p->size + (size_t)n + 1);
        must(more != NULL, "memory", "none is left");
        p->text = more;
        memcpy(p->text + p->size, piece, (size_t)n);
        p->size += (size_t)n;
        p->text[p->size] = '\0';
    }
    if (p->err != -1 && (n = read(p->err, piece, sizeof piece)) >= 0) {
        if (n == 0) {
            close(p->err);
            p->err = -1;
        }
        size_t room = sizeof p->complaint - 1;
        if (n > 0) {
            size_t size = (size_t)n < room ? (size_t)n : room;
            memcpy(p->complaint, piece + (size_t)n - size, size);
            p->complaint[size] = '\0';
        }
    }
}

/* Notes the end of a program that has ended. */
static void reap(struct program *p)
{
    struct rusage used;
    if (p->pid == 0
        || wait4(p->pid, &p->status, WNOHANG, &used) != p->pid)
        return;
    p->pid = 0;
    p->seconds =
        (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
        + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Waits until `fd` is ready for `events`, and collects what programs
 * print meanwhile. Returns whether it is ready; false after that many
 * milliseconds. fd may be -1. Returns early, with false, each time that
 * a program has printed or ended, if the time is negative: -PATIENCE. */
bool pump(int fd, short events, int milliseconds)
{
    bool any = milliseconds < 0;
    long until = now() + (any ? -milliseconds : milliseconds);
    for (;;) {
        struct pollfd set[1 + 2 * sizeof programs / sizeof *programs] =
            {{fd, events, 0}};
        nfds_t n = 1;
        for (size_t i = 0; i < sizeof programs / sizeof *programs;
             i++) {
            struct program *p = &programs[i];
            if (p->most == 0)
                continue;
            set[n++] = (struct pollfd){p->out, POLLIN, 0};
            set[n++] = (struct pollfd){p->err, POLLIN, 0};
            bool was = p->pid != 0;
            reap(p);
            if (any && was && p->pid == 0)
                return false;
        }
        long left = until - now();
        if (left < 0)
            left = 0;
        int ready = poll(set, n, left > 20 ? 20 : (int)left);
        if (ready > 0) {
            for (size_t i = 0; i < sizeof programs / sizeof *programs;
                 i++)
                if (programs[i].most != 0)
                    collect(&programs[i]);
            if (set[0].revents != 0)
                return true;
            if (any)
                return false;
        }
        if (left == 0)
            return false;
    }
}

/* Lets time pass. */
void rest(int milliseconds)
{
    pump(-1, 0, milliseconds);
}

/* Writes to the program's standard input. */
void feed(struct program *p, const char *text)
{
    size_t size = strlen(text);
    for (int i = 0; size > 0 && i < 100; i++) {
        ssize_t n = write(p->in, text, size);
        if (n > 0) {
            text += n;
            size -= (size_t)n;
        } else {
            pump(p->in, POLLOUT, PATIENCE / 100);
        }
    }
}

/* Ends its standard input. */
void end_input(struct program *p)
{
    if (p->in != -1)
        close(p->in);
    p->in = -1;
}

/* Whether it has ended, or does within the time. */
bool ended(struct program *p, int milliseconds)
{
    long until = now() + milliseconds;
    do {
        pump(-1, 0, p->pid == 0 ? 0 : 10);
        reap(p);
    } while (p->pid != 0 && now() < until);
    if (p->pid == 0)
        collect(p), collect(p);
    return p->pid == 0;
}

/* How it ended, in words. */
const char *fate(struct program *p)
{
    static char text[80];
    if (!ended(p, 0))
        return "it still runs";
    if (WIFSIGNALED(p->status))
        snprintf(text, sizeof text,
                 "it was ended by signal %d (%s); $? says %d",
                 WTERMSIG(p->status), strsignal(WTERMSIG(p->status)),
                 128 + WTERMSIG(p->status));
    else
        snprintf(text, sizeof text, "it ended with exit status %d",
                 WEXITSTATUS(p->status));
    return text;
}

/* Ends it, and all that it has started in its session. */
void stop(struct program *p)
{
    if (p->pid != 0) {
        kill(-p->pid, SIGKILL);
        kill(p->pid, SIGKILL);
    }
    ended(p, PATIENCE);
}

/* Whether the text is among what it printed, or comes within the time.
 */
bool printed(struct program *p, const char *text, int milliseconds)
{
    long until = now() + milliseconds;
    for (;;) {
        if (p->text && memmem(p->text, p->size, text, strlen(text)))
            return true;
        if ((p->pid == 0 && p->out == -1) || now() >= until)
            return false;
        pump(-1, 0, 5);
    }
}

/* ---- chance -------------------------------------------------------- */

/* A number from 0 to below - 1. getrandom(2). */
unsigned chance(unsigned below)
{
    unsigned number = 0;
    if (syscall(SYS_getrandom, &number, sizeof number, 0) == -1)
        number = (unsigned)now() * 2654435761u;
    return number % below;
}

/* A port that is free for TCP and UDP; its two bytes differ. */
int some_port(void)
{
    for (;;) {
        int port = 20000 + (int)chance(12000);
        if (port >> 8 == (port & 255))
            continue;
        struct sockaddr_in here = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port)};
        int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        bool is_free =
            bind(tcp, (struct sockaddr *)&here, sizeof here) == 0
            && bind(udp, (struct sockaddr *)&here, sizeof here) == 0;
        close(tcp);
        close(udp);
        if (is_free)
            return port;
    }
}

/* An address of this machine, 127.0.0.2 to 127.0.0.251. On Linux all of
 * 127.0.0.0/8 is loopback, ip(7). */
struct in_addr some_address(void)
{
    return (struct in_addr){htonl(INADDR_LOOPBACK + 1 + chance(250))};
}

/* So many small letters; one of four buffers in turn. */
char *word(size_t size)
{
    static char *buffers[4];
    static unsigned turn;
    char **text = &buffers[turn++ % 4];
    free(*text);
    *text = malloc(size + 2);
    must(*text != NULL, "memory", "none is left");
    for (size_t i = 0; i < size; i++)
        (*text)[i] = (char)('a' + chance(26));
    memset(*text + size, 0, 2);
    return *text;
}

/* As word, the last of it a newline. */
char *line(size_t size)
{
    char *text = word(size - 1);
    text[size - 1] = '\n';
    return text;
}

/* ---- the peer ------------------------------------------------------ */

/* Calls the program at a port of 127.0.0.1, or of `to`, from the
 * address `from` if that is not NULL. It has time to begin listening;
 * the judging ends if it does not. Returns a non-blocking socket. */
int call(int port, const char *from, const char *to)
{
    struct sockaddr_in peer = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, to ? to : "127.0.0.1", &peer.sin_addr);
    long until = now() + PATIENCE;
    for (;;) {
        int fd = socket(AF_INET,
                        SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct sockaddr_in here = {.sin_family = AF_INET};
        if (from != NULL) {
            inet_pton(AF_INET, from, &here.sin_addr);
            must(bind(fd, (struct sockaddr *)&here, sizeof here) == 0,
                 "127.0.0.0/8 to be loopback, as on Linux", "%s: %s",
                 from, strerror(errno));
        }
        int result = 0;
        socklen_t size = sizeof result;
        if (connect(fd, (struct sockaddr *)&peer, sizeof peer) == -1) {
            result = errno;
            if (result == EINPROGRESS
                && pump(fd, POLLOUT, (int)(until - now())))
                getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &size);
        }
        if (result == 0)
            return fd;
        close(fd);
        bool any = false;
        for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
            any |= programs[i].pid != 0;
        must(any, "a server that goes on",
             "nobody listens at port %d: %s", port, fate(latest));
        must(now() < until, "a server that answers there",
             "connect to %s port %d: %s", to ? to : "127.0.0.1", port,
             strerror(result));
        pump(-1, 0, 5);
    }
}

/* A listening socket for the program to call. */
int listening(int *port)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd =
        socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int small = 65536; /* buffers that fill soon */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    do {
        *port = some_port();
        here.sin_port = htons((uint16_t)*port);
    } while (bind(fd, (struct sockaddr *)&here, sizeof here) == -1);
    must(listen(fd, 5) == 0, "a listening socket", "%s",
         strerror(errno));
    return fd;
}

/* The program's call, taken. Returns a non-blocking socket. */
int taken(int listener, struct program *p)
{
    long until = now() + PATIENCE;
    while (!pump(listener, POLLIN, 10))
        must(p->pid != 0 && now() < until,
             "a client that calls the port"
             " that it was given",
             "nobody called; %s", fate(p));
    int fd =
        accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    must(fd != -1, "a caller", "%s", strerror(errno));
    return fd;
}

/* A UDP socket with a port of its own. */
int datagram_socket(int *port)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd =
        socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    do {
        *port = some_port();
        here.sin_port = htons((uint16_t)*port);
    } while (bind(fd, (struct sockaddr *)&here, sizeof here) == -1);
    return fd;
}

/* Sends all bytes, or gives up quietly: what counts is the answer. */
void say(int fd, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t n = send(fd, from, size, MSG_NOSIGNAL);
        if (n == -1
            && (errno != EAGAIN || !pump(fd, POLLOUT, PATIENCE)))
            return;
        if (n > 0) {
            from += n;
            size -= (size_t)n;
        }
    }
}

/* Receives until there is a line (or `room` bytes), the peer ends its
 * side, resets, or says nothing for so long that we give up. *got is
 * how many bytes came. */
enum how hear(int fd, char *to, size_t room, size_t *got,
              bool whole_line)
{
    *got = 0;
    while (*got < room) {
        if (!pump(fd, POLLIN, PATIENCE))
            return HEARD_NOTHING;
        ssize_t n =
            recv(fd, to + *got, whole_line ? 1 : room - *got, 0);
        if (n == 0)
            return HEARD_END;
        if (n == -1 && errno != EAGAIN)
            return HEARD_RESET;
        if (n > 0)
            *got += (size_t)n;
        if (whole_line && n > 0 && to[*got - 1] == '\n')
            return HEARD_LINE;
    }
    return HEARD_ALL;
}

/* Closes, with RST instead of FIN if `reset`: SO_LINGER 0, socket(7). */
void hang_up(int fd, bool reset)
{
    struct linger now_or_never = {1, 0};
    if (reset)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now_or_never,
                   sizeof now_or_never);
    close(fd);
}

/* ---- the supervisor ------------------------------------------------ */

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written =
        fd != -1
        && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return written;
}

/* Brings the loopback interface of our network up. netdevice(7). */
static bool loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    bool up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    close(fd);
    return up;
}

/* Enters namespaces: as root at once, else in a user namespace as our
 * own user. unshare(2), user_namespaces(7). */
static bool isolate(void)
{
    char map[64];
    int flags = CLONE_NEWPID | CLONE_NEWNET;
    uid_t user = getuid();
    gid_t group = getgid();
    if (user == 0 && unshare(flags) == 0)
        return loopback_up();
    if (unshare(CLONE_NEWUSER | flags) == -1)
        return false;
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1", user, user);
    if (!write_file("/proc/self/uid_map", map))
        return false;
    snprintf(map, sizeof map, "%u %u 1", group, group);
    return write_file("/proc/self/gid_map", map) && loopback_up();
}

/* Whether that is allowed here. A child tries, for some systems forbid
 * only a part of it. */
static bool may_isolate(void)
{
    int status = 1;
    pid_t child = fork();
    if (child == 0)
        _exit(!isolate());
    return child != -1 && waitpid(child, &status, 0) == child
           && status == 0;
}

static _Noreturn void judge(void (*run)(void))
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    run();
    fflush(stdout);
    _exit(0);
}

/* Sends a signal to all our descendants. Returns how many there are. */
static int signal_all(int number)
{
    size_t n;
    int count = 0;
    struct process *list = look(own_number(), &n);
    for (size_t i = 0; i < n; i++)
        if (list[i].ours && list[i].state != 'Z') {
            count++;
            kill(list[i].pid, number);
        }
    free(list);
    return count;
}

/* Ends all our descendants: first stops them, so that none can fork out
 * of reach, then kills and reaps them. */
static void sweep(void)
{
    for (int i = 0; i < 3; i++)
        signal_all(SIGSTOP);
    for (int i = 0; i < 100 && signal_all(SIGKILL) > 0; i++)
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

/* How many MiB our descendants use. */
static long memory(void)
{
    size_t n;
    long pages = 0;
    struct process *list = look(own_number(), &n);
    for (size_t i = 0; i < n; i++)
        if (list[i].ours)
            pages += list[i].pages;
    free(list);
    return pages / 256 * sysconf(_SC_PAGESIZE) / 4096;
}

static volatile sig_atomic_t interrupted;
static void on_signal(int number)
{
    interrupted = number;
}

/* Watches over the judging. Returns the exit status. */
static int supervise(pid_t child)
{
    long until = now() + LIMIT;
    for (int status;;) {
        if (waitpid(child, &status, WNOHANG) == child) {
            if (WIFEXITED(status))
                return WEXITSTATUS(status);
            print_entry("saw", "the judge itself was killed: does the"
                               " program kill its parent?");
            return 1;
        }
        const char *why = NULL;
        if (interrupted)
            why = "interrupted";
        else if (now() > until)
            why = "it takes too long; nothing of it was waited for "
                  "longer";
        else if (memory() > MEMORY)
            why = "it uses more memory than a program like it ever "
                  "needs";
        if (why != NULL) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            print_entry("saw", why);
            return interrupted ? 128 + interrupted : 1;
        }
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGCHLD);
        sigtimedwait(&set, NULL, &(struct timespec){0, 150000000});
    }
}

int main(int argc, char *argv[])
{
    bool plain = argc > 1 && strcmp(argv[1], "-p") == 0;
    if (argc != 3 + plain) {
        fprintf(stderr, "usage: judge [-p] NUMBER PROGRAM\n");
        return 2;
    }
    const struct exercise *e = exercises;
    while (e->judge != NULL && e->number != atoi(argv[1 + plain]))
        e++;
    program_path = argv[2 + plain];
    program_file = open(program_path, O_RDONLY | O_CLOEXEC);
    if (e->judge == NULL || program_file == -1) {
        fprintf(stderr, "judge: no exercise %s, or no program %s\n",
                argv[1 + plain], program_path);
        return 2;
    }
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int ends[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++)
        signal(ends[i], on_signal);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (!plain && may_isolate())
        isolate();
    fflush(stdout);
    pid_t child = fork();
    if (child == -1) {
        perror("fork");
        return 2;
    }
    if (child == 0) {
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        judge(e->judge);
    }
    int status = supervise(child);
    sweep();
    return status;
}
