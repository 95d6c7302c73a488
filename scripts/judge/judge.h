/* judge.h: what the judge of an exercise can do with a program.
 *
 * Each exercise has a file exercises/NN_name.c, each task one in tasks/,
 * which defines `exercise`. It starts the student's program in a room of
 * its own (room.c), plays its peer and reports what it did. Judging ends
 * at the first thing that is wrong; if nothing is, the program is mended.
 *
 * Ports, addresses and texts are random, so that no program can know
 * them in advance. Each wait is bounded by PATIENCE; meanwhile the
 * judge reads what the program prints, so it never blocks on that.
 *
 * The program is not trusted. Whatever comes from it goes through
 * `quoted` before it is printed.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include "../common/clock.h"
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct exercise {
    void (*judge)(void);
    /* The word for a correct program; NULL: "mended". */
    const char *verdict;
    /* One sentence, printed after that: why it was a mistake, or what
     * the program can do now. */
    const char *why;
    /* Where to read on: the anchor of a heading in docs/chapters, as in
     * `# 06 ... {#ch-sendrecv}`. Its title is what is printed. */
    const char *read;
    /* How many parts a task has: the judge calls `part` after each,
     * and a failure says how many were right. 0: none. */
    int parts;
    /* Milliseconds for the whole judging; 0: 9000. */
    long limit;
    /* For a server of many: how many peers at once. The program may
     * have a process or thread, and a descriptor, for each. */
    int crowd;
};
extern const struct exercise exercise;

/* PATIENCE: how long a judge waits for an answer, in milliseconds.
 * MUCH: how many bytes a program may print before its output counts as
 * endless; one that serves a crowd may print eight times as many. */
enum { PATIENCE = 3000, MUCH = 1 << 20 };

/* The TZ of the programs, see tzset(3): not UTC, so that local time
 * differs from it. */
#define ZONE "HERE-5:45"

struct program {
    pid_t pid; /* our child; 0: ended. To signal it: send_signal */
    int in, out, err; /* our ends of its pipes, or -1 */
    char *text; /* its standard output so far */
    size_t size, most; /* bytes in text; the limit, 0: not started */
    bool endless; /* it has printed more than that */
    size_t seen; /* bytes of text that `prints` has accepted */
    char complaint[512]; /* the end of its standard error */
    size_t earlier; /* bytes of that from before our last connect */
    bool reached; /* we have connected since it was started */
    int status; /* of waitpid(2), once pid is 0 */
    int calls; /* our end of the narrator's pipe, or -1 */
    char *told; /* the end of what came there (option -l) */
    size_t told_size;
    pid_t first; /* the first process of its room; 0: no room */
};

enum start_flags {
    INPUT_CLOSED = 1, /* descriptor 0 is closed */
    NO_SOCKETS = 2, /* socket(2) fails with EMFILE */
    FEW_FILES = 4, /* 16 descriptors, all in all */
    SHARED_FOLDER = 8 /* its /tmp is the one of earlier starts; it may
                         make sockets there: a fence forbids that */
};

/* ---- print.c: the report -------------------------------------------- */

