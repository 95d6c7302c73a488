/* print.h: how a report is printed. `did` and `quoted`, which exercises
 * use too, are in judge.h. */
#ifndef PRINT_H
#define PRINT_H

#include <stddef.h>

enum { SHOWN = 48 }; /* bytes of a text that `quoted` shows */

/* Prints an entry of the report, wrapped at spaces. */
void entry(const char *key, const char *text);
/* Prints each line of a text from elsewhere after `margin`, at most that
 * many, none longer than a terminal's two; what a terminal may not get is
 * escaped. */
void print_lines(const char *margin, const char *text, size_t size,
                 int most);

#endif
