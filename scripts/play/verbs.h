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

/* Up to which event a program is heard. */
enum until {
    UNTIL_CALL, /* it stops for its cue */
    UNTIL_BLOCKS, /* its call blocks */
    UNTIL_SERVES, /* a call blocks; cues on the way were given */
    UNTIL_END,
    UNTIL_EITHER, /* it stops for its cue, or ends */
    UNTIL_HALT, /* it ends, whatever it passes on the way */
    UNTIL_RECORD, /* the cue's record */
    UNTIL_OTHERS, /* the same, of other threads and processes */
};

/* A role of the scene. */
struct role {
    char name[PLAY_SHORT], host[PLAY_SHORT];
    char words[PLAY_SHORT]; /* for what it starts there */
    int actor; /* -1: it has only a host yet */
    int column;
};

struct wire; /* what passes on the loopback */

struct engine {
    char *root;
    struct wire *wire; /* NULL: it is not looked at */
    struct cue_list *lists; /* one a lesson */
    int read; /* how many were read */
    struct build *build;
    struct program *programs; /* one an actor */
    bool *ending; /* of an actor: the cue list has it ended */
    char (*stands)[PLAY_SHORT * 4]; /* the call it stopped before */
    struct role roles[PLAY_ROLES];
    int role_count, columns;
    int cue, phase; /* which line of the list, and how far in it */
    int given; /* cues that this line has given */
    bool elastic; /* it gives as many as it takes */
    bool asking, granted;
    bool hiding; /* a known step: its lines are not kept */
    bool soon; /* something is to be tried again */
    bool pauses;
    int scene; /* index of the event that began it */
    char **known, **shown; /* lessons; shown: in this list, in full */
    int known_count, shown_count;
    struct play_event last_kernel; /* of a known step */
    char calls[256]; /* and its calls */
    int first_call; /* number of the first of them */
    long long began, heard, until; /* times */
};

/* engine.c and inbox.c */
long long engine_now(const struct play *play);
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
/* Has the wire, where it is looked at, come to rest? */
bool engine_settled(struct play *play);
/* Keeps what an actor has said, up to there. */
enum progress engine_hear(struct play *play, int actor,
                          enum until until, const struct cue *cue);

/* verbs.c */
enum progress engine_verb(struct play *play, const struct cue *cue);

/* If an actor was killed by somebody else, the play is broken. */
void engine_look_for_killed(struct play *play, int actor);

/* start.c: the verbs of that name */
enum progress engine_start(struct play *play, const struct cue *cue);
enum progress engine_serve(struct play *play, const struct cue *cue);

/* wire.c. wire_begin: NULL and errno where that is not allowed. */
struct wire *wire_begin(void);
void wire_read(struct wire *wire, long long now);
int wire_descriptor(const struct wire *wire);
/* Keeps what has passed and was not kept yet. */
void wire_place(struct play *play, struct wire *wire);
/* Has nothing passed for a while, nor since then? */
bool wire_is_quiet(const struct wire *wire, long long since);
void wire_end(struct wire *wire);

/* cast.c */
/* What a step said that is not shown: its calls are remembered. */
void engine_hidden(struct play *play, const struct play_event *event);
/* Notes that a lesson is known, or was shown in full (`now` false). */
void engine_know(struct play *play, const char *lesson, bool now);
bool engine_knows(const struct engine *engine, const char *lesson);
/* The role of this name, which may be new. */
struct role *engine_role(struct engine *engine, const char *name);
/* A place for another program, the first word of `program`. Returns the
 * actor's index. */
int engine_actor(struct play *play, const char *role,
                 const char *program);
/* Ends all programs that still run; the roles are forgotten. */
void engine_clear(struct play *play);

#endif
