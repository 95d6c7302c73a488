// # 09 A loop round `accept`, the client
//
// The server speaks first, so this client only listens. Where does the
// message end? Here at the end of the stream: the client prints what
// comes until `recv` returns 0.
#define TITLE "the client prints what comes until the end"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// Room for one piece of the message. How long the whole is, we need not
// know.
enum { ROOM = 256 };

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

    // `recv` waits until there are bytes, and returns how many it put
    // into the buffer. The message may come in any number of pieces; we
    // print each as it comes. 0 is no piece but the end: the server has
    // ended its side, and we have the whole message.
    char piece[ROOM];
    ssize_t n;
    do {
        step("recv(%d, piece, %zu, 0)", sock, sizeof piece);
        waits("bytes from the peer");
        n = recv(sock, piece, sizeof piece, 0);
        if (n == -1)
            fail("recv");
        result(n, "%s", n > 0 ? "A piece of the message, or all of it."
               : "The peer's FIN is here: the message is complete.");
        if (n > 0)
            received(piece, (size_t)n);
    } while (n > 0);
    show(sock);

    // The server waits for our end before it turns to the next caller.
    // `close` sends our FIN. The server ended first, so TIME-WAIT is on
    // its side: we leave nothing behind.
    step("close(%d)", sock);
    if (close(sock) == -1)
        fail("close");
    result(0, "The descriptor is free for another socket.");
    show(sock);

    return 0;
}
