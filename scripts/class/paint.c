#include "paint.h"
#include "letters.h"
#include "../common/clock.h"
#include "../play/screen.h"
#include "clients.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECOND = 1000, /* milliseconds */
    MANY = 10, /* connections from one address are worth a line */
    MANY_IN_ALL = 100, /* and so are this many, open and closed */
    MANY_BYTES = 1000000 /* and this many bytes a second */
};

/* ---- where ---------------------------------------------------------- */

/* What the class types, after "./10_echo_client". */
const char *target(const struct board *board)
{
    static char text[ADDRESS + 8];
    const char *loopback =
        strchr(board->address, ':') ? "::1" : "127.0.0.1";
    bool usual = strcmp(board->port, "8888") == 0;

    snprintf(text, sizeof text, "%s%s%s",
             board->found.count > 0 ? board->found.text[0] : loopback,
             usual ? "" : " ", usual ? "" : board->port);
    return text;
}

/* Where the server listens, in words. */
const char *where(const struct board *board)
{
    static char text[ADDRESS + 64];

    if (strcmp(board->address, "::") == 0)
        return "every address of this machine";
    if (is_any(board->address))
        return "every IPv4 address of this machine";
    snprintf(text, sizeof text, "%s%s", board->address,
             strncmp(board->address, "127.", 4) == 0
                     || strcmp(board->address, "::1") == 0
                 ? ", for this machine alone"
                 : " alone");
    return text;
}

/* ---- numbers and times --------------------------------------------- */

/* "1 client", "7 clients"; into one of eight buffers in turn. */
const char *count(long number, const char *thing)
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
    long seconds = (long)((now() - since) / SECOND);

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
 * Colours of medium brightness, legible on light and dark backgrounds,
 * only repeat what the words say. */

#define PLAIN ""
#define BOLD "1"
#define BAR "1;7"

static const char *warning(void)
{
    return screen_now()->colour ? "1;38;5;166" : BOLD;
}

/* Big letters, in at most this many rows; if they do not fit, bold. */
static void paint_big(const char *text, int rows)
{
    static struct big big;

    if (!screen_now()->utf8
        || !draw(&big, text, screen_now()->columns, rows)) {
        screen_row(BOLD, "%s", text);
        return;
    }
    for (int i = 0; i < big.rows; i++)
        screen_row(PLAIN, "%s", big.text[i]);
}

/* Other ways to connect. */
static void paint_addresses(const struct board *board)
{
    char text[512];
    size_t used = 0;

    if (is_any(board->address) && board->found.count == 0) {
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
                         board->found.text[0], board->port);
    for (int i = 1; i < board->found.count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "%s%s", i == 1 ? "  Also at: " : ", ",
                                 board->found.text[i]);
    screen_row(PLAIN, "%s", text);
}

/* How many clients there are, and how much they send. */
static void paint_counts(const struct board *board)
{
    screen_row(BOLD,
               "%d here, %d at most, %ld in all   %s, %s a second",
               the_class()->here, the_class()->most, the_class()->all,
               count(the_class()->message_rate, "message"),
               bytes(the_class()->byte_rate));
    if (board->simulating)
        screen_row(PLAIN, "%d of them simulated: %s",
                   the_class()->simulated, the_class()->simulation);
}

/* Does this address take much more of the class than one student? */
static bool stands_out(const struct host *host)
{
    return host->here - host->simulated >= MANY
           || (host->all >= MANY_IN_ALL && host->simulated == 0)
           || (host->rate >= MANY_BYTES && host->simulated == 0);
}

/* For qsort: the address with more connections comes first. */
static int more(const void *a, const void *b)
{
    const struct host *x = *(const struct host *const *)a;
    const struct host *y = *(const struct host *const *)b;

    if (x->here != y->here)
        return x->here < y->here ? 1 : -1;
    return (x->all < y->all) - (x->all > y->all);
}

/* Says if the port changed, if it is full, and who takes much the_class()-> */
static void paint_notices(const struct board *board, int most)
{
    static const struct host *hosts[CLIENTS];
    size_t n = 0;

    if (board->taken != NULL)
        screen_row(PLAIN,
                   "Port %s is taken on this machine, so it is %s.",
                   board->taken, board->port);
    if (the_class()->queueing && the_class()->refused[0] != '\0')
        screen_row(warning(),
                   "Full: accept fails with %s. New callers wait "
                   "until somebody leaves.",
                   the_class()->refused);
    else if (the_class()->queueing)
        screen_row(warning(), "Full: no place in the table is free. "
                              "New callers "
                              "wait until "
                              "somebody leaves.");
    for (size_t i = 0; i < the_class()->host_count; i++)
        if (stands_out(&the_class()->hosts[i]))
            hosts[n++] = &the_class()->hosts[i];
    qsort(hosts, n, sizeof hosts[0], more);
    for (size_t i = 0; i < n && most-- > 0; i++) {
        int others = hosts[i]->here - hosts[i]->simulated;

        if (hosts[i]->simulated > 0)
            screen_row(warning(), "%s: %s, simulated ones aside",
                       hosts[i]->name, count(others, "connection"));
        else
            screen_row(warning(), "%s: %s, %ld in all, %s a second",
                       hosts[i]->name,
                       count(hosts[i]->here, "connection"),
                       hosts[i]->all, bytes(hosts[i]->rate));
    }
}

