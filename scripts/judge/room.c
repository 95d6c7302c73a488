/* room: where a student's program is compiled and run.
 *
 * The judge enters namespaces of its own: a network, in which it is the
 * program's peer, and mounts, so that only it sees its files and they
 * vanish with it. An ordinary user needs a user namespace for that,
 * user_namespaces(7). There bubblewrap, bwrap(1), starts each program
 * in a room: further namespaces, which do not show the judge's process,
 * and a file system that has nothing but
 *
 *   /usr /bin /lib...  of this system, read-only, without /usr/src,
 *                      /usr/share and other places for users' files
 *   /etc               what the loader and the compiler need, and the
 *                      name localhost
 *   /room              read-only: the source, or the program
 *   /tmp               its own, small, empty each time
 *   /proc /dev         its own
 */
#define _GNU_SOURCE
#include "room.h"
#include "../common/files.h"
#include "../common/signals.h"
#include "fence.h"
#include "judge.h"
#include "keep.h"
#include "processes.h"
#include "state.h"
#include "system.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NOBODY = 61000, /* and the next 3999: users that do not exist */
    WORDS = 256 /* of bwrap's command line */
};

static char bwrap[PATH_MAX]; /* its path */
static const char *place; /* where our private folders are mounted */
static char folder[64]; /* becomes /room */
static char nothing[64]; /* an empty folder */
static bool rooms; /* false: programs run without a room */
static bool fenced; /* then perhaps behind a fence */
static uid_t program_user; /* for programs if we are root; 0: ours */
static bool counted = true; /* see counts_processes */
static rlim_t strangers; /* if not: what the limit has for them */

bool in_a_room(void)
{
    return rooms;
}

bool behind_a_fence(void)
{
    return fenced;
}

bool counts_processes(void)
{
    return counted;
}

rlim_t process_limit(void)
{
    return PROCESSES + (rlim_t)the_judge()->crowd
           + (counted ? 0 : strangers);
}

/* Whether a program that is held to it can start a process. */
static bool may_fork(void)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        rlim_t most = process_limit();
        setrlimit(RLIMIT_NPROC, &(struct rlimit){most, most});
        child = fork();
        _exit(child == -1); /* the child's child ends so, too */
    }
    return child != -1 && waitpid(child, &status, 0) == child
           && status == 0;
}

/* Where the limit counts strangers, too, it is far enough above their
 * number that what they start meanwhile changes no verdict; but a bomb
 * meets it. The kernel may count some that /proc does not show, of other
 * containers. */
static void allow_strangers(void)
{
    enum { MORE = 1024, MOST = 1 << 17 };
    if (counted)
        return;
    strangers = processes_of_user() + MORE;
    while (strangers < MOST && !may_fork())
        strangers *= 2;
}

/* ---- bwrap's command line ---------------------------------------- */

static const char *command[WORDS];
static int length;

static void add(const char *word)
{
    if (length < WORDS - 1)
        command[length++] = word;
}

static void add_three(const char *option, const char *from,
                      const char *to)
{
    add(option), add(from), add(to);
}

static char *copy_of(const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL)
        could_not("memory for the room", strerror(errno));
    return copy;
}

/* Shows a folder or file of the system at the same path; of a link, a
 * copy. */
static bool add_system(const char *path, void *unused)
{
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target - 1);
    (void)unused;
    path = copy_of(path);
    target[n > 0 ? n : 0] = '\0';
    if (n > 0)
        add_three("--symlink", copy_of(target), path);
    else
        add_three("--ro-bind-try", path, path);
    return true;
}

