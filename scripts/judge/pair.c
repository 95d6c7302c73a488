/* pair: for scripts/report, runs a student's program as one side of a
 * lesson, in the room, and the lesson's own program as the other side,
 * outside it, under the player: what it asks a person to type is not
 * shown, since nobody can. Prints their lines in the order in which they
 * came, "server| ..." and "client| ...".
 *
 *   pair [-t] [-I FOLDER [-H HEADER]...] [-o OTHER] [-p PORT] [-i TEXT]
 *        ROLE FILE.c [ARGUMENT...]
 *
 *   -t  trusted: without a room
 *   -I  the folder of the headers -H that the program may include
 *   -o  the name of the other program, in build/; without it FILE runs
 *       alone
 *   -p  the value of LESSON_PORT; -i what is typed to the client
 *
 * Exit status 0: both ended well, or the server would go on; 1: a side
 * failed, and standard error says which and why; 2: it was not run.
 */
#define _GNU_SOURCE
#include "../common/clock.h"
#include "judge.h"
#include "keep.h"
#include "program.h"
#include "room.h"
#include "state.h"
#include "watch.h"
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LIMIT = 20000, /* milliseconds for all of it */
    CLIENT_TIME = 5000, /* for the client, once the server is there */
    ALONE_TIME = 8000,
    SERVER_TIME = 1000, /* for the server to end after the client */
    LINES = 2000 /* of each program, shown at most */
};

static char *other;
static const char *input = "", *role;
static int port = 8888;

struct side {
    const char *role, *name;
    struct program *program;
    size_t shown;
    int lines;
};
static struct side server_side, client_side;

/* ---- what they print ----------------------------------------------- */

static void show(struct side *s, bool all)
{
    struct program *p = s->program;
    while (p != NULL && s->shown < p->size) {
        const char *from = p->text + s->shown;
        const char *end = memchr(from, '\n', p->size - s->shown);
        if (end == NULL && !all)
            return;
        size_t size = end ? (size_t)(end - from) : p->size - s->shown;
        if (s->lines++ < LINES)
            printf("%s| %.*s\n", s->role, (int)size, from);
        s->shown += size + 1;
    }
}

/* Lets both run until this one ends or time is up. True: it ended. */
static bool go_on(struct side *s, int milliseconds)
{
    for (long long until = now() + milliseconds;
         s->program->pid != 0 && now() < until;) {
        pump(-1, 0, 1);
        show(&server_side, false);
        show(&client_side, false);
    }
    return ended(s->program, 0);
}

/* ---- who begins ---------------------------------------------------- */

/* Whether some process listens at the port, or has bound it for UDP.
 * State 0A is LISTEN, proc(5). */
static bool is_there(void)
{
    static const char *const lists[] = {"tcp", "tcp6", "udp", "udp6"};
    bool found = false;
    for (int i = 0; i < 4; i++) {
        char path[64], row[256];
        unsigned local, state;
        snprintf(path, sizeof path, "/proc/self/net/%s", lists[i]);
        FILE *list = fopen(path, "re");
        while (list != NULL && fgets(row, sizeof row, list) != NULL)
            if (sscanf(row, " %*[^:]: %*[^:]:%x %*s %x", &local, &state)
                    == 2
                && local == (unsigned)port && (state == 0x0A || i >= 2))
                found = true;
        if (list != NULL)
            fclose(list);
    }
    return found;
}

/* How many connections and datagrams have arrived in our network so
 * far. proc(5): /proc/net/snmp */
static unsigned long reached(void)
{
    char row[512];
    unsigned long connections = 0, datagrams = 0;
    FILE *list = fopen("/proc/self/net/snmp", "re");
    while (list != NULL && fgets(row, sizeof row, list) != NULL) {
        sscanf(row, "Tcp: %*d %*d %*d %*d %*d %lu", &connections);
        sscanf(row, "Udp: %lu", &datagrams);
    }
    if (list != NULL)
        fclose(list);
    return connections + datagrams;
}

static void begin(struct side *s)
{
    bool mine = strcmp(s->role, role) == 0;
    char *const under[] = {(char[]){"build/play"}, (char[]){"side"},
                           (char[]){"."}, other, NULL};
    s->program = mine ? start(port, WORDS_TOGETHER)
                      : start_other(under, port, WORDS_TOGETHER);
    s->name = mine ? the_judge()->name : other;
    if (s == &client_side || other == NULL)
        feed(s->program, input);
    end_input(s->program);
}

