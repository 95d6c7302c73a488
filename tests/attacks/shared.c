// Takes memory that belongs to no process, so that no limit of a process
// counts it; and tries calls of the kernel that are seldom used.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const size_t piece = 64 << 20;

static int by_shmget(void)
{
    int id = shmget(IPC_PRIVATE, piece, IPC_CREAT | 0600);
    void *p = id == -1 ? (void *)-1 : shmat(id, NULL, 0);
    if (p == (void *)-1)
        return 0;
    memset(p, 1, piece);
    shmdt(p); // no process maps it, but it stays
    shmctl(id, IPC_RMID, NULL);
    return 1;
}

static int by_memfd(void)
{
    static char text[1 << 20];
    int fd = memfd_create("x", 0);
    return fd != -1 && write(fd, text, sizeof text) > 0;
}

// One page of the piece stays mapped, and that keeps the whole piece.
static int by_mapping(void)
{
    int zero = open("/dev/zero", O_RDWR);
    char *p = mmap(NULL, piece, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *other = mmap(NULL, piece, PROT_READ, MAP_SHARED, zero, 0);
    return (p != MAP_FAILED && munmap(p + 4096, piece - 4096) == 0)
           || other != MAP_FAILED;
}

// A page, which is allowed, becomes many.
static int by_remapping(void)
{
    char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *more = mremap(p, 4096, piece, MREMAP_MAYMOVE);
    pid_t child = p == MAP_FAILED || more == MAP_FAILED ? -1 : fork();
    int status = 1;
    if (child == 0) {
        memset(more, 1, piece); // SIGBUS behind the page
        _exit(0);
    }
    return child != -1 && waitpid(child, &status, 0) == child
           && status == 0;
}

static int by_messages(void)
{
    struct mq_attr large = {.mq_maxmsg = 10, .mq_msgsize = 8192};
    mqd_t queue = mq_open("/x", O_CREAT | O_RDWR, 0600, &large);
    mq_unlink("/x");
    return queue != (mqd_t)-1;
}

int main(void)
{
    static char text[1 << 14];
    struct sched_param first = {.sched_priority = 10};
    if (mlock(text, sizeof text) == 0 || by_messages()
        || sched_setscheduler(0, SCHED_FIFO, &first) == 0)
        fprintf(stderr, "stolen: what the caller's limits allow\n");
    // One piece proves as much as many.
    if (by_shmget() || by_memfd() || by_mapping() || by_remapping())
        fprintf(stderr, "stolen: memory that nobody counts\n");
    if (socket(AF_VSOCK, SOCK_STREAM, 0) != -1
        || socket(AF_ALG, SOCK_SEQPACKET, 0) != -1)
        fprintf(stderr, "stolen: a network beyond the room's\n");
    if (syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
                KEY_SPEC_SESSION_KEYRING, 0)
            != -1
        || syscall(SYS_add_key, "user", "x", "x", 1,
                   KEY_SPEC_SESSION_KEYRING)
               != -1)
        fprintf(stderr, "stolen: the keyring\n");
    if (unshare(CLONE_NEWUSER) == 0)
        fprintf(stderr, "stolen: root, in a namespace\n");
    return 0;
}
