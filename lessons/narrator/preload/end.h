/* end.h: how the telling begins and ends. Part of preload.c. */
#ifndef NARRATE_END_H
#define NARRATE_END_H

static int narrate_inherited; /* narrate_calls at fork or the end */

/* The signals that usually end a program. If it has no handler for one,
 * ours tells the end and then lets the signal end the program. */
static const int narrate_enders[] = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT,
                                     SIGALRM, SIGSEGV, SIGBUS, SIGILL,
                                     SIGFPE,  SIGABRT};
static void narrate_ended(int signal);

/* The signals that are named, and what those mean that a fault of the
 * program has sent. signal(7) */
static const struct narrate_ender {
    int signal;
    const char *name, *fault;
} narrate_ender_names[] = {
    {SIGINT, "SIGINT", NULL},
    {SIGTERM, "SIGTERM", NULL},
    {SIGHUP, "SIGHUP", NULL},
    {SIGPIPE, "SIGPIPE", NULL},
    {SIGQUIT, "SIGQUIT", NULL},
    {SIGALRM, "SIGALRM", NULL},
    {SIGSEGV, "SIGSEGV",
     "The program used memory that is not its own: by a pointer that "
     "was"
     " never set, perhaps, or beyond the end of an array."},
    {SIGBUS, "SIGBUS",
     "The program used memory behind which there is nothing."},
    {SIGILL, "SIGILL",
     "The processor does not know what it met there."},
    {SIGFPE, "SIGFPE", "An integer was divided by zero."},
    {SIGABRT, "SIGABRT",
     "abort was called: by the program, by assert, or by the library,"
     " which says on standard error what it found."},
};

static inline const struct narrate_ender *narrate_ender_of(int signal)
{
    for (size_t i = 0; i < NARRATE_COUNT(narrate_ender_names); i++)
        if (narrate_ender_names[i].signal == signal)
            return &narrate_ender_names[i];
    return NULL;
}

/* Explains the failure after which the program ends. */
static inline void narrate_tell_failure(void)
{
    struct narrate_call *call = &narrate_failure.call;
    int error = narrate_failure.row->error;
    NARRATE_TEXT(t, 200);

    narrate_add(&t, "It ends after a failure, call %d: %s, %s.",
                call->number, narrate_failure.name,
                strcmp(narrate_failure.name, "getaddrinfo") == 0
                    ? narrate_resolver_name(error)
                    : narrate_errno_name(error));
    narrate_tell(NARRATE_ERROR, call, t.text);
    narrate_failure.now = true;
    if (!narrate_out.verbose)
        narrate_explain(
            call, narrate_failure.row,
            narrate_failure.length > 0 ? narrate_failure.path : NULL,
            narrate_failure.length);
    narrate_failure.now = false;
}

/* Tells the end, once in each process that made calls. The last line
 * counts them and lists the open sockets. `failed`: the exit status is
 * not 0; `signal`: the signal that ends the process, or 0. */
static inline void narrate_tell_end(bool failed, int signal)
{
    NARRATE_STATIC(t, NARRATE_ROOM);
    int open = 0;
    int calls =
        atomic_load(&narrate_calls) - narrate_inherited - narrate_asks;
    const struct narrate_ender *ender = narrate_ender_of(signal);
    const char *fault = ender != NULL ? ender->fault : NULL;

    if ((calls == 0 && fault == NULL) || getpid() != narrate_home)
        return;
    narrate_flush_row(NULL);
    if (failed && narrate_failure.call.number > 0)
        narrate_tell_failure();
    narrate_note_end();
    for (int i = 0; i < narrate_few(); i++)
        narrate_note_left(i);
    narrate_note_all_returned();
    if (narrate_has_ring())
        narrate_tell_ring();
    narrate_clear(&t);
    narrate_add(&t, "The end: ");
    if (ender != NULL)
        narrate_add(&t, fault != NULL ? "%s, " : "%s; ", ender->name);
    if (fault == NULL)
        narrate_add_count(&t, calls, "call");
    else if (calls > 0)
        narrate_add(&t, "after call %d",
                    atomic_load(&narrate_calls) - narrate_asks);
    else
        narrate_add(&t, "before any call");
    for (int i = 0; i <= narrate_kernel.highest; i++)
        if (narrate_is_left(i) && open++ < 12)
            narrate_add(&t, "%s%d", open == 1 ? "; still open: " : ", ",
                        i);
    if (open > 12)
        narrate_add(&t, " and %d more", open - 12);
    narrate_add(&t, open > 0 ? "." : "; no socket is open.");
    narrate_tell(NARRATE_COUNTED, NULL, t.text);
    if (fault != NULL)
        narrate_tell(NARRATE_COUNTED, NULL, fault);
    narrate_inherited = atomic_load(&narrate_calls);
}

