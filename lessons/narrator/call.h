/* call.h: one call, from before it is made until it is told.
 *
 *   narrate_begin   the arguments are kept, the kernel is asked; if the
 *                   call will block, that is told
 *   (the call)      made by the body that wrap.h gives it
 *   narrate_finish  the kernel is asked again, and all is told
 *
 * Nothing is left behind between the two but struct narrate_call on the
 * caller's stack: the lock is open, so that a call may block, be
 * interrupted by a handler that makes calls, or be left by siglongjmp.
 */
#ifndef NARRATE_CALL_H
#define NARRATE_CALL_H

/* ---- saying ------------------------------------------------------ */

/* Tells the line of a call: number, name, arguments, then `rest`. */
NARRATE_APART void narrate_call_line(enum narrate_kind kind,
                                     const struct narrate_call *call,
                                     const char *rest)
{
    NARRATE_STATIC(t, NARRATE_ROOM);

    if (NARRATE_RECORDED) {
        narrate_tell(kind, call, rest);
        return;
    }
    narrate_clear(&t);
    narrate_add(&t, *rest != '\0' ? "%3d  %s(%s) %s" : "%3d  %s(%s)",
                call->number, call->row->name, narrate_args.text, rest);
    narrate_lines(kind, t.text);
}

/* May this text be left out? With -k, if an earlier lesson explains it;
 * under scripts/narrate, once told. Lesson 0: a value, always told. */
NARRATE_APART bool narrate_is_known(int lesson, const char *text)
{
    return lesson != 0
           && ((narrator.known && lesson < narrator.lesson)
               || narrate_said(text));
}

/* Says what a call means, unless the text may be left out. Beside it
 * stands the number of the lesson that explains it first. */
#ifdef __GNUC__
__attribute__((format(printf, 3, 4)))
#endif
NARRATE_APART void
narrate_means(const struct narrate_call *call, int lesson,
              const char *format, ...)
{
    NARRATE_STATIC(t, NARRATE_ROOM);
    va_list list;

    if (narrate_is_known(lesson, format))
        return;
    va_start(list, format);
    narrate_addv(narrate_clear(&t), format, list);
    va_end(list);
    narrate_tell(NARRATE_MEANS, call, t.text);
}

/* For a row's `there`: adds what is there already, unless the text may
 * be left out, as in narrate_means. It is told, if the call succeeds,
 * when it has returned. Returns true. */
#ifdef __GNUC__
__attribute__((format(printf, 3, 4)))
#endif
NARRATE_APART bool
narrate_was(struct narrate_text *t, int lesson, const char *format, ...)
{
    va_list list;

    if (!narrate_is_known(lesson, format)) {
        va_start(list, format);
        narrate_addv(t, format, list);
        va_end(list);
    }
    return true;
}

/* Why has bind or listen failed with EADDRINUSE? Returns the row of
 * meanings.h for it, `row` if it cannot be seen, and puts the marks of
 * the row into `place`. The address in question becomes that of the
 * other socket. The lock is held. */
NARRATE_INNER const struct narrate_error *narrate_in_use(
    const struct narrate_call *call, const struct narrate_error *row,
    union narrate_end *address, struct narrate_place *place)
{
#ifdef __linux__
    NARRATE_STATIC(holder, 200);
    int port = narrate_port_in(address), type = call->before.type;
    struct narrate_user user;
    const char *cause = "bind";

    narrate_clear(&holder);
    if (narrate_find_user(address, type == SOCK_STREAM, &user)) {
        *address = user.at;
        if (user.inode != 0)
            narrate_add_holder(&holder, user.inode);
        cause = user.inode == 0                     ? "bind/left"
                : strcmp(user.state, "LISTEN") == 0 ? "bind/listener"
                                                    : "bind/bound";
    }
    for (int i = 0; user.state == NULL && i < NARRATE_SEEN; i++) {
        struct narrate_seen *seen = &narrate_kernel.seen[i];

        if (seen->open && i != call->sock && narrate_look(i)->open
            && seen->port == port && seen->type == type
            && narrate_overlaps(&seen->here, address)) {
            cause = "bind/bound";
            narrate_add(&holder,
                        "this program itself, as descriptor %d", i);
            break;
        }
    }
    place->holder = holder.text;
    place->state = user.state;
    if (strcmp(call->row->name, "bind") == 0)
        row = narrate_error_of(cause, row->error);
#else
    (void)call, (void)address, (void)place;
#endif
    return row;
}

