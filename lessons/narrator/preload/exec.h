/* take_exec.h: exec, fork and syscall, under the library's
 * names. Part of take.h.
 *
 * exec replaces the program's memory: what was counted is told before.
 */
#ifndef NARRATE_TAKE_EXEC_H
#define NARRATE_TAKE_EXEC_H

/* Does this environment load us into the program? */
static inline bool narrate_loads(char *const *environment)
{
    for (; environment != NULL && *environment != NULL; environment++)
        if (strncmp(*environment, "LD_PRELOAD=", 11) == 0
            && strstr(*environment, "narrate.so") != NULL)
            return true;
    return false;
}

/* Before exec: the program that comes gets all sockets that are not
 * marked to be closed. */
static inline void narrate_hand_on_all(void)
{
    for (int i = 0; i <= narrate_kernel.highest || i <= STDERR_FILENO;
         i++) {
        int flags = narrate_real_fcntl(i, F_GETFD);

        if (flags != -1 && (flags & FD_CLOEXEC) == 0)
            narrate_hand_on(i);
    }
}

/* Before exec: tells what was counted. Not in a child of vfork(2): it
 * shares its parent's memory, and what was counted is the parent's; so
 * is what we know of sockets that the child hands on. */
static inline void narrate_before_exec(const char *file,
                                       char *const *environment)
{
    int entry = errno;
    NARRATE_TEXT(t, 300);

    if (narrator.telling && !narrate_busy && getpid() == narrate_home) {
        narrate_start();
        narrate_flush_row(NULL);
        if (!narrate_loads(environment)) {
            narrate_add(&t, "The program that comes next, ");
            narrate_add_quoted(&t, file, strlen(file));
            narrate_add(&t, ", is not told: its environment lacks"
                            " LD_PRELOAD.");
            narrate_tell(NARRATE_MEANS, NULL, t.text);
        }
        narrate_end();
    } else if (narrator.telling && !narrate_busy) {
        narrate_hand_on_all();
    }
    errno = entry;
}

/* The exec functions that `search` PATH, and those that take a path. */
static inline int narrate_exec(const char *file, char *const words[],
                               char *const *environment, bool search)
{
    narrate_before_exec(file, environment);
    return search ? narrate_real_execvpe(file, words, environment)
                  : narrate_real_execve(file, words, environment);
}

NARRATE_OURS(int, execve,
             (const char *file, char *const words[],
              char *const environment[]))
{
    return narrate_exec(file, words, environment, false);
}

NARRATE_OURS(int, execv, (const char *file, char *const words[]))
{
    return narrate_exec(file, words, environ, false);
}

NARRATE_OURS(int, execvp, (const char *file, char *const words[]))
{
    return narrate_exec(file, words, environ, true);
}

NARRATE_OURS(int, execvpe,
             (const char *file, char *const words[],
              char *const environment[]))
{
    return narrate_exec(file, words, environment, true);
}

NARRATE_OURS(int, fexecve,
             (int descriptor, char *const words[],
              char *const environment[]))
{
    narrate_before_exec(words != NULL && words[0] != NULL ? words[0]
                                                          : "?",
                        environment);
    return narrate_real_fexecve(descriptor, words, environment);
}

/* Collects the words of execl; `last`: an environment follows them. */
#define NARRATE_OUR_EXECL(name, last, search) \
    NARRATE_OURS(int, name, (const char *file, const char *word, ...)) \
    { \
        char *const *environment = environ; \
        size_t count = 1; \
        va_list list; \
\
        va_start(list, word); \
        while (va_arg(list, char *) != NULL) \
            count++; \
        va_end(list); \
        { \
            char *words[count + 1]; \
\
            memcpy(&words[0], &word, sizeof word); \
            va_start(list, word); \
            for (size_t i = 1; i <= count; i++) \
                words[i] = va_arg(list, char *); \
            if (last) \
                environment = va_arg(list, char *const *); \
            va_end(list); \
            return narrate_exec(file, words, environment, search); \
        } \
    }
