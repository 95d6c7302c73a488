/* What the parts of the stage share: stage.c runs it, stage_walk.c goes
 * from stop to stop, stage_keys.c says what the keys do, stage_view.c
 * paints the panes, stage_role.c fills them, stage_source.c marks the
 * source, stage_bar.c has the lines below, stage_ask.c the questions,
 * stage_wire.c the frames. */
#ifndef STAGE_PARTS_H
#define STAGE_PARTS_H

#include "engine.h"
#include "pane.h"
#include "screen.h"
#include "stage.h"

enum { STAGE_COLUMNS = 80, STAGE_ROWS = 24 }; /* the least */

/* Where a lesson can stand still: before a step, at the end of a scene,
 * of itself, or where it broke off. */
enum stop_kind { STOP_STEP, STOP_SCENE, STOP_END, STOP_BROKEN };
struct stop {
    enum stop_kind kind;
    int step; /* STOP_STEP, STOP_SCENE: index of the one that is next */
    int shown; /* so many events have happened */
    int frames; /* and so many frames have passed */
};

/* A frame, as lesson 13 shows it: a line for each layer, and what the
 * third of them says. */
struct frame {
    char layers[4][1024];
    unsigned from, to; /* ports */
    char flags[16]; /* "SYN+ACK"; of a datagram "" */
    unsigned long seq, ack;
};

/* A lesson of the stage. What was recorded of it stays, also when its
 * programs are ended so that another lesson can be played. */
struct act {
    const char *name;
    struct play *play; /* NULL until it was begun */
    struct cue_list list; /* for the cast, before it enters */
    struct stop *stops;
    int count;
    struct frame *frames;
    int frame_count;
    bool left; /* its programs were ended before its end */
    bool whole; /* what other lessons have shown is played, too */
};

extern struct stage {
    struct play_settings settings;
    struct stage_options options;
    struct act *acts;
    int count;
    int act, at; /* what is looked at: stops[at] of that act */
    int live; /* the act that is played, or -1 */
    bool running; /* its cue was given and is being answered ... */
    long long since; /* ... for so long; play_clock() */
    int goal, goal_part; /* it runs on to this step; 0: it does not */
    bool anew; /* ... which takes a lesson up that was left */
    bool help, leaving; /* the keys are shown; q was pressed */
    bool dark; /* nothing is shown, until the next key */
    bool asks; /* `g` was pressed */
    char typed[16]; /* after `g` */
    char note[256]; /* for the line of keys, until the next key */
    bool swapped; /* the wire is in the place of the source */
    int status; /* of the end; -1 before it */
} stage;

/* ---- stage_walk.c: from stop to stop ------------------------------- */

/* The act and the stop that are looked at. While a step runs, there is
 * no stop yet: NULL. */
struct act *stage_act(void);
const struct stop *stage_stop(void);

/* How many events are to be shown, and how many before the last step. */
int stage_shown(void);
int stage_shown_before(void);

/* The step that is next at the stop, or is being made; NULL if none. */
const struct play_step *stage_step(const struct act *act, int index);
const struct play_step *stage_next_step(void);

/* For how long the step that is looked at has been under way. */
int stage_seconds(void);

/* Takes over what the play has come to. */
void stage_advance(enum play_state state);

/* One step on, one back; to the start of a lesson, to where the play of
 * this one stands. A lesson that has not been played begins. */
void stage_forward(void);
void stage_back(void);
void stage_go_to_lesson(int act);
void stage_go_to_end(void);

/* Plays the lesson that is looked at anew. */
void stage_again(void);

/* To "05:14", "5:14.2" or "14" (of this lesson): before that step is
 * made. Where it was left out, because another lesson has shown it, the
 * lesson is played whole. A word that is no such step is said in
 * stage.note: false. */
bool stage_jump(const char *word);

/* ---- stage_keys.c --------------------------------------------------- */

void stage_key(int key);

/* ---- the cast, and what it is doing: stage_role.c ------------------- */

enum { STAGE_CAST = PLAY_ROLES };

/* A role of the scene, at the stop that is looked at. */
struct part {
    char role[PLAY_SHORT];
    int actor; /* the last one that plays it, or -1 */
    enum { ABSENT, STANDS, BLOCKED, GONE, KILLED } is;
    int last; /* index of the last event of it, -1 */
    char how[160]; /* KILLED: how */
};

/* The roles of this scene, in their order. Returns how many. */
int stage_cast(struct part cast[STAGE_CAST]);

/* The role that is next, or that runs: index into cast, -1: nobody. */
int stage_turn(const struct part *cast, int count);

/* The lines of a role, for a pane of so many columns and rows. With
 * `whole` all of them; else the last step as well as it fits. */
void stage_role_lines(struct sheet *sheet, const struct part *part,
                      int hue, int columns, int rows, bool whole);

/* Index of the event that began the scene that is looked at. */
int stage_scene(void);
/* The scene's name: its heading up to the colon. */
void stage_scene_name(char *name, size_t size);

/* ---- stage_source.c ------------------------------------------------- */

/* Fills in the source of a program and returns the index of the line
 * that is marked: the call of the step. -1: none. */
int stage_source_lines(struct sheet *sheet, const char *program,
                       int line, const char *call);

/* ---- stage_bar.c ---------------------------------------------------- */

/* How many rows it takes. */
int stage_bar_rows(void);
void stage_paint_bar(const struct part *cast, int count, int hidden);
void stage_help_lines(struct sheet *sheet);

/* ---- stage_ask.c ---------------------------------------------------- */

/* Reads the file of questions. 0, or -1: why is on standard error. */
int stage_read_questions(const char *root);

/* The question before the step that is next, with its port filled in;
 * "" if there is none. */
void stage_question(char *text, size_t size);

/* ---- stage_view.c --------------------------------------------------- */

/* Styles: SGR numbers. Colours of middling brightness, legible on a
 * light and on a dark ground, only add to what words say. */
const char *stage_ink(int hue, bool bold);
const char *stage_ground(int hue);
extern const int stage_hues[3];
enum { KERNEL_HUE = 29, COMMENT_HUE = 244 };

void stage_paint(void);

/* Has the wire a pane of its own, or the place of the source? */
bool stage_wire_has_pane(void);

/* Which pane the arrows scroll, and + and - change. */
void stage_next_pane(int direction);
void stage_scroll(int rows);
void stage_resize_pane(int rows);

/* The panes show the last lines again, after a step. */
void stage_settle(void);

/* ---- stage_wire.c --------------------------------------------------- */

/* Makes sure that lesson 13 may watch; begins the program anew in a
 * network of its own if need be. 0, or -1: why is on standard error. */
int stage_wire_rights(char **argv);

/* Watches the play's port. */
void stage_wire_begin(unsigned port);
void stage_wire_again(void); /* in the next scene, if it was lost */
void stage_wire_end(void);
/* Are all frames up to now here? Asks for them; ask again later. */
bool stage_wire_settled(void);
/* Its descriptor, or -1; reads what has come. */
int stage_wire_fd(void);
void stage_wire_read(void);
/* Milliseconds until it gives up, or -1. */
int stage_wire_timeout(void);
/* How many frames the act that is played has seen. */
int stage_wire_count(void);
/* What is wrong with it: "has ended", or "". */
const char *stage_wire_lost(void);

/* ---- stage_frames.c ------------------------------------------------- */

void stage_wire_lines(struct sheet *sheet, int columns, int rows);
/* How many of the frames are of the last step. */
int stage_new_frames(void);

#endif
