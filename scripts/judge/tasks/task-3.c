/* Messages whole, byte by byte, several at once and cut anywhere; empty,
 * long, with zero bytes; lengths that promise more than ever comes; and
 * callers that leave, some before they are answered. */
#include "../judge.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { HEAD = 2, MESSAGES = 6, LARGEST = 65535 };

/* Writes a message and its answer as sent. Returns their size. */
static size_t put_message(char *to, char *answer, const char *text,
                          size_t length)
{
    to[0] = answer[0] = (char)(length >> 8);
    to[1] = answer[1] = (char)(length & 255);
    for (size_t i = 0; i < length; i++) {
        to[HEAD + i] = text[i];
        answer[HEAD + length - 1 - i] = text[i];
    }
    return HEAD + length;
}

/* Sends a message, `piece` bytes at a time; its answer must come. */
static void reversed(int fd, const char *who, const char *text,
                     size_t length, size_t piece)
{
    static char sent[HEAD + LARGEST], wanted[HEAD + LARGEST];
    char what[200];
    size_t size = put_message(sent, wanted, text, length);
    for (size_t i = 0; i < size; i += piece) {
        if (i > 0)
            read_by_peer(fd, 300);
        say(fd, sent + i, size - i < piece ? size - i : piece);
    }
    did("%s sent a message of %zu bytes: %s%s", who, length,
        quoted(sent, size),
        piece == 1     ? ", byte by byte"
        : piece < size ? ", in pieces"
                       : "");
    snprintf(what, sizeof what, "the answer to %s", quoted(sent, size));
    hears_bytes(fd, wanted, size, what);
}

static void end_side(int fd, const char *who)
{
    shutdown(fd, SHUT_WR);
    did("%s ended its side", who);
    hears_end(fd);
}

/* Several at once, the last one cut after the first byte of its length;
 * one of them is empty, one contains a zero byte. */
static void several(int port)
{
    static char sent[MESSAGES * 100], wanted[MESSAGES * 100];
    size_t size = 0, last = 0;
    int fd = call(port, NULL, NULL);
    for (int i = 0; i < MESSAGES; i++) {
        size_t length = i == 2 ? 0 : 5 + chance(60);
        char *text = words(length);
        if (i == 3)
            text[chance(5)] = '\0';
        last = size;
        size += put_message(sent + size, wanted + size, text, length);
    }
    say(fd, sent, last + 1);
    read_by_peer(fd, 300);
    say(fd, sent + last + 1, size - last - 1);
    did("client 3 sent %d messages, cut in the last one's length: %s",
        MESSAGES, quoted(sent, size));
    hears_bytes(fd, wanted, size, "the answers to client 3");
    end_side(fd, "client 3");
}

/* Sends only `size` bytes of a message of that length, then ends. */
static void never_filled(int port, const char *who, size_t length,
                         size_t size)
{
    static char sent[1000], answer[1000];
    int fd = call(port, NULL, NULL);
    put_message(sent, answer, words(length), length);
    say(fd, sent, size);
    shutdown(fd, SHUT_WR);
    did("%s sent %s, which is not all of the message, and ended its "
        "side",
        who, quoted(sent, size));
    hears_refusal(fd, "after a message that is not whole");
}

/* Ends the stream, then resets: the program's answer raises SIGPIPE. */
static void leaves_answer(struct program *p, int port)
{
    static const char message[] = "\0\5hello";
    send_signal(p, SIGSTOP);
    int fd = call(port, NULL, NULL);
    say(fd, message, sizeof message - 1);
    leave_unseen(p, fd, true);
    did("client 6 sent %s, ended its side, and left with a reset "
        "before it was answered",
        quoted(message, sizeof message - 1));
}

static void served(int port, const char *who)
{
    int fd = call(port, NULL, NULL);
    size_t length = 5 + chance(30);
    reversed(fd, who, words(length), length, LARGEST);
    end_side(fd, "it");
}

static void judge(void)
{
    int port = some_port();
    struct program *p = serve_with_few(port);
    int fd = call(port, NULL, NULL);
    size_t length = 5 + chance(30);
    reversed(fd, "client 1", words(length), length, LARGEST);
    reversed(fd, "client 1", "", 0, LARGEST);
    length = 300 + chance(200);
    reversed(fd, "client 1", words(length), length, LARGEST);
    length = 33000 + chance(30000);
    reversed(fd, "client 1", words(length), length, 20000);
    reversed(fd, "client 1", words(LARGEST), LARGEST, LARGEST + HEAD);
    end_side(fd, "client 1");
    part();
    fd = call(port, NULL, NULL);
    length = 10 + chance(10);
    reversed(fd, "client 2", words(length), length, 1);
    reversed(fd, "client 2", words(length), length, 4);
    leave_unseen(p, fd, false);
    did("client 2 left with a reset");
    part();
    several(port);
    part();
    length = 300 + chance(200);
    never_filled(port, "client 4", length, HEAD + 3 + chance(200));
    never_filled(port, "client 5", length, 1);
    part();
    leaves_answer(p, port);
    many_leave(p, port, "");
    served(port, "client 7, behind all these,");
    many_leave(p, port, "\1\1not all of it");
    served(port, "client 8, behind all these,");
    part();
}

const struct exercise exercise = {
    .judge = judge,
    .verdict = "done",
    .why = "It trusts the length and nothing else: not what one recv "
           "happens to return, and not that a peer keeps its word.",
    .parts = 5,
    .crowd = 5,
    .read = "ch-sendrecv",
};
