/* board: serves the class, and shows the clients of lesson 11.
 *
 *   board -a ADDRESS -p PORT [-e] [-i SECONDS] [-w] [-l FILE]
 *         [-n NUMBER -c CROWD] SERVER [WORD...]
 *
 *   -a -p  where the server listens
 *   -e     fail if that port is taken; do not try others
 *   -i     seconds after which SERVER disconnects the silent; only shown
 *   -w     show what the clients say
 *   -l     log who joins and leaves in this file
 *   -n -c  simulate this many clients, with this program (crowd.c)
 *
 * It starts the server, and shows what the records of the narrator tell
 * (lessons/narrator/records.h); keys come from standard input. On a
 * terminal it paints a board, at most five times a second; otherwise it
 * prints a line for each client that comes or goes. The key q, SIGINT,
 * SIGTERM and SIGHUP end it, and so does the end of the server or of the
 * process that started it. Nothing outlives it.
 *
 * Exit status: 0 it was told to end, 1 something failed, or nobody reads
 * what it prints, 2 wrong arguments, also those of the server.
 */
#define _DEFAULT_SOURCE 1 /* SIGWINCH */
#include "../common/clock.h"
#include "../common/signals.h"
#include "../play/keys.h"
#include "../play/screen.h"
#include "clients.h"
#include "log.h"
#include "paint.h"
#include "server.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    PAINT = 200, /* milliseconds between two paintings */
    SOON = 5, /* between two reads of a server that is busy or ends */
    SECOND = 1000,
    LOOK = 5, /* seconds between two looks for addresses */
    PATIENCE = 3000 /* milliseconds for the server to end */
};

static struct board board = {.idle = "600"};
static bool full; /* what we print cannot be written */
static bool news = true; /* something has to be painted */
static bool ending; /* we were told to end */
static bool unread; /* nobody reads what we print any more */
static int status_at_end;

/* ---- lines --------------------------------------------------------- */

