// # 05 `connect`
//
// The other side of the conversation. A client needs no address that
// anybody knows: it calls the server's, and the kernel gives it a port
// of its own on the way.
#define TITLE "the client calls the server"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

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

    hold("The connection stands until one of the programs ends.");
    return 0;
}
