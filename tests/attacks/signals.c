// Sees, traces and ends whatever process it can, its parents too.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
    DIR *proc = opendir("/proc");
    for (struct dirent *e; proc && (e = readdir(proc)) != NULL;) {
        int pid = atoi(e->d_name);
        if (pid > 2 && pid != getpid())
            fprintf(stderr, "seen: process %d\n", pid);
    }
    for (int pid = 1; pid < 70000; pid++) {
        char byte;
        struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
        if (pid == getpid())
            continue;
        if (process_vm_readv(pid, &here, 1, &there, 1, 0) == 1)
            fprintf(stderr, "traced: process %d\n", pid);
        if (ptrace(PTRACE_ATTACH, pid, 0, 0) == 0)
            fprintf(stderr, "traced: process %d\n", pid);
        kill(pid, SIGKILL);
    }
    if (open("/proc/1/mem", O_RDWR) != -1)
        fprintf(stderr, "written: another program's memory\n");
    for (int i = 0; i < 1000; i++) {
        kill(getppid(), SIGKILL);
        kill(-1, SIGKILL);
    }
    return 0;
}
