#define _DEFAULT_SOURCE 1 /* SIGWINCH, TIOCGWINSZ */
#define _XOPEN_SOURCE 700 /* wcwidth */
#include "screen.h"
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

static struct screen screen;

const struct screen *screen_now(void)
{
    return &screen;
}

static struct termios before;
static int output = STDOUT_FILENO;
static int row;

/* Bytes that have yet to be written. */
static char out[512 * 1024];
static size_t used;
static long left_out; /* lines that did not fit */

/* Adds bytes to `out`, as many as fit. */
static void put(const char *bytes, size_t size)
{
    if (size > sizeof out - used)
        size = sizeof out - used;
    memcpy(out + used, bytes, size);
    used += size;
}

static void put_text(const char *text)
{
    put(text, strlen(text));
}

/* ---- the terminal -------------------------------------------------- */

/* To the alternate screen, without cursor and automatic margins. */
#define OPEN "\033[?1049h\033[?25l\033[?7l\033[H\033[2J"

void screen_measure(void)
{
    struct winsize size = {0};

    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    screen.columns = size.ws_col > 0 ? size.ws_col : 80;
    screen.rows = size.ws_row > 0 ? size.ws_row : 24;
}

/* Is the variable set, and not empty? */
static bool is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && value[0] != '\0';
}

/* Opens the terminal a second time for writes that do not block: setting
 * O_NONBLOCK on standard output would affect every process that shares
 * it. Keys come at once; Ctrl-C stays a signal; Ctrl-S, which stops the
 * output, Ctrl-Z and Ctrl-\ have no effect. POSIX, XBD 11. */
void screen_open(bool always_utf8)
{
    const char *term = getenv("TERM"), *name;
    struct termios keys;
    int opened = -1;

    setlocale(LC_CTYPE, ""); /* the words and numbers stay English */
    if (always_utf8 && strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    screen.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    screen.colour = !is_set("NO_COLOR");
    if (!isatty(STDOUT_FILENO) || term == NULL
        || strcmp(term, "dumb") == 0
        || tcgetpgrp(STDOUT_FILENO) != getpgrp()
        || tcgetattr(STDOUT_FILENO, &before) == -1)
        return;
    name = ttyname(STDOUT_FILENO);
    if (name != NULL)
        opened = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK);
    if (opened != -1)
        output = opened;
    keys = before;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    keys.c_iflag &= ~(tcflag_t)IXON;
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    keys.c_cc[VSUSP] = keys.c_cc[VQUIT] = _POSIX_VDISABLE;
    tcsetattr(STDOUT_FILENO, TCSADRAIN, &keys);
    /* If our parent is killed, we may be in the background when we restore
     * the terminal, and SIGTTOU would stop us. XBD 11.1.4. */
    signal(SIGTTOU, SIG_IGN);
    screen.on = true;
    screen_measure();
    put_text(OPEN);
}

void screen_close(void)
{
    struct pollfd writable = {output, POLLOUT, 0};

    if (!screen.on)
        return;
    screen.on = false;
    /* The rest of a painting goes first: no sequence is cut in two. */
    put_text(SCREEN_CLOSE);
    while (screen_pending() && poll(&writable, 1, 1000) == 1)
        if (!screen_flush())
            break;
    tcsetattr(STDOUT_FILENO, TCSANOW, &before);
    output = STDOUT_FILENO;
    used = 0;
}

/* ---- rows and lines ------------------------------------------------ */

bool screen_begin(void)
{
    row = 0;
    return !screen_pending();
}

int screen_left(void)
{
    return screen.rows - 1 - row;
}

/* The next character of a text: returns its size in bytes; sets its
 * width in columns, 0 for one that must not be shown as it is. */
