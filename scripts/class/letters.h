/* Big letters, made of half blocks: each character cell of the terminal
 * holds two pixels, one above the other. */
#ifndef LETTERS_H
#define LETTERS_H

#include <stdbool.h>

enum {
    BIG_COLUMNS = 400, /* columns of the widest line */
    BIG_ROWS = 64 /* rows of all lines together */
};

/* Rows of text, UTF-8, at most BIG_COLUMNS columns each. */
struct big {
    int rows;
    char text[BIG_ROWS][3 * BIG_COLUMNS + 1];
};

/* Draws the words as large as they fit into this many columns and rows;
 * breaks lines between words only. False if they do not fit at all, or
 * hold a character that has no letter here. */
bool draw(struct big *big, const char *words, int columns, int rows);

#endif
