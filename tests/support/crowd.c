/* crowd: many clients of an echo server, all at once, in one process.
 *
 *   crowd [-n N] [-s N] [-v N] [-b N] [-r N] [-t S] [-w MS] [-p PID] [-k]
 *         PORT
 *
 *   -n N    clients that behave (1000): each sends a message of its own
 *           and compares what comes back
 *   -s N    stuck clients: send as much as they can, read nothing
 *   -v N    vanishing ones: leave in the middle of their message, half
 *           of them with RST
 *   -b N    slow ones: send three bytes, one a second
 *   -r N    when all are answered, those that behave ask again, N times (1)
 *   -t S    give up after S seconds (10)
 *   -w MS   begin after so many milliseconds
 *   -p PID  the server's process, whose memory is read while all are
 *           connected. proc(5)
 *   -k      after printing the line, stay until a signal ends it
 *
 * All are started at once, with a non-blocking connect, and stay until
 * the end. Prints one line of words and numbers:
 *
 *   clients  how many behave or are slow; of these:
 *   answered how many got their first answer in time
 *   held     how many got all of their answers
 *   wrong    how many got an answer that was not their message
 *   lost     how many were refused, reset or closed
 *   p50 p99  from connect to the first answer, microseconds; 0 unless
 *            somebody was answered
 *   ask50 ask99  from asking again to the answer, microseconds
 *   each     the time in which all asked again, divided by the answers,
 *            microseconds
 *   stuck    how many of the stuck clients could send no more
 *   rss      the server's memory, in KiB; 0 without -p
 *
 * Exit status: 1 if an answer was wrong, 2 if an argument was, 3 if a
 * call failed, as where the system allows too few sockets; else 0.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST = 8192,
    ROOM = 64 * 1024,
    SLOW_BYTES = 3,
    ANSWERS = 1 << 18
};

/* A client is stuck after so many seconds without room for a byte. */
#define STUCK_AFTER .2

enum kind { BEHAVES, STUCK, VANISHES, SLOW };

static struct client {
    enum kind kind;
    bool open, wrong, lost;
    bool busy; /* has still to be answered, get stuck or vanish */
    size_t size, sent, got;
    int answers;
    double start; /* when it asked; stuck: when it last sent a byte */
} clients[MOST];
static struct pollfd watched[MOST];
static int n, rounds = 1, busy; /* the n clients: how many are */

static double first[MOST], again[ANSWERS]; /* waits, in seconds */
static size_t firsts, agains;
static double asking;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void give_up(const char *what)
{
    perror(what);
    exit(3);
}

/* Byte k of what client i sends: its number, "00042 00042 00042 ". */
static char byte_of(int i, size_t k)
{
    static const int powers[] = {10000, 1000, 100, 10, 1};

    return k % 6 == 5 ? ' ' : (char)('0' + i / powers[k % 6] % 10);
}

static void begins(int i)
{
    clients[i].sent = clients[i].got = 0;
    clients[i].start = now();
    clients[i].busy = true;
    watched[i].events = POLLOUT;
    busy++;
}

static void is_done(int i)
{
    busy -= clients[i].busy;
    clients[i].busy = false;
}

static void leaves(int i)
{
    is_done(i);
    close(watched[i].fd);
    clients[i].open = false;
    watched[i].fd = -1;
}

static void arrives(int i, const struct sockaddr_in *server)
{
    struct client *c = &clients[i];
    int sock = socket(AF_INET, SOCK_STREAM, 0);

    if (sock == -1)
        give_up("socket");
    fcntl(sock, F_SETFL, O_NONBLOCK);
    watched[i].fd = sock;
    c->open = true;
    c->size = c->kind == SLOW    ? SLOW_BYTES
              : c->kind == STUCK ? SIZE_MAX
                                 : 100 + (size_t)i % 900;
    begins(i);
    if (connect(sock, (const struct sockaddr *)server, sizeof *server)
            == -1
        && errno != EINPROGRESS)
        give_up("connect");
}

static void vanishes(int i)
{
    struct linger reset = {1, 0};

    if (i % 2)
        setsockopt(watched[i].fd, SOL_SOCKET, SO_LINGER, &reset,
                   sizeof reset);
    leaves(i);
}

/* Sends what is next; how much depends on the kind of client. */
static void talks(int i)
{
    struct client *c = &clients[i];
    static char text[ROOM];
    size_t size = c->size - c->sent;
    ssize_t sent;

    if (c->kind == VANISHES)
        size = c->size / 2;
    else if (c->kind == SLOW)
        size = 1;
    else if (size > ROOM)
        size = ROOM;
    for (size_t k = 0; k < size; k++)
        text[k] = byte_of(i, c->sent + k);
    sent = send(watched[i].fd, text, size, MSG_NOSIGNAL);
    if (sent == -1 && errno != EAGAIN) {
        c->lost = true;
        leaves(i);
        return;
    }
    c->sent += sent > 0 ? (size_t)sent : 0;
    if (c->kind == VANISHES)
        vanishes(i);
    else if (c->kind == STUCK)
        c->start = now();
    else if (c->kind == SLOW || c->sent == c->size)
        watched[i].events = POLLIN;
}

