// # 07 `shutdown` and `close`, the client
//
// How a conversation ends, seen from the side that ends it first. Once
// it has sent its line the client ends its own direction, reads the
// answer to the last byte, and closes.
#define TITLE "the client ends its side first"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// Room for one line. We ask for all of it at once and the line is so
// short that it may well come in one piece. The loop is needed all the
// same: nobody promised that it does.
enum { ROOM = 64 };

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

    // Whom to call: the server's address, filled in as in lesson 02.
    // The server is our *peer*, as we are its peer.
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(port);
    if (inet_pton(AF_INET, address, &peer.sin_addr) != 1)
        fail("inet_pton");

    // `connect` makes the two kernels shake hands: ours sends a SYN,
    // the other answers SYN-ACK, ours answers ACK. The call returns
    // when that is done. Whether the server's program has called
    // `accept` does not matter. A client could `bind` first; nearly all
    // leave it to the kernel to choose their port.
    step("connect(%d, %s, %zu)", sock, text_of(&peer), sizeof peer);
    waits("the server to answer");
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1)
        fail("connect");
    result(0, "The kernel chose a port for our end. It took %ld"
           " microseconds.", took());
    show(sock);

    // `send` hands bytes to our kernel, which sends them when it can.
    // What it returns is how many the kernel took, perhaps fewer than
    // all, so this is a loop too. `MSG_NOSIGNAL`: if the peer is gone,
    // let the call fail and say so; without the flag a signal, SIGPIPE,
    // would end the program without a word.
    const char *words = "Hello from the client!\n";
    size_t sent = 0;
    while (sent < strlen(words)) {
        size_t left = strlen(words) - sent;
        step("send(%d, %s, %zu, MSG_NOSIGNAL)", sock,
             quoted(words + sent, left), left);
        ssize_t n = send(sock, words + sent, left, MSG_NOSIGNAL);
        if (n == -1)
            fail("send");
        result(n, "Our kernel took %s. Whether the peer has them yet,"
               " nobody has said.", count(n, "byte"));
        sent += (size_t)n;
    }
    show(sock);

    // `shutdown` with `SHUT_WR` ends our direction alone, a
    // *half-close*: after our bytes the kernel sends a FIN, and the
    // server's `recv` will return 0. What the server sends can still
    // be read. `close` would end both directions for us.
    step("shutdown(%d, SHUT_WR)", sock);
    if (shutdown(sock, SHUT_WR) == -1)
        fail("shutdown");
    result(0, "We have said all. We can still read the answer.");

    // `recv` waits until there are bytes, and returns how many it put
    // into the buffer: perhaps fewer than we asked for, perhaps the
    // tail of one message with the head of the next, for TCP keeps the
    // order of bytes and nothing else. So we collect until the newline
    // is there. 0 means that the peer will send no more.
    char line[ROOM];
    size_t got = 0;
    while (got < sizeof line && memchr(line, '\n', got) == NULL) {
        size_t room = sizeof line - got;
        step("recv(%d, line + %zu, %zu, 0)", sock, got, room);
        waits("bytes from the peer");
        ssize_t n = recv(sock, line + got, room, 0);
        if (n == -1)
            fail("recv");
        result(n, "The peer sent %s.", n > 0 ? quoted(line + got,
               (size_t)n) : "nothing more: it has ended its side");
        if (n == 0)
            break;
        got += (size_t)n;
    }
    received(line, got);
    show(sock);

    // The newline ends the line, not the stream. We read on until the
    // server ends its side too. Both directions have then ended, and
    // the connection is over; but we ended first, so our kernel keeps
    // it for a while in the state *TIME-WAIT*, 60 seconds on Linux, for
    // segments that come late.
    char rest[ROOM];
    ssize_t more;
    do {
        step("recv(%d, rest, %zu, 0)", sock, sizeof rest);
        waits("the peer to end its side");
        more = recv(sock, rest, sizeof rest, 0);
        if (more == -1)
            fail("recv");
        result(more, "%s", more > 0 ? "More than one line; we drop it."
               : "The peer's FIN is here: it will send no more.");
    } while (more > 0);
    show(sock);

    // `close` gives the descriptor back. What the kernel keeps does not
    // need it. Had the *server* ended first, TIME-WAIT would hold the
    // server's port, and without `SO_REUSEADDR` its next start would
    // fail for that minute.
    step("close(%d)", sock);
    if (close(sock) == -1)
        fail("close");
    result(0, "The descriptor is free for another socket.");
    show(sock);

    return 0;
}
