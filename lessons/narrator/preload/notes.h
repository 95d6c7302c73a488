/* notes.h: remarks on what beginners' programs get wrong. Part
 * of preload.c.
 *
 * A remark stands next to the call where the fault shows, and only if
 * it is true: a program without that fault never gets it. If the
 * program may have meant what it did, the remark asks.
 */
#ifndef NARRATE_NOTES_H
#define NARRATE_NOTES_H

/* What we remember about a descriptor, for remarks. */
static struct narrate_memory {
    int bind_error; /* errno of a bind that failed, or 0 */
    int accepted, accepts; /* what accept returned last; how often */
    int tries; /* calls of accept, including those that failed */
    int shut; /* the thread that has shut down sending, or 0 */
    bool deaf; /* and receiving, by SHUT_RD or SHUT_RDWR */
    bool port_free; /* the kernel chose a port; nobody asked which */
    bool port_zero; /* because bind was given port 0 */
    bool group; /* bound to a group's address, and not yet read */
    int closed; /* number of the call that closed it; 0: none did */
    bool made_here; /* by this program: it was not handed to it */
    bool listened; /* listen was called */
    bool taken; /* accept returned it */
    bool handed; /* to another program; fork counts by itself */
    bool broken; /* a call that sends has failed with EPIPE */
    bool used, sent; /* bytes went through it; bytes were sent */
    bool pointer; /* the last call received a pointer's size of text */
    const char *rest; /* so much was sent of a text: it goes on here */
    long part; /* so many bytes of a line came last, without its end */
    int hasty; /* the call that answered them, or 0 */
    unsigned made; /* narrate_forks when it was made */
} narrate_memories[NARRATE_SEEN + 1];

static bool narrate_astray; /* accept was called without listen */
static pid_t narrate_home; /* the process whose memory this is */

/* How many forks there have been so far, in this process and in its
 * ancestors, and how many of them before this process began. */
static unsigned narrate_forks, narrate_born;

/* What the kernel says of a socket. The lock is held. */
static inline bool narrate_is_type(int sock, int type)
{
    return narrate_look(sock)->type == type; /* no type is 0 */
}

static inline bool narrate_is_in(int sock, int states)
{
    return (states >> narrate_look(sock)->state & 1) != 0;
}

static inline struct narrate_memory *narrate_memory(int descriptor)
{
    bool few = descriptor >= 0 && descriptor < NARRATE_SEEN;

    return &narrate_memories[few ? descriptor : NARRATE_SEEN];
}

/* Forgets what we knew about this number: it is closed, or new. */
static inline void narrate_forget(int descriptor)
{
    if (descriptor >= 0)
        *narrate_memory(descriptor) =
            (struct narrate_memory){.made = narrate_forks};
    if (descriptor > narrate_kernel.highest)
        narrate_kernel.highest = descriptor;
}

/* A call of the program has made this socket. */
static inline void narrate_new(int descriptor)
{
    narrate_forget(descriptor);
    if (descriptor >= 0)
        narrate_memory(descriptor)->made_here = true;
}

/* Are these two descriptors of one socket? */
static inline bool narrate_is_same(int one, int other)
{
    struct stat file, second;

    return fstat(one, &file) == 0 && fstat(other, &second) == 0
           && file.st_ino == second.st_ino
           && file.st_dev == second.st_dev;
}

/* After dup: what we know about `from` holds for `to` too. A child of
 * vfork(2) has its parent's memory and must not change it. */
static inline void narrate_copied(int from, int to)
{
    if (to < 0 || to == from || getpid() != narrate_home)
        return;
    narrate_forget(to);
    if (from < NARRATE_SEEN)
        *narrate_memory(to) = *narrate_memory(from);
    if (narrate_is_socket(to))
        narrate_look(to); /* the end lists it, if it is still open */
}

/* Is this number an open socket that is told? Of those above 1023 we
 * know nothing else: none of them is above narrate_kernel.highest. */
