/* The answers of an echo server, in one piece and in several, at once
 * and late: the client has to print all of each before the next line. */
#include "judge.h"

static void lines(size_t a, size_t b, size_t c, int pieces, int pause)
{
    int fd;
    struct program *p = client(&fd, 0);
    converse(p, fd, line(a), 1, 0);
    converse(p, fd, line(b), pieces, pause);
    converse(p, fd, line(c), pieces > 1 ? 2 : 1, pause);
    end_input(p);
    did("typed Ctrl-D");
    hears_end(fd);
    must_end(p, 0, "the client to end, with exit status 0");
}

static void judge(void)
{
    lines(10 + chance(30), 2500 + chance(1000), 10 + chance(30), 1, 0);
    lines(10 + chance(30), 40 + chance(30), 10 + chance(30), 3, 60);
    lines(20 + chance(30), 4000 + chance(4000), 1030 + chance(90), 5,
          30);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "One recv takes what has come so far, which may be less than "
           "what was sent and less than the buffer holds: TCP keeps the "
           "bytes and their order, not the pieces.",
    .read = "ch-sendrecv",
};
