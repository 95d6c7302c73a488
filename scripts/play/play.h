/* play.h: a play, and everything that a view may ask of it.
 *
 * A play follows cue lists (scripts/cues): it starts the programs,
 * gives them their cues, collects the records that they write
 * (lessons/narrator/records.h) and keeps them in memory, in the order in
 * which they are shown. A view (plain.c, the stage, the recording)
 * reads what is kept, and decides when the next cue is given:
 *
 *     struct play *play = play_open(&settings);
 *     for (;;) {
 *         switch (play_work(play)) {       // never blocks
 *         case PLAY_ASKS:                  // play->asked: the next step
 *             play_next(play);             // gives its cue
 *             break;
 *         case PLAY_RUNS:
 *             n = play_watch(play, fds, PLAY_WATCHED, &timeout);
 *             poll(fds, n, timeout);       // and the view's own fds
 *             break;
 *         case PLAY_DONE: case PLAY_BROKEN: ...
 *         }
 *         // show play->events[shown..play->event_count)
 *     }
 *     play_close(play);                    // ends what still runs
 *
 * Events are only ever added at the end and never change afterwards
 * (the array may move: keep indices, not pointers). So the play as it
 * was after any step is events[0 .. steps[i].end).
 *
 * Steps are numbered within a lesson, from 1, as its cue list has them:
 * the number of a step does not depend on what was played before. Known
 * steps that are not shown again keep their numbers, but are not in
 * play->steps. A verb that gives as many cues as needed (run, upto, try)
 * has one number; each of its cues is a step, `part` 1, 2, ….
 */
#ifndef PLAY_H
#define PLAY_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    PLAY_ROLES = 12, /* at most, in one scene */
    PLAY_WATCHED = PLAY_ROLES + 3, /* most that play_watch fills in */
    PLAY_SHORT = 64, /* bytes of a name, the final zero included */
    PLAY_OWN = 4, /* programs of one's own, at most */
    PLAY_CHOICES = 9, /* threads of theirs that have a key */
};

/* What an event is. The first nine are the narrator's records. */
enum play_kind {
    PLAY_TITLE, /* of the lesson */
    PLAY_BEFORE, /* the program stops before a call, for its cue */
    PLAY_BLOCKS, /* a call that blocks, before it does */
    PLAY_CALL, /* a call and its result */
    PLAY_MEANS, /* what that means */
    PLAY_CAME, /* what arrived: bytes, a peer, addresses */
    PLAY_KERNEL, /* what the kernel holds */
    PLAY_ERROR, /* what a failure means, and what to try */
    PLAY_TYPED, /* what the player typed */
    PLAY_WORDS, /* a line that the program printed itself */
    PLAY_PROMPT, /* such a line, which asks a person to type; not shown */
    PLAY_SCENE, /* a scene begins: text is its heading */
    PLAY_START, /* a program takes a role */
    PLAY_KNOWN, /* known steps, not shown again: text names their calls */
    PLAY_NOTE, /* a line of the player's own, or of the cue list */
    PLAY_SEGMENT, /* a segment or datagram on the wire */
    PLAY_END, /* the program has ended: text says how if it was killed */
    PLAY_KINDS,
};

/* The name of a kind: "title", "before", ... */
const char *play_kind_name(enum play_kind kind);

/* What a program told, field by field. Strings are never NULL: one that
 * is missing is "". Their bytes are safe to print, except \b, which
 * stands for a space at which a line must not be broken. */
struct play_record {
    long process; /* its id */
    int child; /* number of the child process; 0: the program itself */
    int thread; /* 1 is the first */
    int sequence; /* of the records of one program, from 1 */
    int number; /* of the call, from 1; 0: not about a call */
    int line; /* of the source; 0 if it is not known */
    const char *call,
        *arguments; /* "connect", "3, 127.0.0.1:8888, 16" */
    long result; /* of PLAY_CALL; PLAY_END: the exit status, or
                  * 128 + the signal */
    const char *error; /* "ECONNREFUSED" */
    int sock; /* descriptor, or -1 */
    const char *state, *here, *peer, *queue; /* of PLAY_KERNEL */
    long length; /* bytes, or -1 */
    const char *text;
    const char *payload; /* of PLAY_SEGMENT: its first bytes, escaped */
    /* Of programs that are not lessons (own.c): */
    int place; /* on the board of cues, or -1 */
    long task; /* the id of the thread */
    unsigned long from; /* the address that the call returns to */
    const char *source; /* the file that `line` is of; or NULL */
};

