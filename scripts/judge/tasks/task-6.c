/* Fills a folder, then asks for its files as browsers do, and as those do
 * who mean harm: in pieces, several requests at once, with paths that
 * lead out, without reading the answer, without ever ending the head, and
 * leaving before it is over. */
#include "../judge.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum {
    LARGE = 1 << 19, /* bytes: more than fits for a narrow peer */
    CROWD = 20, /* clients at once */
    MUTES = 4, /* of these ask for the large file, and read nothing */
    GIVEN_UP = 5000, /* milliseconds, after which a server may do so */
    MOST = 8192, /* bytes of a head */
    LONG = 8000, /* of one that is allowed */
    ENDLESS = 4 << 20, /* bytes of one that is too long */
    FIELDS = 100, /* of an answer, at most */
    ERROR = 65536, /* bytes of the text of an error, at most */
    VISITS = 100 /* more than a program has descriptors */
};

static struct file {
    const char *name, *path; /* in the folder; in a request */
    size_t size;
    char *bytes;
} page = {"index.html", "/", 300, NULL},
  spaced = {"tea list.txt", "/tea%20list.txt", 60, NULL},
  picture = {"pictures/cat.png", "/pictures/cat.png", 3000, NULL},
  none = {"empty.txt", "/empty.txt", 0, NULL},
  large = {"film.bin", "/film.bin", LARGE, NULL};

/* Which statuses an answer may have. */
static const char fine[] = "200", missing[] = "404",
                  refused[] = "404, 403 or 400",
                  unknown[] = "501 or 405";

static int port;
static struct program *server;

static void fill_folder(void)
{
    static char contents[5][LARGE];
    struct file *all[] = {&page, &spaced, &picture, &none, &large};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct file *f = all[i];
        char name[100];
        f->bytes = contents[i];
        memcpy(f->bytes, words(f->size), f->size);
        snprintf(name, sizeof name, "site/%s", f->name);
        if (f == &picture) { /* what a string or a head ends with */
            for (int j = 0; j < 256; j++)
                f->bytes[j] = (char)chance(256);
            memcpy(f->bytes + 1000, "\0\r\n\r\n\0GET ", 10);
        }
        provide(name, f->bytes, f->size);
    }
    provide("site-old/plan.txt", "secret\n", 7);
}

/* ---- a request and its answer -------------------------------------- */

/* A request with these further fields; one of eight buffers in turn. */
static char *request(const char *method, const char *path,
                     const char *fields)
{
    static char texts[8][MOST + 1];
    static unsigned turn;
    char *text = texts[turn++ % 8];
    snprintf(text, sizeof texts[0],
             "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", method,
             path, port, fields);
    return text;
}

/* Sends it on this connection, and reports its first line and what
 * further fields it has. */
static void asks(int fd, const char *who, const char *text)
{
    int first = (int)strcspn(text, "\r");
    const char *fields = strstr(text + first + 2, "\r\n");
    int more = fields ? (int)strcspn(fields + 2, "\r") : 0;
    say(fd, text, strlen(text));
    did("%s sent %.*s%s%.*s", who, first, text, more ? ", " : "", more,
        more ? fields + 2 : "");
}

/* The next line of a head, without its "\r\n". */
static void head_line(int fd, char *to, size_t size, const char *what)
{
    char expected[300];
    size_t got;
    enum how how = hear(fd, to, size - 1, &got, true);
    to[got] = '\0';
    snprintf(expected, sizeof expected,
             "a line that ends with \\r\\n in the head of %s", what);
    must(how == HEARD_LINE && got >= 2 && to[got - 2] == '\r', expected,
         "%s", heard_as(to, got, how));
    to[got - 2] = '\0';
}

/* The first line must have one of these statuses. */
static void status_line(int fd, const char *statuses, const char *what)
{
    char heard[1000], expected[300];
    size_t got;
    enum how how = hear(fd, heard, sizeof heard - 1, &got, true);
    heard[got] = '\0';
    snprintf(expected, sizeof expected,
             "%s to begin with HTTP/1.1 and %s", what, statuses);
    bool right = strncmp(heard, "HTTP/1.1 ", 9) == 0
                 && strspn(heard + 9, "0123456789") == 3;
    if (right) {
        char status[4] = {heard[9], heard[10], heard[11], '\0'};
        right = strstr(statuses, status) != NULL;
    }
    must(right, expected, "%s", heard_as(heard, got, how));
}

