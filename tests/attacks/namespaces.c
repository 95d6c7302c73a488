// Tries to become root of a namespace of its own and to reach the
// system from there; and to change settings of the kernel.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    return fd != -1 && write(fd, text, strlen(text)) > 0;
}

int main(void)
{
    if (put("/proc/sys/kernel/core_pattern", "|/tmp/owned")
        || put("/proc/sys/kernel/hostname", "owned")
        || put("/proc/sys/net/ipv4/ip_forward", "1"))
        fprintf(stderr, "written: a knob of the kernel\n");
    char map[64];
    unsigned user = getuid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) {
        put("/proc/self/setgroups", "deny");
        snprintf(map, sizeof map, "0 %u 1", user);
        put("/proc/self/uid_map", map);
        umount2("/room", MNT_DETACH);
        umount2("/tmp", MNT_DETACH);
        umount2("/usr/bin", MNT_DETACH);
        mount(NULL, "/usr/bin", NULL, MS_REMOUNT | MS_BIND, NULL);
        mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL);
    }
    mkdir("/tmp/host", 0777);
    mount("/dev/vda", "/tmp/host", "ext4", 0, NULL);
    mount("/dev/sda1", "/tmp/host", "ext4", 0, NULL);
    if (access("/tmp/host/etc", F_OK) == 0
        || open("@HOME@/secret", O_RDONLY) != -1)
        fprintf(stderr, "stolen: the system is in sight\n");
    int fd = open("/usr/bin/owned", O_WRONLY | O_CREAT, 0755);
    if (fd != -1)
        fprintf(stderr, "written: /usr/bin/owned\n");
    return 0;
}
