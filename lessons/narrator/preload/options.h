/* options.h: the command line of a lesson.
 *
 * [-h] [-s] [-q] [-k] [ADDRESS] [PORT] are read and checked here; the
 * lesson's own main gets ADDRESS and PORT, always both.
 */
#ifndef NARRATE_OPTIONS_H
#define NARRATE_OPTIONS_H

/* Moves a descriptor of the narrator's own up, so that the program's
 * have their usual numbers. Returns the new one, or -1. fcntl(2). */
NARRATE_APART int narrate_lift(int low)
{
    int high = -1;

    for (int at = NARRATE_HIGH_FD; low != -1 && high == -1 && at > low;
         at--)
        high = narrate_real_fcntl(low, F_DUPFD_CLOEXEC, at);
    if (low != -1)
        narrate_real_close(low);
    return high;
}

/* Opens a file for the narrator; -1 if it cannot. */
NARRATE_APART int narrate_open(const char *path, int flags)
{
    return narrate_lift(open(path, flags | O_CLOEXEC));
}

/* Opens what narrate_lasting asks. */
NARRATE_INNER void narrate_open_states(void)
{
#ifdef __linux__
    narrate_use_diag(narrate_lift(narrate_new_diag()));
#endif
    narrator.proc[0] = narrate_open("/proc/net/tcp", O_RDONLY);
    narrator.proc[1] = narrate_open("/proc/net/tcp6", O_RDONLY);
}

/* Colour on a terminal, unless NO_COLOR is set or TERM is "dumb". */
NARRATE_INNER void narrate_look_at_output(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    narrator.colour = isatty(narrator.out)
                      && (no_colour == NULL || no_colour[0] == '\0')
                      && (term == NULL || strcmp(term, "dumb") != 0);
}

#ifndef NARRATE_PRELOAD /* any program reads its own arguments */
/* Ends the program with exit status 2 for a wrong argument. Prints
 * `before`, the wrong word in quotes (NULL: none), then the format. */
#ifdef __GNUC__
__attribute__((format(printf, 3, 4)))
#endif
NARRATE_APART _Noreturn void
narrate_refuse(const char *before, const char *word, const char *format,
               ...)
{
    struct narrate_text t;
    va_list list;

    narrate_clear(&t);
    if (word != NULL)
        narrate_add_quoted(&t, word, strlen(word));
    fprintf(stderr, "%s: %s%s", narrator.name, before, t.text);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    exit(2);
}

#define NARRATE_USAGE \
    "usage: ./%s [-h] [-s] [-q] [-k] [ADDRESS] [PORT]\n"

/* Takes a port: decimal, 0 to 65535, no leading zeros; or refuses. */
NARRATE_APART void narrate_take_port(const char *who, const char *word)
{
    size_t digits = strspn(word, "0123456789");
    unsigned long value = strtoul(word, NULL, 10);

    if (digits == 0 || word[digits] != '\0' || value > 65535
        || (word[0] == '0' && digits > 1))
        narrate_refuse(who, word,
                       " is not a port: 0 to 65535 expected, for"
                       " example ./%s 9000",
                       narrator.name);
    narrator.port = (unsigned)value;
}

/* What may stand as ADDRESS on the command line. */
enum narrate_addresses {
    IPV4,
    IPV4_OR_IPV6,
    HOST_NAME,
    IPV4_BROADCAST, /* IPv4; the usual one is for all hosts */
};

/* What each kind is called, what is expected, and the address that is
 * used unless the command line has one. */
static const struct {
    const char *words, *expected, *usual;
} narrate_kinds[] = {
    [IPV4] = {"an IPv4 address",
              "four numbers expected, for example 127.0.0.1; host names"
              " and IPv6 come in lesson 12",
              "127.0.0.1"},
    [IPV4_OR_IPV6] = {"an IPv4 or IPv6 address",
                      "one like 127.0.0.1 or ::1 expected; host names"
                      " come in lesson 12",
                      "127.0.0.1"},
    [HOST_NAME] = {"a host name or an address",
                   "one like localhost, 127.0.0.1 or ::1 expected",
                   "localhost"},
    [IPV4_BROADCAST] = {"an IPv4 address",
                        "four numbers expected, for example"
                        " 127.255.255.255",
                        "127.255.255.255"},
};

/* Takes a port or an address, or refuses the word. A word without dot
 * or colon that is `alone` is a port if it begins like a number; where
 * host names are allowed, which may do so (RFC 1123, section 2.1), only
 * if all of it is one. Other names are for the resolver to judge. */
