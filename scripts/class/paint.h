/* The board as it is painted on a terminal. */
#ifndef PAINT_H
#define PAINT_H

#include <stdbool.h>

/* What the board was told when it was started, and what keys change. */
extern struct board {
    const char *address, *port; /* where the server listens */
    const char *taken; /* the port that was wanted, or NULL */
    const char *idle; /* seconds of silence that a client may have */
    const char *log; /* the file to which joins are written, or NULL */
    bool simulating; /* there is a crowd */
    bool words; /* show what the clients say */
    bool help; /* show what the keys do */
} board;

/* What the class types, after "./10_echo_client". */
const char *target(void);

/* Where the server listens, in words. */
const char *where(void);

/* "1 client", "7 clients"; into one of eight buffers in turn. */
const char *count(long number, const char *thing);

/* All of it, from the first row to the last, between screen_begin and
 * screen_flush. */
void paint(void);

#endif