static inline bool narrate_is_left(int i)
{
    if (i >= NARRATE_SEEN)
        return narrate_is_socket(i);
    return narrate_kernel.seen[i].sock == i
           && narrate_kernel.seen[i].inode != 0
           && narrate_look(i)->open;
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

/* May another process have it: by fork, or handed on? */
static inline bool narrate_is_elsewhere(int descriptor)
{
    return narrate_is_forked(descriptor)
           || narrate_memory(descriptor)->handed;
}

/* Another program gets this socket: one that is executed, or the peer
 * to which a message carries it. */
static inline void narrate_hand_on(int descriptor)
{
    struct stat file;

    if (fstat(descriptor, &file) == -1 || !S_ISSOCK(file.st_mode))
        return;
    for (int i = 0; i < NARRATE_SEEN; i++)
        if (narrate_kernel.seen[i].inode == file.st_ino)
            narrate_memory(i)->handed = true;
}

/* A call has moved bytes, or waits for them; `sent`: it sent them. */
static inline void narrate_uses(int descriptor, bool sent)
{
    narrate_memory(descriptor)->used = true;
    if (sent)
        narrate_memory(descriptor)->sent = true;
}

/* Tells what is wrong for certain, whatever else is left out. */
static inline void narrate_tell_certain(const char *text)
{
    int muted = narrator.muted;

    narrator.muted = 0;
    narrate_tell(NARRATE_NOTED, NULL, text);
    narrator.muted = muted;
}

/* Tells a remark, with the lock held or not. Preserves errno. */
static inline void narrate_remark(bool certain, const char *format,
                                  va_list list)
{
    bool held = narrate_busy != 0;
    NARRATE_STATIC(t, NARRATE_ROOM);
    int entry = errno;

    if (!held)
        narrate_start();
    narrate_clear(&t);
    if (!narrate_out.faults)
        narrate_add(&t, "Note: ");
    else /* no line says to which call it belongs */
        narrate_add(&t, "Call %d: ", atomic_load(&narrate_calls));
    narrate_addv(&t, format, list);
    if (!narrate_out.faults) {
        narrate_tell(NARRATE_NOTED, NULL, t.text);
    } else if (certain && !narrate_said(format)) { /* once */
        narrate_tell_certain(t.text);
    }
    if (!held)
        narrate_end();
    errno = entry;
}

#ifdef __GNUC__
#define NARRATE_REMARK __attribute__((format(printf, 1, 2)))
#else
#define NARRATE_REMARK
#endif

/* Tells what is no remark: nothing need be wrong. Preserves errno. */
NARRATE_REMARK static inline void narrate_say(const char *format, ...)
{
    bool held = narrate_busy != 0;
    NARRATE_STATIC(t, NARRATE_ROOM);
    int entry = errno;
    va_list list;

    if (!held)
        narrate_start();
    va_start(list, format);
    narrate_addv(narrate_clear(&t), format, list);
    va_end(list);
    narrate_tell(NARRATE_COUNTED, NULL, t.text);
    if (!held)
        narrate_end();
    errno = entry;
}

/* A remark on what may be wrong, or is worth knowing. */
NARRATE_REMARK static inline void narrate_note(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    narrate_remark(false, format, list);
    va_end(list);
}

/* One on what is wrong for certain, even if the program did what was
 * asked: the judges pass it on. */
NARRATE_REMARK static inline void narrate_fault(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    narrate_remark(true, format, list);
    va_end(list);
}

/* ---- addresses --------------------------------------------------- */

/* The numbers among the program's arguments, and LESSON_PORT: ports
 * that its user has chosen; and the IPv4 addresses among them. */
static struct {
    unsigned number[32];
    in_addr_t host[8];
    size_t count, hosts;
} narrate_arguments;

/* Takes from a word the numbers that may be ports, as in 8888,
 * 127.0.0.1:8888, -p8888 and --port=8888: not those of an address. */
static inline void narrate_take_numbers(const char *word)
{
    static const char digits[] = "0123456789";
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *at = word;

    while (*(at += strcspn(at, digits)) != '\0') {
        size_t length = strspn(at, digits);
        const char *next = at + length;
        char before = at > word ? at[-1] : ' ';
        bool option = at == word + 2 && word[0] == '-';

        if (before != '.' && *next != '.' && length < 6
            && (option || strchr(letters, before) == NULL)
            && (*next == '\0' || strchr(letters, *next) == NULL)
            && narrate_arguments.count
                   < NARRATE_COUNT(narrate_arguments.number))
            narrate_arguments.number[narrate_arguments.count++] =
                (unsigned)strtoul(at, NULL, 10);
        at = next;
    }
}

static inline void narrate_take_host(const char *word)
{
    struct in_addr host;

    if (narrate_arguments.hosts < NARRATE_COUNT(narrate_arguments.host)
        && inet_pton(AF_INET, word, &host) == 1)
        narrate_arguments.host[narrate_arguments.hosts++] = host.s_addr;
}

/* Before the program begins. proc(5), /proc/PID/cmdline. */
static inline void narrate_take_arguments(void)
{
    const char *port = getenv("LESSON_PORT");
    static char words[2048];
    int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n =
        file != -1 ? pread(file, words, sizeof words - 1, 0) : -1;

    if (file != -1)
        narrate_real_close(file);
    words[n > 0 ? n : 0] = '\0';
    for (ssize_t at = 0; at < n; at += (ssize_t)strlen(words + at) + 1)
        if (at > 0) { /* the first is the program's own name */
            narrate_take_numbers(words + at);
            narrate_take_host(words + at);
        }
    if (port != NULL)
        narrate_take_numbers(port);
}

static inline bool narrate_is_argument(unsigned port)
{
    for (size_t i = 0; i < narrate_arguments.count; i++)
        if (narrate_arguments.number[i] == port)
            return true;
    return false;
}

static inline bool narrate_is_named(in_addr_t host)
{
    for (size_t i = 0; i < narrate_arguments.hosts; i++)
        if (narrate_arguments.host[i] == host)
            return true;
    return false;
}

/* How much a port looks like one that a person chose: 2 for 8888, 8080,
 * 5000, and those of well-known books; 1 for 4200; otherwise 0. */
static inline int narrate_likely(unsigned port)
{
    static const unsigned usual[] = {
        80,   443,  1234, 2345, 3456, 3490, 4242,  4321,  4567,
        4950, 5432, 5678, 6379, 6789, 8008, 8080,  8081,  8443,
        9034, 9090, 9191, 9876, 9877, 9999, 12345, 15213,
    };
    NARRATE_TEXT(digits, 8);

    for (size_t i = 0; i < NARRATE_COUNT(usual); i++)
        if (usual[i] == port)
            return 2;
    narrate_add(&digits, "%u", port & 0xFFFF);
    if (port >= 1000
        && (port % 1000 == 0
            || strspn(digits.text, (char[2]){digits.text[0]})
                   == digits.used))
        return 2;
    return port >= 1000 && port % 100 == 0;
}

/* After a connect that was refused: does a socket listen at the same
 * address of this host, but at another port; or, at the same one, at
 * another IPv4 address? Sets *at to what listens. Only the first port
 * that was refused is looked up: a program that tries one after the
 * other finds such sockets by and by. */
static inline bool narrate_listens_at(int sock, const void *address,
                                      socklen_t length, int refused,
                                      unsigned port,
                                      union narrate_end *at)
{
    static int first;
    const union narrate_end *here = &narrate_look(sock)->here;
    struct narrate_user user;
    const unsigned char *to;

    if (first == 0)
        first = refused;
    if (first != refused || length > sizeof *at)
        return false;
    memset(at, 0, sizeof *at);
    memcpy(at, address, length);
    at->v4.sin_port = htons((in_port_t)port); /* of IPv6, too */
    to = narrate_bytes_of(at);
    if (at->any.sa_family != here->any.sa_family /* ours, or 127/8 */
        || (memcmp(to, narrate_bytes_of(here),
                   at->any.sa_family == AF_INET ? 4 : 16)
                != 0
            && (at->any.sa_family != AF_INET || to[0] != 127)))
        return false;
    if (port == (unsigned)refused && at->any.sa_family == AF_INET)
        at->v4.sin_addr.s_addr = INADDR_ANY; /* it overlaps all */
    if (!narrate_find_user(at, true, &user)
        || strcmp(user.state, "LISTEN") != 0)
        return false;
    *at = user.at;
    return true;
}

/* Is this port one with its two bytes swapped? Not if the user named
 * it. It is, if the user named the other; and likely, if connect was
 * `refused`, and somebody listens at the other; or if only the other is
 * one that a person would choose. If the call has `failed`, a less
 * likely choice is enough for that. */
static inline void narrate_note_port(int sock, const void *address,
                                     socklen_t length, bool failed,
                                     bool refused)
{
    int port = narrate_port_of(address, length);
    unsigned other = (unsigned)port << 8 & 0xFF00;
    union narrate_end at;

    if (port <= 0)
        return;
    other |= (unsigned)port >> 8;
    if (refused
        && narrate_listens_at(sock, address, length, port,
                              (unsigned)port, &at)
        && at.any.sa_family == AF_INET) {
        NARRATE_TEXT(t, 64);

        narrate_add_end(&t, &at);
        narrate_note("nothing listens there, but something does at the"
                     " same port of another address, %s: is one of the"
                     " two addresses wrong?",
                     t.text);
        return;
    }
    if (other == (unsigned)port || other == 0)
        return;
    if (refused
        && narrate_listens_at(sock, address, length, port, other, &at))
        narrate_note("nothing listens at port %d, but something does at"
                     " %u, which is %d with its two bytes swapped: does"
                     " one side lack htons?",
                     port, other, port);
    else if (narrate_is_argument((unsigned)port))
        return;
    else if (narrate_is_argument(other))
        narrate_note("port %d is %u with its two bytes swapped:"
                     " sin_port wants htons(%u).",
                     port, other, other);
    else if (narrate_likely((unsigned)port) == 0
             && narrate_likely(other) >= (failed ? 1 : 2))
        narrate_note("port %d is %u with its two bytes swapped: was"
                     " htons(%u) meant?",
                     port, other, other);
}

/* Is this IPv4 address one with its four bytes reversed? Not if the
 * user named it. It is, if the user named the other; or if it is the
 * loopback address, and bind has `failed`: no host is called so. And
 * was it made of a text that is no address? TCP has no broadcasts.
 * inet_addr(3) */
static inline void narrate_note_host(const struct narrate_call *call,
                                     bool failed)
{
    static bool said;
    bool none, named;
    unsigned char bytes[4], back[4];
    char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];
    struct sockaddr_in end;
    in_addr_t other;

    if (said || narrate_port_of(call->address, call->length) == -1)
        return;
    memcpy(&end, call->address, sizeof end);
    memcpy(bytes, &end.sin_addr, sizeof bytes);
    for (int i = 0; i < 4; i++)
        back[i] = bytes[3 - i];
    memcpy(&other, back, sizeof other);
    none = end.sin_addr.s_addr == INADDR_NONE
           && call->before.type == SOCK_STREAM;
    named = narrate_is_named(other) && other != end.sin_addr.s_addr;
    if (end.sin_family != AF_INET
        || narrate_is_named(end.sin_addr.s_addr)
        || (!none && !named && other != htonl(INADDR_LOOPBACK)))
        return;
    said = true;
    inet_ntop(AF_INET, bytes, from, sizeof from);
    inet_ntop(AF_INET, back, to, sizeof to);
    if (none)
        narrate_note("%s is what inet_addr returns for a text that is"
                     " no address: was it a name?",
                     from);
    else if (named || failed)
        narrate_note("%s is %s with its four bytes reversed: s_addr"
                     " wants network byte order, as"
                     " htonl(INADDR_LOOPBACK) and inet_pton have it.",
                     from, to);
    else
        narrate_note("%s is %s with its four bytes reversed: was"
                     " htonl(INADDR_LOOPBACK) meant?",
                     from, to);
}

