/* tell.h: how the narration leaves the program.
 *
 * One thread tells at a time. It blocks signals meanwhile, so that no
 * handler finds it halfway, and none leaves it by siglongjmp. What it
 * has told of a call it writes with one write(2). A person gets lines
 * of text; the player, which sets NARRATE_SECRET, gets records.
 */
#ifndef NARRATE_TELL_H
#define NARRATE_TELL_H

enum {
    NARRATE_MARGIN = 5, /* columns before an explanation */
    NARRATE_INDENT = 9, /* and before the rest of a long call line */
};

static struct {
    const char *name; /* the lesson's: its file's name without .c */
    const char *partner; /* the program at the other end, or "" */
    const char *address; /* the program's ADDRESS, as text */
    unsigned port; /* host byte order */
    int lesson; /* the lesson's number, 0 if it has none */
    bool telling; /* false: calls are made, not told */
    int muted; /* 1: only failures are written, 2: not even those */
    bool known; /* -k: what earlier lessons explain is left out */
    bool terminal, colour; /* lines go to a terminal; with colours */
    int out, err; /* where lines go; records go to `out` */
    const char *secret; /* begins each record; NULL: no records */
    pid_t process; /* the first process */
    pid_t teller; /* the process that told last */
    int threads; /* that have told something */
    int children, living; /* made by this process; not waited for */
    int child; /* number of a child of the first process, or 0 */
} narrator = {.name = "",
              .partner = "",
              .address = "",
              .out = STDOUT_FILENO,
              .err = STDERR_FILENO};

/* narrate_busy: this thread is telling: calls that the narrator itself
 * causes are made, not told. narrate_line, _source: the line of the
 * next call, and the text of its arguments. */
static _Thread_local volatile sig_atomic_t narrate_busy;
static _Thread_local int narrate_line;
static _Thread_local const char *narrate_source;
static _Thread_local int narrate_thread; /* 1 is the first that told */

/* Records are compiled in only with NARRATE_PLAYER, which `make`
 * defines and a student's `cc` does not. */
#ifdef NARRATE_PLAYER
#define NARRATE_RECORDED (narrator.secret != NULL)
#else
#define NARRATE_RECORDED false
#endif

/* What is told and not yet written; where it goes. A pipe takes so many
 * bytes at once, whole: PIPE_BUF of pipe(7). */
NARRATE_STATIC(narrate_page, 4096);
static int narrate_to;

/* Colour on a terminal, unless NO_COLOR is set or TERM is "dumb". */
NARRATE_INNER void narrate_look_at_output(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    narrator.terminal = isatty(narrator.out);
    narrator.colour = narrator.terminal
                      && (no_colour == NULL || no_colour[0] == '\0')
                      && (term == NULL || strcmp(term, "dumb") != 0);
}

/* ---- one teller at a time ---------------------------------------- */

static sigset_t narrate_mask; /* of the thread that has the lock */
static int narrate_columns_now; /* of the terminal; 0: ask */

/* Takes the lock: only this thread tells until narrate_end. */
NARRATE_APART void narrate_start(void)
{
    sigset_t all, before;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    narrate_busy = 1;
    narrate_acquire();
    narrate_mask = before;
    narrate_kernel.moment++;
    narrate_columns_now = 0;
    if (narrate_thread == 0)
        narrate_thread = ++narrator.threads;
}

/* Is one of the signals that a failing write sends pending? */
NARRATE_APART bool narrate_is_pending(int signal)
{
    sigset_t pending;

    sigpending(&pending);
    return sigismember(&pending, signal) == 1;
}

/* Waits until there is room; meanwhile signals reach the program, so
 * that Ctrl-C ends it. select(2). */
NARRATE_APART void narrate_await_room(int to)
{
    sigset_t mask = narrate_mask;
    fd_set room;

    FD_ZERO(&room);
    if (to < FD_SETSIZE) {
        FD_SET((size_t)to, &room);
        narrate_real_pselect(to + 1, NULL, &room, NULL, NULL, &mask);
    }
}

/* Writes all bytes. The signal of a write of ours that fails is taken
 * back, so that the program does not get it. */
