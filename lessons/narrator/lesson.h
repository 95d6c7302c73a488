/* lesson.h: the front end of a lesson. All its calls are told.
 *
 * A person presses Enter, or the player gives cues. The options are
 * read here; the lesson's own main gets ADDRESS and PORT, always both,
 * and judges them.
 */
#ifndef NARRATE_LESSON_H
#define NARRATE_LESSON_H

static struct {
    int terminal; /* -s: where Enter is read from, or -1 */
    int cue; /* where cues come from, or -1 */
    int others; /* cues for other threads and processes, or -1 */
    int asked; /* lines of a puts since the last record, or 0 */
} narrate_keys = {-1, -1, -1, 0};

#ifdef NARRATE_PLAYER
#define NARRATE_CUED (narrate_keys.cue != -1)
#else
#define NARRATE_CUED false
#endif

/* ---- what a front end decides, front.h --------------------------- */

static atomic_flag narrate_lock = ATOMIC_FLAG_INIT;
int sched_yield(void); /* all that we need of <sched.h> */

/* A child's copy of the lock may be locked for ever, and the page half
 * full, so a child unlocks it first. */
static inline void narrate_acquire(void)
{
    if (getpid() != narrator.teller) {
        narrator.teller = getpid();
        narrate_clear(&narrate_page);
        atomic_flag_clear(&narrate_lock);
    }
    while (atomic_flag_test_and_set(&narrate_lock))
        sched_yield();
}

static inline void narrate_release(void)
{
    atomic_flag_clear(&narrate_lock);
}

/* A close is told for a socket, and for a closed number that was one; a
 * fcntl for a socket, and for a number that is not open; an unlink for
 * the path of a socket. */
static inline bool narrate_wants(const struct narrate_row *row,
                                 const intptr_t *arg)
{
    int descriptor = (int)arg[0], next = (int)arg[1];
    struct stat file;
    bool open, was;

    if (strcmp(row->name, "unlink") == 0)
        return narrate_is_path((const char *)arg[0]);
    if (strcmp(row->name, "fcntl") == 0
        && (next == F_GETFL || next == F_SETFL))
        return fstat(descriptor, &file) == -1 || S_ISSOCK(file.st_mode);
    if (strcmp(row->name, "close") != 0)
        return strcmp(row->name, "fcntl") != 0;
    open = fstat(descriptor, &file) == 0;
    if (open || descriptor < 0 || descriptor >= NARRATE_SEEN)
        return open && S_ISSOCK(file.st_mode);
    narrate_start();
    was = narrate_kernel.seen[descriptor].inode != 0;
    narrate_end();
    return was;
}

static _Thread_local int narrate_calls; /* how many this thread told */

static inline int narrate_number(void)
{
    return ++narrate_calls;
}

/* The player reads the lesson's number of lines from its cue. */
static inline void narrate_waits(struct narrate_call *call)
{
    if (!NARRATE_CUED || NARRATE_RECORDED)
        return;
    narrate_page_for(narrator.out, 40);
    narrate_add(&narrate_page, "cue %d waits\n", call->line);
}

static inline void narrate_cannot_write(int to)
{
    int error = errno;

    if (to != narrator.out)
        return;
    if (error == EPIPE)
        _exit(128 + SIGPIPE);
    dprintf(STDERR_FILENO, "%s: standard output: %s\n", narrator.name,
            narrate_errno_name(error));
    _exit(1);
}

static inline void narrate_record(enum narrate_kind kind,
                                  const struct narrate_call *call,
                                  const struct narrate_values *values)
{
#ifdef NARRATE_PLAYER
    NARRATE_STATIC(t, NARRATE_ROOM);

    narrate_clear(&t);
    narrate_add_record(&t, kind, call, values);
    if (t.used > t.room - 2)
        t.used = t.room - 2;
    t.text[t.used++] = '\n';
    narrate_page_for(narrator.out, t.used);
    narrate_put(&narrate_page, t.text, t.used);
    narrate_keys.asked = 0;
#else
    (void)kind, (void)call, (void)values;
#endif
}

/* Only scripts/narrate counts, keeps failures and remarks on faults. */
static inline bool narrate_repeats(struct narrate_call *call)
{
    (void)call;
    return false;
}

static inline bool narrate_counts(struct narrate_call *call)
{
    (void)call;
    return false;
}

static inline bool narrate_interrupted(struct narrate_call *call)
{
    (void)call;
    return false;
}

static inline bool narrate_said(const char *text)
{
    (void)text;
    return false;
}

static inline bool narrate_keeps(const struct narrate_call *call,
                                 const struct narrate_error *row,
                                 const void *address, size_t length)
{
    (void)call, (void)row, (void)address, (void)length;
    return false;
}

