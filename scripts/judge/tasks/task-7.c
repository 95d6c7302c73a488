/* Stands in the place of the other side, and of a bad network. To the
 * receiver it sends a file with copies, strays and blocks before their
 * turn, as if answers were lost. From the sender it takes one, and lets
 * get lost what a script says. What it asks for follows from what came,
 * and from the kernel's time of that, so that a busy machine does no
 * harm. */
#define _GNU_SOURCE
#include "../judge.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    NUMBER = 4, /* bytes of a number */
    BLOCK = 1000, /* bytes of a block */
    MOST = 20, /* blocks of a file */
    ROOM = 2048, /* of a datagram, at most */
    SOON = 100, /* milliseconds: a copy by then needs no 200 */
    LATER = 400, /* after so long the end comes again */
    LINGER = 1000, /* so long the receiver waits for that */
    ALONE = 250, /* so long the sender is there alone */
    STUCK =
        8 /* copies, after which the sender will not mend its ways */
};

static char contents[MOST * BLOCK];

/* Bytes that a string does not have, other ones each time. */
static void fill(void)
{
    for (size_t i = 0; i < sizeof contents; i++)
        contents[i] = (char)(i % 7 == 0 ? chance(256) : i % 256);
}

static uint32_t number_in(const char *datagram)
{
    uint32_t number;
    memcpy(&number, datagram, NUMBER);
    return ntohl(number);
}

/* Block `number` of a file of that size: where it begins, how long it
 * is; 0: the end. */
static size_t block_of(size_t size, uint32_t number, const char **from)
{
    size_t at = (size_t)(number - 1) * BLOCK;
    *from = contents + (at < size ? at : 0);
    return at >= size ? 0 : size - at < BLOCK ? size - at : BLOCK;
}

/* What a number stands for, in words; one of four buffers in turn. */
static const char *name_of(uint32_t number, size_t size)
{
    static char texts[4][40];
    static unsigned turn;
    const char *unused;
    char *text = texts[turn++ % 4];
    snprintf(text, sizeof texts[0],
             block_of(size, number, &unused) > 0 ? "block %u"
                                                 : "the end (%u)",
             number);
    return text;
}

/* ---- the receiver -------------------------------------------------- */

static struct {
    struct program *program;
    int fd; /* connected to it */
    size_t size; /* of the file that it gets */
    uint32_t highest; /* number that was sent */
    int answers[MOST + 2]; /* to each number */
    int sent, heard; /* datagrams, all in all */
    long long last; /* when we sent the last one */
} to;

/* Takes an answer that has come. */
static void take_answer(void)
{
    char heard[ROOM];
    ssize_t n = recv(to.fd, heard, sizeof heard, 0);
    if (n == -1)
        return; /* ECONNREFUSED: the program has ended */
    uint32_t number = n == NUMBER ? number_in(heard) : 0;
    to.heard++;
    must(n == NUMBER && number >= 1 && number <= to.highest,
         "answers of 4 bytes: the numbers of blocks that were sent",
         "%zd bytes: %s", n, quoted(heard, (size_t)n));
    must(to.heard <= to.sent,
         "an answer to each datagram of the sender, and no more",
         "%d answers to %d datagrams", to.heard, to.sent);
    to.answers[number]++;
}

static void send_bytes(const char *bytes, size_t size)
{
    to.last = now();
    to.sent++;
    send(to.fd, bytes, size, MSG_NOSIGNAL);
}

static void send_block(uint32_t number)
{
    char datagram[NUMBER + BLOCK];
    const char *from;
    uint32_t out = htonl(number);
    size_t size = block_of(to.size, number, &from);
    memcpy(datagram, &out, NUMBER);
    memcpy(datagram + NUMBER, from, size);
    if (number > to.highest)
        to.highest = number;
    send_bytes(datagram, NUMBER + size);
}

/* That number must have been answered so many times. */
static void must_answer(uint32_t number, int times, const char *what)
{
    char expected[200];
    for (long long until = now() + PATIENCE;
         to.answers[number] < times && now() < until
         && (to.program->pid != 0 || pump(to.fd, POLLIN, 0));)
        if (pump(to.fd, POLLIN, 20))
            take_answer();
    snprintf(expected, sizeof expected, "an answer to %s", what);
    must(to.answers[number] >= times, expected, "none; %s",
         fate(to.program));
}

