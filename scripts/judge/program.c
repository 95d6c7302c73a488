/* program: starts the student's program, sees it from outside. */
#define _GNU_SOURCE
#include "program.h"
#include "../common/clock.h"
#include "keep.h"
#include "print.h"
#include "processes.h"
#include "room.h"
#include "state.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SETTING_UP = 20000, /* ms until a program is begun, at most */
    KEPT = 1 << 16 /* bytes: the end of a program's narration */
};

/* stdbuf(1): lines go into a pipe as soon as they are printed. */
static char *const by_line[] = {"/usr/bin/stdbuf", "-oL"};

/* Waits until the program is begun. From descriptor `fd` comes what
 * bwrap writes, {"child-pid": 123, ... }: the room's first process; then
 * the '+' of enter. If that does not come, the program never ran: what
 * bwrap or enter said instead, to descriptor `said`, is no fault of it.
 * Returns the room's first process, or 0 if there is no room. */
static pid_t begun(int fd, int said)
{
    char text[256] = "", words[256];
    size_t got = 0;
    struct pollfd set = {fd, POLLIN, 0};
    long long until = now() + SETTING_UP;
    while (memchr(text, '+', got) == NULL && got < sizeof text - 1
           && now() < until) {
        ssize_t n = poll(&set, 1, 100) == 1
                        ? read(fd, text + got, sizeof text - 1 - got)
                        : -1;
        if (n == 0)
            break;
        got += n > 0 ? (size_t)n : 0;
    }
    if (memchr(text, '+', got) == NULL) {
        ssize_t n = read(said, words, sizeof words - 1);
        words[n > 0 ? n : 0] = '\0';
        words[strcspn(words, "\n")] = '\0';
        could_not("the program cannot be begun",
                  words[0] ? words : "it is not begun after 20 s");
    }
    const char *value = strstr(text, "\"child-pid\":");
    return value ? (pid_t)strtol(value + 12, NULL, 10) : 0;
}

/* `ends` become 0 to 2 and STARTED_FD, for bwrap also 3; `calls`
 * becomes TELLING_FD; none overwrites another. */
static void place(int const ends[4], int calls)
{
    static const int to[] = {0, 1, 2, STARTED_FD};
    int high[4];
    for (int i = 0; i < 4; i++)
        high[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, STARTED_FD + 1);
    if (calls != -1 && dup2(calls, TELLING_FD) == -1)
        _exit(127);
    for (int i = 0; i < 4; i++)
        if (dup2(high[i], to[i]) == -1)
            _exit(127);
    if (dup2(high[3], 3) == -1)
        _exit(127);
}

/* In the child: becomes the student's program. */
static _Noreturn void run(int port, int flags, const char *argument,
                          const char *folder)
{
    static char path[200], number[16], calls[60];
    struct stat pipe_about;
    char *words[64];
    int n = 0;
    const struct judge *j = the_judge();
    struct entry_limits l = {
        .files = flags & FEW_FILES ? 16 : 64 + j->crowd,
        .memory = j->crowd > 0 ? 4096 : 256, /* threads have stacks */
        .size = 1,
        .seconds = 6,
        .flags = (flags & INPUT_CLOSED ? 1 : 0)
                 | (flags & NO_SOCKETS ? 2 : 0),
        .network = true,
        .tell = true,
        .scratch = folder,
        .tcp = port,
    };
    snprintf(path, sizeof path, "./%s", j->name);
    snprintf(number, sizeof number, "%d", port);
    l.port = j->by_environment ? number : NULL;
    if (j->telling && fstat(TELLING_FD, &pipe_about) == 0) {
        snprintf(calls, sizeof calls, "%d:%lu:%lu", TELLING_FD,
                 (unsigned long)pipe_about.st_dev,
                 (unsigned long)pipe_about.st_ino);
        l.calls = calls;
    }
    if ((flags & WORDS_TOGETHER) && access(by_line[0], X_OK) == 0) {
        words[n++] = by_line[0];
        words[n++] = by_line[1];
    }
    words[n++] = path;
    if (j->arguments != NULL)
        for (int i = 0; j->arguments[i] != NULL && n < 60; i++)
            words[n++] = j->arguments[i];
    else if (!j->by_environment)
        words[n++] = number;
    if (argument != NULL)
        words[n++] = strdup(argument);
    words[n] = NULL;
    become(words, &l);
}

/* In the child: becomes one of our own programs. */
static _Noreturn void run_other(char *const argv[], int port)
{
    char number[16];
    snprintf(number, sizeof number, "%d", port);
    setenv("LESSON_PORT", number, 1);
    setenv("NO_COLOR", "1", 1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
    close(3);
    close(STARTED_FD);
    execv(argv[0], argv);
    _exit(127);
}

/* Makes the pipe for a program's narration. Returns the end that the
 * program gets as TELLING_FD; -1 if nothing is narrated. */
static int open_telling(struct program *p)
{
    int ends[2];
    p->calls = -1;
    if (!the_judge()->telling
        || pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
        return -1;
    fcntl(ends[1], F_SETFL, 0); /* its own end may block */
    p->calls = ends[0];
    p->told = malloc(KEPT);
    p->told_size = 0;
    return ends[1];
}

/* The /tmp of the programs that share one. */
static const char *shared_folder(void)
{
    static char kept[200];
    if (behind_a_fence())
        could_not("a socket with a path", "a fence forbids it; where "
                                          "there are rooms, one can"
                                          " be judged");
    if (kept[0] == '\0')
        snprintf(kept, sizeof kept, "%s", scratch());
    return kept;
}

const char *shared_path(const char *name)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/%s",
             in_a_room() ? shared_folder() : "/tmp", name);
    if (!in_a_room())
        remove_too(path);
    return path;
}

