/* Keys of a terminal: one number for each, however many bytes it sends.
 *
 * A presenter's clicker sends Page Down and Page Up; some send F5 to
 * begin, and a dot or `b` for a black screen. */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>

/* A key that sends one byte is that byte: 'q', '\n' (Enter), '\t', ' ',
 * 127 (Backspace). The others: */
enum {
    KEY_UP = 256,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_HOME,
    KEY_END,
    KEY_F5,
    KEY_BACK_TAB,
    KEY_ESCAPE,
    KEY_OTHER /* one that we know nothing of */
};

/* Reads what has come from the descriptor, as much as there is room for.
 * False when nothing will come any more: the terminal is gone. */
bool keys_read(int from);

/* The next key that has come, or -1. A sequence that Escape begins may
 * come in parts: it is no key before it is whole. */
int keys_next(void);

/* Is Escape there and nothing behind it? A terminal sends the rest of a
 * sequence at once. So when that is still so after KEYS_PAUSE
 * milliseconds, it was the key itself: keys_settle makes it one. */
enum { KEYS_PAUSE = 50 };
bool keys_undecided(void);
void keys_settle(void);

#endif
