/* root: the file system of a room except /room, /tmp, /proc and /dev.
 * bwrap makes it read-only. It could bind each part itself, but reads
 * the list of all mounts for each: binding them here saves time. */
#define _GNU_SOURCE
#include "room.h"
#include "system.h"
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Binds a folder or file of the system to the same path below the folder
 * `root`; of a link it makes a copy. True if the system has no such
 * path. */
static bool put_system(const char *path, void *root)
{
    char target[PATH_MAX], to[PATH_MAX];
    struct stat about;
    ssize_t n = readlink(path, target, sizeof target - 1);
    snprintf(to, sizeof to, "%s%s", (const char *)root, path);
    if (n > 0) {
        target[n] = '\0';
        return symlink(target, to) == 0;
    }
    if (stat(path, &about) == -1)
        return true;
    int made = S_ISDIR(about.st_mode) ? mkdir(to, 0755)
                                      : mknod(to, S_IFREG, 0);
    return made == 0
           && mount(path, to, NULL, MS_BIND | MS_REC, NULL) == 0;
}

bool make_root(char *root)
{
    static const char *const own[] = {
        "/usr", "/usr/local", "/etc", "/proc", "/dev", "/room", "/tmp"};
    char path[100];
    bool whole = mkdir(root, 0755) == 0;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        snprintf(path, sizeof path, "%s%s", root, own[i]);
        whole &= mkdir(path, 0755) == 0;
    }
    whole &= system_parts(put_system, root);
    snprintf(path, sizeof path, "%s/etc/hosts", root);
    whole &= symlink("/room/hosts", path) == 0;
    snprintf(path, sizeof path, "%s/etc/nsswitch.conf", root);
    return symlink("/room/names", path) == 0 && whole;
}