/* Prints what the judge did: one entry of the report. */
void did(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The bytes as a C string literal; of many, only the first. Returns one
 * of eight buffers in turn. */
const char *quoted(const void *bytes, size_t size);

/* ---- keep.c: no verdict --------------------------------------------- */

/* The machine lacked what judging takes: no memory, no process, no place
 * on a disk. Says so in a line and ends the judging without a verdict,
 * status 2. `what` names what it was for, `why` is strerror's text. */
_Noreturn void could_not(const char *what, const char *why);

/* ---- report.c: what the program must do ----------------------------- */

/* One more part of the task is right. */
void part(void);

/* A failure shows the fate and the calls of this program; of the last one
 * started, until this is called. What the others wrote to standard error
 * is reported as "earlier". */
void blame(struct program *p);
/* Unless ok, ends the judging with what was expected and what came. */
void must(bool ok, const char *expected, const char *came, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends the judging unless the two texts are the same. The report shows
 * the first line that differs, its number if the text has several, and
 * the line before it.
 * `what` names the text ("its answer to client 2"), `ending` says how
 * the second one ended ("the end of the stream"), or is "". */
void same(const char *what, const void *expected, size_t expected_size,
          const void *came, size_t came_size, const char *ending);

/* Within PATIENCE it must print this text, after what the last `prints`
 * accepted; a prompt may come before it. A failure waits until the
 * program is quiet, so that the report has all of it. */
void prints(struct program *p, const char *text, const char *what);
/* Its whole output must be this; it may still run. */
void printed_all(struct program *p, const char *text, size_t size,
                 const char *what);
/* It must end by itself within PATIENCE, with that exit status. */
void must_end(struct program *p, int status, const char *expected);
/* A second one, beside a first: it must end by itself, status not 0. */
void must_be_refused(struct program *p);
/* It must still be running. */
void must_run(struct program *p);

/* ---- program.c: the student's program ------------------------------ */

/* Starts it in a room, with the port as its argument. */
struct program *start(int port, int flags);
/* The same with a second argument after the port. */
struct program *start_with(int port, const char *argument);
/* A file for the program, in the folder in which it runs, or in one
 * below: "site/page.html". */
void provide(const char *name, const void *bytes, size_t size);
/* Where the judge finds /tmp/NAME of those in the SHARED_FOLDER; however
 * judging ends, it is removed then. */
const char *shared_path(const char *name);
/* Writes to its standard input; closes that, as Ctrl-D does. */
void feed(struct program *p, const char *text);
void end_input(struct program *p);
/* Whether it ends within that time; how it ended, in words. */
bool ended(struct program *p, int milliseconds);
const char *fate(struct program *p);
/* Kills it and all that it started; waits for that, up to PATIENCE. */
void stop(struct program *p);
/* Sends a signal to it and its children. For SIGSTOP it waits, up to a
 * second, until all of them have stopped. */
void send_signal(struct program *p, int signal);
/* The same without its children. */
void send_signal_alone(struct program *p, int signal);
/* Whether the text is anywhere in its output, or comes in time. */
bool printed(struct program *p, const char *text, int milliseconds);
/* How many processes the programs have: those that run or, if asked,
 * the zombies, which have ended and not been waited for. */
int processes(bool zombies);
/* The processor time that it has used, in seconds; 0 once it ended. */
double busy(struct program *p);
/* Whether no program has anything to do: no thread runs or waits for a
 * processor. If its part is still not done then, a busy machine is not
 * the reason. */
bool asleep(void);
/* Whether they fall asleep within PATIENCE, and stay so for 50 ms. */
bool falls_asleep(void);

/* Waits until fd is ready for the events of poll(2), reading what the
 * programs print. False after that many milliseconds, and at once if one
 * has printed more than it may. */
bool pump(int fd, short events, int milliseconds);
void rest(int milliseconds); /* sleeps; reads what they print */

/* ---- chance.c: ports, addresses, words ----------------------------- */

/* An IPv4 socket of ours of that type, closed on exec. */
int own_socket(int type);
unsigned chance(unsigned below); /* 0 to below - 1 */
int some_port(void); /* free for TCP and UDP; its two bytes differ */
struct in_addr some_address(void); /* 127.0.0.2 to 127.0.0.251 */
struct sockaddr_in here_at(int port); /* at 127.0.0.1 */
/* English words, exactly `size` bytes of them; the last byte of a
 * `line` is a newline. Both return one of eight buffers in turn, each
 * as long as needed. */
char *words(size_t size);
char *line(size_t size);

/* ---- peer.c: the other side ---------------------------------------- */

/* Why `hear` stopped receiving. */
enum how {
    HEARD_LINE,
    HEARD_ALL,
    HEARD_END,
    HEARD_RESET,
    HEARD_NOTHING
};

/* Connects to the program at a port of `to` (NULL: 127.0.0.1), from the
 * address `from` (NULL: any). Waits until it listens. What the programs
 * wrote to standard error before that is reported as "earlier". */
int call(int port, const char *from, const char *to);
/* The same; what we do not read blocks the program after some 100 KB. */
int call_narrow(int port);
/* We are its server: a listening socket; the connection it makes. */
int listening(int *port);
int taken(int listener, struct program *p);
int datagram_socket(int *port);
/* From now on the kernel notes when a datagram comes to this socket, by
 * CLOCK_REALTIME, of which real_now is the time. In milliseconds. */
void ask_times(int fd);
double real_now(void);
/* Receives one of those, and from whom and when it came. Its size; -1:
 * there is none. */
ssize_t datagram(int fd, void *to, size_t size,
                 struct sockaddr_in *from, double *when);

/* Sends all bytes, or gives up silently: what counts is the answer. */
void say(int fd, const void *bytes, size_t size);
/* The same in so many pieces, with a pause between them. */
void say_in_pieces(int fd, const void *bytes, size_t size, int pieces,
                   int milliseconds);
/* Sends letters until the program ends the connection, takes nothing for
 * PATIENCE or has taken `most`. How many bytes it took. */
size_t pour(int fd, size_t most);
/* Whether the program has received all that we said: neither kernel has
 * any of it. Waits that long for it and then, unless that is 0, until
 * the program sleeps, up to PATIENCE. TCP only. */
bool read_by_peer(int fd, int milliseconds);
/* Receives until there are `size` bytes (or whole_line: a newline), the
 * peer ends its side or resets, or PATIENCE passes in silence. */
enum how hear(int fd, char *to, size_t size, size_t *got,
              bool whole_line);
/* What `how` means, in words: "the end of the stream". */
const char *ending(enum how how);
/* The bytes that came and how they ended, in words. */
const char *heard_as(const char *text, size_t size, enum how how);
/* Closes, with RST instead of FIN if `reset`. */
void hang_up(int fd, bool reset);

/* ---- talk.c: conversations that several judges use --------------- */

#define GREETING "Hello from the server!\n"

/* Starts the program as a server, and reports that. */
struct program *serve(int port);
/* The same with 16 descriptors: one that leaks them runs out soon. */
struct program *serve_with_few(int port);
/* Starts it as a client of ours; *fd is the connection it makes. */
struct program *client(int *fd, int flags);
/* Receives a line, which must be this text; `what` names it in the
 * report ("the answer to line 3 of 40"). */
void hears(int fd, const char *text, const char *what);
/* Receives that many bytes, which must be these: several lines, or
 * bytes that are no text. */
void hears_bytes(int fd, const void *bytes, size_t size,
                 const char *what);
/* The next thing must be the end of the stream. Closes fd. */
void hears_end(int fd);
/* The peer must end or reset the connection and send nothing before
 * that. Closes fd. `what` says after what that is expected. */
void hears_refusal(int fd, const char *what);
/* Resets the connection while the program is stopped, so that only its
 * next call finds out. `shut`: ends the stream first, then resets. */
void leave_unseen(struct program *p, int fd, bool shut);
/* More callers than it has descriptors send this text and reset, one
 * after the other, each before the program can accept it. */
void many_leave(struct program *p, int port, const char *text);
/* Connects, must get the greeting, then the end of the stream. */
void greeted(int port, const char *from, const char *to);
/* Sends a line, which must come back; `peer` is "client 3". */
void echoed(int fd, const char *peer);
/* Types a line, which must reach the server, newline and all; answers
 * another one of the same length, in that many pieces with that pause;
 * the program must print it before the next line. */
void converse(struct program *p, int fd, const char *text, int pieces,
              int milliseconds);
/* The server speaks first, in two pieces: the client must print that
 * and nothing else, and end. The flags are those of `start`. */
void spoken_to(int flags);
/* Its standard error must name that call. */
void complains_of(struct program *p, const char *call_name);

#endif
