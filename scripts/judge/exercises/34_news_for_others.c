/* Two groups with one port, and a neighbour in the second: each copy of
 * the program may print only what is sent to its own group. */
#define _DEFAULT_SOURCE /* struct ip_mreq */
#include "../judge.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { ROUNDS = 12, SENDERS = 3 };

static struct sockaddr_in group[2];
static char name[2][INET_ADDRSTRLEN];
static int from[SENDERS]; /* sockets at other addresses of 127/8 */

/* Sends a line to a group; it is one of the buffers of `line`. */
static const char *tell(int to, int sender)
{
    const char *text = line(10 + chance(60));
    if (sendto(from[sender], text, strlen(text), 0,
               (struct sockaddr *)&group[to], sizeof group[to])
        == -1)
        could_not("send to a group", strerror(errno));
    did("sent to %s, port %d: %s", name[to], ntohs(group[to].sin_port),
        quoted(text, strlen(text)));
    return text;
}

/* Starts it in a group; it has joined when it says so. */
static struct program *listens(int to)
{
    char said[INET_ADDRSTRLEN + 8], what[80];
    int port = ntohs(group[to].sin_port);
    struct program *p = start(port, 0);
    snprintf(said, sizeof said, "%s\n", name[to]);
    feed(p, said);
    did("started it at port %d, and typed %s", port, name[to]);
    snprintf(said, sizeof said, "In %s\n", name[to]);
    snprintf(what, sizeof what, "what it says once it is in %s",
             name[to]);
    prints(p, said, what);
    return p;
}

/* It prints this text, and nothing before it. */
static void prints_news(struct program *p, int to, const char *text)
{
    size_t before = p->seen;
    char what[80];
    snprintf(what, sizeof what, "what the one in %s prints", name[to]);
    prints(p, text, what);
    same(what, text, strlen(text), p->text + before, p->seen - before,
         "");
}

/* Two groups, and what we need to send to them and to be in one. */
static void begin(int port)
{
    struct in_addr here = {htonl(INADDR_LOOPBACK)};
    int neighbour = own_socket(SOCK_DGRAM), on = 1;
    in_addr_t first = 0xEFFF0000 + 256 * (1 + chance(250));
    for (int i = 0; i < 2; i++) {
        group[i].sin_family = AF_INET;
        group[i].sin_port = htons((uint16_t)port);
        group[i].sin_addr.s_addr =
            htonl(first + 1 + (in_addr_t)i * 2 + chance(2));
        inet_ntop(AF_INET, &group[i].sin_addr, name[i], sizeof name[i]);
    }
    struct ip_mreq joined = {group[1].sin_addr, here};
    if (setsockopt(neighbour, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
            == -1
        || bind(neighbour, (struct sockaddr *)&group[1],
                sizeof group[1])
               == -1
        || setsockopt(neighbour, IPPROTO_IP, IP_ADD_MEMBERSHIP, &joined,
                      sizeof joined)
               == -1)
        could_not("join a group", strerror(errno));
    for (int i = 0; i < SENDERS; i++) {
        struct sockaddr_in own = {.sin_family = AF_INET};
        own.sin_addr = some_address();
        from[i] = own_socket(SOCK_DGRAM);
        if (bind(from[i], (struct sockaddr *)&own, sizeof own) == -1
            || setsockopt(from[i], IPPROTO_IP, IP_MULTICAST_IF, &here,
                          sizeof here)
                   == -1)
            could_not("send to a group", strerror(errno));
    }
    did("joined %s, as any other program may, at port %d", name[1],
        port);
}

static void judge(void)
{
    begin(some_port());
    struct program *p = listens(0);
    for (int i = 0; i < ROUNDS; i++) {
        int to = i == 0 ? 0 : i == 1 ? 1 : (int)chance(2);
        const char *text = tell(to, (int)chance(SENDERS));
        if (to == 0)
            prints_news(p, 0, text);
    }
    prints_news(p, 0, tell(0, 0));

    struct program *q = listens(1);
    for (int i = 0; i < ROUNDS; i++) {
        int to = (int)chance(2);
        prints_news(to == 0 ? p : q, to,
                    tell(to, (int)chance(SENDERS)));
    }
    prints_news(p, 0, tell(0, 1));
    prints_news(q, 1, tell(1, 1));
    must_run(p);
    must_run(q);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "A socket at 0.0.0.0 gets what comes for any group that a "
           "program of this host has joined: bound to the group's "
           "address, it gets this group's datagrams alone.",
    .read = "ch-broadcast",
};
