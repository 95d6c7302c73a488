/* Clients call from many addresses, at many addresses: the server must
 * print both for each. */
#include "../judge.h"
#include <arpa/inet.h>
#include <stdio.h>

static void judge(void)
{
    int port = some_port();
    struct program *p = serve(port);
    for (int i = 1; i <= 4; i++) {
        char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN] = "127.0.0.1";
        char entry[80], what[80];
        struct in_addr a = some_address(), b = a;
        while (b.s_addr == a.s_addr)
            b = some_address();
        inet_ntop(AF_INET, &a, from, sizeof from);
        if (i > 1)
            inet_ntop(AF_INET, &b, to, sizeof to);
        greeted(port, from, to);
        did("client %d called from %s, at %s", i, from, to);
        snprintf(entry, sizeof entry, "%s called %s\n", from, to);
        snprintf(what, sizeof what, "what it prints of client %d", i);
        prints(p, entry, what);
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "inet_ntoa writes into one buffer for all, so the second "
           "call overwrites the first address before it is printed; "
           "inet_ntop writes into yours.",
    .read = "ch-accept",
};
