// # 17 How conversations end, the server
//
// Four clients connect, one after another, and each ends its
// conversation in its own way. The server reads until the end, then
// sends twice: does it notice that no program is reading any more?
#define TITLE "what the other side sees of four endings"
#define PARTNER "17_endings_client"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

// The backlog, as in 03; how many clients we serve; the time limit in
// seconds, as in 09; and room for what a client says.
enum { BACKLOG = 5, CLIENTS = 4, PATIENCE = 5, ROOM = 64 };

// Sends a line and prints whether this succeeded. The kernel has room
// for such a short line, so it takes all of it.
static void say(int connected, const char *words)
{
    if (send(connected, words, strlen(words), MSG_NOSIGNAL) == -1)
        perror("send");
    else
        printf("Sent: %s", words);
}

// ## One conversation
//
// If a call fails, we say so and go on: that is what we want to see.
static void converse(int connected)
{
    // A time limit, as in 09. A client whose host loses power, or its
    // network, sends neither FIN nor RST. Then `recv` would block for
    // ever: only a limit of our own gets us out.
    struct timeval patience = {.tv_sec = PATIENCE};
    if (setsockopt(connected, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1)
        perror("setsockopt");

    say(connected, "Hello!\n");

    // We read until the end, whichever it is. 0 means a FIN: an orderly
    // end. `ECONNRESET` means an RST: the connection is gone, perhaps
    // with bytes that were on their way. `EAGAIN` means that the time
    // limit has expired.
    char bytes[ROOM];
    ssize_t n;
    do {
        n = recv(connected, bytes, sizeof bytes, 0);
        if (n > 0)
            printf("%zd bytes came\n", n);
    } while (n > 0);
    if (n == -1)
        perror("recv");
    else
        puts("The client has ended its side");

    // A FIN does not say whether the client is still reading. If it has
    // called `close`, the first `send` still succeeds: our kernel takes
    // the bytes. The client's kernel answers with an RST. Once this has
    // arrived, `send` fails with `EPIPE`. The pause gives it time.
    say(connected, "Are you there?\n");
    sleep(1);
    say(connected, "Are you still there?\n");
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

    // One client after another, as in 09. A failed `accept` ends the
    // program: this server need not keep running.
    for (int i = 0; i < CLIENTS; i++) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        int connected = accept(sock, (struct sockaddr *)&peer, &length);
        if (connected == -1) {
            perror("accept");
            return 1;
        }
        converse(connected);
        if (close(connected) == -1)
            perror("close");
    }
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
