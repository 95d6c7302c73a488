// Fills every place that it may write to, and all memory.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

int main(void)
{
    static char text[1 << 16];
    const char *folders[] = {"/tmp", "/dev/shm", "/",
                             "/dev", "/room",    "/run"};
    for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++) {
        long written = 0;
        for (int j = 0; j < 5000; j++) {
            char path[64];
            snprintf(path, sizeof path, "%s/%d", folders[i], j);
            int fd = open(path, O_WRONLY | O_CREAT, 0600);
            ssize_t n = fd == -1 ? -1 : write(fd, text, sizeof text);
            if (n <= 0)
                break;
            written += n;
            close(fd);
        }
        if (written > 64 << 20)
            fprintf(stderr, "written: %ld bytes in %s\n", written,
                    folders[i]);
    }
    for (;;) {
        char *p = malloc(1 << 20);
        if (p != NULL)
            memset(p, 1, 1 << 20);
        else if (fork() == -1)
            return 0;
    }
}
