/* tell.h: how the narration leaves the program.
 *
 * A person gets lines of text. The player, which sets NARRATE_SECRET,
 * gets records: each begins with the ASCII record separator and ends
 * with a newline, and narrate_record lists its fields. One thread tells
 * at a time, and writes each thing that it tells in one write(2).
 */
#ifndef NARRATE_TELL_H
#define NARRATE_TELL_H

enum {
    NARRATE_MARGIN = 5, /* columns before an explanation */
    NARRATE_INDENT = 9, /* and before the rest of a long call line */
    NARRATE_NONE = -2, /* no descriptor; -1 can be an argument */
#ifdef NARRATE_PRELOAD
    NARRATE_SEEN = 1024, /* descriptors whose state we remember */
    NARRATE_HIGH_FD = 1000, /* where our own descriptors begin */
#else
    NARRATE_SEEN = 64,
    NARRATE_HIGH_FD = 50,
#endif
};

/* The kinds of things told. */
enum narrate_kind {
    NARRATE_TITLE, /* of the lesson */
    NARRATE_BEFORE, /* a call that waits for a cue or a key */
    NARRATE_BLOCKS, /* a call that may block, before it does */
    NARRATE_CALL, /* a call and its result */
    NARRATE_MEANS, /* what that means */
    NARRATE_CAME, /* what arrived: bytes, a peer, addresses */
    NARRATE_KERNEL, /* what the kernel holds */
    NARRATE_TYPED, /* what the player typed */
    NARRATE_COUNTED, /* calls only counted, by scripts/narrate */
    NARRATE_ERROR, /* what a failure means, and what to try */
    NARRATE_NOTED, /* a mistake that scripts/narrate noticed */
};

/* The type of narrate_lasting in kernel.h, which looks up what is left
 * of a connection that we have ended. The calls that do so store a
 * pointer to it, so programs that make none do not carry it. */
struct narrate_seen;
typedef const char *narrate_finder(const struct narrate_seen *seen,
                                   const char *gone);

static struct narrator {
    char name[64]; /* the lesson's: its file's name without .c */
    const char *partner; /* the program at the other end, or "" */
    const char *address; /* the program's ADDRESS, as text */
    unsigned port; /* host byte order */
    int lesson; /* the lesson's number, 0 if it has none */
    bool telling; /* false: calls are made, not told */
    bool muted; /* of what is told, only failures are written */
    bool given[128]; /* which options are set, by letter */
    bool colour;
    int out, err; /* where lines go; records go to `out` */
    int terminal; /* -s: where Enter is read from, or -1 */
    int cue; /* where cues come from, or -1 */
    int others; /* cues for other threads and processes, or -1 */
    const char *secret; /* begins each record; NULL: no records */
    int diag; /* a socket of sock_diag(7), or -1 */
    ino_t diag_inode; /* by which we know that it is still ours */
    pid_t asker; /* the process that made it */
    int proc[2]; /* /proc/net/tcp and tcp6, or -1 */
    narrate_finder *lasting; /* narrate_lasting, or NULL */
    pid_t process; /* the first process */
    pid_t teller; /* the process that told last */
    int children, living; /* made by this process; not waited for */
    int child; /* number of a child of the first process, or 0 */
    int calls; /* told so far; only scripts/narrate counts here */
    int records; /* written so far */
    int asked; /* lines of a puts since the last record, or 0 */
    struct narrate_seen {
        int sock;
        ino_t inode;
        bool open, connected;
        bool deaf; /* shut down, or broken: nothing can come */
        bool shared; /* another process has held it, too */
        int lost; /* after a failed connect: a port no longer ours */
        int device; /* the interface it is bound to, or 0 */
        unsigned told; /* a checksum of its last kernel line */
        struct sockaddr_storage here, peer;
        struct sockaddr_storage asked; /* of a handshake under way */
        const char *lasting; /* the state that the kernel gave */
        long long looked; /* when, as narrate_clock has it */
    } seen[NARRATE_SEEN + 1]; /* the last: any other number */
    int highest; /* the highest descriptor of a socket so far */
} narrator = {.partner = PARTNER,
              .address = "",
              .out = STDOUT_FILENO,
              .err = STDERR_FILENO,
              .terminal = -1,
              .cue = -1,
              .others = -1,
              .diag = -1,
              .proc = {-1, -1}};

