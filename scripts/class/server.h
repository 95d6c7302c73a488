/* The programs of the class: lesson 11, and the crowd. Both are started,
 * read and ended like those of a play (scripts/play/programs.c). */
#ifndef SERVER_H
#define SERVER_H

#include "paint.h"
#include <stdbool.h>

/* Starts the server at the board's address and port; returns once it waits
 * for clients. If the port is taken, tries the next ones, unless `exact`;
 * the board's `port` and `taken` say so. Returns 0; or an exit
 * status, with the reason on standard error; or -1 if the descriptor
 * `stop` became readable first. */
int server_open(struct board *board, char *const command[], bool exact,
                int stop);

/* The descriptor of the server's records, -1 after its end. server_hear
 * reads them, and the crowd's; false once the server has ended. */
int server_descriptor(void);
bool server_hear(void);

/* Asks the server to end with SIGTERM; kills it and the crowd. */
void server_stop(void);
void server_end(void);

/* The server has ended unasked: 0 if with status 0; else says how on
 * standard error and returns the exit status. */
int server_failed(void);

/* Starts a crowd of this many: 0, or -1 with the reason on standard
 * error. crowd_descriptor: to poll, or -1. */
int crowd_open(const struct board *board, const char *program,
               const char *number);
int crowd_descriptor(void);

#endif
