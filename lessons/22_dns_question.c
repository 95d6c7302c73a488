// # 22 DNS by hand, the question
//
// `getaddrinfo` (12) asks a name server, and does not say what it
// sends. Here you see it: twelve bytes, a name and two numbers, in one
// datagram. The answer may bring aliases, lies, and names that point
// into the middle of other names.
#define TITLE "asks a name server, byte by byte"
#define PARTNER "22_dns_answer"
#define ADDRESSES HOST_NAME
#include "narrate.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

// How long we wait for an answer, in seconds, how often we ask, and how
// many datagrams we look at for one answer, as in 18; and what is in a
// message, as in the server.
enum { PATIENCE = 1, TRIES = 3, READS = 8 };
enum { HEADER = 12, NAME = 256, ROOM = 512 };
enum { ADDRESS = 1, ALIAS = 5 };

// Numbers of two bytes, as in the server.
static unsigned get(const unsigned char *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}
static void put(unsigned char *bytes, unsigned number)
{
    bytes[0] = (unsigned char)(number >> 8);
    bytes[1] = (unsigned char)number;
}

// Prints a name, its bytes printable as in 06.
static void print(const char *name)
{
    for (; *name != '\0'; name++) {
        unsigned char byte = (unsigned char)*name;
        printf(isprint(byte) && byte != '\\' ? "%c" : "\\x%02X", byte);
    }
}

// ## Names
//
// Writes a name as DNS does. There are no dots: before each part stands
// its length, and after the last one 0. Returns the size, or 0 if the
// name is none.
static size_t put_name(unsigned char there[NAME], const char *name)
{
    size_t size = 0;
    while (*name != '\0') {
        size_t part = strcspn(name, ".");
        if (part == 0 || part > 63 || size + part + 2 >= NAME)
            return 0;
        there[size++] = (unsigned char)part;
        memcpy(there + size, name, part);
        size += part;
        name += part;
        if (*name == '.')
            name++;
    }
    there[size++] = 0;
    return size;
}

// Reads the name that begins at `at`. It may go on elsewhere: a pointer
// says where. *A classic mistake*: to follow every pointer. One that
// leads to itself takes you round for ever. Ours must lead further back
// each time, so there is an end. Returns where the next field begins,
// or 0 if this is no name.
static size_t get_name(const unsigned char *message, size_t size,
                       size_t at, char name[NAME])
{
    size_t next = 0, begin = at, length = 0;
    while (at < size && message[at] != 0) {
        size_t part = message[at++];
        if (part >= 0xC0) {
            if (at == size)
                return 0;
            size_t to = (part & 0x3F) << 8 | message[at++];
            if (next == 0)
                next = at;
            if (to >= begin)
                return 0;
            begin = at = to;
            continue;
        }
        if (part > 63 || part > size - at || length + part + 1 >= NAME)
            return 0;
        memcpy(name + length, message + at, part);
        length += part;
        name[length++] = '.';
        at += part;
    }
    if (at >= size)
        return 0;
    name[length > 0 ? length - 1 : 0] = '\0';
    return next != 0 ? next : at + 1;
}

// ## The answer
//
// Waits for the answer to this question. Returns its size, or 0 if none
// came in time.
static size_t hear(int sock, const unsigned char *question, size_t size,
                   unsigned char in[ROOM])
{
    for (int i = 0; i < READS; i++) {
        ssize_t n = recv(sock, in, ROOM, 0);
        if (n == -1 && errno == EINTR)
            continue;

        // `EAGAIN` and `ECONNREFUSED`, as in 18.
        if (n == -1) {
            int error = errno;
            perror("recv");
            if (error == ECONNREFUSED)
                sleep(PATIENCE);
            return 0;
        }

        // *A classic mistake*: to take any datagram for the answer. It
        // may be an old one, or a lie: whoever answers first with the
        // right id and the right question is believed.
        if ((size_t)n < size || (in[2] & 0x80) == 0
            || get(in) != get(question)
            || memcmp(in + HEADER, question + HEADER, size - HEADER)
                != 0) {
            puts("Not the answer to our question: dropped");
            continue;
        }
        return (size_t)n;
    }
    return 0;
}

