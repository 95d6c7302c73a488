/* processes: what /proc says of a process's descendants. proc(5) */
#define _POSIX_C_SOURCE 200809L
#include "processes.h"
#include "../common/clock.h"
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
    pid_t pid, parent, group;
    char state;
    long threads, pages; /* pages: in memory */
    unsigned long
        ticks; /* of processor time, ended children included */
    unsigned long long begun; /* ticks after the machine's start */
    bool below; /* it is a descendant of the one asked for */
};

static bool read_process(const char *number, struct process *p)
{
    char path[300], text[1024];
    snprintf(path, sizeof path, "/proc/%s/stat", number);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        return false;
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    if (size <= 0)
        return false;
    text[size] = '\0';
    char *end = strrchr(text, ')');
    int parent, group;
    unsigned long user, system;
    long user_below, system_below;
    if (end == NULL
        || sscanf(end + 1,
                  " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu"
                  " %ld %ld %*d %*d %ld %*d %llu %*u %ld",
                  &p->state, &parent, &group, &user, &system,
                  &user_below, &system_below, &p->threads, &p->begun,
                  &p->pages)
               != 10)
        return false;
    p->pid = atoi(number);
    p->parent = parent;
    p->group = group;
    p->below = false;
    p->ticks = user + system + (unsigned long)user_below
               + (unsigned long)system_below;
    return true;
}

/* ---- by the kernel's lists of children ------------------------------ */

/* A walk over a process, its root, and all descendants of that. */
struct walk {
    bool listing, asking; /* asked: fill `list`; set `awake` */
    int depth; /* of the process being visited; the root has 0 */
    bool whole; /* false: a listed child was gone; the kernel's list
                   may then lack one that came after it */
    struct process *list; /* the descendants */
    size_t count, space;
    long pages, waited; /* waited: for a processor; milliseconds */
    long running; /* descendants that have not ended */
    bool awake; /* one of their threads runs or waits for a processor */
};

static void keep(struct walk *w, const struct process *p)
{
    if (w->count == w->space) {
        size_t space = w->space * 2 + 256;
        struct process *more = realloc(w->list, space * sizeof *more);
        if (more == NULL)
            return;
        w->list = more;
        w->space = space;
    }
    w->list[w->count++] = *p;
}

