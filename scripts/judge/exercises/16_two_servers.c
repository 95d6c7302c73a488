/* A port is for one server: a second one must fail. A restart must
 * work, though the first server's connections are still in
 * TIME-WAIT. */
#include "../judge.h"

static void judge(void)
{
    int port = some_port();
    struct program *first = serve(port);
    greeted(port, NULL, NULL);
    struct program *second = start(port, 0);
    did("started it a second time, while the first one runs");
    must_be_refused(second);
    blame(first);
    for (int i = 0; i < 3; i++)
        greeted(port, NULL, NULL);
    did("the first one greeted three more clients");
    stop(first);
    did("ended it and started it again");
    start(port, 0);
    greeted(port, NULL, NULL);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "Options are numbers, not bits, so two of them OR-ed are a "
           "third one: set each with a call of its own, and only "
           "SO_REUSEADDR is needed here.",
    .read = "ch-bind",
};