// Prints the records of an answer, which begin at `at`. Returns how
// many addresses there were, or -1 if the message is broken.
static int read_records(const unsigned char *in, size_t size, size_t at)
{
    int addresses = 0;
    char name[NAME], other[NAME], text[INET_ADDRSTRLEN];
    for (unsigned left = get(in + 6); left > 0; left--) {
        // Whose record, which type, and how many bytes of data. The
        // six bytes between them say the class, and for how many
        // seconds we may keep it. We keep nothing.
        at = get_name(in, size, at, name);
        if (at == 0 || size - at < 10)
            return -1;
        unsigned type = get(in + at), data = get(in + at + 8);
        at += 10;
        if (data > size - at)
            return -1;
        if (type == ADDRESS && data == 4) {
            inet_ntop(AF_INET, in + at, text, sizeof text);
            print(name);
            printf(" has the address %s\n", text);
            addresses++;
        } else if (type == ALIAS) {
            if (get_name(in, size, at, other) == 0)
                return -1;
            print(name);
            printf(" is another name for ");
            print(other);
            putchar('\n');
        }
        at += data;
    }
    return addresses;
}

// Who do we ask? At port 53, the server that this host asks, too: the
// first in /etc/resolv.conf. At another port, our own, on this host.
static bool find_server(long port, struct sockaddr_in *peer)
{
    peer->sin_family = AF_INET;
    peer->sin_port = htons((uint16_t)port);
    if (port != 53)
        return inet_pton(AF_INET, "127.0.0.1", &peer->sin_addr) == 1;
    char line[256], server[64];
    bool found = false;
    FILE *file = fopen("/etc/resolv.conf", "r");
    while (file != NULL && !found
           && fgets(line, sizeof line, file) != NULL)
        found = sscanf(line, "nameserver %63s", server) == 1
            && inet_pton(AF_INET, server, &peer->sin_addr) == 1;
    if (file != NULL)
        fclose(file);
    return found;
}

int main(int argc, char *argv[])
{
    // A name takes the place of the address, as in 12.
    const char *name = argc > 1 ? argv[1] : "localhost";
    char *end = "";
    long port = argc > 2 ? strtol(argv[2], &end, 10) : 8888;
    if (*end != '\0' || port < 0 || port > 65535) {
        fprintf(stderr, "%s is not a port: 0 to 65535\n", argv[2]);
        return 2;
    }

    // A question: the header says that there is one, and asks the
    // server to ask others if need be (0x0100); then comes the name,
    // the type that we want, and the class.
    unsigned char out[HEADER + NAME + 4] = {0};
    put(out + 2, 0x0100);
    put(out + 4, 1);
    size_t size = put_name(out + HEADER, name);
    if (size == 0) {
        fprintf(stderr, "%s is not a name for DNS\n", name);
        return 2;
    }
    size += HEADER;
    put(out + size, ADDRESS);
    put(out + size + 2, 1);
    size += 4;

    struct sockaddr_in peer = {0};
    if (!find_server(port, &peer)) {
        fputs("/etc/resolv.conf names no server with IPv4\n", stderr);
        return 1;
    }

    // A UDP socket with a time limit and a peer, as in 18.
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    struct timeval patience = {.tv_sec = PATIENCE};
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1) {
        perror("setsockopt");
        return 1;
    }
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    // Each try has an id of its own, and the answer repeats it. Ours
    // are 1, 2 and 3, so that each run is the same. A real resolver
    // takes a random one: an intruder could guess the next (RFC 5452).
    unsigned char in[ROOM];
    size_t got = 0;
    for (unsigned try = 1; try <= TRIES && got == 0; try++) {
        put(out, try);
        if (send(sock, out, size, 0) == -1)
            perror("send");
        got = hear(sock, out, size, in);
    }
    if (got == 0) {
        printf("No answer to %d tries\n", TRIES);
        return 1;
    }

    // The last four bits of the flags say how it went. Another bit says
    // that the answer did not fit into a datagram: over TCP it would.
    unsigned flags = get(in + 2);
    if ((flags & 0x0200) != 0)
        puts("This is only a part of the answer");
    if ((flags & 15) != 0) {
        printf((flags & 15) == 3 ? "There is no such name\n"
               : "The server cannot tell: error %u\n", flags & 15);
        return 1;
    }
    int addresses = read_records(in, got, size);
    if (addresses <= 0) {
        puts(addresses == 0 ? "No address" : "A broken answer");
        return 1;
    }
    return 0;
}
