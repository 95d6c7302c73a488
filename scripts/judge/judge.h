/* judge.h: what the judge of an exercise can do to a program.
 *
 * One file an exercise, scripts/judge/NN_name.c, defines `exercise`. It
 * starts the student's program in a room of its own, plays its peer, and
 * tells what it did. The judging ends at the first thing that is not as
 * it has to be; if nothing was wrong, the program is mended.
 *
 * Ports, addresses and texts are chosen at random, so that nothing can
 * be learnt by heart. Each wait is bounded by PATIENCE, and what the
 * program prints is read meanwhile, so that it never blocks on that.
 *
 * The program is not trusted. Whatever comes from it goes through
 * `quoted` before it is printed.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct exercise {
    void (*judge)(void);
    /* What a right program is called; NULL: "mended". */
    const char *verdict;
    /* One sentence, printed after that: why it was a mistake, or what
     * the program can do now. */
    const char *why;
    /* The heading of docs/chapters to read on at: its anchor, as in
     * `# 06 ... {#ch-sendrecv}`. Its title is what is printed. */
    const char *read;
    /* Milliseconds for the whole judging; 0: 9000. */
    long limit;
    /* How many peers it serves at once, if it is meant for many: it may
     * have a process, or a thread, and a descriptor for each. */
    int crowd;
};
extern const struct exercise exercise;

/* How long a judge waits for an answer, in milliseconds, and how many
 * bytes a program may print before its output counts as endless; one
 * that serves a crowd may print eight times as many. */
enum { PATIENCE = 3000, MUCH = 1 << 20 };

/* The time zone of the programs, as tzset(3) has it: not UTC, so that
 * local time is another one. */
#define ZONE "HERE-5:45"

struct program {
    pid_t
        pid; /* 0: it has ended. No signal goes there: see send_signal */
    int in, out, err; /* our ends of its pipes, or -1 */
    char *text; /* what it printed on standard output so far */
    size_t size, most; /* bytes of that, and how many it may print */
    size_t seen; /* bytes of that which `prints` has accepted */
    char complaint[512]; /* the end of what is on its standard error */
    size_t earlier; /* bytes of that from before the last call to it */
    bool reached; /* a call came through after it was started */
    int status; /* of waitpid(2), once pid is 0 */
    int calls; /* our end of the pipe on which its calls are told, or -1 */
    char *told; /* the last of what came there, while -l asks for it */
    size_t told_size;
    pid_t first; /* the first process of its room */
    int number; /* of the room */
};

enum start_flags {
    INPUT_CLOSED = 1, /* descriptor 0 is closed */
    NO_SOCKETS = 2, /* socket(2) fails with EMFILE */
    FEW_FILES = 4 /* 16 descriptors, all in all */
};

/* ---- report.c: what is told --------------------------------------- */

