/* Datagrams of all sizes, from 0 bytes to the largest: the answer must
 * be the whole length. */
#include "../judge.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Asks the service up to `tries` times. The answer's size, -1: none. */
static ssize_t ask(int port, const void *bytes, size_t size,
                   char *answer, size_t most, int tries)
{
    struct sockaddr_in peer = here_at(port);
    int fd = own_socket(SOCK_DGRAM | SOCK_NONBLOCK);
    ssize_t n = -1;
    connect(fd, (struct sockaddr *)&peer, sizeof peer);
    for (int i = 0; n == -1 && i < tries; i++) {
        if (send(fd, bytes, size, 0) != -1
            && pump(fd, POLLIN, PATIENCE / tries))
            n = recv(fd, answer, most, 0);
        if (n == -1)
            rest(10);
    }
    close(fd);
    return n;
}

static void judge(void)
{
    static char text[65536], answer[256], wanted[256];
    char what[80];
    int port = some_port();
    struct program *p = serve(port);
    ssize_t n = -1;
    for (int i = 0; i < 2 && n == -1 && p->pid != 0; i++)
        n = ask(port, "warm", 4, answer, sizeof answer, 60);
    must(n != -1, "a service that answers", "no answer; %s", fate(p));
    const size_t sizes[] = {1 + chance(400),
                            512,
                            0,
                            513 + chance(700),
                            9000 + chance(9000),
                            60000 + chance(5507),
                            65507,
                            5};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        snprintf(wanted, sizeof wanted, "%zu bytes\n", sizes[i]);
        did("sent a datagram of %zu bytes", sizes[i]);
        n = ask(port, text, sizes[i], answer, sizeof answer, 1);
        snprintf(what, sizeof what,
                 "the answer to a datagram of %zu bytes", sizes[i]);
        same(what, wanted, strlen(wanted), answer,
             n == -1 ? 0 : (size_t)n, n == -1 ? "no answer" : "");
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "One recvfrom takes one datagram, and what does not fit "
           "into the buffer is dropped without an error: make room for "
           "the largest, or ask how long it was.",
    .read = "ch-udp",
};
