#include "text.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* How many bytes a character of UTF-8 has by its first one; 0: none does.
 * RFC 3629, section 3. */
static size_t length_by(unsigned char first)
{
    return first >= 0xC2 && first < 0xE0   ? 2
           : first >= 0xE0 && first < 0xF0 ? 3
           : first >= 0xF0 && first < 0xF5 ? 4
                                           : 0;
}

static bool is_format(unsigned long c)
{
    return c < 0xA0 || (c >= 0x200B && c < 0x2010)
           || (c >= 0x2028 && c < 0x202F) || (c >= 0x2060 && c < 0x2070)
           || c == 0xFEFF;
}

size_t text_plain(const char *text, size_t size)
{
    static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text;
    if (size > 0 && bytes[0] < 0x80)
        return bytes[0] >= ' ' && bytes[0] < 0x7F;
    size_t length = size > 0 ? length_by(bytes[0]) : 0;
    if (length == 0 || length > size)
        return 0;
    unsigned long c = bytes[0] & (0xFFU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (bytes[i] & 0x3F);
    }
    bool none = c < least[length] || c > 0x10FFFF
                || (c >= 0xD800 && c < 0xE000);
    return none || is_format(c) ? 0 : length;
}

size_t text_escape(char *to, const char *from, size_t size,
                   const char *kept)
{
    char *out = to;
    for (size_t i = 0; i < size;) {
        size_t length = text_plain(from + i, size - i);
        if (length == 0 && from[i] != '\0'
            && strchr(kept, from[i]) != NULL)
            length = 1;
        if (length > 0)
            out = (char *)memcpy(out, from + i, length) + length;
        else
            out += sprintf(out, "\\x%02X", (unsigned char)from[i]);
        i += length > 0 ? length : 1;
    }
    *out = '\0';
    return (size_t)(out - to);
}