static inline const char *narrate_option_name(int level, int option)
{
    (void)level, (void)option;
    return NULL;
}

static inline bool narrate_is_string(int level, int option)
{
    (void)level, (void)option;
    return false;
}

static inline bool narrate_rendered(const struct narrate_call *call,
                                    struct narrate_text *t)
{
    (void)call, (void)t;
    return false;
}

static inline bool narrate_may_write(int to)
{
    (void)to;
    return true;
}

static inline bool narrate_is_deaf(const struct narrate_call *call)
{
    (void)call;
    return false;
}

static inline size_t narrate_shown(size_t size)
{
    return size;
}

static inline const char *narrate_holder(struct narrate_call *call)
{
    (void)call;
    return NULL;
}

static inline void narrate_full(struct narrate_call *call)
{
    (void)call;
}

static inline void narrate_opens(struct narrate_call *call)
{
    (void)call;
}

static inline void narrate_closes(struct narrate_call *call)
{
    (void)call;
}

/* ---- cues and keys ----------------------------------------------- */

/* Only the first thread of the first process stops, unless the others
 * have cues of their own. */
static inline bool narrate_stepped(void)
{
    if (narrator.teller != narrator.process || narrate_thread > 1)
        return NARRATE_CUED && narrate_keys.others != -1;
    return NARRATE_CUED || narrate_keys.terminal != -1;
}

/* Stops until the player gives a cue or a person presses Enter. `what`
 * is the call, or "hold" where a lesson waits for a person. Returns the
 * first character of the cue or line; q, which ends the program, also
 * at the end of the input, or if a signal came. */
NARRATE_APART char narrate_await(struct narrate_call *call,
                                 const char *what)
{
    int from = narrate_keys.terminal, early = 0;
    NARRATE_STATIC(t, NARRATE_ROOM);
    char line[256];
    size_t room = sizeof line;
    ssize_t n;

    if (NARRATE_CUED) {
        bool other =
            narrator.teller != narrator.process || narrate_thread > 1;

        from = other ? narrate_keys.others : narrate_keys.cue;
        room = 1;
    }
    narrate_clear(&t);
    if (NARRATE_CUED && NARRATE_RECORDED) {
        struct narrate_values values = {
            .sock = -1,
            .length = call->own.asked > 0 ? call->own.asked : -1,
            .text = what};

        narrate_record(NARRATE_BEFORE, call, &values);
    } else if (NARRATE_CUED) {
        narrate_page_for(narrator.out, NARRATE_ROOM);
        narrate_add(&narrate_page, "cue %d %s\n", call->line, what);
    } else {
        narrate_add(&t, "next: %s  [Enter] ", what);
        narrate_lines_to(from, NARRATE_BEFORE, t.text);
    }
    narrate_flush();
    ioctl(from, FIONREAD, &early); /* pressed while a call blocked */
    narrate_pause(); /* other threads may tell */
    n = narrate_real_read(from, line, room);
    narrate_start();
    if (early > 0 && !NARRATE_CUED)
        narrate_write(from, "\n", 1);
    return n > 0 ? line[0] : 'q';
}

static inline void narrate_stop(struct narrate_call *call,
                                const char *what)
{
    if (narrate_await(call, what) == 'q')
        _exit(0);
}

/* puts, with which a lesson asks for what it waits for in getchar. The
 * player does not show that: nobody could type it there. So a hold says
 * how many lines it was. */
NARRATE_APART int narrate_puts(const char *text)
{
    int result = puts(text);

    if (NARRATE_CUED) {
        narrate_keys.asked = 1;
        for (; *text != '\0'; text++)
            narrate_keys.asked += *text == '\n';
    }
    return result;
}

/* getchar, where a lesson waits for a person. After Enter, or a cue, it
 * tells the kernel line of every open socket. Returns the first key. */
NARRATE_APART int narrate_getchar(int line)
{
    static const struct narrate_row row = {.name = "getchar",
                                           .format = ""};
    struct narrate_call call = {
        .row = &row, .line = line, .own.asked = narrate_keys.asked};
    int key;

    if (!narrator.telling || (!NARRATE_CUED && !isatty(STDIN_FILENO)))
        return getchar();
    if (NARRATE_CUED) {
        narrate_start();
        narrate_render(&call);
        key = narrate_await(&call, "hold");
        narrate_end();
    } else {
        static const char ask[] = "     Enter asks the kernel again: ";
        int early = 0;

        ioctl(STDIN_FILENO, FIONREAD, &early);
        narrate_start();
        narrate_write(narrator.out, ask, sizeof ask - 1);
        narrate_end();
        key = getchar();
        for (int rest = key; rest != '\n' && rest != EOF;)
            rest = getchar();
        if (early > 0) { /* pressed while a call blocked */
            narrate_start();
            narrate_write(narrator.out, "\n", 1);
            narrate_end();
        }
        if (key != '\n')
            return key;
    }
    if (key == 'q')
        return key;
    narrate_start();
    narrate_render(&call);
    for (int i = 0; i < narrate_few(); i++)
        if (narrate_kernel.seen[i].open && narrate_look(i)->open)
            narrate_held(&call, &narrate_kernel.seen[i], true);
    narrate_end();
    return '\n';
}

