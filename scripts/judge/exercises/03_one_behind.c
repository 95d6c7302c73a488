/* An echo server answers in one piece and in several, each sent when
 * the one before it was received: the client must print all of an
 * answer before it reads the next line. */
#include "../judge.h"
#include <stdio.h>
#include <string.h>

/* Types line `number` and answers it in so many pieces. */
static void answered(struct program *p, int fd, int number, size_t size,
                     size_t pieces)
{
    char what[80], *text = line(size), *answer = line(size);
    feed(p, text);
    did("typed line %d, of %zu bytes: %s", number, size,
        quoted(text, size));
    snprintf(what, sizeof what, "line %d, as the server gets it",
             number);
    hears(fd, text, what);
    for (size_t i = 0, sent = 0; i < pieces; i++) {
        size_t piece = (size - sent) / (pieces - i);
        if (i > 0)
            read_by_peer(fd, PATIENCE / 2);
        say(fd, answer + sent, piece);
        sent += piece;
    }
    did("the server answered %s%s", quoted(answer, size),
        pieces == 1 ? "" : ", in pieces");
    snprintf(what, sizeof what,
             "the answer to line %d, printed before line %d is typed",
             number, number + 1);
    prints(p, answer, what);
}

static void lines(size_t a, size_t b, size_t c, size_t pieces)
{
    int fd;
    struct program *p = client(&fd, 0);
    answered(p, fd, 1, a, 1);
    answered(p, fd, 2, b, pieces);
    answered(p, fd, 3, c, pieces);
    end_input(p);
    did("typed Ctrl-D");
    hears_end(fd);
    must_end(p, 0, "the client to end, with exit status 0");
}

/* The server closes in the middle of its answer. */
static void left_alone(void)
{
    int fd;
    struct program *p = client(&fd, 0);
    char *text = line(60 + chance(30));
    feed(p, text);
    did("typed %s", quoted(text, strlen(text)));
    hears(fd, text, "the line, as the server gets it");
    say(fd, text, 30);
    hang_up(fd, false);
    did("the server answered %s and closed", quoted(text, 30));
    must_end(p, 1, "the client to end, with exit status 1");
}

static void judge(void)
{
    lines(10 + chance(30), 2500 + chance(1000), 10 + chance(30), 1);
    lines(10 + chance(30), 40 + chance(30), 10 + chance(30), 3);
    lines(20 + chance(30), 4000 + chance(4000), 1030 + chance(90), 5);
    left_alone();
}

const struct exercise exercise = {
    .judge = judge,
    .why = "One recv takes what has come so far, which may be less "
           "than what was sent and less than the buffer holds: TCP "
           "keeps the bytes and their order, not the pieces.",
    .read = "ch-sendrecv",
};
