/* Lines in pieces, many lines in one segment, a last line without a
 * newline, lines with odd bytes; lines as long as allowed, longer, and
 * endless; a client that leaves without its answers; and one caller
 * after another. */
#include "../judge.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LONGEST = 1000, LINES = 12, UNREAD = 100, ENDLESS = 4 << 20 };

/* Sends a line, `length` bytes and a newline, in that many pieces; its
 * length must come back. */
static void counted_text(int fd, const char *who, const char *text,
                         size_t length, int pieces)
{
    char what[200], answer[24];
    size_t from = 0;
    for (int i = 0; i < pieces; i++) {
        size_t piece = (length + 1 - from) / (size_t)(pieces - i);
        say(fd, text + from, piece);
        from += piece;
        if (i + 1 < pieces)
            read_by_peer(fd, 300);
    }
    did("%s sent %s%s", who, quoted(text, length + 1),
        pieces == 1                 ? ""
        : pieces == (int)length + 1 ? ", byte by byte"
                                    : ", in pieces");
    snprintf(what, sizeof what, "the answer to %s",
             quoted(text, length + 1));
    snprintf(answer, sizeof answer, "%zu\n", length);
    hears(fd, answer, what);
}

static void counted(int fd, const char *who, size_t length, int pieces)
{
    counted_text(fd, who, line(length + 1), length, pieces);
}

/* Bytes that a wrong program takes for the end of a line or of the
 * input: 0, EOF in a char, and the first of "\r\n". */
static void odd_bytes(int fd, const char *who)
{
    for (int i = 0; i < 3; i++) {
        size_t length = 10 + chance(38); /* so that all is shown */
        char *text = line(length + 1);
        text[i == 2 ? length - 1 : 1 + chance((unsigned)length - 1)] =
            "\0\xFF\r"[i];
        counted_text(fd, who, text, length, 1);
    }
}

/* The longest line that is allowed, its newline only after a pause. */
static void newline_later(int fd, const char *who)
{
    char heard[64];
    size_t got;
    const char *text = line(LONGEST + 1);
    say(fd, text, LONGEST);
    read_by_peer(fd, PATIENCE);
    did("%s sent %d bytes, not yet the newline", who, LONGEST);
    if (pump(fd, POLLIN, 200)) {
        enum how how = hear(fd, heard, sizeof heard, &got, true);
        must(false, "nothing yet: this line may still end well", "%s",
             heard_as(heard, got, how));
    }
    say(fd, "\n", 1);
    did("%s sent the newline", who);
    hears(fd, "1000\n", "the answer to a line of 1000 bytes");
}

/* Many lines from a client that does not stay for the answers: the
 * first answer is met by a reset. */
static void leaves_answers(struct program *p, int port)
{
    send_signal(p, SIGSTOP);
    int fd = call(port, NULL, NULL);
    for (int i = 0; i < UNREAD; i++)
        say(fd, "gone\n", 5);
    hang_up(fd, false);
    send_signal(p, SIGCONT);
    did("client 7 sent %d lines and left before it was answered",
        UNREAD);
}

/* Many lines at once, and the last of them only in part. */
static void many_at_once(int port)
{
    static char text[LINES * 80], wanted[LINES * 8];
    size_t size = 0, answer = 0, cut = 0;
    int fd = call(port, NULL, NULL);
    for (int i = 0; i < LINES; i++) {
        size_t length = i == 3 ? 0 : 1 + chance(60);
        cut = size + length / 2;
        memcpy(text + size, line(length + 1), length + 1);
        size += length + 1;
        answer += (size_t)snprintf(
            wanted + answer, sizeof wanted - answer, "%zu\n", length);
    }
    say(fd, text, cut);
    read_by_peer(fd, 300);
    say(fd, text + cut, size - cut);
    did("client 3 sent %d lines, the last one in two parts: %s", LINES,
        quoted(text, size));
    hears_bytes(fd, wanted, answer, "the answers to client 3");
    shutdown(fd, SHUT_WR);
    did("client 3 ended its side");
    hears_end(fd);
}

static void no_last_newline(int port)
{
    char wanted[64], what[200];
    int fd = call(port, NULL, NULL);
    size_t one = 1 + chance(40), two = 1 + chance(40);
    char *text = line(one + 1 + two);
    text[one] = '\n';
    text[one + 1 + two - 1] = 'x'; /* where `line` had its newline */
    size_t size = one + 1 + two;
    say(fd, text, size);
    shutdown(fd, SHUT_WR);
    did("client 4 sent %s, and ended its side", quoted(text, size));
    snprintf(wanted, sizeof wanted, "%zu\n%zu\n", one, two);
    snprintf(what, sizeof what, "the answers to %s",
             quoted(text, size));
    hears_bytes(fd, wanted, strlen(wanted), what);
    hears_end(fd);
}

static void too_long(int port)
{
    int fd = call(port, NULL, NULL);
    counted(fd, "client 5", LONGEST, 1);
    newline_later(fd, "client 5");
    char *text = line(LONGEST + 2);
    say(fd, text, LONGEST + 2);
    did("client 5 sent a line of %d bytes", LONGEST + 1);
    hears_refusal(fd, "after a line of 1001 bytes");
}

/* Sends until the program refuses, or has read too much. */
static void endless(int port)
{
    int fd = call(port, NULL, NULL);
    size_t sent = pour(fd, ENDLESS);
    did("client 6 sent %zu bytes without a newline, and goes on", sent);
    must(sent < ENDLESS,
         "the connection closed, for a line without end",
         "it took all of them");
    hears_refusal(fd, "for a line without end");
}

static void judge(void)
{
    int port = some_port();
    struct program *p = serve_with_few(port);
    int fd = call(port, NULL, NULL);
    counted(fd, "client 1", 1 + chance(60), 1);
    counted(fd, "client 1", 0, 1);
    odd_bytes(fd, "client 1");
    counted(fd, "client 1", 100 + chance(400), 1);
    shutdown(fd, SHUT_WR);
    did("client 1 ended its side");
    hears_end(fd);
    part();
    fd = call(port, NULL, NULL);
    size_t length = 20 + chance(20);
    counted(fd, "client 2", length, 3);
    counted(fd, "client 2", length, (int)length + 1);
    say(fd, "half a line", 11);
    read_by_peer(fd, 300);
    leave_unseen(p, fd, false);
    did("client 2 sent half a line and left with a reset");
    part();
    many_at_once(port);
    part();
    no_last_newline(port);
    part();
    too_long(port);
    part();
    endless(port);
    part();
    leaves_answers(p, port);
    many_leave(p, port, "half a line");
    fd = call(port, NULL, NULL);
    counted(fd, "client 8, behind all these,", 1 + chance(60), 1);
    hang_up(fd, false);
    part();
}

const struct exercise exercise = {
    .judge = judge,
    .verdict = "done",
    .why = "It finds the lines in the stream itself, however they are "
           "cut, and no caller can make it keep more than 1000 bytes.",
    .parts = 7,
    .crowd = 5,
    .read = "ch-sendrecv",
};
