// Reads other people's files, and says so on standard error.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void try_file(int folder, const char *path)
{
    char text[100];
    int fd = openat(folder, path, O_RDONLY);
    ssize_t n = fd == -1 ? -1 : read(fd, text, sizeof text);
    if (n > 0)
        fprintf(stderr, "stolen %.*s from %s\n", (int)(n < 20 ? n : 20),
                text, path);
}

int main(int argc, char *argv[])
{
    const char *paths[] = {"@HOME@/secret",
                           "@NEIGHBOUR@",
                           "@TREE@/README.md",
                           "@TREE@/scripts/judge/exercises/03_one_behind.c",
                           "@TREE@/build/judge/03_one_behind",
                           "@TREE@/build/mended/03/right.c",
                           "/etc/passwd",
                           "/etc/shadow",
                           "/var/log/dpkg.log",
                           "/proc/1/root@HOME@/secret",
                           "/proc/self/cwd/../..@HOME@/secret"};
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++)
        try_file(AT_FDCWD, paths[i]);
    // Folders and files that another program has left open.
    for (int fd = 3; fd < 4096; fd++) {
        char text[20];
        if (read(fd, text, sizeof text) > 0)
            fprintf(stderr, "stolen: descriptor %d is open\n", fd);
        try_file(fd, "secret");
    }
    return argc > 100 || argv[0] == NULL;
}
