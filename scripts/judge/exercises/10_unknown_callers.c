/* Clients call from several addresses: the server must list each with
 * its address and its port. */
#include "../judge.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void judge(void)
{
    int port = some_port();
    struct program *p = serve(port);
    for (int i = 1; i <= 4; i++) {
        char from[INET_ADDRSTRLEN], entry[64], what[64];
        struct sockaddr_in here;
        socklen_t size = sizeof here;
        struct in_addr address = some_address();
        inet_ntop(AF_INET, &address, from, sizeof from);
        int fd = call(port, from, NULL);
        getsockname(fd, (struct sockaddr *)&here, &size);
        snprintf(entry, sizeof entry, "%s port %d\n", from,
                 ntohs(here.sin_port));
        did("client %d called, from %.*s", i, (int)strlen(entry) - 1,
            entry);
        snprintf(what, sizeof what, "the greeting of client %d", i);
        hears(fd, GREETING, what);
        hears_end(fd);
        snprintf(what, sizeof what, "the list's entry for client %d",
                 i);
        prints(p, entry, what);
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "The length goes into accept as the space there is for the "
           "address: with none the kernel writes nothing of it, and "
           "reports no error.",
    .read = "ch-accept",
};
