/* Three clients talk; four never read, while another sends much; fifty
 * are connected at once, and many come and go; some leave in the middle
 * of a line, or before the server has sent them what it owes them. */
#include "../judge.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
    CROWD = 50,
    VISITS = 120, /* more in all than it has descriptors */
    MOST = CROWD + 10 + VISITS,
    BATCH = 120, /* lines of the flood that are sent at once */
    LONGEST = 500, /* bytes of a line, with its newline */
    MUTE = 4, /* the first client that never reads */
    MUTES = 4, /* so many: a second for each exceeds PATIENCE */
    FLOOD = 1 << 19 /* bytes: more than fits for a narrow peer */
};

static struct client {
    int fd;
    bool here;
} clients[MOST]; /* client N is clients[N] */
static int port, last;
static struct program *server;

static char batch_answers[BATCH * (LONGEST + 10) + 1];
static bool heard_of[MOST][MUTES]; /* N was told that this one left */

static bool is_mute(int number)
{
    return number >= MUTE && number < MUTE + MUTES;
}

/* Whether the line tells client `number` that a mute one left, for the
 * first time. The server may disconnect these at any time. */
static bool is_gone(int number, const char *text, size_t size)
{
    char gone[40];
    for (int i = 0; i < MUTES && MUTE + i <= last; i++) {
        int length = snprintf(gone, sizeof gone, "%d left\n", MUTE + i);
        if (!heard_of[number][i] && size == (size_t)length
            && memcmp(text, gone, size) == 0)
            return heard_of[number][i] = true;
    }
    return false;
}

/* The next line that this client receives must be this one. */
static void must_hear(int number, const char *text, const char *what)
{
    char heard[LONGEST + 40], title[600];
    size_t got;
    enum how how;
    do
        how = hear(clients[number].fd, heard, sizeof heard, &got, true);
    while (how == HEARD_LINE && is_gone(number, heard, got));
    snprintf(title, sizeof title, "what client %d hears, after %s",
             number, what);
    same(title, text, strlen(text), heard, got,
         how == HEARD_LINE ? "" : ending(how));
}

/* All that are here must receive this, except `but` and the mute. */
static void all_hear(int but, const char *text, const char *what)
{
    for (int i = 1; i <= last; i++)
        if (clients[i].here && i != but && !is_mute(i))
            must_hear(i, text, what);
}

static void joins(bool narrow)
{
    char text[40], what[60];
    int number = ++last;
    clients[number].fd =
        narrow ? call_narrow(port) : call(port, NULL, NULL);
    snprintf(what, sizeof what, "client %d connected", number);
    snprintf(text, sizeof text, "you are %d\n", number);
    must_hear(number, text, what);
    snprintf(text, sizeof text, "%d joined\n", number);
    clients[number].here = true;
    all_hear(number, text, what);
}

/* All others hear that it has left. */
static void left(int number, const char *what)
{
    char text[40];
    clients[number].here = false;
    snprintf(text, sizeof text, "%d left\n", number);
    all_hear(number, text, what);
}

static void says(int number, const char *text)
{
    char answer[LONGEST + 20], what[200];
    say(clients[number].fd, text, strlen(text));
    snprintf(answer, sizeof answer, "%d: %s", number, text);
    snprintf(what, sizeof what, "client %d sent %s", number,
             quoted(text, strlen(text)));
    all_hear(number, answer, what);
}

/* Half a line of one, a line of another, the other half. */
static void interrupted_line(int one, int other)
{
    char what[300], answer[120];
    const char *text = line(20 + chance(40)), *between = line(20);
    size_t size = strlen(text), half = size / 2;
    say(clients[one].fd, text, half);
    read_by_peer(clients[one].fd, 300);
    did("client %d sent %s, and no newline yet", one,
        quoted(text, half));
    says(other, between);
    did("client %d sent %s", other, quoted(between, strlen(between)));
    say(clients[one].fd, text + half, size - half);
    snprintf(what, sizeof what, "client %d sent the rest: %s", one,
             quoted(text + half, size - half));
    did("%s", what);
    snprintf(answer, sizeof answer, "%d: %s", one, text);
    all_hear(one, answer, what);
}

