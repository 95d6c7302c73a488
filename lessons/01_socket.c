// # 01 `socket`
//
// A program cannot reach the network itself. It asks the kernel for a
// socket and gets a number, which names that socket from then on.
// Nothing is sent, and nobody outside can tell that it happened.
#define TITLE "a socket is a number"
#include "narrate.h"
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
    // `socket` makes an endpoint in the kernel: `AF_INET` asks for
    // IPv4, `SOCK_STREAM` with 0 for a stream of bytes, which means
    // TCP. It returns a *descriptor*, a small number, or -1 if it
    // failed.
    int sock = socket(AF_INET, SOCK_STREAM, 0);

    // Any call can fail, so each one is followed by these four lines. A
    // call that fails returns -1 and leaves the reason in `errno`;
    // `perror` prints the name of the call and that reason. The status
    // 1, which `main` returns, tells the shell that we failed.
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // The program stays, so that you can look at what it has. Enter
    // keeps the loop going; any other key, or the end of the input,
    // ends it. When a program ends, the kernel closes its sockets.
    puts("The socket lasts as long as this program.\n"
         "Type q and Enter to end.");
    while (getchar() == '\n')
        continue;
    return 0;
}
