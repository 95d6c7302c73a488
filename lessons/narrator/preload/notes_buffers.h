/* notes_buffers.h: further remarks, on buffers, on select and
 * on ports that the kernel chose. Part of preload.c. */
#ifndef NARRATE_NOTES_BUFFERS_H
#define NARRATE_NOTES_BUFFERS_H

/* ---- bytes that did not come ------------------------------------- */

/* What was read last, from a socket or a file: into which buffer, how
 * many bytes (`size`), how many it holds with those of earlier calls
 * (`filled`), and the first of those (`bytes`). One for all threads,
 * since what is thread-local takes its place on each stack; a thread
 * that finds another one at it makes do without. */
static struct {
    atomic_flag taken;
    const char *buffer;
    const char *name; /* of the call */
    size_t room; /* that the call was given */
    size_t size, filled;
    char bytes[4096];
} narrate_last_read = {.taken = ATOMIC_FLAG_INIT};

static inline bool narrate_take_last_read(void)
{
    return !atomic_flag_test_and_set(&narrate_last_read.taken);
}

static inline void narrate_free_last_read(void)
{
    atomic_flag_clear(&narrate_last_read.taken);
}

/* Remembers that a call with room for `room` bytes has read `came`. */
static inline void narrate_note_read(const char *name,
                                     const void *buffer, size_t room,
                                     size_t came)
{
    size_t filled = 0, kept = came;

    if (!narrate_take_last_read())
        return;
    if (narrate_last_read.buffer == buffer)
        filled = narrate_last_read.filled;
    narrate_last_read.buffer = NULL;
    if (came > 0 && narrator.telling) {
        if (kept > sizeof narrate_last_read.bytes)
            kept = sizeof narrate_last_read.bytes;
        memcpy(narrate_last_read.bytes, buffer, kept);
        narrate_last_read.buffer = buffer;
        narrate_last_read.name = name;
        narrate_last_read.room = room;
        narrate_last_read.size = came;
        narrate_last_read.filled = filled > kept ? filled : kept;
    }
    narrate_free_last_read();
}

/* Does a call send more from that buffer than the last read put there,
 * and is the rest still from an earlier read? If the program has put
 * something else there, nothing is wrong; nor if it asked for no more
 * than came, and so renewed a part. True if we made a remark. */
static inline bool narrate_note_stale(const void *bytes, size_t size,
                                      ssize_t result)
{
    const char *name;
    size_t came;
    bool stale;

    if (result <= 0 || !narrator.telling || !narrate_take_last_read())
        return false;
    name = narrate_last_read.name;
    came = narrate_last_read.size;
    stale = size > came && size <= narrate_last_read.room
            && narrate_last_read.buffer == bytes
            && size <= narrate_last_read.filled
            && memcmp(narrate_last_read.bytes + came,
                      (const char *)bytes + came, size - came)
                   == 0;
    narrate_free_last_read();
    if (!stale)
        return false;
    narrate_note("the last %s gave %zu byte%s; the other %zu that are"
                 " sent are left from an earlier one: are they meant?",
                 name, came, came == 1 ? "" : "s", size - came);
    return true;
}

/* A size that no memory has: a variable that was never set, or a
 * negative number. */
static inline void narrate_note_size(size_t size)
{
    static bool said;

    if ((uint64_t)size >> 47 == 0 || said || !narrator.telling)
        return;
    said = true;
    narrate_note("no buffer has %zu bytes: was this size ever set, or "
                 "is"
                 " it a negative number?",
                 size);
}

static inline ssize_t narrate_note_text(ssize_t result,
                                        const void *bytes, size_t size)
{
    narrate_note_size(size);
    if (!narrate_note_stale(bytes, size, result))
        narrate_note_zeros(bytes, size, result);
    return result;
}

/* Do these bytes look like a part of a text, not its end? */
static inline bool narrate_is_letters(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] < ' ' || bytes[i] > '~')
            return false;
    return true;
}

