// # Mistake 33: the address of somebody else
//
// For each name that you type, it asks a name server for the address.
// If none comes within a second, it says so, and takes the next name.
//
// Symptom: on a quick network all is well. Now and then the address is
// another name's, or one that the name server has never given.
//
// Provoke: cc 33_wrong_address.c -o 33_wrong_address, start lesson 22's
// server, then it, and type forged.lesson.test. (More in task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

enum { HEADER = 12, ROOM = 512 };

// Writes the question: header, name, type 1 and class 1. Returns its
// size, or 0 if the name is none.
static size_t ask(unsigned char *out, unsigned id, const char *name)
{
    size_t size = HEADER;
    memset(out, 0, HEADER);
    out[0] = (unsigned char)(id >> 8);
    out[1] = (unsigned char)id;
    out[2] = out[5] = 1;
    while (*name != '\0') {
        size_t part = strcspn(name, ".");
        if (part == 0 || part > 63 || size + part > 250)
            return 0;
        out[size++] = (unsigned char)part;
        memcpy(out + size, name, part);
        size += part;
        name += part + (name[part] == '.');
    }
    memcpy(out + size, "\0\0\1\0\1", 5);
    return size + 5;
}

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    struct timeval patience = {.tv_sec = 1};
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1) {
        perror("setsockopt");
        return 1;
    }
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    char name[256], address[INET_ADDRSTRLEN];
    for (unsigned id = 250; fgets(name, sizeof name, stdin); id++) {
        unsigned char out[ROOM], in[ROOM];
        name[strcspn(name, "\n")] = '\0';
        size_t size = ask(out, id, name);
        if (size == 0 || send(sock, out, size, 0) == -1) {
            printf("%s: cannot be asked for\n", name);
            continue;
        }
        ssize_t n = recv(sock, in, sizeof in, 0);

        // One record: twelve bytes, then four of the address.
        if (n != (ssize_t)size + 16) {
            printf("%s: no answer\n", name);
        } else {
            inet_ntop(AF_INET, in + n - 4, address, sizeof address);
            printf("%s: %s\n", name, address);
        }
        fflush(stdout);
    }
    return 0;
}