static void two_lines_at_once(int number)
{
    char both[200], answer[120], what[260];
    const char *first = line(5 + chance(30)), *next = line(20);
    snprintf(both, sizeof both, "%s%s", first, next);
    say(clients[number].fd, both, strlen(both));
    snprintf(what, sizeof what, "client %d sent two lines at once: %s",
             number, quoted(both, strlen(both)));
    did("%s", what);
    snprintf(answer, sizeof answer, "%d: %s", number, first);
    all_hear(number, answer, what);
    snprintf(answer, sizeof answer, "%d: %s", number, next);
    all_hear(number, answer, what);
}

/* Removes the lines that `is_gone` accepts. Returns the size left. */
static size_t without_gone(int number, char *text, size_t size)
{
    for (size_t at = 0, length; at < size; at += length) {
        length = (size_t)((char *)memchr(text + at, '\n', size - at)
                          - (text + at))
                 + 1;
        if (is_gone(number, text + at, length)) {
            size -= length;
            memmove(text + at, text + at + length, size - at);
            length = 0;
        }
    }
    return size;
}

/* Must receive these lines; "N left" of the mute may be among them. */
static void hears_much(int number, const char *text, size_t size,
                       const char *what)
{
    static char heard[sizeof batch_answers + LONGEST + 40];
    char title[300];
    size_t got = 0, more, all;
    int fd = clients[number].fd;
    enum how how;
    do {
        how = hear(fd, heard + got, size - got, &more, false);
        all = got += more;
        if (how == HEARD_ALL && heard[got - 1] != '\n') {
            how =
                hear(fd, heard + got, sizeof heard - got, &more, true);
            all = got += more;
        }
        if (got > 0 && heard[got - 1] == '\n')
            got = without_gone(number, heard, got);
    } while (got < size && got < all);
    snprintf(title, sizeof title, "what client %d hears of %s", number,
             what);
    same(title, text, size, heard, got, ending(how));
}

/* `speaker` sends more than fits for the mute; `listener` hears it. */
static void flood(int speaker, int listener)
{
    static char sent[BATCH * LONGEST + 1];
    char what[120];
    did("client %d says %d KB, and clients %d to %d never read",
        speaker, FLOOD >> 10, MUTE, last);
    for (size_t done = 0, lines = 0; done < FLOOD;) {
        size_t size = 0, answer = 0;
        for (int i = 0; i < BATCH; i++, lines++) {
            const char *text = line(LONGEST - chance(40));
            size += (size_t)sprintf(sent + size, "%s", text);
            answer += (size_t)sprintf(batch_answers + answer, "%d: %s",
                                      speaker, text);
        }
        long long begun = now();
        say(clients[speaker].fd, sent, size);
        snprintf(what, sizeof what,
                 "lines %zu to %zu of that, and clients %d to %d read "
                 "nothing",
                 lines - BATCH + 1, lines, MUTE, last);
        hears_much(listener, batch_answers, answer, what);
        must(now() - begun < PATIENCE,
             "no waiting for those that read nothing",
             "%.1f seconds until client %d had heard %s",
             (double)(now() - begun) / 1e3, listener, what);
        done += size;
    }
}

/* The mute leave while the server has much to send to them, unless it
 * has disconnected them. Clients 1 and 3 must hear of each once. */
static void mute_leave(void)
{
    char heard[LONGEST + 40], expected[60];
    size_t got;
    int most = MUTE + MUTES - 1;
    send_signal(server, SIGSTOP);
    for (int i = MUTE; i <= most; i++) {
        shutdown(clients[i].fd, SHUT_WR);
        hang_up(clients[i].fd, true);
        clients[i].here = false;
    }
    send_signal(server, SIGCONT);
    did("clients %d to %d left, which never read", MUTE, most);
    for (int j = 1; j <= 3; j += 2)
        for (int i = 0; i < MUTES; i++) {
            if (heard_of[j][i])
                continue;
            enum how how =
                hear(clients[j].fd, heard, sizeof heard, &got, true);
            snprintf(expected, sizeof expected,
                     "\"%d left\\n\", once, for client %d", MUTE + i,
                     j);
            must(is_gone(j, heard, got), expected, "%s",
                 heard_as(heard, got, how));
            i = -1; /* the server chooses their order: look again */
        }
}

