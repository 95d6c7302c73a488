// # 01 `socket`
//
// A program cannot use the network on its own. It asks the kernel for a
// socket and gets a number, which names that socket from then on.
// Nothing is sent, so no other host can tell that this has happened.
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

    // Any call can fail, so each is followed by four lines like these.
    // A call that fails returns -1 and leaves the reason in `errno`;
    // `perror` prints the name of the call and that reason. `main` then
    // returns 1, which tells the shell that we failed.
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // The program keeps running, so that you can look at it. Enter
    // keeps the loop going; any other key, or the end of the input,
    // ends it. When a program ends, the kernel closes its sockets.
    puts("The socket lasts as long as this program.");
    puts("Type q and Enter to end.");
    while (getchar() == '\n')
        continue;
    return 0;
}
