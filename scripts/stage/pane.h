/* Panes: rectangles of the terminal, each with a title and with lines,
 * of which it shows as many as fit. */
#ifndef PANE_H
#define PANE_H

#include <stdbool.h>
#include <stddef.h>

/* The lines of a pane. Each is a text with one style (see screen_row).
 * `lead` comes before it, without a style. A line too long for the pane
 * is cut; with `wrap` it goes on in the next row, after `indent`
 * columns. */
struct line {
    char *text;
    const char *lead;
    char style[32];
    int indent;
    bool wrap;
};
struct sheet {
    struct line *lines;
    int count, capacity;
};

/* Adds a line, formatted as by printf. The caller may set its other
 * members. Ends the program when out of memory. */
struct line *sheet_add(struct sheet *sheet, const char *style,
                       const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Empties it. */
void sheet_clear(struct sheet *sheet);

/* Where a pane is, its title row included. With 0 rows it is hidden. */
struct pane {
    int row, column, rows, columns;
    int scroll; /* by hand: rows up (negative) or down */
};

/* What to show when not all lines fit. */
enum fit {
    FIT_TOP, /* the first ones are shown */
    FIT_END, /* the last ones */
    FIT_LINE /* line `at` is the first */
};

/* Paints a pane. Its title says how many rows above and below are not
 * shown. pane->scroll is limited to the rows that there are. The title
 * of the pane with the focus begins with a sign: colour is not enough. */
void pane_paint(struct pane *pane, const struct sheet *sheet,
                enum fit fit, int at, const char *style,
                const char *title, bool focus);

/* How many rows the lines take in a pane of this many columns. */
int sheet_rows(const struct sheet *sheet, int columns);

#endif
