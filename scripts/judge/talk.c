/* talk: conversations that several judges use. */
#include "../common/clock.h"
#include "judge.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct program *serve(int port)
{
    struct program *p = start(port, 0);
    did("started it with port %d", port);
    return p;
}

struct program *serve_with_few(int port)
{
    struct program *p = start(port, FEW_FILES);
    did("started it with port %d and 16 descriptors to spend", port);
    return p;
}

struct program *client(int *fd, int flags)
{
    int port, listener = listening(&port);
    struct program *p = start(port, flags);
    did("started it against a server at port %d%s", port,
        flags & INPUT_CLOSED ? ", its standard input closed" : "");
    *fd = taken(listener, p);
    close(listener);
    return p;
}

void hears(int fd, const char *text, const char *what)
{
    static char heard[1 << 17];
    size_t got, size = strlen(text);
    enum how how = hear(fd, heard, size, &got, true);
    /* If it is wrong, report the whole line, not its beginning. */
    if (how == HEARD_ALL && got < sizeof heard
        && memcmp(heard, text, got) != 0 && heard[got - 1] != '\n') {
        size_t more;
        how = hear(fd, heard + got, sizeof heard - got, &more, true);
        got += more;
    }
    same(what, text, size, heard, got, ending(how));
}

void hears_bytes(int fd, const void *bytes, size_t size,
                 const char *what)
{
    static char heard[1 << 17];
    size_t got, most = size < sizeof heard ? size : sizeof heard;
    enum how how = hear(fd, heard, most, &got, false);
    same(what, bytes, size, heard, got, ending(how));
}

void hears_refusal(int fd, const char *what)
{
    char heard[64], expected[300];
    size_t got;
    enum how how = hear(fd, heard, sizeof heard, &got, false);
    snprintf(expected, sizeof expected,
             "the connection closed, and nothing sent, %s", what);
    must(got == 0 && (how == HEARD_END || how == HEARD_RESET), expected,
         "%s", heard_as(heard, got, how));
    hang_up(fd, false);
}

void leave_unseen(struct program *p, int fd, bool shut)
{
    send_signal(p, SIGSTOP);
    if (shut)
        shutdown(fd, SHUT_WR);
    hang_up(fd, true);
    send_signal(p, SIGCONT);
}

void many_leave(struct program *p, int port, const char *text)
{
    enum { MANY = 16 };
    for (int i = 0; i < MANY; i++) {
        send_signal(p, SIGSTOP);
        int fd = call(port, NULL, NULL);
        say(fd, text, strlen(text));
        leave_unseen(p, fd, false);
        for (long long until = now() + PATIENCE / 10;
             !asleep() && now() < until;)
            rest(2);
    }
    did("%d callers, one after the other, said %s and left with a "
        "reset",
        MANY, *text ? quoted(text, strlen(text)) : "nothing");
}

void hears_end(int fd)
{
    char heard[64];
    size_t got;
    enum how how = hear(fd, heard, sizeof heard, &got, false);
    must(got == 0 && how == HEARD_END,
         "then the end of the stream (recv returns 0), and nothing "
         "else",
         "%s", heard_as(heard, got, how));
    hang_up(fd, false);
}

void greeted(int port, const char *from, const char *to)
{
    int fd = call(port, from, to);
    hears(fd, GREETING, "the greeting of a caller");
    hears_end(fd);
}

void echoed(int fd, const char *peer)
{
    char *text = line(2 + chance(60)), what[128];
    say(fd, text, strlen(text));
    did("%s sent %s", peer, quoted(text, strlen(text)));
    snprintf(what, sizeof what, "what comes back to %s", peer);
    hears(fd, text, what);
}

void converse(struct program *p, int fd, const char *text, int pieces,
              int milliseconds)
{
    feed(p, text);
    did("typed %s", quoted(text, strlen(text)));
    hears(fd, text, "what the server gets");
    /* Not the same text: a client could print what was typed. */
    char *answer = line(strlen(text));
    say_in_pieces(fd, answer, strlen(answer), pieces, milliseconds);
    if (pieces == 1)
        did("the server answered %s", quoted(answer, strlen(answer)));
    else
        did("the server answered in %d pieces, %d ms apart: %s", pieces,
            milliseconds, quoted(answer, strlen(answer)));
    if (strlen(answer) > 1)
        prints(p, answer, "what it prints, before the next line");
}

void spoken_to(int flags)
{
    int fd;
    struct program *p = client(&fd, flags);
    char *text = line(20 + chance(40));
    size_t size = strlen(text);
    say(fd, text, 10);
    read_by_peer(fd, 300);
    say(fd, text + 10, size - 10);
    hang_up(fd, false);
    did("the server said %s and closed", quoted(text, size));
    must_end(p, 0, "the client to end with exit status 0");
    printed_all(p, text, size, "what it prints");
}

void complains_of(struct program *p, const char *call_name)
{
    char expected[128];
    snprintf(expected, sizeof expected,
             "a line on standard error that names the call, %s",
             call_name);
    must(strstr(p->complaint, call_name) != NULL, expected, "%s",
         p->complaint[0] ? quoted(p->complaint, strlen(p->complaint))
                         : "not a word");
}
