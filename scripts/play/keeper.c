/* keeper.c: however the player ends, no program outlives it. It kills
 * them itself (play_end_all). So does the keeper, a process that reads a
 * pipe from the player up to end of file. On Linux, so does the kernel.
 * A compiler gets SIGTERM, after which it removes its temporary files.
 * If the player is killed, the keeper restores the terminal, too.
 *
 * The programs of a play run in a folder of their own, since a socket of
 * AF_UNIX is a file: two plays at a time do not meet there, and nothing is
 * left. If it cannot be made, they run where the player does.
 */
#include "../common/memory.h"
#include "engine.h"
#include "screen.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
    MOST_FD = 1024, /* the keeper closes descriptors below this */
    KEPT = 64, /* programs at one time */
};

/* A process group, and the signal that ends it. */
struct group {
    pid_t leader; /* 0: a free place */
    int signal;
};

static volatile struct group kept[KEPT];
static int keeper = -1; /* our end of its pipe */
static char *folder; /* in which the programs run; NULL: where we do */

void play_end_all(void)
{
    for (int i = 0; i < KEPT; i++)
        if (kept[i].leader > 0)
            kill(-kept[i].leader, kept[i].signal);
}

/* Restores the terminal, unless a shell has been faster: then its keys
 * are no longer as `ours`. It is not the terminal of our session (see
 * setsid), so no SIGTTOU stops us. */
static void restore(const struct termios *before,
                    const struct termios *ours, bool painted)
{
    struct termios now;

    if (tcgetattr(STDOUT_FILENO, &now) == 0
        && now.c_iflag == ours->c_iflag && now.c_lflag == ours->c_lflag)
        tcsetattr(STDOUT_FILENO, TCSANOW, before);
    if (painted
        && write(STDOUT_FILENO, SCREEN_CLOSE, strlen(SCREEN_CLOSE))
               == -1)
        return; /* the terminal is gone */
}

const char *programs_folder(void)
{
    return folder;
}

void programs_clean(void)
{
    int fd;
    DIR *list;

    if (folder == NULL)
        return;
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    list = fd == -1 ? NULL : fdopendir(fd);
    for (struct dirent *entry;
         list != NULL && (entry = readdir(list)) != NULL;)
        unlinkat(fd, entry->d_name, 0); /* not . and .. */
    if (list != NULL)
        closedir(list);
    else if (fd != -1)
        close(fd);
}

static void remove_folder(void)
{
    programs_clean();
    if (folder != NULL)
        rmdir(folder);
}

static void make_folder(void)
{
    const char *place = getenv("TMPDIR");
    bool set = place != NULL && place[0] != '\0';

    folder = memory_text("%s/play.XXXXXX", set ? place : "/tmp");
    if (mkdtemp(folder) == NULL) {
        free(folder);
        folder = NULL;
    }
}

/* The keeper: reads a group with its signal when it starts, with 0 when
 * it has ended; at end of file it ends those that are left. What it reads
 * of group 0 is the state of the terminal, an enum programs_terminal. */
static _Noreturn void keep(int from, const struct termios *before)
{
    struct group groups[KEPT] = {{0, 0}}, heard;
    int terminal = TERMINAL_AS_BEFORE;
    struct termios ours = {0};

    setsid();
    for (int fd = 0; fd < MOST_FD; fd++)
        if (fd != from && !(before != NULL && fd == STDOUT_FILENO))
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
        if (heard.leader == 0) {
            terminal = heard.signal;
            tcgetattr(STDOUT_FILENO, &ours);
        }
        for (int i = 0; i < KEPT && heard.leader != 0; i++)
            if (groups[i].leader == (heard.signal ? 0 : heard.leader)) {
                groups[i] = heard.signal ? heard : (struct group){0, 0};
                break;
            }
    }
    for (int i = 0; i < KEPT; i++)
        if (groups[i].leader > 0)
            kill(-groups[i].leader, groups[i].signal);
    if (before != NULL && terminal != TERMINAL_AS_BEFORE)
        restore(before, &ours, terminal == TERMINAL_PAINTED);
    remove_folder();
    _exit(0);
}

int programs_begin(bool in_folder)
{
    struct termios before;
    bool there;
    int ends[2];
    pid_t pid;

    if (keeper != -1)
        return 0;
    there = tcgetattr(STDOUT_FILENO, &before) == 0;
    signal(SIGPIPE, SIG_IGN);
    if (pipe(ends) == -1)
        return -1;
    if (in_folder)
        make_folder();
    pid = fork();
    if (pid == 0) {
        close(ends[1]);
        keep(ends[0], there ? &before : NULL);
    }
    close(ends[0]);
    if (pid == -1) {
        remove_folder();
        close(ends[1]);
        return -1;
    }
    keeper = ends[1];
    atexit(remove_folder);
    atexit(play_end_all); /* memory.h ends the player, too */
    fcntl(keeper, F_SETFD, FD_CLOEXEC);
    return 0;
}

static void tell_keeper(pid_t leader, int signal)
{
    struct group group = {leader, signal};

    if (keeper != -1 && write(keeper, &group, sizeof group) == -1)
        return; /* the keeper was killed: we still end them ourselves */
}

void programs_keep(pid_t leader, int signal)
{
    for (int i = 0; i < KEPT; i++)
        if (kept[i].leader == 0) {
            kept[i].signal = signal;
            kept[i].leader = leader;
            break;
        }
    tell_keeper(leader, signal);
}

void programs_forget(pid_t leader)
{
    for (int i = 0; i < KEPT; i++)
        if (kept[i].leader == leader)
            kept[i].leader = 0;
    tell_keeper(leader, 0);
}

void programs_terminal(enum programs_terminal state)
{
    tell_keeper(0, (int)state);
}
