/* pool: runs many judges at once, because they mostly wait: for a slow
 * program, or for one that never does what it should.
 *
 * On an overloaded machine a correct program can seem too slow. So when
 * a judge says "not yet" after one of its waits may have run out, the
 * program is judged again at the end, with half as many at once; that
 * verdict counts. With more at once in the second round than in the
 * first, 3 of 1800 verdicts were wrong, beside 50 busy programs.
 */
#define _GNU_SOURCE
#include "grading.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    MOST_JOBS = 64,
    WAIT = 2900, /* ms: a little less than the judges' PATIENCE */
    LONGEST = 60, /* seconds: a judge that takes longer is killed */
    SAID = 64 << 10 /* bytes of a judge's output that are kept */
};

struct job {
    pid_t pid; /* 0: free */
    int student, column, words; /* words: descriptor of its output */
    long start;
};
static struct job jobs[MOST_JOBS];

static long now(void) /* in milliseconds */
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* In the child: becomes the judge. If we die, it gets SIGTERM. */
static _Noreturn void run(const char *judge, const char *place,
                          char *copy, int words, pid_t parent)
{
    sigset_t none;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    setpgid(0, 0); /* so that Ctrl-C reaches only us */
    int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    dup2(words, 1);
    dup2(words, 2);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execl(judge, judge, place ? place : copy, place ? copy : NULL,
          (char *)NULL);
    dprintf(2, "judge: %s: %s\n", judge, strerror(errno));
    _exit(127);
}

static void start(const struct class_ *c, struct job *job, int student,
                  int column)
{
    const char *judge = c->columns[column].judge;
    char *copy = stored(c, &c->students[student], column, ".c");
    pid_t parent = getpid();
    *job = (struct job){
        .student = student, .column = column, .start = now()};
    job->words = memfd_create("words", MFD_CLOEXEC);
    if (job->words == -1)
        stop_with(1, "no memory for a judge's words: %s",
                  strerror(errno));
    job->pid = fork();
    if (job->pid == -1)
        stop_with(1, "no process for a judge: %s", strerror(errno));
    if (job->pid == 0)
        run(judge, c->place, copy, job->words, parent);
    free(copy);
}

/* Puts the last line of a judge's output into the note. */
static void note_last(struct piece *p, char *said)
{
    size_t end = strlen(said);
    while (end > 0 && said[end - 1] == '\n')
        said[--end] = '\0';
    char *line = strrchr(said, '\n');
    char *words = shown(line ? line + 1 : said);
    snprintf(p->note, sizeof p->note, "%s", words);
    free(words);
}

/* Takes the verdict of a judge that has ended. */
static void take(struct class_ *c, struct job *job, int status)
{
    struct student *s = &c->students[job->student];
    struct piece *p = &s->pieces[job->column];
    bool second = p->verdict == NOT_YET;
    char *said = need(malloc(SAID + 1));
    ssize_t size = pread(job->words, said, SAID, 0);
    said[size > 0 ? size : 0] = '\0';
    close(job->words);
    job->pid = 0;
    p->settled = true;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (code == 0) {
        p->verdict = MENDED;
    } else if (code == 1) {
        static const char compile[] = ": not yet. It does not "
                                      "compile.\n";
        size_t length = strlen(said), end = sizeof compile - 1;
        p->verdict = NOT_YET;
        p->settled = second || now() - job->start < WAIT;
        if (length >= end
            && strcmp(said + length - end, compile) == 0) {
            p->verdict = NO_PROGRAM;
            p->settled = true;
        }
    } else {
        p->verdict = NOT_JUDGED;
        note_last(p, said);
        if (code == -1)
            snprintf(p->note, sizeof p->note,
                     "its judge was ended by signal %d",
                     WTERMSIG(status));
    }
    if (p->verdict != NOT_JUDGED)
        keep_verdict(c, s, job->column, said, strlen(said));
    free(said);
}

