/* terminal.h: the terminal of the plain view: pages and keys. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>

/* What the reader wants to see next. */
enum wish { WISH_MORE, WISH_ALL, WISH_QUIT };

/* Are standard input and output a terminal? */
bool terminal_is_there(void);

/* Keys come one at a time from now on, without being shown; at the end
 * of the process, however it comes, the terminal is as it was. Standard
 * input. */
void terminal_begin(void);
void terminal_end(void); /* may be called by a signal handler */

/* Columns and rows of standard output; 80 and 24 if it is none. */
int terminal_columns(void);
int terminal_rows(void);

/* Shows the words below what was printed, waits for a key, and takes
 * the words away again. */
enum wish terminal_ask(const char *words);

/* Opens the terminal that -s reads its Enter from: /dev/tty. -1 and
 * errno if there is none. */
int terminal_open(void);

/* Waits for a line there; keys pressed before, if `fresh`, do not count.
 * Its first letter; q at the end of input; '\0' if the wait was
 * interrupted: what was asked has to be asked again. */
char terminal_line(int from, bool fresh);

#endif