/* isatty: the player counts as a person at a keyboard. */
NARRATE_APART int narrate_isatty(int descriptor)
{
    if (NARRATE_CUED && narrator.telling && descriptor == STDIN_FILENO)
        return 1;
    return isatty(descriptor);
}

/* Shows what the player typed as a terminal shows it. `size` is what
 * read returned: 0, the end of the input, adds no newline. */
NARRATE_INNER void narrate_typed(const char *bytes, ssize_t size)
{
    static bool empty = true; /* nothing is on this line yet */
    NARRATE_TEXT(t, 240);
    char text[200];
    bool line = size > 0 && bytes[size - 1] == '\n';

    narrate_escape(text, sizeof text, bytes,
                   size > 0 ? (size_t)size - line : 0);
    narrate_add(&t, "%s", text);
    if (size == 0)
        narrate_add(&t, "(the end of the input)");
    else if (line)
        narrate_add(&t, "%s\n",
                    empty && size == 1 ? "(an empty line)" : "");
    empty = line;
    narrate_start();
    if (NARRATE_RECORDED)
        narrate_tell(NARRATE_TYPED, NULL, t.text);
    else
        narrate_write(narrator.out, t.text, t.used);
    narrate_end();
}

/* Reads one line, as a terminal would give it: the player's input is a
 * file or pipe that may hold more. Returns what read(2) would. */
NARRATE_INNER ssize_t narrate_read_line(int descriptor, char *bytes,
                                        size_t size)
{
    size_t n = 0;

    while (n < size && (n == 0 || bytes[n - 1] != '\n')) {
        ssize_t one = narrate_real_read(descriptor, bytes + n, 1);

        if (one == -1 && n == 0)
            return -1;
        if (one <= 0)
            break;
        n++;
    }
    return (ssize_t)n;
}

/* read is not told, but what the player types is. */
NARRATE_APART ssize_t narrate_told_read(int descriptor, void *bytes,
                                        size_t size)
{
    ssize_t result;

    if (!NARRATE_CUED || !narrator.telling || narrate_busy
        || descriptor != STDIN_FILENO)
        return narrate_real_read(descriptor, bytes, size);
    result = narrate_read_line(descriptor, bytes, size);
    if (result >= 0)
        narrate_typed(bytes, result);
    return result;
}

/* The child sets its number at once: its lines show it. Children of a
 * child have none; their lines show the process. fork(2). */
NARRATE_APART pid_t narrate_told_fork(void)
{
    static const struct narrate_row row = {
        .name = "fork", .format = "", .means = narrate_means_fork};
    struct narrate_call call;
    pid_t result;

    if (!narrate_begin(&call, &row, 0, 0, 0, 0, 0, 0))
        return narrate_real_fork();
    narrator.children++;
    result = narrate_real_fork();
    if (result == 0)
        narrator.child =
            narrator.teller == narrator.process ? narrator.children : 0;
    else if (result == -1)
        narrator.children--;
    return (pid_t)narrate_finish(&call, result);
}

/* ---- the command line -------------------------------------------- */

static bool narrate_given[128]; /* which options are set, by letter */

/* Ends the program with exit status 2 for a wrong argument. Prints
 * `before`, the wrong word in quotes (NULL: none), then the format. */
#ifdef __GNUC__
__attribute__((format(printf, 3, 4)))
#endif
NARRATE_APART _Noreturn void
narrate_refuse(const char *before, const char *word, const char *format,
               ...)
{
    NARRATE_TEXT(t, 200);
    va_list list;

    if (word != NULL)
        narrate_add_quoted(&t, word, strlen(word));
    fprintf(stderr, "%s: %s%s", narrator.name, before, t.text);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    exit(2);
}

/* Does it take a path, and no port? */
#define NARRATE_PORTLESS (ADDRESSES == LOCAL_PATH)

