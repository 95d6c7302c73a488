/* The judges: one function an exercise. Each reads like a lab sheet:
 * what is done to the program, and what must come of it. */
#define _GNU_SOURCE
#include "judge.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- what several of them do --------------------------------------- */

#define GREETING "Hello from the server!\n"

/* What was heard, and how it ended, in words. */
static const char *heard_as(const char *text, size_t size, enum how how)
{
    static char words[400];
    static const char *const endings[] = {
        [HEARD_END] = "the end of the stream",
        [HEARD_RESET] = "a reset of the connection (ECONNRESET)",
        [HEARD_NOTHING] = "nothing for 3 seconds",
    };
    bool more =
        how == HEARD_END || how == HEARD_RESET || how == HEARD_NOTHING;
    snprintf(words, sizeof words, "%s%s%s",
             size ? quoted(text, size) : "",
             size && more ? ", then " : "", more ? endings[how] : "");
    return words;
}

static struct program *serve(int port)
{
    struct program *p = start(port, 0);
    did("started it with port %d", port);
    return p;
}

/* Receives a line, which must be this one. */
static void hears(int fd, const char *text, const char *expected)
{
    static char heard[1 << 17];
    size_t got, size = strlen(text);
    enum how how = hear(fd, heard, size, &got, true);
    must(got == size && memcmp(heard, text, size) == 0, expected, "%s",
         heard_as(heard, got, how));
}

/* Receives the end of the stream, and closes. */
static void hears_end(int fd)
{
    char heard[64];
    size_t got;
    enum how how = hear(fd, heard, sizeof heard, &got, false);
    must(got == 0 && how == HEARD_END,
         "then the end of the stream (recv"
         " returns 0), and nothing else",
         "%s", heard_as(heard, got, how));
    hang_up(fd, false);
}

/* Calls, from an address that may be NULL, and must be greeted. */
static void greeted(int port, const char *from, const char *to)
{
    int fd = call(port, from, to);
    hears(fd, GREETING,
          "\"Hello from the server!\\n\" for each caller");
    hears_end(fd);
}

/* Sends a line and must get it back. */
static void echoed(int fd, const char *whom)
{
    char *text = line(2 + chance(60)), expected[256];
    say(fd, text, strlen(text));
    did("%s sent %s", whom, quoted(text, strlen(text)));
    snprintf(expected, sizeof expected, "the same line back for %s",
             whom);
    hears(fd, text, expected);
}

/* The program must end by itself, with that status. */
static void must_end(struct program *p, int status,
                     const char *expected)
{
    ended(p, PATIENCE);
    must(p->pid == 0 && WIFEXITED(p->status)
             && WEXITSTATUS(p->status) == status,
         expected, "%s", fate(p));
}

/* Reads a line from the client's side of a conversation; it must be
 * this one. Then answers something else of the same length, which the
 * client must print: only what really came back can be printed. */
static void converse(struct program *p, int fd, const char *text)
{
    feed(p, text);
    did("typed %s", quoted(text, strlen(text)));
    hears(fd, text, "the server to get that line, with its newline");
    char *answer = line(strlen(text));
    say(fd, answer, strlen(answer));
    did("the server answered %s", quoted(answer, strlen(answer)));
    if (strlen(answer) > 1)
        must(printed(p, answer, PATIENCE),
             "all of this answer printed,"
             " before the next line is typed",
             "%zu bytes of output, the"
             " last of them %s",
             p->size,
             quoted(p->size > 30 ? p->text + p->size - 30 : p->text,
                    p->size > 30 ? 30 : p->size));
}

/* Starts the program as a client and takes its call. */
static struct program *client(int *fd, int flags)
{
    int port, listener = listening(&port);
    struct program *p = start(port, flags);
    did("started it against a server at port %d%s", port,
        flags & INPUT_CLOSED ? ", its standard input closed" : "");
    *fd = taken(listener, p);
    close(listener);
    return p;
}

/* ---- the exercises ------------------------------------------------- */

static void endless_echo(void)
{
    int port = some_port();
    struct program *p = serve(port);
    for (int i = 1; i <= 3; i++) {
        char whom[32];
        snprintf(whom, sizeof whom, "client %d", i);
        int fd = call(port, NULL, NULL);
        echoed(fd, whom);
        echoed(fd, whom);
        hang_up(fd, false);
        did("%s left", whom);
    }
    rest(200);
    must(p->pid != 0, "a server that goes on", "%s", fate(p));
    size_t size = p->size;
    stop(p);
    must(size < 10000, "a line or so for each message",
         "%zu bytes printed", size);
    must(p->seconds < 0.1, "a server that sleeps when nobody is there",
         "it used %.1f seconds of processor time", p->seconds);
}

