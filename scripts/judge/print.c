/* print: prints entries of a report, and makes bytes that come from the
 * program printable. */
#include "print.h"
#include "../common/text.h"
#include "judge.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    FEW =
        8, /* `quoted` shows so many more rather than name their number */
    WIDTH = 78,
    INDENT = 12,
    LONGEST = 160 /* bytes of a line from elsewhere */
};

void entry(const char *key, const char *text)
{
    printf("  %-9s ", key);
    int column = INDENT;
    while (*text != '\0') {
        int length = (int)strcspn(text, " \n");
        if (*text == '\n'
            || (column > INDENT && column + length > WIDTH)) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        }
        if (*text == '\n') {
            text++;
            continue;
        }
        printf("%.*s", length, text);
        column += length + 1;
        text += length;
        if (*text == ' ') {
            text++;
            if (column + (int)strcspn(text, " \n") <= WIDTH)
                putchar(' ');
        }
    }
    putchar('\n');
}

void did(const char *format, ...)
{
    char text[2048];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    entry("did", text);
    fflush(stdout);
}

const char *quoted(const void *bytes, size_t size)
{
    static char buffers[8][5 * (SHOWN + FEW) + 40];
    static unsigned turn;
    char *text = buffers[turn++ % 8], *to = text;
    const unsigned char *from = bytes;
    size_t shown = size <= SHOWN + FEW ? size : SHOWN;
    bool hex = false; /* after \xNN, which a hex digit would extend */
    *to++ = '"';
    for (size_t i = 0; i < shown; i++) {
        bool was_hex = hex;
        hex = false;
        if (from[i] == '\n')
            to += sprintf(to, "\\n");
        else if (from[i] == '"' || from[i] == '\\')
            to += sprintf(to, "\\%c", from[i]);
        else if (from[i] >= ' ' && from[i] < 0x7f
                 && !(was_hex && isxdigit(from[i])))
            *to++ = (char)from[i];
        else {
            to += sprintf(to, "\\x%02X", from[i]);
            hex = true;
        }
    }
    *to++ = '"';
    *to = '\0';
    if (size > shown)
        sprintf(to, " and %zu bytes more", size - shown);
    return text;
}

void print_lines(const char *margin, const char *text, size_t size,
                 int most)
{
    for (int i = 0; size > 0 && i < most; i++) {
        const char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) : size;
        size_t shown = length < LONGEST ? length : LONGEST;
        char line[4 * LONGEST + 1];
        text_escape(line, text, shown, "");
        printf("%s%s\n", margin, line);
        length += end != NULL;
        text += length, size -= length;
    }
}
