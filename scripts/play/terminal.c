/* terminal.c: see terminal.h. termios(3), tty_ioctl(4). */
#include "engine.h"
#include "terminal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before, keyed;
static volatile bool changed;

bool terminal_is_there(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* After Ctrl-Z and fg the terminal has the shell's settings: sets ours
 * again. A read that waits for a key or a line fails with EINTR. */
static void on_continue(int number)
{
    int saved = errno;

    (void)number;
    if (changed)
        tcsetattr(STDIN_FILENO, TCSANOW, &keyed);
    errno = saved;
}

static void heed_continue(void)
{
    struct sigaction action = {.sa_handler = on_continue};

    sigemptyset(&action.sa_mask);
    sigaction(SIGCONT, &action, NULL);
}

void terminal_begin(void)
{
    if (tcgetattr(STDIN_FILENO, &before) == -1)
        return;
    keyed = before;
    keyed.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    keyed.c_cc[VMIN] = 1;
    keyed.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &keyed) == 0)
        changed = true;
    programs_terminal(TERMINAL_KEYS);
    heed_continue();
    atexit(terminal_end);
}

void terminal_end(void)
{
    if (changed) {
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
        programs_terminal(TERMINAL_AS_BEFORE);
    }
    changed = false;
}

#ifdef TIOCGWINSZ
static int size_or(bool rows, int without)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1)
        return without;
    if (rows)
        return size.ws_row > 0 ? size.ws_row : without;
    return size.ws_col > 0 ? size.ws_col : without;
}
#else
static int size_or(bool rows, int without)
{
    (void)rows;
    return without;
}
#endif

int terminal_columns(void)
{
    return size_or(false, 80);
}

int terminal_rows(void)
{
    return size_or(true, 24);
}

enum wish terminal_ask(const char *words)
{
    const char *term = getenv("TERM");
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;
    char keys[32];
    ssize_t n;

    do { /* a key may send several bytes: one read takes them all */
        printf(dumb ? "%s" : "\r\033[7m%s\033[0m", words);
        fflush(stdout);
        n = read(STDIN_FILENO, keys, sizeof keys);
    } while (n == -1 && errno == EINTR);
    fputs(dumb ? "\n" : "\r\033[K", stdout);
    if (n <= 0 || keys[0] == 'q' || keys[0] == 'Q' || keys[0] == 4)
        return WISH_QUIT;
    return keys[0] == 'a' || keys[0] == 'A' ? WISH_ALL : WISH_MORE;
}

int terminal_open(void)
{
    heed_continue();
    return open("/dev/tty", O_RDWR | O_CLOEXEC);
}

char terminal_line(int from, bool fresh)
{
    struct pollfd typed = {from, POLLIN, 0};
    char line[256];
    bool ahead;
    ssize_t n;

    if (fresh)
        tcflush(from, TCIFLUSH);
    ahead = poll(&typed, 1, 0) == 1;
    n = read(from, line, sizeof line);
    if (ahead) /* its newline was echoed before the prompt */
        putchar('\n');
    if (n == -1 && errno == EINTR)
        return '\0';
    return n > 0 ? line[0] : 'q';
}
