/* Six clients at once, and the last one speaks first: each must get its
 * answers, whatever the others do. */
#include "../judge.h"
#include <stdio.h>
#include <sys/socket.h>

static void judge(void)
{
    int port = some_port(), fd[7];
    char peer[7][32];
    serve(port);
    for (int i = 1; i <= 6; i++) {
        fd[i] = call(port, NULL, NULL);
        snprintf(peer[i], sizeof peer[i], "client %d", i);
    }
    did("six clients connected, one after the other, and all stay");
    for (int i = 6; i > 0; i--)
        echoed(fd[i], peer[i]);
    hang_up(fd[4], false);
    did("client 4 left");
    echoed(fd[1], peer[1]);
    shutdown(fd[2], SHUT_WR);
    did("client 2 ended its side and waits for the server's end");
    hears_end(fd[2]);
    int late = call(port, NULL, NULL);
    echoed(late, "client 7");
    echoed(fd[6], peer[6]);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "The kernel completes the handshake of the second client, "
           "but a program that blocks in recv for the first cannot "
           "serve it: wait for all of them at once, or give each its "
           "own process.",
    .read = "ch-many",
};
