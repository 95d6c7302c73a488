// # 10 A conversation of any length, the server
//
// The echo server of every networking course: what a client sends comes
// back, for as long as it likes; then the next client has its turn. Six
// mistakes in this exercise are classic. Each is named here or in the
// client, beside the line that avoids it.
#define TITLE "the server sends back all that comes"
#define PARTNER "10_echo_client"
#define ADDRESSES IPV4_OR_IPV6
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

// The backlog, as in 03.
enum { BACKLOG = 5 };

// A person at the other end may think for a long time, so we are
// patient: 300 seconds. The buffer is large, so that many bytes need
// few calls.
enum { PATIENCE = 300, ROOM = 64 * 1024 };

// ## One conversation
//
// If a call fails, we say so and return, as in 09.
static void echo(int connected)
{
    // A time limit for `recv`, as in 09, and one for `send`, which
    // blocks while the client does not read. So neither a silent client
    // nor one that never reads keeps the others out for ever. But one
    // that sends a byte every 299 seconds still does. The remedy is to
    // serve all clients at once, as lesson 11 does.
    struct timeval patience = {.tv_sec = PATIENCE};
    if (setsockopt(connected, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1) {
        perror("setsockopt");
        return;
    }
    if (setsockopt(connected, SOL_SOCKET, SO_SNDTIMEO,
                   &patience, sizeof patience) == -1) {
        perror("setsockopt");
        return;
    }

    // Bytes come, bytes go back. *A classic mistake*: to decode each
    // piece as text, as is easily done in Python. If a piece ends in
    // the middle of a two-byte letter, decoding fails, and the program
    // ends. An echo need not know what its bytes mean, so we do not
    // decode them. (After `EINTR`, a signal, we call again, as in 09.)
    char buffer[ROOM];
    for (;;) {
        ssize_t n = recv(connected, buffer, sizeof buffer, 0);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            perror("recv");
            return;
        }

        // *A classic mistake*: to take 0 for a message. Once the client
        // has ended its side, `recv` returns 0 at once, every time: the
        // loop would run for ever, as fast as it could.
        if (n == 0)
            return;

        // All of it goes back, in as many calls as it takes. While the
        // client does not read, `send` blocks and we read nothing
        // either, so in the end the client's own `send` blocks too.
        // That is how TCP slows down a sender that is too fast.
        const char *bytes = buffer;
        size_t left = (size_t)n;
        while (left > 0) {
            n = send(connected, bytes, left, MSG_NOSIGNAL);
            if (n == -1 && errno == EINTR)
                continue;
            if (n == -1) {
                perror("send");
                return;
            }
            bytes += n;
            left -= (size_t)n;
        }
    }
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

    // The address may also be an IPv6 address, such as `::1`. Each
    // family has a struct of its own: we fill in both, and `here`
    // points to the one for this address.
    struct sockaddr_in v4 = {0};
    v4.sin_family = AF_INET;
    v4.sin_port = htons((uint16_t)port);
    struct sockaddr_in6 v6 = {0};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons((uint16_t)port);
    struct sockaddr *here = (struct sockaddr *)&v4;
    socklen_t size = sizeof v4;
    if (inet_pton(AF_INET, address, &v4.sin_addr) != 1) {
        here = (struct sockaddr *)&v6;
        size = sizeof v6;
        if (inet_pton(AF_INET6, address, &v6.sin6_addr) != 1) {
            fprintf(stderr, "%s is not an IP address\n", address);
            return 2;
        }
    }

    // A TCP socket of that family.
    int sock = socket(here->sa_family, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // *A classic mistake*: to leave this out. If the server ends first,
    // by Ctrl-C for example, its old connections are in TIME-WAIT, and
    // for a minute its next `bind` fails with `EADDRINUSE`.
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }

    // The socket gets its address, as in 02.
    if (bind(sock, here, size) == -1) {
        perror("bind");
        return 1;
    }

    // From now on the kernel answers callers, as in 03.
    if (listen(sock, BACKLOG) == -1) {
        perror("listen");
        return 1;
    }

    // *A classic mistake*: to accept only one client. A second one
    // can connect and send without an error, but no program ever
    // answers. This loop comes back to `accept`: the second client
    // has its turn when the first has left. In lesson 11 it need not
    // wait so long.
    unsigned clients = 0;
    for (;;) {
        // The next caller, as in 09, of either family.
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        int connected = accept(sock, (struct sockaddr *)&peer, &length);

        // As in 09: only an invalid `sock` ends the server, and only a
        // shortage makes it wait.
        if (connected == -1) {
            int error = errno;
            perror("accept");
            if (error == EBADF || error == EFAULT || error == EINVAL
                || error == ENOTSOCK)
                break;
            if (error == EMFILE || error == ENFILE
                || error == ENOBUFS || error == ENOMEM) {
                fputs("No callers for 2 seconds\n", stderr);
                sleep(2);
            }
            continue;
        }

        echo(connected);

        // The client has all that it will get. Our FIN goes out, and
        // the descriptor is free for the next client.
        if (close(connected) == -1)
            perror("close");
        fprintf(stderr, "Clients so far: %u\n", ++clients);
    }
    return 1;
}
