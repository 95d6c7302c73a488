/* A large input goes through an echo server with one small buffer,
 * which reads nothing while it has something to write. At first it
 * writes only a little at a time, and waits until that was received: a
 * client that reads less than it sends falls behind at once. The server
 * changes each byte, so that the client cannot just copy its input. */
#include "../judge.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PIECE = 16384,
    PART = 64,
    PARTS = 110,
    MEBI = 1 << 20,
    LEAST = 4 * MEBI,
    MOST = 48 * MEBI
};

/* More bytes than a client's buffers can hold: its send buffer may be
 * twice wmem_max, socket(7). */
static size_t more_than_fits(void)
{
    long most = 0;
    FILE *file = fopen("/proc/sys/net/core/wmem_max", "re");
    if (file == NULL || fscanf(file, "%ld", &most) != 1 || most < 0)
        most = 0;
    if (file != NULL)
        fclose(file);
    size_t size = 2 * (size_t)most;
    return MEBI + (size < LEAST ? LEAST : size > MOST ? MOST : size);
}

struct server {
    int fd;
    char piece[PIECE], key;
    size_t had, sent;
    int parts;
    bool open;
};

/* Whether the client has received all; gives it some 10 ms. */
static bool received(int fd)
{
    for (int i = 0; i < 20; i++) {
        if (read_by_peer(fd, 0))
            return true;
        sched_yield();
    }
    return read_by_peer(fd, 10);
}

/* Lets the server do what it can without blocking. False: nothing. */
static bool serve_a_little(struct server *s)
{
    ssize_t n;
    if (s->sent < s->had) {
        size_t left = s->had - s->sent;
        if (s->parts < PARTS) {
            if (!received(s->fd))
                return false;
            s->parts++;
            left = left < PART ? left : PART;
        }
        n = send(s->fd, s->piece + s->sent, left, MSG_NOSIGNAL);
        s->sent += n > 0 ? (size_t)n : 0;
        return n > 0;
    }
    if (!s->open)
        return false;
    n = recv(s->fd, s->piece, PIECE, 0);
    s->open = n > 0 || (n == -1 && errno == EAGAIN);
    s->had = n > 0 ? (size_t)n : 0;
    s->sent = 0;
    for (size_t i = 0; i < s->had; i++)
        s->piece[i] ^= s->key;
    return n >= 0;
}

static void judge(void)
{
    enum { STILL = 75 }; /* times 20 ms */
    size_t size = more_than_fits() - chance(9999), fed = 0;
    static struct server s = {.open = true};
    char *in = malloc(size), *wanted = malloc(size);
    must(in != NULL && wanted != NULL, "memory for the judge", "none");
    if (in == NULL || wanted == NULL)
        abort(); /* `must` has not returned then; gcc cannot tell */
    /* Small segments keep the client's send buffer small. A piece is a
     * multiple of their 4096 bytes: no rest waits for more, RFC 896. */
    int port, listener = listening(&port), segment = 4096 + 12;
    setsockopt(listener, IPPROTO_TCP, TCP_MAXSEG, &segment,
               sizeof segment);
    struct program *p = start(port, 0);
    did("started it against a server at port %d", port);
    s.fd = taken(listener, p);
    close(listener);
    p->most = size + 1;
    s.key = (char)(1 + chance(127));
    for (size_t i = 0; i < size; i++) {
        in[i] = (char)(i % 1024 ? in[i - 1] * 5 + 1 : (int)chance(256));
        wanted[i] = in[i] ^ s.key;
    }
    did("gave it %zu bytes of input, of every value; the server sends "
        "each back as another one",
        size);
    for (int idle = 0; idle < STILL && (s.open || s.sent < s.had);) {
        size_t before = fed + p->size;
        if (p->in != -1) {
            ssize_t n = write(p->in, in + fed, size - fed);
            fed += n > 0 ? (size_t)n : 0;
            if (fed == size)
                end_input(p);
        }
        bool moved = serve_a_little(&s);
        pump(-1, 0, 0);
        if (moved || fed + p->size != before) {
            idle = 0;
            continue;
        }
        pump(s.fd, s.sent < s.had ? POLLOUT : POLLIN, 20);
        if (s.sent < s.had)
            rest(10);
        idle++;
    }
    must(!s.open && s.sent == s.had, "all of it to come back",
         "both sides stand still: %zu bytes of input are taken, and "
         "%zu have come out",
         fed, p->size);
    hang_up(s.fd, false);
    must_end(p, 0, "the client to end with exit status 0");
    must(p->size == size && memcmp(p->text, wanted, size) == 0,
         "all of what the server sent, unchanged", "%zu bytes of %zu%s",
         p->size, size, p->size == size ? ", but not the same" : "");
    free(in);
    free(wanted);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "Each side was in send and waited until the other reads: "
           "buffers end, whatever their size, so read while you send.",
    .read = "ch-echo",
};
