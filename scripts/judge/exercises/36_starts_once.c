/* Starts the server, kills it, starts it again; then a second one beside
 * it, which must leave the path to the first. */
#include "../judge.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char name[40];

/* Connects at the path, and must be greeted. */
static void greets(struct program *p, const char *who)
{
    struct sockaddr_un peer = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool reached = false;
    snprintf(peer.sun_path, sizeof peer.sun_path, "%s",
             shared_path(name));
    for (long long until = now() + PATIENCE;
         !reached && p->pid != 0 && now() < until;) {
        reached =
            connect(fd, (struct sockaddr *)&peer, sizeof peer) == 0;
        if (!reached)
            ended(p, 10);
    }
    blame(p);
    must(reached, "to be able to connect at the path", "%s", fate(p));
    hears(fd, GREETING, who);
    hears_end(fd);
    did("%s was greeted", who);
}

static void judge(void)
{
    int number = some_port();
    snprintf(name, sizeof name, "greeting.%d", number);
    unlink(shared_path(name));
    for (int i = 1; i <= 3; i++) {
        char who[40];
        struct program *p = start(number, SHARED_FOLDER);
        did("start %d, with number %d", i, number);
        snprintf(who, sizeof who, "a client of start %d", i);
        greets(p, who);
        stop(p);
        did("killed it");
    }
    struct program *first = start(number, SHARED_FOLDER);
    greets(first, "a client of start 4");
    struct program *second = start(number, SHARED_FOLDER);
    did("started a second one beside it");
    blame(second);
    must(ended(second, PATIENCE), "the second one to end", "it runs");
    must(second->status != 0,
         "the second one's exit status to say that it was refused",
         "%s", fate(second));
    greets(first, "a client of the first one");
    must_run(first);
    stop(first);
    unlink(shared_path(name));
}

const struct exercise exercise = {
    .judge = judge,
    .why = "A path stays when its server is gone. Only connect tells "
           "whether somebody listens there, and unlink takes it away.",
    .read = "ch-unix",
};