static void lines_typed(size_t a, size_t b, size_t c)
{
    int fd;
    struct program *p = client(&fd, 0);
    converse(p, fd, line(a));
    converse(p, fd, line(b));
    converse(p, fd, line(c));
    end_input(p);
    did("typed Ctrl-D");
    hears_end(fd);
    must_end(p, 0, "the client to end, with exit status 0");
}

static void empty_line(void)
{
    lines_typed(5 + chance(30), 1, 5 + chance(30));
    lines_typed(1, 1, 5 + chance(30));
}

static void one_behind(void)
{
    lines_typed(10 + chance(30), 2500 + chance(1000), 10 + chance(30));
    lines_typed(4000 + chance(4000), 1030 + chance(90),
                10 + chance(30));
}

/* Writes a letter of that many bytes; returns where the next goes. */
static unsigned char *letter(unsigned char *to, int bytes)
{
    static const unsigned char first[] = {0, 0, 0xC3, 0xE3, 0xF1};
    if (bytes == 1)
        *to++ = (unsigned char)('a' + chance(26));
    else
        *to++ = first[bytes];
    for (int i = 1; i < bytes; i++)
        *to++ = (unsigned char)(0x80 + chance(64));
    return to;
}

/* Sends a text to be counted; the first `head` bytes on their own. */
static void counted(int port, const unsigned char *text, size_t size,
                    size_t head, const char *answer)
{
    char expected[80];
    int fd = call(port, NULL, NULL);
    say(fd, text, head);
    if (head < size)
        rest(20);
    say(fd, text + head, size - head);
    shutdown(fd, SHUT_WR);
    did("sent %zu bytes, %zu of them first, and ended our side: %s",
        size, head, quoted(text, size));
    snprintf(expected, sizeof expected, "the answer %s",
             quoted(answer, strlen(answer)));
    hears(fd, answer, expected);
    hears_end(fd);
}

static void split_letter(void)
{
    int port = some_port();
    serve(port);
    for (int bytes = 1; bytes <= 4; bytes++)
        for (unsigned round = 0; round < 3; round++) {
            unsigned char text[1024], *end = text;
            char answer[32];
            unsigned count = 60 + chance(100);
            for (unsigned i = 0; i < round + chance(3); i++, count++)
                end = letter(end, 1);
            count = 0;
            for (unsigned char *c = text; c < end; c++)
                count++;
            for (unsigned i = 60 + chance(100); i > 0; i--, count++)
                end = letter(end, bytes);
            snprintf(answer, sizeof answer, "%u\n", count);
            size_t size = (size_t)(end - text);
            counted(port, text, size, round ? 17 + chance(30) : size,
                    answer);
        }
    unsigned char broken[] = "abc\xC3(";
    counted(port, broken, 5, 5, "-1\n");
    counted(port, broken, 4, 4, "-1\n");
}

static void second_client(void)
{
    int port = some_port(), fd[6];
    serve(port);
    for (int i = 0; i < 6; i++) {
        fd[i] = call(port, NULL, NULL);
        did("client %d connected%s", i + 1, i == 0 ? " and stays" : "");
    }
    for (int i = 5; i >= 0; i--) {
        char whom[32];
        snprintf(whom, sizeof whom, "client %d", i + 1);
        echoed(fd[i], whom);
    }
    hang_up(fd[3], false);
    did("client 4 left");
    echoed(fd[0], "client 1");
    int late = call(port, NULL, NULL);
    echoed(late, "client 7");
    echoed(fd[5], "client 6");
}

static void restart(void)
{
    int port = some_port();
    for (int i = 1; i <= 3; i++) {
        struct program *p = start(port, 0);
        did("start %d, with port %d", i, port);
        greeted(port, NULL, NULL);
        must_end(p, 0, "the server to greet one caller and to end");
        did("it greeted one caller and ended");
    }
    struct program *stays = start(port, 0), *goes = start(port, 0);
    did("started two at once");
    for (int i = 0; i < 150 && !ended(stays, 10) && !ended(goes, 10);
         i++)
        ;
    if (stays->pid == 0) {
        struct program *other = stays;
        stays = goes;
        goes = other;
    }
    must(goes->pid == 0 && goes->status != 0,
         "one of them to be refused, with an exit status that says so",
         "%s", fate(goes));
    greeted(port, NULL, NULL);
    must_end(stays, 0, "the other to greet its caller and to end");
}