/* Says what a failure means here and what to try. `row` may be NULL. */
NARRATE_APART void narrate_explain(const struct narrate_call *call,
                                   const struct narrate_error *row,
                                   const void *address, size_t length)
{
    struct narrate_place place = {.lesson = narrator.name,
                                  .other = narrator.partner,
                                  .address = narrator.address,
                                  .port = narrator.port};
    const char *name = call->row->name;
    int port = narrate_port_of(address, length);
    NARRATE_STATIC(t, NARRATE_ROOM);
    char host[INET6_ADDRSTRLEN];
    union narrate_end end;

    if (narrate_keeps(call, row, address, length))
        return;
    memset(&end, 0, sizeof end);
    if (port >= 0) {
        memcpy(&end, address,
               length < sizeof end ? length : sizeof end);
        if (row != NULL && row->error == EADDRINUSE
            && narrate_among("bind listen", name))
            row = narrate_in_use(call, row, &end, &place);
        place.address =
            inet_ntop(end.any.sa_family, narrate_bytes_of(&end), host,
                      sizeof host);
        place.port = (unsigned)port;
    } else if (narrate_readable(address, sizeof end.any.sa_family)
               && ((const struct sockaddr *)address)->sa_family
                      == AF_UNIX) {
        place.address = "";
        place.port = 0;
    }
    if (call->host != NULL)
        place.address = call->host;
    narrate_clear(&t);
    narrate_add(&t, "That means: ");
    if (row != NULL)
        narrate_fill(&t, row->meaning, &place);
    else
        narrate_add(&t, "the lessons do not expect this of %s", name);
    narrate_add(&t, ".");
    narrate_tell(NARRATE_ERROR, call, t.text);
    narrate_clear(&t);
    narrate_add(&t, "Try: ");
    if (row != NULL)
        narrate_fill(&t, row->try_this, &place);
    else
        narrate_add(&t, "man %d %s",
                    strcmp(name, "getaddrinfo") == 0 ? 3 : 2, name);
    narrate_tell(NARRATE_ERROR, call, t.text);
}

/* Tells the kernel line of a socket that narrate_look has just looked
 * at, or of one that is closed: `always`, or only if the line has
 * changed. */
NARRATE_APART void narrate_held(const struct narrate_call *call,
                                struct narrate_seen *seen, bool always)
{
    NARRATE_STATIC(t, NARRATE_ROOM);
    struct narrate_columns is;
    unsigned sum = 5381;

    if (!narrate_columns(&is, seen))
        return;
    narrate_clear(&t);
    narrate_add(&t, "kernel: fd %d  %s%s%s%s%s%s%s%s", seen->sock,
                seen->open ? "" : "closed  ",
                is.state != NULL ? is.state : "nothing is left of it",
                *is.here != '\0' ? "  " : "", is.here,
                *is.peer != '\0' ? " <-> " : "", is.peer,
                *is.queue != '\0' ? "  " : "", is.queue);
    for (const char *s = t.text; *s != '\0'; s++)
        sum = sum * 33 + (unsigned char)*s;
    if (!always && sum == seen->told)
        return;
    seen->told = sum;
    if (NARRATE_RECORDED) {
        struct narrate_values values = {seen->sock, is.state, is.here,
                                        is.peer,    is.queue, -1,
                                        t.text};

        narrate_record(NARRATE_KERNEL, call, &values);
    } else {
        narrate_lines(NARRATE_KERNEL, t.text);
    }
}

/* ---- begin and finish -------------------------------------------- */

/* Does a call on this socket always return at once? If it is closed or
 * not a socket, it does: the call fails. */
NARRATE_APART bool narrate_never_blocks(int sock, int flags)
{
    int status;

    if ((flags & (MSG_DONTWAIT | MSG_OOB)) != 0)
        return true;
#ifdef MSG_ERRQUEUE
    if ((flags & MSG_ERRQUEUE) != 0)
        return true;
#endif
    if (sock == NARRATE_NONE)
        return false;
    status = narrate_real_fcntl(sock, F_GETFL);
    return (status & O_NONBLOCK) != 0 /* -1 has all bits */
           || !narrate_look(sock)->open;
}