#define NARRATE_USAGE \
    (NARRATE_PORTLESS ? "usage: ./%s [-h] [-s] [-q] [-k] [PATH]\n" \
                      : "usage: ./%s [-h] [-s] [-q] [-k] [ADDRESS] " \
                        "[PORT]\n")

/* What may stand as ADDRESS on the command line. */
enum narrate_addresses {
    IPV4,
    IPV4_OR_IPV6,
    HOST_NAME,
    IPV4_BROADCAST, /* IPv4; the usual one is for all hosts */
    LOCAL_PATH, /* of AF_UNIX; there is no port */
};

/* What each kind is called, and the address that is used unless the
 * command line has one. */
static const struct {
    const char *words, *usual;
} narrate_kinds[] = {
    [IPV4] = {"an IPv4 address", "127.0.0.1"},
    [IPV4_OR_IPV6] = {"an IPv4 or IPv6 address", "127.0.0.1"},
    [HOST_NAME] = {"a host name or an address", "localhost"},
    [IPV4_BROADCAST] = {"an IPv4 address", "127.255.255.255"},
    [LOCAL_PATH] = {"a path", "lesson.socket"},
};

/* Is this word, which stands alone, a port and no address? It is if it
 * begins like a number and has no dot or colon; where host names are
 * allowed, which may do so (RFC 1123, section 2.1), only if all of it
 * is one. Whether it is a good one the lesson judges. */
NARRATE_INNER bool narrate_is_port(const char *word)
{
    size_t number = strspn(word, "0123456789-+ ");

    return !NARRATE_PORTLESS && strpbrk(word, ".:") == NULL
           && (word[number] == '\0'
               || (number > 0 && ADDRESSES != HOST_NAME));
}

/* Prints the help; exit status 0, or 1 if it cannot be printed. */
NARRATE_INNER _Noreturn void narrate_help(void)
{
    printf("%s: %s\n\n", narrator.name, TITLE);
    printf(NARRATE_USAGE, narrator.name);
    printf("  -h       this help\n"
           "  -s       step: wait for Enter before each call\n"
           "  -q       quiet: the program alone, without the telling\n"
           "  -k       known: leave out what earlier lessons explain\n"
           "  %s  %s, now %s\n",
           NARRATE_PORTLESS ? "PATH   " : "ADDRESS",
           narrate_kinds[ADDRESSES].words, narrator.address);
    if (!NARRATE_PORTLESS)
        printf("  PORT     0 to 65535, now %u; LESSON_PORT sets"
               " another\n           one for all lessons\n",
               narrator.port);
    printf("exit status: 0 done, 1 a call failed, 2 wrong arguments\n");
    exit(fflush(stdout) == EOF);
}

/* Reads the options and puts up to two other words into `words`;
 * returns how many. Refuses anything else. getopt(3). */
NARRATE_INNER int narrate_read_options(int argc, char *argv[],
                                       char *words[])
{
    int n = 0;

    opterr = 0;
    while (optind < argc) {
        const char *word = argv[optind];
        int option;

        if (strcmp(word, "--help") == 0) {
            narrate_given['h'] = true;
            optind++;
            continue;
        }
        option = getopt(argc, argv, "+hsqk");
        narrate_given[option & 127] = true;
        if (option == '?') {
            fprintf(stderr, NARRATE_USAGE, narrator.name);
            narrate_refuse("", word, " is not an option of a lesson");
        }
        if (option != -1 || optind == argc)
            continue;
        if (n == (NARRATE_PORTLESS ? 1 : 2)) {
            fprintf(stderr, NARRATE_USAGE, narrator.name);
            narrate_refuse(
                "", argv[optind], " is one word too many: %s expected",
                NARRATE_PORTLESS ? "a path" : "an address and a port");
        }
        words[n++] = argv[optind++];
    }
    return n;
}

#ifdef NARRATE_PLAYER
/* Opens what cues come from: the FIFO LESSON_CUE, or the descriptors of
 * the player: NARRATE_CUE, and for further threads and processes
 * NARRATE_OTHERS. NARRATE_SECRET asks for records. */
NARRATE_INNER void narrate_open_cue(void)
{
    const char *path = getenv("LESSON_CUE");
    const char *cue = getenv("NARRATE_CUE");
    const char *secret = getenv("NARRATE_SECRET");

    narrator.secret = secret;
    if (cue != NULL && cue[0] != '\0') {
        narrate_keys.cue = (int)strtol(cue, NULL, 10);
        if (getenv("NARRATE_OTHERS") != NULL)
            narrate_keys.others =
                (int)strtol(getenv("NARRATE_OTHERS"), NULL, 10);
        if (secret == NULL
            || narrate_real_fcntl(narrate_keys.cue, F_GETFD) == -1)
            narrate_refuse("NARRATE_CUE is ", cue,
                           ": an open descriptor expected, and"
                           " NARRATE_SECRET beside it");
    } else if (path != NULL && path[0] != '\0') {
        narrate_keys.cue = narrate_open(path, O_RDONLY);
        if (narrate_keys.cue == -1)
            narrate_refuse("LESSON_CUE is ", path,
                           ", which cannot be read (%s): a FIFO"
                           " expected, made with mkfifo",
                           narrate_errno_name(errno));
    }
    unsetenv("NARRATE_SECRET"); /* the program must not know it */
}
#endif