/* A call that is being told. */
struct narrate_call {
    const char *name;
    int sock; /* its state is told at the end; or NARRATE_NONE */
    int flags; /* the argument of send, recv and their kin */
    int type; /* of the socket, where bind or listen has failed */
    const void *address; /* what a failure is about, or NULL */
    size_t length;
    const char *host; /* getaddrinfo's, "" if not safe to print */
    const char *nothing; /* told of EAGAIN on non-blocking sockets */
    const char *source; /* its arguments as written, or NULL */
    int line; /* of the source, 0 if it is not known */
    const void *from; /* under the stage: where the call returns to */
    char file[200]; /* and the file of `line`, if Python said it */
    struct pollfd *watched; /* for what it waits, if it has a limit */
    nfds_t watches;
    int number; /* counted from 1 */
    int asked; /* getchar: lines of the words that ask for it, or 0 */
    struct narrate_text args;
    long result;
    const char *shown; /* printed instead of the result; or NULL */
    int error; /* its errno; 0 if it has not failed */
    int entry; /* errno before the call */
    long long start, took; /* microseconds, narrate_clock */
};

/* narrate_busy: this thread is telling. If a signal handler interrupts
 * it, the handler's calls are made but not told. narrate_line, _source:
 * the line of the next call, and the text of its arguments. */
static _Thread_local volatile sig_atomic_t narrate_busy;
static _Thread_local int narrate_line;
static _Thread_local const char *narrate_source;
static _Thread_local int narrate_thread; /* 1 is the first that told */
#ifndef NARRATE_PRELOAD
static _Thread_local int narrate_calls; /* how many this thread told */
#endif

/* Cues and records are compiled in only with NARRATE_PLAYER, which
 * `make` defines and a student's `cc` does not. scripts/narrate has
 * records of its own form. */
#ifdef NARRATE_PLAYER
#define NARRATE_CUED (narrator.cue != -1)
#else
#define NARRATE_CUED false
#endif
#if defined NARRATE_PLAYER || defined NARRATE_PRELOAD
#define NARRATE_RECORDED (narrator.secret != NULL)
#else
#define NARRATE_RECORDED false
#endif

#ifdef NARRATE_PRELOAD
#undef NARRATE_CUED
#define NARRATE_CUED (narrate_board != NULL)
#endif

#ifndef NARRATE_PRELOAD /* preload_out.h has its own */
/* ---- one teller at a time ---------------------------------------- */

static atomic_flag narrate_lock = ATOMIC_FLAG_INIT;
static int narrate_threads;
int sched_yield(void); /* all that we need of <sched.h> */

/* Takes the lock: only this thread tells until narrate_end. A child's
 * copy of it may be locked for ever, so a child unlocks it first. */
NARRATE_APART void narrate_start(void)
{
    narrate_busy = 1;
    if (getpid() != narrator.teller) {
        narrator.teller = getpid();
        atomic_flag_clear(&narrate_lock);
    }
    while (atomic_flag_test_and_set(&narrate_lock))
        sched_yield();
    if (narrate_thread == 0)
        narrate_thread = ++narrate_threads;
}

/* Releases the lock. */
NARRATE_APART void narrate_end(void)
{
    atomic_flag_clear(&narrate_lock);
    narrate_busy = 0;
}

/* ---- writing ----------------------------------------------------- */

/* Writes all bytes. The program does not see the SIGPIPE of this. If
 * narrator.out fails, it ends: status 141 if the reader has gone, else
 * (a full disk) 1. Failures of other descriptors are ignored. */
