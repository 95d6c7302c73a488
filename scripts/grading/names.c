/* names: students choose the names of their files, so we make these
 * harmless before they reach a terminal, a file's name or a table. */
#include "grading.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void *need(void *memory)
{
    if (memory == NULL)
        stop_with(1, "there is no memory left");
    return memory;
}

static char *texted_list(const char *format, va_list list)
{
    va_list again;
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = need(malloc((size_t)length + 1));
    vsnprintf(text, (size_t)length + 1, format, list);
    return text;
}

char *texted(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *text = texted_list(format, list);
    va_end(list);
    return text;
}

void stop_with(int status, const char *format, ...)
{
    va_list list;
    fputs("grade: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    exit(status);
}

/* The length in bytes of the character at `text` if a screen may show
 * it; else 0. UTF-8 as in RFC 3629, but no control characters, none
 * that are invisible, and none that reverse the direction of a line. */
static int printable(const char *text)
{
    const unsigned char *t = (const unsigned char *)text;
    unsigned long code;
    int length = t[0] < 0x80                   ? 1
                 : t[0] >= 0xC2 && t[0] < 0xE0 ? 2
                 : (t[0] & 0xF0) == 0xE0       ? 3
                 : t[0] >= 0xF0 && t[0] < 0xF5 ? 4
                                               : 0;
    if (length < 2)
        return length == 1 && t[0] >= ' ' && t[0] < 0x7F;
    code = t[0] & (0xFFu >> (length + 1));
    for (int i = 1; i < length; i++) {
        if ((t[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (t[i] & 0x3Fu);
    }
    static const struct {
        unsigned long from, to;
    } not_shown[] = {{0, 0x9F},        {0xAD, 0xAD},
                     {0x61C, 0x61C},   {0x200B, 0x200F},
                     {0x2028, 0x202E}, {0x2060, 0x206F},
                     {0xD800, 0xF8FF}, {0xFEFF, 0xFEFF},
                     {0xFFF0, 0xFFFB}, {0xE0000, 0x10FFFF}};
    static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[length])
        return 0;
    for (size_t i = 0; i < sizeof not_shown / sizeof *not_shown; i++)
        if (code >= not_shown[i].from && code <= not_shown[i].to)
            return 0;
    return length;
}

char *shown(const char *name)
{
    char *text = need(malloc(4 * strlen(name) + 1)), *to = text;
    while (*name != '\0') {
        int length = printable(name);
        if (length == 0) {
            to += sprintf(to, "\\x%02X", (unsigned char)*name++);
        } else if (*name == '\\') {
            to += sprintf(to, "\\\\");
            name++;
        } else {
            memcpy(to, name, (size_t)length);
            to += length;
            name += length;
        }
    }
    *to = '\0';
    return text;
}

/* FNV-1a, 64 bits: only to tell long names apart. */
static uint64_t sum_of(const char *text)
{
    uint64_t sum = 14695981039346656037u;
    while (*text != '\0')
        sum = (sum ^ (unsigned char)*text++) * 1099511628211u;
    return sum;
}

char *file_name(const char *name)
{
    enum { MOST = 200, KEPT = 160 };
    char *text = need(calloc(3 * strlen(name) + 20, 1)), *to = text;
    const char *from = name;
    while (*from != '\0') {
        int length = printable(from);
        bool first = from == name;
        if (length == 0 || strchr("%/\\\"*:<>?|", *from) != NULL
            || (first && strchr(".-~=+@ ", *from) != NULL))
            length = 0;
        if (length == 0) {
            to += sprintf(to, "%%%02X", (unsigned char)*from++);
        } else {
            memcpy(to, from, (size_t)length);
            to += length;
            from += length;
        }
    }
    *to = '\0';
    if (to - text > MOST) {
        size_t kept = KEPT;
        while (((unsigned char)text[kept] & 0xC0) == 0x80)
            kept--;
        sprintf(text + kept, "%%%016llX",
                (unsigned long long)sum_of(name));
    }
    return text;
}

void write_cell(FILE *to, const char *text)
{
    /* A spreadsheet calculates a cell that begins with one of the signs
     * below, quoted or not; some accept the full-width forms too. */
    static const char *const wide[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B",
                                       "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
    const char *first = text + strspn(text, " \t\r\n");
    bool calculates =
        *first != '\0' && strchr("=+-@|%", *first) != NULL;
    for (int i = 0; i < 4; i++)
        calculates |= strncmp(first, wide[i], 3) == 0;
    calculates |= first != text && *text != ' ';
    fputc('"', to);
    if (calculates)
        fputc('\'', to);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', to);
        fputc(*text, to);
    }
    fputc('"', to);
}
