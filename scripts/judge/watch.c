/* watch: what surrounds the judging. Reads the file to judge, opens a
 * room for it; then this process watches a child, which judges, and the
 * student's program. */
#define _GNU_SOURCE
#include "watch.h"
#include "../common/clock.h"
#include "../common/files.h"
#include "../common/signals.h"
#include "compile.h"
#include "fence.h"
#include "keep.h"
#include "print.h"
#include "processes.h"
#include "report.h"
#include "room.h"
#include "state.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MEMORY = 512, /* MiB for the judge, the program and its children */
    LARGEST = 8 << 20, /* bytes of a file to judge */
    CROWDED = 1000, /* ms at the limit of processes */
    BOMB = 2 * PROCESSES, /* processes, where the limit is far higher */
    BUSIEST = 5, /* times the limit by the clock, on a busy machine */
    FAULTS = 400 /* bytes of remarks, shown at most */
};

/* ---- files --------------------------------------------------------- */

char *read_file(const char *path, size_t *size)
{
    char *bytes = file_read(path, LARGEST, size);
    if (bytes == NULL)
        refuse(path, errno == ELOOP ? "this is a symbolic link; give "
                                      "the file itself"
                     : errno == EINVAL ? "this is not a regular file"
                     : errno == EFBIG  ? "this is too large, 8 MiB at "
                                         "most"
                     : errno == ENOMEM ? "there is no memory left"
                                       : strerror(errno));
    return bytes;
}

/* Takes the program's name from the name of our own file. Returns the
 * contents of `enter`, which lies beside us. */
static char *read_enter(size_t *size)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 8);
    path[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        refuse("/proc", "there is none");
    snprintf(the_judge()->name, NAME_SIZE, "%s", slash + 1);
    strcpy(slash + 1, "enter");
    return read_file(path, size);
}

/* ---- the room ------------------------------------------------------ */

/* Says why another's program is not judged here, and ends. */
static _Noreturn void refuse_others(const char *missing)
{
    char fence[200] = "this system has no Landlock";
    if (fence_version() > 0)
        snprintf(fence, sizeof fence,
                 "this system's Landlock has version %d, which is "
                 "enough for root; others need version %d, Linux 6.12",
                 fence_version(), FENCE_SIGNALS);
    fprintf(stderr,
            "judge: someone else's program is judged only in a room of "
            "its own or behind a fence.\n"
            "  There is no room: %s.\n"
            "  And no fence: %s.\n"
            "  %s%sIf it is your own, -o says so; --trust does without "
            "both.\n",
            missing, fence, remedy(), *remedy() ? "\n  " : "");
    exit(2);
}

/* Where the program runs, in words; `missing`: why not in a room. */
static const char *place_in_words(const char *missing, bool trusted)
{
    static char text[900];
    const char *whose =
        as_our_user() ? "with your own rights" : "as an ordinary user";
    if (in_a_room())
        return "in a room of its own";
    if (trusted)
        snprintf(text, sizeof text,
                 "in neither room nor fence, %s: --trust", whose);
    else if (behind_a_fence())
        snprintf(text, sizeof text,
                 "behind a fence, because there is no room: %s. The "
                 "fence leaves open: %s",
                 missing, fence_gaps(as_our_user()));
    else
        snprintf(text, sizeof text,
                 "in neither room nor fence, %s: %s; and this system "
                 "has no Landlock",
                 whose, missing);
    return text;
}

void open_place(bool own, bool trusted, bool quiet)
{
    size_t size;
    char *enter = read_enter(&size);
    const char *missing = trusted ? "" : open_room(enter, size);
    if (missing != NULL) {
        if (!own && !trusted && !fence_keeps_others())
            refuse_others(missing);
        const char *why =
            open_folder(enter, size, !trusted && fence_version() > 0);
        if (why != NULL)
            refuse("/tmp", why);
    }
    if (!quiet || !in_a_room())
        entry("where", place_in_words(missing, trusted));
    free(enter);
}

bool place_program(const char *file, const char *bytes, size_t size)
{
    size_t end = strlen(file);
    bool source = end > 2 && strcmp(file + end - 2, ".c") == 0;
    char name[NAME_SIZE + 4];
    snprintf(name, sizeof name, "%s%s", the_judge()->name,
             source ? ".c" : "");
    if (!put(name, bytes, size, source ? 0644 : 0755))
        refuse(file, "it cannot be put into the room");
    return !source || compile(is_interrupted);
}

/* ---- the one that watches ------------------------------------------ */

static volatile sig_atomic_t interrupted;
static void on_signal(int number)
{
    interrupted = number;
}

bool is_interrupted(void)
{
    return interrupted != 0;
}

int interrupted_status(void)
{
    return 128 + interrupted;
}

