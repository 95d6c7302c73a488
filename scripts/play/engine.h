/* engine.h: the inner parts of the player. The classroom's board uses
 * its programs and records. lists.c and cues.c read the cue lists,
 * build.c compiles programs, programs.c starts and ends them, state.c
 * asks the system about them, records.c parses what they write, and
 * follow.c does what the cue list says next.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "../common/clock.h"
#include "../common/memory.h"
#include "play.h"
#include <sys/types.h>

/* ---- cue lists ----------------------------------------------------- */

enum { ANY_STATUS = -1 };

enum verb {
    VERB_CUES, /* as its form says; `run`, `known` and `brief` do more */
    VERB_SCENE,
    VERB_START,
    VERB_SERVE,
    VERB_KNOWN,
    VERB_BRIEF,
    VERB_RUN,
    VERB_FREE,
    VERB_DROP,
    VERB_HALT,
    VERB_STOP,
    VERB_TYPE,
    VERB_HOST,
    VERB_SENT,
    VERB_SAY,
    VERB_SHELL,
    VERB_PREPARE,
    VERB_PAUSE,
    VERB_KEY,
};

/* The event at which engine_hear stops. Another of the first three breaks
 * the play, except for those below PASSES. */
enum until {
    UNTIL_CALL = 1, /* it stops for its cue */
    UNTIL_BLOCKS = 2, /* its call blocks */
    UNTIL_END = 4,
    UNTIL_EITHER = UNTIL_CALL | UNTIL_END,
    UNTIL_ANY = UNTIL_EITHER | UNTIL_BLOCKS,
    PASSES = 8, /* it has had its cues already */
    UNTIL_SERVES = PASSES | UNTIL_BLOCKS,
    UNTIL_HALT = PASSES | UNTIL_END,
    UNTIL_RECORD = PASSES | 16, /* the record that the cue names */
    UNTIL_OTHERS = PASSES | 32, /* from another thread or a child */
};

/* One line of a cue list. */
struct cue {
    enum verb verb;
    char steps; /* 0, 1, * as many as its calls, + as needed */
    enum until until; /* it waits for this; 0: for nothing */
    int status; /* with UNTIL_END: exit status, or ANY_STATUS */
    char *path; /* of its file, as error messages name it */
    int line; /* of that file */
    int number; /* of its first step; 0: it makes none */
    char *role; /* "" where the verb takes none; a host for `shell` */
    long count; /* times, cues or seconds */
    enum play_kind kind; /* of a record */
    bool apart; /* of `start`: see cues.c */
    char *text; /* program and words, call, or text; "" if none */
    char *calls; /* that the cues are for: "send, recv"; "" if none */
};

struct cue_list {
    struct cue *cues;
    int count;
    int steps; /* the number of its last step */
};

/* Reads the cue list of this name. Returns 0, or -1 with one line in
 * `why` if something is wrong with it. */
int cues_read(struct cue_list *list,
              const struct play_settings *settings, const char *name,
              char *why, size_t size);
void cues_free(struct cue_list *list);

/* Calls `each` for every program that a list starts, in order. */
void cues_programs(const struct cue_list *list,
                   void (*each)(void *context, const char *program),
                   void *context);

/* ---- programs ------------------------------------------------------ */

/* A program that was started. */
struct program {
    pid_t pid; /* and id of its process group; 0: not started */
    int out, cue, others, in; /* pipe from it, pipe to its first thread,
                               * to the others, its input; or -1 */
    bool ending; /* the cue list ended it */
    char stands[PLAY_SHORT * 4]; /* the call it stopped before */
    off_t typed; /* bytes written to its input */
    bool reaped;
    int status; /* as waitpid(2) has it */
    char *part; /* of a line: its end has not been read yet */
    size_t used;
    bool open; /* what was typed last had no newline */
    struct play_event *inbox; /* what it wrote, not yet shown */
    int count, taken; /* events in it; those already taken out */
    int capacity;
    long heard; /* events so far */
    bool own; /* of one's own: `out` and `in` are its terminal */
};
#define NO_PROGRAM \
    { \
        .out = -1, .cue = -1, .others = -1, .in = -1 \
    }

/* Starts the keeper: a process that kills what still runs as soon as
 * this one ends, for whatever reason. `in_folder`: lessons run in a
 * folder that is made for them. 0, or -1 and errno. */
int programs_begin(bool in_folder);

/* That folder, or NULL; removes what they have left there. */
const char *programs_folder(void);
void programs_clean(void);

/* Starts build/NAME with the words, on a host ("": this one). `apart`:
 * its other threads and its children wait for cues, too. 0, or -1 with
 * one line in `why`. */
int program_start(struct program *program, const char *root,
                  const char *name, const char *words, const char *host,
                  bool apart, unsigned port, char *why, size_t size);

/* Starts a shell command on a host; its lines become PLAY_WORDS. */
int program_shell(struct program *program, const char *root,
                  const char *host, const char *command, char *why,
                  size_t size);

/* Starts argv, a program of one's own, under a terminal of its own, with
 * the narrator and its board. */
int program_own(struct program *program, const char *root,
                char *const argv[], int board, char *why, size_t size);

