/* Serves four ping clients at the same time: one is answered, one
 * suffers all that a network may do, one is never answered, and one
 * finds no server at its port. What each must print is computed from
 * what really happened, so that a busy machine does no harm. */
#define _GNU_SOURCE
#include "../judge.h"
#include <ctype.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LIMIT = 1000, /* milliseconds that a client waits for an answer */
    SAFE = 900, /* an answer sent by then is surely in time */
    PINGS = 12, /* of one client, at most */
    SIZE = 65536, /* of a datagram, at most */
    SLACK = 300, /* milliseconds that a busy machine may add */
    TOO_LATE = LIMIT * 3 / 2, /* a late answer is sent by then */
    BURST = 10, /* strays in a row: datagrams that answer no ping */
    APACE = 40, /* milliseconds from one to the next, at most */
    MOST_GAP = LIMIT * 3 / 2, /* from a lost ping to the next */
    AT_ONCE = 400, /* from an answer to the next ping, once at least */
    APART = 950 /* from a late stray to the next: within its second */
};

/* What becomes of a ping: see serve_pings. */
enum fate_of { ANSWERED, DOUBLED, DROPPED, LATE, BEHIND, STRAYS };

struct ping {
    enum fate_of plan;
    int delay; /* milliseconds until it is answered */
    bool sent; /* it has been answered */
    int strays; /* that it got, of the burst */
    double came; /* when it came, by the kernel; milliseconds */
    double left, gone; /* the answer was sent between these times */
    char bytes[SIZE];
    size_t size;
};

struct service {
    const char *name;
    int fd, port, count, arrived;
    struct ping pings[PINGS + 1]; /* the last: a ping too many */
    struct sockaddr_in peer;
    struct program *client;
    double next_stray, heard; /* times; milliseconds. heard: a ping */
    char last[160]; /* what we sent last, in words; "": nothing */
    double strayed; /* when we sent the last stray */
    double over; /* when we saw that it had ended */
    double hiccup; /* the judge's longest delay since the last ping */
    bool prompt; /* once, a ping came soon after an answer */
    bool late; /* something was that the client cannot help */
    bool deaf; /* no socket is at its port */
};

/* ---- the lines that it prints -------------------------------------- */

/* Whether the number has no point, or no digit after it. */
static bool lacks_digit(const char *number)
{
    size_t whole = strspn(number, "0123456789");
    return whole > 0
           && (number[whole] != '.'
               || !isdigit((unsigned char)number[whole + 1]));
}

/* Whether the line begins with "ping N: T ms\n"; T, in milliseconds. */
static bool is_time(const char *line, int number, double *time)
{
    char head[40], tail[20];
    int size = snprintf(head, sizeof head, "ping %d: ", number);
    char *end;
    if (strncmp(line, head, (size_t)size) != 0)
        return false;
    *time = strtod(line + size, &end);
    snprintf(tail, sizeof tail, " ms\n");
    return end != line + size && strncmp(end, tail, 4) == 0;
}