static inline void narrate_finish_all(bool failed, int signal)
{
    if (!narrate_is_free())
        return;
    narrate_start();
    narrate_tell_end(failed, signal);
    narrate_end();
}

#ifdef __GLIBC__
static inline void narrate_exits(int status, void *unused)
{
    (void)unused;
    narrate_finish_all(status != 0, 0);
}
#else
static inline void narrate_exits(void)
{
    narrate_finish_all(true, 0);
}
#endif

static void narrate_ended(int signal)
{
    struct sigaction usual;
    int entry = errno;

    memset(&usual, 0, sizeof usual);
    usual.sa_handler = SIG_DFL;
    narrate_finish_all(false, signal);
    narrate_real_sigaction(signal, &usual, NULL);
    raise(signal); /* it comes as soon as this handler returns */
    errno = entry;
}

static inline void narrate_await_end(void)
{
    struct sigaction ours, now;

    memset(&ours, 0, sizeof ours);
    ours.sa_handler = narrate_ended;
    for (size_t i = 0; i < NARRATE_COUNT(narrate_enders); i++)
        if (narrate_real_sigaction(narrate_enders[i], NULL, &now) == 0
            && now.sa_handler == SIG_DFL)
            narrate_real_sigaction(narrate_enders[i], &ours, NULL);
}

/* In the child after fork: its memory is a copy of the parent's. */
static inline void narrate_forked(void)
{
    atomic_store(&narrate_lock, 0);
    atomic_store(&narrate_waiters, 0);
    if (narrator.telling)
        narrate_home = getpid();
    narrate_born = ++narrate_forks;
    narrate_inherited = atomic_load(&narrate_calls);
    narrate_failure.call.number = 0;
    memset(&narrate_row, 0, sizeof narrate_row);
    for (int i = 0; i < narrate_few(); i++)
        narrate_memory(i)->rest = NULL; /* the parent may send it */
    narrate_waited = 0;
    narrate_busy = 0;
    narrate_board_forked();
}

/* In the parent after fork. */
static inline void narrate_has_forked(void)
{
    narrate_forks++;
}

static inline void narrate_find_more(void);

/* ---- a filter of system calls ------------------------------------ */

/* Writes narrate_out.setting, which programs that this one executes
 * find in their environment: empty, they are not told. */
static inline void narrate_set_out(void)
{
    struct narrate_text t = {0, sizeof narrate_out.setting,
                             narrate_out.setting};

    narrate_add(&t, "NARRATE_OUT=");
    if (narrator.telling)
        narrate_add(&t, "%d:%lu:%lu", narrator.out,
                    (unsigned long)narrate_out.device,
                    (unsigned long)narrate_out.inode);
}

/* Before the program forbids itself system calls, by seccomp(2): one of
 * ours might then end it, so from then on nothing is told. True if that
 * ends the telling. Preserves errno. */
static inline bool narrate_seals(void)
{
    static const char text[] = "The program now forbids itself system "
                               "calls (seccomp). One of"
                               " ours might end it, so from here on "
                               "nothing is told.";
    struct sigaction usual, now;
    int entry = errno;

    if (!narrate_is_free())
        return false;
    narrate_start();
    narrate_flush_row(NULL);
    narrate_tell(NARRATE_COUNTED, NULL, text);
    narrate_flush();
    narrator.telling = false;
    narrate_set_out();
    memset(&usual, 0, sizeof usual);
    usual.sa_handler = SIG_DFL;
    for (size_t i = 0; i < NARRATE_COUNT(narrate_enders); i++)
        if (narrate_real_sigaction(narrate_enders[i], NULL, &now) == 0
            && now.sa_handler == narrate_ended)
            narrate_real_sigaction(narrate_enders[i], &usual, NULL);
    narrate_end();
    errno = entry;
    return true;
}

/* After it: if the kernel has refused the filter, the telling goes on.
 * Returns `result`. */
