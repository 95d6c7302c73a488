// # 22 DNS by hand, the answer
//
// A name server that knows three names. It answers whoever asks, in the
// protocol of DNS: our own program in this lesson, and also `dig`, or
// the resolver of any system.
#define TITLE "a name server that knows three names"
#define PARTNER "22_dns_question"
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
#include <sys/types.h>

// What we know. Names that end in "test" belong to nobody (RFC 6761).
// Each name also has an alias: with "www." in front.
static const struct {
    const char *name, *address;
} known[] = {
    {"localhost", "127.0.0.1"},
    {"lesson.test", "192.0.2.22"},
    {"forged.lesson.test", "192.0.2.23"},
};
enum { KNOWN = sizeof known / sizeof known[0] };

// A message begins with a header of 12 bytes; a name has at most 255; a
// message over UDP, at most 512. Two types of record: an address, and
// another name. How many seconds an answer may be kept.
enum { HEADER = 12, NAME = 256, ROOM = 512 };
enum { ADDRESS = 1, ALIAS = 5, KEEP = 60 };

// Numbers of two bytes, the high byte first, as `htons` has it.
static unsigned get(const unsigned char *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}
static void put(unsigned char *bytes, unsigned number)
{
    bytes[0] = (unsigned char)(number >> 8);
    bytes[1] = (unsigned char)number;
}

// Writes a record: whose it is, its type, its class (1: the Internet),
// how long it may be kept, how long its data is. The data follow, and
// that is left to the caller. Instead of a name stands a *pointer*:
// two bytes, the first two bits 1, the rest saying where in the message
// the name is. Returns the size.
static size_t put_record(unsigned char *there, size_t name,
                         unsigned type, unsigned size)
{
    put(there, 0xC000U | (unsigned)name);
    put(there + 2, type);
    put(there + 4, 1);
    put(there + 6, 0);
    put(there + 8, KEEP);
    put(there + 10, size);
    return 12;
}

// ## One answer
//
// Turns the question in `message` into its answer. Returns the size of
// that, or 0 if it is no question.
static size_t answer(unsigned char message[ROOM], size_t size)
{
    // *A classic mistake*: to answer an answer. Two servers that do so
    // go on for ever. The first bit of the flags tells them apart.
    if (size < HEADER || (message[2] & 0x80) != 0
        || get(message + 4) != 1)
        return 0;

    // The name: part by part, each with its length in front. 0 ends
    // it. Large and small letters are the same. Nothing here is to be
    // trusted: neither a length, nor that there is an end.
    char name[NAME];
    size_t at = HEADER, length = 0;
    while (at < size && message[at] != 0) {
        size_t part = message[at++];
        if (part > 63 || part > size - at || length + part + 1 >= NAME)
            return 0;
        for (size_t i = 0; i < part; i++)
            name[length++] = (char)tolower(message[at++]);
        name[length++] = '.';
    }
    name[length > 0 ? length - 1 : 0] = '\0';

    // After the name come the type and the class that are wanted. What
    // follows is for larger servers.
    if (size - at < 5)
        return 0;
    unsigned type = get(message + at + 1);
    at += 5;

    bool alias = strncmp(name, "www.", 4) == 0;
    const char *real = alias ? name + 4 : name, *address = NULL;
    for (size_t i = 0; i < KNOWN; i++)
        if (strcmp(real, known[i].name) == 0)
            address = known[i].address;
    fprintf(stderr, "Asked for type %u: %s\n", type,
            address != NULL ? real : "not one of our names");

    // The id and the question stay as they are. The flags say: this is
    // an answer; 3 means that there is no such name.
    unsigned records = 0;
    put(message + 2, 0x8480U | (message[2] & 1U) << 8
        | (address == NULL ? 3U : 0U));

    // "www" takes four bytes, so the real name begins after these: the
    // pointer saves us from writing it again.
    size_t whose = HEADER + (alias ? 4 : 0);
    if (address != NULL && alias) {
        at += put_record(message + at, HEADER, ALIAS, 2);
        put(message + at, 0xC000U | (unsigned)whose);
        at += 2;
        records++;
    }
    if (address != NULL && type == ADDRESS) {
        at += put_record(message + at, whose, ADDRESS, 4);
        inet_pton(AF_INET, address, message + at);
        at += 4;
        records++;
    }
    put(message + 6, records);
    put(message + 8, 0);
    put(message + 10, 0);
    return at;
}

int main(int argc, char *argv[])
{
    // The address and the port, from the command line, as in 02.
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    char *end = "";
    long port = argc > 2 ? strtol(argv[2], &end, 10) : 8888;
    if (*end != '\0' || port < 0 || port > 65535) {
        fprintf(stderr, "%s is not a port: 0 to 65535\n", argv[2]);
        return 2;
    }

    // A UDP socket, as in 08.
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // The address as a struct, in network byte order, as in 02.
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &here.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // The socket gets its address, as in 08.
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }

    for (;;) {
        // A datagram, and who sent it, as in 18. One question is one
        // datagram, so many can ask at once: there is no connection
        // that one of them could hold.
        unsigned char message[ROOM];
        struct sockaddr_in peer = {0};
        socklen_t length = sizeof peer;
        ssize_t n = recvfrom(sock, message, sizeof message, 0,
                             (struct sockaddr *)&peer, &length);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            perror("recvfrom");
            return 1;
        }
        size_t size = answer(message, (size_t)n);
        if (size == 0) {
            fputs("Not a question: dropped\n", stderr);
            continue;
        }

        // For one name we play an intruder, who answers first. He has
        // to guess the id, and guesses wrong.
        if (memcmp(message + HEADER, "\6forged", 7) == 0) {
            unsigned char forged[ROOM];
            memcpy(forged, message, size);
            forged[1] ^= 1;
            forged[size - 1] = 66;
            if (sendto(sock, forged, size, 0, (struct sockaddr *)&peer,
                       sizeof peer) == -1)
                perror("sendto");
        }

        // The answer. If it cannot be sent, only this one is lost.
        if (sendto(sock, message, size, 0, (struct sockaddr *)&peer,
                   sizeof peer) == -1)
            perror("sendto");
    }
}