/* Reads a file of a thread's /proc folder; "" if that fails. */
static void read_task(const char *task, const char *name, char *text,
                      size_t size)
{
    char path[400];
    snprintf(path, sizeof path, "/proc/%s/%s", task, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd == -1 ? 0 : read(fd, text, size - 1);
    text[got > 0 ? got : 0] = '\0';
    if (fd != -1)
        close(fd);
}

static void visit(pid_t pid, struct walk *w);

/* Visits a thread, then its children. state 0: not known yet. */
static void visit_thread(const char *task, char state, struct walk *w)
{
    char text[4096];
    struct process p;
    if (w->asking && w->depth > 0) {
        if (state == 0 && read_process(task, &p))
            state = p.state;
        w->awake |= state == 'R' || state == 'D';
    }
    if (!w->asking && !w->listing) {
        unsigned long long waited = 0;
        read_task(task, "schedstat", text, sizeof text);
        if (sscanf(text, "%*u %llu", &waited) == 1)
            w->waited += (long)(waited / 1000000);
    }
    read_task(task, "children", text, sizeof text);
    w->whole &= strlen(text) < sizeof text - 1;
    char *next = text;
    w->depth++;
    for (char *end; *next != '\0'; next = end) {
        long child = strtol(next, &end, 10);
        if (end == next)
            break;
        visit((pid_t)child, w);
    }
    w->depth--;
}

static void visit(pid_t pid, struct walk *w)
{
    char number[20], task[300];
    struct process p;
    snprintf(number, sizeof number, "%d", (int)pid);
    if (w->depth > 100 || !read_process(number, &p)) {
        w->whole = false;
        return;
    }
    p.below = w->depth > 0;
    w->pages += p.pages;
    w->running += p.below && p.state != 'Z';
    if (w->listing && p.below)
        keep(w, &p);
    if (p.threads == 1) {
        snprintf(task, sizeof task, "%d/task/%d", (int)pid, (int)pid);
        visit_thread(task, p.state, w);
        return;
    }
    snprintf(task, sizeof task, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(task);
    for (struct dirent *e; tasks && (e = readdir(tasks)) != NULL;) {
        snprintf(task, sizeof task, "%d/task/%s", (int)pid, e->d_name);
        if (isdigit((unsigned char)e->d_name[0]))
            visit_thread(task, 0, w);
    }
    if (tasks)
        closedir(tasks);
}

/* Whether this kernel has lists of children. */
static bool lists_children(void)
{
    static int known = -1;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children",
             (int)getpid(), (int)getpid());
    if (known == -1)
        known = access(path, R_OK) == 0;
    return known;
}

/* ---- by the list of all processes ----------------------------------- */

static int by_pid(const void *a, const void *b)
{
    pid_t x = ((const struct process *)a)->pid,
          y = ((const struct process *)b)->pid;
    return (x > y) - (x < y);
}

/* `below` marks the descendants of `root`. The caller frees the list. */
static struct process *look_at_all(pid_t root, size_t *count)
{
    struct walk w = {0};
    DIR *proc = opendir("/proc");
    for (struct dirent *e; proc && (e = readdir(proc)) != NULL;) {
        struct process p;
        if (isdigit((unsigned char)e->d_name[0])
            && read_process(e->d_name, &p))
            keep(&w, &p);
    }
    if (proc)
        closedir(proc);
    struct process *list = w.list;
    size_t n = w.count;
    if (n > 0)
        qsort(list, n, sizeof *list, by_pid);
    for (bool grown = n > 0; grown;) {
        grown = false;
        for (size_t i = 0; i < n; i++) {
            struct process key = {.pid = list[i].parent};
            const struct process *parent =
                bsearch(&key, list, n, sizeof *list, by_pid);
            if (!list[i].below
                && (list[i].parent == root
                    || (parent != NULL && parent->below)))
                list[i].below = grown = true;
        }
    }
    *count = n;
    return list;
}

/* The same in less time: where the kernel lists children, it reads only
 * the descendants, not thousands of processes. */
static struct process *look(pid_t root, size_t *count)
{
    for (int i = 0; i < 3 && lists_children(); i++) {
        struct walk w = {.listing = true, .whole = true};
        visit(root, &w);
        *count = w.count;
        if (w.whole)
            return w.list;
        free(w.list);
    }
    return look_at_all(root, count);
}

/* ---- what they do ---------------------------------------------------- */

int count_below(pid_t root, bool zombies)
{
    int count = 0;
    size_t n;
    struct process *list = look(root, &n);
    for (size_t i = 0; i < n; i++)
        count += list[i].below && (list[i].state == 'Z') == zombies;
    free(list);
    return count;
}

double work_below(pid_t root)
{
    size_t n;
    unsigned long ticks = 0;
    struct process *list = look(root, &n);
    for (size_t i = 0; i < n; i++)
        if (list[i].below)
            ticks += list[i].ticks;
    free(list);
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

bool awake_below(pid_t root)
{
    struct walk w = {.asking = true};
    visit(root, &w);
    return w.awake;
}

pid_t eldest_child(pid_t root)
{
    size_t n;
    struct process *list = look(root, &n), *eldest = NULL;
    for (size_t i = 0; i < n; i++)
        if (list[i].below && list[i].parent == root
            && (eldest == NULL || list[i].begun < eldest->begun))
            eldest = &list[i];
    pid_t pid = eldest ? eldest->pid : 0;
    free(list);
    return pid;
}

void signal_below(pid_t root, pid_t only, int number)
{
    for (int i = 0; i < 200; i++) {
        size_t n;
        bool all = true;
        struct process *list = look(root, &n);
        for (size_t j = 0; j < n; j++) {
            if (!list[j].below || list[j].state == 'Z'
                || (only != 0 && list[j].pid != only))
                continue;
            if (i == 0)
                kill(list[j].pid, number);
            all &= number != SIGSTOP || (i > 0 && list[j].state == 'T');
        }
        free(list);
        if (all)
            return;
        sleep_ms(5);
    }
}

rlim_t processes_of_user(void)
{
    char path[64];
    struct stat about;
    size_t n;
    rlim_t count = 0;
    struct process *list = look_at_all(0, &n);
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "/proc/%d", (int)list[i].pid);
        if (stat(path, &about) == 0 && about.st_uid == getuid())
            count += (rlim_t)list[i].threads;
    }
    free(list);
    return count;
}

