/* A server for everyone must answer at each address of its machine; on
 * Linux that includes all of 127.0.0.0/8. */
#include "../judge.h"
#include <stdio.h>

static void judge(void)
{
    int port = some_port();
    serve(port);
    greeted(port, NULL, NULL);
    did("it greeted a client at 127.0.0.1");
    for (int i = 0; i < 3; i++) {
        char to[32];
        snprintf(to, sizeof to, "127.%u.%u.%u", 1 + chance(250),
                 chance(250), 1 + chance(250));
        did("called it at %s, another address of this machine", to);
        greeted(port, NULL, to);
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "bind says at which of a machine's addresses a server can "
           "be reached: at 127.0.0.1 only from the machine itself, at "
           "INADDR_ANY at each of them.",
    .read = "ch-bind",
};
