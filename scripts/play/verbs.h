/* verbs.h: what the engine and its verbs share. */
#ifndef VERBS_H
#define VERBS_H

#include "engine.h"
#include <stdarg.h>

/* How far a verb has come. */
enum progress {
    GO, /* it is done */
    STAY, /* it waits for a program, or for time */
    ASK, /* it waits for play_next */
    BROKEN, /* play->why says why */
};

/* A role of the scene. */
struct role {
    char name[PLAY_SHORT], host[PLAY_SHORT];
    char words[PLAY_SHORT]; /* more arguments for its programs */
    int actor; /* -1: no program has started in it yet */
    int column;
};

struct wire; /* watches the packets on the loopback */

/* Who makes the next call: cue lists say so (follow.c), or a person
 * chooses among programs of one's own (own.c). */
struct chooser {
    /* Before anything is played; a failure sets play->status. */
    void (*begin)(struct play *play,
                  const struct play_settings *settings);
    enum play_state (*work)(struct play *play);
    /* Grants play->asked; false if nobody can go on. */
    bool (*next)(struct play *play);
    /* Frees what is its own, once all programs have ended; NULL: it has
     * nothing. */
    void (*end)(struct play *play);
    int pause; /* ms until `work` is called again without news */
};
extern const struct chooser follow_lists, choose_own;

struct engine {
    char *root;
    const struct chooser *chooser;
    struct own *own; /* own.c's */
    struct wire *wire; /* NULL: it is not watched */
    struct cue_list *lists; /* one per lesson */
    int read; /* how many lists were read */
    struct build *build;
    struct program *programs; /* one per actor */
    struct role roles[PLAY_ROLES];
    int role_count, columns;
    int cue, phase; /* which line of the list, and how far in it */
    int given; /* cues that this line has given */
    bool asking, granted; /* play_next is awaited; was called */
    bool hiding; /* a known step, or `drop`: lines are not kept */
    bool soon; /* poll has nothing to wait for: try again soon */
    bool pauses, by_hand; /* see play_settings */
    bool killed; /* somebody killed a program: see engine_go_on */
    int familiar; /* see play_settings */
    bool brisk; /* the same */
    int scene; /* index of the event that began it */
    char **known, **shown; /* lessons; shown: in full, in this list */
    int known_count, shown_count;
    struct play_event last_kernel; /* of the known steps now hidden */
    int first_call; /* number of the first of their calls */
    long long heard; /* µs of now_us() */
    long long until; /* the same: a pause ends */
};

/* keep.c and inbox.c */
void engine_keep(struct play *play, struct play_event *event);
void engine_note(struct play *play, enum play_kind kind, int actor,
                 const char *text);
#ifdef __GNUC__
__attribute__((format(printf, 3, 4)))
#endif
enum progress
engine_broken(struct play *play, int status, const char *format, ...);
/* Gives an actor its cue (-1: nobody), once play_next has been called. */
enum progress engine_ask(struct play *play, const struct cue *cue,
                         int actor, char letter);
/* Is the wire quiet, or not watched? If quiet, keeps its packets. */
bool engine_settled(struct play *play);
/* Keeps the packets that have come so far, if the wire is watched. */
void engine_take_wire(struct play *play);
/* Takes an actor's events from its inbox and keeps them, up to `until`. */
enum progress engine_hear(struct play *play, int actor,
                          enum until until, const struct cue *cue);

/* Breaks the play: a program is not where the list wants it. */
enum progress engine_astray(struct play *play, int actor,
                            const char *wanted);

/* verbs.c */
enum progress engine_verb(struct play *play, const struct cue *cue);

/* killed.c: breaks the play if somebody else killed the actor; if a person
 * makes the steps, engine_go_on lets the others make a call at a step,
 * until none of them can. */
void engine_look_for_killed(struct play *play, int actor);
enum progress engine_go_on(struct play *play);

/* start.c: the verbs of that name */
enum progress engine_start(struct play *play, const struct cue *cue);
enum progress engine_serve(struct play *play, const struct cue *cue);

/* wire.c. wire_begin: keeps what has this port at one end, or with port 0
 * every packet. NULL and errno where that is not allowed. */
struct wire *wire_begin(unsigned port);
void wire_read(struct wire *wire);
int wire_descriptor(const struct wire *wire);
/* Takes out the next packet that was read; false if there is none. */
bool wire_next(struct wire *wire, struct play_event *packet);
/* Have 60 ms gone by since the last packet, and since `since`? */
bool wire_is_quiet(const struct wire *wire, long long since);
void wire_end(struct wire *wire);

/* cast.c */
/* Remembers the calls of a known step that is not shown. */
void engine_hidden(struct play *play, const struct play_event *event);
/* Notes that a lesson is known, or was shown in full (`now` false). */
void engine_know(struct play *play, const char *lesson, bool now);
/* What was shown in full is known from now on: a scene is over. */
void engine_know_shown(struct play *play);
bool engine_knows(const struct engine *engine, const char *lesson);
/* The role of this name, made if it is new. */
struct role *engine_role(struct engine *engine, const char *name);
/* Adds an actor for a program, the first word of `program`. Returns the
 * actor's index. */
int engine_actor(struct play *play, const char *role,
                 const char *program);
/* Ends all programs that still run, and forgets the roles. */
void engine_clear(struct play *play);

#endif