/* Tells what the judge did: one line of the report. */
void did(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the judging with what was expected and what came, unless ok. */
void must(bool ok, const char *expected, const char *came, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends the judging unless the two texts are the same. The report shows
 * the first line that differs, its number, and the line before it.
 * `what` names the text ("its answer to client 2"), `ending` says how
 * the second one ended ("then the end of the stream"), or is "". */
void same(const char *what, const void *expected, size_t expected_size,
          const void *came, size_t came_size, const char *ending);

/* Bytes as a C string, the first of them if they are many. Returns one
 * of eight buffers in turn. */
const char *quoted(const void *bytes, size_t size);

/* ---- program.c: the student's program ------------------------------ */

/* Starts it in the room, with a port as its argument. */
struct program *start(int port, int flags);
/* The same with a second argument behind the port. */
struct program *start_with(int port, const char *argument);
/* Whose calls are shown if the judging ends here: the last one started,
 * until a judge says otherwise. */
extern struct program *suspect;
/* Types on its standard input; ends that input, as Ctrl-D does. */
void feed(struct program *p, const char *text);
void end_input(struct program *p);
/* Whether it has ended, or does within the time; how it ended. */
bool ended(struct program *p, int milliseconds);
const char *fate(struct program *p);
/* Ends it and all that it has started; returns when they are gone. */
void stop(struct program *p);
/* Sends it and its children a signal. After SIGSTOP it returns when all
 * of them have stopped. */
void send_signal(struct program *p, int signal);
/* The same without its children. */
void send_signal_alone(struct program *p, int signal);
/* Whether the text is anywhere in its output, or comes in time. */
bool printed(struct program *p, const char *text, int milliseconds);
/* This text has to be in what it prints from where the last `prints`
 * ended, within PATIENCE; prompts may stand before it. If it is not, all
 * that comes until it is quiet is in the report, not a snapshot. */
void prints(struct program *p, const char *text, const char *what);
/* All that it printed has to be this; it may still run. */
void printed_all(struct program *p, const char *text, size_t size,
                 const char *what);
/* It has to end by itself within PATIENCE, with that exit status. */
void must_end(struct program *p, int status, const char *expected);
/* It has to be running still. */
void must_run(struct program *p);
/* How many processes the programs have: running ones, or those that
 * have ended and that nobody has waited for. */
int processes(bool zombies);
/* Processor time that it has used, in seconds, while it runs. */
double busy(struct program *p);
/* Whether none of the programs has anything to do: each thread of theirs
 * waits for something, and not for a processor. What a program does not
 * do though it sleeps, it does not do because the machine is busy. */
bool asleep(void);
/* The same, if need be within PATIENCE, and for a while. */
bool falls_asleep(void);

/* ---- chance.c: ports, addresses, words ----------------------------- */

unsigned chance(unsigned below);
int some_port(void); /* free for TCP and UDP; its two bytes differ */
struct in_addr some_address(void); /* 127.0.0.2 to 127.0.0.251 */
/* Words of English, `size` bytes of them in all; `line` ends in a
 * newline, which is the last of its bytes. One of eight buffers in turn,
 * each as long as needed. */
char *words(size_t size);
char *line(size_t size);

/* ---- peer.c: the other side ---------------------------------------- */

/* How what was heard ended. */
enum how {
    HEARD_LINE,
    HEARD_ALL,
    HEARD_END,
    HEARD_RESET,
    HEARD_NOTHING
};

/* Waits until fd is ready for the events of poll(2), collecting what
 * programs print. False after that many milliseconds. */
bool pump(int fd, short events, int milliseconds);
long now(void); /* milliseconds, since some time */
void rest(int milliseconds);

/* Calls the program at a port of 127.0.0.1, or of `to`, from the address
 * `from`; either may be NULL. Waits until it listens. What the programs
 * have said on standard error by then is of an earlier time. */
int call(int port, const char *from, const char *to);
/* The same; what we do not read blocks the program after some 100 KB. */
int call_narrow(int port);
/* Is its server: a listening socket, and the program's call, taken. */
int listening(int *port);
int taken(int listener, struct program *p);
int datagram_socket(int *port);

/* Sends all bytes, or gives up quietly: what counts is the answer. */
void say(int fd, const void *bytes, size_t size);
/* The same in so many pieces, with a pause before each but the first. */
void say_in_pieces(int fd, const void *bytes, size_t size, int pieces,
                   int milliseconds);
/* Whether the program has received all that was said, or does within
 * the time, or, if that is not 0, before it falls asleep: nothing of it
 * waits in either kernel. TCP only. */
bool read_by_peer(int fd, int milliseconds);
/* Receives until there is a line (or `room` bytes), the peer ends its
 * side, resets, or says nothing for PATIENCE. */
enum how hear(int fd, char *to, size_t room, size_t *got,
              bool whole_line);
/* How it ended, in words: "the end of the stream". */
const char *ending(enum how how);
/* What was heard and how it ended, in words. */
const char *heard_as(const char *text, size_t size, enum how how);
/* Closes, with RST instead of FIN if `reset`. */
void hang_up(int fd, bool reset);

/* ---- talk.c: conversations that several judges have ---------------- */

#define GREETING "Hello from the server!\n"

/* Starts it as a server, and says so. */
struct program *serve(int port);
/* The same with so few descriptors that none may be lost. */
struct program *serve_with_few(int port);
/* Starts it as a client of ours and takes its call. */
struct program *client(int *fd, int flags);
/* Receives, which has to be this text; `what` names it in the report
 * ("the answer to line 3 of 40"). */
void hears(int fd, const char *text, const char *what);
/* Receives so many bytes, which have to be these: several lines, or bytes
 * that are no text. */
void hears_bytes(int fd, const void *bytes, size_t size,
                 const char *what);
/* Receives the end of the stream and nothing before it, and closes. */
void hears_end(int fd);
/* The peer has to end or to reset the connection, and to send nothing
 * before that; closes. `what` says where that is expected. */
void hears_refusal(int fd, const char *what);
/* Leaves while the program is stopped, so that it finds out only after
 * its next call. `shut`: with an end of the stream before the reset. */
void leave_unseen(struct program *p, int fd, bool shut);
/* More callers than it has descriptors say this and leave with a reset,
 * one after the other, each before it can be accepted. */
void many_leave(struct program *p, int port, const char *text);
/* Calls, has to be greeted, and reads to the end. */
void greeted(int port, const char *from, const char *to);
/* Sends a line, which has to come back; `peer` is "client 3". */
void echoed(int fd, const char *peer);
/* Types a line, which the server has to get, newline and all; answers
 * another one of the same length, in so many pieces with that pause,
 * which the program has to print before the next line is typed. */
void converse(struct program *p, int fd, const char *text, int pieces,
              int milliseconds);
/* A server that speaks first, in two pieces: the client has to print
 * that, nothing else, and end. The flags are those of `start`. */
void spoken_to(int flags);
/* Its standard error has to name that call. */
void complains_of(struct program *p, const char *call_name);

/* ---- times.c: the lines that a ping client prints ------------------- */

/* Whether the line begins with "ping N: lost\n". */
bool is_lost(const char *line, int number);
/* Whether it begins with "ping N: T ms\n"; T, in milliseconds. */
bool is_time(const char *line, int number, double *time);
/* Whether the number there has no digit behind its point, or no point. */
bool lacks_digit(const char *number);
/* Sorts the times. Their median; 0 if there are none. */
double median_of(double *times, int count);

#endif