/* What an address alone shows: a family that was never set or, if the
 * call has failed with EINVAL, a length too short for the family. */
static inline void narrate_note_address(int sock, const void *address,
                                        socklen_t length, bool invalid)
{
    sa_family_t family = AF_UNSPEC;
    int ours = narrate_look(sock)->here.any.sa_family;
    size_t expected;

    if (!narrate_readable(address, sizeof family))
        return;
    memcpy(&family,
           (const char *)address + offsetof(struct sockaddr, sa_family),
           sizeof family);
    expected = family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                  : sizeof(struct sockaddr_in);
    if (family == AF_UNSPEC)
        narrate_fault("the address has family 0: it was never set."
                      " Set %s.",
                      ours == AF_INET6  ? "sin6_family to AF_INET6"
                      : ours == AF_UNIX ? "sun_family to AF_UNIX"
                                        : "sin_family to AF_INET");
    else if (invalid && (family == AF_INET || family == AF_INET6)
             && length < expected)
        narrate_note("%u is not the length of this address: it has %zu"
                     " bytes, sizeof(struct sockaddr_in%s).",
                     (unsigned)length, expected,
                     family == AF_INET6 ? "6" : "");
}

static inline void narrate_note_bind(const struct narrate_call *call)
{
    struct narrate_memory *memory = narrate_memory((int)call->arg[0]);
    socklen_t length = (socklen_t)call->length;
    int sock = (int)call->arg[0];

    memory->bind_error = call->error;
    memory->port_zero = memory->port_free =
        call->error == 0
        && narrate_port_of(call->address, call->length) == 0;
    memory->group = call->error == 0
                    && narrate_port_of(call->address, call->length) >= 0
                    && narrate_is_group(call->address);
    narrate_note_address(sock, call->address, length,
                         call->error == EINVAL);
    if (call->error == EADDRNOTAVAIL || call->error == 0)
        narrate_note_host(call, call->error != 0);
    narrate_note_port(sock, call->address, length,
                      call->error == EACCES, false);
}

