/* lines.c: prints an event as lines of text just as the narrator does
 * (lessons/narrator/tell.h): same margins, same line breaks.
 */
#include "engine.h"
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 5 }; /* columns before the lines about a call */

/* For each kind, the columns before its first line and the others. */
static const struct setting {
    int margin, indent;
} settings[PLAY_KINDS] = {
    [PLAY_BLOCKS] = {0, 9},
    [PLAY_CALL] = {0, 9},
    [PLAY_KNOWN] = {0, 9},
    [PLAY_MEANS] = {MARGIN, MARGIN},
    [PLAY_CAME] = {MARGIN, MARGIN},
    [PLAY_KERNEL] = {MARGIN, 13},
    [PLAY_ERROR] = {MARGIN, MARGIN + 2},
};

/* May a line end before the space at text[i]? Not between = and the
 * result. PLAY_KERNEL is broken only between its columns, which two
 * spaces separate. */
static bool breaks(const char *text, size_t i, bool columns)
{
    return text[i] == ' ' && i > 0 && text[i - 1] != ' '
           && text[i - 1] != '=' && (!columns || text[i + 1] == ' ');
}

/* How many bytes of the text go on a line of this many columns. */
static size_t fits(const char *text, int columns, bool kernel)
{
    size_t size = 0, space = 0, other = 0;
    int used = 0;

    for (; text[size] != '\0'; size++) {
        if (breaks(text, size, kernel))
            space = size;
        else if (breaks(text, size, false))
            other = size;
        used += (text[size] & 0xC0) != 0x80;
        if (used > columns && space + other > 0)
            break;
    }
    if (space == 0) /* a column that is wider than a line */
        space = other;
    return text[size] != '\0' && space > 0 ? space : size;
}

size_t play_fits(const char *text, int columns)
{
    return fits(text, columns, false);
}

/* Who speaks: " [child 2] [thread 3]"; "" for the first thread. */
static char *speaker(const struct play_record *told)
{
    char *process = told->child > 0
                        ? memory_text(" [child %d]", told->child)
                        : memory_copy("");
    char *both = told->thread > 1 ? memory_text("%s [thread %d]",
                                                process, told->thread)
                                  : memory_copy(process);

    free(process);
    return both;
}

/* Breaks a text into lines, and calls `line` for each. */
static void set(const struct play_event *event, const char *text,
                int width, void (*line)(void *, const char *),
                void *context)
{
    int margin = settings[event->kind].margin;
    char *who = speaker(&event->told);

    do {
        int columns = width - margin - (int)strlen(who);
        size_t size = fits(text, columns, event->kind == PLAY_KERNEL);
        char *whole =
            memory_text("%s%*s%.*s", who, margin, "", (int)size, text);

        for (char *at = whole; *at != '\0'; at++)
            if (*at == '\b')
                *at = ' ';
        line(context, whole);
        free(whole);
        text += size;
        text += strspn(text, " ");
        margin = settings[event->kind].indent;
    } while (*text != '\0');
    free(who);
}

void play_lines(const struct play_event *event, int width,
                void (*line)(void *context, const char *text),
                void *context)
{
    const struct play_record *told = &event->told;
    const size_t size = strlen(told->text);
    char *text;

    switch (event->kind) {
    case PLAY_BEFORE:
    case PLAY_PROMPT:
    case PLAY_START:
    case PLAY_END:
        return;
    case PLAY_BLOCKS:
    case PLAY_CALL:
        text = memory_text("%3d  %s(%s) %s", told->number, told->call,
                           told->arguments, told->text);
        break;
    case PLAY_KNOWN:
        text = told->length > 1
                   ? memory_text("%3d to %ld  %s", told->number,
                                 told->number + told->length - 1,
                                 told->text)
                   : memory_text("%3d  %s", told->number, told->text);
        break;
    case PLAY_TYPED: /* a line of input ends with its newline, \x0A */
        text = memory_text(
            "%.*s",
            (int)(size >= 4
                          && strcmp(told->text + size - 4, "\\x0A") == 0
                      ? size - 4
                      : size),
            told->text);
        break;
    default:
        text = memory_copy(told->text);
    }
    if (event->kind == PLAY_WORDS || event->kind == PLAY_NOTE
        || event->kind == PLAY_TYPED)
        line(context, text);
    else
        set(event, text, width, line, context);
    if (event->kind == PLAY_TITLE)
        line(context, "");
    free(text);
}
