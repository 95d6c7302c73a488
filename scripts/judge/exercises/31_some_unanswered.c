/* Several clients at a time wait in the queue while the program is
 * stopped, so that it accepts them in the same moment: each must get
 * its answer, and so must one that came first and stays. */
#define _POSIX_C_SOURCE 200809L
#include "../judge.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 15, CLIENTS = 5, HELD = 500 /* milliseconds */ };
static int port;

/* Whether each of them has something to receive. */
static bool answered(const int *fd)
{
    for (int i = 0; i < CLIENTS; i++)
        if (!pump(fd[i], POLLIN, 0))
            return false;
    return true;
}

/* Fills the pipe of its standard error. Now each new thread waits with
 * the line that it writes there first, as long as we do not read, and
 * the loop accepts the next client, whatever nap a mend puts there. */
static void hold_threads(struct program *p)
{
    static const char zeros[4096];
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", p->err);
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    for (size_t size = sizeof zeros; fd != -1 && size > 0; size /= 2)
        while (write(fd, zeros, size) == (ssize_t)size)
            ;
    if (fd != -1)
        close(fd);
}

/* They connect and send while it is stopped. Then, in the first round,
 * its threads are held for a while; in most others it is stopped again
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
    if (round == 0) {
        char complaint[sizeof p->complaint];
        memcpy(complaint, p->complaint, sizeof complaint);
        hold_threads(p);
        send_signal(p, SIGCONT);
        poll(NULL, 0, HELD);
        pump(-1, 0, 0); /* reads all that we have written */
        memcpy(p->complaint, complaint, sizeof complaint);
    }
    send_signal(p, SIGCONT);
    did("%d clients connected in the same moment%s", CLIENTS,
        round == 0 ? "; its standard error was read half a second later"
                   : "");
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
