/* nouserns: runs a command as in a container of Docker, which is where many
 * meet this project: no new namespaces and no mounts, and of root's rights
 * only those that Docker leaves (its default profile, as of version 27).
 *
 *   nouserns [-u UID] COMMAND [ARGUMENT...]
 *
 * It needs root.  Exit status 127: it could not; else the command's. */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP,
 * NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE, SETFCAP */
static const unsigned rights = 0xA80425FB;
enum { LAST_RIGHT = 40 };

#define FAIL(error) \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define DENY(call, error) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), FAIL(error)

enum {
    NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS
                 | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID
                 | CLONE_NEWNET
};

static int fail(const char *what)
{
    fprintf(stderr, "nouserns: %s: %s\n", what, strerror(errno));
    return 127;
}

static int drop_rights(void)
{
    struct __user_cap_header_struct which = {
        _LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct kept[2] = {{rights, rights, 0}};
    for (int i = 0; i <= LAST_RIGHT; i++)
        if ((i > 31 || !(rights >> i & 1))
            && prctl(PR_CAPBSET_DROP, i) == -1 && errno != EINVAL)
            return -1;
    return (int)syscall(SYS_capset, &which, kept);
}

int main(int argc, char *argv[])
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, nr)),
        DENY(SYS_unshare, EPERM),
        DENY(SYS_setns, EPERM),
        DENY(SYS_mount, EPERM),
        DENY(SYS_umount2, EPERM),
        DENY(SYS_pivot_root, EPERM),
        DENY(SYS_clone3, ENOSYS), /* its flags cannot be seen */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1),
        FAIL(EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog filter = {sizeof code / sizeof *code, code};
    uid_t user = 0;
    if (argc > 2 && strcmp(argv[1], "-u") == 0) {
        user = (uid_t)strtoul(argv[2], NULL, 10);
        argc -= 2, argv += 2;
    }
    if (argc < 2) {
        fputs("usage: nouserns [-u UID] COMMAND [ARGUMENT...]\n",
              stderr);
        return 127;
    }
    if (drop_rights() == -1)
        return fail("giving up rights");
    if (user != 0
        && (setgroups(0, NULL) == -1
            || setresgid(user, user, user) == -1
            || setresuid(user, user, user) == -1))
        return fail("becoming that user");
    /* Also for root: without CAP_SYS_ADMIN the filter takes it. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == -1)
        return fail("the filter");
    execvp(argv[1], argv + 1);
    return fail(argv[1]);
}
