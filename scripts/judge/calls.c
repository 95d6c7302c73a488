/* calls: a filter for the system calls of a judged program. */
#define _GNU_SOURCE
#include "calls.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* No exercise needs these. They get memory that no limit counts, look
 * into other processes, or reach parts of the kernel that few programs
 * use. */
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
    SYS_setpriority,
    SYS_ioprio_set,
    SYS_inotify_init1,
    SYS_fanotify_init,
#ifdef SYS_inotify_init
    SYS_inotify_init,
#endif
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

/* Without a room these would change what belongs to a file but is not in
 * it, go by what the user may, which Landlock does not ask, or hide a
 * process. */
static const unsigned denied_in_a_fence[] = {
#ifdef SYS_chmod /* newer architectures have only those that follow */
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_utime,
    SYS_utimes,
    SYS_futimesat,
#endif
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchown,
    SYS_fchownat,
    SYS_utimensat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
    SYS_open_by_handle_at,
    SYS_setsid, /* one signal to its group ends all that it started */
    SYS_setpgid,
    452, /* fchmodat2: since 424 numbers are the same everywhere */
    463, /* setxattrat */
    466, /* removexattrat */
    469, /* file_setattr */
};

/* The first argument of these is a process, of which 0 is the caller; in a
 * room the first process is not the program's. */
static const unsigned on_process[] = {
    SYS_prlimit64, SYS_sched_setaffinity, SYS_sched_setscheduler,
    SYS_sched_setparam, SYS_sched_setattr};

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

/* ---- the parts of a filter ------------------------------------------ */

enum { LONGEST = 300, PAGE = 4096 };
static struct sock_filter code[LONGEST];
static unsigned short length;

static void add(unsigned what, unsigned value, int yes, int no)
{
    code[length++] =
        (struct sock_filter){(unsigned short)what, (unsigned char)yes,
                             (unsigned char)no, value};
}

static void load(size_t where)
{
    add(BPF_LD | BPF_W | BPF_ABS, (unsigned)where, 0, 0);
}

static void load_number(void)
{
    load(offsetof(struct seccomp_data, nr));
}

/* The lower half, as systems of ours store it. */
static void load_argument(int i)
{
    load(offsetof(struct seccomp_data, args)
         + (size_t)i * sizeof(__u64));
}

static void fail_with(int error)
{
    add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error, 0, 0);
}

/* Between these parts, the number of the call is loaded. */

static void deny(unsigned call, int error)
{
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
    fail_with(error);
}

static void deny_all(const unsigned *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        deny(list[i], EPERM);
}

/* The call fails where a test of argument `i`, BPF_JEQ or BPF_JSET with
 * this value, gives the result. */
static void deny_where(unsigned call, int i, unsigned test,
                       unsigned value, int result, int error)
{
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
    load_argument(i);
    add(BPF_JMP | test | BPF_K, value, !result, result);
    fail_with(error);
    load_number();
}

/* The call fails unless argument `i` is one of these; if `family` is not
 * -1, only where argument 0 is that. */
static void allow_only(unsigned call, int family, int i,
                       const unsigned *values, int count, int error)
{
    int before = family == -1 ? 0 : 2;
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, before + 3 + count);
    if (family != -1) {
        load_argument(0);
        add(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)family, 0, count + 2);
    }
    load_argument(i);
    for (int k = 0; k < count; k++)
        add(BPF_JMP | BPF_JEQ | BPF_K, values[k], count - k, 0);
    fail_with(error);
    load_number();
}

/* ---- the filter ------------------------------------------------------ */

static void add_fence(void)
{
    static const unsigned inet[] = {0, IPPROTO_TCP, IPPROTO_UDP},
                          kernel[] = {NETLINK_ROUTE, NETLINK_SOCK_DIAG},
                          inet_only[] = {AF_INET, AF_INET6, AF_NETLINK};
    deny_all(denied_in_a_fence,
             sizeof denied_in_a_fence / sizeof *denied_in_a_fence);
    deny_where(SYS_kill, 0, BPF_JEQ, ~0U, 1, EPERM); /* -1: all */
    /* A Unix socket with a path leads to the user's desktop, keys and
     * containers; socketpair(2) needs none. */
    allow_only(SYS_socket, -1, 0, inet_only, 3, EAFNOSUPPORT);
    /* Landlock's rules are for TCP and its connect(2): MPTCP would pass
     * them, and a connection that send(2) makes. */
    allow_only(SYS_socket, AF_INET, 2, inet, 3, EPROTONOSUPPORT);
    allow_only(SYS_socket, AF_INET6, 2, inet, 3, EPROTONOSUPPORT);
    deny_where(SYS_sendto, 3, BPF_JSET, MSG_FASTOPEN, 1, EOPNOTSUPP);
    deny_where(SYS_sendmsg, 2, BPF_JSET, MSG_FASTOPEN, 1, EOPNOTSUPP);
    deny_where(SYS_sendmmsg, 3, BPF_JSET, MSG_FASTOPEN, 1, EOPNOTSUPP);
    allow_only(SYS_socket, AF_NETLINK, 2, kernel, 2, EPROTONOSUPPORT);
}

bool filter_calls(bool no_sockets, bool fenced)
{
    static const unsigned families[] = {AF_INET, AF_INET6, AF_UNIX,
                                        AF_NETLINK};
#ifdef SYSTEM
    load(offsetof(struct seccomp_data, arch));
    add(BPF_JMP | BPF_JEQ | BPF_K, SYSTEM, 1, 0);
    add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
#endif
    load_number();
#ifdef __x86_64__
    add(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1); /* x32 */
    fail_with(ENOSYS);
#endif
    deny_all(denied, sizeof denied / sizeof *denied);
    for (size_t i = 0; i < sizeof on_process / sizeof *on_process; i++)
        deny_where(on_process[i], 0, BPF_JEQ, 0, 0, EPERM);
    if (no_sockets)
        deny(SYS_socket, EMFILE);
    if (fenced)
        add_fence();
#ifdef SYS_clone3 /* a filter cannot see its flags; clone will do */
    deny(SYS_clone3, ENOSYS);
#endif
    /* No user namespace: in it the program would be root. */
    deny_where(SYS_clone, 0, BPF_JSET, CLONE_NEWUSER, 1, EPERM);
    /* No shared memory beyond a page: its unmapped part stays as long
     * as some of it is mapped, and no limit counts it. */
    add(BPF_JMP | BPF_JEQ | BPF_K, MAPPING, 0, 8);
    load_argument(3);
    add(BPF_JMP | BPF_JSET | BPF_K, MAP_SHARED, 0, 5);
    load_argument(1);
    add(BPF_JMP | BPF_JGT | BPF_K, PAGE, 2, 0);
    load(offsetof(struct seccomp_data, args[1]) + sizeof(__u32));
    add(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    fail_with(EPERM);
    load_number();
    /* Only families that stay in the room's network: vsock(7), for one,
     * reaches beyond it. */
    allow_only(SYS_socket, -1, 0, families, 4, EAFNOSUPPORT);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    struct sock_fprog filter = {length, code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}
