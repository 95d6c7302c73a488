// # 01 `socket`
//
// A program cannot touch the network itself. It asks the kernel for a
// socket, and gets a number by which to speak of it from then on.
// Nothing is sent, and nobody outside can know.
#define TITLE "a socket is a number"
#include "narrate.h"
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

    hold("The socket lasts as long as this program.");
    return 0;
}