static void byte_order(void)
{
    for (int i = 0; i < 2; i++) {
        int port = some_port();
        struct program *p = serve(port);
        greeted(port, NULL, NULL);
        greeted(port, NULL, NULL);
        did("two callers were greeted");
        stop(p);
    }
}

/* A server that speaks first; what it says must be printed. */
static void spoken_to(int flags)
{
    int fd;
    struct program *p = client(&fd, flags);
    char *text = line(20 + chance(40));
    say(fd, text, 10);
    rest(20);
    say(fd, text + 10, strlen(text) - 10);
    hang_up(fd, false);
    did("the server said %s and closed", quoted(text, strlen(text)));
    must_end(p, 0, "the client to end with exit status 0");
    must(p->size == strlen(text) && memcmp(p->text, text, p->size) == 0,
         "what the server said printed, and nothing else",
         "printed: %s", quoted(p->text ? p->text : "", p->size));
}

static void precedence(void)
{
    spoken_to(0);
    spoken_to(0);
}

static void descriptor_zero(void)
{
    spoken_to(0);
    spoken_to(INPUT_CLOSED);
    int port, listener = listening(&port);
    struct program *p = start(port, NO_SOCKETS);
    did("started it where socket fails with EMFILE");
    must_end(p, 1, "the client to end with exit status 1");
    must(p->complaint[0] != '\0', "a word on what failed",
         "not a word");
    close(listener);
}

static void no_peer(void)
{
    int port = some_port();
    struct program *p = serve(port);
    for (int i = 0; i < 3; i++) {
        char from[INET_ADDRSTRLEN], entry[64], expected[128];
        struct sockaddr_in here;
        socklen_t size = sizeof here;
        struct in_addr address = some_address();
        inet_ntop(AF_INET, &address, from, sizeof from);
        int fd = call(port, from, NULL);
        getsockname(fd, (struct sockaddr *)&here, &size);
        snprintf(entry, sizeof entry, "%s port %d\n", from,
                 ntohs(here.sin_port));
        hears(fd, GREETING, "each caller greeted");
        hears_end(fd);
        did("%.*s called", (int)strlen(entry) - 1, entry);
        snprintf(expected, sizeof expected, "the entry %s",
                 quoted(entry, strlen(entry)));
        must(printed(p, entry, PATIENCE), expected, "its list is %s",
             quoted(p->text ? p->text : "", p->size));
    }
}

static void wrong_socket(void)
{
    int port = some_port();
    serve(port);
    for (int i = 0; i < 3; i++) {
        int fd = call(port, NULL, NULL);
        echoed(fd, "a caller");
        hears_end(fd);
    }
}

static void terminator(void)
{
    int fd;
    struct program *p = client(&fd, 0);
    size_t sizes[] = {20 + chance(10), 3, 31, 4, 32, 5, 33, 200, 2};
    char all[1024] = "", tail[32];
    size_t total = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = line(sizes[i]);
        say(fd, text, sizes[i]);
        strcat(all, text);
        total += sizes[i];
        did("the server sent %s", quoted(text, sizes[i]));
        printed(p, all, PATIENCE);
        must(p->size == total && memcmp(p->text, all, total) == 0,
             "exactly what was sent so far",
             "printed %zu bytes instead of"
             " %zu, the last %s",
             p->size, total,
             quoted(p->size > 40 ? p->text + p->size - 40 : p->text,
                    p->size > 40 ? 40 : p->size));
    }
    hang_up(fd, false);
    must_end(p, 0, "the client to end with exit status 0");
    snprintf(tail, sizeof tail, "%zu bytes\n", total);
    must(strcmp(p->text + total, tail) == 0,
         "the number of bytes that"
         " were sent",
         "%s instead of %s", quoted(p->text + total, p->size - total),
         quoted(tail, strlen(tail)));
}

static void pointer_size(void)
{
    size_t sizes[] = {3, 8, 20 + chance(20), 500 + chance(400)};
    for (int i = 0; i < 4; i++) {
        int fd;
        char *text = line(sizes[i]);
        struct program *p = client(&fd, 0);
        feed(p, text);
        end_input(p);
        did("typed %s", quoted(text, sizes[i]));
        hears(fd, text, "the server to get the whole line");
        hears_end(fd);
        must_end(p, 0, "the client to end with exit status 0");
    }
}

