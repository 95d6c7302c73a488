// # 10 A conversation of any length, the server
//
// The echo of every networks course: what a client sends comes back,
// for as long as it likes; then the next client has its turn. The
// program that is often handed round in class has six defects. Each is
// named here or in the client, beside the line that prevents it.
#define TITLE "the server sends back all that comes"
#define ADDRESSES IPV4_OR_IPV6
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

// How many callers may wait in the queue. 5 is what every course
// teaches; lesson 11 says what it does to a whole class.
enum { BACKLOG = 5 };

// A person at the other end may think for long, so we are patient: 300
// seconds. The buffer is large, to need few calls for many bytes.
enum { PATIENCE = 300, ROOM = 64 * 1024 };

// ## One conversation
//
// All that came goes back. `send` may take fewer bytes than there are,
// and is then called for the rest. While the client does not read,
// `send` waits; meanwhile we read nothing either, so the client's own
// `send` will wait in the end. TCP slows down whoever is too fast.
static bool send_all(int connected, const char *bytes, size_t size)
{
    size_t sent = 0;
    while (sent < size) {
        size_t left = size - sent;
        step("send(%d, %s, %zu, MSG_NOSIGNAL)", connected,
             quoted(bytes + sent, left), left);
        ssize_t n = send(connected, bytes + sent, left, MSG_NOSIGNAL);
        if (n == -1 && errno != EINTR) {
            carry_on("send", "This client does not take its bytes: the"
                     " next one's turn.");
            return false;
        }
        result(n, "%s", n == -1 ? "A signal came first. Once more."
               : (size_t)n == left ? "Our kernel took all of it."
               : "Our kernel took a part of it.");
        sent += n == -1 ? 0 : (size_t)n;
    }
    return true;
}

// No client may keep the others out for ever, neither one that says
// nothing nor one that never reads. `SO_RCVTIMEO` and `SO_SNDTIMEO` set
// the longest time that `recv` and `send` wait; after it they fail with
// `EAGAIN`.
static bool limit(int connected, int option)
{
    struct timeval patience = {PATIENCE, 0};
    step("setsockopt(%d, SOL_SOCKET, %s, {%ld, %ld}, %zu)", connected,
         option == SO_RCVTIMEO ? "SO_RCVTIMEO" : "SO_SNDTIMEO",
         (long)patience.tv_sec, (long)patience.tv_usec,
         sizeof patience);
    if (setsockopt(connected, SOL_SOCKET, option,
                   &patience, sizeof patience) == -1) {
        carry_on("setsockopt", "We do not talk without it.");
        return false;
    }
    result(0, "We shall wait %s for this client to %s, not for ever.",
           count(PATIENCE, "second"),
           option == SO_RCVTIMEO ? "send" : "read");
    return true;
}

// Bytes come, bytes go back, until the client has ended its side.
// *Defect 4* of the program from class: it decodes each piece as text,
// and a letter of two bytes that the buffer's end cuts in two ends it.
// An echo need not know what its bytes mean, so we do not decode.
static void echo(int connected)
{
    static char buffer[ROOM];
    for (;;) {
        step("recv(%d, buffer, %zu, 0)", connected, sizeof buffer);
        waits("bytes from the client");
        ssize_t n = recv(connected, buffer, sizeof buffer, 0);
        if (n == -1 && errno == EINTR) {
            result(n, "A signal came first. Once more.");
            continue;
        }
        if (n == -1) {
            carry_on("recv", errno == EAGAIN || errno == EWOULDBLOCK
                     ? "Silent for too long: the next one's turn."
                     : "This client is lost: the next one's turn.");
            return;
        }
        result(n, "The client sent %s.", n > 0 ? quoted(buffer,
               (size_t)n) : "its FIN: it has ended its side");

        // *Defect 1*: when the client has ended its side `recv` returns
        // 0, at once and each time. A program that takes this for a
        // message goes round its loop for ever, as fast as it can.
        if (n == 0)
            return;
        if (!send_all(connected, buffer, (size_t)n))
            return;
    }
}

