/* terminal.h: the terminal of the plain view: pages and keys. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>

/* What the reader wants to see next. */
enum wish { WISH_MORE, WISH_ALL, WISH_QUIT };

/* Are standard input and output a terminal? */
bool terminal_is_there(void);

/* From now on standard input delivers each key at once, without echo.
 * terminal_end restores the terminal: exit(3) calls it, and so must
 * signal handlers. */
void terminal_begin(void);
void terminal_end(void); /* async-signal-safe */

/* Columns and rows of standard output; 80 and 24 if unknown. */
int terminal_columns(void);
int terminal_rows(void);

/* Prints the words, waits for a key, and erases the words. */
enum wish terminal_ask(const char *words);

/* Opens the terminal that -s reads its Enter from: /dev/tty. -1 and
 * errno if there is none. */
int terminal_open(void);

/* Waits for a line there and returns its first letter; 'q' at the end of
 * input; '\0' if interrupted by a signal: print the prompt again.
 * `fresh` discards what was typed before. */
char terminal_line(int from, bool fresh);

#endif