NARRATE_APART void narrate_write(int to, const char *bytes, size_t size)
{
    bool pending = sigismember(&narrate_mask, SIGPIPE) == 1
                   && narrate_is_pending(SIGPIPE);
    int error = 0, signal;
    sigset_t ours;

    if (!narrate_may_write(to))
        return;
    while (size > 0 && error == 0) {
        ssize_t n;

        narrate_await_room(to);
        n = narrate_real_write(to, bytes, size);
        if (n >= 0) {
            bytes += n;
            size -= (size_t)n;
        } else if (errno != EINTR && errno != EAGAIN) {
            error = errno;
        }
    }
    if (error == 0)
        return;
    signal = error == EPIPE ? SIGPIPE : SIGXFSZ;
    sigemptyset(&ours);
    sigaddset(&ours, signal);
    if ((error == EPIPE ? !pending : error == EFBIG)
        && narrate_is_pending(signal))
        sigwait(&ours, &signal);
    errno = error;
    narrate_cannot_write(to);
}

/* Writes what has been told so far. */
NARRATE_APART void narrate_flush(void)
{
    size_t size = narrate_page.used;

    narrate_page.used = 0;
    if (size > 0)
        narrate_write(narrate_to, narrate_page.text, size);
}

/* Makes room in the page for `size` bytes that go there. */
NARRATE_APART void narrate_page_for(int to, size_t size)
{
    if (to != narrate_to
        || narrate_page.used + size >= narrate_page.room)
        narrate_flush();
    narrate_to = to;
}

/* Releases the lock, but makes this thread's calls tell nothing yet:
 * while it waits for a key or a cue. narrate_start takes it again. */
NARRATE_APART void narrate_pause(void)
{
    sigset_t before;

    narrate_flush();
    before = narrate_mask;
    narrate_release();
    sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Releases the lock. */
NARRATE_APART void narrate_end(void)
{
    narrate_flush();
    narrate_busy = 0;
    narrate_pause();
}

/* ---- lines ------------------------------------------------------- */

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

/* How many columns a line may have: NARRATE_WIDTH, or on a narrow
 * terminal one less than it has, at least 29. Windows change size, so
 * we ask for each call. tty_ioctl(4) of Linux. */
NARRATE_APART int narrate_width(void)
{
#ifdef TIOCGWINSZ
    struct winsize size;

    if (narrate_columns_now > 0)
        return narrate_columns_now;
    narrate_columns_now = NARRATE_WIDTH;
    if (narrator.terminal && ioctl(narrator.out, TIOCGWINSZ, &size) == 0
        && size.ws_col > 0 && size.ws_col <= NARRATE_WIDTH)
        narrate_columns_now = size.ws_col < 30 ? 29 : size.ws_col - 1;
    return narrate_columns_now;
#else
    return NARRATE_WIDTH;
#endif
}

/* Adds a text as lines of at most narrate_width columns, broken at
 * spaces, but not between = and the result; a kernel line, if it can
 * be, only where two spaces part its columns. A character of UTF-8 is
 * one column; \b becomes a space at which no line is broken. A very
 * long text loses its end. */
NARRATE_APART void narrate_lines_to(int to, enum narrate_kind kind,
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
    int margin = look->margin, width = narrate_width();
    NARRATE_STATIC(speaker, 60);
    size_t start;

    if (narrator.muted > (kind == NARRATE_ERROR))
        return;
    narrate_clear(&speaker);
    narrate_add_speaker(&speaker);
    narrate_page_for(to, 2 * NARRATE_ROOM);
    start = narrate_page.used;
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
        if (narrate_page.used - start + (size_t)(s - text)
                + speaker.used + 40
            > 2 * NARRATE_ROOM)
            break;
        narrate_add(&narrate_page, "%s%s%*s%.*s%s\n", style,
                    speaker.text, margin, "", (int)(s - text), text,
                    *style ? "\033[0m" : "");
        text = s + strspn(s, " ");
        margin = look->indent;
    } while (text[0] != '\0');
    for (char *s = narrate_page.text + start; *s != '\0'; s++)
        if (*s == '\b')
            *s = ' ';
    if (kind == NARRATE_BEFORE) /* Enter ends its last line */
        narrate_page.used--;
}

NARRATE_APART void narrate_lines(enum narrate_kind kind,
                                 const char *text)
{
    narrate_lines_to(kind >= NARRATE_ERROR ? narrator.err
                                           : narrator.out,
                     kind, text);
}

/* ---- lines or records -------------------------------------------- */

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

#endif
