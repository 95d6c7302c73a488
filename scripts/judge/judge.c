/* judge: tries one student's program from outside and says whether it
 * does what the exercise asks for.
 *
 *   NN_name [-o | -t] [-e] FILE    judges FILE, a source or a program
 *   NN_name -r                     says where to read on
 *
 *   -o  one's own: without a room too, which is then said
 *   -t  trusted: without a room
 *   -e  the port comes by LESSON_PORT, not as an argument
 *
 * Exit status 0: mended; 1: not yet, and the report says why; 2: it was
 * not judged, and one line says why. Whatever the program does, the
 * judge ends in time and leaves nothing behind. It has two processes:
 * one plays the peer, and the other watches over it and the program.
 */
#define _GNU_SOURCE
#include "judge.h"
#include "room.h"
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
    LIMIT = 9000, /* milliseconds for one judging */
    MEMORY = 512, /* MiB for the program and all its children */
    LARGEST = 8 << 20 /* bytes of a file to judge */
};

char program_name[100];

static _Noreturn void refuse(const char *file, const char *why)
{
    fprintf(stderr, "judge: %s: %s\n", file, why);
    exit(2);
}

/* A file into memory. Not through a link: what it leads to may be
 * somebody's. Not from a FIFO: it may never end. The caller frees it. */
static char *read_file(const char *path, size_t *size)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd == -1 && errno == ELOOP)
        refuse(path, "this is a symbolic link; give the file itself");
    if (fd == -1 || fstat(fd, &about) == -1)
        refuse(path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        refuse(path, "this is no regular file");
    if (about.st_size > LARGEST)
        refuse(path, "this is too large, 8 MiB at most");
    char *bytes = malloc((size_t)about.st_size + 1);
    size_t got = 0;
    for (ssize_t n = 1; bytes != NULL && n > 0; got += (size_t)n) {
        n = read(fd, bytes + got, (size_t)about.st_size - got);
        if (n < 0)
            refuse(path, strerror(errno));
    }
    close(fd);
    *size = got;
    return bytes;
}

/* Names the exercise, and returns `enter`, which lies beside us. */
static char *read_enter(size_t *size)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 8);
    path[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        refuse("/proc", "there is none");
    snprintf(program_name, sizeof program_name, "%s", slash + 1);
    strcpy(slash + 1, "enter");
    return read_file(path, size);
}

/* ---- the one that plays the peer ----------------------------------- */

static _Noreturn void judge(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    exercise.judge();
    printf("%s: mended.\n", program_name);
    entry("why", exercise.why);
    fflush(stdout);
    _exit(0);
}

/* ---- the one that watches ------------------------------------------ */

static volatile sig_atomic_t interrupted;
static void on_signal(int number)
{
    interrupted = number;
}

static bool is_interrupted(void)
{
    return interrupted != 0;
}

/* Returns the exit status. */
static int supervise(pid_t child)
{
    long until = now() + LIMIT;
    for (int status;;) {
        if (waitpid(child, &status, WNOHANG) == child) {
            if (WIFEXITED(status))
                return WEXITSTATUS(status);
            entry("came", "the judge itself was killed: does the"
                          " program kill its parent?");
            return 1;
        }
        const char *why = NULL;
        if (interrupted)
            why = "interrupted";
        else if (now() > until)
            why = "it takes too long; nothing of it was waited for "
                  "longer";
        else if (memory_below() > MEMORY)
            why = "it uses more memory than a program like it ever "
                  "needs";
        if (why != NULL) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            entry("came", why);
            return interrupted ? 128 + interrupted : 1;
        }
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGCHLD);
        sigtimedwait(&set, NULL, &(struct timespec){0, 150000000});
    }
}

/* Opens the room, or says why there is none. */
static void open_place(bool own, bool trusted)
{
    size_t size;
    char *enter = read_enter(&size);
    const char *missing =
        trusted ? "" : open_room(enter, size);
    if (missing != NULL && !own && !trusted) {
        fprintf(stderr,
                "judge: somebody else's program is judged in a room of"
                " its own only, and there is none:\n  %s.\n"
                "  As root (sudo) it may be there. --trust judges"
                " without it.\n",
                missing);
        exit(2);
    }
    if (missing != NULL) {
        if (!trusted) {
            char text[600];
            snprintf(text, sizeof text,
                     "%s. Your program runs without it, with your own "
                     "rights.",
                     missing);
            entry("no room", text);
        }
        missing = open_folder(enter, size);
        if (missing != NULL)
            refuse("/tmp", missing);
    }
    free(enter);
}

/* Compiles what is a source; judges. Returns the exit status. */
static int judge_file(const char *file, const char *bytes, size_t size)
{
    size_t end = strlen(file);
    bool source = end > 2 && strcmp(file + end - 2, ".c") == 0;
    char name[sizeof program_name + 4];
    snprintf(name, sizeof name, "%s%s", program_name,
             source ? ".c" : "");
    if (!put(name, bytes, size, source ? 0644 : 0755))
        refuse(file, "it cannot be put into the room");
    if (source && !compile(is_interrupted)) {
        if (interrupted)
            return 128 + interrupted;
        printf("%s: not yet. It does not compile.\n", program_name);
        return 1;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == -1)
        refuse(file, strerror(errno));
    if (child == 0)
        judge();
    int status = supervise(child);
    if (status == 1)
        printf("%s: not yet.\n", program_name);
    return status;
}

int main(int argc, char *argv[])
{
    bool own = false, trusted = false;
    for (int c; (c = getopt(argc, argv, "oter")) != -1;)
        switch (c) {
        case 'o':
            own = true;
            break;
        case 't':
            trusted = true;
            break;
        case 'e':
            port_in_environment = true;
            break;
        case 'r':
            puts(exercise.read);
            return 0;
        default:
            return 2;
        }
    if (argc != optind + 1) {
        fprintf(stderr, "usage: judge [-o | -t] [-e] FILE\n");
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
    size_t size; /* read first: in the room /tmp is another one */
    char *bytes = read_file(argv[optind], &size);
    open_place(own, trusted);
    int status = judge_file(argv[optind], bytes, size);
    fflush(stdout);
    free(bytes);
    sweep();
    leave_folder();
    return status;
}
