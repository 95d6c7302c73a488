/* The server's log goes into a pipe: each client's line must be in it
 * when that client has been greeted. */
#include "../judge.h"
#include <stdio.h>

static void judge(void)
{
    int port = some_port();
    struct program *p = serve(port);
    for (int i = 1; i <= 3; i++) {
        char text[32], what[80];
        greeted(port, NULL, NULL);
        did("client %d was greeted", i);
        snprintf(text, sizeof text, "client %d\n", i);
        snprintf(what, sizeof what,
                 "what is in its output after client %d", i);
        prints(p, text, what);
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "Into a pipe or a file standard output keeps its bytes back "
           "until there are many: fflush, or setvbuf at the start, "
           "lets them go.",
    .read = "ch-greeting",
};
