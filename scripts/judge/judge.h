/* judge.h: what a judge of an exercise can do to a program.
 *
 * A judge starts the student's program, talks to it as a peer would,
 * and says what it did. `must` ends the judging at the first thing that
 * is not as it must be. Everything that could be learnt by heart is
 * chosen at random: ports, addresses, texts.
 *
 * All waits are bounded by PATIENCE. While a judge waits it reads what
 * the program prints, so a program that prints much does not block.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* How long a judge waits for an answer, in milliseconds, and how many
 * bytes a program may print before its output counts as endless. */
enum { PATIENCE = 3000, MUCH = 1 << 20 };

/* How what was heard ended. */
enum how {
    HEARD_LINE,
    HEARD_ALL,
    HEARD_END,
    HEARD_RESET,
    HEARD_NOTHING
};

struct program {
    pid_t pid; /* 0: not running */
    int in, out, err; /* our ends of its pipes, or -1 */
    char *text; /* what it printed on standard output */
    size_t size, most;
    char complaint
        [512]; /* the end of what it printed on standard error */
    int status; /* of waitpid(2), once pid is 0 */
    double seconds; /* of processor time, once pid is 0 */
};

enum start_flags { INPUT_CLOSED = 1, NO_SOCKETS = 2, FEW_FILES = 4 };

/* ---- the story ---- */
void did(const char *format, ...) __attribute__((format(printf, 1, 2)));
void must(bool ok, const char *expected, const char *saw, ...)
    __attribute__((format(printf, 3, 4)));
const char *quoted(const void *bytes, size_t size);

/* ---- the program ---- */
struct program *start(int port, int flags);
void feed(struct program *p, const char *text);
void end_input(struct program *p);
bool ended(struct program *p, int milliseconds);
const char *fate(struct program *p);
void stop(struct program *p);
bool printed(struct program *p, const char *text, int milliseconds);
int processes(bool zombies);

/* ---- chance ---- */
unsigned chance(unsigned below);
int some_port(void);
struct in_addr some_address(void);
char *word(size_t size);
char *line(size_t size);

/* ---- the peer ---- */
bool pump(int fd, short events, int milliseconds);
int call(int port, const char *from, const char *to);
int listening(int *port);
int taken(int listener, struct program *p);
int datagram_socket(int *port);
void say(int fd, const void *bytes, size_t size);
enum how hear(int fd, char *to, size_t room, size_t *got,
              bool whole_line);
void hang_up(int fd, bool reset);
void rest(int milliseconds);

/* ---- the exercises: judges.c ---- */
struct exercise {
    int number;
    void (*judge)(void);
};
extern const struct exercise exercises[];

#endif