/* Is this a packet socket? packet(7). */
NARRATE_APART bool narrate_is_tap(const struct narrate_seen *seen)
{
#ifdef AF_PACKET
    return seen->open && seen->here.any.sa_family == AF_PACKET;
#else
    (void)seen;
    return false;
#endif
}

/* Has a call been told that received from this packet socket? It sees
 * frame after frame, and the program itself prints the rest. */
NARRATE_INNER bool narrate_has_told(const struct narrate_call *call)
{
    bool first = true;

    if (call->row->receives && narrate_is_tap(call->now)) {
        first = call->now->told == 0;
        call->now->told = 1;
    }
    return !first;
}

/* Says until when the call blocks, if it does. If it need not, because
 * what it waits for is there, that is told when it has returned. */
NARRATE_INNER void narrate_tell_until(struct narrate_call *call)
{
    struct narrate_text there = {0, sizeof call->there, call->there};
    NARRATE_STATIC(t, NARRATE_ROOM);

    if (call->row->until == NULL
        || narrate_never_blocks(call->sock, call->flags))
        return;
    narrate_clear(&t);
    narrate_add(&t, "\xE2\x80\xA6 blocks until ");
    if (!call->row->until(call, &t)
        || (call->row->there != NULL && call->row->there(call, &there)))
        return;
    narrate_call_line(NARRATE_BLOCKS, call, t.text);
    narrate_waits(call);
}

/* Before a call. False: make it, tell nothing. Keeps errno. */
NARRATE_APART bool narrate_begin(struct narrate_call *call,
                                 const struct narrate_row *row,
                                 intptr_t a, intptr_t b, intptr_t c,
                                 intptr_t d, intptr_t e, intptr_t f)
{
    const intptr_t arg[6] = {a, b, c, d, e, f};
    int entry = errno, which;

    if (!narrator.telling || narrate_busy || !narrate_wants(row, arg)) {
        errno = entry;
        return false;
    }
    memset(call, 0, sizeof *call);
    call->entry = entry;
    call->row = row;
    call->nothing = row->nothing;
    call->line = narrate_line;
    call->source = narrate_source;
    memcpy(call->arg, arg, sizeof call->arg);
    call->sock = row->format[0] == 'd' ? (int)a : NARRATE_NONE;
    if ((which = narrate_which(row, 'M')) != -1)
        call->flags = (int)call->arg[which];
    if ((which = narrate_which(row, 'A')) != -1) {
        call->address = narrate_pointer(call, which);
        call->length = (size_t)call->arg[which + 1];
    }
    narrate_line = 0;
    narrate_source = NULL;
    if (narrate_repeats(call)) {
        if (row->notes != NULL)
            row->notes(call);
        errno = entry;
        call->start = narrate_clock();
        return true;
    }
    narrate_start();
    if (call->sock != NARRATE_NONE) {
        call->now = narrate_look(call->sock);
        if (narrate_has_told(call)) {
            narrate_end();
            errno = entry;
            return false;
        }
        call->before = *call->now;
    }
    narrate_opens(call);
    call->number = narrate_number();
    if (row->notes != NULL)
        row->notes(call);
    narrate_render(call);
    if (narrate_stepped()) {
        NARRATE_STATIC(t, NARRATE_ROOM);

        narrate_add(narrate_clear(&t), "%s(%s)", row->name,
                    narrate_args.text);
        narrate_stop(call, t.text);
        narrate_render(call); /* another thread may have told */
    }
    narrate_tell_until(call);
    narrate_end();
    errno = entry;
    call->start = narrate_clock();
    return true;
}

/* A call has failed. If it says that the connection has broken, recv
 * returns 0 from then on, as if the peer had ended its side. */
NARRATE_APART void narrate_breaks(const struct narrate_call *call,
                                  int error)
{
    if (call->now != NULL
        && ((error == ECONNRESET && call->now->type != SOCK_DGRAM
             && strcmp(call->row->name, "connect") != 0)
            || (error == ETIMEDOUT && call->now->connected)))
        call->now->deaf = true;
}

/* Is this failure one that means something else on a socket of AF_UNIX,
 * whose address is a path? EBADF, EMFILE and the like mean the same on
 * all sockets, as does what accept returns. */