/* Sends a block, which must be answered. */
static void deliver(uint32_t number)
{
    char what[200];
    int before = to.answers[number];
    send_block(number);
    snprintf(what, sizeof what, "%s%s", name_of(number, to.size),
             before == 0 ? "" : ", again");
    did("sent the receiver %s", what);
    must_answer(number, before + 1, what);
}

/* Waits until the receiver has done what it does of itself. */
static void settle(void)
{
    falls_asleep();
    while (pump(to.fd, POLLIN, 0))
        take_answer();
}

/* The end, or a block, comes before its turn. Whether a block is kept,
 * and answered, or dropped is up to the receiver. */
static void too_early(uint32_t early)
{
    const char *unused;
    bool is_end = block_of(to.size, early, &unused) == 0;
    send_block(early);
    did("sent the receiver %s before block %u", name_of(early, to.size),
        early - 1);
    settle();
    must(!is_end || to.answers[early] == 0,
         "no answer to the end while a block is missing",
         "an answer to %s", name_of(early, to.size));
    deliver(early - 1);
    if (to.answers[early] == 0)
        deliver(early);
}

/* Datagrams that are no block. */
static void strays(void)
{
    static const uint32_t numbers[] = {0, UINT32_MAX};
    char datagram[NUMBER + BLOCK + 100];
    uint32_t next = htonl(to.highest + 1);
    memset(datagram, 'x', sizeof datagram);
    memcpy(datagram, &next, NUMBER);
    send_bytes(datagram, sizeof datagram);
    did("sent the receiver number %u with %zu bytes: too long",
        to.highest + 1, sizeof datagram - NUMBER);
    send_bytes(datagram, 0);
    send_bytes(datagram, NUMBER - 1);
    for (int i = 0; i < 2; i++) {
        uint32_t out = htonl(numbers[i]);
        memcpy(datagram, &out, NUMBER);
        send_bytes(datagram, NUMBER + BLOCK);
    }
    did("sent the receiver datagrams of 0 and 3 bytes, and blocks "
        "numbered %u and %u",
        numbers[0], numbers[1]);
    settle();
}

static void serve_receiver(void)
{
    int port = some_port();
    struct sockaddr_in there = here_at(port);
    to.size = 7 * BLOCK + 1 + chance(BLOCK - 1);
    to.program = start(port, 0);
    did("started the receiver with port %d", port);
    to.fd = own_socket(SOCK_DGRAM | SOCK_NONBLOCK);
    if (connect(to.fd, (struct sockaddr *)&there, sizeof there) == -1)
        could_not("a socket for the judge", strerror(errno));
    /* Until it is there, what we send is refused. */
    for (long long until = now() + PATIENCE; to.heard == 0;) {
        must((now() < until || !asleep()) && to.program->pid != 0,
             "an answer to block 1, sent again and again", "none; %s",
             fate(to.program));
        send_block(1);
        if (pump(to.fd, POLLIN, 20))
            take_answer();
    }
    did("sent the receiver block 1 until it was answered");
    settle();
    to.sent = to.heard = 0; /* some found nobody */

    int before = to.answers[2];
    send_block(2);
    send_block(2);
    did("sent the receiver block 2 twice");
    must_answer(2, before + 2, "each copy of block 2");
    too_early(4);
    part();
    deliver(5);
    deliver(5);
    deliver(2);
    strays();
    deliver(6);
    part();
    uint32_t end = 9;
    deliver(7);
    too_early(end);
    rest(LATER);
    if (now() < to.last + LINGER - SOON)
        deliver(end);
}

