/* enter: runs first in the room, or closes the fence. It gives up what
 * the program must not have, sets its limits, and becomes the program.
 *
 *   enter USER PROCESSES FILES MEMORY SIZE SECONDS FLAGS FOLDER PORT
 *         PROGRAM ARG...
 *
 *   USER       the user to become, if this is root; 0: stay
 *   PROCESSES  that user may have; FILES a process may have open
 *   MEMORY     MiB of address space per process; SIZE MiB per file
 *   SECONDS    of processor time per process
 *   FLAGS      1: no standard input, 2: socket(2) fails with EMFILE,
 *              4: once all is set up, a '+' goes to descriptor 51,
 *              8: behind a fence (fence.h), since there is no room
 *   FOLDER     in which the fence lets it write; "-": in none
 *   PORT       the TCP port that the fence lets it use; 0: none
 *
 * With NARRATE_OUT=NUMBER:... in the environment, narrate.so in this
 * folder narrates the program's calls to that descriptor.
 *
 * The program can read it in its room: nothing of the judge is in here.
 */
#define _GNU_SOURCE
#include "../common/signals.h"
#include "calls.h"
#include "fence.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void limit(unsigned what, rlim_t value)
{
    struct rlimit r = {value, value};
    setrlimit(what, &r);
}

/* The descriptor that the narrator writes to; 0: there is none. */
static int telling_on(void)
{
    const char *out = getenv("NARRATE_OUT");
    return out != NULL ? atoi(out) : 0;
}

/* Only here, so that neither bwrap nor we load the narrator. */
static void load_narrator(void)
{
    static char path[600], process[16];
    if (getcwd(path, sizeof path - 20) == NULL)
        return;
    strcat(path, "/narrate.so");
    snprintf(process, sizeof process, "%d", (int)getpid());
    setenv("LD_PRELOAD", path, 1);
    setenv("NARRATE_PROCESS", process, 1);
}

enum { STARTED_FD = 51 };

static void close_range_of(unsigned from, unsigned to)
{
    if (from > to)
        return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, from, to, 0) == 0)
        return;
#endif
    /* Older kernels have none. */
    for (unsigned fd = from; fd <= to && fd < 65536; fd++)
        close((int)fd);
}

/* Descriptors that the caller has left open lead out of the room and
 * may have any number. */
static void close_left_open(int started)
{
    unsigned told = (unsigned)telling_on();
    unsigned next = 3;
    if (told != 0) {
        close_range_of(next, told - 1);
        next = told + 1;
    }
    if (started) {
        close_range_of(next, STARTED_FD - 1);
        next = STARTED_FD + 1;
        fcntl(STARTED_FD, F_SETFD, FD_CLOEXEC);
    }
    close_range_of(next, ~0U);
}

/* Root that could not become another user keeps no right over others'
 * files and processes. capabilities(7) */
static bool give_up_rights(void)
{
    struct __user_cap_header_struct which = {
        _LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0}};
    return syscall(SYS_capset, &which, none) == 0;
}

static int fail(const char *what)
{
    fprintf(stderr, "enter: %s: %s\n", what, strerror(errno));
    return 127;
}

int main(int argc, char *argv[])
{
    enum { PROGRAM = 10 };
    unsigned long number[PROGRAM] = {0};
    if (argc <= PROGRAM)
        return 127;
    for (int i = 1; i < PROGRAM; i++)
        number[i] = strtoul(argv[i], NULL, 10);
    bool fenced = (number[7] & 8) != 0;
    const char *folder = strcmp(argv[8], "-") != 0 ? argv[8] : NULL;

    int started = (number[7] & 4) != 0;
    close_left_open(started);
    /* The keyring that we inherit leads out of it too: this joins a new
     * one. keyctl(2), KEYCTL_JOIN_SESSION_KEYRING without a name */
    syscall(SYS_keyctl, 1, NULL);

    setsid(); /* fails where bwrap has done it already */
    limit(RLIMIT_NOFILE, number[3]);
    limit(RLIMIT_AS, number[4] << 20);
    limit(RLIMIT_STACK, (rlim_t)8 << 20);
    limit(RLIMIT_FSIZE, number[5] << 20);
    limit(RLIMIT_CPU, number[6]);
    /* With 0 the kernel would still start the host's handler of core
     * dumps; with 1 it does not. core(5), the kernel's fs/coredump.c */
    limit(RLIMIT_CORE, 1);
    limit(RLIMIT_NPROC, number[2]);
    /* Some systems let their users have priority over all others, lock
     * memory, and leave messages in the kernel. */
    limit(RLIMIT_RTPRIO, 0);
    limit(RLIMIT_NICE, 0);
    limit(RLIMIT_MEMLOCK, 0);
    limit(RLIMIT_MSGQUEUE, 0);
    if (number[1] != 0) {
        gid_t user = (gid_t)number[1];
        if (setgroups(0, NULL) == -1
            || setresgid(user, user, user) == -1
            || setresuid(user, user, user) == -1)
            return fail("becoming an ordinary user");
    }
    /* Another user's process has lost what become() has set. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
        return fail("giving up privileges");
    if (fenced
        && (!give_up_rights() || !close_fence(folder, number[9])))
        return fail("closing the fence");
    if (folder != NULL) /* the compiler's own files */
        setenv("TMPDIR", folder, 1);
    signals_default();
    if (number[7] & 1)
        close(0);
    if (!filter_calls((number[7] & 2) != 0, fenced))
        return fail("filtering system calls");
    if (telling_on() != 0)
        load_narrator();
    if (started && write(STARTED_FD, "+", 1) != 1)
        return fail("telling the judge");
    execvp(argv[PROGRAM], argv + PROGRAM);
    return fail(argv[PROGRAM]);
}
