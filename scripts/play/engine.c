/* engine.c: carries out the cue lists, one verb after the other, as far
 * as the programs have come; it never blocks. What a program writes
 * waits in its inbox until a verb takes it out. So events are kept in
 * the order of the cue list, however fast the programs are.
 */
#include "verbs.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    STUCK = 60, /* seconds without news: then the play is broken */
    AGAIN = 5, /* milliseconds to the next try, if poll cannot tell */
};

void play_next(struct play *play)
{
    struct engine *engine = play->engine;

    if (!engine->asking || (engine->own != NULL && !own_next(play)))
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

struct play *play_open(const struct play_settings *settings)
{
    struct play *play = memory_for(NULL, 1, sizeof *play);
    struct engine *engine = memory_for(NULL, 1, sizeof *engine);
    int count = settings->lesson_count;

    *play = (struct play){.engine = engine, .lesson_count = count};
    *engine = (struct engine){
        .root = memory_copy(settings->root),
        .pauses = settings->pauses,
        .by_hand = settings->by_hand,
        .familiar = settings->familiar,
        .brisk = settings->brisk,
        .heard = now_us(),
        .scene = -1,
    };
    engine->build = build_begin(settings->root);
    if (settings->own_count > 0)
        engine->own = own_begin(settings);
    engine->lists =
        memory_for(NULL, (size_t)count + 1, sizeof *engine->lists);
    play->lessons =
        memory_for(NULL, (size_t)count + 1, sizeof *play->lessons);
    if (settings->played != NULL)
        known_before(play, settings->played);
    for (int i = 0; i < count; i++) {
        struct play_lesson *lesson = &play->lessons[i];

        *lesson =
            (struct play_lesson){.first_event = -1, .first_step = -1};
        snprintf(lesson->name, sizeof lesson->name, "%s",
                 settings->lessons[i]);
        if (engine->own != NULL)
            continue;
        engine->read = i + 1;
        if (cues_read(&engine->lists[i], settings, lesson->name,
                      play->why, sizeof play->why)
            == -1) {
            play->status = 2;
            break;
        }
        lesson->steps = engine->lists[i].steps;
        cues_programs(&engine->lists[i], needs, engine->build);
    }
    if (play->status == 0)
        count_descriptors(play);
    if (play->status == 0 && records_begin() == -1)
        engine_broken(play, 1, "/dev/urandom: %s", strerror(errno));
    if (play->status == 0 && programs_begin() == -1)
        engine_broken(play, 1, "the player cannot start a process: %s",
                      strerror(errno));
    if (play->status == 0 && engine->own == NULL)
        find_port(play, settings);
    else
        play->port = settings->port != 0 ? settings->port : 8888;
    if (settings->wire)
        engine->wire = wire_begin(settings->shared ? play->port : 0);
    if (play->status == 0 && play->taken != 0) {
        char *text = memory_text("Port %u is taken on this machine, so "
                                 "we"
                                 " use %u.",
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
        if (engine->own == NULL)
            engine_look_for_killed(play, i);
    }
    if (engine->wire != NULL)
        wire_read(engine->wire);
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

enum play_state play_work(struct play *play)
{
    struct engine *engine = play->engine;

    if (play->status != 0)
        return PLAY_BROKEN;
    build_work(engine->build);
    collect(play);
    if (engine->own != NULL)
        return own_work(play);
    if (play->status != 0)
        return PLAY_BROKEN;
    if (engine->asking)
        return PLAY_ASKS;
    if (engine->killed) {
        enum progress progress = engine_go_on(play);

        return progress == ASK      ? PLAY_ASKS
               : progress == BROKEN ? PLAY_BROKEN
                                    : PLAY_RUNS;
    }
    while (play->lesson < play->lesson_count) {
        const struct cue_list *list = &engine->lists[play->lesson];
        enum progress progress;

        if (play->lessons[play->lesson].first_event == -1)
            play->lessons[play->lesson].first_event = play->event_count;
        if (engine->cue == list->count && !engine_settled(play))
            return PLAY_RUNS;
        if (engine->cue == list->count) {
            next_lesson(play);
            continue;
        }
        progress = engine_verb(play, &list->cues[engine->cue]);
        if (progress == BROKEN)
            return PLAY_BROKEN;
        if (progress == ASK)
            return PLAY_ASKS;
        if (progress == GO) {
            engine->cue++;
            engine->phase = engine->given = 0;
            continue;
        }
        if (now_us() - engine->heard > STUCK * 1000000LL) {
            engine_broken(play, 1,
                          "nothing came for a minute; did others call"
                          " port %u? (%s, line %d)",
                          play->port, list->cues[engine->cue].path,
                          list->cues[engine->cue].line);
            return PLAY_BROKEN;
        }
        return PLAY_RUNS;
    }
    return PLAY_DONE;
}

int play_watch(const struct play *play, struct pollfd *fds, int most,
               int *timeout)
{
    const struct engine *engine = play->engine;
    int count = 0, make = build_work(engine->build);

    *timeout = engine->soon ? AGAIN : engine->own ? 100 : 1000;
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
    own_end(engine->own);
    build_end(engine->build);
    wire_end(engine->wire);
    for (int i = 0; i < engine->read; i++)
        cues_free(&engine->lists[i]);
    for (int i = 0; i < engine->known_count; i++)
        free(engine->known[i]);
    for (int i = 0; i < engine->shown_count; i++)
        free(engine->shown[i]);
    free(engine->known);
    free(engine->shown);
    free(engine->lists);
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
