// # 12 `getaddrinfo`: from a name to a connection
//
// People call a host by its name; the kernel needs an address. The
// *resolver*, a part of the C library, finds it: in /etc/hosts, or by
// asking name servers. A name may have several addresses, IPv4 and
// IPv6, and some may not work. So we try one after another.
#define _POSIX_C_SOURCE 200809L

#define TITLE "a name is a list of addresses"
#define PARTNER "11_many_clients"
#define ADDRESSES HOST_NAME
#include "narrate.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

// How many seconds we wait for one address, and later for the answer;
// and room for one line.
enum { PATIENCE = 3, ROOM = 64 };

// Makes bytes from the network printable, as in 06.
static void print(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        printf(isprint(byte) && byte != '\\' ? "%c" : "\\x%02X", byte);
    }
    putchar('\n');
}

// ## One address
//
// A host that is switched off does not answer, and `connect` would
// block for two minutes or more. On a socket with `O_NONBLOCK` it only
// begins the handshake and fails with `EINPROGRESS`. Then `poll` waits
// for as long as we choose. Once the socket is writable, the handshake
// is over, and `SO_ERROR` says how it ended. Returns 0, or an errno.
static int handshake(int sock, const struct addrinfo *a)
{
    int flags = fcntl(sock, F_GETFL);
    if (flags == -1 || fcntl(sock, F_SETFL, flags | O_NONBLOCK) == -1)
        return errno;

    if (connect(sock, a->ai_addr, a->ai_addrlen) == -1) {
        if (errno != EINPROGRESS)
            return errno;
        struct pollfd watched = {sock, POLLOUT, 0};
        int ready = poll(&watched, 1, PATIENCE * 1000);
        if (ready == -1)
            return errno;
        if (ready == 0)
            return ETIMEDOUT;
        int error = 0;
        socklen_t length = sizeof error;
        if (getsockopt(sock, SOL_SOCKET, SO_ERROR,
                       &error, &length) == -1)
            return errno;
        if (error != 0)
            return error;
    }

    // The old flags again: from now on calls may block, as usual.
    return fcntl(sock, F_SETFL, flags) == -1 ? errno : 0;
}

// `getaddrinfo` has filled in all that `socket` and `connect` need: the
// same lines serve IPv4 and IPv6. Returns the connected socket, or -1
// with the reason in errno. A host may have no IPv6, for example. A
// socket whose `connect` has failed is of no further use: we close it.
static int reach(const struct addrinfo *a)
{
    int sock = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (sock == -1)
        return -1;
    int error = handshake(sock, a);
    if (error == 0)
        return sock;
    close(sock);
    errno = error;
    return -1;
}

int main(int argc, char *argv[])
{
    // A name takes the place of the address: `localhost` is this host.
    // The port remains text, for `getaddrinfo`, but we check it.
    const char *name = argc > 1 ? argv[1] : "localhost";
    const char *service = argc > 2 ? argv[2] : "8888";
    char *end = "";
    long port = strtol(service, &end, 10);
    if (*end != '\0' || port < 0 || port > 65535) {
        fprintf(stderr, "%s is not a port: 0 to 65535\n", service);
        return 2;
    }

    // What we want: addresses of either family, for TCP. The port could
    // also be the name of a *service*, such as "http": we say that it
    // is a number. `AI_ADDRCONFIG` would leave out IPv6 if this host
    // has no IPv6 address but `::1`. We do without it: an address that
    // does not work costs us only one attempt.
    struct addrinfo hints = {0};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;

    // We get a list, the best address first (RFC 6724). The resolver
    // may have to ask distant servers, and meanwhile the call blocks:
    // on Linux for 5 seconds, twice, for each server that does not
    // answer. `RES_OPTIONS=timeout:1` in the environment shortens that.
    struct addrinfo *list;
    int error = getaddrinfo(name, service, &hints, &list);

    // The call returns 0 or an error number of its own, not an errno:
    // `gai_strerror` turns it into words. Only with `EAI_SYSTEM` is the
    // reason in errno.
    if (error != 0) {
        fprintf(stderr, "%s: %s\n", name, error == EAI_SYSTEM
                ? strerror(errno) : gai_strerror(error));
        return 1;
    }

    // One address after another, until one answers. A browser tries the
    // next before the previous one has failed: *happy eyeballs*, RFC
    // 8305. If none answers, errno is from the last attempt.
    int sock = -1;
    for (struct addrinfo *a = list; a != NULL && sock == -1;
         a = a->ai_next)
        sock = reach(a);
    if (sock == -1)
        perror(name);
    freeaddrinfo(list);
    if (sock == -1)
        return 1;

    // A time limit for the answer, as in 08.
    struct timeval patience = {.tv_sec = PATIENCE};
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1) {
        perror("setsockopt");
        return 1;
    }

    // One line goes out, all of it, as in 06.
    const char *words = "Hello from the client!\n";
    size_t left = strlen(words);
    while (left > 0) {
        ssize_t n = send(sock, words, left, MSG_NOSIGNAL);
        if (n == -1) {
            perror("send");
            return 1;
        }
        words += n;
        left -= (size_t)n;
    }

    // Collect bytes until the newline, as in 06. If you stop the
    // program (Ctrl-Z) during a call with a time limit, the call fails
    // with `EINTR` when the program goes on (signal(7)). Nothing is
    // lost: we call `recv` again.
    char line[ROOM];
    size_t got = 0;
    char *newline = NULL;
    while (got < sizeof line && newline == NULL) {
        ssize_t n = recv(sock, line + got, sizeof line - got, 0);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            perror("recv");
            return 1;
        }
        if (n == 0)
            break;
        newline = memchr(line + got, '\n', (size_t)n);
        got += (size_t)n;
    }
    printf(newline != NULL ? "The answer: " : "Not a whole line: ");
    print(line, newline != NULL ? (size_t)(newline - line) : got);

    // The kernel then ends the connection on its own, as in 07.
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
