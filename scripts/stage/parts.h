/* What the parts of the stage share: stage.c runs it, commands.c says what
 * the keys do, walk.c goes from stop to stop, view.c paints the panes,
 * role.c, source.c and frames.c fill them, bar.c has the lines below, ask.c
 * the questions; stops.c says what is shown at the moment, ink.c in which
 * style; network.c gets the right to see the wire. */
#ifndef STAGE_PARTS_H
#define STAGE_PARTS_H

#include "../play/engine.h"
#include "pane.h"
#include "../play/screen.h"
#include "stage.h"

enum { STAGE_COLUMNS = 80, STAGE_ROWS = 24 }; /* the least */
enum {
    STAGE_WIDE = 145, /* columns: two panes stand side by side */
    STAGE_WIRE_ROWS = 30 /* rows: the wire has its own pane */
};

/* Where a lesson can stand still: before a step, at the end of a scene
 * or of the lesson, or where it broke off. */
enum stop_kind { STOP_STEP, STOP_SCENE, STOP_END, STOP_BROKEN };
struct stop {
    enum stop_kind kind;
    int step; /* STOP_STEP, STOP_SCENE: index of the next step */
    int shown; /* events so far */
};

/* A lesson of the stage. Its recording stays even when its programs are
 * ended so that another lesson can be played. */
struct act {
    const char *name;
    struct play *play; /* NULL until it was begun */
    struct cue_list list; /* for roles that have not started yet */
    struct stop *stops;
    int count;
    bool left; /* its programs were ended before its end */
    char **told; /* in a lecture: calls and results that were seen */
    int told_count;
    bool whole; /* steps known from other lessons are played, too */
};

struct stage {
    struct play_settings settings;
    struct stage_options options;
    struct act *acts;
    int count;
    int act, at; /* what is shown: stops[at] of that act */
    int live; /* the act whose programs run, or -1 */
    bool running; /* its cue was given and is being answered ... */
    long long since; /* ... since this time of now_us() */
    int goal, goal_part; /* it runs on to this step; 0: it does not */
    bool anew; /* ... because a lesson that was left is played again */
    bool help, leaving; /* the keys are shown; q was pressed */
    bool on; /* the result of the last step has been seen */
    bool withholds; /* the source of the next call has no place beside
                     * it: it comes at the next Enter (stage_lay_out) */
    bool dark; /* nothing is shown until the next key */
    bool asks; /* `g` was pressed */
    bool types; /* `t` was pressed: a line for a program */
    char typed[160]; /* after `g` or `t` */
    char note[256]; /* shown instead of the keys until the next key */
    int settles; /* counts the steps after which scrolling is undone */
    bool swapped; /* the wire is in the place of the source */
    int status; /* to exit with; -1: go on, -2: --auto starts over */
};

/* ---- stops.c: what is shown at the moment --------------------------- */

/* The act and the stop that are shown. While a step runs, there is no
 * stop yet: NULL. */
struct act *stage_act(const struct stage *stage);
const struct stop *stage_stop(const struct stage *stage);

/* How many events are shown, and how many were before the last step. */
int stage_shown(const struct stage *stage);
int stage_shown_before(const struct stage *stage);

/* The act's step of this index; the next, or running, one; or NULL. */
const struct play_step *stage_step(const struct act *act, int index);
const struct play_step *stage_next_step(const struct stage *stage);

/* The step whose result is shown; NULL before the first one of a scene,
 * while one runs, and if it is no program's. */
const struct play_step *stage_last_step(const struct stage *stage);

/* Programs of one's own: the step whose choices are shown; NULL: none. */
const struct play_step *stage_choices(const struct stage *stage);

/* The note of the play's own that came with the last step, or "". */
const char *stage_play_note(const struct stage *stage);
/* Does a program of one's own read its input? */
bool stage_reads(const struct play_step *step);
/* For how many seconds the step that is shown has been running. */
int stage_seconds(const struct stage *stage);

/* Does the wire fit in a pane of its own? */
bool stage_wire_has_pane(const struct stage *stage);

/* ---- walk.c: from stop to stop -------------------------------------- */

/* Adds the stop that the play has reached; `state` is of play_work. */
void stage_advance(struct stage *stage, enum play_state state);

/* One step on, one back; to the start of a lesson (which begins, if it
 * has not been played); to where this lesson stands. */
void stage_forward(struct stage *stage);
void stage_back(struct stage *stage);
void stage_go_to_lesson(struct stage *stage, int act);
void stage_go_to_end(struct stage *stage);

/* A step was begun by other means than a cue: it runs. */
void stage_run_on(struct stage *stage);

/* Plays the lesson that is shown again. */
void stage_again(struct stage *stage);

