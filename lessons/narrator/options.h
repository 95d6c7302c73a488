/* options.h: the command line of a told lesson.
 *
 * [-h] [-s] [-q] [-k] [ADDRESS] [PORT] are read and judged here; the
 * lesson's own main is given ADDRESS and PORT.
 */
#ifndef NARRATE_OPTIONS_H
#define NARRATE_OPTIONS_H

/* Ends the program for a wrong argument, with exit status 2. */
#ifdef __GNUC__
__attribute__((format(printf, 1, 2)))
#endif
static inline _Noreturn void
narrate_refuse(const char *format, ...)
{
    va_list list;

    fprintf(stderr, "%s: ", narrator.name);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    exit(2);
}

/* A word of the user's, quoted and safe to print. */
static inline const char *narrate_word(struct narrate_text *t,
                                       const char *word)
{
    narrate_clear(t);
    narrate_add_quoted(t, word, strlen(word));
    return t->text;
}

static inline void narrate_usage(FILE *out)
{
    fprintf(out, "usage: ./%s [-h] [-s] [-q] [-k] [ADDRESS] [PORT]\n",
            narrator.name);
}

/* Takes a port, 0 to 65535, in decimal and without leading zeros. */
static inline void narrate_take_port(const char *who, const char *word)
{
    size_t digits = strspn(word, "0123456789");
    unsigned long value = strtoul(word, NULL, 10);
    struct narrate_text t;

    if (digits == 0 || word[digits] != '\0' || value > 65535
        || (word[0] == '0' && digits > 1))
        narrate_refuse("%s%s is not a port: 0 to 65535 expected, for"
                       " example ./%s 9000",
                       who, narrate_word(&t, word), narrator.name);
    narrator.port = (unsigned)value;
}

/* Is a lone word meant as a port? A host name may begin with a digit
 * (RFC 1123, section 2.1), an address has a dot or a colon. */
static inline bool narrate_is_port(const char *word, int kind)
{
    if (kind == HOST_NAME)
        return word[strspn(word, "0123456789-+ ")] == '\0';
    return strpbrk(word, ".:") == NULL
           && strchr("0123456789-+ ", word[0]) != NULL;
}

/* The kinds of narrate_addresses in words, and what is expected. */
static const char *const narrate_kinds[] = {
    "an IPv4 address",
    "an IPv4 or IPv6 address",
    "a host name or an address",
    "an IPv4 address",
};
static const char *const narrate_expected[] = {
    ("four numbers expected, for example 127.0.0.1; host names and IPv6"
     " come in lesson 12"),
    "one like 127.0.0.1 or ::1 expected; host names come in lesson 12",
    "one like localhost, 127.0.0.1 or ::1 expected",
    "four numbers expected, for example 127.255.255.255",
};

/* Takes an address of the kind that this lesson takes. Of a host name
 * only the letters are looked at; the resolver judges the rest. */
static inline void narrate_take_address(const char *word, bool alone,
                                        int kind)
{
    struct in6_addr unused;
    size_t good = strspn(word, "0123456789abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._:%");
    bool fits = inet_pton(AF_INET, word, &unused) == 1;
    const char *no_port = "";
    struct narrate_text t;

    if (kind == IPV4_OR_IPV6)
        fits = fits || inet_pton(AF_INET6, word, &unused) == 1;
    else if (kind == HOST_NAME)
        fits = good > 0 && good < 254 && word[good] == '\0';
    if (alone && strpbrk(word, ".:") == NULL)
        no_port = "not a port, 0 to 65535 expected, and ";
    if (!fits)
        narrate_refuse("%s is %snot %s: %s", narrate_word(&t, word),
                       no_port, narrate_kinds[kind],
                       narrate_expected[kind]);
    narrator.address = word;
}

