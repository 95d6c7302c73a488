/* enter: the first thing in the room. It takes away from itself what the
 * program is not to have, and becomes the program.
 *
 *   enter USER PROCESSES FILES MEMORY SIZE SECONDS FLAGS PROGRAM ARG...
 *
 *   USER       to become if this is root, 0: stay
 *   PROCESSES  it may have, FILES it may have open, each at most
 *   MEMORY     MiB of address space a process, SIZE MiB a file
 *   SECONDS    of processor time a process
 *   FLAGS      1: no standard input, 2: socket(2) fails with EMFILE
 *
 * Nothing of the judge is in here: whoever reads it learns nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
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

/* Lets socket(2) fail from here on. seccomp(2) */
static int forbid_sockets(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {4, code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

static int fail(const char *what)
{
    fprintf(stderr, "enter: %s: %s\n", what, strerror(errno));
    return 127;
}

int main(int argc, char *argv[])
{
    unsigned long number[8] = {0};
    if (argc < 9)
        return 127;
    for (int i = 1; i < 8; i++)
        number[i] = strtoul(argv[i], NULL, 10);

    /* Descriptors that somebody has left open lead out of the room. */
    for (int fd = 3; fd < 1024; fd++)
        close(fd);
    /* So does the keyring that we have inherited. keyctl(2):
     * KEYCTL_JOIN_SESSION_KEYRING, with no name: a new one. */
    syscall(SYS_keyctl, 1, NULL);

    setsid(); /* fails where bwrap has done it already */
    limit(RLIMIT_NOFILE, number[3]);
    limit(RLIMIT_AS, number[4] << 20);
    limit(RLIMIT_STACK, (rlim_t)8 << 20);
    limit(RLIMIT_FSIZE, number[5] << 20);
    limit(RLIMIT_CPU, number[6]);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NPROC, number[2]);
    if (number[1] != 0) {
        gid_t user = (gid_t)number[1];
        if (setgroups(0, NULL) == -1
            || setresgid(user, user, user) == -1
            || setresuid(user, user, user) == -1)
            return fail("becoming an ordinary user");
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
        return fail("giving up privileges");
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (number[7] & 1)
        close(0);
    if ((number[7] & 2) && forbid_sockets() == -1)
        return fail("forbidding sockets");
    execvp(argv[8], argv + 8);
    return fail(argv[8]);
}