/* Goes to just before step "05:14", "5:14.2" or "14" (of this lesson).
 * If that was left out because another lesson has shown it, the lesson
 * is played whole. False if there is no such step: stage.note says why. */
bool stage_jump(struct stage *stage, const char *word);

/* ---- commands.c --------------------------------------------------- */

void stage_key(struct stage *stage, int key);

/* ---- the cast, and what it is doing: role.c ------------------- */

enum { STAGE_CAST = PLAY_ROLES };

/* A role of the scene, at the stop that is shown. */
struct part {
    char role[PLAY_SHORT];
    int actor; /* the latest that plays it, or -1 */
    enum { ABSENT, STANDS, BLOCKED, GONE, KILLED } is;
    int last; /* index of its last event, or -1 */
    char how[160]; /* KILLED: how */
};

/* The roles of this scene, in their order. Returns how many. */
int stage_cast(const struct stage *stage, struct part cast[STAGE_CAST]);

/* Whose turn it is, or whose step runs: index into cast; -1: nobody. */
int stage_turn(const struct stage *stage, const struct part *cast,
               int count);

/* The lines of a role, for a pane of this many columns and rows. Unless
 * `whole`, the last step is shortened if it does not fit. Returns how many
 * lines at the end are of the last step. */
int stage_role_lines(const struct stage *stage, struct sheet *sheet,
                     const struct part *part, int hue, int columns,
                     int rows, bool whole);

/* Does the event say that a call blocks, which has returned since? */
bool stage_is_over(const struct stage *stage, int index);

/* Index of the event that began the scene that is shown. */
int stage_scene(const struct stage *stage);
/* The scene's name: its heading up to the colon. */
void stage_scene_name(const struct stage *stage, char *name,
                      size_t size);

/* ---- source.c ------------------------------------------------- */

/* A call in a source. */
struct spot {
    int line; /* from 1; 0: none; -1: it is not shown */
    const char *call; /* "bind" */
    bool blocks; /* it has not returned yet */
};

/* A source, and which of its lines are to be seen, from the call made
 * last to the next one: the indexes of the first and the last; -1: none.
 */
struct excerpt {
    struct sheet sheet;
    int from, to;
    int made; /* the call made last */
};

/* Reads a source, "" for none, with `count` calls that were made in it,
 * the last one first, and the next one, or NULL; marks that and the last,
 * this in the style. */
void stage_read_source(struct excerpt *excerpt, const char *path,
                       const struct spot *before, int count,
                       const struct spot *next, const char *style);
/* How many of its lines are to be seen, comments and empty ones left
 * out; and leaves these out. */
int stage_source_rows(const struct excerpt *excerpt);
void stage_fold_source(struct excerpt *excerpt);

/* ---- bar.c ---------------------------------------------------- */

/* How many rows the bar takes. */
int stage_bar_rows(const struct stage *stage);
void stage_paint_bar(const struct stage *stage, const struct part *cast,
                     int count, int hidden);
void stage_help_lines(const struct stage *stage, struct sheet *sheet);

/* ---- ask.c ---------------------------------------------------- */

/* Reads the file of questions. 0, or -1: why is on standard error. */
int stage_read_questions(const char *root);

/* The question before the next step, with the port filled in; "" if
 * there is none, or if another step has answered it. */
void stage_question(const struct stage *stage, char *text, size_t size);
/* The next step answers its question. */
void stage_answer(const struct stage *stage);

/* ---- ink.c ---------------------------------------------------------- */

/* Styles: SGR numbers. The colours are of medium brightness, legible on
 * light and dark backgrounds, and only repeat what the words say. */
const char *stage_ink(int hue, bool bold);
const char *stage_ground(int hue);
int stage_hue(int column); /* of the roles, in their order */
enum { KERNEL_HUE = 29, COMMENT_HUE = 244 };

/* ---- view.c --------------------------------------------------------- */

/* Lays out what is shown now, and notes whether a source is withheld. */
void stage_lay_out(struct stage *stage);
/* Paints what stage_lay_out has laid out. */
void stage_paint(const struct stage *stage);

/* Chooses the next pane (-1: the previous); scrolls it; resizes it. */
void stage_next_pane(int direction);
void stage_scroll(int rows);
void stage_resize_pane(int rows);

/* ---- frames.c ------------------------------------------------------- */

void stage_wire_lines(const struct stage *stage, struct sheet *sheet,
                      int columns);
/* How many segments and datagrams are of the last step. */
int stage_new_segments(const struct stage *stage);

/* ---- pace.c ----------------------------------------------------- */

/* Does the step that is asked for need a key of its own? */
bool pace_needs_key(const struct stage *stage, struct act *act);
/* A lesson is played from its beginning again, or no more. */
void pace_forget(struct act *act);

#endif