NARRATE_APART void narrate_write(int to, const char *bytes, size_t size)
{
    sigset_t pipe_only, before, pending;
    int error = 0, signal;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigprocmask(SIG_BLOCK, &pipe_only, &before);
    while (size > 0 && error == 0) {
        ssize_t n = write(to, bytes, size);
        struct pollfd room = {to, POLLOUT, 0};

        if (n >= 0) {
            bytes += n;
            size -= (size_t)n;
        } else if (errno == EAGAIN) {
            narrate_real_poll(&room, 1, 1000);
        } else if (errno != EINTR) {
            error = errno;
        }
    }
    sigpending(&pending);
    if (error == EPIPE && sigismember(&pending, SIGPIPE) == 1
        && sigismember(&before, SIGPIPE) == 0)
        sigwait(&pipe_only, &signal);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (error == 0 || to != narrator.out)
        return;
    if (error == EPIPE)
        _exit(128 + SIGPIPE);
    dprintf(STDERR_FILENO, "%s: standard output: %s\n", narrator.name,
            narrate_errno_name(error));
    _exit(1);
}
#endif

/* Adds who is telling, if that is a child process or not the first
 * thread: " [child 2]", " [thread 3]". */
NARRATE_APART void narrate_add_speaker(struct narrate_text *t)
{
    if (narrator.teller != narrator.process && narrator.child > 0)
        narrate_add(t, " [child %d]", narrator.child);
    else if (narrator.teller != narrator.process)
        narrate_add(t, " [process %ld]", (long)narrator.teller);
    if (narrate_thread > 1)
        narrate_add(t, " [thread %d]", narrate_thread);
}

/* Writes a text as lines of at most narrate_width columns, broken at
 * spaces, but not between = and the result; a kernel line, if it can
 * be, only where two spaces part its columns. A character of UTF-8 is
 * one column; \b becomes a space at which no line is broken. A very
 * long text loses its end. */
NARRATE_APART void narrate_lines(enum narrate_kind kind,
                                 const char *text)
{
    /* The style; columns before the first line, and before the rest. */
    static const struct look {
        const char *style;
        int margin, indent;
    } looks[] = {
        [NARRATE_TITLE] = {"\033[1m", 0, 0},
        [NARRATE_BEFORE] = {"", NARRATE_MARGIN, NARRATE_INDENT},
        [NARRATE_BLOCKS] = {"\033[1m", 0, NARRATE_INDENT},
        [NARRATE_CALL] = {"\033[1m", 0, NARRATE_INDENT},
        [NARRATE_MEANS] = {"", NARRATE_MARGIN, NARRATE_MARGIN},
        [NARRATE_CAME] = {"", NARRATE_MARGIN, NARRATE_MARGIN},
        [NARRATE_KERNEL] = {"\033[36m", NARRATE_MARGIN, 13},
        [NARRATE_COUNTED] = {"", NARRATE_MARGIN, NARRATE_MARGIN + 2},
        [NARRATE_ERROR] = {"", NARRATE_MARGIN, NARRATE_MARGIN + 2},
        [NARRATE_NOTED] = {"", NARRATE_MARGIN, NARRATE_MARGIN + 6},
    };
    const struct look *look = &looks[kind];
    const char *style = narrator.colour ? look->style : "";
    int margin = look->margin, width = narrate_width(narrator.out);
    static struct narrate_text speaker;
    static char out[2 * NARRATE_ROOM];
    size_t used = 0;

    if (narrator.muted && kind != NARRATE_ERROR)
        return;
    narrate_clear(&speaker);
    narrate_add_speaker(&speaker);
    do {
        const char *s = text, *space = NULL, *other = NULL;
        int columns = margin + (int)speaker.used;

        for (; *s != '\0'; s++) {
            if (*s == ' ' && s > text && strchr(" =", s[-1]) == NULL) {
                if (kind == NARRATE_KERNEL && s[1] != ' ')
                    other = s;
                else
                    space = s;
            }
            columns += (*s & 0xC0) != 0x80;
            if (columns > width && (space || other))
                break;
        }
        if (*s != '\0')
            s = space != NULL ? space : other;
        if (used + (size_t)(s - text) + speaker.used + 40 > sizeof out)
            break;
        used += (size_t)sprintf(
            out + used, "%s%s%*s%.*s%s\n", style, speaker.text, margin,
            "", (int)(s - text), text, *style ? "\033[0m" : "");
        text = s + strspn(s, " ");
        margin = look->indent;
    } while (text[0] != '\0');
    for (char *s = out; s < out + used; s++)
        if (*s == '\b')
            *s = ' ';
    if (kind == NARRATE_BEFORE) /* Enter ends its last line */
        narrate_write(narrator.terminal, out, used - 1);
    else
        narrate_write(kind >= NARRATE_ERROR ? narrator.err
                                            : narrator.out,
                      out, used);
}

