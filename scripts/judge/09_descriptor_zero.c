/* The client with standard input and without, and where there is no
 * socket to be had. */
#include "judge.h"
#include <string.h>

static void spoken_to(int flags)
{
    int fd;
    struct program *p = client(&fd, flags);
    char *text = line(20 + chance(40));
    size_t size = strlen(text);
    say(fd, text, size);
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
    must(strstr(p->complaint, "socket") != NULL,
         "a line on standard error that names the call, socket", "%s",
         p->complaint[0] ? quoted(p->complaint, strlen(p->complaint))
                         : "not a word");
}

const struct exercise exercise = {
    .judge = judge,
    .why = "socket returns the lowest free number, which is 0 where "
           "standard input is closed: only -1 is a failure.",
    .read = "ch-socket",
};