/* The rest of the head; returns what Content-Length says. */
static size_t head_rest(int fd, const char *what)
{
    static const char name[] = "Content-Length:";
    char heard[1000], expected[300];
    long length = -1;
    for (int i = 0;; i++) {
        head_line(fd, heard, sizeof heard, what);
        if (heard[0] == '\0')
            break;
        must(i < FIELDS, "an empty line after the fields of a head",
             "%d fields", FIELDS);
        if (strncasecmp(heard, name, sizeof name - 1) == 0) {
            char *end;
            length = strtol(heard + sizeof name - 1, &end, 10);
            must(end[strspn(end, " \t")] == '\0' && length >= 0,
                 "a number in Content-Length", "%s",
                 quoted(heard, strlen(heard)));
        }
    }
    snprintf(expected, sizeof expected,
             "the field Content-Length in %s", what);
    must(length >= 0, expected, "a head without it");
    return (size_t)length;
}

/* The next thing must be an answer with one of these statuses and, if
 * that is 200, with this file; `asked` says what was asked for. */
static void answered(int fd, const char *asked, const char *statuses,
                     const struct file *f, bool only_head)
{
    static char heard[LARGE];
    char what[200], expected[300];
    snprintf(what, sizeof what, "the answer to %s", asked);
    status_line(fd, statuses, what);
    size_t length = head_rest(fd, what), got, most = f ? f->size : 0;
    if (f == NULL) {
        must(length <= ERROR, "a short text for an error",
             "Content-Length: %zu", length);
        most = length;
    }
    snprintf(expected, sizeof expected, "Content-Length: %zu in %s",
             most, what);
    must(length == most, expected, "Content-Length: %zu", length);
    if (only_head)
        return;
    enum how how = hear(fd, heard, most, &got, false);
    snprintf(what, sizeof what, "the body of the answer to %s", asked);
    same(what, f ? f->bytes : heard, most, heard, got, ending(how));
}

/* Asks on a connection of its own, and says that this is all. */
static void asks_once(const char *who, const char *method,
                      const char *path, const char *statuses,
                      const struct file *f)
{
    char asked[120];
    int fd = call(port, NULL, NULL);
    snprintf(asked, sizeof asked, "%s %s", method, path);
    asks(fd, who, request(method, path, "Connection: close\r\n"));
    answered(fd, asked, statuses, f, strcmp(method, "HEAD") == 0);
    hears_end(fd);
}

/* ---- what the clients do ------------------------------------------- */

static void one_by_one(void)
{
    asks_once("a client", "GET", "/", fine, &page);
    asks_once("a client", "GET", picture.path, fine, &picture);
    asks_once("a client", "HEAD", picture.path, fine, &picture);
    asks_once("a client", "GET", none.path, fine, &none);
    asks_once("a client", "GET", spaced.path, fine, &spaced);
    asks_once("a client", "GET", large.path, fine, &large);
    asks_once("a client", "GET", "/nothing.txt", missing, NULL);
    asks_once("a client", "HEAD", "/nothing.txt", missing, NULL);
    asks_once("a client", "GET", "/pictures", missing, NULL);
    asks_once("a client", "DELETE", none.path, unknown, NULL);
}

