/* preload_notes.h: remarks on what beginners' programs get wrong. Part
 * of preload.c.
 *
 * A remark stands next to the call where the fault shows, and only if
 * it is true: a program without that fault never gets it. If the
 * program may have meant what it did, the remark asks.
 */
#ifndef NARRATE_PRELOAD_NOTES_H
#define NARRATE_PRELOAD_NOTES_H

/* What we remember about a descriptor, for remarks. */
static struct narrate_memory {
    int bind_error; /* errno of a bind that failed, or 0 */
    int accepted, accepts; /* what accept returned last; how often */
    int tries; /* calls of accept, including those that failed */
    bool shut; /* the program has shut down sending */
    bool deaf; /* and receiving, by SHUT_RD or SHUT_RDWR */
    bool port_free; /* the kernel chose a port; nobody asked which */
    int closed; /* number of the call that closed it; 0: none did */
    bool taken; /* accept returned it */
    bool used, sent; /* bytes went through it; bytes were sent */
    bool pointer; /* the last call received a pointer's size of text */
    unsigned made; /* narrate_forks when it was made */
} narrate_memories[NARRATE_SEEN + 1];

static bool narrate_astray; /* accept was called without listen */
static pid_t narrate_home; /* the process whose memory this is */

/* How many forks there have been so far, in this process and in its
 * ancestors, and how many of them before this process began. */
static unsigned narrate_forks, narrate_born;

static int narrate_highest; /* the highest descriptor seen so far */

static inline struct narrate_memory *narrate_memory(int descriptor)
{
    bool few = descriptor >= 0 && descriptor < NARRATE_SEEN;

    return &narrate_memories[few ? descriptor : NARRATE_SEEN];
}

/* Forgets what we knew about this number: it is new, or closed. */
static inline void narrate_forget(int descriptor)
{
    if (descriptor >= 0)
        *narrate_memory(descriptor) =
            (struct narrate_memory){.made = narrate_forks};
    if (descriptor > narrate_highest)
        narrate_highest = descriptor;
}

/* After dup: what we know about `from` holds for `to` too. A child of
 * vfork(2) has its parent's memory and must not change it. */
static inline void narrate_copied(int from, int to)
{
    int entry = errno;

    if (to < 0 || to == from || narrate_busy
        || getpid() != narrate_home)
        return;
    narrate_forget(to);
    if (from < NARRATE_SEEN)
        *narrate_memory(to) = *narrate_memory(from);
    if (narrate_is_socket(to))
        narrate_see(to); /* the end lists it, if it is still open */
    errno = entry;
}

/* Is this number an open socket that is told? Of those above 1023 we
 * know nothing else: none of them is above narrate_highest. */
static inline bool narrate_is_left(int i)
{
    if (i >= NARRATE_SEEN)
        return narrate_is_socket(i);
    return narrator.seen[i].sock == i && narrator.seen[i].inode != 0
           && narrate_see(i)->open;
}

/* Has a fork given the socket to another process too? And, below, has
 * this process only inherited it? */
static inline bool narrate_is_forked(int descriptor)
{
    return narrate_memory(descriptor)->made < narrate_forks;
}

static inline bool narrate_is_inherited(int descriptor)
{
    return narrate_memory(descriptor)->made < narrate_born;
}

/* A call has moved bytes; `sent`: it sent them. */
static inline void narrate_uses(int descriptor, bool sent)
{
    narrate_memory(descriptor)->used = true;
    if (sent)
        narrate_memory(descriptor)->sent = true;
}

static inline bool narrate_may_note(void)
{
    return narrator.telling && !narrate_busy;
}

/* Tells a remark, with the lock held or not. Preserves errno. */
#ifdef __GNUC__
__attribute__((format(printf, 1, 2)))
#endif
static inline void
narrate_note(const char *format, ...)
{
    int entry = errno;
    struct narrate_text t;
    bool held = narrate_busy != 0;
    va_list list;

    memcpy(t.text, "Note: ", 6);
    va_start(list, format);
    vsnprintf(t.text + 6, sizeof t.text - 6, format, list);
    va_end(list);
    if (!held)
        narrate_start();
    narrate_tell(NARRATE_NOTED, NULL, t.text);
    if (!held)
        narrate_end();
    errno = entry;
}

/* ---- addresses --------------------------------------------------- */

/* How much a port looks like one that a person chose: 2 for 8888, 8080
 * and 5000, 1 for 4200, otherwise 0. */