/* What it has printed must be the file. */
static void check_file(void)
{
    char expected[100];
    const char *text = to.program->text, *bytes;
    size_t got = to.program->size, at = 0, size;
    while (at < got && at < to.size && text[at] == contents[at])
        at++;
    if (at == to.size && at == got)
        return;
    uint32_t number = (uint32_t)(at / BLOCK) + 1;
    snprintf(expected, sizeof expected,
             "%s at byte %zu of what the receiver prints",
             at < to.size ? name_of(number, to.size) : "no more",
             (size_t)(number - 1) * BLOCK);
    at = (size_t)(number - 1) * BLOCK;
    must(at < got, expected, "%zu bytes in all", got);
    for (uint32_t i = 1; (size = block_of(to.size, i, &bytes)) > 0; i++)
        must(got - at < size || memcmp(text + at, bytes, size) != 0
                 || i == number,
             expected, "block %u", i);
    must(false, expected, "%s", quoted(text + at, got - at));
}

/* A second after the last datagram it must have ended. */
static void end_of_receiver(void)
{
    did("looked at the receiver again, which has had the end");
    must_end(to.program, 0,
             "the receiver to end a second after the last datagram, "
             "exit status 0");
    check_file();
    while (pump(to.fd, POLLIN, 0))
        take_answer();
}

/* ---- the sender ---------------------------------------------------- */

static struct {
    struct program *program;
    int fd;
    struct sockaddr_in peer;
    size_t size; /* of the file that it sends */
    uint32_t end; /* its number */
    int total, needed; /* datagrams */
    struct {
        int copies, unanswered;
        int ignored; /* answers: a copy came some time after them */
        bool had;
        double first, last; /* when copies came; milliseconds */
        double answered; /* when that was; 0: not yet */
    } blocks[MOST + 2];
} from;

static void answer_with(const void *bytes, size_t size)
{
    sendto(from.fd, bytes, size, 0, (struct sockaddr *)&from.peer,
           sizeof from.peer);
}

static void answer(uint32_t number, int times)
{
    uint32_t out = htonl(number);
    for (int i = 0; i < times; i++)
        answer_with(&out, NUMBER);
}

/* The block, or the end, that must come next. */
static uint32_t first_missing(void)
{
    uint32_t number = 1;
    while (number < from.end && from.blocks[number].had)
        number++;
    return number;
}

static const char *missing_in_words(void)
{
    static char text[100];
    uint32_t number = first_missing();
    snprintf(text, sizeof text, "%s%s", name_of(number, from.size),
             from.blocks[number].copies ? ", again" : "");
    return text;
}

/* It must be what its number stands for. */
static uint32_t check_datagram(const char *datagram, size_t size)
{
    char expected[120];
    const char *bytes;
    uint32_t number = size >= NUMBER ? number_in(datagram) : 0;
    must(number >= 1 && number <= from.end, missing_in_words(),
         "a datagram of %zu bytes: %s", size, quoted(datagram, size));
    size_t right = block_of(from.size, number, &bytes), at = 0;
    size -= NUMBER;
    snprintf(expected, sizeof expected,
             "%s, its number and %zu bytes of the file",
             name_of(number, from.size), right);
    must(size == right, expected, "the number and %zu bytes", size);
    while (at < size && datagram[NUMBER + at] == bytes[at])
        at++;
    must(at == size, expected, "other bytes, from byte %zu of them on",
         at);
    return number;
}

/* Counts it: a copy that comes soon after the one before was not
 * needed. */
static void count(uint32_t number, double when)
{
    char expected[200];
    int copies = from.blocks[number].copies++;
    if (copies == 0)
        from.blocks[number].first = when;
    if (copies == 0 || when - from.blocks[number].last >= SOON)
        from.needed++;
    from.blocks[number].last = when;
    from.total++;
    if (from.blocks[number].answered > 0
        && when > from.blocks[number].answered + SOON)
        from.blocks[number].ignored++;
    must(from.blocks[number].ignored < STUCK, missing_in_words(),
         "%s, %d times after its answer", name_of(number, from.size),
         from.blocks[number].ignored);
    snprintf(expected, sizeof expected,
             "%d datagrams at most: twice as many as were needed so "
             "far",
             2 * from.needed);
    must(from.total <= 2 * from.needed, expected, "one more: %s",
         name_of(number, from.size));
}

/* What the network does. A block whose copies are lost, or whose answers
 * are late, needs one that comes after some time. */