static bool narrate_joined; /* some socket is in a group, or was */

/* After setsockopt. RFC 3678 has the other options that join. */
static inline void narrate_note_joined(const struct narrate_call *call)
{
    int option = (int)call->arg[2];

    if (call->error == 0 && call->arg[1] == IPPROTO_IP
        && (option == IP_ADD_MEMBERSHIP
            || option == IP_ADD_SOURCE_MEMBERSHIP
            || option == MCAST_JOIN_GROUP
            || option == MCAST_JOIN_SOURCE_GROUP))
        narrate_joined = true;
}

/* Before a call that receives or waits. Linux gives a socket that is in
 * no group what other sockets of the host have joined: ip(7),
 * IP_MULTICAST_ALL. */
static inline void narrate_note_group(int sock)
{
    struct narrate_memory *memory = narrate_memory(sock);

    if (memory->group && !narrate_joined)
        narrate_note("this socket is bound to a group's address, but"
                     " has not joined the group (IP_ADD_MEMBERSHIP): it"
                     " hears it only while another program of this host"
                     " is in it.");
    memory->group = false;
}

/* After connect. `fresh`: this is a TCP socket that was never
 * connected, so that AF_UNSPEC cannot be meant to end a connection.
 * connect(2). */
static inline void narrate_note_connect(const struct narrate_call *call,
                                        bool fresh)
{
    const struct narrate_seen *seen = narrate_look((int)call->arg[0]);
    int sock = seen->sock, error = call->error;
    socklen_t length = (socklen_t)call->length;
    bool failed = error != 0
                  && !narrate_among("EINPROGRESS EALREADY EINTR "
                                    "EISCONN EAGAIN",
                                    narrate_errno_name(error));

    if (failed || (error == 0 && fresh && !seen->connected))
        narrate_note_address(sock, call->address, length,
                             failed && error == EINVAL);
    if (failed)
        narrate_note_port(sock, call->address, length,
                          error == ECONNREFUSED, error == ECONNREFUSED);
}

