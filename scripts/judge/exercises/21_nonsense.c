/* Readings are typed: of each the server must get exactly the seven
 * bytes of the protocol. */
#include "../judge.h"
#include <stdio.h>
#include <string.h>

/* Bytes as od(1) shows them. */
static const char *in_hex(const unsigned char *bytes, size_t size)
{
    static char texts[2][128];
    static int turn;
    char *text = texts[turn++ % 2];
    text[0] = '\0';
    for (size_t i = 0; i < size && i < 24; i++)
        sprintf(text + 3 * i, "%02x ", bytes[i]);
    return text;
}

static void sent(unsigned kind, unsigned value, unsigned station)
{
    int fd;
    char text[64], expected[128];
    unsigned char heard[64];
    const unsigned char bytes[7] = {
        (unsigned char)kind,          (unsigned char)(value >> 24),
        (unsigned char)(value >> 16), (unsigned char)(value >> 8),
        (unsigned char)value,         (unsigned char)(station >> 8),
        (unsigned char)station};
    struct program *p = client(&fd, 0);
    snprintf(text, sizeof text, "%u %u %u\n", kind, value, station);
    feed(p, text);
    end_input(p);
    did("typed %s", quoted(text, strlen(text)));
    size_t got;
    enum how how = hear(fd, (char *)heard, sizeof heard, &got, false);
    snprintf(expected, sizeof expected,
             "7 bytes, %sand the end of the stream", in_hex(bytes, 7));
    must(got == 7 && memcmp(heard, bytes, 7) == 0 && how == HEARD_END,
         expected, "%zu bytes, %sand %s", got, in_hex(heard, got),
         ending(how));
    must_end(p, 0, "the client to end with exit status 0");
    hang_up(fd, false);
}

static void judge(void)
{
    sent(1, 258, 3);
    sent(chance(256), 0x01020304 + chance(9) * 0x10101, 0x0506);
    sent(chance(256), (1 + chance(255)) << 24 | chance(1 << 24),
         256 + chance(65000));
}

const struct exercise exercise = {
    .judge = judge,
    .why = "A struct in memory has gaps and this machine's byte order: "
           "what travels are bytes, so write each field where and how "
           "the protocol says.",
    .read = "ch-bind",
};