/* Sends SIGTERM to all judges, and waits for them. */
static void end_judges(void)
{
    for (int i = 0; i < MOST_JOBS; i++)
        if (jobs[i].pid != 0)
            kill(jobs[i].pid, SIGTERM);
    for (int i = 0; i < MOST_JOBS; i++)
        if (jobs[i].pid != 0)
            waitpid(jobs[i].pid, NULL, 0);
}

static void progress(int done, int total, long began, bool last)
{
    static long said;
    if (done <= 1 && !last)
        said = said > began ? said : began;
    bool screen = isatty(2);
    long time = now() - began;
    if (!last && now() - said < (screen ? 500 : 10000))
        return;
    said = now();
    fprintf(stderr, "%sgrade: %d of %d judged", screen ? "\r" : "",
            done, total);
    if (!last && done > 0 && time > 3000)
        fprintf(stderr, ", about %ld s left%s",
                time * (total - done) / done / 1000,
                screen ? "   " : "");
    else if (screen)
        fputs("                     ", stderr);
    if (!screen || last)
        fputc('\n', stderr);
    fflush(stderr);
}

static bool is_due(const struct piece *p, bool again)
{
    return again ? p->verdict == NOT_YET && !p->settled
                 : p->verdict == WAITING;
}

static int count_due(const struct class_ *c, bool again)
{
    int count = 0;
    for (int i = 0; i < c->student_count; i++)
        for (int k = 0; k < c->column_count; k++)
            count += is_due(&c->students[i].pieces[k], again);
    return count;
}

static sigset_t signals;

/* Waits until a judge ends, at most 200 ms; takes the verdicts of those
 * that have ended. Returns how many. A signal ends the program. */
static int reap(struct class_ *c, int done, int total)
{
    int ended = 0, status;
    struct timespec while_ = {0, 200000000};
    int signal = sigtimedwait(&signals, NULL, &while_);
    if (signal != -1 && signal != SIGCHLD) {
        end_judges();
        memset(jobs, 0, sizeof jobs);
        fprintf(stderr,
                "\ngrade: interrupted, %d of %d judged; the same "
                "command goes on from there\n",
                done, total);
        exit(128 + signal);
    }
    for (int i = 0; i < MOST_JOBS; i++) {
        if (jobs[i].pid == 0)
            continue;
        if (now() - jobs[i].start > LONGEST * 1000)
            kill(jobs[i].pid, SIGKILL);
        if (waitpid(jobs[i].pid, &status, WNOHANG) != jobs[i].pid)
            continue;
        take(c, &jobs[i], status);
        ended++;
    }
    return ended;
}

/* Judges all that is due, `at_once` at a time. */
static void round_of(struct class_ *c, int at_once, bool again)
{
    int total = count_due(c, again), done = 0, next = 0, busy = 0;
    int all = c->student_count * c->column_count;
    long began = now();
    if (total == 0)
        return;
    if (again)
        fprintf(stderr, "grade: %d were slow and wrong: once more\n",
                total);
    while (done < total) {
        for (int i = 0; i < at_once && next < all; i++) {
            if (jobs[i].pid != 0)
                continue;
            while (next < all
                   && !is_due(&c->students[next / c->column_count]
                                   .pieces[next % c->column_count],
                              again))
                next++;
            if (next == all)
                break;
            start(c, &jobs[i], next / c->column_count,
                  next % c->column_count);
            next++;
            busy++;
        }
        if (busy == 0)
            break;
        int ended = reap(c, done, total);
        done += ended;
        busy -= ended;
        progress(done, total, began, done == total);
    }
}

void judge_all(struct class_ *c)
{
    int at_once = c->jobs < MOST_JOBS ? c->jobs : MOST_JOBS;
    int ends[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
    sigemptyset(&signals);
    for (int i = 0; i < 4; i++)
        sigaddset(&signals, ends[i]);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    atexit(end_judges);
    if (count_due(c, false) > 0 && c->where[0] != '\0')
        fprintf(stderr, "grade: %s\n", c->where);
    round_of(c, at_once, false);
    round_of(c, at_once > 1 ? at_once / 2 : 1, true);
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
}
