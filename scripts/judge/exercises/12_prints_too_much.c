/* Texts of many lengths, each sent when the one before it was printed:
 * the client must print exactly these bytes, and count them. */
#include "../judge.h"
#include <stdio.h>
#include <string.h>

static void judge(void)
{
    int fd;
    struct program *p = client(&fd, 0);
    size_t sizes[] = {20 + chance(10), 3, 31, 4, 32, 5, 33, 200, 2};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    char all[1024] = "", what[80];
    size_t total = 0;
    for (int i = 0; i < COUNT; i++) {
        char *text = line(sizes[i]);
        if (sizes[i] > 32) /* the client must not use it as a format */
            memcpy(text + sizes[i] / 2, "%%", 2);
        say(fd, text, sizes[i]);
        strcat(all, text);
        total += sizes[i];
        did("text %d of %d: the server sent %zu bytes, %s", i + 1,
            COUNT, sizes[i], quoted(text, sizes[i]));
        snprintf(what, sizeof what, "what it has printed after text %d",
                 i + 1);
        printed_all(p, all, total, what);
    }
    hang_up(fd, false);
    did("the server closed");
    must_end(p, 0, "the client to end with exit status 0");
    sprintf(all + total, "%zu bytes\n", total);
    printed_all(p, all, strlen(all), "all that it printed");
}

const struct exercise exercise = {
    .judge = judge,
    .why = "recv writes the bytes that came and no zero byte behind "
           "them: the number that it returns says where the text ends.",
    .read = "ch-sendrecv",
};
