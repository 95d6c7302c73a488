/* board: shows who is in the room of lesson 11.
 *
 *   board -a ADDRESS -p PORT [-t PORT] [-s PID] [-i SECONDS] [-c] [-w]
 *
 *   -a -p  where the server listens
 *   -t     the port that was wanted and is taken
 *   -s     the server's process: at the end it gets SIGTERM
 *   -i     after so many seconds of silence it lets clients go
 *   -c     a crowd is simulated
 *   -w     show what the clients say
 *
 * Descriptor 3 brings the server's narration, 4 what the crowd says
 * (see crowd.c), standard input the keys. On a terminal it paints a
 * board, at most five times a second; elsewhere it prints a line for
 * each who comes or goes. It ends by the key q, by SIGINT, SIGTERM and
 * SIGHUP, and when the narration ends.
 *
 * Exit status: 0 it was told to end, 1 nobody reads what it prints, 2
 * wrong arguments, 3 the narration has ended by itself.
 */
#define _DEFAULT_SOURCE 1 /* SIGWINCH */
#include "addresses.h"
#include "letters.h"
#include "room.h"
#include "screen.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    NARRATION = 3,
    CROWD = 4,
    PAINT = 200, /* milliseconds between two paintings */
    SECOND = 1000,
    LOOK = 5, /* seconds between two looks for addresses */
    PATIENCE = 3000, /* milliseconds for the server to end */
    MANY = 10, /* connections from one address are worth a line */
    MANY_IN_ALL = 100, /* and so many that have been */
    MANY_BYTES = 1000000 /* and so many bytes a second */
};

static const char *address, *port, *taken, *idle = "600";
static bool words, simulating, help;
static bool news = true; /* something has to be painted */
static bool ending; /* we were told to end */
static bool unread; /* nobody reads what we print any more */
static pid_t server;

/* ---- where ---------------------------------------------------------- */

/* What the class types, after "./10_echo_client". */
static const char *target(void)
{
    static char text[ADDRESS + 8];
    const char *loopback = strchr(address, ':') ? "::1" : "127.0.0.1";
    bool usual = strcmp(port, "8888") == 0;

    snprintf(text, sizeof text, "%s%s%s",
             address_count > 0 ? addresses[0] : loopback,
             usual ? "" : " ", usual ? "" : port);
    return text;
}

/* In words. */
static const char *where(void)
{
    static char text[ADDRESS + 64];

    if (is_any(address))
        return strchr(address, ':') ? "every address of this machine"
                                    : "every IPv4 address of this machine";
    snprintf(text, sizeof text, "%s%s", address,
             strncmp(address, "127.", 4) == 0
                     || strcmp(address, "::1") == 0
                 ? ", for this machine alone"
                 : " alone");
    return text;
}

/* ---- lines --------------------------------------------------------- */

void tell(const char *format, ...)
{
    char text[1024];
    va_list list;

    if (screen.on || ending
        || (!words && strncmp(format, "said", 4) == 0))
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    screen_line(text);
}

/* "1 client", "7 clients"; into one of eight buffers in turn. */
static const char *count(long number, const char *thing)
{
    static char texts[8][64];
    static unsigned turn;
    char *text = texts[turn++ % 8];

    snprintf(text, sizeof texts[0], "%ld %s%s", number, thing,
             number == 1 ? "" : "s");
    return text;
}

/* "1 byte", "999 bytes", "1.5 kB", "20.0 MB". */
static const char *bytes(long long number)
{
    static char texts[8][32];
    static unsigned turn;
    char *text = texts[turn++ % 8];

    if (number < 1000)
        return count((long)number, "byte");
    if (number < 1000000)
        snprintf(text, sizeof texts[0], "%.1f kB",
                 (double)number / 1e3);
    else
        snprintf(text, sizeof texts[0], "%.1f MB",
                 (double)number / 1e6);
    return text;
}

/* How long ago that was: "now", "12 s", "3 min", "2 h". */
static const char *ago(long long since)
{
    static char text[32];
    long seconds = (long)((milliseconds() - since) / SECOND);

    if (seconds < 1)
        return "now";
    snprintf(text, sizeof text, "%ld %s",
             seconds < 100    ? seconds
             : seconds < 6000 ? seconds / 60
                              : seconds / 3600,
             seconds < 100    ? "s"
             : seconds < 6000 ? "min"
                              : "h");
    return text;
}