/* The answer to a line of that length. */
static void measured(int fd, size_t size)
{
    char answer[32];
    snprintf(answer, sizeof answer, "%zu bytes\n", size);
    hears(fd, answer, "an answer for each line, with its length");
}

static void one_for_one(void)
{
    int port = some_port();
    serve(port);
    size_t sizes[40];
    int fd = call(port, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        char *text = line(sizes[0] = 2 + chance(80));
        say(fd, text, sizes[0]);
        did("sent %s", quoted(text, sizes[0]));
        measured(fd, sizes[0] - 1);
    }
    char *text = line(60 + chance(20)), all[8192] = "";
    size_t size = strlen(text);
    say(fd, text, 20);
    did("sent %s", quoted(text, 20));
    rest(80);
    say(fd, text + 20, size - 20);
    did("and after a while %s", quoted(text + 20, size - 20));
    measured(fd, size - 1);
    hang_up(fd, false);
    fd = call(port, NULL, NULL);
    for (int i = 0; i < 40; i++)
        strcat(all, line(sizes[i] = 1 + chance(100)));
    say(fd, all, strlen(all));
    did("another client sent 40 lines at once");
    for (int i = 0; i < 40; i++)
        measured(fd, sizes[i] - 1);
}

static void silent_death(void)
{
    int port = some_port();
    struct program *p = serve(port);
    for (int i = 1; i <= 6; i++) {
        /* From the second on, for then it listens: while it sleeps it
         * cannot have sent anything that we leave unread, so that its
         * peer ends by FIN, and not sooner by RST. */
        if (i > 1 && p->pid != 0)
            kill(p->pid, SIGSTOP);
        hang_up(call(port, NULL, NULL), i > 4);
        if (p->pid != 0)
            kill(p->pid, SIGCONT);
        did("client %d connected and left at once%s", i,
            i > 4 ? ", by a reset" : "");
        rest(30);
        must(p->pid != 0, "a server that goes on", "%s", fate(p));
    }
    static char list[100000], text[100000];
    size_t size = 0, got;
    for (int i = 1; i <= 2000; i++)
        size += (size_t)sprintf(list + size, "This is line %d\n", i);
    for (int i = 0; i < 2; i++) {
        int fd = call(port, NULL, NULL);
        did("a client reads the list to its end");
        enum how how = hear(fd, text, sizeof text, &got, false);
        must(how == HEARD_END && got == size
                 && memcmp(text, list, size) == 0,
             "2,000 lines and the end of the stream", "%zu bytes: %s",
             got, heard_as(text, got, how));
        hang_up(fd, false);
    }
}

static void options(void)
{
    int port = some_port();
    struct program *first = serve(port);
    greeted(port, NULL, NULL);
    struct program *second = start(port, 0);
    did("started it a second time");
    ended(second, PATIENCE);
    must(second->pid == 0 && second->status != 0,
         "the second one to be"
         " refused: its bind or listen fails",
         "%s", fate(second));
    for (int i = 0; i < 3; i++)
        greeted(port, NULL, NULL);
    stop(first);
    did("ended it and started it again");
    rest(50);
    start(port, 0);
    greeted(port, NULL, NULL);
}

static void unreachable(void)
{
    int port = some_port();
    serve(port);
    greeted(port, NULL, NULL);
    did("greeted at 127.0.0.1");
    for (int i = 0; i < 2; i++) {
        char to[INET_ADDRSTRLEN];
        struct in_addr address = some_address();
        inet_ntop(AF_INET, &address, to, sizeof to);
        did("called it at %s, another address of this machine", to);
        greeted(port, NULL, to);
    }
}

static void ordered(const char *first, const char *then, int status)
{
    int fd;
    struct program *p = client(&fd, 0);
    hears(fd, "order: 3 sockets\n",
          "the order, \"order: 3 sockets\\n\"");
    ended(p, 150);
    must(p->pid != 0 && !printed(p, "The order is there", 0),
         "the client to wait for the server's word",
         "\"The order is"
         " there\", before the server has said anything");
    say(fd, first, strlen(first));
    rest(50);
    say(fd, then, strlen(then));
    hang_up(fd, false);
    did("the server took the order and said %s",
        *first == '\0' ? "nothing" : quoted(then, strlen(then)));
    must_end(p, status,
             status == 0 ? "the client to end with exit status 0"
                         : "the client to end with exit status 1");
    bool claimed = printed(p, "The order is there", 0);
    must(claimed == (status == 0),
         status == 0 ? "the client to say that the order is there"
                     : "the client not to say that the order is there",
         "printed: %s", quoted(p->text ? p->text : "", p->size));
}