static inline int narrate_likely(unsigned port)
{
    static const unsigned usual[] = {
        80,   443,  1234, 2345, 3456, 4242, 4321, 4567, 5432, 5678,
        6379, 6789, 8008, 8080, 8081, 8443, 9090, 9876, 9999, 12345,
    };
    char digits[8];

    for (size_t i = 0; i < NARRATE_COUNT(usual); i++)
        if (usual[i] == port)
            return 2;
    snprintf(digits, sizeof digits, "%u", port & 0xFFFF);
    if (port >= 1000
        && (port % 1000 == 0
            || strspn(digits, (char[2]){digits[0]}) == strlen(digits)))
        return 2;
    return port >= 1000 && port % 100 == 0;
}

/* Says that the port's two bytes are swapped if only the swapped port
 * is one that a person would choose. If the call has `failed`, a less
 * likely choice is enough. */
static inline void narrate_note_port(const void *address,
                                     socklen_t length, bool failed)
{
    int port = narrate_port_of(address, length);
    unsigned other = (unsigned)port << 8 & 0xFF00;

    if (port <= 0)
        return;
    other |= (unsigned)port >> 8;
    if (narrate_likely((unsigned)port) == 0
        && narrate_likely(other) >= (failed ? 1 : 2))
        narrate_note("port %d is %u with its two bytes swapped:"
                     " sin_port wants htons(%u).",
                     port, other, other);
}

/* What an address alone shows: a family that was never set or, if the
 * call has `failed`, a length too short for the family. */
static inline void narrate_note_address(int sock, const void *address,
                                        socklen_t length, bool failed)
{
    sa_family_t family = AF_UNSPEC;
    int ours = narrate_see(sock)->here.ss_family;
    size_t expected;

    if (!narrate_readable(address, sizeof family))
        return;
    memcpy(&family,
           (const char *)address + offsetof(struct sockaddr, sa_family),
           sizeof family);
    expected = family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                  : sizeof(struct sockaddr_in);
    if (family == AF_UNSPEC)
        narrate_note("the address has family 0: it was never filled."
                     " Set %s.",
                     ours == AF_INET6  ? "sin6_family to AF_INET6"
                     : ours == AF_UNIX ? "sun_family to AF_UNIX"
                                       : "sin_family to AF_INET");
    else if (failed && (family == AF_INET || family == AF_INET6)
             && length < expected)
        narrate_note("%u is not the length of this address: it has %zu"
                     " bytes, sizeof(struct sockaddr_in%s).",
                     (unsigned)length, expected,
                     family == AF_INET6 ? "6" : "");
}

static inline void narrate_note_bind(int sock, const void *address,
                                     socklen_t length, int result)
{
    int entry = errno;

    if (!narrate_may_note())
        return;
    narrate_memory(sock)->bind_error = result == -1 ? entry : 0;
    narrate_memory(sock)->port_free =
        result == 0 && narrate_port_of(address, length) == 0;
    narrate_note_address(sock, address, length, result == -1);
    narrate_note_port(address, length, result == -1 && entry == EACCES);
    errno = entry;
}

static inline void narrate_note_connect(int sock, const void *address,
                                        socklen_t length, int result)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int entry = errno;
    bool refused = result == -1 && entry == ECONNREFUSED;

    if (!narrate_may_note())
        return;
    if (result == -1
        || narrate_real_getpeername(sock, (narrate_sockaddr *)&peer,
                                    &size)
               == -1) {
        if (result == -1 || narrate_is_type(sock, SOCK_STREAM))
            narrate_note_address(sock, address, length, result == -1);
        narrate_note_port(address, length, refused);
    }
    errno = entry;
}

/* `before`: the port that the socket had before listen. */
static inline void narrate_note_listen(int sock, int before, int result)
{
    struct narrate_memory *memory = narrate_memory(sock);
    struct sockaddr_storage here;
    socklen_t size = sizeof here;
    int entry = errno, port;

    if (result == -1 || before != 0 || !narrate_may_note()
        || narrate_real_getsockname(sock, (narrate_sockaddr *)&here,
                                    &size)
               == -1)
        return;
    port = narrate_port_of(&here, size);
    if (port > 0 && memory->bind_error != 0)
        narrate_note("bind had failed (%s) and the program went on: the"
                     " kernel chose port %d, and callers do not find"
                     " the server.",
                     narrate_errno_name(memory->bind_error), port);
    else if (port > 0)
        narrate_note("this socket was never bound: the kernel chose"
                     " port %d.",
                     port);
    errno = entry;
}

