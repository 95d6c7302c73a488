/* engine.h: the player's own parts, which no view needs; the classroom's
 * board has its programs and records from here.
 *
 * lists.c and cues.c read the cue lists, programs.c starts and ends
 * programs, state.c asks the system about them, records.c takes apart what they write, build.c has them compiled,
 * engine.c does what the cue list says next.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "play.h"
#include <sys/types.h>

/* ---- memory: these end the process when there is none ------------- */

void *play_room(void *old, size_t count, size_t size); /* realloc(3) */
char *play_copy(const char *text);
/* A text out of parts, as printf makes it. */
#ifdef __GNUC__
__attribute__((format(printf, 1, 2)))
#endif
char *
play_text(const char *format, ...);

long long play_clock(void); /* microseconds, from some moment on */

/* ---- cue lists ----------------------------------------------------- */

enum verb {
    VERB_SCENE,
    VERB_START,
    VERB_SERVE,
    VERB_STEP,
    VERB_KNOWN,
    VERB_BRIEF,
    VERB_WAIT,
    VERB_BACK,
    VERB_RUN,
    VERB_TRY,
    VERB_UPTO,
    VERB_END,
    VERB_FAIL,
    VERB_QUIT,
    VERB_FREE,
    VERB_DROP,
    VERB_HALT,
    VERB_STOP,
    VERB_TYPE,
    VERB_HOST,
    VERB_UNTIL,
    VERB_APART,
    VERB_OTHERS,
    VERB_SENT,
    VERB_SAY,
    VERB_SHELL,
    VERB_PREPARE,
    VERB_PAUSE,
    VERB_KEY,
};

/* One line of a cue list. */
struct cue {
    enum verb verb;
    char *path; /* of its file, as it is named in a complaint */
    int line; /* of that file */
    int number; /* of its first step; 0: it has none */
    char *role; /* "" where the verb takes none; a host for `shell` */
    long count; /* times, cues or seconds */
    enum play_kind kind; /* of a record */
    char *text; /* program and words, call, or text; "" if none */
};

struct cue_list {
    struct cue *cues;
    int count;
    int steps; /* the number of its last step */
};

/* Reads the cue list of this name. Returns 0; -1 if something is wrong
 * with it: one line in `why`. */
int cues_read(struct cue_list *list,
              const struct play_settings *settings, const char *name,
              char *why, size_t room);
void cues_free(struct cue_list *list);

/* The programs that a list starts, in their order: calls `each`. */
void cues_programs(const struct cue_list *list,
                   void (*each)(void *context, const char *program),
                   void *context);

/* ---- programs ------------------------------------------------------ */

/* A program that was started. */
struct program {
    pid_t pid; /* 0: not started; of its process group, too */
    int out, cue, others, in; /* pipe from it, pipe to its first thread,
                               * to the others, its input; or -1 */
    off_t typed; /* bytes of its input */
    bool reaped;
    int status; /* as waitpid(2) has it */
    char *part; /* of a line that has not come to its end */
    size_t used;
    bool open; /* what was typed last has not ended its line */
    struct play_event *inbox; /* what it wrote and is not yet shown */
    int count, taken; /* how many there are, and were taken out */
    int room;
    long heard; /* how many there have been */
};
#define NO_PROGRAM \
    { \
        .out = -1, .cue = -1, .others = -1, .in = -1 \
    }

/* Starts the keeper: a process that ends what still runs as soon as this
 * one has ended, however that comes. -1 and errno if it cannot. */
int programs_begin(void);

/* Starts build/NAME with the words, on a host or on this one. `apart`:
 * its other threads and its children wait for cues, too. 0, or -1: one
 * line in `why`. */
int program_start(struct program *program, const char *root,
                  const char *name, const char *words, const char *host,
                  bool apart, unsigned port, char *why, size_t room);

/* Starts a shell command on a host, its lines are words. */
int program_shell(struct program *program, const char *root,
                  const char *host, const char *command, char *why,
                  size_t room);

/* Starts argv, which gets no cues: it goes on by itself, and what it
 * tells comes all the same. There may be any number of events. */
int program_freely(struct program *program, char *const argv[],
                   unsigned port, char *why, size_t room);

/* Takes in what it has written so far, and its end. `now` is when. */
void program_read(struct program *program, int actor, long long now);

/* Its next event, which it keeps no longer; NULL if none is there. The
 * caller owns its strings. */
struct play_event *program_next(struct program *program);

/* One of them may make its call. */
void program_cue_others(struct program *program);

/* Was that said by another than the first thread of its first process?
 * Words may be anybody's. */
bool program_is_other(const struct play_event *event);

/* Puts the next event of the others, or of the first one, in front of
 * all that are still to be taken, and shows it; NULL if there is none. */
struct play_event *program_of(struct program *program, bool other);

/* Gives it so many cues, all this letter. */
void program_cue(struct program *program, char letter, long count);

/* A line for its standard input. */
void program_type(struct program *program, const char *line);

/* Ends it and its group for good, and frees its parts. */
void program_end(struct program *program);

/* As far as the system can be asked: does it sleep in a call, or has
 * ended? Has all that its host has sent over TCP been acknowledged? Is
 * told what the kernel holds of a closed socket? */
bool program_sleeps(const struct program *program);
bool program_sent(const struct program *program);
bool closed_is_told(void);

/* Redirects and closes what a child must not inherit: standard input,
 * output and error are these, and all others but `keep` and `also` (-1:
 * none) are closed. Between fork and exec. */
void program_descriptors(int in, int out, int err, int keep, int also);

/* Puts a child into the keeper's list, and out of it. */
void programs_keep(pid_t pid);
void programs_forget(pid_t pid);

/* ---- records ------------------------------------------------------- */

extern char records_secret[40]; /* the player's */

/* Makes the secret. -1 and errno if the system gives no random bytes. */
int records_begin(void);

/* One line that a program has written, without its newline: calls
 * `take` for each event in it: words, a record, or both. The strings of
 * an event are one block: see records_free. */
void records_parse(const char *line, size_t size,
                   void (*take)(void *context,
                                struct play_event *event),
                   void *context);

/* Which child a thread of a record is of, 0: none. */
int records_child(const char *thread);

/* An event with these texts; what it is not given is empty. */
void records_make(struct play_event *event, enum play_kind kind,
                  const char *text);
/* The same, with a call, arguments and two addresses beside it. */
void records_fill(struct play_event *event, enum play_kind kind,
                  const char *text, const char *call,
                  const char *arguments, const char *here,
                  const char *peer);
void records_free(struct play_event *event);

/* ---- compiling ----------------------------------------------------- */

struct build; /* what is to be compiled, in its order, one at a time */

struct build *build_begin(const char *root);
void build_add(struct build *build, const char *program);
/* Goes on. The descriptor to wait for, or -1 when nothing is at work. */
int build_work(struct build *build);
/* 1: it is there; 0: not yet; -1: it does not compile. */
int build_has(const struct build *build, const char *program);
void build_end(struct build *build);

/* ---- ports --------------------------------------------------------- */

/* Is the port free at 127.0.0.1, for TCP and UDP? */
bool port_is_free(unsigned port);
/* A free one that the kernel chooses; 0 if there is none. */
unsigned port_choose(void);

#endif