void begin_watch(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int ends[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++)
        signal(ends[i], on_signal);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Why the judging must be stopped, or NULL. */
static const char *reason(bool late, bool crowded)
{
    if (interrupted)
        return "interrupted";
    if (late)
        return "it takes too long, all in all";
    if (memory_below() > MEMORY)
        return "it uses more memory than a program like it ever needs";
    if (crowded)
        return "it starts more processes than a program like it ever "
               "needs";
    return NULL;
}

static int supervise(pid_t child, long milliseconds)
{
    int crowd = the_judge()->crowd;
    long long until = fair_now() + milliseconds;
    long long last = now() + BUSIEST * milliseconds;
    long long below = now(); /* when it last was below the limit */
    for (int status;;) {
        pid_t got = 1;
        /* Orphans of a program are ours, and count until they are reaped;
         * it may make them as fast as we reap. */
        for (int i = 0; i < 1000 && got > 0 && got != child; i++)
            got = waitpid(-1, &status, WNOHANG);
        if (got == child) {
            if (WIFEXITED(status))
                return WEXITSTATUS(status);
            if (in_a_room()
                || (behind_a_fence() && fence_keeps_others()))
                /* from there nobody reaches it */
                could_not("the judge was killed",
                          strsignal(WTERMSIG(status)));
            entry("came", "the judge itself was killed: does the"
                          " program kill its parent?");
            return 1;
        }
        bool late = fair_now() > until || now() > last;
        if (processes_below() < PROCESSES + crowd)
            below = now();
        bool bomb =
            !counts_processes() && processes_below() > BOMB + crowd;
        const char *why = reason(late, bomb || now() - below > CROWDED);
        if (why != NULL) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            entry("came", why);
            return interrupted ? interrupted_status() : 1;
        }
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGCHLD);
        long pause = counts_processes() ? 50000000 : 10000000;
        sigtimedwait(&set, NULL, &(struct timespec){0, pause});
    }
}

/* A program that got no process may have been right: looks whether as
 * many as it is promised can be had here, below its limit. If not, there
 * is no verdict. fork(2): EAGAIN, by the limits of the user or of the
 * container */
static void try_processes(void)
{
    enum { MOST = 1024 };
    static pid_t children[MOST];
    int ends[2], wanted = PROCESSES + the_judge()->crowd, count = 0,
                 error = 0;
    struct rlimit ours, lower;
    if (pipe2(ends, O_CLOEXEC) == -1)
        could_not("a pipe", strerror(errno));
    getrlimit(RLIMIT_NPROC, &ours);
    lower = ours;
    if (!counts_processes() && process_limit() < ours.rlim_cur)
        lower.rlim_cur = process_limit();
    setrlimit(RLIMIT_NPROC, &lower);
    while (count < wanted && count < MOST && error == 0) {
        pid_t child = fork();
        if (child == 0) {
            char byte;
            close(ends[1]);
            _exit(read(ends[0], &byte, 1) == 1);
        }
        if (child == -1)
            error = errno;
        else
            children[count++] = child;
    }
    setrlimit(RLIMIT_NPROC, &ours);
    close(ends[0]), close(ends[1]);
    while (count > 0)
        waitpid(children[--count], NULL, 0);
    if (error != 0)
        could_not("the processes that a program may have",
                  strerror(error));
}

int watched(void (*act)(void), long milliseconds)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == -1)
        could_not("a process for the judge", strerror(errno));
    if (child == 0) {
        signals_unblock();
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        signal(SIGCHLD, SIG_DFL);
        act();
        end_judging();
    }
    int status = supervise(child, milliseconds);
    if (status == 1) {
        sweep();
        try_processes();
    }
    return status;
}

/* In a process of its own, since its verdict does not count. */
static _Noreturn void judge_unseen(void (*act)(void), long milliseconds)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, 1), dup2(nowhere, 2);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    begin_watch();
    the_judge()->telling = the_judge()->faults_only = true;
    watched(act, milliseconds);
    sweep();
    _exit(0);
}

const char *faults_in(void (*act)(void), long milliseconds)
{
    static char text[FAULTS + 1];
    size_t got = 0;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1)
        return NULL;
    the_judge()->faults_to = ends[1];
    pid_t child = fork();
    if (child == 0)
        judge_unseen(act, milliseconds);
    close(ends[1]);
    for (ssize_t n;
         got < FAULTS
         && (n = read(ends[0], text + got, FAULTS - got)) > 0;)
        got += (size_t)n;
    close(ends[0]); /* it ends at its next remark */
    if (child != -1)
        waitpid(child, NULL, 0);
    while (got > 0 && text[got - 1] != '\n') /* of a line cut off */
        got--;
    text[got] = '\0';
    return got > 0 ? text : NULL;
}
