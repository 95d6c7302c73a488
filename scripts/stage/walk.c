/* walk.c: goes from stop to stop. What was played is kept, so a
 * step back shows the same ports and times again; a step beyond what was
 * played gives the next cue. */
#include "parts.h"
#include "../play/verbs.h"
#include <stdlib.h>
#include <string.h>

/* ---- the play that is live ------------------------------------------ */

static void set_going(struct stage *stage)
{
    stage->running = true;
    stage->since = now_us();
}

static void add_stop(struct act *act, enum stop_kind kind, int step,
                     int shown)
{
    act->stops = memory_for(act->stops, (size_t)act->count + 1,
                            sizeof act->stops[0]);
    act->stops[act->count++] = (struct stop){
        .kind = kind,
        .step = step,
        .shown = shown,
    };
}

/* Ends the programs of the live act; what they said is kept. */
static void leave_live(struct stage *stage)
{
    struct act *act;

    if (stage->live == -1)
        return;
    act = &stage->acts[stage->live];
    if (act->count == 0 || act->stops[act->count - 1].kind < STOP_END)
        act->left = true;
    engine_clear(act->play);
    stage->live = -1;
    stage->running = false;
    stage->goal = 0;
    stage->anew = false;
}

/* The lessons that are known, or have been played to their end, as one
 * text. */
static char *played(struct stage *stage)
{
    const char *known = stage->settings.played;
    char *names = memory_copy(known != NULL ? known : "");

    for (int i = 0; i < stage->count; i++) {
        const struct act *act = &stage->acts[i];
        char *more;

        if (act->count == 0
            || act->stops[act->count - 1].kind != STOP_END)
            continue;
        more = memory_text("%s %s", names, act->name);
        free(names);
        names = more;
    }
    return names;
}

/* Plays a lesson from its beginning, and shows it. */
static void begin(struct stage *stage, int index)
{
    struct act *act = &stage->acts[index];
    struct play_settings settings = stage->settings;
    char *before, *name[2] = {memory_copy(act->name), NULL};

    leave_live(stage);
    play_close(act->play);
    act->count = 0;
    pace_forget(act);
    act->left = false;
    before = played(stage);
    settings.lessons = name;
    settings.lesson_count = 1;
    settings.played = act->whole ? NULL : before;
    settings.pauses = true;
    settings.wire = stage->options.wire;
    settings.shared = !stage_wire_own();
    act->play = play_open(&settings);
    free(before);
    free(name[0]);
    stage->act = stage->live = index;
    stage->at = 0;
    set_going(stage);
}

/* Is this the step with that number and part, or a later one? */
static bool reached(const struct play_step *step, int number, int part)
{
    return step == NULL || step->number > number
           || (step->number == number
               && (part == 0 || step->part >= part));
}

static void say(struct stage *stage, const char *format,
                const char *what)
{
    snprintf(stage->note, sizeof stage->note, format, what);
}

void stage_advance(struct stage *stage, enum play_state state)
{
    struct act *act = &stage->acts[stage->live];
    const struct play *play = act->play;
    bool looking = stage->act == stage->live && stage->at >= act->count;
    int before = act->count, last = play->step_count - 1;

    if (state == PLAY_BROKEN && !stage->running && before > 0
        && act->stops[before - 1].kind == STOP_STEP) {
        /* A program was killed while it waited for its cue. */
        add_stop(act, STOP_BROKEN, -1, play->event_count);
        if (stage->act == stage->live && stage->at == before - 1)
            stage->at = before;
        return;
    }
    if (!stage->running || state == PLAY_RUNS)
        return;
    if (state == PLAY_ASKS && !pace_needs_key(stage, act)) {
        play_next(act->play);
        return;
    }
    stage->running = false;
    if (state == PLAY_ASKS) {
        if (last >= 0 && play->asked.scene != play->steps[last].scene)
            add_stop(act, STOP_SCENE, last + 1, play->asked.scene);
        add_stop(act, STOP_STEP, last + 1, play->event_count);
    } else {
        add_stop(act, state == PLAY_DONE ? STOP_END : STOP_BROKEN, -1,
                 play->event_count);
    }
    if (stage->goal > 0 && state == PLAY_ASKS
        && !reached(&play->asked, stage->goal, stage->goal_part)) {
        if (looking)
            stage->at = act->count;
        set_going(stage);
        play_next(act->play);
        return;
    }
    if (looking) {
        stage->at = stage->goal > 0 ? act->count - 1 : before;
        stage->on = stage->goal > 0;
    }
    stage->goal = 0;
    if (stage->anew)
        say(stage, "%s",
            "played anew up to here: other ports, other times");
    stage->anew = false;
    stage->settles++;
}

void stage_run_on(struct stage *stage)
{
    stage->at = stage_act(stage)->count;
    set_going(stage);
}

/* ---- by hand --------------------------------------------------------- */

void stage_again(struct stage *stage)
{
    begin(stage, stage->act);
    stage->settles++;
}

/* The lesson was left and its programs are gone: plays it again, up to
 * the step before which it stood. */
static void take_up(struct stage *stage)
{
    const struct play_step *step = stage_next_step(stage);
    int number = step != NULL ? step->number : 1;
    int part = step != NULL ? step->part : 0;

    begin(stage, stage->act);
    stage->goal = number;
    stage->goal_part = part;
    stage->anew = true;
}

/* Says why Enter makes no call; what the play has said of it stays. */
static void nobody_can(struct stage *stage, const struct act *act)
{
    if (stage_reads(&act->play->asked))
        say(stage, "%s", "a program reads its input: t types a line");
    else if (stage_play_note(stage)[0] == '\0')
        say(stage, "%s", "nobody can make a call now; q ends the play");
}

