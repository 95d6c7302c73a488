/* Pages in several languages, in letters of one to four bytes: what the
 * head announces must be what follows, and all of the page. */
#include "../judge.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What each page says after some English; how many letters it has. */
static const struct {
    const char *text;
    int letters;
} says[] = {
    {"tea", 3},
    {"cr\xC3\xA8me br\xC3\xBBl\xC3\xA9\x65", 12},
    {"\xD1\x87\xD0\xB0\xD0\xB9", 3},
    {"4 \xE2\x82\xAC", 3},
    {"\xF0\x9F\x8D\xB5\xF0\x9F\x8D\xB0", 2},
};
enum { PAGES = sizeof says / sizeof says[0] };

/* The value of this field in a head that ends at `end`; NULL: none. */
static const char *field(const char *head, const char *end,
                         const char *name)
{
    size_t size = strlen(name);
    for (const char *at = head;
         (at = strstr(at, "\r\n")) != NULL && at < end;) {
        at += 2;
        if (strncasecmp(at, name, size) == 0 && at[size] == ':')
            return at + size + 1;
    }
    return NULL;
}

static void judge(void)
{
    int port = some_port();
    unsigned first = chance(PAGES);
    for (unsigned i = 0; i < PAGES; i++) {
        unsigned which = (first + i) % PAGES;
        char text[200], page[400], answer[2000], what[80];
        const char *english = words(10 + chance(60));
        snprintf(text, sizeof text, "%s %s", english, says[which].text);
        snprintf(page, sizeof page, "<title>%d letters</title>\n%s\n",
                 (int)strlen(english) + 1 + says[which].letters, text);

        struct program *p = serve(port);
        feed(p, text);
        feed(p, "\n");
        did("typed %s", quoted(text, strlen(text)));
        int fd = call(port, NULL, NULL);
        const char *request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        say(fd, request, strlen(request));
        did("asked for its page");
        size_t got;
        enum how how = hear(fd, answer, sizeof answer - 1, &got, false);
        answer[got] = '\0';
        const char *end = strstr(answer, "\r\n\r\n");
        must(end != NULL && strncmp(answer, "HTTP/1.1 200", 12) == 0,
             "\"HTTP/1.1 200\", fields and an empty line", "%s",
             heard_as(answer, got, how));

        /* A client reads as many bytes as this says. */
        const char *length = field(answer, end, "Content-Length");
        must(length != NULL, "the field Content-Length", "%s",
             quoted(answer, (size_t)(end - answer)));
        end += 4;
        size_t body = got - (size_t)(end - answer);
        unsigned long announced =
            length ? strtoul(length, NULL, 10) : 0;
        snprintf(what, sizeof what,
                 "Content-Length: %zu, the bytes of the page",
                 strlen(page));
        must(announced == strlen(page), what, "Content-Length: %lu",
             announced);
        same("its page", page, strlen(page), end, body, ending(how));
        hang_up(fd, false);
        stop(p);
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "Content-Length counts bytes, and a letter may take "
           "several: a client stops where it says.",
    .read = "ch-http",
};