/* ---- records ----------------------------------------------------- */

/* What a record holds besides its call. NULL and -1 become empty
 * fields. */
struct narrate_values {
    int sock;
    const char *state, *here, *peer, *queue;
    long length;
    const char *text;
};

#ifdef NARRATE_PRELOAD /* preload_json.h has it */
static inline void narrate_record(enum narrate_kind kind,
                                  const struct narrate_call *call,
                                  const struct narrate_values *values);
#define NARRATE_RECORD narrate_board_record
#else
#define NARRATE_RECORD narrate_record
#endif

/* Adds a tab and a field, its separators and newlines escaped. \b
 * stays: the player breaks the lines itself. */
NARRATE_APART void narrate_field(struct narrate_text *t,
                                 const char *text)
{
    char *to = t->text + t->used;
    const char *end = t->text + sizeof t->text - 6;

    if (to < end)
        *to++ = '\t';
    for (; text != NULL && *text != '\0' && to < end; text++)
        if (*text == '\t' || *text == '\n' || *text == '\x1E'
            || *text == '\r')
            to += sprintf(to, "\\x%02X", (unsigned)*text);
        else
            *to++ = *text;
    *to = '\0';
    t->used = (size_t)(to - t->text);
}

/* Writes one record: RS and the player's secret, then kind, process,
 * thread ("1", or "1 of child 2"), sequence, number of the call, line
 * of the source, call, its arguments, result, errno, descriptor, state,
 * local address, peer's address, queue, length, text; tabs between. The
 * length before getchar: how many lines, just written, ask for it. */
NARRATE_APART void NARRATE_RECORD(enum narrate_kind kind,
                                  const struct narrate_call *call,
                                  const struct narrate_values *values)
{
    static const char *const kinds[] = {
        [NARRATE_TITLE] = "title",   [NARRATE_BEFORE] = "before",
        [NARRATE_BLOCKS] = "blocks", [NARRATE_CALL] = "call",
        [NARRATE_MEANS] = "means",   [NARRATE_CAME] = "came",
        [NARRATE_KERNEL] = "kernel", [NARRATE_TYPED] = "typed",
        [NARRATE_ERROR] = "error",   [NARRATE_COUNTED] = "means",
        [NARRATE_NOTED] = "error",
    };
    static struct narrate_text t;
    char child[32] = "";

    if (narrator.teller != narrator.process)
        snprintf(child, sizeof child, " of child %ld",
                 narrator.child > 0 ? narrator.child
                                    : (long)narrator.teller);
    narrate_clear(&t);
    narrate_add(
        &t, "\x1E%s\t%s\t%ld\t%d%s\t%d\t%d\t%d\t%s", narrator.secret,
        kinds[kind], (long)narrator.teller, narrate_thread, child,
        ++narrator.records, call != NULL ? call->number : 0,
        call != NULL ? call->line : 0, call != NULL ? call->name : "");
    narrate_field(&t, call != NULL ? call->args.text : NULL);
    if (kind == NARRATE_CALL && call != NULL)
        narrate_add(&t, "\t%ld\t%s", call->result,
                    call->error ? narrate_errno_name(call->error) : "");
    else
        narrate_add(&t, "\t\t");
    narrate_add(&t, values->sock >= 0 ? "\t%d" : "\t", values->sock);
    narrate_field(&t, values->state);
    narrate_field(&t, values->here);
    narrate_field(&t, values->peer);
    narrate_field(&t, values->queue);
    narrate_add(&t, values->length >= 0 ? "\t%ld" : "\t",
                values->length);
    narrate_field(&t, values->text);
#ifdef NARRATE_PRELOAD
    if (NARRATE_CUED)
        narrate_add_board(&t, call != NULL ? call->from : NULL,
                          call != NULL ? call->file : NULL);
#endif
    if (t.used > sizeof t.text - 2)
        t.used = sizeof t.text - 2;
    t.text[t.used++] = '\n';
    narrate_write(narrator.out, t.text, t.used);
    narrator.asked = 0;
}

