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
    KEY_OTHER /* one that we do not know */
};

/* Reads what has come from the descriptor, as much as fits.
 * False when no more will come: the terminal is gone. */
bool keys_read(int from);

/* The next key that has come, or -1. A sequence that begins with Escape
 * may come in parts: it counts only once it is complete. */
int keys_next(void);

/* Is there an Escape whose sequence is not complete? A terminal sends the
 * rest at once. So if it is still missing after KEYS_PAUSE milliseconds,
 * somebody pressed Escape: keys_settle makes it a key. */
enum { KEYS_PAUSE = 50 };
bool keys_undecided(void);
void keys_settle(void);

#endif
