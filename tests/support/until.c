/* Waits for what the tests wait for, and for no longer than that.
 *
 *   until [-t SECONDS] line FILE PATTERN [PID]   a line of FILE matches
 *   until [-t SECONDS] last FILE PATTERN [PID]   its last line matches
 *   until [-t SECONDS] listens PORT [PID]        PORT can be reached
 *   until [-t SECONDS] gone PID                  that process has ended
 *
 * PATTERN is a basic regular expression, as grep takes it; a line need
 * not have its newline yet. It looks 200 times a second, at FILE only
 * after it has changed. Once process PID has ended, nothing more will
 * come, so it looks one last time.
 *
 * Exit status: 0 it is so; 1 it is not, even after SECONDS (20 unless
 * given) or the end of PID; 2 wrong arguments.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <locale.h>
#include <netinet/in.h>
#include <regex.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void wrong(const char *what)
{
    fprintf(stderr,
            "until: %s\n"
            "usage: until [-t SECONDS] line|last FILE PATTERN [PID]\n"
            "       until [-t SECONDS] listens PORT [PID]\n"
            "       until [-t SECONDS] gone PID\n",
            what);
    exit(2);
}

static long number(const char *word)
{
    char *end;
    long value = strtol(word, &end, 10);

    if (*word == '\0' || *end != '\0' || value < 0)
        wrong(word);
    return value;
}

/* Whether process `pid` is there. kill(2): signal 0 only asks. */
static bool lives(pid_t pid)
{
    return kill(pid, 0) == 0 || errno == EPERM;
}

/* What FILE holds, read again when its length has changed. */
struct text {
    const char *name;
    char *bytes;
    size_t length, room;
    off_t read; /* its length then; -1 before that */
};

/* Whether the file has changed; if so, `text` holds its new contents.
 * A file that is not there yet has not changed. */
static bool changed(struct text *text)
{
    struct stat file;
    ssize_t n;
    int fd;

    if (stat(text->name, &file) == -1 || file.st_size == text->read)
        return false;
    fd = open(text->name, O_RDONLY | O_NONBLOCK);
    if (fd == -1)
        return false;
    text->read = file.st_size;
    text->length = 0;
    do {
        if (text->room < text->length + 65536) {
            text->room = 2 * text->room + 131072;
            text->bytes = realloc(text->bytes, text->room);
            if (text->bytes == NULL)
                abort();
        }
        n = read(fd, text->bytes + text->length, 65535);
        if (n > 0)
            text->length += (size_t)n;
    } while (n > 0);
    close(fd);
    for (size_t i = 0; i < text->length; i++)
        if (text->bytes[i] == '\0')
            text->bytes[i] = '\1'; /* regexec would end there */
    text->bytes[text->length] = '\0';
    return true;
}

/* Whether a line of the text matches, or the last one. Cuts the text
 * into lines. */
static bool matches(struct text *text, const regex_t *pattern,
                    bool last)
{
    char *line = text->bytes, *end = line + text->length;
    bool found = false;

    while (line < end && (last || !found)) {
        char *newline = memchr(line, '\n', (size_t)(end - line));

        if (newline != NULL)
            *newline = '\0';
        found = regexec(pattern, line, 0, NULL, 0) == 0;
        line = newline == NULL ? end : newline + 1;
    }
    return found;
}

/* Asks the kernel for the TCP sockets in state LISTEN, and for them alone:
 * for /proc/net/tcp it walks its whole table of connections, which takes
 * milliseconds. sock_diag(7). */