/* Tells one thing: as a record to the player, as lines to a person. */
NARRATE_APART void narrate_tell(enum narrate_kind kind,
                                const struct narrate_call *call,
                                const char *text)
{
    if (NARRATE_RECORDED) {
        struct narrate_values values = {-1,   NULL, NULL, NULL,
                                        NULL, -1,   text};

        narrate_record(kind, call, &values);
    } else {
        narrate_lines(kind, text);
    }
}

/* Tells the line of a call: number, name, arguments, then `rest`. */
NARRATE_APART void narrate_call_line(enum narrate_kind kind,
                                     const struct narrate_call *call,
                                     const char *rest)
{
    static struct narrate_text t;

    if (NARRATE_RECORDED) {
        narrate_tell(kind, call, rest);
        return;
    }
    narrate_clear(&t);
    narrate_add(&t, *rest != '\0' ? "%3d  %s(%s) %s" : "%3d  %s(%s)",
                call->number, call->name, call->args.text, rest);
    narrate_lines(kind, t.text);
}

/* ---- cues and keys ----------------------------------------------- */

/* Must this thread stop before each call? Only the first thread of the
 * first process must, unless the others have cues of their own. */
NARRATE_INNER bool narrate_stepped(void)
{
    if (narrator.teller != narrator.process || narrate_thread > 1)
        return NARRATE_CUED && narrator.others != -1;
    return NARRATE_CUED || narrator.terminal != -1;
}

/* Stops before a call until the player gives a cue or a person presses
 * Enter. `what` is the call, or "hold" where a lesson waits for a
 * person. Returns the first character of the cue or line; q, which ends
 * the program, also at the end of the input, or if a signal came. */
NARRATE_APART char narrate_stop(const struct narrate_call *call,
                                const char *what)
{
    struct narrate_text t;
    char line[256];
    size_t room = sizeof line;
    int from = narrator.terminal, early = 0;
    ssize_t n;

#ifdef NARRATE_PRELOAD
    if (NARRATE_CUED) {
        narrate_board_stop(call, what);
        return '.';
    }
#endif
    narrate_clear(&t);
    if (NARRATE_CUED) {
        bool other =
            narrator.teller != narrator.process || narrate_thread > 1;

        from = other ? narrator.others : narrator.cue;
        room = 1;
        narrate_add(&t, "cue %d %s\n", call->line, what);
    } else {
        narrate_add(&t, "next: %s  [Enter] ", what);
    }
    if (NARRATE_CUED && NARRATE_RECORDED)
        narrate_record(NARRATE_BEFORE, call,
                       &(struct narrate_values){
                           .sock = -1,
                           .length = call->asked > 0 ? call->asked : -1,
                           .text = what});
    else if (NARRATE_CUED)
        narrate_write(narrator.out, t.text, t.used);
    else
        narrate_lines(NARRATE_BEFORE, t.text);
    ioctl(from, FIONREAD, &early); /* pressed while a call blocked */
#ifdef NARRATE_PRELOAD
    n = narrate_ask(from, line, room);
#else
    atomic_flag_clear(&narrate_lock); /* other threads may tell */
    n = narrate_real_read(from, line, room);
    while (atomic_flag_test_and_set(&narrate_lock))
        sched_yield();
#endif
    if (early > 0 && !NARRATE_CUED)
        narrate_write(from, "\n", 1);
    return n > 0 ? line[0] : 'q';
}

#endif
