/* enter: runs first in the room. It gives up what the program must not
 * have, sets its limits, and becomes the program.
 *
 *   enter USER PROCESSES FILES MEMORY SIZE SECONDS FLAGS PROGRAM ARG...
 *
 *   USER       the user to become, if this is root; 0: stay
 *   PROCESSES  that user may have, 0: as many as now; FILES a process
 *              may have open
 *   MEMORY     MiB of address space per process; SIZE MiB per file
 *   SECONDS    of processor time per process
 *   FLAGS      1: no standard input, 2: socket(2) fails with EMFILE,
 *              4: once all is set up, a '+' goes to descriptor 51
 *
 * With NARRATE_OUT=NUMBER:... in the environment, narrate.so in this
 * folder narrates the program's calls to that descriptor.
 *
 * The program can read it in its room: nothing of the judge is in here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void limit(unsigned what, rlim_t value)
{
    struct rlimit r = {value, value};
    setrlimit(what, &r);
}

/* ---- system calls that no exercise needs ---------------------------- */

/* They get memory that no limit counts, look into other processes, or
 * reach parts of the kernel that few programs use. */
static const unsigned denied[] = {
    SYS_memfd_create,
    SYS_shmget,
    SYS_shmat,
    SYS_msgget,
    SYS_semget,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_unshare,
    SYS_setns,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
#ifdef SYS_memfd_secret
    SYS_memfd_secret,
#endif
#ifdef SYS_pidfd_getfd
    SYS_pidfd_getfd,
#endif
#ifdef SYS_io_uring_setup
    SYS_io_uring_setup,
#endif
#ifdef SYS_fsopen
    SYS_fsopen,
    SYS_open_tree,
    SYS_move_mount,
#endif
};

/* A call with another architecture's numbers kills the program. */
#if defined __x86_64__
#define SYSTEM AUDIT_ARCH_X86_64
#elif defined __i386__
#define SYSTEM AUDIT_ARCH_I386
#elif defined __aarch64__
#define SYSTEM AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
#define SYSTEM AUDIT_ARCH_RISCV64
#endif

#ifdef SYS_mmap2
#define MAPPING SYS_mmap2
#else
#define MAPPING SYS_mmap
#endif

enum { ROOM = 100, PAGE = 4096 };
static struct sock_filter code[ROOM];
static unsigned short length;

static void add(unsigned short what, unsigned value, int yes, int no)
{
    code[length++] = (struct sock_filter){what, (unsigned char)yes,
                                          (unsigned char)no, value};
}

static void load(unsigned where)
{
    add(BPF_LD | BPF_W | BPF_ABS, where, 0, 0);
}

static void fail_with(int error)
{
    add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error, 0, 0);
}

static void deny(unsigned call, int error)
{
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
    fail_with(error);
}

/* Installs the filter for all calls from here on. seccomp(2) */
static int filter_calls(int no_sockets)
{
    const unsigned first = offsetof(struct seccomp_data, args[0]);
    const unsigned number = offsetof(struct seccomp_data, nr);
#ifdef SYSTEM
    load(offsetof(struct seccomp_data, arch));
    add(BPF_JMP | BPF_JEQ | BPF_K, SYSTEM, 1, 0);
    add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
#endif
    load(number);
#ifdef __x86_64__
    add(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1); /* x32 */
    fail_with(ENOSYS);
#endif
    for (unsigned i = 0; i < sizeof denied / sizeof *denied; i++)
        deny(denied[i], EPERM);
    if (no_sockets)
        deny(SYS_socket, EMFILE);
#ifdef SYS_clone3 /* a filter cannot see its flags; clone will do */
    deny(SYS_clone3, ENOSYS);
#endif
    /* No user namespace: in it the program would be root. */
    add(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
    load(first);
    add(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER, 0, 1);
    fail_with(EPERM);
    /* No shared memory beyond a page: its unmapped part stays as long
     * as some of it is mapped, and no limit counts it. */
    load(number);
    add(BPF_JMP | BPF_JEQ | BPF_K, MAPPING, 0, 7);
    load(first + 3 * sizeof(__u64));
    add(BPF_JMP | BPF_JSET | BPF_K, MAP_SHARED, 0, 5);
    load(first + sizeof(__u64));
    add(BPF_JMP | BPF_JGT | BPF_K, PAGE, 2, 0);
    load(first + sizeof(__u64) + sizeof(__u32));
    add(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    fail_with(EPERM);
    /* Only families that stay in the room's network: vsock(7), for one,
     * reaches beyond it. */
    load(number);
    add(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 6);
    load(first);
    add(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 4, 0);
    add(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 3, 0);
    add(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 2, 0);
    add(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 1, 0);
    fail_with(EAFNOSUPPORT);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    struct sock_fprog filter = {length, code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
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
    if (number[2] != 0)
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
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (number[7] & 1)
        close(0);
    if (filter_calls((number[7] & 2) != 0) == -1)
        return fail("filtering system calls");
    if (telling_on() != 0)
        load_narrator();
    if (started && write(STARTED_FD, "+", 1) != 1)
        return fail("telling the judge");
    execvp(argv[8], argv + 8);
    return fail(argv[8]);
}