NARRATE_INNER bool narrate_is_local(const struct narrate_call *call,
                                    const char *name)
{
    sa_family_t family = call->before.here.any.sa_family;

    if (call->length > sizeof family
        && narrate_readable(call->address, sizeof(struct sockaddr)))
        family = ((const struct sockaddr *)call->address)->sa_family;
    return family == AF_UNIX
           && narrate_among("bind listen connect " NARRATE_SENDS
                            " " NARRATE_RECVS,
                            name)
           && !narrate_among("EBADF ENOTSOCK EFAULT EINTR EMFILE ENFILE"
                             " ENOBUFS ENOMEM",
                             narrate_errno_name(call->error));
}

/* The row of errors.h that explains this failure; NULL if there is
 * none. A stream has no datagrams, with recvfrom either. For AF_UNIX
 * there are rows such as bind/path; an address that begins with 0 is
 * abstract: there is no path. unix(7). */
NARRATE_APART const struct narrate_error *narrate_why(
    const struct narrate_call *call)
{
    const struct narrate_row *row = call->row;
    const char *name = row->same != NULL ? row->same : row->name;
    const struct sockaddr *address = call->address;
    NARRATE_TEXT(path, 24);

    if (narrate_is_local(call, name)) {
        if (call->length > offsetof(struct sockaddr, sa_data)
            && narrate_readable(address, call->length)
            && address->sa_data[0] == '\0')
            return NULL;
        narrate_add(&path, "%s/path", name);
        return narrate_error_of(path.text, call->error);
    }
    if (call->error == EAGAIN && row->receives
        && call->before.type == SOCK_STREAM)
        name = "recv";
    return narrate_error_of(name, call->error);
}

/* It has failed: tells what that means. EAGAIN and EINPROGRESS on a
 * non-blocking socket are no failures: then it tells call->nothing. */
NARRATE_INNER void narrate_failed(struct narrate_call *call)
{
    int error = call->error;
    bool usual = error == ECHILD
                 || ((error == EAGAIN || error == EINPROGRESS)
                     && narrate_never_blocks(call->sock, call->flags));

    narrate_breaks(call, error);
    if (call->row->fails != NULL)
        call->row->fails(call);
    if (!usual || call->nothing == NULL)
        narrate_explain(call, narrate_why(call), call->address,
                        call->length);
    else if (!narrate_is_known(error == EINPROGRESS ? 12 : 0,
                               call->nothing))
        narrate_tell(NARRATE_MEANS, call, call->nothing);
}

/* After it. Returns the result; errno is that of the call if it failed,
 * otherwise as before it. */
NARRATE_APART long narrate_finish(struct narrate_call *call,
                                  long result)
{
    const struct narrate_row *row = call->row;
    NARRATE_STATIC(t, NARRATE_ROOM);
    int error = errno;

    call->took = narrate_clock() - call->start;
    call->result = result;
    if (result == -1 || row->other)
        call->entry = error;
    if (result == -1 && !row->other)
        call->error = error;
    if (call->number == 0 && narrate_counts(call)) {
        errno = call->entry;
        return result;
    }
    narrate_start();
    if (call->number == 0) { /* made first, and worth telling */
        if (call->sock != NARRATE_NONE)
            call->before = *narrate_look(call->sock);
        narrate_opens(call);
        call->number = narrate_number();
    }
    narrate_render(call);
    narrate_clear(&t);
    if (call->error != 0)
        narrate_add(&t, "= -1\b%s", narrate_errno_name(call->error));
    else if (row->shows != NULL)
        row->shows(call, &t);
    else
        narrate_add(&t, "= %ld", result);
    narrate_call_line(NARRATE_CALL, call, t.text);
    if (call->sock != NARRATE_NONE)
        call->now = narrate_look(call->sock);
    if (call->error == 0 && call->there[0] != '\0')
        narrate_tell(NARRATE_MEANS, call, call->there);
    if (call->error != 0)
        narrate_failed(call);
    else if (row->means != NULL)
        row->means(call);
    if (call->sock != NARRATE_NONE && !row->silent)
        narrate_held(call, call->now, false);
    narrate_closes(call);
    narrate_end();
    errno = call->entry;
    return result;
}

#endif
