/* Paints the board on a terminal. */
#ifndef PAINT_H
#define PAINT_H

#include <stdbool.h>

/* The options of the board, and what keys change. */
extern struct board {
    const char *address, *port; /* where the server listens */
    const char *taken; /* the port that was wanted, or NULL */
    const char *idle; /* seconds that a client may be silent */
    const char *log; /* the file of --log, or NULL */
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

/* Paints all rows; call it between screen_begin and screen_flush. */
void paint(void);

#endif
