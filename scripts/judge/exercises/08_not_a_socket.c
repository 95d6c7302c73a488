/* The server speaks first, in two pieces; the client must print all of
 * it. If socket fails, the client must say so. */
#include "../judge.h"
#include <string.h>

static void judge(void)
{
    spoken_to(0);
    spoken_to(INPUT_CLOSED);
    struct program *p = start(some_port(), NO_SOCKETS);
    did("started it where socket fails with EMFILE");
    must_end(p, 1, "the client to end with exit status 1");
    complains_of(p, "socket");
    must(strstr(p->complaint, "connect") == NULL,
         "no word of connect, which was not reached", "%s",
         quoted(p->complaint, strlen(p->complaint)));
}

const struct exercise exercise = {
    .judge = judge,
    .why = "== binds more tightly than =, so the variable got the "
           "result of the comparison, 0, and not the descriptor.",
    .read = "ch-socket",
};
