/* text.h: text from others made fit for a terminal, which obeys some
 * bytes that it gets. */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

/* The length in bytes of the character that begins here, if a terminal may
 * get it: of ASCII a printable one; else a whole character of UTF-8 that
 * neither controls (ECMA-48's C1) nor changes the order or place of others
 * (Unicode's General_Category Cf in U+2000 to U+206F, and U+FEFF). 0: it
 * may not. */
size_t text_plain(const char *text, size_t size);

/* Copies `size` bytes; each that no terminal may get, unless it is one of
 * `kept`, becomes \xNN. The copy ends with '\0' and takes up to
 * 4 * size + 1 bytes. Returns its length. */
size_t text_escape(char *to, const char *from, size_t size,
                   const char *kept);

#endif