/* Starts the student's program; or, if that is not NULL, `other`. */
static struct program *launch(char *const other[], int port, int flags,
                              const char *argument)
{
    struct judge *j = the_judge();
    struct program *p = j->programs;
    while (p->pid != 0 || p->most != 0)
        if (++p == j->programs + PROGRAMS)
            could_not("a program", "the judge has no place for more");
    int in[2], out[2], err[2], told[2];
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)
        || pipe2(err, O_CLOEXEC) || pipe2(told, O_CLOEXEC))
        could_not("pipes for a program", strerror(errno));
    p->in = in[1], p->out = out[0], p->err = err[0];
    p->most = j->crowd > 0 ? 8 * MUCH
                           : MUCH; /* it may log all that is said */
    j->suspect = p;
    int calls = other ? -1 : open_telling(p);
    const char *folder = other                   ? NULL
                         : flags & SHARED_FOLDER ? shared_folder()
                                                 : scratch();
    fflush(stdout);
    p->pid = fork();
    if (p->pid == -1)
        could_not("a process for a program", strerror(errno));
    if (p->pid == 0) {
        place((int[]){in[0], out[1],
                      flags & WORDS_TOGETHER ? out[1] : err[1],
                      told[1]},
              calls);
        if (other != NULL)
            run_other(other, port);
        run(port, flags, argument, folder);
    }
    if (calls != -1)
        close(calls);
    close(in[0]), close(out[1]), close(err[1]), close(told[1]);
    fcntl(p->in, F_SETFL, O_NONBLOCK);
    fcntl(p->out, F_SETFL, O_NONBLOCK);
    fcntl(p->err, F_SETFL, O_NONBLOCK);
    if (other == NULL)
        p->first =
            begun(told[0], flags & WORDS_TOGETHER ? p->out : p->err);
    close(told[0]);
    return p;
}

struct program *start(int port, int flags)
{
    return launch(NULL, port, flags, NULL);
}

struct program *start_with(int port, const char *argument)
{
    return launch(NULL, port, 0, argument);
}

struct program *start_other(char *const argv[], int port, int flags)
{
    return launch(argv, port, flags, NULL);
}

void provide(const char *name, const void *bytes, size_t size)
{
    if (!put(name, bytes, size, 0644))
        could_not(name, strerror(errno));
}

/* Appends a piece of its standard error to `complaint`; drops the
 * oldest bytes when it is full. */
static void keep_end(struct program *p, const char *piece, size_t size)
{
    size_t most = sizeof p->complaint - 1, old = strlen(p->complaint);
    if (size > most) {
        piece += size - most;
        size = most;
    }
    if (old > most - size) {
        memmove(p->complaint, p->complaint + old - (most - size),
                most - size);
        size_t gone = old - (most - size);
        p->earlier = p->earlier > gone ? p->earlier - gone : 0;
        old = most - size;
    }
    memcpy(p->complaint + old, piece, size);
    p->complaint[old + size] = '\0';
}

/* Keeps a piece of its standard output, up to p->most bytes. */
static void keep_output(struct program *p, const char *piece,
                        size_t size)
{
    if (size > p->most - p->size) {
        p->endless = true;
        size = p->most - p->size;
    }
    char *more = realloc(p->text, p->size + size + 1);
    if (more == NULL)
        could_not("memory for what the program prints",
                  strerror(errno));
    p->text = more;
    memcpy(p->text + p->size, piece, size);
    p->size += size;
    p->text[p->size] = '\0';
}

/* Reads what the narrator has written. */
static void collect_telling(struct program *p)
{
    char piece[4096];
    ssize_t n;
    if (p->calls == -1 || p->told == NULL)
        return;
    while ((n = read(p->calls, piece, sizeof piece)) > 0) {
        size_t size = (size_t)n, old = p->told_size;
        if (old + size > KEPT) { /* drops the oldest */
            size_t gone = old + size - KEPT;
            memmove(p->told, p->told + gone, old - gone);
            old -= gone;
        }
        memcpy(p->told + old, piece, size);
        p->told_size = old + size;
    }
    if (n == 0) {
        close(p->calls);
        p->calls = -1;
    }
}