static bool listens_tcp(int family, unsigned port)
{
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 wanted;
    } ask = {.head = {.nlmsg_len = sizeof ask,
                      .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
             .wanted = {.sdiag_family = (uint8_t)family,
                        .sdiag_protocol = IPPROTO_TCP,
                        .idiag_states = 1 << 10}}; /* LISTEN */
    static union {
        struct nlmsghdr head;
        char bytes[32768];
    } said;
    bool found = false, over = false;
    int sock = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);

    if (sock == -1 || send(sock, &ask, sizeof ask, 0) == -1) {
        perror("until: sock_diag");
        exit(2);
    }
    while (!over) {
        ssize_t n = recv(sock, &said, sizeof said, 0);
        unsigned left = n > 0 ? (unsigned)n : 0;
        const struct nlmsghdr *head = &said.head;

        over = n <= 0;
        for (; NLMSG_OK(head, left); head = NLMSG_NEXT(head, left)) {
            const struct inet_diag_msg *row = NLMSG_DATA(head);

            if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY)
                over = true; /* the end, or an error */
            else if (ntohs(row->id.idiag_sport) == port)
                found = true;
        }
    }
    close(sock);
    return found;
}

/* An unconnected UDP socket is a row of net/udp in state 07. proc(5) */
static bool listens_udp(const char *table, unsigned port)
{
    char row[512];
    FILE *file = fopen(table, "r");
    bool found = false;

    while (file != NULL && !found
           && fgets(row, sizeof row, file) != NULL) {
        unsigned local, state;

        found = sscanf(row, " %*[^:]: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x",
                       &local, &state)
                    == 2
                && local == port && state == 0x07;
    }
    if (file != NULL)
        fclose(file);
    return found;
}

/* Whether a socket at that port waits for callers or datagrams. */
static bool listens(unsigned port)
{
    return listens_tcp(AF_INET, port) || listens_tcp(AF_INET6, port)
           || listens_udp("/proc/self/net/udp", port)
           || listens_udp("/proc/self/net/udp6", port);
}

/* What is waited for. */
struct goal {
    enum { LINE, LAST, LISTENS, GONE } kind;
    struct text text;
    regex_t pattern;
    unsigned port;
    pid_t pid; /* its end is the end of waiting; 0: no process */
};

static struct goal goal_of(int argc, char *argv[])
{
    static const struct {
        const char *name;
        int least, most;
    } words[] = {{"line", 3, 4},
                 {"last", 3, 4},
                 {"listens", 2, 3},
                 {"gone", 2, 2}};
    struct goal goal = {.text.read = -1};
    int kind = 0;

    while (kind <= GONE
           && (argc < 1 || strcmp(argv[0], words[kind].name) != 0))
        kind++;
    if (kind > GONE)
        wrong("line, last, listens or gone expected");
    if (argc < words[kind].least || argc > words[kind].most)
        wrong(argv[0]);
    goal.kind = kind;
    if (kind == LISTENS)
        goal.port = (unsigned)number(argv[1]);
    if (kind == LINE || kind == LAST) {
        goal.text.name = argv[1];
        if (regcomp(&goal.pattern, argv[2], REG_NOSUB) != 0)
            wrong(argv[2]);
    }
    if (kind == GONE || argc == words[kind].most)
        goal.pid = (pid_t)number(argv[argc - 1]);
    return goal;
}

static bool reached(struct goal *goal)
{
    switch (goal->kind) {
    case LISTENS:
        return listens(goal->port);
    case GONE:
        return !lives(goal->pid);
    default:
        return changed(&goal->text)
               && matches(&goal->text, &goal->pattern,
                          goal->kind == LAST);
    }
}

int main(int argc, char *argv[])
{
    const struct timespec pause = {0, 5000000};
    struct timespec start, now;
    struct goal goal;
    long seconds = 20;
    int option;
    bool over;

    setlocale(LC_ALL, "");
    while ((option = getopt(argc, argv, "+t:")) != -1) {
        if (option != 't')
            wrong("-t is the only option");
        seconds = number(optarg);
    }
    goal = goal_of(argc - optind, argv + optind);
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
        over = now.tv_sec - start.tv_sec > seconds
               || (goal.pid != 0 && !lives(goal.pid));
        if (reached(&goal))
            return 0;
        if (!over)
            nanosleep(&pause, NULL);
    } while (!over);
    return 1;
}