NARRATE_INNER void narrate_take_word(const char *word, bool alone)
{
    struct in6_addr unused;
    size_t number = strspn(word, "0123456789-+ ");
    bool fits = inet_pton(AF_INET, word, &unused) == 1;

    alone = alone && strpbrk(word, ".:") == NULL;
    if (alone
        && (word[number] == '\0'
            || (number > 0 && ADDRESSES != HOST_NAME))) {
        narrate_take_port("", word);
        return;
    }
    if (ADDRESSES == IPV4_OR_IPV6) {
        fits = fits || inet_pton(AF_INET6, word, &unused) == 1;
    } else if (ADDRESSES == HOST_NAME) {
        fits = narrate_is_name(word);
    }
    if (!fits)
        narrate_refuse("", word, " is %snot %s: %s",
                       alone ? "not a port, 0 to 65535 expected, and "
                             : "",
                       narrate_kinds[ADDRESSES].words,
                       narrate_kinds[ADDRESSES].expected);
    narrator.address = word;
}

/* Prints the help; exit status 0, or 1 if it cannot be printed. */
NARRATE_INNER _Noreturn void narrate_help(void)
{
    printf("%s: %s\n\n" NARRATE_USAGE "  -h       this help\n"
           "  -s       step: wait for Enter before each call\n"
           "  -q       quiet: the program alone, without the telling\n"
           "  -k       known: leave out what earlier lessons explain\n"
           "  ADDRESS  %s, now %s\n"
           "  PORT     0 to 65535, now %u; LESSON_PORT sets another\n"
           "           one for all lessons\n"
           "exit status: 0 done, 1 a call failed, 2 wrong arguments\n",
           narrator.name, TITLE, narrator.name,
           narrate_kinds[ADDRESSES].words, narrator.address,
           narrator.port);
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
            narrator.given['h'] = true;
            optind++;
            continue;
        }
        option = getopt(argc, argv, "+hsqk");
        narrator.given[option & 127] = true;
        if (option == '?') {
            if (strspn(word + 1, "0123456789") > 0)
                narrate_take_port("", word);
            fprintf(stderr, NARRATE_USAGE, narrator.name);
            narrate_refuse("", word, " is not an option of a lesson");
        }
        if (option != -1 || optind == argc)
            continue;
        if (n == 2) {
            fprintf(stderr, NARRATE_USAGE, narrator.name);
            narrate_refuse("", argv[optind],
                           " is one word too many: an address and a"
                           " port expected");
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
        narrator.cue = (int)strtol(cue, NULL, 10);
        if (getenv("NARRATE_OTHERS") != NULL)
            narrator.others =
                (int)strtol(getenv("NARRATE_OTHERS"), NULL, 10);
        if (secret == NULL
            || narrate_real_fcntl(narrator.cue, F_GETFD) == -1)
            narrate_refuse("NARRATE_CUE is ", cue,
                           ": an open descriptor expected, and"
                           " NARRATE_SECRET beside it");
    } else if (path != NULL && path[0] != '\0') {
        narrator.cue = narrate_open(path, O_RDONLY);
        if (narrator.cue == -1)
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
    char *words[4], port[8];
    struct narrate_text t;
    int n;

    sscanf(base, "%63[^.]", narrator.name); /* all of it that fits */
    narrator.lesson = atoi(base);
    narrator.address = narrate_kinds[ADDRESSES].usual;
    narrator.port = 8888;
    if (preset != NULL && preset[0] != '\0')
        narrate_take_port("LESSON_PORT=", preset);
    n = narrate_read_options(argc, argv, words + 1);
    if (narrator.given['h'])
        narrate_help();
    if (n > 0)
        narrate_take_word(words[1], n == 1);
    if (n == 2)
        narrate_take_port("", words[2]);
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
    if (narrator.given['s'] && !NARRATE_CUED) {
        narrator.terminal = narrate_open("/dev/tty", O_RDWR);
        if (narrator.terminal == -1)
            narrate_refuse("", NULL,
                           "-s reads Enter from a terminal and there is"
                           " none (%s): run it in one, or without -s",
                           narrate_errno_name(errno));
    }
    snprintf(port, sizeof port, "%u", narrator.port);
    words[0] = argv[0];
    words[1] = (char *)(uintptr_t)narrator.address;
    words[2] = port;
    words[3] = NULL;
    /* with NARRATE_OUT set, scripts/narrate tells instead */
    narrator.telling =
        NARRATE_CUED || NARRATE_RECORDED || narrator.terminal != -1
        || (!narrator.given['q'] && getenv("NARRATE_OUT") == NULL);
    narrator.muted = NARRATE_FILTER && !NARRATE_CUED
                     && !NARRATE_RECORDED && narrator.terminal == -1
                     && !isatty(STDIN_FILENO);
    if (!narrator.telling)
        return narrate_lesson(3, words);

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
    narrate_clear(&t);
    narrate_add(&t, "%s: %s", narrator.name, TITLE);
    narrate_start();
    narrate_tell(NARRATE_TITLE, NULL, t.text);
    if (!NARRATE_RECORDED && !narrator.muted)
        narrate_write(narrator.out, "\n", 1);
    narrate_end();
    return narrate_lesson(3, words);
}
#endif

#endif