static size_t next(const char *text, int *width)
{
    mbstate_t state;
    wchar_t letter;
    size_t size;

    memset(&state, 0, sizeof state);
    size = mbrtowc(&letter, text, strlen(text), &state);
    if (size == 0 || size > MB_LEN_MAX) {
        *width = 0;
        return 1;
    }
    *width = wcwidth(letter);
    if (*width < 0)
        *width = 0;
    return size;
}

/* The columns that a character takes; one of width 0 is shown as ?. */
static int shown(int width)
{
    return width > 0 ? width : 1;
}

int screen_width(const char *text)
{
    int columns = 0, width;

    while (*text != '\0') {
        text += next(text, &width);
        columns += shown(width);
    }
    return columns;
}

const char *screen_cut(const char *text, int width)
{
    int one;

    while (*text != '\0') {
        size_t size = next(text, &one);

        width -= shown(one);
        if (width < 0)
            break;
        text += size;
    }
    return text;
}

void screen_clean(char *text)
{
    char *to = text;
    int width;

    while (*text != '\0') {
        size_t size = next(text, &width);

        memmove(to, width > 0 ? text : "?", width > 0 ? size : 1);
        to += width > 0 ? size : 1;
        text += size;
    }
    *to = '\0';
}

void screen_piece(int at, int left, int columns, const char *style,
                  const char *text)
{
    char begin[80];
    int column = 0, width;

    if (columns > screen.columns - left)
        columns = screen.columns - left;
    if (at < 0 || at >= screen.rows || left < 0 || columns <= 0
        || sizeof out - used < 4096 + 2 * (size_t)columns)
        return;
    snprintf(begin, sizeof begin, "\033[%d;%dH\033[0;%.40sm", at + 1,
             left + 1, style);
    put_text(begin);
    while (*text != '\0') {
        size_t size = next(text, &width);

        if (column + shown(width) > columns)
            break;
        put(width > 0 ? text : "?", width > 0 ? size : 1);
        column += shown(width);
        text += size;
    }
    for (; column < columns; column++)
        put(" ", 1);
    put_text("\033[0m");
}

void screen_row(const char *style, const char *format, ...)
{
    char text[4096];
    va_list list;

    if (screen_left() <= 0)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    screen_piece(row++, 0, screen.columns, style, text);
}

void screen_bar(const char *style, const char *text)
{
    screen_piece(screen.rows - 1, 0, screen.columns, style, text);
}

bool screen_too_small(int columns, int rows)
{
    char text[64];

    if (screen.columns >= columns && screen.rows >= rows)
        return false;
    snprintf(text, sizeof text,
             "Too small: %dx%d, needs %dx%d:", screen.columns,
             screen.rows, columns, rows);
    for (int i = 0; i < screen.rows; i++)
        screen_piece(i, 0, screen.columns, "",
                     i == 0   ? text
                     : i == 1 ? "make the window larger, or the"
                     : i == 2 ? "letters smaller. q ends."
                              : "");
    return true;
}

void screen_line(const char *text)
{
    char note[64] = "";

    if (left_out > 0)
        snprintf(note, sizeof note, "(%ld lines left out)\n", left_out);
    if (strlen(note) + strlen(text) + 1 > sizeof out - used) {
        left_out++;
        return;
    }
    left_out = 0;
    put_text(note);
    put_text(text);
    put("\n", 1);
}

/* ---- writing ------------------------------------------------------- */

bool screen_pending(void)
{
    return used > 0;
}

/* A pipe that poll calls writable takes PIPE_BUF bytes without blocking
 * (POSIX write); PIPE_BUF is at least 512. */
bool screen_flush(void)
{
    struct pollfd writable = {output, POLLOUT, 0};
    bool good = true;
    size_t done = 0;

    while (good && done < used && poll(&writable, 1, 0) == 1) {
        size_t size = used - done < 512 ? used - done : 512;
        ssize_t written = write(output, out + done, size);

        if (written == -1 && errno != EINTR) {
            good = errno == EAGAIN;
            break;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    memmove(out, out + done, used - done);
    used -= done;
    return good;
}