/* The part that is the same for every program. */
static void describe_room(void)
{
    length = 0;
    add(bwrap);
    add("--die-with-parent"), add("--new-session");
    add("--unshare-pid"), add("--unshare-ipc"), add("--unshare-uts");
    add("--unshare-cgroup-try");
    add("--hostname"), add("room");
    if (program_user == 0) {
        add("--unshare-user");
        add("--uid"), add("1000"), add("--gid"), add("1000");
    } else { /* for `enter`, which becomes that user and drops them */
        add("--cap-drop"), add("ALL");
        add("--cap-add"), add("CAP_SETUID");
        add("--cap-add"), add("CAP_SETGID");
    }
    /* bwrap lets only root into folders that it is not told to make. */
    add("--dir"), add("/usr"), add("--dir"), add("/usr/local");
    add("--dir"), add("/etc");
    system_parts(add_system, NULL);
    add_three("--symlink", "/room/hosts", "/etc/hosts");
    add_three("--symlink", "/room/names", "/etc/nsswitch.conf");
    add("--proc"), add("/proc"), add("--dev"), add("/dev");
    /* The room's first process is bwrap, without limits or filter. Its
     * user could write to its memory through /proc/1. proc(5) */
    add_three("--ro-bind", nothing, "/proc/1");
    /* No terminals: their number is the whole system's. pty(7) */
    add_three("--ro-bind", nothing, "/dev/pts");
    add_three("--ro-bind", folder, "/room");
}

static char *number(unsigned long value)
{
    char text[24];
    snprintf(text, sizeof text, "%lu", value);
    return copy_of(text);
}

void become(char *const program[], const struct entry_limits *l)
{
    static char port[32];
    char enter[96];
    static char calls[64];
    char *environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
                           "LC_ALL=C",
                           "TZ=" ZONE,
                           NULL,
                           NULL,
                           NULL,
                           NULL};
    int variables = 3;
    if (l->port != NULL) {
        snprintf(port, sizeof port, "LESSON_PORT=%s", l->port);
        environment[variables++] = port;
    }
    if (l->calls != NULL) {
        snprintf(calls, sizeof calls, "NARRATE_OUT=%s", l->calls);
        environment[variables++] = calls;
    }
    if (the_judge()->faults_only)
        environment[variables++] = "NARRATE_FAULTS=1";
    if (rooms) {
        snprintf(enter, sizeof enter, "/room/enter");
        if (!l->network)
            add("--unshare-net");
        if (l->tell)
            add("--info-fd"), add("3");
        add_three("--bind", l->scratch, "/tmp");
        add("--remount-ro"), add("/dev");
        add("--remount-ro"), add("/");
        add("--chdir"), add("/room");
        add("--");
    } else {
        snprintf(enter, sizeof enter, "%s/enter", folder);
        length = 0;
        if (chdir(folder) == -1)
            _exit(127);
    }
    add(enter);
    add(number(program_user));
    add(number(process_limit()));
    add(number((unsigned long)l->files));
    add(number((unsigned long)l->memory));
    add(number((unsigned long)l->size));
    add(number((unsigned long)l->seconds));
    add(number((unsigned long)l->flags | (l->tell ? 4 : 0)
               | (fenced ? 8 : 0)));
    add(!rooms && l->writes ? l->scratch : "-");
    add(number((unsigned long)l->tcp));
    while (*program != NULL)
        add(*program++);
    command[length] = NULL;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signals_unblock();
    execve(command[0], (char *const *)command, environment);
    fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
    _exit(127);
}

/* ---- the judge's side ---------------------------------------------- */

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = file_write(fd, text, strlen(text)) == 0;
    close(fd);
    return written;
}

/* Brings up our network's loopback interface. netdevice(7) */
static bool loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    bool up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    close(fd);
    return up;
}

/* Enters our namespaces: root does so directly, others in a user
 * namespace that maps their own user. unshare(2) */
static bool enter_namespaces(void)
{
    char map[64];
    int flags = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC;
    uid_t user = getuid();
    gid_t group = getgid();
    if (user == 0)
        return unshare(flags) == 0 && loopback_up();
    if (unshare(CLONE_NEWUSER | flags) == -1)
        return false;
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1", user, user);
    if (!write_file("/proc/self/uid_map", map))
        return false;
    snprintf(map, sizeof map, "%u %u 1", group, group);
    return write_file("/proc/self/gid_map", map) && loopback_up();
}

static bool mount_small(const char *where, const char *options)
{
    return mount("room", where, "tmpfs", MS_NOSUID | MS_NODEV, options)
           == 0;
}

/* Mounts a file system that only we see, over a folder that this system
 * has, and makes in it the folder that becomes /room. */
