// # 17 How conversations end, the client
//
// The client calls four times, and each time it ends the conversation
// in a different way. Watch what the server sees.
#define TITLE "four ways to end a conversation"
#define PARTNER "17_endings_server"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// Room for a few of the server's words.
enum { ROOM = 64 };

// Calls the server, as in 05. Returns the socket, or -1.
static int call(const struct sockaddr_in *peer)
{
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return -1;
    }
    if (connect(sock, (const struct sockaddr *)peer, sizeof *peer)
        == -1) {
        perror("connect");
        close(sock);
        return -1;
    }
    return sock;
}

// Reads the server's first words; `flags` are those of `recv`.
static int hear(int sock, int flags)
{
    char bytes[ROOM];
    ssize_t n = recv(sock, bytes, sizeof bytes, flags);
    if (n == -1)
        perror("recv");
    return n > 0;
}

// ## The four endings
//
// 1. `close`, after we have read everything: our kernel sends a FIN. No
// socket is left for what the server sends from now on, so our kernel
// answers with an RST.
static void end_by_close(int sock)
{
    hear(sock, 0);
    if (close(sock) == -1)
        perror("close");
}

// 2. A half-close, as in 07: we end our side and read until the server
// has ended its own. This is the polite way: nothing is lost.
static void end_by_half_close(int sock)
{
    hear(sock, 0);
    if (shutdown(sock, SHUT_WR) == -1)
        perror("shutdown");
    while (hear(sock, 0))
        continue;
    if (close(sock) == -1)
        perror("close");
}

// 3. `close` with bytes unread. `MSG_PEEK` shows us what has come and
// leaves it in the kernel's buffer, so that it is still unread. A FIN
// would say that all is well; our kernel sends an RST instead.
static void end_unread(int sock)
{
    hear(sock, MSG_PEEK);
    if (close(sock) == -1)
        perror("close");
}

// 4. `SO_LINGER` with 0 seconds: the kernel drops what it has not yet
// delivered and sends an RST. That leaves no TIME-WAIT, which is
// tempting. But what we sent last may never arrive.
static void end_by_reset(int sock)
{
    hear(sock, 0);
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(sock, SOL_SOCKET, SO_LINGER,
                   &at_once, sizeof at_once) == -1)
        perror("setsockopt");
    if (close(sock) == -1)
        perror("close");
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

    // The server's address, filled in as in 02.
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &peer.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // A connection for each ending; the array holds function pointers.
    void (*const endings[])(int) = {end_by_close, end_by_half_close,
                                    end_unread, end_by_reset};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        int sock = call(&peer);
        if (sock == -1)
            return 1;
        endings[i](sock);
    }
    return 0;
}