/* Prints a line, unless a board is painted; arguments as printf's. */
static void tell(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static void tell(const char *format, ...)
{
    char text[1024];
    va_list list;

    if (screen_now()->on || ending)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    screen_line(text);
}

/* Prints what a client says, at most a line a second: a client that
 * floods the class must not flood the reader. */
static void tell_said(struct client *c)
{
    long long time_now = now();

    if (!board.words)
        return;
    if (time_now < c->next_said) {
        c->unsaid++;
        return;
    }
    c->next_said = time_now + SECOND;
    if (c->unsaid > 0)
        tell("(%s of %s left out)", count(c->unsaid, "message"),
             c->peer);
    c->unsaid = 0;
    tell("said %s %s", c->peer, c->said);
}

static void on_client(enum event event, struct client *c)
{
    if (board.log != NULL)
        log_event(event, c);
    if (event == SAID_IT)
        tell_said(c);
    else
        tell("%s %s, %d here",
             event == JOINED ? "joined"
             : event == LEFT ? "left"
                             : "disconnected",
             c->peer, the_class()->here);
}

static void on_crowd(const char *report)
{
    tell("simulated: %s", report);
}

/* Writes to the log what is due. If that fails, the board ends: it must
 * not claim to keep a log. */
static void write_log(bool all)
{
    if (board.log == NULL || log_write(all) == 0)
        return;
    screen_close();
    fprintf(stderr,
            "classroom: --log: %s takes no more: %s; free some "
            "space there, or name another file\n",
            board.log, strerror(errno));
    ending = true;
    status_at_end = 1;
}

/* ---- what comes in ------------------------------------------------- */

static int signals; /* where they come as bytes, signals_pipe */

/* Does what the keys ask for; false if the terminal is gone. */
static bool pressed(void)
{
    bool good = keys_read(STDIN_FILENO);
    int key;

    while ((key = keys_next()) != -1) {
        ending = ending || key == 'q' || key == 'Q';
        if (key == 'w' || key == 'W')
            board.words = !board.words;
        if (key == '?')
            board.help = !board.help;
    }
    return good;
}

/* Counts, logs and paints when it is time. While nothing happens, it
 * paints once a second. */
static void on_time(void)
{
    static long long counted, painted;
    static int looks;
    long long time_now = now();

    if (time_now - counted >= SECOND) {
        counted = time_now;
        count_rates();
        write_log(false);
        if (looks++ % LOOK == 0)
            find_addresses(&board.found, board.address);
    }
    if (screen_now()->on
        && time_now - painted >= (news ? PAINT : SECOND)
        && screen_begin()) {
        painted = time_now;
        news = false;
        paint(&board);
    }
}

/* Says that the output cannot be written. Returns the exit status. */
static int nobody_sees(void)
{
    fputs("classroom: standard output cannot be written; is it closed,"
          " or the disk full?\n",
          stderr);
    return 1;
}

/* What poll watches. */
enum { SIGNALS, SERVER, SIMULATED, KEYS, OUTPUT, ALL };
static struct pollfd watched[ALL];

/* Deals with everything that poll has reported. False once the server
 * has ended. */
static bool deal(void)
{
    char number = 0;

    if (watched[SIGNALS].revents != 0
        && read(signals, &number, 1) == 1) {
        if (number == SIGWINCH)
            screen_measure();
        else
            ending = true;
    }
    if (!server_hear())
        return false;
    if (watched[KEYS].revents != 0 && !pressed())
        watched[KEYS].fd = -1;
    if (screen_pending() && !screen_flush()) {
        full = errno != EPIPE && errno != EIO; /* the reader is gone */
        watched[OUTPUT].fd = -1;
        ending = unread = true;
    }
    if (watched[OUTPUT].revents & (POLLERR | POLLHUP | POLLNVAL)) {
        watched[OUTPUT].fd = -1;
        ending = unread = true;
    }
    return true;
}

/* Runs until it is told to end and the server has ended, or nobody reads
 * its output. Returns the exit status. */
static int watch(void)
{
    const int descriptors[] = {signals, -1, -1, STDIN_FILENO,
                               STDOUT_FILENO};
    long long deadline = 0;

    for (int i = 0; i < ALL; i++)
        watched[i] = (struct pollfd){descriptors[i], POLLIN, 0};
    if (!screen_now()->on || !isatty(STDIN_FILENO))
        watched[KEYS].fd = -1;
    while (deadline == 0 || now() < deadline) {
        if (ending && deadline == 0) {
            deadline = now() + PATIENCE;
            screen_close();
            server_stop();
        }
        on_time();
        watched[SERVER].fd = server_descriptor();
        watched[SIMULATED].fd = crowd_descriptor();
        watched[OUTPUT].events = screen_pending() ? POLLOUT : 0;
        if (poll(watched, ALL, watched[SERVER].fd == -1 ? SOON : PAINT)
            == -1) {
            if (errno != EINTR)
                return 1;
            continue;
        }
        for (int i = SIGNALS; i < OUTPUT; i++)
            news = news || watched[i].revents != 0;
        if (!deal()) {
            if (ending)
                break;
            screen_close();
            return server_failed();
        }
        /* Waking for each record would take time from the server. */
        if (watched[SERVER].revents != 0)
            poll(NULL, 0, SOON);
    }
    return unread ? 1 : status_at_end;
}

/* Prints, where no board is painted, how to connect. */
static void introduce(void)
{
    tell("11_many_clients listens on port %s of %s", board.port,
         where(&board));
    if (board.taken != NULL)
        tell("port %s is taken on this machine", board.taken);
    if (board.log != NULL)
        tell("logged in %s: who joins and leaves, and names given as "
             "name: ...",
             board.log);
    if (is_any(board.address) && board.found.count == 0)
        tell("this machine has no address but the loopback");
    tell("type: ./10_echo_client %s", target(&board));
}

/* Reads the options. Returns the index of SERVER in argv, or -1. */
static int take_words(int argc, char *argv[], bool *exact,
                      const char **number, const char **program)
{
    int option;

    while ((option = getopt(argc, argv, "+a:p:ei:wl:n:c:")) != -1) {
        switch (option) {
        case 'a':
            board.address = optarg;
            break;
        case 'p':
            board.port = optarg;
            break;
        case 'e':
            *exact = true;
            break;
        case 'i':
            board.idle = optarg;
            break;
        case 'w':
            board.words = true;
            break;
        case 'l':
            board.log = optarg;
            break;
        case 'n':
            *number = optarg;
            break;
        case 'c':
            *program = optarg;
            break;
        default:
            return -1;
        }
    }
    board.simulating = *number != NULL && *program != NULL;
    return board.address != NULL && board.port != NULL && optind < argc
               ? optind
               : -1;
}

int main(int argc, char *argv[])
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
    const char *number = NULL, *program = NULL;
    bool exact = false;
    int words = take_words(argc, argv, &exact, &number, &program);
    int status;

    if (words == -1) {
        fprintf(stderr, "usage: board -a ADDRESS -p PORT [-e] "
                        "[-i SECONDS] [-w] [-l FILE] "
                        "[-n NUMBER -c CROWD] SERVER [WORD...]\n");
        return 2;
    }
    if (board.log != NULL && log_open(board.log) == -1) {
        fprintf(stderr,
                "classroom: --log: %s cannot be written: %s; "
                "name a file in a folder that you may write in\n",
                board.log,
                errno == EINVAL  ? "it is not a regular file"
                : errno == ELOOP ? "it is a symbolic link"
                                 : strerror(errno));
        return 1;
    }
    signals = signals_pipe(caught, sizeof caught / sizeof caught[0]);
    if (signals == -1) {
        perror("board: pipe");
        return 1;
    }
    if (signals <= STDERR_FILENO) /* what was there is closed */
        return nobody_sees();
    signal(SIGPIPE, SIG_IGN);
    /* The kernel sends SIGTERM when the process that has started us ends.
     * prctl(2) */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    listen_to_class((struct listener){on_client, on_crowd});
    status = server_open(&board, argv + words, exact, signals);
    if (status == 0 && board.simulating)
        status = crowd_open(&board, program, number) == -1;
    if (status != 0) {
        server_end();
        return status == -1 ? 0 : status;
    }
    find_addresses(&board.found, board.address);
    screen_open(false);
    introduce();
    status = watch();
    server_end();
    write_log(true);
    screen_close();
    printf("%s served, %d at once at most%s\n",
           count(the_class()->all, "client"), the_class()->most,
           board.simulating ? " (with the simulated ones)" : "");
    return full ? nobody_sees() : status;
}