static inline _Noreturn void narrate_help(int kind)
{
    printf("%s: %s\n\n", narrator.name, narrator.title);
    narrate_usage(stdout);
    printf("  -h       this help\n"
           "  -s       step: wait for Enter before each call\n"
           "  -q       quiet: the program alone, without the telling\n"
           "  -k       known: leave out what earlier lessons explain\n"
           "  ADDRESS  %s, now %s\n"
           "  PORT     0 to 65535, now %u; LESSON_PORT sets another\n"
           "           one for all lessons\n"
           "exit status: 0 done, 1 a call failed, 2 wrong arguments\n",
           narrate_kinds[kind], narrator.address, narrator.port);
    exit(fflush(stdout) == EOF);
}

/* Opens a file for ourselves. The descriptor is moved where it takes no
 * number that the program would have got. fcntl(2). */
static inline int narrate_open(const char *path, int flags)
{
    int low = open(path, flags | O_CLOEXEC), high = -1;

    for (int at = NARRATE_HIGH_FD; low != -1 && high == -1 && at > low;
         at--)
        high = narrate_real_fcntl(low, F_DUPFD_CLOEXEC, at);
    if (low != -1)
        narrate_real_close(low);
    return high;
}

/* Reads the options, and puts at most two other words into `words`.
 * Returns how many. getopt(3). */
static inline int narrate_read_options(int argc, char *argv[],
                                       char *words[])
{
    struct narrate_text t;
    int n = 0;

    opterr = 0;
    while (optind < argc) {
        const char *word = argv[optind];
        int option = getopt(argc, argv, "+hsqk");

        narrator.help |= option == 'h';
        narrator.stepping |= option == 's';
        narrator.quiet |= option == 'q';
        narrator.known |= option == 'k';
        if (option == '?') {
            if (word[1] >= '0' && word[1] <= '9')
                narrate_take_port("", word);
            narrate_usage(stderr);
            narrate_refuse("%s is not an option of a lesson",
                           narrate_word(&t, word));
        }
        if (option != -1 || optind == argc)
            continue;
        if (n == 2) {
            narrate_usage(stderr);
            narrate_refuse("%s is one word too many: an address and"
                           " a port expected",
                           narrate_word(&t, argv[optind]));
        }
        words[n++] = argv[optind++];
    }
    return n;
}

#ifdef NARRATE_PLAYER
/* Opens what cues come from. The player of records gives NARRATE_SECRET
 * and, where the program is to wait for cues, NARRATE_CUE, a descriptor.
 */
static inline void narrate_open_cue(void)
{
    const char *path = getenv("LESSON_CUE");
    const char *cue = getenv("NARRATE_CUE");
    const char *secret = getenv("NARRATE_SECRET");
    struct narrate_text t;

    narrator.secret = secret;
    if (cue != NULL && cue[0] != '\0') {
        narrator.cue = (int)strtol(cue, NULL, 10);
        if (getenv("NARRATE_OTHERS") != NULL)
            narrator.others =
                (int)strtol(getenv("NARRATE_OTHERS"), NULL, 10);
        if (secret == NULL
            || narrate_real_fcntl(narrator.cue, F_GETFD) == -1)
            narrate_refuse("NARRATE_CUE is %s: an open descriptor"
                           " expected, and NARRATE_SECRET beside it",
                           narrate_word(&t, cue));
    } else if (path != NULL && path[0] != '\0') {
        narrator.cue = narrate_open(path, O_RDONLY);
        if (narrator.cue == -1)
            narrate_refuse("LESSON_CUE is %s, which cannot be read"
                           " (%s): a FIFO expected, made with mkfifo",
                           narrate_word(&t, path),
                           narrate_errno_name(errno));
    }
    unsetenv("NARRATE_SECRET"); /* it is not for the program */
}
#endif

/* -s: opens the terminal from which Enter is read. */
static inline void narrate_open_terminal(void)
{
    narrator.terminal = narrate_open("/dev/tty", O_RDWR);
    if (narrator.terminal == -1)
        narrate_refuse("-s reads Enter from a terminal and there is"
                       " none (%s): run it in one, or without -s",
                       narrate_errno_name(errno));
}

