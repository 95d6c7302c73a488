/* Lines of all lengths, in pieces and several at once, from clients that
 * stay: each must get its answers, and the last one of a client that has
 * ended its side the end after it. */
#include "../judge.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LONG = 300 * 1000, LINES = 60 };

/* The answer to a line of so many bytes and its newline. */
static const char *answer_to(size_t size)
{
    static char text[40];
    snprintf(text, sizeof text, "%zu bytes\n", size - 1);
    return text;
}

/* Says a line of that size in so many pieces; the answer must come. */
static void answered(int fd, const char *peer, size_t size, int pieces)
{
    char what[100];
    say_in_pieces(fd, line(size), size, pieces, pieces > 1 ? 5 : 0);
    did("%s sent a line of %zu bytes%s", peer, size,
        pieces > 1 ? " in pieces" : "");
    snprintf(what, sizeof what, "the answer to %s", peer);
    hears(fd, answer_to(size), what);
}

/* Several lines with one send, and the answer to each. */
static void answered_at_once(int fd)
{
    char *answers = calloc(LINES, 40), *lines = calloc(LINES, 100);
    size_t used = 0;
    if (answers == NULL || lines == NULL)
        could_not("many lines", "no memory");
    for (int i = 0; i < LINES; i++) {
        size_t size = 1 + chance(60);
        memcpy(lines + used, line(size), size);
        used += size;
        strcat(answers, answer_to(size));
    }
    say(fd, lines, used);
    did("client 1 sent %d lines at once, %zu bytes", LINES, used);
    hears_bytes(fd, answers, strlen(answers),
                "the answers to client 1");
    free(answers);
    free(lines);
}

static void judge(void)
{
    int port = some_port();
    struct program *p = serve(port);
    int first = call(port, NULL, NULL);
    answered(first, "client 1", 6, 1);
    answered(first, "client 1", 100 + chance(100), 1);
    answered(first, "client 1", 2000 + chance(1000), 4);
    answered_at_once(first);
    int second = call(port, NULL, NULL);
    say(second, "half", 4);
    did("client 2 sent half a line, and stays");
    int third = call(port, NULL, NULL);
    answered(third, "client 3", LONG + chance(1000), 1);
    answered(first, "client 1", 500, 1);

    /* All of it, and the end, are there before the program looks. */
    size_t size = 70 + chance(40);
    send_signal(p, SIGSTOP);
    say(third, line(size), size);
    shutdown(third, SHUT_WR);
    send_signal(p, SIGCONT);
    did("client 3 sent a line of %zu bytes and ended its side, before"
        " the program could look",
        size);
    hears(third, answer_to(size), "the answer to client 3");
    hears_end(third);
    hang_up(first, true);
    did("client 1 reset");
    say(second, " a line\n", 8);
    did("client 2 sent the other half");
    hears(second, answer_to(12), "the answer to client 2");
    must(falls_asleep(),
         "the server to rest while nobody says anything",
         "it goes on running");
}

const struct exercise exercise = {
    .judge = judge,
    .why = "With EPOLLET a report says that something has come, once: "
           "take all of it, until recv fails with EAGAIN, or leave "
           "EPOLLET out.",
    .read = "ch-epoll",
};
