// # 09 A loop round `accept`, the server
//
// The shortest useful server. It speaks first: it greets whoever calls
// and waits for the next, until Ctrl-C ends it. A server that is meant
// to live on must outlive all that its clients do. So here a failed
// call ends one conversation and not the program.
#define TITLE "the server greets one client after another"
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

// How many callers may wait in the queue. 5 is what every course
// teaches; lesson 11 says what it does to a whole class.
enum { BACKLOG = 5 };

// How long we wait for one client, in seconds, and how often at most,
// while others stand in the queue; and room for what it may say.
enum { PATIENCE = 1, READS = 8, ROOM = 4096 };

// ## One conversation
//
// Where a call fails, `carry_on` says so, and we return: this client is
// lost, the next one is not.
static void greet(int connected)
{
    // A client that neither speaks nor leaves must not keep us from the
    // others. With `SO_RCVTIMEO` a `recv` that has waited for so long
    // fails with `EAGAIN`.
    struct timeval patience = {PATIENCE, 0};
    step("setsockopt(%d, SOL_SOCKET, SO_RCVTIMEO, {%ld, %ld}, %zu)",
         connected, (long)patience.tv_sec, (long)patience.tv_usec,
         sizeof patience);
    if (setsockopt(connected, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1) {
        carry_on("setsockopt", "We do not talk without it.");
        return;
    }
    result(0, "We shall wait %s for this client, not for ever.",
           count(PATIENCE, "second"));

    // `send` hands bytes to our kernel, which sends them when it can.
    // So short a greeting always has room there: we do not wait. If the
    // client has left already, the call fails with `ECONNRESET` or
    // `EPIPE`; without `MSG_NOSIGNAL` a signal would end the server.
    const char *words = "Hello from the server!\n";
    size_t sent = 0;
    while (sent < strlen(words)) {
        size_t left = strlen(words) - sent;
        step("send(%d, %s, %zu, MSG_NOSIGNAL)", connected,
             quoted(words + sent, left), left);
        ssize_t n = send(connected, words + sent, left, MSG_NOSIGNAL);
        if (n == -1) {
            carry_on("send", "This client does not get its greeting.");
            return;
        }
        result(n, "Our kernel took %s. Whether the peer has them yet,"
               " nobody has said.", count(n, "byte"));
        sent += (size_t)n;
    }

    // We have said all, and `shutdown` tells the client so: its `recv`
    // will return 0. For this conversation that is rule enough: the end
    // of the stream is the end of the message.
    step("shutdown(%d, SHUT_WR)", connected);
    if (shutdown(connected, SHUT_WR) == -1) {
        carry_on("shutdown", "The client has left meanwhile.");
        return;
    }
    result(0, "Our FIN follows the greeting. The client can see that"
           " it has all of it.");

    // Why not `close` at once? If the client has sent something that
    // nobody has read, `close` sends RST, and what of the greeting is
    // still on its way is lost, on some systems all of it. So
    // we read what comes until the client ends its side too, but wait
    // and read only so much: whoever talks on loses its connection.
    char rest[ROOM];
    ssize_t n = 1;
    for (int i = 0; i < READS && n != 0; i++) {
        step("recv(%d, rest, %zu, 0)", connected, sizeof rest);
        waits("the client to end its side, %s at most",
              count(PATIENCE, "second"));
        n = recv(connected, rest, sizeof rest, 0);
        if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            result(n, "It has not. Others wait: we end it for both.");
            return;
        }
        if (n == -1 && errno != EINTR) {
            carry_on("recv", "The client has left in its own way.");
            return;
        }
        result(n, "%s", n == 0
               ? "The client has ended its side too."
               : n > 0 ? "We did not ask; we drop it."
               : "A signal came first. We wait again.");
    }
    show(connected);
}

