/* Lines are typed while no socket is at the port, then while a service
 * is there: the sender must go on, and then the lines must arrive. */
#include "../judge.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char prompt[] = "next line?\n";

static void typed(struct program *p, int number, const char *text)
{
    char what[80];
    feed(p, text);
    did("typed line %d, %s", number, quoted(text, strlen(text)));
    snprintf(what, sizeof what, "what it prints after line %d", number);
    prints(p, prompt, what);
}

static void judge(void)
{
    int port, fd = datagram_socket(&port), number = 1;
    close(fd);
    struct program *p = start(port, 0);
    did("started it; nobody is at UDP port %d", port);
    while (number <= 7)
        typed(p, number++, line(20));
    must_run(p);
    struct sockaddr_in here = here_at(port);
    fd = own_socket(SOCK_DGRAM | SOCK_NONBLOCK);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) == -1)
        could_not("a port for the judge", strerror(errno));
    did("now the service is there");
    char heard[256], what[80];
    /* May be lost: its send may report the error of the last one. */
    typed(p, number++, line(10));
    while (recv(fd, heard, sizeof heard, 0) > 0)
        ;
    for (int i = 0; i < 3; i++, number++) {
        char *text = line(10 + chance(20));
        typed(p, number, text);
        ssize_t n = pump(fd, POLLIN, PATIENCE / 2)
                        ? recv(fd, heard, sizeof heard, 0)
                        : 0;
        snprintf(what, sizeof what, "line %d, as the service gets it",
                 number);
        same(what, text, strlen(text), heard, n > 0 ? (size_t)n : 0,
             n > 0 ? "" : "no datagram");
    }
    end_input(p);
    must_end(p, 0, "the sender to end with its input, exit status 0");
}

const struct exercise exercise = {
    .judge = judge,
    .why = "On a connected UDP socket ECONNREFUSED is news of an "
           "earlier "
           "datagram, which nobody was there to take: the next one may "
           "arrive, so go on.",
    .read = "ch-udp",
};
