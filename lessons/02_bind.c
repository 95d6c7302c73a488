// # 02 `bind`
//
// Callers must be able to find a server, so its socket needs an address
// that they know. `bind` gives it one: an IPv4 address of this host,
// and a port, which tells programs on one host apart. Only our own
// kernel learns of it, and still refuses every caller.
#define TITLE "the socket gets an address"
#define PARTNER "05_connect"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char *argv[])
{
    // 127.0.0.1 always means this host itself. The command line can
    // give another address and port. `strtol` turns text into a number
    // and points `end` at the rest of the text, which must be empty. A
    // port has 16 bits. Wrong arguments end the program with status 2.
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    char *end = "";
    long port = argc > 2 ? strtol(argv[2], &end, 10) : 8888;
    if (*end != '\0' || port < 0 || port > 65535) {
        fprintf(stderr, "%s is not a port: 0 to 65535\n", argv[2]);
        return 2;
    }

    // A TCP socket, as in 01.
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // The address goes into a struct that the kernel can read. On the
    // network the high byte of a number comes first; most machines
    // store the low byte first. `htons` (host to network, short) swaps
    // the port's two bytes if necessary. `inet_pton` (presentation to
    // network) turns the text of an address into its four bytes, and
    // returns 1 if the text is an address.
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &here.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // With this option, `bind` succeeds even while the kernel still
    // remembers old connections of a server that ran here before.
    // Lesson 07 explains these. All our TCP servers set the option; on
    // Windows it means something else.
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }

    // `bind` gives the address to the socket. It takes addresses of any
    // family, so it wants a pointer to the general `struct sockaddr`,
    // and the size of the actual struct. With port 0, the kernel
    // chooses a free port.
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }

    // The program keeps running until you type q, as in 01.
    puts("Run ./05_connect in another terminal: does it connect?\n"
         "Type q and Enter to end.");
    while (getchar() == '\n')
        continue;
    return 0;
}
