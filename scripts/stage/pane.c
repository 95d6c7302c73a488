#include "pane.h"
#include "../common/memory.h"
#include "../play/screen.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = 20 }; /* columns after the indent; else no indent */

struct line *sheet_add(struct sheet *sheet, const char *style,
                       const char *format, ...)
{
    struct line *line;
    va_list list;
    int size;

    if (sheet->count == sheet->capacity) {
        sheet->capacity =
            sheet->capacity > 0 ? 2 * sheet->capacity : 64;
        sheet->lines = memory_for(sheet->lines, (size_t)sheet->capacity,
                                  sizeof sheet->lines[0]);
    }
    line = &sheet->lines[sheet->count++];
    *line = (struct line){.lead = ""};
    snprintf(line->style, sizeof line->style, "%s", style);
    va_start(list, format);
    size = vsnprintf(NULL, 0, format, list);
    va_end(list);
    line->text = memory_for(NULL, (size_t)(size > 0 ? size : 0) + 1, 1);
    line->text[0] = '\0';
    va_start(list, format);
    if (size > 0)
        vsnprintf(line->text, (size_t)size + 1, format, list);
    va_end(list);
    return line;
}

void sheet_clear(struct sheet *sheet)
{
    for (int i = 0; i < sheet->count; i++)
        free(sheet->lines[i].text);
    sheet->count = 0;
}

/* The end of the row that begins at `from`: before a space if there is
 * one. Sets *next to where the next row begins. */
static const char *row_end(const char *from, int columns,
                           const char **next)
{
    const char *end = screen_cut(from, columns), *space = end;

    *next = end;
    if (*end == '\0')
        return end;
    while (space > from && *space != ' ')
        space--;
    if (space == from)
        return end;
    *next = space + strspn(space, " ");
    while (space > from && space[-1] == ' ')
        space--;
    return space > from ? space : end;
}

/* How many columns the second and later rows of a line have. */
static int width_after(const struct line *line, int columns)
{
    int left = columns - line->indent;

    return left > LEAST ? left : columns;
}

/* Returns how many rows a line takes. Paints the row with the index
 * `wanted` at `row` and `column`; -1 paints none. */
static int walk(const struct line *line, int columns, int wanted,
                int row, int column)
{
    const char *from = line->text, *next = from;
    int lead = screen_width(line->lead), rows = 0, left, width;
    char piece[4096];

    do {
        const char *end;

        left = rows == 0 ? lead : columns - width_after(line, columns);
        width = columns - left;
        end =
            line->wrap ? row_end(from, width, &next) : strchr(from, 0);
        if (!line->wrap)
            next = end;
        if (next == from && *from != '\0')
            next = end = strchr(from, 0); /* not one letter fits */
        if (rows == wanted) {
            snprintf(piece, sizeof piece, "%.*s", (int)(end - from),
                     from);
            screen_piece(row, column, left, "",
                         rows == 0 ? line->lead : "");
            screen_piece(row, column + left, width, line->style, piece);
        }
        rows++;
        from = next;
    } while (*from != '\0');
    return rows;
}

int sheet_rows(const struct sheet *sheet, int columns)
{
    int rows = 0;

    for (int i = 0; i < sheet->count; i++)
        rows += walk(&sheet->lines[i], columns, -1, 0, 0);
    return rows;
}

/* The row to show first, an index into the rows of all lines. */
static int first_row(const struct pane *pane, const struct sheet *sheet,
                     enum fit fit, int at, int all)
{
    int height = pane->rows - 1, row = 0;

    switch (fit) {
    case FIT_TOP:
        return 0;
    case FIT_END:
        return all > height ? all - height : 0;
    default:
        for (int i = 0; i < at && i < sheet->count; i++)
            row += walk(&sheet->lines[i], pane->columns, -1, 0, 0);
        return row;
    }
}

/* The title: a sign for the focus, the text, and what is not shown. */
static void paint_title(const struct pane *pane, const char *style,
                        const char *title, bool focus, int above,
                        int below)
{
    const char *dash = screen_now()->utf8 ? "\xE2\x94\x80" : "-";
    char text[2048], more[48] = "";
    int used, columns, tail;

    if (above > 0 && below > 0)
        snprintf(more, sizeof more, " %d above, %d below ", above,
                 below);
    else if (above > 0 || below > 0)
        snprintf(more, sizeof more, " %d %s ", above + below,
                 above > 0 ? "above" : "below");
    tail = screen_width(more);
    if (screen_width(title) + tail + 6 > pane->columns)
        tail = 0;
    used = snprintf(text, sizeof text, "%s%s %s ", focus ? ">" : dash,
                    dash, title);
    if (used < 0 || (size_t)used >= sizeof text)
        used = sizeof text - 1;
    columns = screen_width(text);
    while (columns < pane->columns - tail - (tail > 0 ? 2 : 0)
           && (size_t)used + 4 < sizeof text) {
        used += snprintf(text + used, sizeof text - (size_t)used, "%s",
                         dash);
        columns++;
    }
    if (tail > 0)
        snprintf(text + used, sizeof text - (size_t)used, "%s%s%s",
                 more, dash, dash);
    screen_piece(pane->row, pane->column, pane->columns, style, text);
}

void pane_paint(struct pane *pane, const struct sheet *sheet,
                enum fit fit, int at, const char *style,
                const char *title, bool focus)
{
    int height = pane->rows - 1, row = 0, first, all, last;

    if (pane->rows <= 0)
        return;
    all = sheet_rows(sheet, pane->columns);
    last = all > height ? all - height : 0;
    first = first_row(pane, sheet, fit, at, all);
    if (first > last)
        first = last;
    if (first < 0)
        first = 0;
    if (pane->scroll < -first)
        pane->scroll = -first;
    if (pane->scroll > last - first)
        pane->scroll = last - first;
    first += pane->scroll;
    paint_title(pane, style, title, focus, first,
                all - first > height ? all - first - height : 0);
    for (int i = 0; i < sheet->count && row < first + height; i++) {
        const struct line *line = &sheet->lines[i];
        int rows = walk(line, pane->columns, -1, 0, 0);

        for (int part = 0; part < rows; part++)
            if (row + part >= first && row + part < first + height)
                walk(line, pane->columns, part,
                     pane->row + 1 + row + part - first, pane->column);
        row += rows;
    }
    for (row = all - first > 0 ? all - first : 0; row < height; row++)
        screen_piece(pane->row + 1 + row, pane->column, pane->columns,
                     "", "");
}
