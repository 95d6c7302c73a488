// # 02 `bind`
//
// A server must be found, so its socket needs an address that callers
// know beforehand. `bind` gives it one: an IPv4 address of this host
// and a port. It tells our own kernel and nobody else, so a caller is
// still refused.
#define TITLE "the socket gets an address"
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

    hold("Run ./05_connect in another terminal: does it connect?");
    return 0;
}
