/* Lines, some of them empty: each must reach the server with its
 * newline, and its answer must be printed before the next is typed. */
#include "../judge.h"

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

/* Answers byte by byte, each when the one before was received, so that
 * the newline comes last and alone. */
static void byte_by_byte(void)
{
    int fd;
    struct program *p = client(&fd, 0);
    for (size_t size = 4; size <= 6; size++) {
        const char *text = line(size), *answer = line(size);
        feed(p, text);
        did("typed %s", quoted(text, size));
        hears(fd, text, "what the server gets");
        for (size_t i = 0; i < size; i++) {
            if (i > 0)
                read_by_peer(fd, 300);
            say(fd, answer + i, 1);
        }
        did("the server answered %s, byte by byte",
            quoted(answer, size));
        prints(p, answer, "what it prints, before the next line");
    }
}

static void judge(void)
{
    lines(1, 1, 5 + chance(30));
    lines(5 + chance(30), 1, 5 + chance(30));
    byte_by_byte();
}

const struct exercise exercise = {
    .judge = judge,
    .why = "A send of 0 bytes puts nothing on a stream, so nothing can "
           "come back: the newline is what makes an empty line a "
           "message.",
    .read = "ch-echo",
};
