/* report: prints what the judge says, and makes bytes that come from
 * the program printable. */
#include "judge.h"
#include "room.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    SHOWN = 48, /* bytes of a text that `quoted` shows */
    FEW = 8, /* it shows so many more rather than name their number */
    WIDTH = 78,
    INDENT = 12,
    LAST_MOMENT = 250 /* ms for the suspect to end, after a failure */
};

/* Prints an entry of the report, wrapped at spaces. */
void entry(const char *key, const char *text)
{
    printf("  %-9s ", key);
    int column = INDENT;
    while (*text != '\0') {
        int length = (int)strcspn(text, " \n");
        if (*text == '\n'
            || (column > INDENT && column + length > WIDTH)) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        }
        if (*text == '\n') {
            text++;
            continue;
        }
        printf("%.*s", length, text);
        column += length + 1;
        text += length;
        if (*text == ' ') {
            text++;
            if (column + (int)strcspn(text, " \n") <= WIDTH)
                putchar(' ');
        }
    }
    putchar('\n');
}

void did(const char *format, ...)
{
    char text[2048];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    entry("did", text);
    fflush(stdout);
}

/* Prints the last lines of a program's standard error. Only those of the
 * suspect belong to what was found. */
static void complaint_of(const struct program *p)
{
    enum { LINES = 3 };
    size_t size = strlen(p->complaint), from = size;
    for (int lines = 0; from > 0; from--)
        if (from < size && p->complaint[from - 1] == '\n'
            && ++lines == LINES)
            break;
    while (from < size) {
        size_t length = strcspn(p->complaint + from, "\n");
        if (length > 0)
            entry(p != suspect || from < p->earlier ? "earlier"
                                                    : "it says",
                  quoted(p->complaint + from, length));
        from += length + 1;
    }
}

int parts;
static int parts_right;

void part(void)
{
    parts_right++;
}

void could_not(const char *what, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "judge: it could not be judged: %s: %s\n", what,
            why);
    _exit(leave(2));
}

/* Ends the judging: the program is not mended. */
static _Noreturn void not_mended(const char *expected, const char *came)
{
    entry("expected", expected);
    entry("came", came);
    judged = true;
    /* `came` may not say yet that the program has ended. */
    if (suspect->most != 0 && ended(suspect, LAST_MOMENT)
        && strstr(came, fate(suspect)) == NULL)
        entry("and", fate(suspect));
    for (int i = 0; i < PROGRAMS; i++)
        complaint_of(&programs[i]);
    if (parts_right > 0) {
        char text[80];
        snprintf(text, sizeof text, "%d of %d parts are right",
                 parts_right, parts);
        entry("so far", text);
    }
    print_telling();
    fflush(stdout);
    _exit(1);
}

void must(bool ok, const char *expected, const char *came, ...)
{
    if (ok)
        return;
    char text[2048];
    va_list list;
    va_start(list, came);
    vsnprintf(text, sizeof text, came, list);
    va_end(list);
    not_mended(expected, text);
}

const char *quoted(const void *bytes, size_t size)
{
    static char buffers[8][5 * (SHOWN + FEW) + 40];
    static unsigned turn;
    char *text = buffers[turn++ % 8], *to = text;
    const unsigned char *from = bytes;
    size_t shown = size <= SHOWN + FEW ? size : SHOWN;
    bool hex = false; /* after \xNN, which a hex digit would extend */
    *to++ = '"';
    for (size_t i = 0; i < shown; i++) {
        bool was_hex = hex;
        hex = false;
        if (from[i] == '\n')
            to += sprintf(to, "\\n");
        else if (from[i] == '"' || from[i] == '\\')
            to += sprintf(to, "\\%c", from[i]);
        else if (from[i] >= ' ' && from[i] < 0x7f
                 && !(was_hex && isxdigit(from[i])))
            *to++ = (char)from[i];
        else {
            to += sprintf(to, "\\x%02X", from[i]);
            hex = true;
        }
    }
    *to++ = '"';
    *to = '\0';
    if (size > shown)
        sprintf(to, " and %zu bytes more", size - shown);
    return text;
}

/* ---- two texts, line by line --------------------------------------- */

/* Where the line that holds byte `at` begins. */
static size_t line_start(const char *text, size_t at)
{
    while (at > 0 && text[at - 1] != '\n')
        at--;
    return at;
}

/* The length of the line that begins at `at`, with its newline. */
static size_t line_length(const char *text, size_t size, size_t at)
{
    const char *end = memchr(text + at, '\n', size - at);
    return end ? (size_t)(end - text) + 1 - at : size - at;
}

static size_t lines_in(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n';
    return count + (size > 0 && text[size - 1] != '\n');
}

/* Describes the line that begins at `at`: its number (0: the only one,
 * which `what` names) and its bytes, from byte `from` of the line on if
 * that is far from its start. */
static void write_line(char *to, size_t room, size_t number,
                       const char *text, size_t size, size_t at,
                       size_t from)
{
    size_t length = line_length(text, size, at);
    char which[40] = "", part[40] = "";
    if (from < SHOWN / 2)
        from = 0;
    if (number > 0)
        snprintf(which, sizeof which, "line %zu", number);
    if (from > 0)
        snprintf(part, sizeof part, "%sbyte %zu on",
                 number > 0 ? ", " : "", from + 1);
    snprintf(to, room, "%s%s%s%s", which, part,
             number > 0 || from > 0 ? ": " : "",
             quoted(text + at + from, length - from));
}

void same(const char *what, const void *expected, size_t expected_size,
          const void *came, size_t came_size, const char *how_ended)
{
    const char *a = expected, *b = came;
    size_t least =
        expected_size < came_size ? expected_size : came_size;
    size_t at = 0;
    while (at < least && a[at] == b[at])
        at++;
    if (at == expected_size && at == came_size)
        return;
    size_t lines = lines_in(a, expected_size);
    size_t start = line_start(a, at), number = lines_in(a, start) + 1;
    size_t shown = lines > 1 ? number : 0;
    char wanted[1024] = "", got[1024] = "", one[400];
    if (start > 0) { /* both get the line before, which was right */
        size_t before = line_start(a, start - 1);
        write_line(one, sizeof one, lines > 1 ? number - 1 : 0, a,
                   start, before, 0);
        snprintf(wanted, sizeof wanted, "%s\n", one);
        snprintf(got, sizeof got, "%s\n", one);
    }
    size_t from = at - start > 8 ? at - start - 8 : 0;
    if (start < expected_size)
        write_line(one, sizeof one, shown, a, expected_size, start,
                   from);
    else
        snprintf(one, sizeof one, "nothing more");
    strncat(wanted, one, sizeof wanted - strlen(wanted) - 1);
    if (start < came_size)
        write_line(one, sizeof one, shown, b, came_size, start, from);
    else
        snprintf(one, sizeof one, "nothing more");
    strncat(got, one, sizeof got - strlen(got) - 1);
    if (start < came_size && at == came_size && *how_ended == '\0')
        how_ended = "nothing more";
    if (*how_ended != '\0') {
        snprintf(one, sizeof one, ", then %s", how_ended);
        strncat(got, one, sizeof got - strlen(got) - 1);
    }
    char title[400];
    if (lines > 1)
        snprintf(title, sizeof title,
                 "%s: %zu lines, the first wrong one is line %zu", what,
                 lines, number);
    else
        snprintf(title, sizeof title, "%s", what);
    entry("wrong is", title);
    not_mended(wanted, got);
}
