// Writes to other people's files, the judge and its own source too.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    const char *paths[] = {"@HOME@/secret",
                           "@HOME@/new",
                           "@NEIGHBOUR@",
                           "@TREE@/README.md",
                           "@TREE@/scripts/check",
                           "@TREE@/scripts/judge/exercises/03_one_behind.c",
                           "@TREE@/build/judge/03_one_behind",
                           "@TREE@/build/judge/enter",
                           "@TREE@/build/judge/room.o",
                           "@TREE@/build/mended/03/right.c",
                           "@SOURCE@",
                           "03_one_behind.c",
                           "/room/enter",
                           "/room/new",
                           "/usr/bin/cc",
                           "/usr/new",
                           "/new",
                           "/dev/new",
                           "/etc/ld.so.preload"};
    const char *words = "#!/bin/sh\nexit 0\n";
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (chmod(paths[i], 0777) == 0)
            fprintf(stderr, "written: the rights of %s\n", paths[i]);
        if (truncate(paths[i], 0) == 0
            || utimensat(AT_FDCWD, paths[i], NULL, 0) == 0)
            fprintf(stderr, "written: the size or time of %s\n",
                    paths[i]);
        int fd = open(paths[i], O_WRONLY | O_CREAT | O_TRUNC, 0777);
        if (fd != -1 && write(fd, words, strlen(words)) > 0)
            fprintf(stderr, "written: %s\n", paths[i]);
        unlink(paths[i]);
        rename("/tmp", "@HOME@");
    }
    return 0;
}
