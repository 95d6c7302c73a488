/* processes: what /proc tells of the processes below one. proc(5) */
#define _POSIX_C_SOURCE 200809L
#include "judge.h"
#include "room.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct process {
    pid_t pid, parent;
    char state;
    long threads, pages;
    unsigned long
        ticks; /* of processor time, ended children included */
    unsigned long long begun; /* ticks after the machine's start */
    uid_t user;
    bool below; /* a descendant of the one asked for */
};

static bool read_process(const char *number, struct process *p)
{
    char path[300], text[1024];
    struct stat about;
    snprintf(path, sizeof path, "/proc/%s/stat", number);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        return false;
    ssize_t size = read(fd, text, sizeof text - 1);
    bool known = fstat(fd, &about) == 0;
    close(fd);
    if (size <= 0 || !known)
        return false;
    text[size] = '\0';
    char *end = strrchr(text, ')');
    int parent;
    unsigned long user, system;
    long user_below, system_below;
    if (end == NULL
        || sscanf(end + 1,
                  " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu"
                  " %ld %ld %*d %*d %ld %*d %llu %*u %ld",
                  &p->state, &parent, &user, &system, &user_below,
                  &system_below, &p->threads, &p->begun, &p->pages)
               != 9)
        return false;
    p->pid = atoi(number);
    p->parent = parent;
    p->user = about.st_uid;
    p->below = false;
    p->ticks = user + system + (unsigned long)user_below
               + (unsigned long)system_below;
    return true;
}

/* All processes; `below` marks the descendants of `root`. The caller
 * frees the list. */
static struct process *look(pid_t root, size_t *count)
{
    struct process *list = NULL;
    size_t n = 0, room = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *e; proc && (e = readdir(proc)) != NULL;) {
        struct process p;
        if (!isdigit((unsigned char)e->d_name[0])
            || !read_process(e->d_name, &p))
            continue;
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
            for (size_t j = 0; !list[i].below && j <= n; j++)
                if (j < n
                        ? list[j].below && list[i].parent == list[j].pid
                        : list[i].parent == root)
                    list[i].below = grown = true;
    }
    *count = n;
    return list;
}

/* Below this process is a program and all that it has started: below the
 * first of its room, or below us, where there is no room. */
static pid_t root_of(const struct program *p)
{
    return p->first ? p->first : getpid();
}

int processes(bool zombies)
{
    int count = 0;
    for (int i = 0; i < PROGRAMS; i++) {
        if (programs[i].pid == 0)
            continue;
        size_t n;
        struct process *list = look(root_of(&programs[i]), &n);
        for (size_t j = 0; j < n; j++)
            count += list[j].below && (list[j].state == 'Z') == zombies;
        free(list);
        if (programs[i].first == 0)
            break; /* all of them are below us */
    }
    return count;
}