static bool make_folder(void)
{
    static const char *const places[] = {"/mnt", "/media", "/srv",
                                         "/tmp"};
    struct stat about;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        place = places[i];
        if (stat(place, &about) == 0 && S_ISDIR(about.st_mode))
            break;
    }
    snprintf(folder, sizeof folder, "%s/room", place);
    snprintf(nothing, sizeof nothing, "%s/nothing", place);
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
           && mount_small(place, "mode=755,size=64m,nr_inodes=1000")
           && mkdir(folder, 0755) == 0 && mkdir(nothing, 0755) == 0;
}

const char *scratch(void)
{
    static char path[2][128];
    static unsigned turn;
    char *to = path[turn++ % 2];
    snprintf(to, sizeof path[0], "%s/tmp.XXXXXX",
             rooms ? place : folder);
    if (mkdtemp(to) == NULL
        || (rooms
            && !mount_small(to, "mode=1777,size=48m,nr_inodes=2000"))
        || (!rooms && program_user != 0
            && chown(to, program_user, program_user) == -1))
        could_not("a folder for the program", strerror(errno));
    return to;
}

bool put(const char *name, const void *bytes, size_t size, mode_t mode)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *below = path + strlen(folder) + 1;
         (below = strchr(below, '/')) != NULL; *below++ = '/') {
        *below = '\0';
        mkdir(path, 0755);
    }
    unlink(path); /* of an earlier run */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd == -1)
        return false;
    bool done =
        file_write(fd, bytes, size) == 0 && fchmod(fd, mode) == 0;
    return close(fd) == 0 && done;
}

/* A user for programs under root, by chance: another judge, in another
 * container too, hardly has the same. */
static uid_t some_user(void)
{
    return NOBODY + chance(4000);
}

/* ---- opening it ---------------------------------------------------- */

static bool find_bwrap(void)
{
    const char *path = getenv("PATH");
    for (path = path ? path : "/usr/bin:/bin"; *path != '\0';) {
        int size = (int)strcspn(path, ":");
        snprintf(bwrap, sizeof bwrap, "%.*s/bwrap", size, path);
        if (size > 0 && access(bwrap, X_OK) == 0)
            return true;
        path += size + (path[size] == ':');
    }
    bwrap[0] = '\0';
    return false;
}

/* Whether the process limit counts all processes of the user, as before
 * Linux 5.14, or only those in the user namespace. setrlimit(2) */
static bool counts_by_user(void)
{
    struct utsname system;
    int major = 0, minor = 0;
    uname(&system);
    sscanf(system.release, "%d.%d", &major, &minor);
    return major < 5 || (major == 5 && minor < 14);
}

/* A setting of the system that keeps ordinary users from a room. */
struct knob {
    const char *path;
    char keeps; /* the first byte of its value, when it does */
    const char *why, *name, *lifts;
};

static const struct knob *knob_turned(void)
{
    static const struct knob knobs[] = {
        {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1',
         "Ubuntu restricts them",
         "kernel.apparmor_restrict_unprivileged_userns", "0"},
        {"/proc/sys/kernel/unprivileged_userns_clone", '0',
         "a setting of the kernel", "kernel.unprivileged_userns_clone",
         "1"},
        {"/proc/sys/user/max_user_namespaces", '0',
         "a setting of the kernel", "user.max_user_namespaces",
         "10000"}};
    for (size_t i = 0;
         getuid() != 0 && i < sizeof knobs / sizeof *knobs; i++) {
        char value = '\0';
        int fd = open(knobs[i].path, O_RDONLY | O_CLOEXEC);
        if (fd != -1 && read(fd, &value, 1) == 1
            && value == knobs[i].keeps) {
            close(fd);
            return &knobs[i];
        }
        close(fd);
    }
    return NULL;
}

const char *remedy(void)
{
    static char text[200];
    const struct knob *k = knob_turned();
    if (bwrap[0] == '\0')
        return ""; /* what is missing says it all */
    if (getuid() == 0)
        return "A container has one with its options "
               "--cap-add=SYS_ADMIN "
               "--cap-add=NET_ADMIN --security-opt apparmor=unconfined "
               "(not tried by us).";
    if (k == NULL)
        return "As root (sudo) there may be one.";
    snprintf(text, sizeof text,
             "An administrator can allow it: sudo sysctl %s=%s (not "
             "tried by us). As root (sudo) there may be one, too.",
             k->name, k->lifts);
    return text;
}

