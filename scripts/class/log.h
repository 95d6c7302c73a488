/* The log of the class (--log): who joined and left, and when, and the
 * names that clients gave as "name: ...". */
#ifndef LOG_H
#define LOG_H

#include "clients.h"

/* Opens the file for appending, with mode 0600. Returns 0, or -1 with
 * errno: EINVAL if it is not a regular file. */
int log_open(const char *file);

/* Logs what a client did. A client gets at most one line a second, the
 * clients of one address 33 together. A line that comes too soon waits;
 * of several names, only the last does. A line that would wait for half a
 * minute is left out and counted. Simulated clients are not logged. */
void log_event(enum event event, struct client *client);

/* Writes the lines that are due; with `all`, all that wait. Call it once
 * a second. Returns 0, or -1 with errno when writing has failed: once;
 * from then on nothing is logged. */
int log_write(bool all);

#endif
