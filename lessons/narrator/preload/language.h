/* language.h: calls that a language adds to those of the
 * program. Part of preload.c.
 *
 * A program in Python makes calls that its author never wrote: a time
 * limit becomes FIONBIO and poll, and getsockname follows each accept.
 * After the first call of each kind a line says so. The lines hold for
 * Python's module socket (its documentation, and
 * Modules/socketmodule.c); other languages have no texts yet.
 */
#ifndef NARRATE_LANGUAGE_H
#define NARRATE_LANGUAGE_H

/* On which sockets Python has set FIONBIO: there it waits with poll. */
static bool narrate_limited[NARRATE_SEEN];

/* Has this thread called accept4, and not yet getsockname? */
static _Thread_local bool narrate_after_accept;

/* Is this Python? Its interpreter exports this function. */
static inline bool narrate_is_python(void)
{
    static int known;

    if (known == 0)
        known = dlsym(RTLD_DEFAULT, "Py_GetVersion") != NULL ? 1 : -1;
    return known == 1;
}

/* Says once what Python itself does here. The lock is held. */
static inline void narrate_python(const char *text)
{
    NARRATE_STATIC(t, NARRATE_ROOM);

    if (!narrate_is_python() || narrate_said(text))
        return;
    narrate_clear(&t);
    narrate_add(&t, "Python itself: %s", text);
    narrate_tell(NARRATE_MEANS, NULL, t.text);
}

static inline void narrate_python_socket(int type, int result)
{
    if (result >= 0 && (type & SOCK_CLOEXEC) != 0)
        narrate_python("it adds SOCK_CLOEXEC, so that programs that"
                       " this one starts do not inherit the socket (PEP"
                       " 446).");
    if (result >= 0 && result < NARRATE_SEEN)
        narrate_limited[result] = false;
}

static inline void narrate_python_accept(const char *name, int result)
{
    narrate_after_accept = result >= 0 && strcmp(name, "accept4") == 0;
    if (result >= 0 && result < NARRATE_SEEN)
        narrate_limited[result] = false;
}

/* After getsockname: Python calls it on what accept4 has returned. */
static inline void narrate_python_name(void)
{
    if (narrate_after_accept)
        narrate_python("after accept it checks that the new descriptor"
                       " is a socket.");
    narrate_after_accept = false;
}

static inline void narrate_python_ioctl(int sock, unsigned long request,
                                        int result)
{
    if (request != FIONBIO || result != 0)
        return;
    if (sock >= 0 && sock < NARRATE_SEEN)
        narrate_limited[sock] = narrate_is_python();
    narrate_python("settimeout and setblocking call this; with a time"
                   " limit the socket never blocks, and poll waits.");
}

/* After poll, or a connect that failed, where Python set FIONBIO. */
static inline void narrate_python_waits(int sock, const char *name,
                                        int error)
{
    if (sock < 0 || sock >= NARRATE_SEEN || !narrate_limited[sock])
        return;
    if (strcmp(name, "poll") == 0)
        narrate_python("after settimeout it waits by poll before each"
                       " call; when the time is over it raises"
                       " TimeoutError.");
    else if (error == EINPROGRESS)
        narrate_python("connect only begins here. After settimeout poll"
                       " then waits for the answer; after"
                       " setblocking(False) that is left to the"
                       " program.");
}

#endif