/* Whether it begins with "ping N: lost\n". */
static bool is_lost(const char *line, int number)
{
    char text[40];
    int size = snprintf(text, sizeof text, "ping %d: lost\n", number);
    return strncmp(line, text, (size_t)size) == 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of the times, which it sorts; 0 if there are none. */
static double median_of(double *times, int count)
{
    int middle = count / 2;
    if (count == 0)
        return 0;
    qsort(times, (size_t)count, sizeof *times, by_value);
    return count % 2 ? times[middle]
                     : (times[middle - 1] + times[middle]) / 2;
}

/* ---- the server ---------------------------------------------------- */

/* Sends a datagram; the format says what it is. */
__attribute__((format(printf, 4, 5))) static void send_back(
    struct service *s, const void *bytes, size_t size, const char *what,
    ...)
{
    va_list list;
    va_start(list, what);
    vsnprintf(s->last, sizeof s->last, what, list);
    va_end(list);
    sendto(s->fd, bytes, size, MSG_NOSIGNAL,
           (struct sockaddr *)&s->peer, sizeof s->peer);
}

static void answer(struct service *s, int i)
{
    struct ping *p = &s->pings[i];
    p->sent = true;
    p->left = real_now();
    send_back(s, p->bytes, p->size, "the answer to ping %d", i + 1);
    p->gone = real_now();
    if (p->plan == DOUBLED)
        send_back(s, p->bytes, p->size,
                  "the answer to ping %d a second time", i + 1);
}

/* Sends the next of what is not the answer to ping i; some of it looks
 * like it. One at a time, so that we can name the one that was taken. */
static void send_stray(struct service *s, int i)
{
    struct ping *p = &s->pings[i];
    const char *stray;
    char longer[SIZE + 1];
    switch (p->strays++) {
    case 0:
        send_back(s, "", 0, "an empty datagram");
        break;
    case 1:
        send_back(s, p->bytes, p->size > 0 ? p->size - 1 : 0,
                  "ping %d without its last byte", i + 1);
        break;
    case 2:
        memcpy(longer, p->bytes, p->size);
        longer[p->size] = 'x';
        send_back(s, longer, p->size + 1, "ping %d and one byte more",
                  i + 1);
        break;
    default:
        stray = words(4 + chance(20));
        send_back(s, stray, strlen(stray), "the datagram %s",
                  quoted(stray, strlen(stray)));
    }
    s->strayed = real_now();
}

/* Ping i must differ from each ping before it. */
static void check_new(struct service *s, int i)
{
    const struct ping *p = &s->pings[i];
    char expected[160];
    snprintf(expected, sizeof expected,
             "each ping once, with a number of its own, %s", s->name);
    for (int j = 0; j < i; j++)
        must(s->pings[j].size != p->size
                 || memcmp(s->pings[j].bytes, p->bytes, p->size) != 0,
             expected,
             "the bytes of ping %d once more, %s, after %.0f ms", j + 1,
             quoted(p->bytes, p->size), p->came - s->pings[j].came);
}

static void check_gap(struct service *s, int i)
{
    struct ping *p = &s->pings[i], *before = p - 1;
    double most = MOST_GAP + s->hiccup;
    bool in_time = before->sent && before->left - before->came < LIMIT;
    char expected[160];
    s->prompt |= in_time && p->came - before->left < AT_ONCE
                 && p->came - before->came < SAFE;
    snprintf(expected, sizeof expected,
             "one second without an answer to ping %d before ping %d, "
             "%s",
             i, i + 1, s->name);
    must(in_time || p->came - before->came > SAFE, expected,
         "ping %d after %.0f ms; the last that came to it was %s: did "
         "it take that for the answer, or give up?",
         i + 1, p->came - before->came,
         *s->last ? s->last : "no datagram");
    must(in_time || p->came - before->came < most, expected,
         "ping %d after %.0f ms; did something make the second longer?",
         i + 1, p->came - before->came);
}

/* Receives a ping and the time of its arrival. False: none came. */
static bool take_ping(struct service *s)
{
    char bytes[SIZE], expected[120];
    double came;
    ssize_t n = datagram(s->fd, bytes, sizeof bytes, &s->peer, &came);
    if (n == -1)
        return false;
    blame(s->client);
    snprintf(expected, sizeof expected, "%d pings, %s", s->count,
             s->name);
    struct ping *p = &s->pings[s->arrived];
    p->came = s->heard = came;
    p->size = (size_t)n;
    memcpy(p->bytes, bytes, p->size);
    check_new(s, s->arrived);
    must(s->arrived < s->count, expected, "one more: %s",
         quoted(bytes, p->size));
    if (s->arrived > 0)
        check_gap(s, s->arrived);
    s->hiccup = 0;
    s->arrived++;
    return true;
}

/* Receives a ping, sends what is due. A late answer goes before (LATE)
 * or after (BEHIND) the next ping's, at the latest after 1.5 s. */
static void serve_pings(struct service *s)
{
    bool more = take_ping(s);
    double time = real_now();
    int last = s->arrived - 1;
    if (last < 0)
        return;
    struct ping *now = &s->pings[last], *before = last ? now - 1 : NULL;
    if (more && before && before->plan == LATE && !before->sent)
        answer(s, last - 1);
    if (now->plan == LATE || now->plan == BEHIND) {
        if (!now->sent && time > now->came + TOO_LATE)
            answer(s, last);
    } else if (now->plan == STRAYS) {
        if (more) {
            s->next_stray = now->came + now->delay;
        } else if (now->strays < BURST) {
            if ((asleep() && !pump(s->fd, POLLIN, 0))
                || time > s->strayed + APACE)
                send_stray(s, last);
        } else if (time > s->next_stray) {
            send_back(s, "one more", 8, "the datagram \"one more\"");
            s->next_stray += APART;
        }
    } else if (now->plan != DROPPED && !now->sent
               && time > now->came + now->delay) {
        answer(s, last);
        if (before && before->plan == BEHIND && !before->sent)
            answer(s, last - 1);
    }
}

/* ---- what the client printed --------------------------------------- */

static const char *what_happened(const struct service *s, int i)
{
    static char text[160];
    const struct ping *p = &s->pings[i];
    if (!p->sent)
        return p->plan == STRAYS ? "which got other datagrams, and no "
                                   "answer"
                                 : "which was not answered";
    snprintf(text, sizeof text, "which was answered after %.0f ms%s",
             p->left - p->came, p->plan == DOUBLED ? ", twice" : "");
    return text;
}

/* Judges the line of ping i. True: it says lost; else sets *time. */
static bool check_line(struct service *s, int i, const char *line,
                       double *time)
{
    const struct ping *p = &s->pings[i];
    double took = p->left - p->came;
    /* The client sends the next ping when it is done with this one. */
    double most =
        (i + 1 < s->count ? p[1].came - p->came : took) + SLACK;
    bool may_be_lost = !p->sent || p->gone - p->came > SAFE;
    bool may_have_come = p->sent && took < LIMIT;
    char expected[300], came[200];
    size_t size = strcspn(line, "\n");
    size += line[size] == '\n';
    snprintf(came, sizeof came, "%s",
             size ? quoted(line, size) : "no such line");
    if (!may_have_come)
        snprintf(expected, sizeof expected,
                 "\"ping %d: lost\\n\" for ping %d, %s (%s)", i + 1,
                 i + 1, what_happened(s, i), s->name);
    else
        snprintf(expected, sizeof expected,
                 "\"ping %d: %.1f ms\\n\" or close to it for ping %d, "
                 "%s (%s)",
                 i + 1, took, i + 1, what_happened(s, i), s->name);
    if (is_lost(line, i + 1)) {
        must(may_be_lost, expected, "%s", came);
        return true;
    }
    must(is_time(line, i + 1, time), expected, "%s", came);
    must(!lacks_digit(strchr(line, ':') + 2), expected,
         "%s: the digit behind the point is missing", came);
    /* What came after the last ping, but its end, we did not see. */
    bool held_up =
        i + 1 == s->count && *time >= most && *time < s->over - p->came;
    s->late |= held_up;
    must(may_have_come && *time > took - 1 && (*time < most || held_up),
         expected, "%s", came);
    return false;
}

/* Judges the last line by the times that the client printed itself. */
static void check_end(struct service *s, double *times, int received,
                      const char *line)
{
    char head[60], expected[200];
    size_t size = strcspn(line, "\n");
    size += line[size] == '\n';
    double printed_median = 0, median = median_of(times, received);
    bool right;
    int length = snprintf(head, sizeof head, "%d of %d lost, ",
                          s->count - received, s->count);
    if (received == 0) {
        snprintf(expected, sizeof expected, "%sno median\n", head);
        right = strcmp(line, expected) == 0;
    } else {
        snprintf(expected, sizeof expected, "%smedian %.1f ms\n", head,
                 median);
        char *end = NULL;
        right = strncmp(line, expected, (size_t)length + 7) == 0;
        if (right)
            printed_median = strtod(line + length + 7, &end);
        right = right && strcmp(end, " ms\n") == 0
                && fabs(printed_median - median) < 0.2;
    }
    char wanted[300];
    snprintf(wanted, sizeof wanted,
             "%s at the end (the median of the times that it printed), "
             "and no more (%s)",
             quoted(expected, strlen(expected)), s->name);
    bool short_of = received > 0
                    && strncmp(line, expected, (size_t)length + 7) == 0
                    && lacks_digit(line + length + 7);
    must(!short_of, wanted, "%s: the digit behind the point is missing",
         quoted(line, size));
    must(right, wanted, "%s",
         size ? quoted(line, size) : "nothing more");
}

/* Whether ping i got what its plan said, while it was waited for. */
static bool as_planned(const struct ping *p, bool lost)
{
    if (p->plan == STRAYS)
        return p->strays == BURST;
    return !lost || (p->plan != ANSWERED && p->plan != DOUBLED);
}

static void check_output(struct service *s)
{
    double times[PINGS];
    int received = 0;
    char expected[200];
    blame(s->client);
    if (!s->deaf && s->arrived < s->count && s->client->pid == 0) {
        snprintf(expected, sizeof expected, "%d pings, %s", s->count,
                 s->name);
        must(s->arrived > 0, expected, "no ping; %s", fate(s->client));
        must(false, expected, "%d, then %s", s->arrived,
             fate(s->client));
    }
    if (s->arrived > 0) {
        snprintf(expected, sizeof expected,
                 "ping %d a second after ping %d, %s (%s)",
                 s->arrived + 1, s->arrived,
                 what_happened(s, s->arrived - 1), s->name);
        must(s->arrived == s->count || s->client->pid == 0, expected,
             "none for %d seconds", (LIMIT + PATIENCE) / 1000);
    }
    snprintf(expected, sizeof expected,
             "%d pings and the end of the program, %s", s->count,
             s->name);
    must(ended(s->client, PATIENCE), expected, "%s", fate(s->client));
    const char *line = s->client->text ? s->client->text : "";
    for (int i = 0; i < s->count; i++) {
        bool lost = check_line(s, i, line, &times[received]);
        received += !lost;
        s->late |= !as_planned(&s->pings[i], lost);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    check_end(s, times, received, line);
    must(s->prompt || s->late, "the next ping when an answer is there",
         "each %d ms later, or more, %s", AT_ONCE, s->name);
    snprintf(expected, sizeof expected,
             "an end with exit status %d, %s", received ? 0 : 1,
             s->name);
    must_end(s->client, received ? 0 : 1, expected);
}

/* ---- the four clients ---------------------------------------------- */

static void begin(struct service *s, const char *name, int count)
{
    char number[12];
    s->name = name;
    s->count = count;
    if (s->fd == 0) {
        s->fd = datagram_socket(&s->port);
        ask_times(s->fd);
    }
    snprintf(number, sizeof number, "%d", count);
    s->client = start_with(s->port, number);
    s->heard = real_now();
    did("started it with port %d and %d pings, %s", s->port, count,
        name);
}

static void swap_plans(struct ping *a, struct ping *b)
{
    struct ping c = *a;
    *a = *b;
    *b = c;
}

/* Delays far apart, so that neither their mean nor the delay in the
 * middle of the list is their median. */
static void plan_delays(struct service *s, int count)
{
    for (int i = 0; i < count; i++)
        s->pings[i].delay = 25 + 25 * i + (int)chance(8);
    s->pings[count - 1].delay = LIMIT / 2;
    for (int i = 0; i < count; i++)
        swap_plans(&s->pings[i], &s->pings[chance((unsigned)count)]);
    for (int i = 0; i < count; i++) /* the longest, in the middle */
        if (s->pings[i].delay == LIMIT / 2)
            swap_plans(&s->pings[i], &s->pings[count / 2]);
}

/* Each kind of trouble in random order. First a late answer, as another
 * client is started meanwhile, and no trouble last: a late answer comes
 * with the next ping, and a doubled one must not be taken for the answer
 * to that. Strays come to two pings at other times: a client that
 * counts reads is too early or too late for one, by 300 ms or more. */
static int plan_trouble(struct service *s)
{
    static const enum fate_of plans[4][2] = {{LATE, ANSWERED},
                                             {BEHIND, ANSWERED},
                                             {STRAYS, ANSWERED},
                                             {DOUBLED, STRAYS}};
    int count = 0;
    unsigned first = chance(2);
    for (unsigned i = 0; i < 4; i++)
        for (int j = 0; j < 2; j++) {
            struct ping *p = &s->pings[count++];
            p->plan = plans[(first + i) % 4][j];
            p->delay = p->plan == STRAYS ? 850 - 250 * j
                                         : 40 + (int)chance(100);
        }
    s->pings[count].plan = ANSWERED;
    s->pings[count].delay = 30 + (int)chance(100);
    return count + 1;
}

/* Whether the client runs and is not stuck: one that is stuck is judged
 * as it is. From the one without a server we hear nothing. */
static bool goes_on(struct service *s)
{
    int pings = s->arrived > 0 ? 1 : s->count;
    return s->client->pid != 0
           && (real_now() < s->heard + pings * LIMIT + PATIENCE
               || (!s->deaf && pump(s->fd, POLLIN, 0)));
}

static void judge(void)
{
    static const char busy[] = "this machine has too much to do";
    static struct service kind, unkind, mute, nobody;
    int others = 2 + (int)chance(2), count = 6 + 2 * (int)chance(3);
    plan_delays(&kind, count);
    for (int i = 0; i < PINGS; i++)
        mute.pings[i].plan = nobody.pings[i].plan = DROPPED;
    begin(&mute, "where no answer ever comes", others);
    nobody.fd = datagram_socket(&nobody.port);
    close(nobody.fd);
    nobody.deaf = nobody.prompt = mute.prompt = true;
    begin(&nobody, "where nobody is at the port", others);
    begin(&unkind,
          "where answers are lost, doubled, late, and behind the next",
          plan_trouble(&unkind));
    begin(&kind, "where each is answered", count);
    struct service *all[] = {&kind, &unkind, &mute, &nobody};
    double turn = real_now();
    for (bool running = true; running;) {
        double took = real_now() - turn;
        turn += took;
        running = false;
        for (int i = 0; i < 4; i++) {
            if (took > all[i]->hiccup)
                all[i]->hiccup = took;
            if (!all[i]->deaf)
                serve_pings(all[i]);
            running |= goes_on(all[i]);
            if (all[i]->client->pid == 0 && all[i]->over == 0)
                all[i]->over = real_now();
        }
        rest(2);
    }
    for (int i = 0; i < 4; i++) {
        check_output(all[i]);
        part();
    }
    for (int i = 0; i < 4; i++)
        if (all[i]->late)
            could_not("pings that are answered in time", busy);
}

const struct exercise exercise = {
    .judge = judge,
    .verdict = "done",
    .why = "UDP promises nothing: it knows each answer by its number, "
           "and waits a second for it, whatever else comes.",
    .read = "ch-udp",
    .parts = 4,
    .limit = 15000,
};