/* The folder beside it has a name that begins as its own does. */
static void paths_that_lead_out(void)
{
    static const char *const paths[] = {
        "/../site-old/plan.txt",
        "/pictures/../../site-old/plan.txt",
        "/%2e%2e/site-old/plan.txt",
        "/pictures/..%2F.%2e/site-old/plan.txt",
        "/..",
        "//etc/hosts",
        "/%2Fetc/hosts",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        asks_once("a client", "GET", paths[i], refused, NULL);
}

/* Cut in the middle of the empty line, or after each byte; and a head
 * as long as it may be. */
static void in_pieces(void)
{
    const char *text = request("GET", page.path, "");
    size_t size = strlen(text);
    int fd = call(port, NULL, NULL);
    say(fd, text, size - 3);
    read_by_peer(fd, 300);
    say(fd, text + size - 3, 3);
    did("client 1 sent %s in two pieces, the second one \"\\n\\r\\n\"",
        quoted(text, size));
    answered(fd, "the request in two pieces", fine, &page, false);
    hang_up(fd, false);
    fd = call(port, NULL, NULL);
    for (size_t i = 0; i < size; i++) {
        say(fd, text + i, 1);
        if (i + 1 < size)
            read_by_peer(fd, 300);
    }
    did("client 2 sent the same byte by byte");
    answered(fd, "the request byte by byte", fine, &page, false);
    hang_up(fd, false);
    fd = call(port, NULL, NULL);
    char *fields = words(LONG - size);
    memcpy(fields, "Cookie: ", 8);
    memcpy(fields + LONG - size - 2, "\r\n", 2);
    text = request("GET", page.path, fields);
    say(fd, text, strlen(text));
    did("client 3 sent a request of %zu bytes, most of them in the "
        "field Cookie",
        strlen(text));
    answered(fd, "that", fine, &page, false);
    hang_up(fd, false);
}

/* One after the other on the same connection, then several at once, the
 * last of them in two parts. */
static void on_one_connection(void)
{
    static const struct {
        const char *method;
        const struct file *file;
        const char *path, *statuses;
    } requests[] = {
        {"GET", &page, "/", fine},
        {"HEAD", &picture, "/pictures/cat.png", fine},
        {"GET", &spaced, "/tea%20list.txt", fine},
        {"GET", NULL, "/nothing.txt", missing},
        {"GET", &none, "/empty.txt", fine},
        {"GET", &picture, "/pictures/cat.png", fine},
    };
    enum { COUNT = sizeof requests / sizeof *requests };
    static char all[COUNT * 200];
    char asked[120];
    size_t size = 0;
    int fd = call(port, NULL, NULL);
    for (int i = 0; i < COUNT; i++) {
        const char *text =
            request(requests[i].method, requests[i].path, "");
        asks(fd, "client 4", text);
        snprintf(asked, sizeof asked, "request %d of client 4", i + 1);
        answered(fd, asked, requests[i].statuses, requests[i].file,
                 strcmp(requests[i].method, "HEAD") == 0);
        size += (size_t)sprintf(all + size, "%s", text);
    }
    size_t cut = size - 30;
    say(fd, all, cut);
    read_by_peer(fd, 300);
    say(fd, all + cut, size - cut);
    did("client 4 sent all %d at once, but for the last 30 bytes, "
        "then these",
        COUNT);
    for (int i = 0; i < COUNT; i++) {
        snprintf(asked, sizeof asked, "%s %s, request %d of %d at once",
                 requests[i].method, requests[i].path, i + 1, COUNT);
        answered(fd, asked, requests[i].statuses, requests[i].file,
                 strcmp(requests[i].method, "HEAD") == 0);
    }
    asks(fd, "client 4",
         request("GET", spaced.path, "connection: CLOSE\r\n"));
    answered(fd, "a request with connection: CLOSE", fine, &spaced,
             false);
    hears_end(fd);
    fd = call(port, NULL, NULL);
    asks(fd, "client 5", "GET / HTTP/1.0\r\n\r\n");
    answered(fd, "a request in HTTP/1.0", fine, &page, false);
    hears_end(fd);
}

/* Most stop in the middle of a request, some read nothing of a large
 * answer: others must not wait. Then these go on, too. */
static void slow_clients(void)
{
    int slow[CROWD - 1];
    const char *film = request("GET", large.path, "");
    const char *text = request("GET", page.path, "");
    size_t half = strlen(text) / 2;
    long long begun = now();
    for (int i = 0; i < CROWD - 1; i++) {
        bool mute = i < MUTES;
        slow[i] = mute ? call_narrow(port) : call(port, NULL, NULL);
        say(slow[i], mute ? film : text, mute ? strlen(film) : half);
        read_by_peer(slow[i], 50);
    }
    did("%d clients asked for %s and read nothing; %d others sent half "
        "a request",
        MUTES, large.path, CROWD - 1 - MUTES);
    asks_once("another client, meanwhile,", "GET", page.path, fine,
              &page);
    for (int i = CROWD - 2; i >= 0; i--) {
        if (now() > begun + GIVEN_UP / 2)
            break;
        if (i >= MUTES)
            say(slow[i], text + half, strlen(text) - half);
        if (i == CROWD - 2)
            did("these sent the rest, one after the other");
        if (i == MUTES - 1)
            did("those that read nothing read now");
        answered(slow[i],
                 i < MUTES ? "a client that reads it late"
                           : "a request in two halves",
                 fine, i < MUTES ? &large : &page, false);
    }
    for (int i = 0; i < CROWD - 1; i++)
        hang_up(slow[i], false);
}

/* Sends a field until the program refuses, or has taken too much. It may
 * say something first. */
static void endless_head(void)
{
    static char heard[4096];
    int fd = call(port, NULL, NULL);
    size_t got;
    asks(fd, "client 6", "GET / HTTP/1.1\r\nCookie: ");
    size_t sent = pour(fd, ENDLESS);
    did("it sent %zu bytes more, without an end, and goes on", sent);
    must(sent < ENDLESS,
         "the connection closed, for a head without end",
         "it took all of them");
    enum how how = hear(fd, heard, sizeof heard, &got, false);
    must((how == HEARD_END || how == HEARD_RESET)
             && (got == 0 || strncmp(heard, "HTTP/1.1 4", 10) == 0),
         "\"HTTP/1.1 431\", or 400, or nothing; and the connection "
         "closed",
         "%s", heard_as(heard, got, how));
    hang_up(fd, false);
}

/* Some leave while the answer is on its way, some before they have
 * asked. Then many come, and a client asks for much. */
static void leavers(void)
{
    for (int i = 0; i < 3; i++) {
        int fd = call_narrow(port);
        const char *text = request("GET", large.path, "");
        say(fd, text, strlen(text) - (i == 2 ? 10 : 0));
        read_by_peer(fd, 300);
        leave_unseen(server, fd, i == 1);
        did("a client left in the middle of %s, with a reset",
            i == 2 ? "its request" : "the answer");
    }
    asks_once("a client", "GET", page.path, fine, &page);
    char asked[60];
    did("%d clients, one after the other, send GET / HTTP/1.1, "
        "Connection: close",
        VISITS);
    for (int i = 0; i < VISITS; i++) {
        int fd = call(port, NULL, NULL);
        const char *text =
            request("GET", page.path, "Connection: close\r\n");
        say(fd, text, strlen(text));
        snprintf(asked, sizeof asked, "GET / of visitor %d", i + 1);
        answered(fd, asked, fine, &page, false);
        hears_end(fd);
    }
    did("client 7 sends HEAD for / and /pictures in turn, %d times",
        VISITS);
    int fd = call(port, NULL, NULL);
    for (int i = 0; i < VISITS; i++) { /* answers in one send */
        bool page_too = i % 2 == 0;
        const char *text =
            request("HEAD", page_too ? page.path : "/pictures", "");
        say(fd, text, strlen(text));
        snprintf(asked, sizeof asked, "HEAD request %d of %d", i + 1,
                 VISITS);
        answered(fd, asked, page_too ? fine : missing,
                 page_too ? &page : NULL, true);
    }
    hang_up(fd, false);
    asks_once("a client", "GET", large.path, fine, &large);
}

static void judge(void)
{
    fill_folder();
    port = some_port();
    server = start_with(port, "site");
    did("started it with port %d and the folder site", port);
    one_by_one();
    part();
    paths_that_lead_out();
    part();
    in_pieces();
    part();
    on_one_connection();
    part();
    slow_clients();
    part();
    endless_head();
    part();
    leavers();
    part();
}

const struct exercise exercise = {
    .judge = judge,
    .verdict = "done",
    .why = "It looks at a path as the kernel will read it, counts "
           "every byte that it announces, and nobody waits for a slow "
           "client.",
    .read = "ch-http",
    .parts = 7,
    .limit = 15000,
    .crowd = CROWD + MUTES, /* a socket each, and files */
};