/* The lesson's main, under the name that it has for the assembler. */
int narrate_lesson(int, char **) NARRATE_LABEL("narrate_main");

/* Reads the command line and LESSON_PORT, prints the title, and passes
 * ADDRESS and PORT on to the lesson's main. Of a FILTER whose standard
 * input is no terminal, only a failure to connect is told. If its input
 * is closed, /dev/null takes its place: otherwise its first socket
 * would be descriptor 0, from which it reads the keyboard. */
int main(int argc, char *argv[])
{
    const char *base = strrchr("/" __BASE_FILE__, '/') + 1;
    const char *preset = getenv("LESSON_PORT");
    const char *port = "8888";
    char *words[4];
    NARRATE_TEXT(t, 200);
    static char name[64];
    int n;

    sscanf(base, "%63[^.]", name); /* all of it that fits */
    narrator.name = name;
    narrator.partner = PARTNER;
    narrator.lesson = atoi(base);
    narrator.address = narrate_kinds[ADDRESSES].usual;
    if (preset != NULL && preset[0] != '\0')
        port = preset;
    n = narrate_read_options(argc, argv, words + 1);
    narrator.known = narrate_given['k'];
    if (n == 2 || (n == 1 && narrate_is_port(words[1])))
        port = words[n];
    if (n == 2 || (n == 1 && port != words[1]))
        narrator.address = words[1];
    narrator.port = (unsigned)strtoul(port, NULL, 10);
    if (narrate_given['h'])
        narrate_help();
    if (NARRATE_FILTER
        && narrate_real_fcntl(STDIN_FILENO, F_GETFD) == -1
        && open("/dev/null", O_RDONLY) == -1)
        narrate_refuse("", NULL,
                       "standard input is closed, and /dev/null cannot"
                       " take its place (%s)",
                       narrate_errno_name(errno));
#ifdef NARRATE_PLAYER
    narrate_open_cue();
    if (NARRATE_RECORDED) /* the other side is played, too */
        narrator.partner = "";
#endif
    if (narrate_given['s'] && !NARRATE_CUED) {
        narrate_keys.terminal = narrate_open("/dev/tty", O_RDWR);
        if (narrate_keys.terminal == -1)
            narrate_refuse("", NULL,
                           "-s reads Enter from a terminal and there is"
                           " none (%s): run it in one, or without -s",
                           narrate_errno_name(errno));
    }
    words[0] = argv[0];
    words[1] = (char *)(uintptr_t)narrator.address;
    words[2] = NARRATE_PORTLESS ? NULL : (char *)(uintptr_t)port;
    words[3] = NULL;
    /* with NARRATE_OUT set, scripts/narrate tells instead */
    narrator.telling =
        NARRATE_CUED || NARRATE_RECORDED || narrate_keys.terminal != -1
        || (!narrate_given['q'] && getenv("NARRATE_OUT") == NULL);
    narrator.muted = NARRATE_FILTER && !NARRATE_CUED
                     && !NARRATE_RECORDED && narrate_keys.terminal == -1
                     && !isatty(STDIN_FILENO);
    if (!narrator.telling)
        return narrate_lesson(2 + !NARRATE_PORTLESS, words);

    if (narrate_real_fcntl(STDOUT_FILENO, F_GETFD) == -1
        || narrate_real_fcntl(STDERR_FILENO, F_GETFD) == -1)
        narrate_refuse("", NULL,
                       "standard output or error is closed: a socket"
                       " would take its place; send it to /dev/null");
    if (!narrator.muted)
        setvbuf(stdout, NULL, _IONBF, 0);
    narrator.process = narrator.teller = getpid();
    narrate_look_at_output();
    narrate_open_states();
    narrate_add(&t, "%s: %s", narrator.name, TITLE);
    narrate_start();
    narrate_tell(NARRATE_TITLE, NULL, t.text);
    if (!NARRATE_RECORDED && !narrator.muted)
        narrate_put(&narrate_page, "\n", 1);
    narrate_end();
    return narrate_lesson(2 + !NARRATE_PORTLESS, words);
}
#endif