static inline int narrate_sealed(bool sealed, int result)
{
    NARRATE_TEXT(t, 200);
    int error = errno;

    if (!sealed || result != -1)
        return result;
    narrator.telling = true;
    narrate_set_out();
    narrate_await_end();
    narrate_start();
    narrate_add(&t,
                "The kernel has refused that (%s): the telling"
                " goes on.",
                narrate_errno_name(error));
    narrate_tell(NARRATE_COUNTED, NULL, t.text);
    narrate_end();
    errno = error;
    return result;
}

/* ---- the beginning ----------------------------------------------- */

/* Opens the file that our lines go to: on the descriptor that
 * NARRATE_OUT names or, if that is another file by now, anew. */
static inline void narrate_open_out(const char *setting)
{
    const char *path = getenv("NARRATE_FILE");
    unsigned long device, inode;
    struct stat file;
    NARRATE_TEXT(link, 64);
    int number = -1;

    narrate_out.named = path != NULL && path[0] != '\0';
    if (strcmp(setting, "-") == 0) {
        int low = narrate_out.named
                      ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
                      : STDERR_FILENO;

        number = narrate_move(low);
        if (narrate_out.named && low != -1)
            narrate_real_close(low);
        if (number != -1 && fstat(number, &file) == 0) {
            narrate_out.device = file.st_dev;
            narrate_out.inode = file.st_ino;
        }
    } else if (sscanf(setting, "%d:%lu:%lu", &number, &device, &inode)
               == 3) {
        narrate_out.device = (dev_t)device;
        narrate_out.inode = (ino_t)inode;
        if (!narrate_is_ours(number)) {
            int low = STDERR_FILENO;

            narrate_add(&link, "/proc/%ld/fd/%d",
                        (long)narrator.process, number);
            if (narrate_out.named)
                low = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
            else if (!narrate_is_ours(low))
                low = open(link.text, O_WRONLY | O_APPEND | O_CLOEXEC);
            number = narrate_is_ours(low) ? narrate_move(low) : -1;
            if (low != -1 && low != STDERR_FILENO)
                narrate_real_close(low);
        }
    }
    narrator.out = narrator.err = number;
    narrator.telling = number != -1;
    narrate_set_out();
    putenv(narrate_out.setting);
}

/* After exec(3): looks at the sockets that the program before has
 * handed on. As after fork, somebody else may hold them, too.
 * proc(5). */
static inline void narrate_take_handed(void)
{
    static struct narrate_folder folder;
    long descriptor;

    narrate_born = narrate_forks = 1;
    narrate_enter(&folder, "/proc/self/fd");
    while ((descriptor = narrate_next(&folder)) != -1)
        if (descriptor != narrate_kernel.diag
            && narrate_is_socket((int)descriptor))
            narrate_look((int)descriptor);
    narrate_leave(&folder);
}

__attribute__((constructor)) static void narrate_loaded(void)
{
    const char *setting = getenv("NARRATE_OUT");
    const char *process = getenv("NARRATE_PROCESS");
    int entry = errno;

    narrate_find_all();
    narrate_find_more();
    if (setting == NULL || setting[0] == '\0' || narrate_home != 0)
        return;
    narrate_home = narrator.teller = getpid();
    narrator.process = process != NULL
                           ? (pid_t)strtol(process, NULL, 10)
                           : narrate_home;
    narrate_busy = 1;
    narrate_open_out(setting);
    if (narrator.telling) {
        narrate_take_arguments();
        narrate_out.verbose = getenv("NARRATE_VERBOSE") != NULL;
        narrate_out.faults = getenv("NARRATE_FAULTS") != NULL;
        narrator.muted = narrate_out.faults ? 2 : 0;
        narrator.secret = getenv("NARRATE_JSON");
        narrate_open_board();
        narrate_look_at_output();
        narrate_open_states();
        if (strcmp(setting, "-") != 0)
            narrate_take_handed();
        if (getenv("NARRATE_STEP") != NULL)
            narrate_out.terminal = narrate_open("/dev/tty", O_RDWR);
        pthread_key_create(&narrate_row_key, narrate_row_ends);
        pthread_atfork(NULL, narrate_has_forked, narrate_forked);
        narrate_await_end();
#ifdef __GLIBC__
        on_exit(narrate_exits, NULL);
#else
        atexit(narrate_exits);
#endif
    }
    narrate_busy = 0;
    errno = entry;
}

#endif