/* ---- the board ----------------------------------------------------- *
 * Colours of middling brightness, legible on a light and on a dark
 * ground, only add to what the words say. */

#define PLAIN ""
#define BOLD "1"
#define BAR "1;7"

static const char *warning(void)
{
    return screen.colour ? "1;38;5;166" : BOLD;
}

/* Big letters, in at most so many rows; bold ones where that fails. */
static void paint_big(const char *text, int rows)
{
    static struct big big;

    if (!screen.utf8 || !draw(&big, text, screen.columns, rows)) {
        screen_row(BOLD, "%s", text);
        return;
    }
    for (int i = 0; i < big.rows; i++)
        screen_row(PLAIN, "%s", big.text[i]);
}

/* How else one may connect. */
static void paint_addresses(void)
{
    char text[512];
    size_t used = 0;

    if (is_any(address) && address_count == 0) {
        screen_row(warning(), "This machine has no address but the "
                              "loopback: join "
                              "a network, or give");
        screen_row(warning(), "--simulate 200. The board finds a new "
                              "address by "
                              "itself.");
        return;
    }
    used +=
        (size_t)snprintf(text, sizeof text, " nc %s %s does as well.",
                         addresses[0], port);
    for (int i = 1; i < address_count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "%s%s", i == 1 ? "  Also at: " : ", ",
                                 addresses[i]);
    screen_row(PLAIN, "%s", text);
}

/* How many, and how much they say. */
static void paint_counts(void)
{
    screen_row(
        BOLD, "%d here, %d at most, %ld in all   %s, %s a second",
        room.here, room.most, room.all,
        count(room.message_rate, "message"), bytes(room.byte_rate));
    if (simulating)
        screen_row(PLAIN, "%d of them simulated: %s", room.simulated,
                   room.simulation);
}

/* Does this address stand out, and more than that one? */
static bool stands_out(const struct host *host)
{
    return host->here - host->simulated >= MANY
           || (host->all >= MANY_IN_ALL && host->simulated == 0)
           || (host->rate >= MANY_BYTES && host->simulated == 0);
}

/* For qsort: who has more connections comes first. */
static int more(const void *a, const void *b)
{
    const struct host *x = *(const struct host *const *)a;
    const struct host *y = *(const struct host *const *)b;

    if (x->here != y->here)
        return x->here < y->here ? 1 : -1;
    return (x->all < y->all) - (x->all > y->all);
}

/* Which addresses take more of the room than others, for all to see. */
static void paint_notices(int most)
{
    static const struct host *hosts[CLIENTS];
    size_t n = 0;

    if (taken != NULL)
        screen_row(PLAIN,
                   "Port %s is taken on this machine, so it is %s.",
                   taken, port);
    if (room.queueing && room.refused[0] != '\0')
        screen_row(warning(),
                   "No room: accept fails with %s. New callers wait "
                   "until somebody leaves.",
                   room.refused);
    else if (room.queueing)
        screen_row(warning(), "No room: the table is full. New callers "
                              "wait until "
                              "somebody leaves.");
    for (size_t i = 0; i < room.host_count; i++)
        if (stands_out(&room.hosts[i]))
            hosts[n++] = &room.hosts[i];
    qsort(hosts, n, sizeof hosts[0], more);
    for (size_t i = 0; i < n && most-- > 0; i++)
        if (hosts[i]->simulated > 0)
            screen_row(warning(), "%s: %s, simulated ones aside",
                       hosts[i]->name,
                       count(hosts[i]->here - hosts[i]->simulated,
                             "connectio"
                             "n"));
        else
            screen_row(warning(), "%s: %s, %ld in all, %s a second",
                       hosts[i]->name,
                       count(hosts[i]->here, "connection"),
                       hosts[i]->all, bytes(hosts[i]->rate));
}

/* What the keys do, and what else you may want to know. */
static void paint_help(void)
{
    screen_row(BOLD, "Keys");
    screen_row(PLAIN, "q, Ctrl-C  ends");
    screen_row(PLAIN, "w          shows what the clients say, or hides "
                      "it");
    screen_row(PLAIN, "?          shows these lines, or hides them");
    screen_row(PLAIN, "The server is ./11_many_clients. The newest "
                      "client comes first. A client");
    screen_row(PLAIN,
               "that neither sends nor takes a byte for %s seconds is "
               "disconnected: %s so far.",
               idle, count(room.let_go, "client"));
}

