/* ports.h: who has a port. Linux tells it in /proc/net/tcp and the
 * like, and in /proc/PID/fd, whose processes it is. proc(5).
 */
#ifndef NARRATE_PORTS_H
#define NARRATE_PORTS_H

/* A socket that has a port, or a connection that is left of one. */
struct narrate_user {
    union narrate_end at; /* its address */
    const char *state; /* as narrate_state_name has it; NULL: none */
    unsigned long inode; /* 0: no process has it any more */
    int rank; /* of several, the one that matters most */
};

#ifdef __linux__
/* The 16 bytes of an address in IPv6; one of IPv4 is mapped, as in
 * ::ffff:127.0.0.1. RFC 4291, section 2.5.5.2. */
NARRATE_APART void narrate_map(uint32_t words[4],
                               const union narrate_end *address)
{
    memset(words, 0, 4 * sizeof words[0]);
    if (address->any.sa_family == AF_INET6) {
        memcpy(words, narrate_bytes_of(address), 16);
        return;
    }
    words[2] = htonl(0xFFFF);
    memcpy(words + 3, narrate_bytes_of(address), 4);
}

/* Would sockets at these two addresses be in each other's way, if they
 * had one port? [::] stands for IPv4 too: ipv6(7), IPV6_V6ONLY. */
NARRATE_APART bool narrate_overlaps(const union narrate_end *one,
                                    const union narrate_end *other)
{
    static const uint32_t any[4], any4[4] = {0, 0, 0xFFFF};
    uint32_t a[4], b[4], v4[4];

    memcpy(v4, any4, sizeof v4);
    v4[2] = htonl(v4[2]);
    narrate_map(a, one);
    narrate_map(b, other);
    if (memcmp(a, any, sizeof a) == 0 || memcmp(b, any, sizeof b) == 0
        || memcmp(a, b, sizeof a) == 0)
        return true;
    return memcmp(a, v4, 12) == 0 && memcmp(b, v4, 12) == 0
           && (a[3] == 0 || b[3] == 0);
}

/* Reads a row of /proc/net/tcp or its kin, whose words are: a number,
 * its address and the peer's, the state, two queues, a timer, tries,
 * the user, another timer, the inode. Keeps the user that matters most:
 * one that listens, else one that a process has. */
NARRATE_APART void narrate_weigh(const char *row, bool stream,
                                 const union narrate_end *wanted,
                                 struct narrate_user *user)
{
    struct narrate_user found = {.rank = 1};
    const char *at = strchr(row, ':'), *end;
    uint32_t word[4] = {0};
    unsigned long state;
    char digits[9] = "";
    int words = 0;
    in_port_t port;

    if (at == NULL)
        return;
    at += 1 + strspn(at + 1, " ");
    for (; words < 4 && strspn(at, "0123456789ABCDEF") >= 8; words++) {
        memcpy(digits, at, 8);
        word[words] = (uint32_t)strtoul(digits, NULL, 16);
        at += 8;
    }
    if (words == 0 || *at != ':') /* the heading */
        return;
    port = htons((in_port_t)strtoul(at + 1, NULL, 16));
    if (ntohs(port) != narrate_port_in(wanted))
        return;
    found.at.any.sa_family = words == 4 ? AF_INET6 : AF_INET;
    memcpy((char *)(uintptr_t)narrate_bytes_of(&found.at), word,
           (size_t)words * 4);
    memcpy((char *)&found.at + offsetof(struct sockaddr_in, sin_port),
           &port, sizeof port); /* sin6_port is there too */
    if (!narrate_overlaps(&found.at, wanted))
        return;
    for (int i = 0; i < 2 && *at != '\0'; i++) /* to the state */
        at += strcspn(at, " ") + strspn(at + strcspn(at, " "), " ");
    state = strtoul(at, NULL, 16);
    end = at;
    for (int i = 0; i < 6 && *end != '\0'; i++) /* to the inode */
        end += strcspn(end, " ") + strspn(end + strcspn(end, " "), " ");
    found.inode = strtoul(end, NULL, 10);
    found.state = stream ? narrate_state_name(state) : "UDP";
    if (found.inode != 0)
        found.rank = stream && state == 10 ? 3 : 2; /* LISTEN */
    if (found.rank > user->rank)
        *user = found;
}

/* Looks through such a table. The lock is held. */
NARRATE_APART void narrate_search(const char *table, bool stream,
                                  const union narrate_end *wanted,
                                  struct narrate_user *user)
{
    static char part[4096];
    int file = open(table, O_RDONLY | O_CLOEXEC);
    size_t kept = 0;
    off_t at = 0;
    ssize_t n;

    if (file == -1)
        return;
    while ((n = pread(file, part + kept, sizeof part - 1 - kept, at))
           > 0) {
        char *row = part, *end;

        at += n;
        part[kept + (size_t)n] = '\0';
        for (; (end = strchr(row, '\n')) != NULL; row = end + 1) {
            *end = '\0';
            narrate_weigh(row, stream, wanted, user);
        }
        kept = strlen(row);
        memmove(part, row, kept);
    }
    narrate_real_close(file);
}