/* Where and how we write: colour and width for a terminal. */
static inline void narrate_look_at_output(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    narrator.colour = isatty(narrator.out)
                      && (no_colour == NULL || no_colour[0] == '\0')
                      && (term == NULL || strcmp(term, "dumb") != 0);
#ifdef TIOCGWINSZ
    struct winsize size;

    if (ioctl(narrator.out, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
        && size.ws_col <= NARRATE_WIDTH)
        narrator.width = size.ws_col < 30 ? 29 : size.ws_col - 1;
#endif
}

/* Reads the command line and LESSON_PORT, prints the title, and says
 * which words the lesson's main is to get. A closed standard input is
 * an empty one: else the lesson's first socket would take its number,
 * which is that of the keyboard. */
static inline int narrate_begin(const char *file, int kind, int argc,
                                char *argv[], char *words[4],
                                char port[8])
{
    const char *slash = strrchr(file, '/');
    const char *base = slash != NULL ? slash + 1 : file;
    const char *preset = getenv("LESSON_PORT");
    struct narrate_text t;
    int n;

    snprintf(narrator.name, sizeof narrator.name, "%.*s",
             (int)strcspn(base, "."), base);
    narrator.lesson = atoi(base);
    narrator.address = kind == HOST_NAME        ? "localhost"
                       : kind == IPV4_BROADCAST ? "127.255.255.255"
                                                : "127.0.0.1";
    narrator.port = 8888;
    if (preset != NULL && preset[0] != '\0')
        narrate_take_port("LESSON_PORT=", preset);
    n = narrate_read_options(argc, argv, words + 1);
    if (narrator.help)
        narrate_help(kind);
    if (n == 1 && narrate_is_port(words[1], kind))
        narrate_take_port("", words[1]);
    else if (n > 0)
        narrate_take_address(words[1], n == 1, kind);
    if (n == 2)
        narrate_take_port("", words[2]);
    if (narrator.filter
        && narrate_real_fcntl(STDIN_FILENO, F_GETFD) == -1
        && open("/dev/null", O_RDONLY) == -1)
        narrate_refuse("standard input is closed, and /dev/null cannot"
                       " take its place (%s)",
                       narrate_errno_name(errno));
#ifdef NARRATE_PLAYER
    narrate_open_cue();
#endif
    if (narrator.stepping && !NARRATE_CUED)
        narrate_open_terminal();
    if (NARRATE_CUED || NARRATE_RECORDED)
        narrator.quiet = false;
    else if (getenv("NARRATE_OUT") != NULL) /* scripts/narrate tells */
        narrator.quiet = true;
    else if (narrator.filter && !isatty(STDIN_FILENO))
        narrator.quiet = true;
    snprintf(port, 8, "%u", narrator.port);
    words[0] = argv[0];
    words[1] = (char *)(uintptr_t)narrator.address;
    words[2] = port;
    words[3] = NULL;
    narrator.telling = !narrator.quiet || narrator.terminal != -1;
    if (!narrator.telling)
        return 3;

    if (narrate_real_fcntl(STDOUT_FILENO, F_GETFD) == -1
        || narrate_real_fcntl(STDERR_FILENO, F_GETFD) == -1)
        narrate_refuse("standard output or error is closed: a socket"
                       " would take its place; send it to /dev/null");
    setvbuf(stdout, NULL, _IONBF, 0);
    narrator.process = narrator.teller = getpid();
    narrate_look_at_output();
    narrator.proc[0] = narrate_open("/proc/net/tcp", O_RDONLY);
    narrator.proc[1] = narrate_open("/proc/net/tcp6", O_RDONLY);
    narrate_clear(&t);
    narrate_add(&t, "%s: %s", narrator.name, narrator.title);
    narrate_start();
    narrate_tell(NARRATE_TITLE, NULL, 0, 0, t.text);
    if (!NARRATE_RECORDED)
        narrate_lines(NARRATE_MEANS, 0, 0, "");
    narrate_end();
    return 3;
}

#endif
