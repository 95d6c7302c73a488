/* The programs of the class: lesson 11, and the crowd. Both are started,
 * heard and ended as those of a play are (scripts/play/programs.c). */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>

/* Starts the server, at board.address and board.port, up to where it
 * waits for the class. If the port is taken, the next ones are tried,
 * unless `exact`: board.port and board.taken say so. 0; else what to
 * exit with: why is on standard error; -1 if `stop`, a descriptor, has
 * had something to read before. */
int server_open(char *const command[], bool exact, int stop);

/* The descriptor from which it is heard, -1 after its end. Hears it, and
 * the crowd; false once it has ended. */
int server_descriptor(void);
bool server_hear(void);

/* Asks it to end; ends it for good, with what else was started. */
void server_stop(void);
void server_end(void);

/* How it has ended, when nobody had asked it to: 0, or what to exit with
 * when that was said. */
int server_failed(void);

/* Starts a crowd of so many: 0, or -1, why is on standard error; and its
 * descriptor. */
int crowd_open(const char *program, const char *number);
int crowd_descriptor(void);

#endif
