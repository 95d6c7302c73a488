/* Lines, in one piece and in two, from one client after the other: each
 * must come back. */
#include "../judge.h"
#include <stdio.h>
#include <string.h>

static void judge(void)
{
    int port = some_port();
    serve(port);
    for (int i = 1; i <= 4; i++) {
        char what[64], *text = line(20 + chance(60));
        size_t size = strlen(text), head = i % 2 ? size : 9;
        int fd = call(port, NULL, NULL);
        say(fd, text, head);
        if (head < size)
            read_by_peer(fd, 300);
        say(fd, text + head, size - head);
        did("client %d sent %s%s", i, quoted(text, size),
            head < size ? ", in two pieces" : "");
        snprintf(what, sizeof what, "what comes back to client %d", i);
        hears(fd, text, what);
        hears_end(fd);
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "A listening socket accepts connections and carries no "
           "bytes: the conversation is on the socket that accept "
           "returned.",
    .read = "ch-accept",
};
