// # 03 `listen`
//
// Until now the kernel has refused every caller. `listen` makes it
// answer each of them: in the *handshake* (three short messages) the
// two kernels agree on a connection, and ours puts it into a queue. Our
// program takes no part in this.
#define TITLE "the port starts to answer"
#define PARTNER "05_connect"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

// How many connections may wait in the queue. Many courses teach 5;
// lesson 11 shows what that does to a whole class.
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

    // `listen` makes this a *listening socket*: it takes callers but
    // carries no bytes. The call returns at once; from now on the
    // kernel answers every caller. The *backlog* limits how many
    // connections may wait to be accepted, not how many clients can be
    // served.
    if (listen(sock, BACKLOG) == -1) {
        perror("listen");
        return 1;
    }

    // The program keeps running until you type q. None of our calls
    // takes callers out of the queue: lesson 04 does that.
    puts("Run ./05_connect in other terminals: the queue fills.\n"
         "Type q and Enter to end.");
    while (getchar() == '\n')
        continue;
    return 0;
}
