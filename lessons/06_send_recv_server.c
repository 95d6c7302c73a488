// # 06 `send` and `recv`, the server
//
// The two sides talk: the client says one line, the server answers with
// one. TCP carries bytes and knows no messages, so both need a sign of
// where a line ends. Theirs is the newline.
#define TITLE "the server reads a line and answers"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

// How many callers may wait in the queue. 5 is what every course
// teaches; lesson 11 says what it does to a whole class.
enum { BACKLOG = 5 };

// Room for one line, and how much to ask for in one call: so little
// that the loop is seen to go round. Real programs ask for more.
enum { ROOM = 64, PIECE = 8 };

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

    // `accept` waits until a caller is in the queue. It returns a
    // *connected socket*, and writes into `peer` who is at its other
    // end. `length` goes in as the room there is and comes back as the
    // size of what was written. Unset, it may be anything, and the call
    // may fail, or succeed without a word on who called.
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    step("accept(%d, &peer, &length)", sock);
    waits("a caller: run ./%s in another terminal",
          other_side());
    int connected = accept(sock, (struct sockaddr *)&peer, &length);
    if (connected == -1)
        fail("accept");
    result(connected, "Descriptor %d is for this one peer, %s.",
           connected, text_of(&peer));
    show(sock);
    show(connected);

    // `recv` waits until there are bytes, and returns how many it put
    // into the buffer: perhaps fewer than we asked for, perhaps the
    // tail of one message with the head of the next, for TCP keeps the
    // order of bytes and nothing else. So we collect until the newline
    // is there. 0 means that the peer will send no more.
    char line[ROOM];
    size_t got = 0;
    while (got < sizeof line && memchr(line, '\n', got) == NULL) {
        size_t room = sizeof line - got;
        size_t piece = room < PIECE ? room : PIECE;
        step("recv(%d, line + %zu, %zu, 0)", connected, got, piece);
        waits("bytes from the peer");
        ssize_t n = recv(connected, line + got, piece, 0);
        if (n == -1)
            fail("recv");
        result(n, "The peer sent %s.", n > 0 ? quoted(line + got,
               (size_t)n) : "nothing more: it has ended its side");
        if (n == 0)
            break;
        got += (size_t)n;
    }
    received(line, got);
    show(connected);

    // `send` hands bytes to our kernel, which sends them when it can.
    // What it returns is how many the kernel took, perhaps fewer than
    // all, so this is a loop too. `MSG_NOSIGNAL`: if the peer is gone,
    // let the call fail and say so; without the flag a signal, SIGPIPE,
    // would end the program without a word.
    const char *words = "Hello from the server!\n";
    size_t sent = 0;
    while (sent < strlen(words)) {
        size_t left = strlen(words) - sent;
        step("send(%d, %s, %zu, MSG_NOSIGNAL)", connected,
             quoted(words + sent, left), left);
        ssize_t n = send(connected, words + sent, left, MSG_NOSIGNAL);
        if (n == -1)
            fail("send");
        result(n, "Our kernel took %s. Whether the peer has them yet,"
               " nobody has said.", count(n, "byte"));
        sent += (size_t)n;
    }
    show(connected);

    hold("All is said, and the connection still stands. It ends when"
         " either program does.");
    return 0;
}
