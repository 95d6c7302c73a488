/* The output of the stage and of the classroom's board: rows of a
 * terminal, or plain lines on any other standard output. Nothing here
 * but screen_close waits for the reader: what does not go out at once is
 * kept, and left out when that is too much. A board that waited would
 * not read the narration, and its server would stall. */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>

struct screen {
    bool on; /* a terminal is being painted */
    bool utf8; /* it shows more than ASCII */
    bool colour; /* colours are wanted */
    int columns, rows;
};

/* How it is now. */
const struct screen *screen_now(void);

/* Takes over the terminal, if standard output is one and we run in its
 * foreground: alternate screen, keys without Enter and without echo.
 * `always_utf8` ignores the locale. */
void screen_open(bool always_utf8);

/* What brings a terminal back to its usual screen. XTerm's control
 * sequences. */
#define SCREEN_CLOSE "\033[0m\033[?7h\033[?25h\033[?1049l"

/* Gives it back as it was. May be called at any time, more than once. */
void screen_close(void);

/* Reads the terminal's size again. */
void screen_measure(void);

/* Starts at the first row again. False while the last painting has not
 * gone out completely: do not paint then. */
bool screen_begin(void);

/* Paints the next row, unless only the last is left: a style (SGR
 * numbers, "1" is bold; ECMA-48 8.3.117), and a text, cut or filled up
 * to the width. Characters that have no width, such as control
 * characters, become question marks. */
void screen_row(const char *style, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Paints the last row, which names the keys. */
void screen_bar(const char *style, const char *text);

/* Paints a piece of a row: `row` and `column` count from 0; the text is
 * cut or filled up to `width` columns. What lies outside the terminal is
 * not written. */
void screen_piece(int row, int column, int width, const char *style,
                  const char *text);

/* How many columns a text takes, each question mark of screen_row
 * included. */
int screen_width(const char *text);

/* The first byte of the text that does not fit into this many columns. */
const char *screen_cut(const char *text, int width);

/* Puts question marks into a text, as screen_row does: for a text from
 * somebody else that goes to a file. */
void screen_clean(char *text);

/* Is the terminal smaller than that? Then this paints a message, with
 * what to do, and the caller must paint nothing else. */
bool screen_too_small(int columns, int rows);

/* How many rows are left above the last. */
int screen_left(void);

/* Adds a plain line; if it does not fit, counts it as left out. */
void screen_line(const char *text);

/* Is there something to write? screen_flush writes what it can without
 * blocking; false and errno if writing fails: nobody reads any more. */
bool screen_pending(void);
bool screen_flush(void);

#endif
