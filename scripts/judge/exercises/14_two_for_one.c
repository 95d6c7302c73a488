/* Lines as TCP may deliver them: one at a time, in parts, and many at
 * once. Each must get exactly one answer. */
#include "../judge.h"
#include <stdio.h>
#include <string.h>

/* Receives the answer to a line of `length` bytes and a newline. */
static void measured(int fd, int number, int of, size_t length)
{
    char answer[32], what[64];
    snprintf(answer, sizeof answer, "%zu bytes\n", length);
    snprintf(what, sizeof what, "the answer to line %d of %d", number,
             of);
    hears(fd, answer, what);
}

static void judge(void)
{
    enum { MANY = 40 };
    int port = some_port();
    size_t sizes[MANY];
    serve(port);
    int fd = call(port, NULL, NULL);
    for (int i = 1; i <= 2; i++) {
        char *text = line(2 + chance(80));
        say(fd, text, strlen(text));
        did("sent line %d of 2, %s", i, quoted(text, strlen(text)));
        measured(fd, i, 2, strlen(text) - 1);
    }
    char *one = line(60 + chance(20)), *two = line(30 + chance(20));
    char both[200];
    snprintf(both, sizeof both, "%s%s", one, two);
    size_t parts[] = {20, strlen(one) + 10, strlen(both)};
    for (size_t i = 0, sent = 0; i < 3; sent = parts[i++]) {
        if (i > 0)
            read_by_peer(fd, 300);
        say(fd, both + sent, parts[i] - sent);
        did("%s %s", i == 0 ? "sent two lines in three parts:" : "and",
            quoted(both + sent, parts[i] - sent));
    }
    measured(fd, 1, 2, strlen(one) - 1);
    measured(fd, 2, 2, strlen(two) - 1);
    hang_up(fd, false);
    fd = call(port, NULL, NULL);
    char all[8192] = "";
    for (int i = 0; i < MANY; i++)
        strcat(all, line(sizes[i] = i == 3   ? 1
                                    : i == 7 ? 1001
                                             : 1 + chance(100)));
    say(fd, all, strlen(all));
    did("another client sent %d lines at once, %zu bytes", MANY,
        strlen(all));
    for (int i = 0; i < MANY; i++)
        measured(fd, i + 1, MANY, sizes[i] - 1);
    hang_up(fd, false);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "TCP keeps bytes, not messages: how many sends there were "
           "cannot be seen by the receiver, so the newline has to say "
           "where a line ends.",
    .read = "ch-sendrecv",
};