/* One client as it stands in the list, in so many columns. */
static void entry(char *text, size_t size, const struct client *c,
                  int width)
{
    char sort[16] = "";

    if (simulating)
        snprintf(sort, sizeof sort, " %-9s",
                 c->simulated ? "simulated" : "");
    snprintf(text, size, "%-*s%s %6s", width, c->peer, sort,
             ago(c->since));
}

/* Who is here, the newest first, in as many columns as there is room
 * for; with words, one to a row. */
static void paint_clients(int rows)
{
    int width = 21, wide, columns, most, n = 0;
    int shown[512];

    for (int i = room.newest; i != NOBODY && n < 512;
         i = room.clients[i].older) {
        int size = (int)strlen(room.clients[i].peer);

        width = size > width ? size : width;
        shown[n++] = i;
    }
    wide = width + (simulating ? 19 : 9);
    columns = words ? 1 : (screen.columns + 2) / wide;
    if (columns < 1)
        columns = 1;
    most = columns * rows < 512 ? columns * rows : 512;
    if (n > most)
        n = most;
    for (int at = 0; rows-- > 0; at += columns) {
        char text[2048] = "", one[512];
        size_t used = 0;

        for (int i = at; i < at + columns && i < n; i++) {
            entry(one, sizeof one, &room.clients[shown[i]], width);
            if (used + strlen(one) + SAID + 4 > sizeof text)
                break;
            used += (size_t)sprintf(
                text + used, "%s%s%s%s", used ? "  " : "", one,
                words ? "  " : "",
                words ? room.clients[shown[i]].said : "");
        }
        screen_row(PLAIN, "%s", text);
    }
}

/* All of it, from the first row to the last. */
static void paint(void)
{
    bool large = screen.rows >= 24;
    int room_for_big =
        screen.rows / 2 > 12 ? screen.rows / 2 : screen.rows - 10;
    char text[128];

    screen_row(BAR, " 11_many_clients listens on port %s of %s", port,
               where());
    if (large)
        screen_row(PLAIN, " Type, where your programs are:");
    snprintf(text, sizeof text, "./10_echo_client %s", target());
    paint_big(text, room_for_big);
    paint_addresses();
    if (large)
        screen_row(PLAIN, "%s", "");
    if (screen.rows >= 36) {
        snprintf(text, sizeof text, "%d here", room.here);
        paint_big(text, screen.rows / 6);
    }
    paint_counts();
    paint_notices(screen.rows / 12);
    if (large)
        screen_row(PLAIN, "%s", "");
    if (help)
        paint_help();
    paint_clients(screen_left());
    screen_bar(BAR, words ? " q ends   w hides what they say   ? keys"
                          : " q ends   w shows what they say   ? keys");
}

/* ---- what comes in ------------------------------------------------- */

/* Reads what there is, and hands on each whole line; a line that is too
 * long is cut. False at the end. */
static bool read_lines(int from, char *line, size_t *used,
                       void (*take)(const char *))
{
    static char bytes_read[64 * 1024];
    ssize_t n = read(from, bytes_read, sizeof bytes_read);

    if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
        return false;
    for (ssize_t i = 0; i < n; i++) {
        if (bytes_read[i] == '\n') {
            line[*used] = '\0';
            *used = 0;
            take(line);
        } else if (*used < 1023) {
            line[(*used)++] = bytes_read[i];
        }
    }
    return true;
}

/* A signal writes its number into a pipe, which poll watches. */
static int signals[2];

static void on_signal(int number)
{
    int saved = errno;
    char byte = (char)number;
    ssize_t n = write(signals[1], &byte, 1);

    (void)n;
    errno = saved;
}

/* Does what the keys say; false if the terminal is gone. */
static bool pressed(void)
{
    char keys[64];
    ssize_t n = read(STDIN_FILENO, keys, sizeof keys);

    for (ssize_t i = 0; i < n; i++) {
        /* What Escape begins is an arrow or the like: not for us. */
        if (keys[i] == '\033')
            break;
        ending = ending || keys[i] == 'q' || keys[i] == 'Q';
        if (keys[i] == 'w' || keys[i] == 'W')
            words = !words;
        if (keys[i] == '?')
            help = !help;
    }
    return n > 0 || (n == -1 && errno == EINTR);
}

/* Looks at the clock: is it time to count, or to paint? Where nothing
 * happens, once a second is enough. */