NARRATE_OUR_EXECL(execl, false, false)
NARRATE_OUR_EXECL(execlp, false, true)
NARRATE_OUR_EXECL(execle, true, false)

/* ---- posix_spawn ------------------------------------------------- */

typedef const posix_spawn_file_actions_t *narrate_actions;
typedef const posix_spawnattr_t *narrate_attributes;

/* It is fork and exec in one, and the library makes both by itself. If
 * there are `actions`, these may pass on any socket. */
static inline void narrate_spawns(narrate_actions actions)
{
    int entry = errno;

    if (narrate_is_free() && actions == NULL)
        narrate_hand_on_all();
    for (int i = 0;
         narrate_is_free() && actions != NULL && i < narrate_few(); i++)
        narrate_memory(i)->handed = true;
    errno = entry;
}

#define NARRATE_OUR_SPAWN(name) \
    NARRATE_REAL(int, name, \
                 (pid_t * child, const char *file, \
                  narrate_actions actions, narrate_attributes how, \
                  char *const words[], char *const environment[]), \
                 (child, file, actions, how, words, environment)) \
    NARRATE_OURS(int, name, \
                 (pid_t * child, const char *file, \
                  narrate_actions actions, narrate_attributes how, \
                  char *const words[], char *const environment[])) \
    { \
        narrate_spawns(actions); \
        return narrate_real_##name(child, file, actions, how, words, \
                                   environment); \
    }
NARRATE_OUR_SPAWN(posix_spawn)
NARRATE_OUR_SPAWN(posix_spawnp)

/* ---- fork -------------------------------------------------------- */

/* Told if the process has a socket open; the child says which ones it
 * holds. fork(2). */
NARRATE_OURS(pid_t, fork, (void))
{
    static const struct narrate_row row = {.name = "fork",
                                           .format = ""};
    NARRATE_STATIC(held, 200);
    struct narrate_call call;
    bool holds = false;
    pid_t result;

    if (narrate_is_free()) {
        narrate_start();
        holds = narrate_lend_all(narrate_clear(&held));
        narrate_end();
    }
    if (!holds || !narrate_begin(&call, &row, 0, 0, 0, 0, 0, 0))
        return narrate_real_fork();
    result = narrate_real_fork();
    if (result != 0)
        return (pid_t)narrate_finish(&call, result);
    narrate_start();
    narrate_means(&call, 0,
                  "This is process %ld, a copy: it holds %s, too.",
                  (long)getpid(), held.text);
    narrate_end();
    errno = call.entry;
    return result;
}

/* ---- past the library -------------------------------------------- */

static long (*narrate_next_syscall)(long, ...);

/* A call that a program makes by its number, and that we tell by its
 * name: makes it, and sets *result. False: it is another one. */
static inline bool narrate_by_name(long number, const long *w,
                                   long *result)
{
#define NARRATE_NUMBERED(name, ...) \
    case SYS_##name: \
        *result = narrate_our_##name(__VA_ARGS__); \
        return true
    if (!narrate_is_free())
        return false;
    switch (number) {
        NARRATE_NUMBERED(close, (int)w[0]);
        NARRATE_NUMBERED(read, (int)w[0], (void *)w[1], (size_t)w[2]);
        NARRATE_NUMBERED(write, (int)w[0], (void *)w[1], (size_t)w[2]);
#ifdef SYS_socket /* some systems have one number for all of these */
        NARRATE_NUMBERED(socket, (int)w[0], (int)w[1], (int)w[2]);
        NARRATE_NUMBERED(bind, (int)w[0], (narrate_address)w[1],
                         (socklen_t)w[2]);
        NARRATE_NUMBERED(listen, (int)w[0], (int)w[1]);
        NARRATE_NUMBERED(accept4, (int)w[0], (narrate_sockaddr *)w[1],
                         (socklen_t *)w[2], (int)w[3]);
        NARRATE_NUMBERED(connect, (int)w[0], (narrate_address)w[1],
                         (socklen_t)w[2]);
        NARRATE_NUMBERED(shutdown, (int)w[0], (int)w[1]);
        NARRATE_NUMBERED(sendto, (int)w[0], (void *)w[1], (size_t)w[2],
                         (int)w[3], (narrate_address)w[4],
                         (socklen_t)w[5]);
        NARRATE_NUMBERED(recvfrom, (int)w[0], (void *)w[1],
                         (size_t)w[2], (int)w[3],
                         (narrate_sockaddr *)w[4], (socklen_t *)w[5]);
        NARRATE_NUMBERED(sendmsg, (int)w[0], (void *)w[1], (int)w[2]);
        NARRATE_NUMBERED(recvmsg, (int)w[0], (void *)w[1], (int)w[2]);
#endif
    }
    return false;
}