static void too_early(void)
{
    char answer[64];
    snprintf(answer, sizeof answer, "k, number %u\n", chance(100000));
    ordered("o", answer, 0);
    ordered("", "", 1);
    ordered("n", "o\n", 1);
}

static void one_socket(void)
{
    int port = some_port();
    serve(port);
    for (int i = 1; i <= 4; i++) {
        did("caller %d", i);
        greeted(port, NULL, NULL);
    }
}

static void raw_struct(void)
{
    for (int i = 0; i < 3; i++) {
        int fd;
        char text[64], heard[64];
        unsigned kind = chance(256), station = 256 + chance(65000);
        unsigned value = (1 + chance(255)) << 24 | chance(1 << 24);
        unsigned char bytes[7] = {
            (unsigned char)kind,          (unsigned char)(value >> 24),
            (unsigned char)(value >> 16), (unsigned char)(value >> 8),
            (unsigned char)value,         (unsigned char)(station >> 8),
            (unsigned char)station};
        struct program *p = client(&fd, 0);
        snprintf(text, sizeof text, "%u %u %u\n", kind, value, station);
        feed(p, text);
        end_input(p);
        did("typed %s", quoted(text, strlen(text)));
        size_t got;
        enum how how = hear(fd, heard, sizeof heard, &got, false);
        must(got == 7 && memcmp(heard, bytes, 7) == 0, quoted(bytes, 7),
             "%zu bytes: %s", got, heard_as(heard, got, how));
        must_end(p, 0, "the client to end with exit status 0");
        hang_up(fd, false);
    }
}

/* An echo server with one small buffer, which reads nothing while it
 * still has something to write. It turns each byte into another, so
 * that the client cannot just copy its input. */
static void both_wait(void)
{
    enum { SIZE = 6 << 20, PIECE = 16384 };
    static unsigned char in[SIZE], wanted[SIZE], piece[PIECE];
    unsigned char key = (unsigned char)(1 + chance(255));
    size_t size = SIZE - chance(9999), fed = 0, had = 0, sent = 0;
    bool open = true;
    int fd;
    struct program *p = client(&fd, 0);
    p->most = SIZE + 1;
    for (size_t i = 0; i < size; i++) {
        in[i] = (unsigned char)(i % 1024 ? in[i - 1] * 5u + 1
                                         : chance(256));
        wanted[i] = in[i] ^ key;
    }
    did("gave it %zu bytes of input; the server sends each back as"
        " another one",
        size);
    long idle = 0;
    while (idle < 100 && (open || sent < had)) {
        size_t before = fed + had + sent + p->size;
        if (p->in != -1) {
            ssize_t n = write(p->in, in + fed, size - fed);
            fed += n > 0 ? (size_t)n : 0;
            if (fed == size)
                end_input(p);
        }
        if (sent == had && open) {
            ssize_t n = recv(fd, piece, PIECE, 0);
            open = n != 0 && !(n == -1 && errno != EAGAIN);
            for (ssize_t i = 0; i < n; i++)
                piece[i] ^= key;
            had = n > 0 ? (size_t)n : 0;
            sent = 0;
            before += n > 0 ? 1 : 0;
            idle = n > 0 ? 0 : idle;
        }
        if (sent < had) {
            ssize_t n =
                send(fd, piece + sent, had - sent, MSG_NOSIGNAL);
            sent += n > 0 ? (size_t)n : 0;
            idle = n > 0 ? 0 : idle;
        }
        pump(-1, 0, 0);
        if (fed + had + sent + p->size == before) {
            idle++;
            pump(sent < had ? fd
                 : open     ? fd
                            : -1,
                 sent < had ? POLLOUT : POLLIN, 20);
        }
    }
    must(idle < 100, "all of it to come back",
         "both stand still, after"
         " %zu bytes in and %zu bytes out",
         fed, p->size);
    hang_up(fd, false);
    must_end(p, 0, "the client to end with exit status 0");
    must(p->size == size && memcmp(p->text, wanted, size) == 0,
         "all of what the server sent, unchanged", "%zu bytes of %zu%s",
         p->size, size, p->size == size ? ", not the same" : "");
}