/* Has a recv filled a length that is a pointer's, in the middle of a
 * text? Perhaps the program took sizeof of a pointer to the buffer; if
 * it never reads on, narrate_note_left asks. A number of that length,
 * or a binary message, is no sign of this. */
static inline bool narrate_is_pointer(const void *buffer,
                                      ssize_t result, size_t size,
                                      int flags)
{
    const char *text = buffer;
    bool letters = false;

    if (size != sizeof(void *) || result != (ssize_t)size || flags != 0)
        return false;
    for (size_t i = 0; i < size; i++)
        letters = letters || (text[i] | 0x20) > 'f';
    return letters && narrate_is_letters(text, size);
}

/* Does a call send just what the last read put there? */
static inline bool narrate_is_echo(const void *bytes, size_t size)
{
    bool echo;

    if (!narrate_take_last_read())
        return true; /* so that no remark is false */
    echo = narrate_last_read.buffer == bytes
           && narrate_last_read.size == size;
    narrate_free_last_read();
    return echo;
}

/* After a call that sends: is the length a pointer's, in the middle of
 * a text? If the rest is never sent, narrate_note_left asks. And is it
 * an answer to a part of a line? An echo is neither. */
static inline void narrate_watch_send(const struct narrate_call *call)
{
    struct narrate_memory *memory = narrate_memory((int)call->arg[0]);
    const char *bytes = narrate_pointer(call, 1);
    size_t size = (size_t)call->arg[2];

    if (call->result <= 0)
        return;
    if (memory->part > 0 && call->result != memory->part)
        memory->hasty = call->number;
    memory->part = 0;
    if (memory->rest == bytes)
        memory->rest = NULL;
    else if (memory->rest == NULL
             && narrate_is_pointer(bytes, call->result, size, 0)
             && !narrate_is_echo(bytes, size)
             && narrate_readable(bytes + size, 4)
             && narrate_is_letters(bytes + size, 4))
        memory->rest = bytes + size;
}

/* After a call that receives from a client: has the end of a line come,
 * whose beginning has been answered? Only of text can we know. */
static inline void narrate_note_line(const struct narrate_call *call,
                                     const char *bytes, size_t size)
{
    static bool said;
    struct narrate_memory *memory = narrate_memory((int)call->arg[0]);
    bool ends = size > 0 && memchr(bytes, '\n', size) != NULL;

    if (!memory->taken || call->flags != 0
        || call->before.type != SOCK_STREAM)
        return;
    if (ends && memory->hasty > 0 && !said) {
        said = true;
        narrate_note("call %d has answered a part of a line; its end"
                     " came now. A recv returns what is there: was the"
                     " whole line meant?",
                     memory->hasty);
    }
    if (ends)
        memory->hasty = 0;
    memory->part = !ends && size > 0 && narrate_is_letters(bytes, size)
                       ? (long)size
                       : 0;
}

/* Before a socket is closed or the program ends: what that call left
 * of the text will never be read, or sent. */
static inline void narrate_note_left(int sock)
{
    static bool said, said_rest;
    int unread = 0, entry = errno;

    if (!said_rest && sock < NARRATE_SEEN
        && narrate_memory(sock)->rest != NULL) {
        said_rest = true;
        narrate_note("%zu bytes were sent, the size of a pointer, and"
                     " the text goes on after them: was sizeof taken of"
                     " a pointer instead of the text's length"
                     " (strlen)?",
                     sizeof(void *));
    }
    if (!said && sock < NARRATE_SEEN && narrate_memory(sock)->pointer
        && !narrate_is_forked(sock)
        && (unread = narrate_unread(sock)) > 0) {
        said = true;
        narrate_note("the length given was %zu, the size of a pointer,"
                     " and %d more byte%s never read: was sizeof taken"
                     " of a pointer instead of the array?",
                     sizeof(void *), unread,
                     unread == 1 ? " was" : "s were");
    }
    errno = entry;
}

