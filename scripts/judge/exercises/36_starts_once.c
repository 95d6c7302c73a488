/* Starts the server, kills it, starts it again; then a second one beside
 * it, which must leave the path to the first. */
#include "../judge.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un peer = {.sun_family = AF_UNIX};

/* Connects at the path, and must be greeted. */
static void greets(struct program *p, const char *who)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool reached = false;
    if (fd == -1)
        could_not("a socket for the judge", strerror(errno));
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
    char name[40];
    snprintf(name, sizeof name, "greeting.%d", number);
    const char *path = shared_path(name);
    if (strlen(path) >= sizeof peer.sun_path)
        could_not("to connect at a path", strerror(ENAMETOOLONG));
    strcpy(peer.sun_path, path);
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
    must_be_refused(second);
    greets(first, "a client of the first one");
    must_run(first);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "A path stays when its server is gone. Only connect tells "
           "whether somebody listens there, and unlink takes it away.",
    .read = "ch-unix",
};
