#include "keys.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Bytes that are not a key yet; and whether they count as one even if
 * they begin with Escape and the sequence is not complete. */
static unsigned char bytes[256];
static size_t held;
static bool settled;

bool keys_read(int from)
{
    ssize_t n = read(from, bytes + held, sizeof bytes - held);

    if (n > 0) {
        held += (size_t)n;
        settled = false;
    }
    return n > 0 || (n == -1 && (errno == EINTR || errno == EAGAIN))
           || held == sizeof bytes;
}

/* Removes this many bytes from the front. */
static void drop(size_t size)
{
    held -= size;
    memmove(bytes, bytes + size, held);
}

/* The key of a sequence "ESC [ parameters last" or "ESC O last". See
 * XTerm's control sequences, "PC-Style" and "VT220-Style Function Keys". */
static int key_of(const unsigned char *parameters, size_t size,
                  unsigned char last)
{
    static const struct {
        unsigned char last;
        int number, key;
    } known[] = {
        {'A', -1, KEY_UP},     {'B', -1, KEY_DOWN},
        {'C', -1, KEY_RIGHT},  {'D', -1, KEY_LEFT},
        {'H', -1, KEY_HOME},   {'F', -1, KEY_END},
        {'M', -1, '\n'},       {'Z', -1, KEY_BACK_TAB},
        {'~', 1, KEY_HOME},    {'~', 4, KEY_END},
        {'~', 5, KEY_PAGE_UP}, {'~', 6, KEY_PAGE_DOWN},
        {'~', 7, KEY_HOME},    {'~', 8, KEY_END},
        {'~', 15, KEY_F5},
    };
    int number = 0;

    for (size_t i = 0; i < size && parameters[i] >= '0'
                       && parameters[i] <= '9' && number < 100;
         i++)
        number = 10 * number + parameters[i] - '0';
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].last == last
            && (known[i].number == -1 || known[i].number == number))
            return known[i].key;
    return KEY_OTHER;
}

/* The length of the sequence at the front, and its key; 0 while its end
 * has not come. ECMA-48 5.4: parameters, then a byte from @ to ~. */
static size_t sequence(int *key)
{
    size_t end = 2;

    if (held < 2)
        return 0;
    if (bytes[1] != '[' && bytes[1] != 'O') {
        *key = KEY_ESCAPE;
        return 1;
    }
    while (end < held && bytes[end] >= 0x20 && bytes[end] <= 0x3F)
        end++;
    if (end == held)
        return 0;
    *key = key_of(bytes + 2, end - 2, bytes[end]);
    return end + 1;
}

int keys_next(void)
{
    int key = -1;
    size_t size;

    if (held == 0)
        return -1;
    if (bytes[0] == '\033') {
        size = sequence(&key);
        if (size == 0 && (settled || held == sizeof bytes)) {
            key = held == 1 ? KEY_ESCAPE : KEY_OTHER;
            size = held;
        }
        if (size > 0)
            drop(size);
        return key;
    }
    key = bytes[0] == '\r' ? '\n' : bytes[0];
    /* Bytes of a character beyond ASCII: not one of our keys. */
    if (key >= 0x80)
        key = KEY_OTHER;
    drop(1);
    return key;
}

bool keys_undecided(void)
{
    return held > 0 && bytes[0] == '\033' && !settled;
}

void keys_settle(void)
{
    settled = true;
}
