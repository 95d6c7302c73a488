/* report: what a program must do, and what the judge says if it does not. */
#define _GNU_SOURCE
#include "report.h"
#include "narrator.h"
#include "print.h"
#include "program.h"
#include "state.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LAST_MOMENT = 250, /* ms for the suspect to end, after a failure */
    QUIET = 400 /* after so many ms of silence no more comes */
};

/* Prints the last lines of a program's standard error. Only those of the
 * suspect belong to what was found. */
static void complaint_of(const struct program *p)
{
    enum { LINES = 3 };
    size_t size = strlen(p->complaint), from = size;
    size_t own = p == the_judge()->suspect ? p->earlier : size;
    for (int lines = 0; from > 0; from--)
        if (from < size && p->complaint[from - 1] == '\n'
            && ++lines == LINES)
            break;
    while (from < size) {
        size_t length = strcspn(p->complaint + from, "\n");
        if (length > 0)
            entry(from < own ? "earlier" : "it says",
                  quoted(p->complaint + from, length));
        from += length + 1;
    }
}

void blame(struct program *p)
{
    the_judge()->suspect = p;
}

void part(void)
{
    the_judge()->right++;
}

/* Ends the judging: the program is not mended. */
static _Noreturn void not_mended(const char *expected, const char *came)
{
    struct judge *j = the_judge();
    struct program *p = j->suspect;
    entry("expected", expected);
    entry("came", came);
    /* `came` may not say yet that the program has ended. */
    if (p->most != 0 && ended(p, LAST_MOMENT)
        && strstr(came, fate(p)) == NULL)
        entry("and", fate(p));
    for (int i = 0; i < PROGRAMS; i++)
        complaint_of(&j->programs[i]);
    if (j->right > 0) {
        char text[80];
        snprintf(text, sizeof text, "%d of %d parts are right",
                 j->right, j->parts);
        entry("so far", text);
    }
    print_telling();
    fflush(stdout);
    _exit(1);
}

/* A program that has printed more than it may is wrong, whatever else is
 * asked of it. */
static void must_stop_printing(void)
{
    enum { LAST = 40 };
    for (int i = 0; i < PROGRAMS; i++) {
        const struct program *p = &the_judge()->programs[i];
        char text[400];
        if (!p->endless)
            continue;
        snprintf(text, sizeof text,
                 "it printed more than %zu KiB, the last of it %s",
                 p->most >> 10, quoted(p->text + p->size - LAST, LAST));
        not_mended("an output that ends", text);
    }
}

void must(bool ok, const char *expected, const char *came, ...)
{
    must_stop_printing();
    if (ok)
        return;
    char text[2048];
    va_list list;
    va_start(list, came);
    vsnprintf(text, sizeof text, came, list);
    va_end(list);
    not_mended(expected, text);
}

_Noreturn void end_judging(void)
{
    must_stop_printing();
    print_telling();
    fflush(stdout);
    _exit(0);
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
static void write_line(char *to, size_t space, size_t number,
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
    snprintf(to, space, "%s%s%s%s", which, part,
             number > 0 || from > 0 ? ": " : "",
             quoted(text + at + from, length - from));
}

void same(const char *what, const void *expected, size_t expected_size,
          const void *came, size_t came_size, const char *how_ended)
{
    const char *a = expected, *b = came;
    must_stop_printing();
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

/* ---- what a program must do ---------------------------------------- */

/* Waits until it has been silent for QUIET, at most PATIENCE. */
static void await_quiet(struct program *p)
{
    for (long long until = now() + PATIENCE; now() < until;) {
        size_t before = p->size;
        rest(QUIET);
        if (p->size == before)
            return;
    }
}

void prints(struct program *p, const char *text, const char *what)
{
    size_t size = strlen(text);
    long long until = now() + PATIENCE;
    for (;;) {
        const char *found = p->size > p->seen
                                ? memmem(p->text + p->seen,
                                         p->size - p->seen, text, size)
                                : NULL;
        if (found != NULL) {
            p->seen = (size_t)(found - p->text) + size;
            return;
        }
        if ((p->pid == 0 && p->out == -1) || now() >= until)
            break;
        pump(-1, 0, 5);
    }
    await_quiet(p);
    same(what, text, size, p->text ? p->text + p->seen : "",
         p->size - p->seen, p->pid != 0 ? "" : fate(p));
}

void printed_all(struct program *p, const char *text, size_t size,
                 const char *what)
{
    for (long long until = now() + PATIENCE;
         p->size < size && p->out != -1 && now() < until;)
        pump(-1, 0, 5);
    if (p->size != size || memcmp(p->text, text, size) != 0)
        await_quiet(p);
    else
        rest(0);
    same(what, text, size, p->text ? p->text : "", p->size,
         p->pid != 0 ? "" : fate(p));
}

void must_end(struct program *p, int status, const char *expected)
{
    blame(p);
    ended(p, PATIENCE);
    must(p->pid == 0 && WIFEXITED(p->status)
             && WEXITSTATUS(p->status) == status,
         expected, "%s", fate(p));
}

void must_be_refused(struct program *p)
{
    blame(p);
    ended(p, PATIENCE);
    must(p->pid == 0 && WIFEXITED(p->status)
             && WEXITSTATUS(p->status) != 0,
         "the second one to be refused, and its exit status to say so",
         "%s", fate(p));
}

void must_run(struct program *p)
{
    blame(p);
    pump(-1, 0, 0);
    must(p->pid != 0, "a program that goes on", "%s", fate(p));
}
