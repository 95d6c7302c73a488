#define _GNU_SOURCE 1 /* F_SETPIPE_SZ */
#include "server.h"
#include "../play/engine.h"
#include "clients.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS = 12, /* of a command */
    WIDTH = 70, /* columns of what is printed about a failure */
    KEPT = 16, /* events that are kept for that */
    PIPE = 1 << 20, /* bytes that may wait in the server's pipe */
};

static struct program server = NO_PROGRAM, crowd = NO_PROGRAM;
static bool serving; /* it waits for the class */
static bool ended;
static int status; /* then: its exit status, or 128 + the signal */

/* What it told about its last failure, and what it printed itself: to be
 * shown if it ends. */
static struct play_event kept[KEPT];
static int kept_count;

static void forget(void)
{
    while (kept_count > 0)
        records_free(&kept[--kept_count]);
}

/* Takes over an event: keeps it, or frees it. */
static void keep(struct play_event *event)
{
    bool fails =
        event->kind == PLAY_CALL && event->told.error[0] != '\0';

    if (event->kind == PLAY_CALL || event->kind == PLAY_BLOCKS)
        forget();
    if (kept_count < KEPT
        && (fails || event->kind == PLAY_ERROR
            || event->kind == PLAY_WORDS))
        kept[kept_count++] = *event;
    else
        records_free(event);
}

static void print_line(void *context, const char *line)
{
    (void)context;
    fprintf(stderr, "%s\n", line);
}

/* Says how the server has ended, in its own words where it has any. */
static void complain(void)
{
    for (int i = 0; i < kept_count; i++)
        play_lines(&kept[i], WIDTH, print_line, NULL);
    if (serving || status == 0 || status > 128)
        fprintf(stderr,
                "classroom: the server has ended with status %d\n",
                status);
}

/* Did it end because somebody else has the port? */
static bool port_taken(void)
{
    for (int i = 0; i < kept_count; i++)
        if (kept[i].kind == PLAY_CALL
            && strcmp(kept[i].told.error, "EADDRINUSE") == 0)
            return true;
    return false;
}

static void crowd_hear(void)
{
    struct play_event *event;

    program_read(&crowd, 0);
    while ((event = program_next(&crowd)) != NULL) {
        crowd_says(event->kind == PLAY_END ? "it has ended"
                                           : event->told.text);
        records_free(event);
    }
}

bool server_hear(void)
{
    struct play_event *event;

    program_read(&server, 0);
    crowd_hear(); /* later: the crowd says `mine` before it calls */
    while ((event = program_next(&server)) != NULL) {
        lesson_tells(event);
        serving = serving
                  || (event->kind == PLAY_BLOCKS
                      && strcmp(event->told.call, "poll") == 0);
        if (event->kind == PLAY_END) {
            ended = true;
            status = (int)event->told.result;
        }
        keep(event);
    }
    return !ended;
}

/* Starts a program with its words, then the address and the port. */
static int start(struct program *program, char *const words[],
                 const char *address, const char *port)
{
    char *at = memory_copy(address), *number = memory_copy(port), why[300];
    char *argv[WORDS];
    int n = 0, result;

    while (n < WORDS - 3 && words[n] != NULL) {
        argv[n] = words[n];
        n++;
    }
    argv[n++] = at;
    argv[n++] = number;
    argv[n] = NULL;
    result =
        program_freely(program, argv, (unsigned)strtoul(port, NULL, 10),
                       why, sizeof why);
    if (result == -1)
        fprintf(stderr, "classroom: %s\n", why);
    free(at);
    free(number);
    return result;
}

int server_open(struct board *board, char *const command[], bool exact,
                int stop)
{
    static char number[8];

    if (records_begin() == -1 || programs_begin(false) == -1) {
        fprintf(stderr, "classroom: no program can be started: %s\n",
                strerror(errno));
        return 1;
    }
    for (;;) {
        struct pollfd watched[] = {{stop, POLLIN, 0}, {-1, POLLIN, 0}};
        unsigned long port = strtoul(board->port, NULL, 10);

        if (start(&server, command, board->address, board->port) == -1)
            return 1;
        fcntl(server.out, F_SETPIPE_SZ, PIPE); /* or it stays smaller */
        while (server_hear() && !serving) {
            watched[1].fd = server.out;
            poll(watched, 2, server.out == -1 ? 5 : 1000);
            if (watched[0].revents != 0)
                return -1;
        }
        if (serving)
            return 0;
        if (exact || port >= 65535 || !port_taken()) {
            complain();
            return status == 2 ? 2 : 1;
        }
        if (board->taken == NULL)
            board->taken = memory_copy(board->port);
        snprintf(number, sizeof number, "%lu", port + 1);
        board->port = number;
        forget();
        program_end(&server);
        ended = false;
    }
}

int server_descriptor(void)
{
    return server.out;
}

void server_stop(void)
{
    if (server.pid > 0 && !server.reaped)
        kill(server.pid, SIGTERM);
}

void server_end(void)
{
    program_end(&server);
    program_end(&crowd);
    forget();
}

int server_failed(void)
{
    if (status == 0)
        return 0;
    complain();
    return 1;
}

/* ---- the crowd ----------------------------------------------------- */

/* The address at which the crowd reaches the server. */
static const char *near_end(const struct board *board)
{
    return strcmp(board->address, "0.0.0.0") == 0 ? "127.0.0.1"
           : strcmp(board->address, "::") == 0    ? "::1"
                                                  : board->address;
}

int crowd_open(const struct board *board, const char *program,
               const char *number)
{
    char *name = memory_copy(program), *count_of = memory_copy(number);
    char *words[] = {name, count_of, NULL};
    int result = start(&crowd, words, near_end(board), board->port);

    free(name);
    free(count_of);
    return result;
}

int crowd_descriptor(void)
{
    return crowd.out;
}
