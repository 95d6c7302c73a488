/* Short lines and long ones: each must reach the server whole, with
 * nothing after it. */
#include "../judge.h"
#include <stdio.h>
#include <string.h>

static void judge(void)
{
    size_t sizes[] = {3, 8, 20 + chance(20), 500 + chance(400)};
    for (int i = 0; i < 4; i++) {
        int fd;
        char what[64], *text = line(sizes[i]);
        struct program *p = client(&fd, 0);
        feed(p, text);
        end_input(p);
        did("typed %zu bytes, %s", sizes[i], quoted(text, sizes[i]));
        snprintf(what, sizeof what, "what the server gets of line %d",
                 i + 1);
        hears(fd, text, what);
        hears_end(fd);
        must_end(p, 0, "the client to end with exit status 0");
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "In a function an array is a pointer, and sizeof gives the "
           "pointer's size: how long a text is, strlen says, or a "
           "parameter.",
    .read = "ch-sendrecv",
};
