/* Lines, among them empty ones: the server has to get each of them with
 * its newline, and the answer has to be printed before the next. */
#include "judge.h"

static void lines(size_t a, size_t b, size_t c)
{
    int fd;
    struct program *p = client(&fd, 0);
    converse(p, fd, line(a), 1, 0);
    converse(p, fd, line(b), 1, 0);
    converse(p, fd, line(c), 1, 0);
    end_input(p);
    did("typed Ctrl-D");
    hears_end(fd);
    must_end(p, 0, "the client to end, with exit status 0");
}

/* The newline of an answer comes last, and alone. */
static void in_pieces(void)
{
    int fd;
    struct program *p = client(&fd, 0);
    for (int size = 4; size <= 6; size++)
        converse(p, fd, line((size_t)size), size, 20);
}

static void judge(void)
{
    lines(1, 1, 5 + chance(30));
    lines(5 + chance(30), 1, 5 + chance(30));
    in_pieces();
}

const struct exercise exercise = {
    .judge = judge,
    .why = "A send of 0 bytes puts nothing on a stream, so nothing can "
           "come back: the newline is what makes an empty line a "
           "message.",
    .read = "ch-echo",
};
