/* keep.c: what a play keeps, and the cue that it asks for. The lowest part
 * of the engine: the verbs and engine.c stand on it.
 */
#include "verbs.h"
#include <string.h>

/* ---- what is kept -------------------------------------------------- */

void engine_keep(struct play *play, struct play_event *event)
{
    event->lesson = play->lesson;
    event->step = play->step_count - 1;
    play->events =
        memory_for(play->events, (size_t)play->event_count + 1,
                   sizeof *play->events);
    play->events[play->event_count++] = *event;
    if (play->step_count > 0)
        play->steps[play->step_count - 1].end = play->event_count;
}

void engine_note(struct play *play, enum play_kind kind, int actor,
                 const char *text)
{
    struct play_event event;

    records_make(&event, kind, text);
    event.actor = actor;
    engine_keep(play, &event);
}

enum progress engine_broken(struct play *play, int status,
                            const char *format, ...)
{
    va_list list;

    play->status = status;
    va_start(list, format);
    vsnprintf(play->why, sizeof play->why, format, list);
    va_end(list);
    return BROKEN;
}

/* ---- cues ---------------------------------------------------------- */

/* Fills in play->asked: the step that this cue makes. */
static void describe(struct play *play, const struct cue *cue,
                     int actor, bool ends)
{
    struct engine *engine = play->engine;
    struct play_step *step = &play->asked;
    const struct play_actor *who =
        actor == -1 ? NULL : &play->actors[actor];

    *step = (struct play_step){
        .lesson = play->lesson,
        .actor = actor,
        .ends = ends,
        .number = cue->number + engine->given,
        .first = play->event_count,
        .end = play->event_count,
        .scene = engine->scene,
    };
    if (cue->steps == '+') {
        step->number = cue->number;
        step->part = engine->given + 1;
    }
    if (who == NULL) {
        snprintf(step->prompt, sizeof step->prompt, "%s", cue->text);
        return;
    }
    step->before = who->at;
    step->line = who->line;
    snprintf(step->call, sizeof step->call, "%.*s",
             (int)strcspn(engine->programs[actor].stands, "("),
             engine->programs[actor].stands);
    snprintf(
        step->prompt, sizeof step->prompt, "%.63s: %.189s", who->role,
        ends                      ? "its program ends"
        : who->at == PLAY_AT_HOLD ? "another look at the kernel"
                                  : engine->programs[actor].stands);
}

/* A watched wire must be quiet: an ACK may come a little later. */
bool engine_settled(struct play *play)
{
    struct engine *engine = play->engine;
    struct play_event packet;

    if (engine->wire == NULL)
        return true;
    engine->soon = !wire_is_quiet(engine->wire, engine->heard);
    while (!engine->soon && wire_next(engine->wire, &packet))
        engine_keep(play, &packet);
    return !engine->soon;
}

void engine_take_wire(struct play *play)
{
    struct play_event packet;

    if (play->engine->wire == NULL)
        return;
    wire_read(play->engine->wire);
    while (wire_next(play->engine->wire, &packet))
        engine_keep(play, &packet);
}

enum progress engine_ask(struct play *play, const struct cue *cue,
                         int actor, char letter)
{
    struct engine *engine = play->engine;

    if (!engine->granted && !engine_settled(play))
        return STAY;
    if (!engine->granted) {
        describe(play, cue, actor, letter == 'q');
        engine->asking = true;
        return ASK;
    }
    engine->granted = false;
    engine->given++;
    if (actor != -1) {
        program_cue(&engine->programs[actor], letter, 1);
        play->actors[actor].at = PLAY_AT_WORK;
    }
    return GO;
}