double busy(struct program *p)
{
    size_t n;
    unsigned long ticks = 0;
    if (p->pid == 0)
        return 0;
    struct process *list = look(root_of(p), &n);
    for (size_t i = 0; i < n; i++)
        if (list[i].below)
            ticks += list[i].ticks;
    free(list);
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

/* The program itself in the list, not what that has started: the first
 * of its room, or we, started it. Orphans become children of the first
 * of their room too, but they are younger. NULL: it is not there. */
static const struct process *itself(const struct program *p,
                                    const struct process *list,
                                    size_t n)
{
    const struct process *eldest = NULL;
    for (size_t i = 0; i < n; i++)
        if (list[i].below
            && (p->first ? list[i].parent == p->first
                         : list[i].pid == p->pid)
            && (eldest == NULL || list[i].begun < eldest->begun))
            eldest = &list[i];
    return eldest;
}

static void signal_program(struct program *p, int number, bool alone)
{
    for (int i = 0; i < 200 && p->pid != 0; i++) {
        size_t n;
        bool all = true;
        struct process *list = look(root_of(p), &n);
        const struct process *own = itself(p, list, n);
        for (size_t j = 0; j < n; j++) {
            if (!list[j].below || list[j].state == 'Z'
                || (alone && &list[j] != own))
                continue;
            if (i == 0)
                kill(list[j].pid, number);
            all &= number != SIGSTOP || (i > 0 && list[j].state == 'T');
        }
        free(list);
        if (all)
            return;
        rest(5);
    }
}

void send_signal(struct program *p, int number)
{
    signal_program(p, number, false);
}

void send_signal_alone(struct program *p, int number)
{
    signal_program(p, number, true);
}

rlim_t processes_of_user(void)
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

/* One of the files that a thread has; what is in it, or "". */
static void read_task(const char *task, const char *name, char *text,
                      size_t room)
{
    char path[400];
    snprintf(path, sizeof path, "/proc/%s/%s", task, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd == -1 ? 0 : read(fd, text, room - 1);
    text[size > 0 ? size : 0] = '\0';
    if (fd != -1)
        close(fd);
}

/* What a process and all below it have used and done. */
struct sum {
    long pages, waited; /* waited: for a processor; milliseconds */
    bool ask; /* whether this is to be known: a thread runs, or would if
                 there were a processor */
    bool awake;
};

/* Where the kernel lists children, this looks at no other process: it is
 * done often. */
static void add(pid_t pid, int depth, struct sum *sum)
{
    char path[64], text[4096], number[20];
    struct process p;
    snprintf(number, sizeof number, "%d", (int)pid);
    if (depth > 100 || !read_process(number, &p))
        return;
    sum->pages += p.pages;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    for (struct dirent *e; tasks && (e = readdir(tasks)) != NULL;) {
        char task[300];
        if (!isdigit((unsigned char)e->d_name[0]))
            continue;
        snprintf(task, sizeof task, "%d/task/%s", (int)pid, e->d_name);
        sum->awake |= sum->ask && depth > 0 && read_process(task, &p)
                      && (p.state == 'R' || p.state == 'D');
        unsigned long long waited = 0;
        read_task(task, "schedstat", text, sizeof text);
        if (sscanf(text, "%*u %llu", &waited) == 1)
            sum->waited += (long)(waited / 1000000);
        read_task(task, "children", text, sizeof text);
        char *next = text;
        for (char *end; *next != '\0'; next = end) {
            long child = strtol(next, &end, 10);
            if (end == next)
                break;
            add((pid_t)child, depth + 1, sum);
        }
    }
    if (tasks)
        closedir(tasks);
}

bool asleep(void)
{
    struct sum sum = {.ask = true};
    for (int i = 0; i < PROGRAMS; i++)
        if (programs[i].pid != 0)
            add(root_of(&programs[i]), 0, &sum);
    return !sum.awake;
}

long fair_now(void)
{
    static long last, waited, held_up;
    struct sum sum = {0};
    add(getpid(), 0, &sum);
    long time = now(), most = time - last, more = sum.waited - waited;
    if (last != 0 && more > 0) /* less, where a process has ended */
        held_up += more < most ? more : most;
    last = time;
    waited = sum.waited;
    return time - held_up;
}

/* The same by looking at all processes there are. */
static long pages_below(void)
{
    size_t n;
    long pages = 0;
    struct process *list = look(getpid(), &n);
    for (size_t i = 0; i < n; i++)
        if (list[i].below)
            pages += list[i].pages;
    free(list);
    return pages;
}

long memory_below(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children",
             (int)getpid(), (int)getpid());
    struct sum sum = {0};
    if (access(path, R_OK) == 0)
        add(getpid(), 0, &sum);
    else
        sum.pages = pages_below();
    return sum.pages / 256 * sysconf(_SC_PAGESIZE) / 4096;
}

/* Sends a signal to all below us. Returns how many there are. */
static int signal_below(int number)
{
    size_t n;
    int count = 0;
    struct process *list = look(getpid(), &n);
    for (size_t i = 0; i < n; i++)
        if (list[i].below && list[i].state != 'Z') {
            count++;
            kill(list[i].pid, number);
        }
    free(list);
    return count;
}

/* First stops them, so that none can fork out of reach, then kills and
 * reaps them. */
void sweep(void)
{
    for (int i = 0; i < 3; i++)
        if (signal_below(SIGSTOP) == 0)
            break;
    for (int i = 0; i < 100 && signal_below(SIGKILL) > 0; i++)
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}
