/* crowd: a class of simulated clients of lesson 11.
 *
 *   crowd N ADDRESS PORT
 *
 * N clients come within four seconds. Each sends a line now and then and
 * compares what comes back; after some lines it leaves, and soon comes
 * back. The crowd runs until it is killed, or nobody reads its output:
 *
 *   mine ADDRESS:PORT  the local end of one of its connections
 *   ...                any other line is a report, once a second, on
 *                      lines sent and answered
 *
 * Exit status: 1 a call failed, 2 wrong arguments.
 */
#define _DEFAULT_SOURCE 1
#include "../common/clock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* All times in milliseconds. */
enum {
    MOST = 4000, /* clients */
    COMING = 4000, /* within which all have come */
    PATIENCE = 5000, /* after which an answer counts as missing */
    LINE = 64 /* bytes */
};

static struct client {
    enum { AWAY, CALLING, QUIET, ASKING } state;
    long long next; /* when it does something, or gives up */
    int lines; /* to say before it leaves */
    bool late; /* its answer has been counted as missing */
    char line[LINE];
    size_t size, got; /* bytes of the line; of its answer so far */
} clients[MOST];
static struct pollfd watched[MOST];
static int n;

static struct sockaddr_storage server, here; /* here: without a port */
static socklen_t server_size;
static long asked, answered, missing, wrong, lost;

/* The time after a random delay between these two. */
static long long within(int least, int most)
{
    return now() + least + rand() % (most - least);
}

/* Closes its connection; it will come back. */
static void leaves(int i)
{
    close(watched[i].fd);
    watched[i].fd = -1;
    clients[i].state = AWAY;
    clients[i].next = within(1000, 4000);
}

/* The connection is over, and this side has not ended it. */
static void is_lost(int i)
{
    lost++;
    leaves(i);
}

/* Prints the local end of a connection to be: otherwise the board could
 * not know that it is simulated. getsockname(2). */
static void is_mine(int sock)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage end = {0};
    socklen_t size = sizeof end;
    char text[INET6_ADDRSTRLEN];

    if (getsockname(sock, (struct sockaddr *)&end, &size) == -1)
        return;
    memcpy(&v4, &end, sizeof v4);
    memcpy(&v6, &end, sizeof v6);
    if (end.ss_family == AF_INET)
        printf("mine %s:%u\n",
               inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text),
               (unsigned)ntohs(v4.sin_port));
    else
        printf("mine [%s]:%u\n",
               inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text),
               (unsigned)ntohs(v6.sin6_port));
}

/* Starts to connect, without blocking. Prints the local end before that:
 * the server may accept at once. */
static void comes(int i)
{
    struct client *c = &clients[i];
    struct pollfd *w = &watched[i];

    w->fd = socket(server.ss_family, SOCK_STREAM, 0);
    if (w->fd == -1) {
        perror("crowd: socket");
        exit(1);
    }
    fcntl(w->fd, F_SETFL, O_NONBLOCK);
    w->events = POLLOUT;
    c->state = CALLING;
    c->lines = 5 + rand() % 20;
    c->next = within(PATIENCE, PATIENCE + 1);
    if (bind(w->fd, (struct sockaddr *)&here, server_size) == 0)
        is_mine(w->fd);
    if (connect(w->fd, (struct sockaddr *)&server, server_size) == -1
        && errno != EINPROGRESS)
        is_lost(i);
}

/* Sends a line, which is short enough for one send. */
static void says(int i)
{
    static const char *const texts[] = {
        "Hello",         "Is anybody there?", "Good morning",
        "Does it echo?", "One, two, three",
    };
    struct client *c = &clients[i];

    c->size = (size_t)snprintf(
        c->line, LINE, "%s from %d\n",
        texts[(size_t)rand() % (sizeof texts / sizeof texts[0])],
        i + 1);
    c->got = 0;
    c->late = false;
    c->state = ASKING;
    c->next = within(PATIENCE, PATIENCE + 1);
    c->lines--;
    asked++;
    if (send(watched[i].fd, c->line, c->size, MSG_NOSIGNAL)
        != (ssize_t)c->size)
        is_lost(i);
}

/* poll has reported it: it is connected, has an answer, or is lost. */
static void hears(int i)
{
    struct client *c = &clients[i];
    char text[LINE];
    ssize_t got;

    if (c->state == CALLING
        && !(watched[i].revents & (POLLERR | POLLHUP))) {
        c->state = QUIET;
        c->next = within(100, 4000);
        watched[i].events = POLLIN;
        return;
    }
    got = recv(watched[i].fd, text, sizeof text, 0);
    if (got == -1 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        is_lost(i);
        return;
    }
    if (c->state != ASKING || (size_t)got > c->size - c->got
        || memcmp(text, c->line + c->got, (size_t)got) != 0) {
        wrong++;
        leaves(i);
        return;
    }
    c->got += (size_t)got;
    if (c->got == c->size) {
        answered++;
        missing -= c->late;
        c->state = QUIET;
        c->next = within(2000, 10000);
    }
}

/* The time in `next` has come. */
static void acts(int i)
{
    struct client *c = &clients[i];

    if (c->state == AWAY) {
        comes(i);
    } else if (c->state == CALLING) {
        is_lost(i);
    } else if (c->state == QUIET && c->lines > 0) {
        says(i);
    } else if (c->state == QUIET) {
        leaves(i);
    } else if (!c->late) {
        c->late = true;
        missing++;
    }
}

/* Prints how many lines were sent and answered. */
static void report(void)
{
    printf("%ld lines said, %ld answered", asked, answered);
    if (missing > 0)
        printf(", %ld answers missing", missing);
    if (wrong > 0)
        printf(", %ld answers wrong", wrong);
    if (lost > 0)
        printf(", %ld connections lost", lost);
    printf("\n");
    fflush(stdout);
}

/* Takes an IPv4 or IPv6 address and a port; false if it is neither. */
static bool find_server(const char *address, const char *port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    v4.sin_port = v6.sin6_port = htons((in_port_t)atoi(port));
    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
        server_size = sizeof v4;
        memcpy(&server, &v4, sizeof v4);
        v4.sin_port = 0;
        memcpy(&here, &v4, sizeof v4);
    } else if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1) {
        server_size = sizeof v6;
        memcpy(&server, &v6, sizeof v6);
        v6.sin6_port = 0;
        memcpy(&here, &v6, sizeof v6);
    }
    return server_size > 0;
}

int main(int argc, char *argv[])
{
    struct rlimit limit;
    long long reported = 0;

    if (argc != 4 || (n = atoi(argv[1])) < 1 || n > MOST
        || !find_server(argv[2], argv[3])) {
        fprintf(stderr,
                "usage: crowd N ADDRESS PORT; N is at most %d\n", MOST);
        return 2;
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    for (int i = 0; i < n; i++) {
        watched[i].fd = -1;
        clients[i].next = now() + (long long)i * COMING / n;
    }
    for (;;) {
        if (poll(watched, (nfds_t)n, 20) == -1 && errno != EINTR) {
            perror("crowd: poll");
            return 1;
        }
        for (int i = 0; i < n; i++) {
            if (watched[i].fd != -1 && watched[i].revents != 0)
                hears(i);
            else if (now() >= clients[i].next)
                acts(i);
        }
        if (now() - reported >= 1000) {
            reported = now();
            report();
        }
    }
}