/* What the keys do, and more about the server. */
static void paint_help(const struct board *board)
{
    screen_row(BOLD, "Keys");
    screen_row(PLAIN, "q, Ctrl-C  ends");
    screen_row(PLAIN, "w          shows what the clients say, or hides "
                      "it");
    screen_row(PLAIN, "?          shows these lines, or hides them");
    screen_row(PLAIN, "The server is ./11_many_clients. The newest "
                      "client comes first.");
    screen_row(PLAIN,
               "A client that neither sends nor takes a byte for %s "
               "seconds is",
               board->idle);
    screen_row(PLAIN, "disconnected: %s so far.",
               count(the_class()->let_go, "client"));
}

/* One client in the list; its address takes `width` columns. */
static void entry(const struct board *board, char *text, size_t size,
                  const struct client *c, int width)
{
    char sort[16] = "";

    if (board->simulating)
        snprintf(sort, sizeof sort, " %-9s",
                 c->simulated ? "simulated" : "");
    snprintf(text, size, "%-*s%s %6s", width, c->peer, sort,
             ago(c->since));
}

/* The clients, the newest first, in as many columns as fit; one to a row
 * if what they say is shown. */
static void paint_clients(const struct board *board, int rows)
{
    int width = 21, wide, columns, most, n = 0;
    int shown[512];

    for (int i = the_class()->newest; i != NOBODY && n < 512;
         i = the_class()->clients[i].older) {
        int size = (int)strlen(the_class()->clients[i].peer);

        width = size > width ? size : width;
        shown[n++] = i;
    }
    wide = width + (board->simulating ? 19 : 9);
    columns = board->words ? 1 : (screen_now()->columns + 2) / wide;
    if (columns < 1)
        columns = 1;
    most = columns * rows < 512 ? columns * rows : 512;
    if (n > most)
        n = most;
    for (int at = 0; rows-- > 0; at += columns) {
        char text[2048] = "", one[512];
        size_t used = 0;

        for (int i = at; i < at + columns && i < n; i++) {
            entry(board, one, sizeof one,
                  &the_class()->clients[shown[i]], width);
            if (used + strlen(one) + SAID + 4 > sizeof text)
                break;
            used += (size_t)sprintf(
                text + used, "%s%s%s%s", used ? "  " : "", one,
                board->words ? "  " : "",
                board->words ? the_class()->clients[shown[i]].said
                             : "");
        }
        screen_row(PLAIN, "%s", text);
    }
}

/* All rows, from the first to the last. */
void paint(const struct board *board)
{
    bool large = screen_now()->rows >= 24, airy = large && !board->help;
    int big_fits = screen_now()->rows / 2 > 12
                       ? screen_now()->rows / 2
                       : screen_now()->rows - 10;
    char text[128];

    screen_row(BAR, " 11_many_clients listens on port %s of %s",
               board->port, where(board));
    if (large)
        screen_row(PLAIN, " Type, where your programs are:");
    snprintf(text, sizeof text, "./10_echo_client %s", target(board));
    paint_big(text, big_fits);
    paint_addresses(board);
    if (board->log != NULL)
        screen_row(BOLD,
                   " Who joins and leaves, and names given as  "
                   "name: ...  are logged in %s",
                   board->log);
    if (airy)
        screen_row(PLAIN, "%s", "");
    if (screen_now()->rows >= 36) {
        snprintf(text, sizeof text, "%d here", the_class()->here);
        paint_big(text, screen_now()->rows / 6);
    }
    paint_counts(board);
    paint_notices(board, screen_now()->rows / 12);
    if (airy)
        screen_row(PLAIN, "%s", "");
    if (board->help)
        paint_help(board);
    paint_clients(board, screen_left());
    if (board->words)
        screen_bar(BAR, " q ends   w hides what they say   ? keys");
    else
        screen_bar(BAR, " q ends   w shows what they say   ? keys");
}
