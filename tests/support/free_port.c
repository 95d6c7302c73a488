/* Prints a port that is free for TCP and UDP and that no other test
 * gets, even in another run at the same time: all count on from one
 * number, in FILE. The port is below the range from which the kernel
 * chooses. The three ports after it are given to nobody: the classroom's
 * server takes the next one if its own is taken.
 *
 *   free_port FILE
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LEAST = 10000, MOST = 32000, STEP = 4 };

/* Whether such a socket can be bound there. Without SO_REUSEADDR a
 * connection in TIME-WAIT keeps its port, too. */
static bool is_free(int family, int type, long port)
{
    struct sockaddr_storage address = {0};
    socklen_t size = family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                        : sizeof(struct sockaddr_in);
    uint16_t number = htons((uint16_t)port);
    int sock = socket(family, type, 0);
    bool bound;

    if (sock == -1)
        return true; /* the system is without IPv6 */
    address.ss_family = (sa_family_t)family;
    /* Both kinds of address have the port at the same place. */
    memcpy((char *)&address + offsetof(struct sockaddr_in, sin_port),
           &number, sizeof number);
    bound = bind(sock, (struct sockaddr *)&address, size) == 0;
    close(sock);
    return bound;
}

int main(int argc, char *argv[])
{
    char text[16] = "";
    long port;
    int length;
    int file = argc == 2 ? open(argv[1], O_RDWR | O_CREAT, 0600) : -1;

    if (file == -1 || flock(file, LOCK_EX) == -1
        || read(file, text, sizeof text - 1) == -1) {
        perror("free_port");
        return 1;
    }
    port = strtol(text, NULL, 10);
    do
        port = port < LEAST || port >= MOST ? LEAST : port + STEP;
    while (!is_free(AF_INET, SOCK_STREAM, port)
           || !is_free(AF_INET6, SOCK_STREAM, port)
           || !is_free(AF_INET, SOCK_DGRAM, port)
           || !is_free(AF_INET6, SOCK_DGRAM, port));
    length = snprintf(text, sizeof text, "%ld\n", port);
    if (pwrite(file, text, (size_t)length, 0) != length
        || ftruncate(file, length) == -1) {
        perror("free_port");
        return 1;
    }
    fputs(text, stdout);
    return 0;
}