static inline int narrate_port_here(int sock)
{
    struct sockaddr_storage here;
    socklen_t size = sizeof here;
    int entry = errno, port = -1;

    if (narrate_may_note()
        && narrate_real_getsockname(sock, (narrate_sockaddr *)&here,
                                    &size)
               == 0)
        port = narrate_port_of(&here, size);
    errno = entry;
    return port;
}

/* ---- connections ------------------------------------------------- */

/* After EBADF: says which call has closed this descriptor, if any. */
static inline void narrate_note_closed(int descriptor)
{
    int closed = narrate_memory(descriptor)->closed;

    if (closed > 0 && descriptor < NARRATE_SEEN)
        narrate_note("descriptor %d was closed in call %d.", descriptor,
                     closed);
}

static inline void narrate_note_accept(int sock, int result)
{
    struct narrate_memory *memory = narrate_memory(sock);
    int entry = errno;

    if (result >= 0) {
        narrate_forget(result);
        narrate_memory(result)->taken = true;
        memory->accepted = result;
        memory->accepts++;
    } else if (narrate_may_note() && entry == EINVAL && !memory->deaf
               && narrate_is_type(sock, SOCK_STREAM)
               && !narrate_is_listening(sock)) {
        if (narrate_see(sock)->connected)
            narrate_note("%d is a connected socket: it has no queue of"
                         " callers.",
                         sock);
        else
            narrate_note("%d does not listen: call listen first.",
                         sock);
    } else if (narrate_may_note() && entry == EBADF && sock >= 0) {
        narrate_note_closed(sock);
    }
    errno = entry;
}

/* Has a shutdown, here or in another process, ended our sending? */
static inline bool narrate_has_shut(int sock)
{
    /* FIN-WAIT-1, FIN-WAIT-2, LAST-ACK, CLOSING */
    return narrate_memory(sock)->shut
           || narrate_is_in(sock, 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11);
}

/* After a call that moves bytes: says why it failed, if we know. */
static inline void narrate_note_failed(int sock, ssize_t result)
{
    int entry = errno;

    if (result != -1 || !narrate_may_note() || sock < 0
        || sock >= NARRATE_SEEN)
        return;
    if ((entry == ENOTCONN || entry == EPIPE)
        && narrate_is_listening(sock)) {
        const struct narrate_memory *memory = narrate_memory(sock);

        if (memory->accepts > 0)
            narrate_note("%d is the listening socket; bytes go through"
                         " the one that accept returned, %d.",
                         sock, memory->accepted);
        else
            narrate_note("%d is the listening socket; bytes go through"
                         " the one that accept returns.",
                         sock);
    } else if (entry == EPIPE && narrate_has_shut(sock)) {
        narrate_note("shutdown has ended this side: nothing more can be"
                     " sent.");
    } else if (entry == EPIPE && narrate_see(sock)->connected) {
        narrate_note("the peer %s: nothing that is sent here"
                     " arrives.",
                     narrate_see(sock)->here.ss_family == AF_UNIX
                         ? "receives no more"
                         : "has left");
    } else if (entry == EPIPE) {
        narrate_note("%d is not connected: nothing can be sent.", sock);
    } else if (entry == EBADF) {
        narrate_note_closed(sock);
    }
    errno = entry;
}

/* Text and then zeros: the program sent the whole array instead of the
 * text in it. */
static inline void narrate_note_zeros(const void *bytes, size_t size,
                                      ssize_t result)
{
    static bool said;
    const char *text = bytes;
    int entry = errno;
    size_t length, zeros;

    if (said || result <= 0 || (size_t)result != size || size < 16
        || size > 65536 || !narrate_may_note()
        || text[size - 1] != '\0')
        return;
    length = strnlen(text, size);
    for (size_t i = 0; i < length; i++)
        if (narrate_letter((const unsigned char *)text + i, 1) == 0
            && strchr("\r\n\t\"\\", text[i]) == NULL)
            return;
    for (zeros = length; zeros < size; zeros++)
        if (text[zeros] != '\0')
            return;
    if (length > 0 && size - length >= 8) {
        said = true;
        narrate_note("after %zu bytes of text come %zu zeros: are they"
                     " meant? strlen gives the length of a text.",
                     length, size - length);
    }
    errno = entry;
}

#endif
