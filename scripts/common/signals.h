/* signals.h: signals as events, and as a new program should find them. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stddef.h>

/* From now on each of these signals writes its number, a byte, into a
 * pipe. Returns the end to poll and to read, which blocks nobody; -1 and
 * errno if there is no pipe. */
int signals_pipe(const int *numbers, size_t count);

/* Writes the signal's name, "SIGKILL", or "signal 40". Returns the text. */
const char *signals_name(int number, char text[16]);

/* Sets every signal to what it does by default, and blocks none: between
 * fork and exec, which would keep what is ignored or blocked. signal(7) */
void signals_default(void);
/* Blocks none. */
void signals_unblock(void);

#endif
