/* Several clients at a time wait in the queue while the program is
 * stopped, so that it accepts them in the same moment: each must get
 * its answer, and so must one that came first and stays. */
#include "judge.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS = 15, CLIENTS = 5 };
static int port;

/* Whether each of them has something to receive. */
static bool answered(const int *fd)
{
    for (int i = 0; i < CLIENTS; i++)
        if (!pump(fd[i], POLLIN, 0))
            return false;
    return true;
}

/* They connect and send while it is stopped. Then it is stopped again
 * and again: a sleep that a mend puts between two clients is over when
 * it goes on, and the new thread and the loop run at the same time. */
static void at_once(struct program *p, int round)
{
    enum { STOPS = 12 };
    static const int lengths[] = {0, 3, 15, 60, 60}; /* milliseconds */
    int length = lengths[round % 5], fd[CLIENTS];
    char *text[CLIENTS], what[64];
    send_signal(p, SIGSTOP);
    for (int i = 0; i < CLIENTS; i++) {
        fd[i] = call(port, NULL, NULL);
        text[i] = line(2 + chance(60));
        say(fd[i], text[i], strlen(text[i]));
    }
    send_signal(p, SIGCONT);
    did("%d clients connected in the same moment", CLIENTS);
    for (int i = 0; i < STOPS && length > 0 && !answered(fd); i++) {
        send_signal(p, SIGSTOP);
        rest(length);
        send_signal(p, SIGCONT);
    }
    for (int i = 0; i < CLIENTS; i++) {
        int number = 2 + round * CLIENTS + i;
        did("client %d sent %s", number,
            quoted(text[i], strlen(text[i])));
        snprintf(what, sizeof what, "what comes back to client %d",
                 number);
        hears(fd[i], text[i], what);
    }
    for (int i = 0; i < CLIENTS; i++)
        hang_up(fd[i], false);
}

static void judge(void)
{
    port = some_port();
    struct program *p = serve(port);
    int stays = call(port, NULL, NULL);
    echoed(stays, "client 1, which stays,");
    for (int round = 0; round < ROUNDS; round++)
        at_once(p, round);
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
