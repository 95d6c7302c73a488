/* follow.c: carries out the cue lists, one verb after the other, as far
 * as the programs have come. What a program writes waits in its inbox
 * until a verb takes it out. So events are kept in the order of the cue
 * list, however fast the programs are.
 */
#include "verbs.h"
#include <stdlib.h>
#include <string.h>

enum { STUCK = 60 }; /* seconds without news: then the play is broken */

/* For cues_programs: has a program compiled. */
static void needs(void *context, const char *program)
{
    build_add(context, program);
}

static void known_before(struct play *play, const char *names)
{
    char *copy = memory_copy(names);

    for (char *name = strtok(copy, " "); name != NULL;
         name = strtok(NULL, " "))
        engine_know(play, name, true);
    free(copy);
}

/* Chooses the port; play->taken is the one wanted, if it was taken. */
static void find_port(struct play *play,
                      const struct play_settings *settings)
{
    unsigned wanted = settings->port != 0 ? settings->port : 8888;

    play->port = wanted;
    if (settings->exact || port_is_free(wanted))
        return;
    play->taken = wanted;
    play->port = port_choose();
    if (play->port == 0)
        engine_broken(play, 1, "no free port found instead of %u",
                      wanted);
}

static void begin(struct play *play,
                  const struct play_settings *settings)
{
    struct engine *engine = play->engine;

    engine->lists = memory_for(NULL, (size_t)play->lesson_count + 1,
                               sizeof *engine->lists);
    if (settings->played != NULL)
        known_before(play, settings->played);
    for (int i = 0; i < play->lesson_count; i++) {
        struct play_lesson *lesson = &play->lessons[i];

        engine->read = i + 1;
        if (cues_read(&engine->lists[i], settings, lesson->name,
                      play->why, sizeof play->why)
            == -1) {
            play->status = 2;
            return;
        }
        lesson->steps = engine->lists[i].steps;
        cues_programs(&engine->lists[i], needs, engine->build);
    }
    find_port(play, settings);
}

/* A lesson is over: ends its programs; from now on it is known. */
static void next_lesson(struct play *play)
{
    struct engine *engine = play->engine;

    engine_clear(play);
    engine_know_shown(play);
    engine_know(play, play->lessons[play->lesson].name, true);
    engine->cue = 0;
    play->lesson++;
}

static enum play_state state_of(enum progress progress)
{
    return progress == ASK      ? PLAY_ASKS
           : progress == BROKEN ? PLAY_BROKEN
                                : PLAY_RUNS;
}

static enum play_state work(struct play *play)
{
    struct engine *engine = play->engine;

    for (int i = 0; i < play->actor_count; i++)
        engine_look_for_killed(play, i);
    if (play->status != 0)
        return PLAY_BROKEN;
    if (engine->asking)
        return PLAY_ASKS;
    if (engine->killed)
        return state_of(engine_go_on(play));
    while (play->lesson < play->lesson_count) {
        const struct cue_list *list = &engine->lists[play->lesson];
        const struct cue *cue = &list->cues[engine->cue];
        enum progress progress;

        if (play->lessons[play->lesson].first_event == -1)
            play->lessons[play->lesson].first_event = play->event_count;
        if (engine->cue == list->count && !engine_settled(play))
            return PLAY_RUNS;
        if (engine->cue == list->count) {
            next_lesson(play);
            continue;
        }
        progress = engine_verb(play, cue);
        if (progress == GO) {
            engine->cue++;
            engine->phase = engine->given = 0;
            continue;
        }
        if (progress == STAY
            && now_us() - engine->heard > STUCK * 1000000LL)
            progress = engine_broken(play, 1,
                                     "nothing came for a minute; did "
                                     "others call port %u? (%s, line "
                                     "%d)",
                                     play->port, cue->path, cue->line);
        return state_of(progress);
    }
    return PLAY_DONE;
}

static void end(struct play *play)
{
    struct engine *engine = play->engine;

    for (int i = 0; i < engine->read; i++)
        cues_free(&engine->lists[i]);
    free(engine->lists);
}

const struct chooser follow_lists = {
    .begin = begin, .work = work, .end = end, .pause = 1000};