/* Reads what a program has printed so far; does not block. */
static void collect(struct program *p)
{
    char piece[65536];
    ssize_t n;
    if (p->out != -1 && (n = read(p->out, piece, sizeof piece)) >= 0) {
        if (n == 0) {
            close(p->out);
            p->out = -1;
        }
        keep_output(p, piece, (size_t)n);
    }
    if (p->err != -1 && (n = read(p->err, piece, sizeof piece)) >= 0) {
        if (n == 0) {
            close(p->err);
            p->err = -1;
        }
        if (n > 0)
            keep_end(p, piece, (size_t)n);
    }
    collect_telling(p);
}

/* Notes it if a program has ended. When a signal killed the program,
 * bwrap exits with 128 + its number, as a shell does. */
static void reap(struct program *p)
{
    if (p->pid == 0 || waitpid(p->pid, &p->status, WNOHANG) != p->pid)
        return;
    p->pid = 0;
    if (WIFEXITED(p->status) && WEXITSTATUS(p->status) > 128
        && WEXITSTATUS(p->status) < 128 + 65)
        p->status = WEXITSTATUS(p->status) - 128;
}

bool pump(int fd, short events, int milliseconds)
{
    struct judge *j = the_judge();
    long long until = now() + milliseconds;
    for (;;) {
        struct pollfd set[1 + 3 * PROGRAMS] = {{fd, events, 0}};
        nfds_t n = 1;
        bool endless = false;
        for (int i = 0; i < PROGRAMS; i++) {
            struct program *p = &j->programs[i];
            if (p->most == 0)
                continue;
            set[n++] = (struct pollfd){p->out, POLLIN, 0};
            set[n++] = (struct pollfd){p->err, POLLIN, 0};
            set[n++] =
                (struct pollfd){j->telling ? p->calls : -1, POLLIN, 0};
            reap(p);
            endless |= p->endless;
        }
        long long left = until - now();
        if (left < 0)
            left = 0;
        int ready = poll(set, n, left > 20 ? 20 : (int)left);
        if (ready > 0) {
            for (int i = 0; i < PROGRAMS; i++)
                if (j->programs[i].most != 0)
                    collect(&j->programs[i]);
            if (set[0].revents != 0)
                return true;
        }
        if (left == 0 || (endless && fd != -1))
            return false;
    }
}

void rest(int milliseconds)
{
    pump(-1, 0, milliseconds);
}

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

void end_input(struct program *p)
{
    if (p->in != -1)
        close(p->in);
    p->in = -1;
}

bool ended(struct program *p, int milliseconds)
{
    long long until = now() + milliseconds;
    do {
        pump(-1, 0, p->pid == 0 ? 0 : 10);
        reap(p);
    } while (p->pid != 0 && now() < until);
    /* Its last output may still be in the pipes: 200 ms for it. */
    if (p->pid == 0)
        for (int i = 0; i < 40 && (p->out != -1 || p->err != -1); i++)
            pump(-1, 0, 5);
    return p->pid == 0;
}

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

/* When the first process of a room dies, the kernel kills all others;
 * it is gone only after them. pid_namespaces(7) */
void stop(struct program *p)
{
    if (p->pid != 0) {
        if (p->first != 0) {
            kill(p->first, SIGKILL);
        } else {
            kill(-p->pid, SIGKILL);
            kill(p->pid, SIGKILL);
        }
    }
    ended(p, PATIENCE);
}

bool printed(struct program *p, const char *text, int milliseconds)
{
    long long until = now() + milliseconds;
    for (;;) {
        if (p->text && memmem(p->text, p->size, text, strlen(text)))
            return true;
        if ((p->pid == 0 && p->out == -1) || now() >= until)
            return false;
        pump(-1, 0, 5);
    }
}

/* The process whose descendants are the program and all that it has
 * started: the first of its room or, without a room, we. */
static pid_t root_of(const struct program *p)
{
    return p->first ? p->first : getpid();
}

int processes(bool zombies)
{
    const struct program *programs = the_judge()->programs;
    int count = 0;
    for (int i = 0; i < PROGRAMS; i++) {
        if (programs[i].pid == 0)
            continue;
        count += count_below(root_of(&programs[i]), zombies);
        if (programs[i].first == 0)
            break; /* all of them are below us */
    }
    return count;
}

double busy(struct program *p)
{
    return p->pid == 0 ? 0 : work_below(root_of(p));
}

void send_signal(struct program *p, int number)
{
    if (p->pid != 0)
        signal_below(root_of(p), 0, number);
}

/* In a room the program is a child of the room's first process; orphans
 * become that too, but they are younger. */
void send_signal_alone(struct program *p, int number)
{
    pid_t own = p->first ? eldest_child(p->first) : p->pid;
    if (p->pid != 0 && own != 0)
        signal_below(root_of(p), own, number);
}

bool asleep(void)
{
    const struct program *programs = the_judge()->programs;
    for (int i = 0; i < PROGRAMS; i++)
        if (programs[i].pid != 0 && awake_below(root_of(&programs[i])))
            return false;
    return true;
}

bool falls_asleep(void)
{
    enum { LOOKS = 5 };
    int looks = 0;
    for (long long until = now() + PATIENCE; looks < LOOKS;) {
        looks = asleep() ? looks + 1 : 0;
        if (looks == 0 && now() >= until)
            return false;
        rest(10);
    }
    return true;
}