static void listens(int i)
{
    struct client *c = &clients[i];
    static char text[ROOM];
    ssize_t got = recv(watched[i].fd, text, sizeof text, 0);

    if (got == -1 && errno == EAGAIN)
        return;
    if (got <= 0) {
        c->lost = true;
        leaves(i);
        return;
    }
    for (size_t k = 0; k < (size_t)got; k++)
        if (c->got + k >= c->sent || text[k] != byte_of(i, c->got + k))
            c->wrong = true;
    c->got += (size_t)got;
    if (c->got < c->size)
        return;
    is_done(i);
    c->answers++;
    if (c->kind == SLOW)
        return;
    if (c->answers == 1)
        first[firsts++] = now() - c->start;
    else if (agains < ANSWERS)
        again[agains++] = now() - c->start;
}

/* Does what is due for one client: by its events, or by the clock. */
static void looks(int i)
{
    struct client *c = &clients[i];
    short events = watched[i].revents;

    if (c->kind == STUCK && !(events & POLLOUT)
        && now() > c->start + STUCK_AFTER)
        is_done(i);
    if (c->kind == SLOW && c->busy && c->sent == c->got
        && now() > c->start + (double)c->sent)
        watched[i].events = POLLOUT;
    if (events & POLLOUT)
        talks(i);
    else if (events != 0)
        listens(i);
}

/* Polls all clients until none is busy, or until the time `end`. */
static void until_answered(double end)
{
    while (busy > 0 && now() < end) {
        if (poll(watched, (nfds_t)n, 50) == -1)
            give_up("poll");
        for (int i = 0; i < n; i++)
            if (clients[i].open)
                looks(i);
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The value that `percent` of these do not exceed, in microseconds.
 * Sorts them. */
static double percentile(double *values, size_t count, int percent)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, by_size);
    return values[(count - 1) * (size_t)percent / 100] * 1e6;
}

/* A number from /proc/PID/status, or 0. proc(5). */
static long of_process(const char *pid, const char *format)
{
    char path[64], line[256];
    long value = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%s/status", pid);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, format, &value) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return value;
}

/* Prints the line, and returns the exit status. */
static int report(const char *pid)
{
    int asked = 0, answered = 0, held = 0, wrong = 0, lost = 0;
    int stuck = 0;

    for (int i = 0; i < n; i++) {
        const struct client *c = &clients[i];

        stuck += c->kind == STUCK && c->open && !c->busy;
        if (c->kind != BEHAVES && c->kind != SLOW)
            continue;
        asked++;
        answered += c->answers > 0;
        held +=
            c->answers == rounds + 1 || (c->kind == SLOW && c->answers);
        wrong += c->wrong;
        lost += c->lost;
    }
    printf("clients %d answered %d held %d wrong %d lost %d "
           "p50 %.0f p99 %.0f ask50 %.0f ask99 %.0f "
           "each %.1f stuck %d rss %ld\n",
           asked, answered, held, wrong, lost,
           percentile(first, firsts, 50), percentile(first, firsts, 99),
           percentile(again, agains, 50), percentile(again, agains, 99),
           agains ? asking / (double)agains * 1e6 : 0, stuck,
           pid ? of_process(pid, "VmRSS: %ld") : 0);
    fflush(stdout);
    return wrong > 0;
}

static int number(const char *word)
{
    char *end;
    long value = strtol(word, &end, 10);

    if (*word == '\0' || *end != '\0' || value < 0 || value > 65535) {
        fprintf(stderr,
                "crowd: %s: a number from 0 to 65535 expected\n", word);
        exit(2);
    }
    return (int)value;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in server = {0};
    struct rlimit limit;
    const char *pid = NULL;
    int kinds[] = {1000, 0, 0, 0}, seconds = 10, option, status;
    bool stays = false;
    double end;

    while ((option = getopt(argc, argv, "n:s:v:b:r:t:w:p:k")) != -1) {
        const char *known = "nsvb", *place = strchr(known, option);

        if (option == '?')
            return 2;
        if (option == 'p')
            pid = optarg;
        else if (option == 'k')
            stays = true;
        else if (option == 'r')
            rounds = number(optarg);
        else if (option == 't')
            seconds = number(optarg);
        else if (option == 'w')
            poll(NULL, 0, number(optarg));
        else
            kinds[place - known] = number(optarg);
    }
    n = kinds[BEHAVES] + kinds[STUCK] + kinds[VANISHES] + kinds[SLOW];
    if (optind + 1 != argc || n > MOST) {
        fprintf(stderr,
                "usage: crowd [-nsvbrtw NUMBER] [-p PID] [-k] PORT; "
                "at most %d clients\n",
                MOST);
        return 2;
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)number(argv[optind]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    /* Those that misbehave come first: they might harm the others. */
    for (int i = 0, kind = SLOW; i < n; i++) {
        while (kinds[kind] == 0)
            kind--;
        clients[i].kind = (enum kind)kind;
        kinds[kind]--;
    }
    end = now() + seconds;
    for (int i = 0; i < n; i++)
        arrives(i, &server);
    until_answered(end);
    for (int round = 0; round < rounds && busy == 0; round++) {
        double start = now();

        for (int i = 0; i < n; i++)
            if (clients[i].kind == BEHAVES && clients[i].open)
                begins(i);
        until_answered(end);
        asking += now() - start;
    }
    status = report(pid);
    if (stays)
        pause();
    return status;
}
