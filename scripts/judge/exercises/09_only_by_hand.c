/* Starts the client with standard input, without it, and where socket
 * fails. */
#include "../judge.h"

static void judge(void)
{
    spoken_to(0);
    spoken_to(INPUT_CLOSED);
    struct program *p = start(some_port(), NO_SOCKETS);
    did("started it where socket fails with EMFILE");
    must_end(p, 1, "the client to end with exit status 1");
    complains_of(p, "socket");
}

const struct exercise exercise = {
    .judge = judge,
    .why = "socket returns the lowest free number, which is 0 where "
           "standard input is closed: only -1 is a failure.",
    .read = "ch-socket",
};