/* One thing that happened. */
struct play_event {
    enum play_kind kind;
    int lesson; /* index into play->lessons */
    int step; /* index into play->steps; -1 before the first */
    int actor; /* index into play->actors; -1 if it is nobody's */
    struct play_record told;
    char *block; /* the player's own: memory of the strings */
};

/* Where a program stands. */
enum play_at {
    PLAY_AT_WORK, /* it runs, as far as the player knows */
    PLAY_AT_CALL, /* stopped before a call, for its cue */
    PLAY_AT_HOLD, /* stopped where it waits for a person */
    PLAY_IN_CALL, /* in a call that blocks */
    PLAY_ENDED,
};

/* A program in a role of a scene. Its source is lessons/NAME.c, where
 * NAME is the program's name up to a '-'. The same role in another
 * scene, or a second program in the role, is another actor. */
struct play_actor {
    char role[PLAY_SHORT]; /* "server" */
    char program[PLAY_SHORT]; /* "04_accept" */
    char host[PLAY_SHORT]; /* a network namespace, or "" */
    int column; /* 0, 1, ...: the order of the roles in the scene */
    bool hidden; /* its lines are not shown (serve) */
    bool apart; /* only `others` shows its other threads and children */
    enum play_at at; /* as the play stands now */
    int line; /* source line where it stands; 0: unknown */
    const char *source; /* the file; NULL: lessons/PROGRAM.c */
    bool killed; /* it was ended by a signal that no cue list sent */
};

/* A thread of a program of one's own, and what it does. */
struct play_choice {
    int digit; /* its key, which stays its */
    int actor;
    bool ready; /* it stands before a call, or its time may pass */
    bool reads; /* it waits for its standard input */
    bool next; /* it is the one of Enter */
    bool ended; /* it never goes on */
    char words
        [160]; /* "server: accept", "client blocked in recv(3, …)" */
};

/* A step: one cue that was given, or is asked for. */
struct play_step {
    int lesson; /* index into play->lessons */
    int number; /* see above */
    int part; /* 0, or which cue of a verb that gives several */
    int actor; /* whose cue; -1 for `key` */
    int line; /* source line of the call that it makes; 0: none */
    char call[PLAY_SHORT]; /* "connect"; at a hold "getchar"; or "" */
    char prompt[256]; /* "client: connect(3, …)": what comes next */
    const char *source; /* see play_actor */
    struct play_choice
        choices[PLAY_CHOICES]; /* own.c: who could go on */
    int choice_count;
    bool ends; /* this cue ends its program */
    enum play_at before; /* where its program stood */
    int first, end; /* its events: events[first .. end) */
    int scene; /* index of the event that began its scene */
};

/* A lesson of the play, in the order of playing. */
struct play_lesson {
    char name[PLAY_SHORT]; /* of its cue list: "05", "03-queue" */
    int steps; /* number of its last step */
    int first_event; /* -1 until it begins */
    int first_step; /* index into play->steps; -1 until there is one */
};

struct play {
    struct play_lesson *lessons;
    int lesson_count;
    struct play_actor *actors;
    int actor_count;
    struct play_event *events;
    int event_count;
    struct play_step *steps; /* whose cues were given */
    int step_count;
    struct play_step asked; /* after PLAY_ASKS: the next step */
    int lesson; /* the one being played; lesson_count at the end */
    int chosen; /* own.c: index into asked.choices; -1: nobody is ready */
    char **paths; /* sources of programs of one's own */
    int path_count;
    unsigned port; /* at which the programs meet */
    unsigned taken; /* the port that was wanted and is taken, or 0 */
    int status; /* PLAY_BROKEN: 1 a failure, 2 a bad cue list */
    char why[512]; /* PLAY_BROKEN: one line that says why */
    struct engine *engine; /* the player's own */
};

