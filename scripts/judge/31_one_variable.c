/* Several clients at a time wait in the queue while the program sleeps,
 * so that it accepts them in the same moment: each has to get its
 * answers, beside one that came first and stays. */
#include "judge.h"
#include <signal.h>
#include <stdio.h>

enum { ROUNDS = 12, CLIENTS = 5 };

static void judge(void)
{
    int port = some_port(), fd[CLIENTS];
    char peer[32];
    struct program *p = serve(port);
    int stays = call(port, NULL, NULL);
    echoed(stays, "client 1, which stays,");
    for (int round = 0; round < ROUNDS; round++) {
        send_signal(p, SIGSTOP);
        for (int i = 0; i < CLIENTS; i++)
            fd[i] = call(port, NULL, NULL);
        send_signal(p, SIGCONT);
        did("%d clients connected in the same moment", CLIENTS);
        for (int i = 0; i < CLIENTS; i++) {
            snprintf(peer, sizeof peer, "client %d",
                     2 + round * CLIENTS + i);
            echoed(fd[i], peer);
        }
        for (int i = 0; i < CLIENTS; i++)
            hang_up(fd[i], false);
    }
    must_run(p);
    echoed(stays, "client 1");
}

const struct exercise exercise = {
    .judge = judge,
    .why = "The variable of the loop may hold the next client's number "
           "before the new thread has read it: hand the number itself "
           "over, not where it stands.",
    .read = "ch-thread",
    .limit = 30000,
    .crowd = 3 * CLIENTS,
};
