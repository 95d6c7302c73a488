/* fence: what a program cannot reach where there is no room. */
#define _GNU_SOURCE
#include "fence.h"
#include "system.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Its calls and numbers: linux/landlock.h may be missing, or be older
 * than the kernel. Those of the calls are the same everywhere. */
enum { CREATE_RULESET = 444, ADD_RULE, RESTRICT_SELF };
enum { VERSION = 1, BELOW_PATH = 1, AT_PORT = 2 };
enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_FOLDER = 1 << 3,
    FIRST_FILES = (1 << 13) - 1, /* all rights of version 1 */
    REFER = 1 << 13, /* 2: link and rename across folders */
    TRUNCATE = 1 << 14, /* 3 */
    IOCTL = 1 << 15, /* 5: of devices */
    BIND = 1 << 0, /* 4 */
    CONNECT = 1 << 1, /* 4 */
    SCOPES = 3 /* 6: abstract Unix sockets, signals */
};
struct ruleset {
    __u64 files, ports, scopes;
};
struct path_rule {
    __u64 allowed;
    __s32 folder;
} __attribute__((packed));
struct port_rule {
    __u64 allowed, number;
};

int fence_version(void)
{
    long version = syscall(CREATE_RULESET, NULL, 0, VERSION);
#ifdef FENCE_AT_MOST /* for tests: as on an older kernel */
    if (version > FENCE_AT_MOST)
        version = FENCE_AT_MOST;
#endif
    return version > 0 ? (int)version : 0;
}

/* The rights that this version knows, on all that it can close. */
static struct ruleset all_rights(int version)
{
    struct ruleset all = {FIRST_FILES, 0, 0};
    all.files |= version >= 2 ? REFER : 0;
    all.files |= version >= 3 ? TRUNCATE : 0;
    all.files |= version >= 5 ? IOCTL : 0;
    all.ports = version >= 4 ? BIND | CONNECT : 0;
    all.scopes = version >= 6 ? SCOPES : 0;
    return all;
}

const char *fence_gaps(bool our_user)
{
    static char text[200];
    int version = fence_version();
    snprintf(text, sizeof text, "the names of files, UDP%s%s%s",
             version < 4 ? ", all TCP ports" : "",
             version < 3 ? ", cutting files short that it may write"
                         : "",
             version < FENCE_SIGNALS && our_user ? ", signals to your "
                                                   "processes"
                                                 : "");
    return text;
}

static bool allow_path(int rules, const char *path, __u64 rights)
{
    struct stat about;
    struct path_rule rule = {rights, open(path, O_PATH | O_CLOEXEC)};
    if (rule.folder == -1)
        return errno == ENOENT || errno == EACCES;
    if (fstat(rule.folder, &about) == 0 && !S_ISDIR(about.st_mode))
        rule.allowed &= EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE;
    bool done = syscall(ADD_RULE, rules, BELOW_PATH, &rule, 0) == 0;
    close(rule.folder);
    return done;
}

static bool allow_port(int rules, unsigned long number, __u64 rights)
{
    struct port_rule rule = {rights, number};
    return syscall(ADD_RULE, rules, AT_PORT, &rule, 0) == 0;
}

static bool allow_reading(const char *path, void *rules)
{
    return allow_path(*(int *)rules, path,
                      EXECUTE | READ_FILE | READ_FOLDER);
}

bool close_fence(const char *writable, unsigned long port)
{
    static const char *const read_too[] = {
        "/proc/self",         ".",         "/etc/hosts",
        "/etc/nsswitch.conf", "/dev/zero", "/dev/urandom",
        "/dev/random",        "/dev/full"};
    int version = fence_version();
    struct ruleset all = all_rights(version);
    size_t size = version >= 6   ? sizeof all
                  : version >= 4 ? offsetof(struct ruleset, scopes)
                                 : offsetof(struct ruleset, ports);
    int rules = (int)syscall(CREATE_RULESET, &all, size, 0);
    if (rules == -1)
        return false;
    bool done = system_parts(allow_reading, &rules);
    for (size_t i = 0; i < sizeof read_too / sizeof *read_too; i++)
        done = done && allow_reading(read_too[i], &rules);
    done =
        done
        && allow_path(rules, "/dev/null",
                      (READ_FILE | WRITE_FILE | TRUNCATE) & all.files);
    if (writable != NULL)
        done = done && allow_path(rules, writable, all.files);
    /* The port with its bytes swapped, too: a program that forgets htons
     * must fail as it does everywhere. */
    unsigned long swapped = (port & 255) << 8 | port >> 8;
    if (port != 0 && all.ports != 0)
        done =
            done && allow_port(rules, port, BIND | CONNECT)
            && allow_port(rules, swapped, BIND | CONNECT)
            && allow_port(rules, 0, BIND); /* 0: the kernel chooses */
    done = done && syscall(RESTRICT_SELF, rules, 0) == 0;
    close(rules);
    return done;
}
