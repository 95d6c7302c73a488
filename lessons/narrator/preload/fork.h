/* fork.h: fork, and connections that two processes hold. Part
 * of preload.c.
 *
 * A child of fork(2) holds every socket of its parent too. A server
 * that leaves a connection to a child, but does not close it itself,
 * keeps the connection open after the child has closed it. Neither
 * process can see that alone: both write into a page that they share,
 * and the one that comes last makes the remark.
 */
#ifndef NARRATE_FORK_H
#define NARRATE_FORK_H

enum { NARRATE_LENT = 32 }; /* connections that are watched at a time */

static struct {
    atomic_int said; /* the remark was made; it comes only once */
    struct narrate_lent {
        ino_t inode; /* of the socket; 0: this place is free */
        pid_t owner; /* the process that accepted it */
        int descriptor; /* its number in the owner */
        atomic_int accepts; /* the owner has called accept again */
        atomic_int done; /* a child that used it has closed it */
    } lent[NARRATE_LENT];
} * narrate_shared; /* NULL until the first fork with a socket */

/* Is this a TCP connection that our side has not ended yet? Those are
 * in ESTABLISHED or CLOSE-WAIT. */
static inline bool narrate_is_up(int sock)
{
    return narrate_is_in(sock, 1 << 1 | 1 << 8);
}

/* The entry of this descriptor's socket in the page; NULL if there is
 * none. Preserves errno. */
static inline struct narrate_lent *narrate_lent_as(int descriptor)
{
    struct stat file;
    int entry = errno;
    bool known =
        narrate_shared != NULL && fstat(descriptor, &file) == 0;

    errno = entry;
    for (size_t i = 0; known && i < NARRATE_LENT; i++)
        if (narrate_shared->lent[i].inode == file.st_ino)
            return &narrate_shared->lent[i];
    return NULL;
}

/* Before fork: enters a connection accepted here in the page. */
static inline void narrate_lend(int sock)
{
    struct narrate_memory *memory = narrate_memory(sock);

    if (!memory->taken || narrate_is_inherited(sock)
        || !narrate_is_up(sock))
        return;
    memory->used = false;
    if (narrate_lent_as(sock) != NULL)
        return;
    for (size_t i = 0; i < NARRATE_LENT; i++) {
        struct narrate_lent *lent = &narrate_shared->lent[i];

        if (lent->inode != 0)
            continue;
        lent->owner = getpid();
        lent->descriptor = sock;
        atomic_store(&lent->accepts, 0);
        atomic_store(&lent->done, 0);
        lent->inode = narrate_kernel.seen[sock].inode;
        return;
    }
}

/* Before fork: lists the open sockets in `t`, as in "3, 4", and enters
 * those that accept returned in the page. True if any is open. */
static inline bool narrate_lend_all(struct narrate_text *t)
{
    enum { FIRST = 12 };
    int count = 0;

    for (int i = 0; i <= narrate_kernel.highest; i++) {
        if (!narrate_is_left(i))
            continue;
        if (narrate_shared == NULL) {
            void *page = mmap(NULL, sizeof *narrate_shared,
                              PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);

            narrate_shared = page != MAP_FAILED ? page : NULL;
        }
        if (narrate_shared != NULL && i < NARRATE_SEEN)
            narrate_lend(i);
        if (count++ < FIRST)
            narrate_add(t, "%s%d", count > 1 ? ", " : "", i);
    }
    if (count > FIRST)
        narrate_add(t, " and %d more", count - FIRST);
    return count > 0;
}

/* Before accept: does this process still hold a connection that it left
 * to a child? If it uses the connection itself, it means to keep it. */
static inline void narrate_note_lent(void)
{
    pid_t self = getpid();

    for (size_t i = 0; narrate_shared != NULL && i < NARRATE_LENT;
         i++) {
        struct narrate_lent *lent = &narrate_shared->lent[i];
        int sock = lent->descriptor;

        if (lent->inode == 0 || lent->owner != self
            || narrate_lent_as(sock) != lent
            || narrate_memory(sock)->used || !narrate_is_up(sock))
            continue;
        atomic_store(&lent->accepts, 1);
        if (atomic_load(&lent->done) != 0
            && atomic_exchange(&narrate_shared->said, 1) == 0)
            narrate_note("%d is still open here, though the child has"
                         " closed it: the connection ends only when"
                         " the last descriptor is closed. Was close(%d)"
                         " forgotten after fork?",
                         sock, sock);
    }
}