/* Has a datagram that filled the buffer been cut? If it came while the
 * call blocked, we do not know how long it was (`next` is 0): a text
 * without an end may have been longer; a struct has this very size. */
static inline void narrate_note_full(int sock, const void *bytes,
                                     ssize_t result, size_t size,
                                     int flags, int next)
{
    static bool said;

    if (said || size <= 1 || result != (ssize_t)size
        || (flags & (MSG_PEEK | MSG_TRUNC)) != 0 || !narrator.telling
        || !narrate_is_type(sock, SOCK_DGRAM)
        || (next == 0 ? !narrate_is_letters(bytes, size)
                      : (size_t)next <= size))
        return;
    said = true;
    if (next > 0)
        narrate_note("the datagram had %d bytes, and the buffer room"
                     " for %zu: the rest is lost.",
                     next, size);
    else
        narrate_note("the datagram has filled the buffer: was it"
                     " longer? Then the rest is lost.");
}

/* The remarks after a call that receives into one buffer. */
static inline void narrate_note_received(
    const struct narrate_call *call)
{
    int sock = (int)call->arg[0];
    size_t size = (size_t)call->arg[2];
    const void *buffer = narrate_pointer(call, 1);

    narrate_note_size(size);
    narrate_note_read(call->row->name, buffer, size,
                      narrate_kept(call, size));
    narrate_note_full(sock, buffer, call->result, size, call->flags,
                      call->own.next);
    narrate_note_line(call, buffer, narrate_kept(call, size));
    narrate_memory(sock)->pointer =
        narrate_is_pointer(buffer, call->result, size, call->flags)
        && call->before.type == SOCK_STREAM;
}

/* Will close reset this connection, because bytes are unread here? Then
 * what we sent and the peer has not read may be lost. RFC 2525, 2.17.
 * narrate_note_dropped makes sure that nobody else holds the socket. */
static inline bool narrate_drops(int sock)
{
    int entry = errno;
    bool drops = narrate_memory(sock)->sent && sock < NARRATE_SEEN
                 && narrate_is_in(sock, 0x1FFE ^ 1 << 10) /* LISTEN */
                 && narrate_unread(sock) > 0;

    errno = entry;
    return drops;
}

static inline void narrate_note_dropped(const struct narrate_call *call)
{
    if (call->own.drops && !call->own.held)
        narrate_note("what was sent before may be lost with it. A"
                     " program that reads to the end first loses"
                     " nothing.");
}

/* Was an address cut? `room`: what *length held before the call, or -1;
 * now *length is the size of the whole address. A program that gives
 * getpeername no room asks only whether there is a peer. */
static inline void narrate_note_cut(const char *whose, long room,
                                    const socklen_t *length)
{
    const char *mend = "a struct sockaddr_storage has room for it";

    if (room < (long)sizeof(struct sockaddr_in))
        mend = "set it to the size of the address first";
    if (room >= 0 && (long)*length > room)
        narrate_fault("length held %ld before the call, so %s address"
                      " was cut: %s.",
                      room, whose, mend);
}

/* ---- select ------------------------------------------------------ */

/* Is there a socket in the set that select ignores, because its first
 * argument is too small? Reads the set only up to the word that holds
 * the last descriptor that select looks at. */
static inline void narrate_note_select(int count, const fd_set *set)
{
    static bool said;
    int last = (count + NFDBITS - 1) / NFDBITS * NFDBITS;

    if (said || set == NULL || count <= 0 || !narrator.telling
        || !narrate_readable(set,
                             sizeof(fd_mask) * (size_t)last / NFDBITS))
        return;
    for (int i = count; i < last && i < FD_SETSIZE; i++)
        if (FD_ISSET(i, set) && narrate_is_socket(i)) {
            said = true;
            narrate_fault("%d is in a set too, but select looks only at"
                          " descriptors below %d: its first argument is"
                          " the highest descriptor plus 1.",
                          i, count);
            return;
        }
}

#endif
