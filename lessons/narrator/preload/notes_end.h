/* notes_end.h: remarks on the end of a socket, and of the
 * program. Part of preload.c. */
#ifndef NARRATE_NOTES_END_H
#define NARRATE_NOTES_END_H

/* How many callers wait to be accepted; 0 if this does not listen. */
static inline unsigned narrate_waiting(int sock)
{
    const struct narrate_seen *seen = narrate_look(sock);

    return seen->queued ? seen->waiting : 0;
}

/* Does this process have a second descriptor for the socket? */
static inline bool narrate_is_copied(int sock)
{
    for (int i = 0; i < narrate_few(); i++)
        if (i != sock && narrate_is_same(i, sock))
            return true;
    return false;
}

/* Is one of our descriptors a ring of io_uring(7)? A library that makes
 * one may do so without the C library, and then nobody has told us. */
static inline bool narrate_has_ring(void)
{
    static struct narrate_folder folder;
    NARRATE_TEXT(path, 64);
    bool found = false;
    long descriptor;
    char link[64];

    narrate_enter(&folder, "/proc/self/fd");
    while (!found && (descriptor = narrate_next(&folder)) != -1) {
        ssize_t size;

        narrate_add(narrate_clear(&path), "/proc/self/fd/%ld",
                    descriptor);
        size = readlink(path.text, link, sizeof link - 1);
        link[size > 0 ? size : 0] = '\0';
        found = strcmp(link, "anon_inode:[io_uring]") == 0;
    }
    narrate_leave(&folder);
    return found;
}

/* Says once that a program works with io_uring. The lock is held. */
static inline void narrate_tell_ring(void)
{
    static bool said;

    if (!said)
        narrate_tell(NARRATE_COUNTED, NULL,
                     "The program has a ring (io_uring): what it puts"
                     " there the kernel does without a call, and so it"
                     " is not told.");
    said = true;
}

/* Callers who wait when a listening socket is closed, or at the end,
 * and that this program alone could have accepted. */
static inline void narrate_note_queue(int sock)
{
    int tries = narrate_memory(sock)->tries;
    unsigned waiting = narrate_waiting(sock);

    if (waiting == 0 || tries > 1 || narrate_is_elsewhere(sock)
        || narrate_is_copied(sock) || narrate_has_ring())
        return;
    if (tries == 1 && !narrate_astray)
        narrate_note("%u%s had called and were not served: accept"
                     " was called once. Is a loop around it missing?",
                     waiting,
                     narrate_memory(sock)->accepts > 0 ? " more" : "");
    else if (tries == 0)
        narrate_note("%u had called, and accept was never called.",
                     waiting);
}

/* Before a close: the remarks that need the socket still open. */
static inline void narrate_note_closing(int sock)
{
    int entry = errno;

    if (narrator.telling && narrate_is_socket(sock)) {
        narrate_note_unknown_port(sock);
        narrate_note_queue(sock);
    }
    errno = entry;
}

/* Is a close told that fails on a number that was a socket's? If a
 * program closes all numbers in a row, it means none in particular. */
static inline bool narrate_is_twice(int descriptor)
{
    static int last = -2;
    bool loop = descriptor == last + 1 || descriptor == last - 1;

    last = descriptor;
    return descriptor >= 0 && !loop
           && narrate_memory(descriptor)->closed > 0
           && narrate_real_fcntl(descriptor, F_GETFD) == -1;
}

/* The program ends: names the connections that it never closed although
 * the peer had. The lock is held. */
static inline void narrate_note_end(void)
{
    NARRATE_STATIC(t, 200);
    int count = 0;

    narrate_clear(&t);
    for (int i = 0; i < narrate_few(); i++) {
        if (narrate_kernel.seen[i].sock != i
            || narrate_kernel.seen[i].inode == 0)
            continue;
        narrate_note_unknown_port(i);
        narrate_note_queue(i);
        if (narrate_is_inherited(i))
            continue;
        if (narrate_is_in(i, 1 << 8) /* CLOSE-WAIT */
            && !narrate_is_copied(i) && count++ < 12)
            narrate_add(&t, "%s%d", count > 1 ? ", " : "", i);
    }
    if (count > 1)
        narrate_note("never closed, though the peer has ended its side:"
                     " %s%s.",
                     t.text, count > 12 ? " and more" : "");
}

#endif
