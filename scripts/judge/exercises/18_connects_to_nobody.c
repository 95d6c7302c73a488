/* A server gets a line and answers with another, in two pieces; then
 * there is no server at all, and the client must say so. */
#include "../judge.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void judge(void)
{
    for (int i = 1; i <= 2; i++) {
        int port, listener = listening(&port);
        char *text = line(20 + chance(40)), *answer = line(60);
        struct program *p = start(port, 0);
        did("started it against a server at port %d", port);
        feed(p, text);
        did("typed %s", quoted(text, strlen(text)));
        int fd = taken(listener, p);
        close(listener);
        hears(fd, text, "the line, as the server gets it");
        say(fd, answer, 15);
        read_by_peer(fd, 300);
        say(fd, answer + 15, 45);
        did("the server answered %s", quoted(answer, 60));
        must_end(p, 0, "the client to end with exit status 0");
        prints(p, answer, "the answer, as it prints it");
        hang_up(fd, false);
    }
    struct program *p = start(some_port(), 0);
    feed(p, "is anybody there\n");
    did("started it where no server is, and typed a line");
    must_end(p, 1, "the client to end with exit status 1");
    must(strstr(p->complaint, "connect") != NULL,
         "a line on standard error that names the call, connect", "%s",
         p->complaint[0] ? quoted(p->complaint, strlen(p->complaint))
                         : "not a word");
}

const struct exercise exercise = {
    .judge = judge,
    .why = "A family that was never set is 0, AF_UNSPEC, and connect "
           "with that undoes a connection in place of making one, and "
           "returns 0.",
    .read = "ch-connect",
};