int main(int argc, char *argv[])
{
    // The address and the port, as in every lesson.
    const char *address = "127.0.0.1";
    uint16_t port = 8888;
    begin(argc, argv, &address, &port);

    // This server takes an IPv6 address too, such as `::1`. Each family
    // has a struct of its own. We fill in both, and `here` points to
    // the one that the address belongs to.
    struct sockaddr_in v4 = {0};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    struct sockaddr_in6 v6 = {0};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    struct sockaddr *here = (struct sockaddr *)&v4;
    socklen_t size = sizeof v4;
    if (inet_pton(AF_INET, address, &v4.sin_addr) != 1) {
        here = (struct sockaddr *)&v6;
        size = sizeof v6;
        if (inet_pton(AF_INET6, address, &v6.sin6_addr) != 1)
            fail("inet_pton");
    }

    // From here to `listen` there is nothing new, but for the family.
    step("socket(%s, SOCK_STREAM, 0)",
         here->sa_family == AF_INET ? "AF_INET" : "AF_INET6");
    int sock = socket(here->sa_family, SOCK_STREAM, 0);
    if (sock == -1)
        fail("socket");
    result(sock, "Our TCP socket is descriptor %d: %s.",
           sock, which_number(sock));
    show(sock);

    // *Defect 6*: without this option a server that ended first, by
    // Ctrl-C for example, cannot be started again for a minute: `bind`
    // fails with `EADDRINUSE` while its old connections are in
    // TIME-WAIT.
    int on = 1;
    step("setsockopt(%d, SOL_SOCKET, SO_REUSEADDR, %d, %zu)",
         sock, on, sizeof on);
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1)
        fail("setsockopt");
    result(0, "An earlier server's old connections will not be in our"
           " way.");

    step("bind(%d, %s, %zu)", sock, text_of(here), (size_t)size);
    if (bind(sock, here, size) == -1)
        fail("bind");
    result(0, "The socket has an address, %zu bytes.", (size_t)size);

    step("listen(%d, %d)", sock, BACKLOG);
    if (listen(sock, BACKLOG) == -1)
        fail("listen");
    result(0, "The kernel now completes handshakes on our behalf.");
    show(sock);

    // *Defect 5*: a second client connects and sends without an error,
    // for the kernel lets it, and no program ever answers: the one from
    // class accepts a single client. This loop comes back to `accept`,
    // so the second client has its turn when the first has left. That
    // it must wait until then is what lesson 11 mends.
    unsigned pause = 1;
    for (;;) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        step("accept(%d, &peer, &length)", sock);
        waits("a caller: run ./%s in another terminal",
              other_side());
        int connected = accept(sock, (struct sockaddr *)&peer, &length);

        // As in lesson 09: only what is wrong with `sock` itself ends
        // the server. All else passes, and we do not fill the screen
        // until it has passed.
        if (connected == -1 && (errno == EBADF || errno == EFAULT
            || errno == EINVAL || errno == ENOTSOCK))
            fail("accept");
        if (connected == -1) {
            carry_on("accept", "We try again in %s.",
                     count(pause, "second"));
            sleep(pause);
            pause = pause < 8 ? 2 * pause : 8;
            continue;
        }
        pause = 1;
        result(connected, "Descriptor %d is for this one peer, %s.",
               connected, text_of(&peer));
        show(connected);

        if (limit(connected, SO_RCVTIMEO)
            && limit(connected, SO_SNDTIMEO))
            echo(connected);

        // The client has all that it will get. `close` sends our FIN
        // and gives the descriptor back: a server that forgets it has
        // no more to give after some hundred clients.
        step("close(%d)", connected);
        int closed = close(connected);
        if (closed == -1)
            carry_on("close", "Linux frees the descriptor all the"
                     " same.");
        else
            result(closed, "The descriptor is free for the next.");
        show(connected);
    }
}
