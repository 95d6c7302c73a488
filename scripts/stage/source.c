/* source.c: the source of a program, with the call marked. */
#include "parts.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A call takes at most this many lines of the source. */
enum { TALL = 5 };

/* Does the line call this function? */
static bool calls(const char *line, const char *name)
{
    size_t size = strlen(name);
    const char *at = line;

    while ((at = strstr(at, name)) != NULL) {
        bool begins =
            at == line
            || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');

        if (begins && at[size] == '(')
            return true;
        at += size;
    }
    return false;
}

/* The line in which the call begins, from 1: the record has that or, with
 * some compilers, the line in which the call ends. */
static int beginning(const struct sheet *sheet, int line,
                     const char *call)
{
    for (int i = line; i > line - TALL && i >= 1; i--)
        if (i <= sheet->count && call[0] != '\0'
            && calls(sheet->lines[i - 1].text + 4, call))
            return i;
    return line;
}

int stage_source_lines(struct sheet *sheet, const char *path, int line,
                       const char *call)
{
    FILE *file = path[0] != '\0' ? fopen(path, "r") : NULL;
    char *text = NULL;
    size_t size = 0;
    int mark = -1;

    sheet_clear(sheet);
    while (file != NULL && getline(&text, &size, file) != -1) {
        bool comment = strncmp(text + strspn(text, " "), "//", 2) == 0;

        text[strcspn(text, "\r\n")] = '\0';
        sheet_add(sheet, comment ? stage_ink(COMMENT_HUE, false) : "",
                  "%3d %s", sheet->count + 1, text)
            ->lead = "   ";
    }
    free(text);
    if (file != NULL)
        fclose(file);
    else if (path[0] != '\0')
        sheet_add(sheet, "", "%s cannot be read", path);
    if (line > 0 && line <= sheet->count) {
        struct line *marked;

        mark = beginning(sheet, line, call) - 1;
        marked = &sheet->lines[mark];
        marked->lead = "=> ";
        snprintf(marked->style, sizeof marked->style, "1;7");
    }
    return mark;
}
