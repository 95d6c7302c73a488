/* Starts the server several times on one port: one after the other,
 * then two at once; one of these must fail. */
#include "../judge.h"

static void judge(void)
{
    int port = some_port();
    for (int i = 1; i <= 3; i++) {
        struct program *p = start(port, 0);
        did("start %d, with port %d", i, port);
        greeted(port, NULL, NULL);
        must_end(p, 0, "the server to greet one client and to end");
        did("it greeted one client and ended");
    }
    struct program *stays = start(port, 0), *goes = start(port, 0);
    did("started two at once");
    for (long long until = now() + 2 * PATIENCE;
         !ended(stays, 10) && !ended(goes, 0) && now() < until;)
        ;
    if (stays->pid == 0) {
        struct program *other = stays;
        stays = goes;
        goes = other;
    }
    must(goes->pid == 0 && goes->status != 0,
         "one of them to be refused, with an exit status that says so",
         "%s", goes->pid ? "both run" : fate(goes));
    blame(stays);
    greeted(port, NULL, NULL);
    must_end(stays, 0, "the other to greet its client and to end");
}

const struct exercise exercise = {
    .judge = judge,
    .why = "The side that closes first keeps its connection in "
           "TIME-WAIT "
           "for a minute, and that holds the port, unless SO_REUSEADDR "
           "was set before bind.",
    .read = "ch-close",
};
