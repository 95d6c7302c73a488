/* More clients than the server has descriptors: first polite ones, then
 * some that are gone before they can be greeted. */
#include "../judge.h"
#include <signal.h>

static void judge(void)
{
    int port = some_port();
    struct program *p = start(port, FEW_FILES);
    did("started it with 16 descriptors to spend, port %d", port);
    for (int i = 1; i <= 40; i++) {
        if (i % 10 == 1)
            did("clients %d to %d called", i, i + 9);
        greeted(port, NULL, NULL);
    }
    for (int round = 0; round < 6; round++) {
        send_signal(p, SIGSTOP);
        for (int i = 0; i < 4; i++)
            hang_up(call(port, NULL, NULL), true);
        send_signal(p, SIGCONT);
        did("clients %d to %d called, and left by a reset before they "
            "were greeted",
            41 + 4 * round, 44 + 4 * round);
        greeted(port, NULL, NULL);
    }
    must_run(p);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "shutdown ends the conversation and keeps the descriptor: "
           "close gives it back, and has to be called where something "
           "failed, too.",
    .read = "ch-greeting",
};
