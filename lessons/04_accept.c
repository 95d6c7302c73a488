// # 04 `accept`
//
// The listening socket carries no bytes. `accept` takes the first
// caller out of the queue and returns a second socket, connected to
// that caller alone. The listening socket stays as it was, ready for
// the next caller.
#define TITLE "a new socket for each caller"
#define PARTNER "05_connect"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

// The backlog, as in 03.
enum { BACKLOG = 5 };

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

    // A TCP socket, as in 01.
    int sock = socket(AF_INET, SOCK_STREAM, 0);
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

    // Old connections must not hold the port, as in 02.
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }

    // The socket gets its address, as in 02.
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }

    // From now on the kernel answers callers, as in 03.
    if (listen(sock, BACKLOG) == -1) {
        perror("listen");
        return 1;
    }

    // `accept` blocks until a caller is in the queue. It returns a
    // *connected socket* and writes the caller's address into `peer`.
    // `length` first says how much room there is; `accept` changes it
    // to the size of the address. If we left it unset, the call might
    // fail, or succeed without saying who called.
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    int connected = accept(sock, (struct sockaddr *)&peer, &length);
    if (connected == -1) {
        perror("accept");
        return 1;
    }

    // Both sockets have the same port. When bytes arrive, the kernel
    // can tell from the sender which socket they are for.
    puts("Run ./05_connect once more: it waits in the queue.\n"
         "Type q and Enter to end.");
    while (getchar() == '\n')
        continue;
    return 0;
}