static void children(void)
{
    int port = some_port();
    struct program *p = serve(port);
    int stays = call(port, NULL, NULL), fd;
    echoed(stays, "client 1, who stays,");
    int running = processes(false);
    for (int i = 0; i < 6; i++) {
        fd = call(port, NULL, NULL);
        echoed(fd, "another client");
        hang_up(fd, false);
    }
    did("six clients have come and gone");
    for (int i = 0; i < 100 && processes(false) > running; i++)
        rest(20);
    int count = processes(true);
    for (int i = 0; i < 50 && count > 0; i++) {
        rest(20);
        count = processes(true);
    }
    must(count == 0,
         "no ended child that is still in the list of"
         " processes",
         "%d of its children are defunct", count);
    must(p->pid != 0, "a server that goes on", "%s", fate(p));
    echoed(stays, "client 1");
    fd = call(port, NULL, NULL);
    echoed(fd, "one more client");
}

/* Asks a UDP service until it is there, or for good. Returns the size of
 * its answer. */
static ssize_t ask(int port, const void *bytes, size_t size,
                   char *answer, size_t room, int tries)
{
    struct sockaddr_in peer = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port)};
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd =
        socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ssize_t n = -1;
    connect(fd, (struct sockaddr *)&peer, sizeof peer);
    for (int i = 0; n == -1 && i < tries; i++) {
        if (send(fd, bytes, size, 0) != -1
            && pump(fd, POLLIN, PATIENCE / tries))
            n = recv(fd, answer, room, 0);
        if (n == -1)
            rest(10);
    }
    close(fd);
    return n;
}

static void cut(void)
{
    int port = some_port();
    static char text[65536], answer[256], wanted[256];
    struct program *p = serve(port);
    ssize_t n = ask(port, "warm", 4, answer, sizeof answer, 60);
    must(n != -1, "a service that answers", "no answer; %s", fate(p));
    size_t sizes[] = {1 + chance(400), 513 + chance(700),
                      9000 + chance(9000), 60000 + chance(5507), 65507};
    for (int i = 0; i < 5; i++) {
        snprintf(wanted, sizeof wanted, "%zu bytes\n", sizes[i]);
        did("sent a datagram of %zu bytes", sizes[i]);
        n = ask(port, text, sizes[i], answer, sizeof answer, 1);
        must(n == (ssize_t)strlen(wanted)
                 && memcmp(answer, wanted, (size_t)n) == 0,
             "its length as the answer", "%s",
             n == -1 ? "no answer" : quoted(answer, (size_t)n));
    }
}

static void refused(void)
{
    int port, fd = datagram_socket(&port);
    close(fd);
    struct program *p = start(port, 0);
    did("started it; nobody is at UDP port %d", port);
    for (int i = 0; i < 4; i++) {
        char *text = line(20);
        feed(p, text);
        did("typed %s", quoted(text, 20));
        rest(60);
        must(p->pid != 0, "a sender that goes on", "%s", fate(p));
    }
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port)};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    must(bind(fd, (struct sockaddr *)&here, sizeof here) == 0, "a port",
         "%s", strerror(errno));
    did("now the service is there");
    char heard[256];
    feed(p, line(10)); /* may be lost to the error of the one before */
    rest(60);
    while (recv(fd, heard, sizeof heard, 0) > 0)
        ;
    for (int i = 0; i < 3; i++) {
        char *text = line(10 + chance(20));
        feed(p, text);
        did("typed %s", quoted(text, strlen(text)));
        ssize_t n = 0, size = (ssize_t)strlen(text);
        do /* a line of before may come late */
            n = pump(fd, POLLIN, PATIENCE)
                    ? recv(fd, heard, sizeof heard, 0)
                    : -1;
        while (n != -1
               && (n != size || memcmp(heard, text, (size_t)n)));
        must(n == size, "the line to arrive as a datagram", "nothing");
    }
    end_input(p);
    must_end(p, 0, "the sender to end with its input, exit status 0");
}