static void on_time(void)
{
    static long long counted, painted;
    static int looks;
    long long now = milliseconds();

    if (now - counted >= SECOND) {
        counted = now;
        count_rates();
        if (looks++ % LOOK == 0)
            find_addresses(address);
    }
    if (screen.on && now - painted >= (news ? PAINT : SECOND)
        && screen_begin()) {
        painted = now;
        news = false;
        paint();
    }
}

/* What poll watches. */
enum { SIGNALS, SERVER, SIMULATED, KEYS, OUTPUT, ALL };
static struct pollfd watched[ALL];

/* Deals with all that poll has reported. False when the narration is at
 * its end. */
static bool deal(void)
{
    static char line[2][1024];
    static size_t used[2];
    char number = 0;

    if (watched[SIGNALS].revents != 0
        && read(signals[0], &number, 1) == 1) {
        if (number == SIGWINCH)
            screen_measure();
        else
            ending = true;
    }
    if (watched[SERVER].revents != 0
        && !read_lines(NARRATION, line[0], &used[0], narrated))
        return false;
    if (watched[SIMULATED].revents != 0
        && !read_lines(CROWD, line[1], &used[1], crowd_says)) {
        watched[SIMULATED].fd = -1;
        crowd_says("it has ended");
    }
    if (watched[KEYS].revents != 0 && !pressed())
        watched[KEYS].fd = -1;
    if ((screen_pending() && !screen_flush())
        || watched[OUTPUT].revents & (POLLERR | POLLHUP | POLLNVAL)) {
        watched[OUTPUT].fd = -1;
        ending = unread = true;
    }
    return true;
}

/* Until it is told to end and the server has ended, or nobody reads on.
 * Returns the exit status. */
static int watch(void)
{
    const int descriptors[] = {signals[0], NARRATION, CROWD,
                               STDIN_FILENO, STDOUT_FILENO};
    long long deadline = 0;

    for (int i = 0; i < ALL; i++)
        watched[i] = (struct pollfd){descriptors[i], POLLIN, 0};
    if (!simulating)
        watched[SIMULATED].fd = -1;
    if (!screen.on || !isatty(STDIN_FILENO))
        watched[KEYS].fd = -1;
    while (deadline == 0 || milliseconds() < deadline) {
        if (ending && deadline == 0) {
            deadline = milliseconds() + PATIENCE;
            screen_close();
            if (server > 0)
                kill(server, SIGTERM);
        }
        on_time();
        watched[OUTPUT].events = screen_pending() ? POLLOUT : 0;
        if (poll(watched, ALL, PAINT) == -1) {
            if (errno != EINTR)
                return 1;
            continue;
        }
        for (int i = SIGNALS; i < OUTPUT; i++)
            news = news || watched[i].revents != 0;
        if (!deal()) {
            if (ending)
                return unread;
            screen_close();
            if (strstr(room.own_words, ": ") != NULL)
                fprintf(stderr, "%s\n", room.own_words);
            return 3;
        }
    }
    return unread;
}

int main(int argc, char *argv[])
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
    struct sigaction action = {0};
    int option, status;

    while ((option = getopt(argc, argv, "a:p:t:s:i:cw")) != -1) {
        switch (option) {
        case 'a':
            address = optarg;
            break;
        case 'p':
            port = optarg;
            break;
        case 't':
            taken = optarg;
            break;
        case 's':
            server = (pid_t)strtol(optarg, NULL, 10);
            break;
        case 'i':
            idle = optarg;
            break;
        case 'c':
            simulating = true;
            break;
        case 'w':
            words = true;
            break;
        default:
            return 2;
        }
    }
    if (address == NULL || port == NULL || optind != argc) {
        fprintf(stderr, "usage: board -a ADDRESS -p PORT [-t PORT] "
                        "[-s PID] [-i SECONDS] [-c] [-w]\n");
        return 2;
    }
    if (pipe(signals) == -1) {
        perror("board: pipe");
        return 1;
    }
    fcntl(signals[1], F_SETFL, O_NONBLOCK);
    action.sa_handler = on_signal;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        sigaction(ends[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);

    find_addresses(address);
    screen_open();
    tell("11_many_clients listens on port %s of %s", port, where());
    if (taken != NULL)
        tell("port %s is taken on this machine", taken);
    if (is_any(address) && address_count == 0)
        tell("this machine has no address but the loopback");
    tell("type: ./10_echo_client %s", target());
    status = watch();
    screen_close();
    printf("%s served, %d at once at most%s\n",
           count(room.all, "client"), room.most,
           simulating ? " (with the simulated ones)" : "");
    return status;
}
