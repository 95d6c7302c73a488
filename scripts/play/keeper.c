/* keeper.c: however the player ends, no program outlives it. It kills
 * them itself (play_end_all). So does the keeper, a process that reads a
 * pipe from the player up to end of file. On Linux, so does the kernel.
 */
#include "engine.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum {
    MOST_FD = 1024, /* the keeper closes descriptors below this */
    KEPT = 64, /* programs at one time */
};

static volatile pid_t kept[KEPT]; /* process groups; 0: a free place */
static int keeper = -1; /* our end of its pipe */

/* The keeper: reads +PID for each process group that starts, -PID for
 * each that has ended; at end of file it kills those that are left. */
static _Noreturn void keep(int from)
{
    pid_t groups[KEPT] = {0}, heard;

    setsid();
    for (int fd = 0; fd < MOST_FD; fd++)
        if (fd != from)
            close(fd);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    for (;;) {
        ssize_t n = read(from, &heard, sizeof heard);

        if (n == -1 && errno == EINTR)
            continue;
        if (n != (ssize_t)sizeof heard)
            break;
        for (int i = 0; i < KEPT; i++)
            if (groups[i] == (heard > 0 ? 0 : -heard)) {
                groups[i] = heard > 0 ? heard : 0;
                break;
            }
    }
    for (int i = 0; i < KEPT; i++)
        if (groups[i] > 0)
            kill(-groups[i], SIGKILL);
    _exit(0);
}

int programs_begin(void)
{
    int ends[2];
    pid_t pid;

    if (keeper != -1)
        return 0;
    signal(SIGPIPE, SIG_IGN);
    if (pipe(ends) == -1)
        return -1;
    pid = fork();
    if (pid == 0) {
        close(ends[1]);
        keep(ends[0]);
    }
    close(ends[0]);
    if (pid == -1) {
        close(ends[1]);
        return -1;
    }
    keeper = ends[1];
    fcntl(keeper, F_SETFD, FD_CLOEXEC);
    return 0;
}

static void tell_keeper(pid_t what)
{
    if (keeper != -1 && write(keeper, &what, sizeof what) == -1)
        return; /* the keeper was killed: we still end them ourselves */
}

void programs_keep(pid_t pid)
{
    for (int i = 0; i < KEPT; i++)
        if (kept[i] == 0) {
            kept[i] = pid;
            break;
        }
    tell_keeper(pid);
}

void programs_forget(pid_t pid)
{
    for (int i = 0; i < KEPT; i++)
        if (kept[i] == pid)
            kept[i] = 0;
    tell_keeper(-pid);
}

void play_end_all(void)
{
    for (int i = 0; i < KEPT; i++)
        if (kept[i] > 0)
            kill(-kept[i], SIGKILL);
}