/* ---- how they ended ------------------------------------------------ */

static void fail(const struct side *s, const char *why)
{
    show(&server_side, true);
    show(&client_side, true);
    fflush(stdout);
    fprintf(stderr, "the %s, %s, failed: %s\n", s->role, s->name, why);
    _exit(1);
}

static void judge_end(struct side *s)
{
    if (s->program->status != 0)
        fail(s, fate(s->program));
}

static void play(void)
{
    struct side *mine =
        strcmp(role, "server") == 0 ? &server_side : &client_side;
    server_side.role = "server";
    client_side.role = "client";
    if (other == NULL) {
        begin(mine);
        if (!go_on(mine, ALONE_TIME)) {
            stop(mine->program);
            fail(mine, "after 8 seconds it still ran, with nothing "
                       "more to come on its standard input");
        }
        judge_end(mine);
        show(mine, true);
        return;
    }
    begin(&server_side);
    for (long long until = now() + 2000; !is_there() && now() < until;)
        if (go_on(&server_side, 20))
            break;
    if (ended(server_side.program, 0))
        fail(&server_side, fate(server_side.program));
    if (!is_there()) {
        char why[80];
        snprintf(why, sizeof why,
                 "after 2 seconds it is not at port %d", port);
        fail(&server_side, why);
    }
    unsigned long before = reached();
    begin(&client_side);
    if (!go_on(&client_side, CLIENT_TIME)) {
        stop(client_side.program);
        fail(&client_side, "after 5 seconds it still ran, with nothing "
                           "more to come on its standard input");
    }
    bool by_itself = go_on(&server_side, SERVER_TIME);
    if (!by_itself)
        stop(server_side.program);
    judge_end(&client_side);
    if (reached() == before)
        fail(&client_side, "it ended without having reached the "
                           "server");
    if (by_itself)
        judge_end(&server_side);
    show(&server_side, true);
    show(&client_side, true);
}

/* Names the program after its file, with `_` for what could harm: it
 * must not look like a compiler option or be a file of the room. */
static void name_program(const char *file)
{
    static const char *const taken_names[] = {"enter", "hosts", "names",
                                              ""};
    const char *slash = strrchr(file, '/');
    char *name = the_judge()->name;
    snprintf(name, NAME_SIZE - 1, "%s", slash ? slash + 1 : file);
    name[strcspn(name, ".")] = '\0';
    for (char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && *c != '_'
            && (*c != '-' || c == name))
            *c = '_';
    for (int i = 0; i < 4; i++)
        if (strcmp(name, taken_names[i]) == 0)
            strcat(name, "_");
}

int main(int argc, char *argv[])
{
    bool trusted = false;
    const char *folder = ".", *headers[40];
    int count = 0;
    for (int c; (c = getopt(argc, argv, "+tI:H:o:p:i:")) != -1;)
        switch (c) {
        case 't':
            trusted = true;
            break;
        case 'I':
            folder = optarg;
            break;
        case 'H':
            if (count < 40)
                headers[count++] = optarg;
            break;
        case 'o':
            other = optarg;
            break;
        case 'p':
            port = atoi(optarg);
            break;
        case 'i':
            input = optarg;
            break;
        default:
            return 2;
        }
    if (argc < optind + 2)
        return 2;
    role = argv[optind];
    begin_watch();
    size_t size, sizes[40];
    const char *file = argv[optind + 1];
    char *bytes = read_file(file, &size), *texts[40];
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, headers[i]);
        texts[i] = read_file(path, &sizes[i]);
    }
    open_place(true, trusted, false);
    name_program(file);
    for (int i = 0; i < count; i++) {
        if (!put(headers[i], texts[i], sizes[i], 0644))
            refuse(headers[i], "it cannot be put into the room");
        free(texts[i]);
    }
    int status = 1;
    the_judge()->arguments = argv + optind + 2;
    the_judge()->by_environment = true;
    if (place_program(file, bytes, size))
        status = watched(play, LIMIT);
    else
        fprintf(stderr, "%s does not compile\n", the_judge()->name);
    free(bytes);
    return leave(status);
}