/* Client 20 has left and client 1 has sent a line: the server may
 * report these two in either order. */
static void either_order(const char *text)
{
    static const char what[] = "client 20 left while client 1 sent";
    static const char gone[] = "20 left\n";
    char title[200], answer[120];
    clients[20].here = false;
    snprintf(answer, sizeof answer, "1: %s", text);
    snprintf(title, sizeof title, "%s %s", what,
             quoted(text, strlen(text)));
    must_hear(1, gone, title);
    for (int i = 3; i <= last; i++) {
        if (!clients[i].here || is_mute(i))
            continue;
        char first = '1';
        if (pump(clients[i].fd, POLLIN, PATIENCE))
            recv(clients[i].fd, &first, 1, MSG_PEEK);
        must_hear(i, first == '2' ? gone : answer, title);
        must_hear(i, first == '2' ? answer : gone, title);
    }
}

/* The crowd leaves; then many connect and leave at once, one by one. */
static void visits(void)
{
    for (int i = 4; i <= last; i++)
        if (clients[i].here) {
            hang_up(clients[i].fd, false);
            left(i, "it left, as all do but clients 1 and 3");
        }
    did("all left but clients 1 and 3");
    for (int i = 0; i < VISITS; i++) {
        joins(false);
        hang_up(clients[last].fd, false);
        left(last, "it connected and left at once");
    }
    did("%d more connected and left, one after the other", VISITS);
}

static void judge(void)
{
    char text[80];
    port = some_port();
    server = serve(port);
    for (int i = 0; i < 3; i++)
        joins(false);
    did("three clients connected");
    snprintf(text, sizeof text, "%s", line(10 + chance(50)));
    did("client 2 sent %s", quoted(text, strlen(text)));
    says(2, text);
    did("client 3 sent an empty line");
    says(3, "\n");
    two_lines_at_once(1);
    interrupted_line(3, 1);
    part();

    say(clients[2].fd, "in the middle of", 16);
    read_by_peer(clients[2].fd, 300);
    hang_up(clients[2].fd, false);
    did("client 2 sent \"in the middle of\", no newline, and left");
    left(2, "client 2 left in the middle of a line");
    part();
    while (last < MUTE + MUTES - 1)
        joins(true);
    did("clients %d to %d connected", MUTE, last);
    flood(1, 3);
    part();
    while (last < CROWD + 1)
        joins(false);
    did("clients %d to %d connected: %d are here", MUTE + MUTES, last,
        CROWD);
    for (int i = 0; i < 5; i++) {
        int number = last - (int)chance(CROWD - MUTE - MUTES);
        did("client %d sent a line", number);
        says(number, line(LONGEST - chance(400)));
    }
    part();
    mute_leave();
    for (int i = 0; i < MUTES; i++)
        joins(false); /* 50 are here again: all the mute have left */
    did("clients %d to %d connected: %d are here", last - MUTES + 1,
        last, CROWD);
    part();
    /* Client 20 leaves unseen, while a line is on its way to it. */
    snprintf(text, sizeof text, "%s", line(20));
    send_signal(server, SIGSTOP);
    say(clients[1].fd, text, strlen(text));
    shutdown(clients[20].fd, SHUT_WR);
    hang_up(clients[20].fd, true);
    send_signal(server, SIGCONT);
    did("client 20 left with a reset, at the time of a line of client "
        "1");
    either_order(text);
    joins(false);
    did("client %d connected", last);
    did("client %d sent a line", last);
    says(last, line(30));
    visits();
    did("client 3 sent a line");
    says(3, line(30));
    part();
}

const struct exercise exercise = {
    .judge = judge,
    .verdict = "done",
    .why = "It serves fifty at once and waits for none of them: each "
           "has its own half line, and its own place in poll.",
    .read = "ch-many",
    .parts = 6,
    .limit = 30000,
    .crowd = 2 * CROWD, /* a reader and a writer for each */
};