/* After getsockopt: SO_ERROR says it of one that did not block. */
static inline void narrate_note_option(const struct narrate_call *call)
{
    const struct narrate_seen *seen = narrate_look((int)call->arg[0]);
    int error = 0;

    if (call->error != 0 || call->arg[1] != SOL_SOCKET
        || call->arg[2] != SO_ERROR)
        return;
    memcpy(&error, narrate_pointer(call, 3), sizeof error);
    if (error == ECONNREFUSED && !seen->connected)
        narrate_note_port(seen->sock, &seen->asked, sizeof seen->asked,
                          true, true);
}

static bool narrate_unasked; /* some socket listens at such a port */

static inline void narrate_note_listen(const struct narrate_call *call)
{
    struct narrate_memory *memory = narrate_memory((int)call->arg[0]);

    if (call->error != 0)
        return;
    memory->listened = true;
    if (call->before.port == 0)
        memory->port_free = true;
    narrate_unasked = narrate_unasked || memory->port_free;
}

/* Before a program waits for callers, and at the end: the kernel chose
 * the port of a listening socket, because bind was given 0, has failed
 * or is missing, and the program has not asked which it is. */
static inline void narrate_note_unknown_port(int sock)
{
    struct narrate_memory *memory = narrate_memory(sock);
    int entry = errno, port;

    if (!memory->port_free || !memory->listened)
        return;
    memory->port_free = false;
    port = narrate_look(sock)->port;
    if (port <= 0
        || narrate_is_elsewhere(sock)) /* who may have asked */
        ;
    else if (memory->bind_error != 0)
        narrate_fault("bind had failed (%s) and the program went on: "
                      "the"
                      " kernel chose port %d, and callers do not find"
                      " the server.",
                      narrate_errno_name(memory->bind_error), port);
    else if (!memory->port_zero)
        narrate_note("this socket was never bound: the kernel chose"
                     " port %d.",
                     port);
    else
        narrate_note("bind was given port 0, so the kernel chose %d;"
                     " the program has not asked which (getsockname)."
                     " To choose it yourself, give sin_port"
                     " htons(PORT), not htonl.",
                     port);
    errno = entry;
}

