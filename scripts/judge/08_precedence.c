/* A server speaks first, in two pieces; the client has to print it all.
 * And where a call fails it has to say which. */
#include "judge.h"
#include <string.h>

static void spoken_to(int flags)
{
    int fd;
    struct program *p = client(&fd, flags);
    char *text = line(20 + chance(40));
    size_t size = strlen(text);
    say(fd, text, 10);
    read_by_peer(fd, 300);
    say(fd, text + 10, size - 10);
    hang_up(fd, false);
    did("the server said %s and closed", quoted(text, size));
    must_end(p, 0, "the client to end with exit status 0");
    printed_all(p, text, size, "what it prints");
}

static void judge(void)
{
    spoken_to(0);
    spoken_to(INPUT_CLOSED);
    struct program *p = start(some_port(), NO_SOCKETS);
    did("started it where socket fails with EMFILE");
    must_end(p, 1, "the client to end with exit status 1");
    must(strstr(p->complaint, "socket") != NULL
             && strstr(p->complaint, "connect") == NULL,
         "a line on standard error that names the call, socket", "%s",
         p->complaint[0] ? quoted(p->complaint, strlen(p->complaint))
                         : "not a word");
}

const struct exercise exercise = {
    .judge = judge,
    .why = "== binds more tightly than =, so the variable got the "
           "result "
           "of the comparison, 0, and not the descriptor.",
    .read = "ch-socket",
};