/* In a child, because namespaces cannot be left again: tries a room.
 * The reason of a failure goes to descriptor `to`. */
static _Noreturn void try_room(int to, const void *enter, size_t size)
{
    char *program[] = {"true", NULL};
    struct entry_limits l = {
        .files = 16, .memory = 256, .size = 1, .seconds = 5};
    dup2(to, 1), dup2(to, 2);
    const char *denied = NULL;
    if (!enter_namespaces())
        denied = getuid() == 0 ? "this system denies namespaces, even "
                                 "to root"
                               : "this system denies user namespaces "
                                 "to ordinary "
                                 "users";
    else if (!make_folder() || !put("enter", enter, size, 0755))
        denied = "no file system of its own can be mounted";
    if (denied != NULL) {
        const char *why = strerror(errno);
        const struct knob *k = knob_turned();
        printf("%s (%s%s%s)", denied, why, k ? "; " : "",
               k ? k->why : "");
    } else {
        rooms = true;
        l.scratch = scratch();
        describe_room();
        become(program, &l);
    }
    fflush(stdout);
    _exit(1);
}

/* Lets getaddrinfo(3) find localhost, the only name in the room. */
static bool put_names(void)
{
    static const char hosts[] = "127.0.0.1 localhost\n::1 localhost\n",
                      names[] = "hosts: files\n";
    return put("hosts", hosts, sizeof hosts - 1, 0644)
           && put("names", names, sizeof names - 1, 0644);
}

/* Tries a room in a child. NULL: it works; else why not, in words. */
static const char *fails(const void *enter, size_t size)
{
    static char words[400];
    int status = -1, ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1)
        return "no pipe";
    pid_t child = fork();
    if (child == 0)
        try_room(ends[1], enter, size);
    close(ends[1]);
    size_t got = 0;
    for (ssize_t n;
         got < sizeof words - 1
         && (n = read(ends[0], words + got, sizeof words - 1 - got))
                > 0;)
        got += (size_t)n;
    close(ends[0]);
    words[strcspn(words, "\n")] = '\0';
    if (child == -1 || waitpid(child, &status, 0) != child
        || status != 0)
        return words[0] ? words : "bwrap does not work here";
    return NULL;
}

const char *open_room(const void *enter, size_t size)
{
    if (!find_bwrap())
        return "bubblewrap (bwrap) is not installed; scripts/dev/setup "
               "test installs it";
    if (getuid() == 0)
        program_user = some_user();
    const char *missing =
        the_judge()->room_known ? NULL : fails(enter, size);
    if (missing != NULL)
        return missing;
    if (!enter_namespaces() || !make_folder()
        || !put("enter", enter, size, 0755) || !put_names())
        return "the room cannot be entered";
    rooms = true;
    counted = getuid() == 0 || !counts_by_user();
    allow_strangers();
    describe_room();
    return NULL;
}

/* ---- without a room ------------------------------------------------ */

/* Whether root may become that user: in a container perhaps not. */
static bool may_become(uid_t user)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(setgroups(0, NULL) == -1
              || setresgid(user, user, user) == -1
              || setresuid(user, user, user) == -1);
    return child != -1 && waitpid(child, &status, 0) == child
           && status == 0;
}

static void choose_user(void)
{
    static bool chosen;
    uid_t user = some_user();
    if (!chosen)
        program_user = getuid() == 0 && may_become(user) ? user : 0;
    chosen = true;
}

bool as_our_user(void)
{
    return program_user == 0;
}

bool fence_keeps_others(void)
{
    choose_user();
    return fence_version() >= (as_our_user() ? FENCE_SIGNALS : 1);
}

const char *open_folder(const void *enter, size_t size, bool fence)
{
    snprintf(folder, sizeof folder, "/tmp/judge.XXXXXX");
    if (mkdtemp(folder) == NULL)
        return "no folder can be made in /tmp";
    if (!keep_folder(folder)) {
        rmdir(folder);
        return "there is no process to remove its folder in /tmp";
    }
    if (chmod(folder, 0755) == -1 || !put("enter", enter, size, 0755))
        return "its folder in /tmp cannot be filled";
    choose_user();
    counted = !as_our_user();
    allow_strangers();
    fenced = fence;
    return NULL;
}
