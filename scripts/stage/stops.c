/* stops.c: what the stage shows at the moment; the lowest part of it. */
#include "parts.h"

struct act *stage_act(const struct stage *stage)
{
    return &stage->acts[stage->act];
}

const struct stop *stage_stop(const struct stage *stage)
{
    const struct act *act = stage_act(stage);

    return stage->at < act->count ? &act->stops[stage->at] : NULL;
}

int stage_shown(const struct stage *stage)
{
    const struct stop *stop = stage_stop(stage);
    const struct act *act = stage_act(stage);

    if (stop != NULL)
        return stop->shown;
    /* With --wire a result is shown only once its frames have come. */
    if (stage->options.wire && act->count > 0)
        return act->stops[act->count - 1].shown;
    return act->play != NULL ? act->play->event_count : 0;
}

int stage_shown_before(const struct stage *stage)
{
    const struct act *act = stage_act(stage);
    int at = stage->at - 1;

    /* What the stop before this one showed is old. */
    return at >= 0 && at < act->count ? act->stops[at].shown : 0;
}

const struct play_step *stage_step(const struct act *act, int index)
{
    if (act->play == NULL || index < 0)
        return NULL;
    return index < act->play->step_count ? &act->play->steps[index]
                                         : &act->play->asked;
}

const struct play_step *stage_next_step(const struct stage *stage)
{
    const struct act *act = stage_act(stage);
    const struct stop *stop = stage_stop(stage);

    if (stop == NULL)
        return act->play != NULL && act->play->step_count > 0
                   ? stage_step(act, act->play->step_count - 1)
                   : NULL;
    return stop->kind == STOP_STEP ? stage_step(act, stop->step) : NULL;
}

const struct play_step *stage_last_step(const struct stage *stage)
{
    const struct act *act = stage_act(stage);
    const struct stop *stop = stage_stop(stage);
    const struct play_step *step, *next = NULL;

    if (stop == NULL || act->play == NULL
        || (stop->kind == STOP_STEP && stop->step == 0))
        return NULL;
    step = stage_step(act, stop->step == -1 ? act->play->step_count - 1
                                            : stop->step - 1);
    if (stop->kind == STOP_STEP)
        next = stage_step(act, stop->step);
    if (step == NULL || step->actor == -1
        || (next != NULL && step->scene != next->scene))
        return NULL;
    return step;
}

const struct play_step *stage_choices(const struct stage *stage)
{
    const struct act *act = stage_act(stage);
    const struct stop *stop = stage_stop(stage);

    if (stage->settings.own_count == 0 || act->play == NULL)
        return NULL;
    if (stop != NULL)
        return stop->kind == STOP_STEP ? stage_step(act, stop->step)
                                       : NULL;
    return stage_next_step(stage);
}

int stage_seconds(const struct stage *stage)
{
    return stage->running && stage_stop(stage) == NULL
               ? (int)((now_us() - stage->since) / 1000000)
               : 0;
}

bool stage_wire_has_pane(const struct stage *stage)
{
    return stage->options.wire
           && (screen_now()->columns >= STAGE_WIDE
               || screen_now()->rows >= STAGE_WIRE_ROWS);
}

const char *stage_play_note(const struct stage *stage)
{
    const struct play *play = stage_act(stage)->play;
    const char *note = "";
    int lines = 0;

    for (int i = stage_shown_before(stage);
         play != NULL && i < stage_shown(stage); i++)
        if (play->events[i].kind == PLAY_NOTE
            && play->events[i].actor == -1
            && play->events[i].told.text[0] != '\0')
            note = lines++ == 0 ? play->events[i].told.text : "";
    return note; /* several notes are shown in a pane */
}

bool stage_reads(const struct play_step *step)
{
    bool reads = false;

    for (int i = 0; i < step->choice_count; i++)
        reads = reads || step->choices[i].reads;
    return reads;
}
