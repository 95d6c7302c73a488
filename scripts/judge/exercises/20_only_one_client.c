/* Clients one after the other, then several that wait together: each
 * must be greeted. */
#include "../judge.h"
#include <signal.h>
#include <stdio.h>

static void judge(void)
{
    int port = some_port(), fd[4];
    struct program *p = serve(port);
    for (int i = 1; i <= 3; i++) {
        did("client %d called", i);
        greeted(port, NULL, NULL);
    }
    send_signal(p, SIGSTOP);
    for (int i = 0; i < 4; i++)
        fd[i] = call(port, NULL, NULL);
    send_signal(p, SIGCONT);
    did("clients 4 to 7 called, before it could accept the first");
    for (int i = 0; i < 4; i++) {
        char what[32];
        snprintf(what, sizeof what, "the greeting of client %d", i + 4);
        hears(fd[i], GREETING, what);
        hears_end(fd[i]);
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "accept leaves the listening socket as it is and returns a "
           "new one: give that a variable of its own, and close that "
           "one.",
    .read = "ch-accept",
};