int main(int argc, char *argv[])
{
    // Every lesson begins so: `begin` lets the command line change the
    // address and the port, and prints the title.
    const char *address = "127.0.0.1";
    uint16_t port = 8888;
    begin(argc, argv, &address, &port);

    // `socket` makes an endpoint in the kernel: `AF_INET` for IPv4, and
    // `SOCK_STREAM` with 0 for a stream of bytes, which means TCP. It
    // returns a *descriptor*, a small number, or -1 if there is none.
    step("socket(AF_INET, SOCK_STREAM, 0)");
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1)
        fail("socket");
    result(sock, "Our TCP socket is descriptor %d: %s.",
           sock, which_number(sock));
    show(sock);

    // The address goes into a struct that the kernel can read. The
    // network puts the high byte of a number first and most machines
    // put the low one first: `htons` (host to network, short) turns a
    // port round where that is needed, `inet_pton` (presentation to
    // network) turns the text of an address into its four bytes.
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons(port);
    if (inet_pton(AF_INET, address, &here.sin_addr) != 1)
        fail("inet_pton");
    note("Port %u is 0x%04X. The network wants the high byte first, so"
         " the struct holds the bytes %s.", (unsigned)port,
         (unsigned)port, hex(&here.sin_port, 2));

    // An option that belongs to `bind`: the port shall be ours even
    // while the kernel still holds old connections of the server that
    // ran here before. Lesson 07 explains these; every TCP server sets
    // this option.
    int on = 1;
    step("setsockopt(%d, SOL_SOCKET, SO_REUSEADDR, %d, %zu)",
         sock, on, sizeof on);
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1)
        fail("setsockopt");
    result(0, "An earlier server's old connections will not be in our"
           " way.");

    // `bind` gives the address to the socket. The call takes addresses
    // of any kind, so it wants a pointer to the general `sockaddr`, and
    // the size, to know which kind it got. With port 0 the kernel
    // chooses one that is free.
    step("bind(%d, %s, %zu)", sock, text_of(&here), sizeof here);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1)
        fail("bind");
    result(0, "The socket has an address, %zu bytes. Only our kernel"
           " knows of it.", sizeof here);
    show(sock);

    // `listen` makes ours a *listening socket*: one that takes callers
    // and carries no bytes. It returns at once; from now on the kernel
    // answers whoever calls. The *backlog* limits how many connections
    // may wait to be accepted, not how many clients can be served.
    step("listen(%d, %d)", sock, BACKLOG);
    if (listen(sock, BACKLOG) == -1)
        fail("listen");
    result(0, "The kernel now completes handshakes on our behalf.");
    show(sock);

    // The loop that makes a server of it. Each round serves one client,
    // from `accept` to `close`; others wait in the queue meanwhile.
    unsigned pause = 1;
    for (;;) {
        // `accept` waits until a caller is in the queue. It returns a
        // *connected socket*, and writes into `peer` who is at its
        // other end. `length` goes in as the room there is: it must be
        // set anew each time.
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        step("accept(%d, &peer, &length)", sock);
        waits("a caller: run ./%s in another terminal",
              other_side());
        int connected = accept(sock, (struct sockaddr *)&peer, &length);

        // A failure here is seldom ours. The caller may have hung up in
        // the queue, or the system be short of descriptors or memory:
        // that passes, so we try again. If it lasts, we wait ever
        // longer, up to 8 seconds, and do not fill the screen. Only
        // what is wrong with `sock` itself will never get better.
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
        show(sock);
        show(connected);

        greet(connected);

        // `close` gives the descriptor back. A server that forgets it
        // has no more to give after some hundred clients, and `accept`
        // fails with `EMFILE`. We ended first: if the kernel keeps the
        // connection in TIME-WAIT, it does so at our end.
        step("close(%d)", connected);
        int closed = close(connected);
        if (closed == -1)
            carry_on("close", "Linux frees the descriptor all the"
                     " same.");
        else
            result(closed, "This client is served. The descriptor is"
                   " free for the next.");
        show(connected);
    }
}
