/* calls.h: how a call is told, and how its arguments look.
 *
 * connections.h, bytes.h, others.h and processes.h have a function for
 * each call. It makes the call once, with the same arguments, and tells
 * of it before and after. Result and errno reach the caller unchanged.
 * Each text stands beside the number of the lesson that explains it
 * first: with -k, later lessons leave it out. */
#ifndef NARRATE_CALLS_H
#define NARRATE_CALLS_H

/* ---- telling of a call ------------------------------------------- */

/* Begins to tell of a call and locks. False: make the call, tell
 * nothing. `format` has its first arguments, or is NULL. */
#ifdef __GNUC__
__attribute__((format(printf, 4, 5)))
#endif
NARRATE_APART bool
narrate_enter(struct narrate_call *call, int sock, const char *name,
              const char *format, ...)
{
    va_list list;

    if (!narrator.telling || narrate_busy)
        return false;
    memset(call, 0, sizeof *call);
    call->entry = errno;
    call->name = name;
    call->sock = sock;
    call->line = narrate_line;
    call->source = narrate_source;
#ifdef NARRATE_PRELOAD
    call->from = NARRATE_CUED ? narrate_caller() : NULL;
    if (NARRATE_CUED && narrate_is_python())
        call->line = narrate_python_line(call->file, sizeof call->file);
#endif
    narrate_line = 0;
    narrate_source = NULL;
    va_start(list, format);
    if (format != NULL)
        call->args.used = (size_t)vsnprintf(
            call->args.text, sizeof call->args.text, format, list);
    va_end(list);
    narrate_start();
#ifdef NARRATE_PRELOAD
    narrate_flush(name);
    call->number =
        __atomic_add_fetch(&narrator.calls, 1, __ATOMIC_RELAXED);
#else
    call->number = ++narrate_calls;
#endif
    return true;
}

/* Does a call on this socket always return at once? If it is closed or
 * not a socket, it does: the call fails. */
NARRATE_APART bool narrate_never_blocks(int sock, int flags)
{
    int status = narrate_real_fcntl(sock, F_GETFL);

    return (flags & (MSG_DONTWAIT | MSG_OOB)) != 0
           || (sock != NARRATE_NONE
               && ((status & O_NONBLOCK) != 0 /* -1 has all bits */
                   || !narrate_is_socket(sock)));
}

/* Stops before the call if somebody steps, and says until when it
 * blocks (`blocks`, or NULL), if it can. Unlocks and restores errno. */
NARRATE_APART void narrate_before(struct narrate_call *call,
                                  const char *blocks)
{
    static struct narrate_text t;

    if (narrate_stepped()) {
        narrate_clear(&t);
        narrate_add(&t, "%s(%s)", call->name, call->args.text);
        if (narrate_stop(call, t.text) == 'q')
            _exit(0);
    }
#ifdef NARRATE_PRELOAD
    if (narrate_made.made) /* made before it is told */
        blocks = NULL;
#endif
    if (blocks != NULL
        && !narrate_never_blocks(call->sock, call->flags)) {
        narrate_clear(&t);
        narrate_add(&t, "\xE2\x80\xA6 blocks %s", blocks);
        narrate_call_line(NARRATE_BLOCKS, call, t.text);
        if (NARRATE_CUED && !NARRATE_RECORDED) {
            narrate_clear(&t);
            narrate_add(&t, "cue %d waits\n", call->line);
            narrate_write(narrator.out, t.text, t.used);
        }
    }
    narrate_end();
#ifdef NARRATE_PRELOAD
    if (NARRATE_CUED && blocks != NULL
        && (call->watched != NULL
                ? narrate_hold(call->watched, call->watches)
                : narrate_hold_socket(call->name, call->sock)))
        narrate_made = (struct narrate_made){true, -1, EINTR, 0};
#endif
    errno = call->entry;
    call->start = narrate_clock();
}

/* May this text be left out? With -k, if an earlier lesson explains it;
 * under scripts/narrate, once told. Lesson 0: a value, always told. */
NARRATE_APART bool narrate_is_known(int lesson, const char *text)
{
    if (lesson != 0 && narrator.given['k'] && lesson < narrator.lesson)
        return true;
#ifdef NARRATE_PRELOAD
    return lesson != 0 && narrate_said(text);
#else
    (void)text;
    return false;
#endif
}

