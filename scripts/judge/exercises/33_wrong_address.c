/* A name server whose answers come late, doubled, and after those of an
 * intruder: only the one with the question's own id may be printed. */
#include "../judge.h"
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 512, HEADER = 12, STRAYS = 3 };

/* A question as it came, and its size. */
struct question {
    unsigned char bytes[ROOM];
    size_t size;
};

static int fd;
static struct sockaddr_in peer;

/* Types a name, and receives the question for it. */
static struct question asked(struct program *p, const char *name)
{
    struct question q;
    socklen_t length = sizeof peer;
    char typed[200];
    snprintf(typed, sizeof typed, "%s\n", name);
    feed(p, typed);
    did("typed %s", name);
    must(pump(fd, POLLIN, PATIENCE), "a question", "none came; %s",
         fate(p));
    ssize_t n = recvfrom(fd, q.bytes, sizeof q.bytes, 0,
                         (struct sockaddr *)&peer, &length);
    q.size = n < 0 ? 0 : (size_t)n;
    must(q.size > HEADER && q.size < ROOM / 2, "a question of DNS",
         "%s", quoted(q.bytes, q.size));
    return q;
}

/* Answers it with this address, the id changed by `change`. */
static void answer(const struct question *q, unsigned change,
                   struct in_addr address)
{
    unsigned char out[ROOM];
    memcpy(out, q->bytes, q->size);
    out[0] ^= (unsigned char)(change >> 8);
    out[1] ^= (unsigned char)change;
    out[2] |= 0x80;
    out[7] = 1;
    memcpy(out + q->size, "\xC0\x0C\0\1\0\1\0\0\0\x3C\0\4", 12);
    memcpy(out + q->size + 12, &address, 4);
    sendto(fd, out, q->size + 16, 0, (struct sockaddr *)&peer,
           sizeof peer);
}

static void says(struct program *p, const char *name,
                 const struct in_addr *address)
{
    char line[300], what[300], text[INET_ADDRSTRLEN] = "no answer";
    if (address != NULL)
        inet_ntop(AF_INET, address, text, sizeof text);
    snprintf(line, sizeof line, "%s: %s\n", name, text);
    snprintf(what, sizeof what, "what it prints of %s", name);
    prints(p, line, what);
}

static void judge(void)
{
    int port;
    fd = datagram_socket(&port);
    struct program *p = start(port, 0);
    did("started it; the judge is the name server at UDP port %d",
        port);
    struct question last = {.size = 0};
    char name[100];
    for (int i = 0; i < 10; i++) {
        struct in_addr right = some_address(), wrong = right;
        while (wrong.s_addr == right.s_addr)
            wrong = some_address();

        /* In 4 the name of 3, which got no answer, is asked again. */
        if (i != 4)
            snprintf(name, sizeof name, "host%u%d.test", chance(1000),
                     i);
        struct question q = asked(p, name);
        if (i == 3) {
            did("did not answer");
            says(p, name, NULL);
            last = q;
            continue;
        }
        if (i == 4 || i == 5) {
            for (int k = 0; k < STRAYS; k++)
                answer(&last, 0, wrong);
            did("answered the question before, late, %d times", STRAYS);
        } else if (i > 5) {
            unsigned change = i % 2 ? 0x0100 : 1;
            for (int k = 0; k < STRAYS; k++)
                answer(&q, change, wrong);
            did("an intruder answered %d times, with another id",
                STRAYS);
        }
        answer(&q, 0, right);
        did("answered with %s", inet_ntoa(right));
        says(p, name, &right);
        last = q;
    }
    end_input(p);
    must_end(p, 0, "the program to end with its input, exit status 0");
    close(fd);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "UDP delivers late answers and strangers' too: only the one "
           "that repeats the question's id counts.",
    .read = "ch-dns",
};
