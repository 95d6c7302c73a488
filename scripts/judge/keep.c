/* keep: how the judge ends. Without a room, what is judged lies in a folder
 * in /tmp. A process of its own, the keeper, removes it, and paths that the
 * program makes beside it: when we say so, and also when we are killed. */
#define _GNU_SOURCE
#include "keep.h"
#include "judge.h"
#include "processes.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Two pipes: the keeper reads paths from `alive`, of which only we have
 * the other side, to its end, then removes them and the folder; `gone`
 * ends with it. */
static int alive[2], gone[2];
static pid_t keeping; /* the process that has a keeper */

/* Reads to the end; returns how many bytes of it are in `to`. */
static size_t read_all(int fd, char *to, size_t room)
{
    size_t size = 0;
    for (ssize_t n; (n = read(fd, to + size, room - size)) != 0;)
        if (n > 0)
            size += (size_t)n;
        else if (errno != EINTR)
            break;
    return size;
}

static _Noreturn void keep(char *folder)
{
    char *words[] = {"rm", "-rf", "--", folder, NULL}, paths[4096];
    int ends[] = {SIGINT, SIGTERM, SIGHUP};
    setsid();
    for (int i = 0; i < 3; i++)
        signal(ends[i], SIG_IGN);
    close(alive[1]), close(gone[0]);
    for (int i = 0; i < 3; i++) { /* our output may be a pipe */
        close(i);
        open("/dev/null", O_RDWR);
    }
    size_t size = read_all(alive[0], paths, sizeof paths);
    for (size_t at = 0; at < size; at += strlen(paths + at) + 1)
        unlink(paths + at);
    fcntl(gone[1], F_SETFD, 0); /* until rm has ended */
    setenv("PATH", "/usr/bin:/bin", 1); /* the caller's may be gone */
    execvp(words[0], words);
    _exit(127);
}

bool keep_folder(char *folder)
{
    if (pipe2(alive, O_CLOEXEC) == -1 || pipe2(gone, O_CLOEXEC) == -1)
        return false;
    /* It must be no descendant of ours, or it would end with the
     * program: its parent, our child, ends at once. */
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    pid_t child = fork();
    if (child == 0) {
        pid_t keeper = fork();
        if (keeper == 0)
            keep(folder);
        _exit(keeper == -1);
    }
    int status = -1;
    bool kept = child != -1 && waitpid(child, &status, 0) == child
                && status == 0;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    close(alive[0]), close(gone[1]);
    keeping = kept ? getpid() : 0;
    return kept;
}

void remove_too(const char *path)
{
    size_t size = strlen(path) + 1;
    if (write(alive[1], path, size) != (ssize_t)size)
        could_not("a path for a program", strerror(errno));
}

static void leave_folder(void)
{
    if (keeping != getpid())
        return;
    char nothing[1];
    close(alive[1]);
    read_all(gone[0], nothing, sizeof nothing);
    keeping = 0;
}

int leave(int status)
{
    fflush(stdout);
    sweep();
    leave_folder();
    return status;
}

void refuse(const char *file, const char *why)
{
    fprintf(stderr, "judge: %s: %s\n", file, why);
    leave_folder();
    exit(2);
}

void could_not(const char *what, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "judge: it could not be judged: %s: %s\n", what,
            why);
    _exit(leave(2));
}
