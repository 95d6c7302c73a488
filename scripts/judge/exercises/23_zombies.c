/* Clients come and go, several at the same moment: no child of the
 * server may stay as a zombie, and the other clients must still be
 * served. */
#include "../judge.h"
#include <signal.h>
#include <stdio.h>

enum { CLIENTS = 6 };

static void no_zombies(const char *when)
{
    int count = processes(true);
    for (int i = 0; i < 75 && count > 0; i++) {
        rest(20);
        count = processes(true);
    }
    must(count == 0, "no ended child in the list of processes",
         "%d of its children %s defunct, %s", count,
         count == 1 ? "is" : "are", when);
}

/* Waits until at most so many processes run, up to two seconds: a
 * server of threads, or of one process, never has more. */
static void until_at_most(int running)
{
    for (int i = 0; i < 100 && processes(false) > running; i++)
        rest(20);
}

static void judge(void)
{
    int port = some_port(), fd[CLIENTS];
    char peer[32];
    struct program *p = serve(port);
    int stays = call(port, NULL, NULL);
    echoed(stays, "client 1, which stays,");
    int running = processes(false);
    for (int i = 0; i < CLIENTS; i++) {
        fd[i] = call(port, NULL, NULL);
        snprintf(peer, sizeof peer, "client %d", i + 2);
        echoed(fd[i], peer);
    }
    hang_up(fd[0], false);
    did("client 2 left");
    until_at_most(running + CLIENTS - 1);
    no_zombies("after one client has left");
    must_run(p);
    send_signal_alone(p, SIGSTOP);
    for (int i = 1; i < CLIENTS; i++)
        hang_up(fd[i], false);
    until_at_most(running);
    send_signal_alone(p, SIGCONT);
    did("the other %d left, all while the server slept", CLIENTS - 1);
    no_zombies("after all but one client have left");
    must_run(p);
    echoed(stays, "client 1");
    echoed(call(port, NULL, NULL), "client 8");
}

const struct exercise exercise = {
    .judge = judge,
    .why = "An ended child stays in the list of processes until its "
           "parent asks for its exit status, or has said that it does "
           "not care.",
    .read = "ch-greeting",
};
