/* engine.c: the life of a play, whoever chooses what comes next. It never
 * blocks.
 */
#include "verbs.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { AGAIN = 5 }; /* ms to the next try, if poll cannot tell */

void play_next(struct play *play)
{
    struct engine *engine = play->engine;

    if (!engine->asking
        || (engine->chooser->next != NULL
            && !engine->chooser->next(play)))
        return;
    engine->asking = false;
    engine->granted = true;
    play->steps = memory_for(play->steps, (size_t)play->step_count + 1,
                             sizeof *play->steps);
    if (play->lessons[play->lesson].first_step == -1)
        play->lessons[play->lesson].first_step = play->step_count;
    play->steps[play->step_count++] = play->asked;
    engine->heard = now_us();
}

/* ---- the life of a play -------------------------------------------- */

/* May we use descriptors above CUE_FD, for cues (programs.c)? */
static void count_descriptors(struct play *play)
{
    enum { LEAST = 64 };
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < LEAST)
        engine_broken(play, 1,
                      "a process may have %lu descriptors here, a play"
                      " takes %d; try: ulimit -n %d",
                      (unsigned long)limit.rlim_cur, LEAST, LEAST);
}

struct play *play_open(const struct play_settings *settings)
{
    struct play *play = memory_for(NULL, 1, sizeof *play);
    struct engine *engine = memory_for(NULL, 1, sizeof *engine);
    int count = settings->lesson_count;

    *play = (struct play){.engine = engine, .lesson_count = count};
    *engine = (struct engine){
        .root = memory_copy(settings->root),
        .chooser =
            settings->own_count > 0 ? &choose_own : &follow_lists,
        .pauses = settings->pauses,
        .by_hand = settings->by_hand,
        .familiar = settings->familiar,
        .brisk = settings->brisk,
        .heard = now_us(),
        .scene = -1,
    };
    engine->build = build_begin(settings->root);
    play->lessons =
        memory_for(NULL, (size_t)count + 1, sizeof *play->lessons);
    for (int i = 0; i < count; i++) {
        play->lessons[i] =
            (struct play_lesson){.first_event = -1, .first_step = -1};
        snprintf(play->lessons[i].name, sizeof play->lessons[i].name,
                 "%s", settings->lessons[i]);
    }
    engine->chooser->begin(play, settings);
    if (play->status == 0)
        count_descriptors(play);
    if (play->status == 0 && records_begin() == -1)
        engine_broken(play, 1, "/dev/urandom: %s", strerror(errno));
    if (play->status == 0 && programs_begin(true) == -1)
        engine_broken(play, 1, "the player cannot start a process: %s",
                      strerror(errno));
    if (settings->wire)
        engine->wire = wire_begin(settings->shared ? play->port : 0);
    if (play->status == 0 && play->taken != 0) {
        char *text = memory_text("Port %u is taken on this machine, so"
                                 " we use %u.",
                                 play->taken, play->port);

        engine_note(play, PLAY_NOTE, -1, text);
        free(text);
    }
    return play;
}

/* Reads what all programs have written. */
static void collect(struct play *play)
{
    struct engine *engine = play->engine;

    for (int i = 0; i < play->actor_count; i++) {
        long before = engine->programs[i].heard;

        if (engine->programs[i].pid != 0)
            program_read(&engine->programs[i], i);
        if (engine->programs[i].heard != before)
            engine->heard = now_us();
    }
    if (engine->wire != NULL)
        wire_read(engine->wire);
}

enum play_state play_work(struct play *play)
{
    struct engine *engine = play->engine;

    if (play->status != 0)
        return PLAY_BROKEN;
    build_work(engine->build);
    collect(play);
    return play->status != 0 ? PLAY_BROKEN
                             : engine->chooser->work(play);
}

int play_watch(const struct play *play, struct pollfd *fds, int most,
               int *timeout)
{
    const struct engine *engine = play->engine;
    int count = 0, make = build_work(engine->build);

    *timeout = engine->soon ? AGAIN : engine->chooser->pause;
    if (engine->wire != NULL && most > 0)
        fds[count++] = (struct pollfd){
            .fd = wire_descriptor(engine->wire), .events = POLLIN};
    if (make != -1 && count < most)
        fds[count++] = (struct pollfd){.fd = make, .events = POLLIN};
    for (int i = 0; i < play->actor_count; i++) {
        const struct program *program = &engine->programs[i];

        if (program->out != -1 && count < most)
            fds[count++] =
                (struct pollfd){.fd = program->out, .events = POLLIN};
        else if (program->pid != 0 && !program->reaped)
            *timeout = AGAIN;
    }
    return count;
}

static void free_engine(struct play *play)
{
    struct engine *engine = play->engine;

    engine_clear(play);
    if (engine->chooser->end != NULL)
        engine->chooser->end(play);
    build_end(engine->build);
    wire_end(engine->wire);
    for (int i = 0; i < engine->known_count; i++)
        free(engine->known[i]);
    for (int i = 0; i < engine->shown_count; i++)
        free(engine->shown[i]);
    free(engine->known);
    free(engine->shown);
    free(engine->programs);
    free(engine->root);
    free(engine);
}

void play_close(struct play *play)
{
    if (play == NULL)
        return;
    for (int i = 0; i < play->event_count; i++)
        records_free(&play->events[i]);
    if (play->engine != NULL)
        free_engine(play);
    free(play->lessons);
    free(play->actors);
    free(play->events);
    free(play->steps);
    for (int i = 0; i < play->path_count; i++)
        free(play->paths[i]);
    free(play->paths);
    free(play);
}