/* Before a call that waits for descriptors. */
static inline void narrate_note_unknown_ports(void)
{
    if (!narrate_unasked || !narrator.telling)
        return;
    narrate_unasked = false;
    for (int i = 0; i < narrate_few(); i++)
        narrate_note_unknown_port(i);
}

/* After getsockname: the program knows the port of this socket. */
static inline void narrate_knows_port(int sock)
{
    int entry = errno;

    for (int i = 0; i < narrate_few(); i++)
        if (narrate_memory(i)->port_free
            && (i == sock || narrate_is_same(i, sock)))
            narrate_memory(i)->port_free = false;
    errno = entry;
}

/* ---- connections ------------------------------------------------- */

/* After EBADF: says which call has closed this descriptor, if any. */
static inline void narrate_note_closed(int descriptor)
{
    int closed = narrate_memory(descriptor)->closed;

    if (closed > 0 && descriptor < NARRATE_SEEN)
        narrate_fault("descriptor %d was closed in call %d.",
                      descriptor, closed);
}

static inline void narrate_note_accept(const struct narrate_call *call)
{
    int sock = (int)call->arg[0], result = (int)call->result;
    struct narrate_memory *memory = narrate_memory(sock);

    if (result >= 0) {
        narrate_new(result);
        narrate_memory(result)->taken = true;
        memory->accepted = result;
        memory->accepts++;
    } else if (call->error == EINVAL && !memory->deaf
               && memory->made_here && !memory->listened
               && call->before.type == SOCK_STREAM) {
        if (call->before.connected)
            narrate_fault("%d is a connected socket: it has no queue of"
                          " callers.",
                          sock);
        else
            narrate_fault("%d does not listen: call listen first.",
                          sock);
    } else if (call->error == EBADF && sock >= 0) {
        narrate_note_closed(sock);
    }
}

/* Has a shutdown, here or in another process, ended our sending? */
static inline bool narrate_has_shut(int sock)
{
    /* FIN-WAIT-1, FIN-WAIT-2, LAST-ACK, CLOSING */
    return narrate_memory(sock)->shut != 0
           || narrate_is_in(sock, 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11);
}

/* After a call that moves bytes: says why it failed, if we know. A peer
 * may leave at any time, and so may another thread shut the socket
 * down: that is worth a remark only if the program does not take EPIPE
 * for an answer, or ends of SIGPIPE. */
static inline void narrate_note_failed(const struct narrate_call *call)
{
    int sock = (int)call->arg[0], entry = call->error;
    struct narrate_memory *memory = narrate_memory(sock);
    bool again = memory->broken
                 || (memory->made_here && narrate_ends_here(call));

    if (entry == 0 || sock < 0 || sock >= NARRATE_SEEN)
        return;
    memory->broken = memory->broken || entry == EPIPE;
    if ((entry == ENOTCONN || entry == EPIPE)
        && narrate_look(sock)->listens) {
        if (memory->accepts > 0)
            narrate_fault("%d is the listening socket; bytes go through"
                          " the one that accept returned, %d.",
                          sock, memory->accepted);
        else
            narrate_fault("%d is the listening socket; bytes go through"
                          " the one that accept returns.",
                          sock);
    } else if (entry == EPIPE && narrate_has_shut(sock)) {
        if (again || memory->shut == narrate_thread)
            narrate_fault("shutdown has ended this side: nothing more"
                          " can be sent.");
    } else if (entry == EPIPE && narrate_look(sock)->connected) {
        if (again)
            narrate_note("the peer %s: nothing that is sent here"
                         " arrives.",
                         narrate_look(sock)->here.any.sa_family
                                 == AF_UNIX
                             ? "receives no more"
                             : "has left");
    } else if (entry == EPIPE && memory->made_here && !memory->taken) {
        narrate_note("%d is not connected: nothing can be sent.", sock);
    } else if (entry == EBADF) {
        narrate_note_closed(sock);
    }
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
        || size > 65536 || !narrator.telling || text[size - 1] != '\0')
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
