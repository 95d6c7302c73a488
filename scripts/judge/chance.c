/* chance: ports, addresses and words that nobody can predict. */
#include "judge.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A number from 0 to below - 1. getrandom(2). */
unsigned chance(unsigned below)
{
    unsigned number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        number = (unsigned)clock() * 2654435761u;
    return number % below;
}

int own_socket(int type)
{
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (fd == -1)
        could_not("a socket for the judge", strerror(errno));
    return fd;
}

int some_port(void)
{
    for (;;) {
        int port = 20000 + (int)chance(12000);
        if (port >> 8 == (port & 255))
            continue;
        struct sockaddr_in here = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port)};
        int tcp = own_socket(SOCK_STREAM);
        int udp = own_socket(SOCK_DGRAM);
        bool is_free =
            bind(tcp, (struct sockaddr *)&here, sizeof here) == 0
            && bind(udp, (struct sockaddr *)&here, sizeof here) == 0;
        close(tcp);
        close(udp);
        if (is_free)
            return port;
    }
}

/* On Linux all of 127.0.0.0/8 is loopback, ip(7). */
struct in_addr some_address(void)
{
    return (struct in_addr){htonl(INADDR_LOOPBACK + 1 + chance(250))};
}

struct sockaddr_in here_at(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

static const char *const vocabulary[] = {
    "amber",   "anchor",  "apple",    "autumn", "basil",   "beacon",
    "bicycle", "birch",   "bridge",   "candle", "canvas",  "cedar",
    "cherry",  "clock",   "cloud",    "copper", "coral",   "cotton",
    "daisy",   "desert",  "dolphin",  "ember",  "falcon",  "feather",
    "forest",  "garden",  "ginger",   "glass",  "granite", "harbour",
    "hazel",   "honey",   "island",   "ivory",  "jacket",  "kettle",
    "ladder",  "lantern", "lemon",    "lily",   "maple",   "marble",
    "meadow",  "mirror",  "mountain", "needle", "ocean",   "olive",
    "orchard", "otter",   "pebble",   "pepper", "piano",   "river",
    "saddle",  "salt",    "silver",   "spring", "thunder", "violet",
    "walnut",  "willow",  "window",   "winter",
};

char *words(size_t size)
{
    static char *buffers[8];
    static unsigned turn;
    char **text = &buffers[turn++ % 8];
    free(*text);
    *text = malloc(size + 2);
    if (*text == NULL)
        could_not("memory for the judge", strerror(errno));
    size_t length = 0;
    while (length < size) {
        const char *word = vocabulary[chance(
            (unsigned)(sizeof vocabulary / sizeof *vocabulary))];
        size_t more = strlen(word);
        if (more > size - length)
            more = size - length;
        memcpy(*text + length, word, more);
        length += more;
        if (length + 1 < size)
            (*text)[length++] = ' ';
    }
    memset(*text + size, 0, 2);
    return *text;
}

char *line(size_t size)
{
    char *text = words(size - 1);
    text[size - 1] = '\n';
    return text;
}