/* The settings of a play. A member left unset (0, NULL, false) means
 * what the brackets say. */
struct play_settings {
    const char *root; /* the project's folder; programs in root/build */
    const char *cues; /* folder of the cue lists (root/scripts/cues) */
    char **lessons; /* names of cue lists, in the order of playing */
    int lesson_count;
    const char *list; /* a file that is read instead of them [none] */
    char **let; /* words for the lists: "tcp", "LOSS=30" [none] */
    int let_count;
    char ***own; /* programs of one's own, at most PLAY_OWN: their
                  * words [none] */
    int own_count;
    bool by_hand; /* a person makes the steps: chooses which of one's
                   * own goes on (a rule), and goes on with those that
                   * are left when one was killed (the play is broken) */
    bool brisk; /* what a scene has shown is known in the next one
                 * (only when its lesson is over) */
    const char *played; /* lessons known from before, "03 04" [none] */
    int familiar; /* programs of lessons from this number on leave out
                   * what earlier lessons explain, by -k [none do] */
    unsigned
        port; /* wanted (8888); if it is taken, another is chosen */
    bool exact; /* use that port without a test, and no other */
    bool pauses; /* `key` of a cue list is a step (it is skipped) */
    bool wire; /* keep packets as well, where that is allowed: events
                * PLAY_SEGMENT, with the flags in `call`, seq and ack
                * in `arguments`, payload bytes in `length` */
    bool shared; /* others use the network too: only the packets of the
                  * play's port */
};

/* What a play is doing. */
enum play_state {
    PLAY_RUNS, /* programs are at work: poll what play_watch says */
    PLAY_ASKS, /* the next step, play->asked, waits for play_next */
    PLAY_DONE, /* all lessons are over, all programs ended */
    PLAY_BROKEN, /* it cannot go on: play->why */
};

/* Reads the cue lists and finds a port; starts no program yet. Never
 * returns NULL: play_work reports a wrong cue list (PLAY_BROKEN, status
 * 2, file and line in `why`). Ends the process, with a line on standard
 * error, only when out of memory. */
struct play *play_open(const struct play_settings *settings);

/* Goes on as far as it can without blocking. */
enum play_state play_work(struct play *play);

/* Programs of one's own. Makes the thread with this digit the next; false
 * if it is not ready. */
bool play_choose(struct play *play, int digit);
/* Types a line to a program that reads its input; NULL: Ctrl-D, the end
 * of it. False: nobody reads. */
bool play_type(struct play *play, const char *line);
/* The next step makes up to 100 calls, as long as none blocks. */
void play_many(struct play *play);

/* Gives the cue that is asked for. Does nothing unless the state is
 * PLAY_ASKS. */
void play_next(struct play *play);

/* Fills in the descriptors to poll, at most `most`, and returns how
 * many. *timeout: milliseconds after which play_work must be called
 * even if none is ready. */
int play_watch(const struct play *play, struct pollfd *fds, int most,
               int *timeout);

/* Ends the programs that still run and frees everything. NULL is fine. */
void play_close(struct play *play);

/* Ends them, without freeing anything: for signal handlers. */
void play_end_all(void);

/* An event as lines of text, without role or colour, as the program
 * itself would print them: calls `line` with the context for each.
 * `width` is the most columns that a line may have (70 in the demo).
 * PLAY_BEFORE, PLAY_PROMPT, PLAY_START and PLAY_END give no line. */
void play_lines(const struct play_event *event, int width,
                void (*line)(void *context, const char *text),
                void *context);

/* How many bytes of the text go on a line of this many columns: up to a
 * space; a word longer than the line is not split. */
size_t play_fits(const char *text, int columns);

/* The names of the cue lists in a folder, sorted, in an array that ends
 * with NULL. Without `scenes`, whole lessons only ("05", not "05-queue").
 * NULL if the folder cannot be read. free() each name and the array. */
char **play_lists(const char *folder, bool scenes);

#endif
