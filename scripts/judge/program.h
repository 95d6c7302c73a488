/* program.h: what the judge's parts, but no exercise, ask of programs. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "judge.h"

/* A flag of `start`, for pair.c: standard error goes to the same pipe
 * as standard output, and both come line by line. */
enum { WORDS_TOGETHER = 2 * SHARED_FOLDER };
/* Starts a program of ours: outside the room, but in its network. */
struct program *start_other(char *const argv[], int port, int flags);

#endif
