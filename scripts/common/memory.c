#include "memory.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *memory_for(void *old, size_t count, size_t size)
{
    void *memory =
        count > SIZE_MAX / size ? NULL : realloc(old, count * size);
    if (memory == NULL) {
        fputs("there is no memory left\n", stderr);
        exit(1);
    }
    return memory;
}

char *memory_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_for(NULL, size, 1), text, size);
}

char *memory_text(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int size = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *text = memory_for(NULL, (size_t)size + 1, 1);
    va_start(list, format);
    vsnprintf(text, (size_t)size + 1, format, list);
    va_end(list);
    return text;
}