/* Finds who has the port of this address. False if nobody is seen: a
 * TCP socket that is bound and no more is in no table. Keeps errno. */
NARRATE_APART bool narrate_find_user(const union narrate_end *wanted,
                                     bool stream,
                                     struct narrate_user *user)
{
    static const char *const tables[2][2] = {
        {"/proc/net/udp", "/proc/net/udp6"},
        {"/proc/net/tcp", "/proc/net/tcp6"},
    };
    int error = errno;

    memset(user, 0, sizeof *user);
    for (int i = 0; i < 2; i++)
        narrate_search(tables[stream][i], stream, wanted, user);
    errno = error;
    return user->state != NULL;
}

/* A folder of /proc that we go through. `part` has the kernel's
 * entries, `size` bytes of them, of which those from `at` on are new.
 * getdents64(2): readdir would use the heap. */
struct narrate_folder {
    int file; /* -1: it cannot be read, and so it has no names */
    long size, at;
    char part[2048];
};

NARRATE_APART void narrate_enter(struct narrate_folder *folder,
                                 const char *path)
{
    folder->file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    folder->size = folder->at = 0;
}

NARRATE_APART void narrate_leave(const struct narrate_folder *folder)
{
    if (folder->file != -1)
        narrate_real_close(folder->file);
}

/* The next name in it that is a number; -1 at the end. */
NARRATE_APART long narrate_next(struct narrate_folder *folder)
{
    for (;;) {
        unsigned short length;
        const char *name;

        if (folder->at >= folder->size) {
            folder->size = syscall(SYS_getdents64, folder->file,
                                   folder->part, sizeof folder->part);
            folder->at = 0;
        }
        if (folder->size <= 0)
            return -1;
        /* an inode and an offset, 8 bytes each; the entry's length; its
         * type, 1 byte; its name */
        memcpy(&length, folder->part + folder->at + 16, sizeof length);
        name = folder->part + folder->at + 19;
        folder->at += length;
        if (*name >= '0' && *name <= '9')
            return strtol(name, NULL, 10);
    }
}

/* The descriptor by which a process has the socket with this inode; -1
 * if it has none, or we may not look. The lock is held. */
NARRATE_APART long narrate_has_inode(long process, unsigned long inode)
{
    static struct narrate_folder folder;
    NARRATE_TEXT(path, 64);
    NARRATE_TEXT(wanted, 64);
    long descriptor;
    char link[64];

    narrate_add(&path, "/proc/%ld/fd", process);
    narrate_add(&wanted, "socket:[%lu]", inode);
    narrate_enter(&folder, path.text);
    while ((descriptor = narrate_next(&folder)) != -1) {
        ssize_t n;

        narrate_clear(&path);
        narrate_add(&path, "/proc/%ld/fd/%ld", process, descriptor);
        n = readlink(path.text, link, sizeof link - 1);
        link[n > 0 ? n : 0] = '\0';
        if (strcmp(link, wanted.text) == 0)
            break;
    }
    narrate_leave(&folder);
    return descriptor;
}

/* Adds the command line of a process, as one would type it; of a long
 * one the beginning. */
NARRATE_APART void narrate_add_command(struct narrate_text *t,
                                       long process)
{
    char words[120], shown[64];
    NARRATE_TEXT(path, 64);
    int file;
    ssize_t n;

    narrate_add(&path, "/proc/%ld/cmdline", process);
    file = open(path.text, O_RDONLY | O_CLOEXEC);
    n = file != -1 ? pread(file, words, sizeof words, 0) : -1;
    if (file != -1)
        narrate_real_close(file);
    while (n > 0 && words[n - 1] == '\0')
        n--;
    if (n <= 0)
        return;
    for (ssize_t i = 0; i < n; i++)
        if (words[i] == '\0')
            words[i] = ' ';
    narrate_add(t, ",\b");
    if (narrate_escape(shown, sizeof shown, words, (size_t)n)
        < (size_t)n)
        narrate_add(t, "%s...", shown);
    else
        narrate_add(t, "%s", shown);
}

/* Adds which process has the socket with this inode, "process 4711,
 * ./server 8888"; nothing if we cannot see it. The lock is held. */
NARRATE_APART void narrate_add_holder(struct narrate_text *t,
                                      unsigned long inode)
{
    static struct narrate_folder folder;
    long process = getpid(),
         descriptor = narrate_has_inode(process, inode);
    int error = errno;

    if (descriptor != -1) {
        narrate_add(t, "this program itself, as descriptor %ld",
                    descriptor);
        return;
    }
    narrate_enter(&folder, "/proc");
    while ((process = narrate_next(&folder)) != -1
           && narrate_has_inode(process, inode) == -1)
        ;
    narrate_leave(&folder);
    if (process != -1) {
        narrate_add(t, "process %ld", process);
        narrate_add_command(t, process);
    }
    errno = error;
}
#endif

#endif
