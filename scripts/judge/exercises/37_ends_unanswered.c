/* Clients that think for a while before they send their line: each gets
 * it back, then the end, and no descriptor is left behind. */
#include "../judge.h"
#include <stdio.h>

enum { CLIENTS = 24, THINKS = 1300 };

static void judge(void)
{
    int port = some_port();
    struct program *p = serve_with_few(port);
    for (int i = 1; i <= CLIENTS; i++) {
        char peer[40];
        int fd = call(port, NULL, NULL);
        snprintf(peer, sizeof peer, "client %d", i);
        if (i == 1) {
            did("%s connected, and thought for %d ms", peer, THINKS);
            rest(THINKS);
        }
        falls_asleep(); /* the connection has been passed on */
        echoed(fd, peer);
        hears_end(fd);
    }
    must_run(p);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "close gives up one descriptor; shutdown ends the "
           "connection itself, for every process that has it.",
    .read = "ch-unix",
};
