/* Panes: rectangles of the terminal, each with a title, and lines that
 * it may be too small for. */
#ifndef PANE_H
#define PANE_H

#include <stdbool.h>
#include <stddef.h>

/* The lines of a pane. Each is a text with a style for all of it (see
 * screen_row); a `lead`, where there is one, stands before it in no
 * style. Too long for the pane, a line is cut, or goes on in the next
 * row behind `indent` columns if `wrap` is set. */
struct line {
    char *text;
    const char *lead;
    char style[32];
    int indent;
    bool wrap;
};
struct sheet {
    struct line *lines;
    int count, room;
};

/* Adds a line; printf's arguments. The next calls say more about it.
 * Without memory the program ends. */
struct line *sheet_add(struct sheet *sheet, const char *style,
                       const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Empties it; sheet_free gives back its memory as well. */
void sheet_clear(struct sheet *sheet);
void sheet_free(struct sheet *sheet);

/* Where a pane is, the row of its title included; 0 rows is hidden. */
struct pane {
    int row, column, rows, columns;
    int scroll; /* by hand: rows up (negative) or down */
};

/* What to do where the lines do not all fit. */
enum fit {
    FIT_TOP, /* the first ones are shown */
    FIT_END, /* the last ones */
    FIT_LINE /* line `at`, a third of the way down */
};

/* Paints a pane. Its title says how many rows above and below are not
 * shown. The scroll is corrected to what there is. A pane with the
 * focus says so in its title by a sign and not by colour alone. */
void pane_paint(struct pane *pane, const struct sheet *sheet,
                enum fit fit, int at, const char *style,
                const char *title, bool focus);

/* How many rows the lines take in a pane of so many columns. */
int sheet_rows(const struct sheet *sheet, int columns);

#endif
