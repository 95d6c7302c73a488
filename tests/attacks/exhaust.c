// Takes what no limit of a process counts: the buffers of sockets and
// pipes, terminals, watches on files. As many processes as it may have do.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

static char text[1 << 16];

static void fill(int fd)
{
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (write(fd, text, sizeof text) > 0)
        ;
}

int main(void)
{
    int ends[2];
    if (posix_openpt(O_RDWR | O_NOCTTY) != -1)
        fprintf(stderr, "stolen: a terminal\n");
    if (inotify_init() != -1)
        fprintf(stderr, "stolen: a watch on files\n");
    for (int i = 0; i < 5; i++)
        fork();
    for (;;) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0)
            fill(ends[0]);
        else if (pipe(ends) == 0)
            fill(ends[1]);
        else
            pause();
    }
}
