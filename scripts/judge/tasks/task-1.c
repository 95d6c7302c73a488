/* Three callers in a row get the time, the third a second later. Then a
 * caller that is gone before it is accepted, one that never reads, a
 * restart at once on the same port, which has connections in TIME-WAIT,
 * and more callers gone at once than there are descriptors. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "../judge.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 20 }; /* bytes: "2026-11-22 15:44:10\n" */

/* The time as the task wants it, in one of two buffers. */
static const char *line_of(time_t when)
{
    static char text[2][LINE + 1];
    static unsigned turn;
    char *to = text[turn++ % 2];
    strftime(to, LINE + 1, "%Y-%m-%d %H:%M:%S\n", gmtime(&when));
    return to;
}

/* The current second by clock_gettime(2): time(2) may lag it by a tick,
 * so this is the latest that any program can see. */
static time_t latest(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec;
}

/* Waits for the second after the one in which the program last did
 * anything: a time that it read before is then out of date. */
static void next_second(void)
{
    falls_asleep();
    for (time_t begun = latest(); time(NULL) <= begun;)
        rest(20);
}

/* Connects and must receive the time at which it did. */
static void hears_time(int port, const char *who)
{
    char heard[256], expected[200];
    size_t got;
    time_t from = time(NULL);
    int fd = call(port, NULL, NULL);
    did("%s called", who);
    enum how how = hear(fd, heard, sizeof heard, &got, false);
    time_t to = latest(), told = to;
    bool right = false;
    for (time_t when = from; when <= to && got == LINE; when++)
        if (memcmp(heard, line_of(when), LINE) == 0) {
            right = true;
            told = when;
        }
    snprintf(expected, sizeof expected,
             "for %s the time now in UTC%s, %s, then the end of the "
             "stream",
             who, got > 0 ? " (its own time zone is " ZONE ")" : "",
             quoted(line_of(told), LINE));
    must(right && how == HEARD_END, expected, "%s",
         heard_as(heard, got, how));
    hang_up(fd, false);
}

static void gone_at_once(struct program *p, int port, bool shut)
{
    send_signal(p, SIGSTOP);
    int fd = call(port, NULL, NULL);
    leave_unseen(p, fd, shut);
    did("a caller was gone before the program could accept it (%s)",
        shut ? "FIN, then RST" : "RST");
}

static void judge(void)
{
    int port = some_port();
    struct program *p = serve(port);
    hears_time(port, "caller 1");
    hears_time(port, "caller 2");
    next_second();
    hears_time(port, "caller 3, a second later,");
    part();
    gone_at_once(p, port, false);
    hears_time(port, "the caller behind that one");
    gone_at_once(p, port, true);
    hears_time(port, "the caller behind that one");
    part();
    call(port, NULL, NULL);
    did("a caller stays connected and never reads");
    hears_time(port, "the caller behind that one");
    part();
    stop(p);
    did("ended the program, and started it again at once");
    p = serve_with_few(port);
    hears_time(port, "the first caller after the restart");
    part();
    many_leave(p, port, "");
    hears_time(port, "the caller behind all these");
    part();
}

const struct exercise exercise = {
    .judge = judge,
    .verdict = "done",
    .why = "It serves one caller after another, whatever they do, and "
           "gets its port back at once.",
    .parts = 5,
    .crowd = 5,
    .read = "ch-greeting",
};