/* The numbers of prctl(2) and seccomp(2) that install a filter, of
 * <linux/prctl.h> and <linux/seccomp.h>, which not every C library
 * brings. */
enum {
    NARRATE_PR_SECCOMP = 22, /* PR_SET_SECCOMP, and its modes: */
    NARRATE_PR_STRICT = 1,
    NARRATE_PR_FILTER = 2,
    NARRATE_STRICT = 0, /* SECCOMP_SET_MODE_STRICT */
    NARRATE_FILTER_MODE = 1, /* SECCOMP_SET_MODE_FILTER */
};

/* Does this call install a filter? The words are those of syscall(2).
 * A library may try it with NULL to see whether the kernel has it. */
static inline bool narrate_is_filter(long number, const long *words)
{
#ifdef SYS_seccomp
    if (number == SYS_seccomp)
        return words[0] == NARRATE_STRICT
               || (words[0] == NARRATE_FILTER_MODE && words[2] != 0);
#endif
    return number == SYS_prctl && words[0] == NARRATE_PR_SECCOMP
           && (words[1] == NARRATE_PR_STRICT
               || (words[1] == NARRATE_PR_FILTER && words[2] != 0));
}

/* The arguments of prctl are read even if the program passed fewer: the
 * operations that take fewer ignore the rest. */
static int (*narrate_next_prctl)(int, ...);
NARRATE_OURS(int, prctl, (int operation, ...))
{
    long words[5] = {operation};
    bool sealed;
    va_list list;

    va_start(list, operation);
    for (size_t i = 1; i < NARRATE_COUNT(words); i++)
        words[i] = va_arg(list, long);
    va_end(list);
    sealed = narrate_is_filter(SYS_prctl, words) && narrate_seals();
    NARRATE_FIND(prctl);
    return narrate_sealed(
        sealed, narrate_next_prctl(operation, words[1], words[2],
                                   words[3], words[4]));
}

/* A program that makes its system calls by number. syscall(2). */
NARRATE_OURS(long, syscall, (long number, ...))
{
    long words[6], result;
    bool sealed;
    va_list list;

    va_start(list, number);
    for (size_t i = 0; i < NARRATE_COUNT(words); i++)
        words[i] = va_arg(list, long);
    va_end(list);
    if (narrate_by_name(number, words, &result))
        return result;
    sealed = narrate_is_filter(number, words) && narrate_seals();
    NARRATE_FIND(syscall);
    result = narrate_next_syscall(number, words[0], words[1], words[2],
                                  words[3], words[4], words[5]);
#ifdef SYS_io_uring_setup
    if (number == SYS_io_uring_setup && result != -1
        && narrate_is_free()) {
        int entry = errno;

        narrate_start();
        narrate_flush_row(NULL);
        narrate_tell_ring();
        narrate_end();
        errno = entry;
    }
#endif
    narrate_sealed(sealed, (int)result);
    return result;
}

/* As narrate_find_all, for the calls of this file. */
static inline void narrate_find_more(void)
{
    NARRATE_FIND(posix_spawn);
    NARRATE_FIND(posix_spawnp);
    NARRATE_FIND(prctl);
    NARRATE_FIND(syscall);
}

#endif
