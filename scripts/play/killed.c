/* killed.c: when somebody else has killed a program: that breaks the play;
 * but if a person makes the steps, those that are left go on, without
 * their cue list.
 */
#include "verbs.h"
#include "../common/signals.h"
#include <sys/wait.h>

void engine_look_for_killed(struct play *play, int actor)
{
    struct engine *engine = play->engine;
    const struct program *program = &engine->programs[actor];
    struct play_actor *who = &play->actors[actor];
    char name[16];

    if (!program->reaped || !WIFSIGNALED(program->status)
        || program->ending || who->killed)
        return;
    who->killed = true;
    who->at = PLAY_ENDED;
    engine_broken(play, 1, "%s was killed by %s", who->program,
                  signals_name(WTERMSIG(program->status), name));
    engine_note(play, PLAY_END, actor, play->why);
    if (!engine->by_hand)
        return;
    play->status = 0;
    engine->killed = true;
    engine->asking = engine->granted = engine->hiding = false;
    engine->phase = engine->given = 0;
}

/* Takes what a program says. Is it to be waited for? */
static bool is_busy(struct play *play, int actor, bool has_cue)
{
    struct program *program = &play->engine->programs[actor];
    const struct play_actor *who = &play->actors[actor];

    if (program->pid == 0)
        return false;
    if (who->at == PLAY_AT_WORK || who->at == PLAY_IN_CALL)
        engine_hear(play, actor, UNTIL_ANY, NULL);
    return (who->at == PLAY_AT_WORK && has_cue)
           || (who->at == PLAY_IN_CALL
               && (program_said(program) || !program_sleeps(program)));
}

/* Who goes on: the one that had the last cue, or else the first that
 * stands before a call; or else at a hold, which ends it. */
static int find_survivor(const struct play *play, int last)
{
    int found = -1;

    for (int i = 0; i < play->actor_count; i++) {
        enum play_at at = play->actors[i].at;

        if (play->engine->programs[i].pid == 0)
            continue;
        if (at == PLAY_AT_CALL
            && (i == last || found == -1
                || play->actors[found].at == PLAY_AT_HOLD))
            found = i;
        else if (at == PLAY_AT_HOLD && found == -1)
            found = i;
    }
    return found;
}

enum progress engine_go_on(struct play *play)
{
    struct engine *engine = play->engine;
    const struct play_step *last =
        play->step_count == 0 ? NULL
                              : &play->steps[play->step_count - 1];
    int actor = last == NULL ? -1 : last->actor;
    struct cue cue = {.text = (char[]){""},
                      .number = last == NULL ? 1 : last->number + 1};

    engine->soon = true;
    if (engine->granted && last != NULL)
        engine_ask(play, &cue, actor, last->ends ? 'q' : '.');
    engine->given = 0;
    for (int i = 0; i < play->actor_count; i++)
        if (is_busy(play, i, i == actor))
            return STAY;
    engine->soon = false;
    actor = find_survivor(play, actor);
    if (actor != -1)
        return engine_ask(play, &cue, actor,
                          play->actors[actor].at == PLAY_AT_HOLD ? 'q'
                                                                 : '.');
    play->status = 1;
    return BROKEN;
}
