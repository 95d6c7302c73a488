/* compile.h: makes a program in the room from its source. */
#ifndef COMPILE_H
#define COMPILE_H

#include <stdbool.h>

/* Compiles NN_name.c, which is in the room, to NN_name. Prints what the
 * compiler says. Gives up when `stopped` returns true. */
bool compile(bool (*stopped)(void));

#endif
