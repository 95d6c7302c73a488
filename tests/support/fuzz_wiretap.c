/* fuzz_wiretap: gives lesson 13 frames that no kernel would send, from
 * a random number generator that is given its seed, so that a finding
 * can be reproduced. Each frame is a valid one with some bytes changed
 * or its end cut off. Each fills a buffer of its own, so that the address
 * sanitizer sees a read beyond it.
 *
 *   fuzz_wiretap FRAMES SEED
 *
 * wiretap.c is the lesson without its include of narrate.h, which would
 * take main for itself.
 */
#include <stdint.h>
#define main wiretap_main
#include "wiretap.c"
#undef main

static uint32_t state;

/* xorshift32 (Marsaglia 2003): a state that is not 0 never becomes 0. */
static uint32_t draw(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

/* Writes a valid frame to `b`: IPv4 or IPv6, TCP or UDP, with options
 * or without, 20 bytes of payload. Returns its size. */
static size_t sound(unsigned char *b, bool six, bool is_udp, bool options)
{
    size_t ip = ETHER_HDR_LEN, more = options ? 4 : 0;
    size_t top = ip + (six ? 40 : 20 + more);
    size_t header = is_udp ? 8 : 20 + more, size = top + header + 20;

    memset(b, 'x', size);
    b[12] = six ? 0x86 : 0x08;
    b[13] = six ? 0xDD : 0x00;
    b[ip] = six ? 0x60 : options ? 0x46 : 0x45;
    b[ip + (six ? 4 : 2)] = 0;
    b[ip + (six ? 5 : 3)] =
        (unsigned char)(size - (six ? top : ip));
    if (!six)
        b[ip + 6] = b[ip + 7] = 0;
    b[ip + (six ? 6 : 9)] = is_udp ? IPPROTO_UDP : IPPROTO_TCP;
    b[top + 2] = 8888 >> 8;
    b[top + 3] = 8888 & 0xFF;
    b[top + 4] = 0;
    b[top + 5] = 28;
    if (!is_udp)
        b[top + 12] = options ? 6 << 4 : 5 << 4;
    return size;
}

int main(int argc, char *argv[])
{
    long frames = argc == 3 ? strtol(argv[1], NULL, 10) : 0;

    state = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    if (frames <= 0 || state == 0) {
        fprintf(stderr, "usage: fuzz_wiretap FRAMES SEED\n");
        return 2;
    }
    wanted = 8888;
    for (long i = 0; i < frames; i++) {
        unsigned char b[200];
        size_t size = sound(b, draw(2) != 0, draw(2) != 0,
                            draw(2) != 0);
        unsigned char *copy;

        for (uint32_t changes = draw(6); changes > 0; changes--)
            b[ETHER_HDR_LEN + draw((uint32_t)size - ETHER_HDR_LEN)] =
                (unsigned char)draw(256);
        if (draw(2) != 0)
            size = draw((uint32_t)size + 1);
        copy = malloc(size > 0 ? size : 1);
        if (copy == NULL)
            return 1;
        memcpy(copy, b, size);
        frame(copy, size);
        free(copy);
    }
    return 0;
}
