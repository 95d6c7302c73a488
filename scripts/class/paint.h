/* Paints the board on a terminal. */
#ifndef PAINT_H
#define PAINT_H

#include "addresses.h"
#include <stdbool.h>

/* The options of the board, and what keys change. */
struct board {
    const char *address, *port; /* where the server listens */
    const char *taken; /* the port that was wanted, or NULL */
    const char *idle; /* seconds that a client may be silent */
    const char *log; /* the file of --log, or NULL */
    bool simulating; /* there is a crowd */
    bool words; /* show what the clients say */
    bool help; /* show what the keys do */
    struct addresses found; /* at which others reach the server */
};

/* What the class types, after "./10_echo_client". */
const char *target(const struct board *board);

/* Where the server listens, in words. */
const char *where(const struct board *board);

/* "1 client", "7 clients"; into one of eight buffers in turn. */
const char *count(long number, const char *thing);

/* Paints all rows; call it between screen_begin and screen_flush. */
void paint(const struct board *board);

#endif
