/* memory.h: memory that is there, or the program ends. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Memory for `count` things of `size` bytes, with what was in `old`, which
 * may be NULL. realloc(3); if there is none, a line on standard error and
 * exit status 1, after what atexit(3) was told. free(3) what these return. */
void *memory_for(void *old, size_t count, size_t size);

/* A copy of the text. */
char *memory_copy(const char *text);

/* The text that printf(3) would print. */
char *memory_text(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