void stage_forward(struct stage *stage)
{
    const struct stop *stop = stage_stop(stage);
    struct act *act = stage_act(stage);

    if (stop == NULL)
        return; /* the step has not been made yet */
    stage->settles++;
    stage_lay_out(stage);
    stage->on = stage->withholds;
    if (stage->on)
        return;
    if (stage->at < act->count - 1) {
        stage->at++;
    } else if (stop->kind == STOP_BROKEN) {
        begin(stage, stage->act);
    } else if (stop->kind == STOP_END) {
        if (stage->act + 1 < stage->count)
            stage_go_to_lesson(stage, stage->act + 1);
        else if (stage->options.every >= 0)
            stage->status = -2; /* all over again */
    } else if (act->left) {
        take_up(stage);
    } else if (stage->settings.own_count > 0
               && act->play->chosen == -1) {
        nobody_can(stage, act);
    } else {
        stage_answer(stage);
        stage->at = act->count;
        set_going(stage);
        play_next(act->play);
    }
}

void stage_back(struct stage *stage)
{
    bool on = stage->on;

    stage->on = false;
    stage_lay_out(stage);
    stage->settles++;
    if (on && stage->withholds)
        return;
    stage->on = true; /* the source, and then the result */
    if (stage->at > 0)
        stage->at--;
    else if (stage->act > 0 && stage->acts[stage->act - 1].count > 0)
        stage->at = stage->acts[--stage->act].count - 1;
    else
        say(stage, "%s",
            stage->act > 0 ? "p shows the lesson before this one"
                           : "this is the first step");
}

void stage_go_to_lesson(struct stage *stage, int index)
{
    if (index < 0 || index >= stage->count)
        return;
    stage->settles++;
    /* A lesson that was left before its first step has nothing to show. */
    if (stage->acts[index].play == NULL
        || (stage->acts[index].count == 0 && stage->live != index)) {
        begin(stage, index);
    } else {
        stage->act = index;
        stage->at = 0;
        stage->on = true;
    }
}

void stage_go_to_end(struct stage *stage)
{
    const struct act *act = stage_act(stage);

    stage->at = stage->live == stage->act && stage->running
                    ? act->count
                    : act->count - 1;
    stage->on = true;
    stage->settles++;
}

/* The act of this name, "5" standing for "05"; -1 if there is none. */
static int find_act(struct stage *stage, const char *name, size_t size)
{
    char text[PLAY_SHORT];

    snprintf(text, sizeof text, "%s%.*s", size == 1 ? "0" : "",
             (int)(size < 60 ? size : 60), name);
    for (int i = 0; i < stage->count; i++)
        if (strcmp(stage->acts[i].name, text) == 0)
            return i;
    return -1;
}

/* The index of the stop before this step, or -1 if there is none yet. */
static int find_stop(const struct act *act, int number, int part)
{
    for (int i = 0; i < act->count; i++)
        if (act->stops[i].kind == STOP_STEP
            && reached(stage_step(act, act->stops[i].step), number,
                       part))
            return i;
    return -1;
}

/* Was this step left out because it is known from another lesson? */
static bool leaves_out(const struct act *act, int number, int found)
{
    const struct play_step *step =
        found != -1 ? stage_step(act, act->stops[found].step) : NULL;

    if (act->play == NULL || act->whole
        || (step != NULL && step->number <= number))
        return false;
    for (int i = 0; i < act->list.count; i++) {
        const struct cue *cue = &act->list.cues[i];

        if (cue->verb == VERB_KNOWN && cue->number <= number
            && number < cue->number + cue->count)
            return engine_knows(act->play->engine, cue->text);
    }
    return false;
}

bool stage_jump(struct stage *stage, const char *word)
{
    const char *colon = strchr(word, ':');
    int index = stage->act, found, part = 0;
    bool anew;
    char *end;
    long number;
    struct act *act;
    int most;

    if (colon != NULL)
        index = find_act(stage, word, (size_t)(colon - word));
    number = strtol(colon != NULL ? colon + 1 : word, &end, 10);
    if (*end == '.')
        part = (int)strtol(end + 1, &end, 10);
    if (index == -1) {
        say(stage, "%s: that lesson is not in this play", word);
        return false;
    }
    act = &stage->acts[index];
    most = act->list.steps;
    if (stage->settings.own_count > 0 && act->play != NULL)
        most = act->play->asked.number; /* nobody knows how many come */
    if (*end != '\0' || number < 1 || number > most) {
        snprintf(stage->note, sizeof stage->note,
                 "'%s' is no step: %s %s has 1 to %d", word,
                 stage->settings.own_count > 0 ? "the play" : "lesson",
                 act->name, most);
        return false;
    }
    found = find_stop(act, (int)number, part);
    if (found == -1 && (act->play == NULL || act->left))
        begin(stage, index);
    if (leaves_out(act, (int)number, found)) {
        anew = act->count > 0;
        act->whole = true;
        begin(stage, index);
        stage->anew = anew;
        found = -1;
    }
    stage->act = index;
    stage->on = true;
    if (found != -1) {
        stage->at = found;
    } else {
        stage->at = act->count;
        stage->goal = (int)number;
        stage->goal_part = part;
        if (!stage->running && act->count > 0
            && act->stops[act->count - 1].kind == STOP_STEP) {
            set_going(stage);
            play_next(act->play);
        } else if (!stage->running) {
            stage->goal = 0; /* it ended before that step */
            stage->at = act->count - 1;
        }
    }
    stage->settles++;
    return true;
}