/* Before a close: the entry of a connection that another process left
 * to this one and this one used, for narrate_note_returned; or NULL. */
static inline struct narrate_lent *narrate_gives_back(int sock)
{
    struct narrate_lent *lent = narrate_lent_as(sock);
    int entry = errno;
    bool ends = lent != NULL && lent->owner != getpid()
                && narrate_memory(sock)->used && narrate_is_up(sock);

    if (lent != NULL && lent->owner == getpid()
        && lent->descriptor == sock)
        lent->inode = 0;
    errno = entry;
    return ends ? lent : NULL;
}

/* After that close, or when the process ends. */
static inline void narrate_note_returned(struct narrate_lent *lent)
{
    if (lent == NULL)
        return;
    atomic_store(&lent->done, 1);
    if (lent->inode != 0 && atomic_load(&lent->accepts) != 0
        && atomic_exchange(&narrate_shared->said, 1) == 0)
        narrate_note("process %ld still holds this connection as %d and"
                     " has gone on to accept: the connection ends only"
                     " when the last descriptor is closed. Was"
                     " close(%d) forgotten there, after fork?",
                     (long)lent->owner, lent->descriptor,
                     lent->descriptor);
}

/* The process ends, which closes all sockets. The lock is held. */
static inline void narrate_note_all_returned(void)
{
    for (size_t i = 0; narrate_shared != NULL && i < NARRATE_LENT; i++)
        if (narrate_shared->lent[i].inode != 0) {
            int sock = narrate_shared->lent[i].descriptor;

            if (narrate_lent_as(sock) == &narrate_shared->lent[i])
                narrate_note_returned(narrate_gives_back(sock));
        }
}

/* If something still holds a socket that was closed, the sentence that
 * says so; NULL if not. A TCP state that does not follow a close shows
 * it: another descriptor, here or in another process, or a call that
 * blocks in another thread. In all other states only descriptors of
 * ours do. If there is no state, none is told. The lock is held. */
static inline const char *narrate_held_by(struct narrate_seen *seen)
{
    static const char holds[] = "Another descriptor, here or in another"
                                " process, still holds this socket.";
    bool tcp = seen->type == SOCK_STREAM && seen->port >= 0
               && (seen->listens || seen->connected)
               && !narrate_is_blind(seen);
    bool copied = false, listens, up;
    const char *state = "";
    struct stat file;

    for (int i = 0; i <= narrate_kernel.highest; i++)
        if (fstat(i, &file) == 0 && S_ISSOCK(file.st_mode)
            && file.st_ino == seen->inode)
            copied = true;
    if (!seen->connected)
        seen->peer.any.sa_family = seen->here.any.sa_family;
    if (tcp)
        state = narrate_lasting(seen, "");
    listens = strcmp(state, "LISTEN") == 0;
    up = listens || strcmp(state, "ESTABLISHED") == 0
         || strcmp(state, "CLOSE-WAIT") == 0;
    seen->shared = seen->shared || listens; /* its state is told */
    /* This socket, or one that shares the port. */
    if (listens && narrator.threads > 1)
        return "Another thread or descriptor, here or in another"
               " process, still listens at this address.";
    if (listens)
        return "Another descriptor, here or in another process, still"
               " listens at this address.";
    if (up && !copied && narrator.threads > 1
        && !narrate_is_forked(seen->sock))
        return "Another thread still holds this socket, so nothing"
               " ends.";
    if (up)
        return holds;
    if (copied && *state == '\0')
        seen->here.any.sa_family = AF_UNSPEC;
    if (copied)
        return holds;
    if (tcp || !narrate_is_forked(seen->sock))
        return NULL;
    seen->here.any.sa_family = AF_UNSPEC;
    return "Another process may still hold this socket.";
}

static inline const char *narrate_holder(struct narrate_call *call)
{
    const char *holder = narrate_held_by(&call->before);

    call->own.held = holder != NULL;
    return holder;
}

#endif
