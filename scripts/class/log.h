/* The log of the class (--log): who joined and left, and when, and which
 * name a client gave as "name: ...". */
#ifndef LOG_H
#define LOG_H

#include "clients.h"

/* Opens the file for more lines at its end, for its owner alone (mode
 * 0600). Returns 0, or -1 with errno. */
int log_open(const char *file);

/* Takes what a client did. A client gets at most one line a second, and
 * the clients of one address 33: what would come sooner is written
 * later, of several names the last; what would have to wait for half a
 * minute is counted and left out. Simulated clients are not logged. */
void log_event(enum event event, struct client *client);

/* Writes what has become due; with `all`, also what has not. Call it
 * once a second. Returns 0, or -1 with errno if the file takes no more:
 * once, then nothing is logged any more. */
int log_write(bool all);

#endif
