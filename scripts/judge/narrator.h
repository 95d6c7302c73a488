/* narrator.h: a program's calls, narrated. */
#ifndef NARRATOR_H
#define NARRATOR_H

#include <stddef.h>

/* Prints lines of the narrator. */
void print_told(const char *text, size_t size);
/* Prints the end of the suspect's narration, or hands on what was told
 * of all programs if only faults are wanted. */
void print_telling(void);

#endif