static void pass(uint32_t number, double when, bool trouble)
{
    enum { LOST = 8, LATE = 11, STRAY = 14 };
    static const char no_answer[] = "no answer";
    bool is_end = number == from.end;
    bool first = from.blocks[number].copies == 1;
    bool soon = when - from.blocks[number].first < SOON;
    if (is_end && first_missing() < from.end) {
        must(from.blocks[number].copies < STUCK, missing_in_words(),
             "the end (%u), for the %dth time", number, STUCK);
        return;
    }
    if (trouble && soon
        && (number == LOST || number == STRAY || is_end)) {
        if (first)
            did("%s of the sender is lost", name_of(number, from.size));
        if (first && number == STRAY) {
            uint32_t next[2] = {htonl(number), 0};
            answer(number - 1, 1);
            answer_with(no_answer, NUMBER - 1);
            answer_with(next, sizeof next);
            answer(0, 1);
            answer(UINT32_MAX, 1);
            did("sent the sender the answer to block %u again, 3 "
                "bytes, 8 bytes, and answers to blocks 0 and %u",
                number - 1, UINT32_MAX);
        }
        return;
    }
    from.blocks[number].had = true;
    from.blocks[number].unanswered++;
    if (trouble && soon && number == LATE) {
        if (first)
            did("the answer to block %u is late: it comes with the "
                "next one",
                number);
        return;
    }
    bool doubled =
        trouble && first && (number == 2 || number == 4 || number == 5);
    if (doubled)
        did("the answer to block %u came twice", number);
    answer(number, from.blocks[number].unanswered + doubled);
    from.blocks[number].unanswered = 0;
    from.blocks[number].answered = real_now();
}

/* Whether a datagram comes from the sender within PATIENCE. */
static bool comes(void)
{
    for (long long until = now() + PATIENCE; now() < until;) {
        if (pump(from.fd, POLLIN, 20))
            return true;
        if (from.program->pid == 0)
            return pump(from.fd, POLLIN, 0);
    }
    return false;
}

/* Its port gets a socket only when the sender has been there alone. */
static void serve_sender(const char *name, size_t size, bool trouble)
{
    int port = some_port();
    struct sockaddr_in here = here_at(port);
    memset(&from, 0, sizeof from);
    from.size = size;
    from.end = (uint32_t)((size + BLOCK - 1) / BLOCK) + 1;
    provide(name, contents, size);
    from.fd = own_socket(SOCK_DGRAM | SOCK_NONBLOCK);
    ask_times(from.fd);
    if (trouble) {
        from.program = start_with(port, name);
        rest(ALONE);
    }
    if (bind(from.fd, (struct sockaddr *)&here, sizeof here) == -1)
        could_not("a port for the judge", strerror(errno));
    if (!trouble)
        from.program = start_with(port, name);
    did("started the sender with port %d and a file of %zu bytes%s",
        port, size, trouble ? "; nobody was there for a while" : "");
    for (double when; !from.blocks[from.end].had;) {
        char bytes[ROOM];
        bool came = comes();
        must(came, missing_in_words(), "nothing more; %s",
             fate(from.program));
        ssize_t n =
            datagram(from.fd, bytes, sizeof bytes, &from.peer, &when);
        if (n == -1) /* its checksum was wrong, udp(7) */
            continue;
        uint32_t number = check_datagram(bytes, (size_t)n);
        count(number, when);
        pass(number, when, trouble);
    }
    must_end(from.program, 0,
             "the sender to end when the end is answered, exit status "
             "0");
    close(from.fd);
}

static void judge(void)
{
    fill();
    serve_receiver();
    part();
    serve_sender("letter.bin", MOST * BLOCK, true);
    part();
    serve_sender("short.bin", BLOCK + 1 + chance(BLOCK - 1), false);
    part();
    serve_sender("empty.bin", 0, false);
    part();
    end_of_receiver();
    part();
}

const struct exercise exercise = {
    .judge = judge,
    .verdict = "done",
    .why = "Datagrams get lost, come twice and come late: with numbers "
           "the file is whole all the same, and neither side sends "
           "more than it must.",
    .read = "ch-udp-retry",
    .parts = 7,
    .limit = 15000,
};
