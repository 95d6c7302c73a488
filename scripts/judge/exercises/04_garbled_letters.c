/* Texts in several scripts, in one piece and in two, cut in the middle
 * of a letter: the answer must be the number of letters. */
#include "../judge.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char *const spoken[] = {
    "house ",
    "na\u00efve ",
    "caf\u00e9 ",
    "Stra\u00dfe ",
    "Gr\u00fc\u00dfe ",
    "\u20ac ",
    "\u65e5\u672c\u8a9e ",
    "\u4f60\u597d ",
    "\u043c\u0438\u0440 ",
    "\u0434\u043e\u043c ",
    "\u03ba\u03cc\u03c3\u03bc\u03b5 ",
    "\u03bd\u03b5\u03c1\u03cc ",
    "\u05e9\u05dc\u05d5\u05dd ",
    "\U0001F427 ",
    "\U0001F642\U0001F43F ",
    "tea ",
};
enum { SPOKEN = sizeof spoken / sizeof *spoken };

enum { MOST = 4096 }; /* bytes of a text */

static bool inside(char c) /* of a letter: not its first byte */
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Sends a text; its first `head` bytes alone, if they are not all of
 * it. The answer must be that number. */
static void counted(int port, const char *text, size_t head,
                    long number)
{
    char answer[32], what[200];
    size_t size = strlen(text);
    int fd = call(port, NULL, NULL);
    say(fd, text, head);
    if (head < size)
        read_by_peer(fd, 300);
    say(fd, text + head, size - head);
    shutdown(fd, SHUT_WR);
    int shown = size < 40 ? (int)size : 40; /* whole letters of it */
    while (inside(text[shown]))
        shown++;
    const char *more = text[shown] == '\0' ? "" : " ...";
    if (number == -1)
        did("sent %s, which is not UTF-8", quoted(text, size));
    else if (head < size)
        did("sent %zu bytes, and when they were received %zu more: "
            "%.*s%s",
            head, size - head, shown, text, more);
    else
        did("sent %zu bytes: %.*s%s", size, shown, text, more);
    snprintf(answer, sizeof answer, "%ld\n", number);
    snprintf(what, sizeof what, "the answer to this text of %zu bytes",
             size);
    hears(fd, answer, what);
    hears_end(fd);
}

/* A text of letters of that many bytes each (0: all kinds), after
 * `ahead` letters of one byte; in two pieces if `split`. */
static void text_of(int port, size_t bytes, size_t ahead, bool split)
{
    static const char *const letters[] = {
        "", "tea", "\u03ba\u03cc\u03c3\u03bc\u03b5",
        "\u65e5\u672c\u8a9e", "\U0001F427\U0001F642"};
    char text[2048] = "";
    size_t least = 200 + chance(200), head;
    memset(text, 'a', ahead);
    while (strlen(text) < least)
        strcat(text, bytes ? letters[bytes] : spoken[chance(SPOKEN)]);
    long count = 0;
    for (const char *c = text; *c != '\0'; c++)
        count += !inside(*c);
    head = strlen(text);
    if (split)
        for (head = 17 + chance(60); text[head] != '\0'; head++)
            if (inside(text[head]))
                break;
    counted(port, text, head, count);
}

static void judge(void)
{
    int port = some_port();
    serve(port);
    for (size_t bytes = 1; bytes <= 4; bytes++) {
        text_of(port, bytes, 0, false);
        text_of(port, bytes, 1 + chance(3), false);
        text_of(port, bytes, chance(4), bytes > 1);
    }
    for (int i = 0; i < 4; i++)
        text_of(port, 0, chance(4), i % 2 == 1);
    char longest[MOST + 1] = "";
    while (strlen(longest) < MOST)
        strcat(longest, "\u03c9\u03ba");
    counted(port, longest, MOST, MOST / 2);
    counted(port, "This is no letter: \xC3(", 21, -1);
    counted(port, "and this one has no end: \xE2\x82", 27, -1);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "recv knows nothing of letters: a piece may end in the "
           "middle of one, so decode only what is complete.",
    .read = "ch-sendrecv",
};