/* Says what a call means, unless the text may be left out. */
#ifdef __GNUC__
__attribute__((format(printf, 3, 4)))
#endif
NARRATE_APART void
narrate_means(const struct narrate_call *call, int lesson,
              const char *format, ...)
{
    static struct narrate_text t;
    va_list list;

    if (narrate_is_known(lesson, format))
        return;
    va_start(list, format);
    vsnprintf(t.text, sizeof t.text, format, list);
    va_end(list);
    narrate_tell(NARRATE_MEANS, call, t.text);
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
    struct sockaddr_storage any = {0};
    static struct narrate_text t;
    char host[INET6_ADDRSTRLEN];
    int port = narrate_port_of(address, length);

#ifdef NARRATE_PRELOAD
    if (narrate_keep(call, row, address, length))
        return;
#endif
    if (port >= 0) {
        memcpy(&any, address,
               length < sizeof any ? length : sizeof any);
        if (row != NULL && row->error == EADDRINUSE && call->type != 0)
            row = narrate_in_use(call, row, &any, &place);
        place.address = inet_ntop(any.ss_family, narrate_bytes_of(&any),
                                  host, sizeof host);
        place.port = (unsigned)port;
    } else if (narrate_readable(address, sizeof any.ss_family)
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
        narrate_add(&t, "the lessons do not expect this of %s",
                    call->name);
    narrate_add(&t, ".");
    narrate_tell(NARRATE_ERROR, call, t.text);
    narrate_clear(&t);
    narrate_add(&t, "Try: ");
    if (row != NULL)
        narrate_fill(&t, row->try_this, &place);
    else
        narrate_add(&t, "man %d %s",
                    strcmp(call->name, "getaddrinfo") == 0 ? 3 : 2,
                    call->name);
    narrate_tell(NARRATE_ERROR, call, t.text);
}

/* Locks and tells the result; -1 with the name of errno and what that
 * means. EAGAIN and EINPROGRESS on a non-blocking socket are no
 * failures: then it tells call->nothing. True if the call worked. */
NARRATE_APART bool narrate_after(struct narrate_call *call, long result)
{
    const struct narrate_error *row;
    static struct narrate_text t;
    int error = errno;

    call->took = narrate_clock() - call->start;
    call->result = result;
    if (result == -1 || call->shown != NULL)
        call->entry = error;
    if (result == -1 && call->shown == NULL)
        call->error = error;
    narrate_start();
#ifdef NARRATE_PRELOAD
    narrate_worked(call);
#endif
    narrate_clear(&t);
    if (call->shown != NULL)
        narrate_add(&t, *call->shown ? "= %s" : "%s", call->shown);
    else if (result == -1)
        narrate_add(&t, "= -1\b%s", narrate_errno_name(error));
    else
        narrate_add(&t, "= %ld", result);
    narrate_call_line(NARRATE_CALL, call, t.text);
    if (call->error == 0)
        return true;
    if (error == EADDRINUSE && narrate_among("bind listen", call->name))
        call->type = narrate_is_type(call->sock, SOCK_STREAM)
                         ? SOCK_STREAM
                         : SOCK_DGRAM;
    narrate_breaks(call);
    if (call->nothing != NULL
        && (error == ECHILD
            || ((error == EAGAIN || error == EINPROGRESS)
                && narrate_never_blocks(call->sock, call->flags)))) {
        if (!narrate_is_known(error == EINPROGRESS ? 12 : 0,
                              call->nothing))
            narrate_tell(NARRATE_MEANS, call, call->nothing);
    } else {
        row = narrate_error_of(narrate_fails_as(call), error);
#ifdef NARRATE_PRELOAD
        row = narrate_row_of(call);
#endif
        narrate_explain(call, row, call->address, call->length);
    }
    return false;
}

/* Ends the telling: the kernel line, if it has changed, then unlocks.
 * errno is that of the call if it failed, otherwise as before it. */
NARRATE_APART void narrate_leave(struct narrate_call *call)
{
    if (call->sock != NARRATE_NONE)
        narrate_held(call, narrate_see(call->sock), false);
    narrate_end();
    errno = call->entry;
}

/* ---- arguments --------------------------------------------------- */

/* The end of the argument that begins at `s`: a comma or a closing
 * bracket outside it, or the final zero. */
NARRATE_APART const char *narrate_past(const char *s)
{
    for (int depth = 0; *s != '\0'; s++) {
        if (*s == '"' || *s == '\'') { /* to the quote at its end */
            for (char quote = *s++; *s != quote; s++)
                s += *s == '\\';
            continue;
        }
        if (depth == 0 && strchr(",)]}", *s) != NULL)
            break;
        depth += strchr("([{", *s) != NULL;
        depth -= strchr(")]}", *s) != NULL;
    }
    return s;
}

/* Adds argument `number` (from 0) as the source has it, up to 60 bytes,
 * without a cast before it; `other` if we do not know the source. */
NARRATE_APART void narrate_add_source(struct narrate_call *call,
                                      int number, const char *other)
{
    const char *s = call->source, *end;
    int size;

    if (s == NULL) {
        narrate_add(&call->args, "%s", other);
        return;
    }
    for (; number > 0; number--) {
        s = narrate_past(s);
        s += *s == ',';
    }
    s += strspn(s, " ");
    end = *s == '(' ? narrate_past(s + 1) : s;
    if (*end == ')') {
        end += 1 + strspn(end + 1, " ");
        if (strchr(",.-+[", *end) == NULL) /* or the end */
            s = end;
    }
    size = (int)(narrate_past(s) - s);
    narrate_add(&call->args, "%.*s", size < 60 ? size : 60, s);
}

static const struct narrate_name narrate_families[] = {
    NARRATE_NAME(AF_INET),   NARRATE_NAME(AF_INET6),
    NARRATE_NAME(AF_UNIX),   NARRATE_NAME(AF_UNSPEC),
#ifdef AF_PACKET
    NARRATE_NAME(AF_PACKET),
#endif
};
static const struct narrate_name narrate_flags[] = {
    NARRATE_NAME(MSG_NOSIGNAL), NARRATE_NAME(MSG_DONTWAIT),
    NARRATE_NAME(MSG_PEEK),     NARRATE_NAME(MSG_TRUNC),
    NARRATE_NAME(MSG_WAITALL),  NARRATE_NAME(MSG_OOB),
    NARRATE_NAME(MSG_CTRUNC),
#ifdef __linux__ /* of send(2) and recv(2) */
    NARRATE_NAME(MSG_MORE),     NARRATE_NAME(MSG_EOR),
    NARRATE_NAME(MSG_CONFIRM),  NARRATE_NAME(MSG_DONTROUTE),
    NARRATE_NAME(MSG_ERRQUEUE), NARRATE_NAME(MSG_FASTOPEN),
#ifdef MSG_ZEROCOPY
    NARRATE_NAME(MSG_ZEROCOPY),
#endif
#endif
};
#define NARRATE_ADD_NAME(text, value, names) \
    narrate_add_name(text, value, names, NARRATE_COUNT(names))
#define NARRATE_ADD_FLAGS(text, value, names) \
    narrate_add_flags(text, (unsigned)(value), names, \
                      NARRATE_COUNT(names))

/* Adds the type of a socket, with two flags of Linux. socket(2). */
NARRATE_INNER void narrate_add_type(struct narrate_text *t, int type)
{
    static const struct narrate_name types[] = {
        NARRATE_NAME(SOCK_STREAM),
        NARRATE_NAME(SOCK_DGRAM),
        NARRATE_NAME(SOCK_RAW),
        NARRATE_NAME(SOCK_SEQPACKET),
    };
    int flags = 0;

#ifdef SOCK_CLOEXEC
    flags = type & (SOCK_CLOEXEC | SOCK_NONBLOCK);
#endif
    NARRATE_ADD_NAME(t, type & ~flags, types);
#ifdef SOCK_CLOEXEC
    narrate_add(t, "%s%s", flags & SOCK_CLOEXEC ? "|SOCK_CLOEXEC" : "",
                flags & SOCK_NONBLOCK ? "|SOCK_NONBLOCK" : "");
#endif
}

/* Names that preload_names.h uses, too. Macros, because at -O0 every
 * program pays for a table here, only callers for one in a function. */
#define NARRATE_LEVELS \
    NARRATE_NAME(SOL_SOCKET), NARRATE_NAME(IPPROTO_TCP), \
        NARRATE_NAME(IPPROTO_IP), NARRATE_NAME(IPPROTO_IPV6), \
        NARRATE_NAME(IPPROTO_UDP)
#define NARRATE_OPTIONS \
    NARRATE_NAME(SO_REUSEADDR), NARRATE_NAME(SO_RCVTIMEO), \
        NARRATE_NAME(SO_SNDTIMEO), NARRATE_NAME(SO_ERROR), \
        NARRATE_NAME(SO_KEEPALIVE), NARRATE_NAME(SO_BROADCAST), \
        NARRATE_NAME(SO_LINGER), NARRATE_NAME(SO_RCVBUF), \
        NARRATE_NAME(SO_SNDBUF), NARRATE_NAME(SO_TYPE)

/* Is this one of the options whose value is a struct timeval? */
NARRATE_APART bool narrate_is_limit(int level, int option)
{
    return level == SOL_SOCKET
           && (option == SO_RCVTIMEO || option == SO_SNDTIMEO);
}

/* Adds level and option, by name if we know it: SOL_SOCKET, SO_TYPE. */
NARRATE_APART void narrate_add_option(struct narrate_text *t, int level,
                                      int option)
{
    static const struct narrate_name levels[] = {NARRATE_LEVELS};
    static const struct narrate_name options[] = {
        NARRATE_OPTIONS,
#ifdef SO_REUSEPORT
        NARRATE_NAME(SO_REUSEPORT),
#endif
    };

    NARRATE_ADD_NAME(t, level, levels);
    narrate_add(t, ", ");
    if (level == SOL_SOCKET)
        NARRATE_ADD_NAME(t, option, options);
    else if (level == IPPROTO_TCP && option == TCP_NODELAY)
        narrate_add(t, "TCP_NODELAY");
    else if (level == IPPROTO_IPV6 && option == IPV6_V6ONLY)
        narrate_add(t, "IPV6_V6ONLY");
    else
        narrate_add(t, "%d", option);
}

/* Adds the value of an option: {2, 0} for a struct timeval or linger,
 * the number for an int. NULL or ? if it cannot be read. */
NARRATE_APART void narrate_add_value(struct narrate_text *t, int level,
                                     int option, const void *value,
                                     socklen_t length)
{
    union {
        struct timeval limit;
        int number[2];
    } copy;

    if (!narrate_readable(value, length)) {
        narrate_add(t, value == NULL ? "NULL" : "?");
        return;
    }
    memcpy(&copy, value, length < sizeof copy ? length : sizeof copy);
    if (narrate_is_limit(level, option) && length >= sizeof copy.limit)
        narrate_add(t, "{%ld, %ld}", (long)copy.limit.tv_sec,
                    (long)copy.limit.tv_usec);
    else if (level == SOL_SOCKET && option == SO_LINGER
             && length >= sizeof copy.number)
        narrate_add(t, "{%d, %d}", copy.number[0], copy.number[1]);
    else if (length >= sizeof(int))
        narrate_add(t, "%d", copy.number[0]);
    else
        narrate_add_count(t, (long)length, "byte");
}

/* ---- what decides what is said ----------------------------------- */

/* SO_RCVTIMEO or SO_SNDTIMEO of a socket, in microseconds; 0: none. */
NARRATE_APART long long narrate_limit(int sock, int option)
{
    struct timeval limit = {0, 0};
    socklen_t length = sizeof limit;

    narrate_real_getsockopt(sock, SOL_SOCKET, option, &limit, &length);
    return limit.tv_sec * 1000000LL + limit.tv_usec;
}

/* Adds ", 5 seconds at most" for microseconds; nothing for 0. */
NARRATE_APART void narrate_add_most(struct narrate_text *t,
                                    long long limit)
{
    if (limit <= 0)
        return;
    narrate_add(t, ", ");
    if (limit % 1000000 == 0)
        narrate_add_count(t, (long)(limit / 1000000), "second");
    else
        narrate_add_time(t, limit);
    narrate_add(t, " at most");
}

/* Adds ": run ./05_connect in another terminal", if the lesson defines
 * its PARTNER. */
NARRATE_APART void narrate_add_partner(struct narrate_text *t)
{
    if (*narrator.partner != '\0')
        narrate_add(t, ": run ./%s in another terminal",
                    narrator.partner);
}

/* Adds why a new descriptor has this number: it is the lowest that is
 * free. POSIX.1-2008, XSH 2.14. */
NARRATE_INNER void narrate_add_number(struct narrate_text *t,
                                      int descriptor)
{
    if (descriptor == 0)
        narrate_add(t, "0 was free, standard input being closed");
    else if (descriptor == 3)
        narrate_add(t, "0, 1 and 2 are in use; 3 is the lowest free"
                       " number");
    else
        narrate_add(t,
                    "0 to %d are in use; %d is the lowest free number",
                    descriptor - 1, descriptor);
}

#endif