/* Takes the question, waits, and answers. */
static void answered(int pause)
{
    int port, fd = datagram_socket(&port);
    struct program *p = start(port, 0);
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    char heard[256], *text = line(12 + chance(30));
    must(pump(fd, POLLIN, PATIENCE), "a question", "none came; %s",
         fate(p));
    recvfrom(fd, heard, sizeof heard, 0, (struct sockaddr *)&peer,
             &size);
    rest(pause);
    sendto(fd, text, strlen(text), 0, (struct sockaddr *)&peer, size);
    did("a service answered after %d ms: %s", pause,
        quoted(text, strlen(text)));
    must_end(p, 0, "the program to end with exit status 0");
    must(p->size == strlen(text) && memcmp(p->text, text, p->size) == 0,
         "the answer printed", "printed: %s",
         quoted(p->text ? p->text : "", p->size));
    close(fd);
}

static void nobody(void)
{
    answered(0);
    answered(600);
    int free_port, busy_port, fd = datagram_socket(&free_port);
    close(fd);
    fd = datagram_socket(&busy_port);
    struct program *one = start(free_port, 0);
    struct program *two = start(busy_port, 0);
    did("started it with nobody at the port, and with a service that"
        " does not answer");
    must_end(one, 1,
             "an end with exit status 1 after two seconds or so,"
             " with nobody there");
    must_end(two, 1,
             "an end with exit status 1 after two seconds or so,"
             " with no answer");
    must(one->complaint[0] || one->size, "a word on why", "not a word");
}

static void late_words(void)
{
    int port = some_port();
    struct program *p = serve(port);
    for (int i = 1; i <= 3; i++) {
        char words[32], expected[80];
        greeted(port, NULL, NULL);
        did("caller %d was greeted", i);
        snprintf(words, sizeof words, "caller %d\n", i);
        snprintf(expected, sizeof expected, "%s in its output at once",
                 quoted(words, strlen(words)));
        must(printed(p, words, 1000), expected, "%zu bytes of output",
             p->size);
    }
}

static void same_address(void)
{
    int port = some_port();
    struct program *p = serve(port);
    for (int i = 0; i < 3; i++) {
        char from[INET_ADDRSTRLEN], words[80], expected[128];
        struct in_addr address = some_address();
        inet_ntop(AF_INET, &address, from, sizeof from);
        greeted(port, from, NULL);
        did("%s called", from);
        snprintf(words, sizeof words, "%s called 127.0.0.1\n", from);
        snprintf(expected, sizeof expected, "%s",
                 quoted(words, strlen(words)));
        must(printed(p, words, PATIENCE), expected, "%s",
             quoted(p->text ? p->text : "", p->size));
    }
}

static void unread(void)
{
    int port = some_port();
    serve(port);
    static char request[20000], answer[20000], wanted[10000];
    for (int i = 0; i < 4; i++) {
        size_t size = i == 0 ? 1 : 3000 + chance(15000), got;
        memset(request, (int)('a' + chance(26)), size);
        memset(wanted, request[0], sizeof wanted);
        int fd = call(port, NULL, NULL);
        say(fd, request, size);
        shutdown(fd, SHUT_WR);
        did("sent a request of %zu bytes and ended our side", size);
        rest(60);
        enum how how = hear(fd, answer, sizeof answer, &got, false);
        must(got == sizeof wanted && !memcmp(answer, wanted, got)
                 && how == HEARD_END,
             "10,000 bytes, all as the first of the request, then the "
             "end"
             " of the stream",
             "%zu bytes: %s", got, heard_as(answer, got, how));
        hang_up(fd, false);
    }
}

static void descriptors(void)
{
    int port = some_port();
    struct program *p = start(port, FEW_FILES);
    did("started it with 16 descriptors to spend, port %d", port);
    for (int i = 1; i <= 40; i++) {
        if (i % 10 == 1)
            did("callers %d to %d", i, i + 9);
        greeted(port, NULL, NULL);
    }
    must(p->pid != 0, "a server that goes on", "%s", fate(p));
}

const struct exercise exercises[] = {
    {1, endless_echo},  {2, empty_line},    {3, one_behind},
    {4, split_letter},  {5, second_client}, {6, restart},
    {7, byte_order},    {8, precedence},    {9, descriptor_zero},
    {10, no_peer},      {11, wrong_socket}, {12, terminator},
    {13, pointer_size}, {14, one_for_one},  {15, silent_death},
    {16, options},      {17, unreachable},  {19, too_early},
    {20, one_socket},   {21, raw_struct},   {22, both_wait},
    {23, children},     {24, cut},          {25, refused},
    {26, nobody},       {27, late_words},   {28, same_address},
    {29, unread},       {30, descriptors},  {0, NULL},
};
