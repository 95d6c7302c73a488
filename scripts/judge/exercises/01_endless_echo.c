/* Clients come, talk and leave, one after the other: each must be
 * served, and the server must sleep when no client is there. */
#include "../judge.h"
#include <stdio.h>
#include <sys/socket.h>

static void judge(void)
{
    int port = some_port();
    struct program *p = serve(port);
    for (int i = 1; i <= 4; i++) {
        char peer[32];
        snprintf(peer, sizeof peer, "client %d", i);
        int fd = call(port, NULL, NULL);
        echoed(fd, peer);
        echoed(fd, peer);
        if (i % 2 == 1) {
            hang_up(fd, i == 3);
            did("%s left%s", peer, i == 3 ? ", with a reset" : "");
        } else {
            shutdown(fd, SHUT_WR);
            did("%s ended its side", peer);
            hears_end(fd);
        }
    }
    bool sleeps = falls_asleep();
    must_run(p);
    must(p->size < 2000, "a line or so for each of 8 messages",
         "%zu bytes of output", p->size);
    must(sleeps && busy(p) < 0.1,
         "a server that sleeps when nobody is there",
         "it used %.2f seconds of processor time", busy(p));
}

const struct exercise exercise = {
    .judge = judge,
    .why = "When recv returns 0 the peer has ended its side and will "
           "never send again: no message is that short, so leave the "
           "loop.",
    .read = "ch-close",
};