/* Takes the words that it wrote without a newline. */
void program_words(struct program *program, int actor);

/* Starts argv without cues: it never waits for one, but its records are
 * read as usual. The number of its events is not limited. */
int program_freely(struct program *program, char *const argv[],
                   unsigned port, char *why, size_t size);

/* Reads what it has written, and its end, as events. */
void program_read(struct program *program, int actor);

/* Is there an event to take? Words wait for the record after them: it may
 * say that they are a prompt. */
bool program_said(const struct program *program);

/* Takes the next event out of its inbox; NULL if there is none. The
 * caller must records_free its strings. */
struct play_event *program_next(struct program *program);

/* Gives it `count` cues: '.' goes on, 'q' ends it. */
void program_cue(struct program *program, char letter, long count);

/* Adds a line to its standard input. */
void program_type(struct program *program, const char *line);

/* Kills it and its process group, reaps it, and frees its parts. */
void program_end(struct program *program);

/* What /proc says. Does it sleep in a call, or has it ended? Has all that
 * its host sent over TCP been acknowledged? (Both true without /proc.)
 * Does the narrator tell what the kernel holds of a closed socket? */
bool program_sleeps(const struct program *program);
/* The state of a thread, 'S' if it sleeps in a call; 0: nothing says. */
char task_state(long process, long task);
bool program_sent(const struct program *program);
bool closed_is_told(void);

/* Between fork and exec: makes these standard input, output and error,
 * closes all others but `keep` and `also` (-1: none), and resets the
 * actions and the mask of signals. */
void program_descriptors(int in, int out, int err, int keep, int also);

/* Adds a child, the leader of its group, to those that the keeper ends by
 * this signal, and removes it again. */
void programs_keep(pid_t leader, int signal);
void programs_forget(pid_t leader);

/* Tells the keeper what we have done to the terminal, which it has seen
 * as programs_begin found it. Async-signal-safe. */
enum programs_terminal {
    TERMINAL_AS_BEFORE,
    TERMINAL_KEYS, /* keys come at once, without echo */
    TERMINAL_PAINTED /* and screen_open was called */
};
void programs_terminal(enum programs_terminal state);

/* ---- records ------------------------------------------------------- */

const char *records_secret(void); /* marks this player's records */

/* Makes the secret. 0, or -1 and errno without random bytes. */
int records_begin(void);

/* Parses a line that a program has written, without its newline: calls
 * `take` for each event in it: words, a record, or both. The strings of
 * an event are one block: see records_free. */
void records_parse(const char *line, size_t size,
                   void (*take)(void *context,
                                struct play_event *event),
                   void *context);

/* What a line of fields with tabs between them may hold: a record of the
 * narrator (records.c), or an event of a run that was kept (runs.c). */
enum field {
    FIELD_KIND,
    FIELD_PROCESS,
    FIELD_THREAD, /* "1", "1 of child 2" */
    FIELD_SEQUENCE,
    FIELD_NUMBER,
    FIELD_LINE,
    FIELD_CALL,
    FIELD_ARGUMENTS,
    FIELD_RESULT,
    FIELD_ERRNO,
    FIELD_SOCK,
    FIELD_STATE,
    FIELD_HERE,
    FIELD_PEER,
    FIELD_QUEUE,
    FIELD_LENGTH,
    FIELD_TEXT,
    FIELD_FROM,
    FIELD_PLACE,
    FIELD_TASK,
    FIELD_FILE,
    FIELD_ROLE,
    FIELD_PROGRAM,
    FIELD_COLUMN,
    FIELDS,
};

/* Reads `count` fields, in this order, from `block`, which becomes the
 * event's; `fields` gets each by its name, "" if it is missing. False, and
 * the block is free, if the line is of no kind. */
bool records_read(struct play_event *event, char *block,
                  const enum field *order, int count,
                  char *fields[FIELDS]);

/* Fills in an event with this text; its other fields are empty. */
void records_make(struct play_event *event, enum play_kind kind,
                  const char *text);
/* The same from a record, whose strings are copied; NULL stands for "". */
void records_fill(struct play_event *event, enum play_kind kind,
                  const struct play_record *told);
void records_free(struct play_event *event);

/* ---- sources of programs of one's own, source.c --------------------- */

struct sources;
struct sources *sources_begin(void);
/* The source of the call that returns to `from` in a process, and its
 * line; NULL and 0 if none is known. The path lasts until sources_end. */
const char *sources_find(struct sources *all, long process,
                         unsigned long from, int *line);
void sources_end(struct sources *all);

/* ---- compiling ----------------------------------------------------- */

struct build; /* programs to compile, in order, one at a time */

struct build *build_begin(const char *root);
void build_add(struct build *build, const char *program);
/* Goes on. The descriptor to poll, or -1 when no compiler runs. */
int build_work(struct build *build);
/* 1: it is there; 0: not yet; -1: it, or one before, did not compile. */
int build_has(const struct build *build, const char *program);
void build_end(struct build *build);

/* ---- ports --------------------------------------------------------- */

/* Is the port free at 127.0.0.1, for TCP and UDP? */
bool port_is_free(unsigned port);
/* A free port, chosen by the kernel; 0 if there is none. */
unsigned port_choose(void);

#endif
