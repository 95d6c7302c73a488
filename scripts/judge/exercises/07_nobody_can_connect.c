/* A server must be reachable at the port that it was given, whichever
 * that is. */
#include "../judge.h"

static void judge(void)
{
    for (int i = 0; i < 2; i++) {
        int port = some_port();
        struct program *p = serve(port);
        greeted(port, NULL, NULL);
        greeted(port, NULL, NULL);
        did("two clients were greeted at port %d", port);
        stop(p);
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "A port goes into the address with its high byte first, and "
           "most machines keep the low one first: htons puts them in "
           "order.",
    .read = "ch-bind",
};