/* Of our descendants when `fair_now` looked: memory, number. */
static long pages, running;

/* Counts them in the list of all processes. */
static void count_all(void)
{
    size_t n;
    struct process *list = look_at_all(getpid(), &n);
    pages = running = 0;
    for (size_t i = 0; i < n; i++)
        if (list[i].below) {
            pages += list[i].pages;
            running += list[i].state != 'Z';
        }
    free(list);
}

long long fair_now(void)
{
    static long long last, waited, held_up;
    struct walk w = {0};
    visit(getpid(), &w);
    long long time = now(), most = time - last,
              more = w.waited - waited;
    if (last != 0 && more > 0) /* negative if a process has ended */
        held_up += more < most ? more : most;
    last = time;
    waited = w.waited;
    pages = w.pages;
    running = w.running;
    if (!lists_children())
        count_all();
    return time - held_up;
}

long memory_below(void)
{
    return pages / 256 * sysconf(_SC_PAGESIZE) / 4096;
}

long processes_below(void)
{
    return running;
}

static int by_group(const void *a, const void *b)
{
    pid_t x = ((const struct process *)a)->group,
          y = ((const struct process *)b)->group;
    return (x > y) - (x < y);
}

/* Sends a signal to all our descendants and their process groups, once
 * to each: a process that has just ended may have left another one in
 * its group. Returns how many there are. */
static int signal_all(int number,
                      struct process *(*find)(pid_t, size_t *))
{
    size_t n;
    int count = 0;
    pid_t last = getpgrp();
    struct process *list = find(getpid(), &n);
    if (n > 0)
        qsort(list, n, sizeof *list, by_group);
    for (size_t i = 0; i < n; i++)
        if (list[i].below && list[i].state != 'Z') {
            count++;
            kill(list[i].pid, number);
            if (list[i].group > 1 && list[i].group != last
                && list[i].group != getpgrp()) {
                last = list[i].group;
                kill(-last, number);
            }
        }
    free(list);
    return count;
}

/* First stops them, so that none can fork out of reach, then kills and
 * reaps them. A process that loses its parent meanwhile may be missing
 * in the lists of children, so the last look is at all processes. Waits
 * up to five seconds: on a busy machine a process with much memory
 * takes a while to end. */
void sweep(void)
{
    for (int i = 0; i < 3; i++)
        if (signal_all(SIGSTOP, look) == 0)
            break;
    long long until = now() + 5000;
    while (now() < until
           && (signal_all(SIGKILL, look) > 0
               || signal_all(SIGKILL, look_at_all) > 0)) {
        while (waitpid(-1, NULL, WNOHANG) > 0 && now() < until)
            ;
        sleep_ms(1);
    }
    /* What has ended is ours, too, once its parent has: a container may
     * have nobody else to wait for it. */
    until = now() + 5000;
    for (pid_t got;
         (got = waitpid(-1, NULL, WNOHANG)) != -1 && now() < until;)
        if (got == 0)
            sleep_ms(1);
}
