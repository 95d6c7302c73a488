/* The addresses at which other machines can reach this one. */
#ifndef ADDRESSES_H
#define ADDRESSES_H

#include <stdbool.h>

enum {
    ADDRESS = 46, /* bytes, INET6_ADDRSTRLEN of POSIX */
    MOST_ADDRESSES = 16
};

/* The one that others would most likely use comes first. */
struct addresses {
    int count;
    char text[MOST_ADDRESSES][ADDRESS];
};

/* Does it stand for every address of this machine? */
bool is_any(const char *address);

/* Finds the addresses at which other machines reach a server that listens
 * at this address. A laptop may join a network at any time, so call it
 * again and again. */
void find_addresses(struct addresses *found, const char *address);

#endif
