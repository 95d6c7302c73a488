/* What is written, for the stage and for the board of the classroom: to
 * a terminal, a row at a time, or in plain lines to whatever standard
 * output is. Nothing here ever waits for the reader: what does not go
 * out at once is kept, and when that is too much, it is left out. A
 * board that waited would not read the narration, and its server would
 * stall. */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>

extern struct screen {
    bool on; /* a terminal is being painted */
    bool always_utf8; /* set before: UTF-8, whatever the locale says */
    bool utf8; /* and shows more than ASCII */
    bool colour; /* and colours are wanted */
    int columns, rows;
} screen;

/* Takes over the terminal, if standard output is one in whose foreground
 * we are: alternate screen, keys without Enter and without echo. */
void screen_open(void);

/* Gives it back as it was. May be called at any time, more than once. */
void screen_close(void);

/* Asks how large it is now. */
void screen_measure(void);

/* Begins at the first row again, unless the last painting has not even
 * gone out: false then. */
bool screen_begin(void);

/* The next row, if there is one above the last: a style (SGR numbers,
 * "1" is bold; ECMA-48 8.3.117), and a text, which is cut or filled up
 * to the width. What a terminal could take for a command, and what has
 * no width of its own, becomes a question mark. */
void screen_row(const char *style, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The last row: what one may always do. */
void screen_bar(const char *style, const char *text);

/* A piece of a row: `row` and `column` count from 0, and the text is cut
 * or filled up to `width` columns. What lies outside the terminal is not
 * written. */
void screen_piece(int row, int column, int width, const char *style,
                  const char *text);

/* How many columns a text takes, each question mark of screen_row
 * included. */
int screen_width(const char *text);

/* The first byte of the text that does not fit into so many columns. */
const char *screen_cut(const char *text, int width);

/* Makes a text harmless that somebody else has written: as screen_row
 * does, but for a file. */
void screen_clean(char *text);

/* Is the terminal smaller than that? Then this says so on it, with what
 * to do, and nothing else must be painted. */
bool screen_too_small(int columns, int rows);

/* How many rows are left above the last. */
int screen_left(void);

/* A plain line. */
void screen_line(const char *text);

/* Is there something to write? Writes what can be written without
 * waiting; false when nobody can read it any more. */
bool screen_pending(void);
bool screen_flush(void);

#endif
