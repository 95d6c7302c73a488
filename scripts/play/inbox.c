/* inbox.c: takes what the programs of a play say out of their inboxes,
 * and notes where each program stands.
 */
#include "verbs.h"
#include <string.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Notes where an event leaves its program. */
static void place(struct play *play, int actor,
                  struct play_event *event)
{
    struct program *program = &play->engine->programs[actor];
    struct play_actor *who = &play->actors[actor];

    if (event->told.line != 0)
        who->line = event->told.line;
    if (event->kind == PLAY_BEFORE) {
        snprintf(program->stands, sizeof program->stands, "%s",
                 event->told.text);
        who->at = strcmp(event->told.call, "getchar") == 0
                      ? PLAY_AT_HOLD
                      : PLAY_AT_CALL;
    } else if (event->kind == PLAY_BLOCKS) {
        who->at = PLAY_IN_CALL;
    } else if (event->kind == PLAY_END) {
        who->at = PLAY_ENDED;
        who->line = 0;
    } else if (event->kind == PLAY_CALL) {
        who->at = PLAY_AT_WORK;
    }
}

enum progress engine_astray(struct play *play, int actor,
                            const char *wanted)
{
    const struct engine *engine = play->engine;
    const struct play_actor *who = &play->actors[actor];
    const struct cue *cue =
        &engine->lists[play->lesson].cues[engine->cue];
    const int status = engine->programs[actor].status;

    if (who->at == PLAY_ENDED)
        return engine_broken(play, 1,
                             "%s ended with status %d, not at %s (%s, "
                             "line %d)",
                             who->program, WEXITSTATUS(status), wanted,
                             cue->path, cue->line);
    return engine_broken(
        play, 1, "%s is at %s, not at %s (%s, line %d)", who->program,
        engine->programs[actor].stands, wanted, cue->path, cue->line);
}

/* Packets of a call are kept before its result: the wire must be quiet. */
static bool may_keep(struct play *play, const struct play_event *next)
{
    return (next->kind != PLAY_CALL && next->kind != PLAY_END)
           || engine_settled(play);
}

/* Is this from another thread than the first, or from a child, whose
 * records come through the same pipe? Words count as such: any thread may
 * have printed them. */
static bool is_other(const struct play_event *event)
{
    return event->kind == PLAY_WORDS || event->told.child > 0
           || event->told.thread > 1;
}

/* The next event to take, NULL if it has not come yet: of a role that is
 * `apart` the next of the others, or of the first thread, which is moved
 * to the front of the inbox. */
static const struct play_event *next_of(struct program *program,
                                        bool apart, enum until until)
{
    struct play_event *first = &program->inbox[program->taken], found;
    int at = program->taken;

    if (!apart)
        return program_said(program) ? first : NULL;
    while (at < program->count
           && is_other(&program->inbox[at]) != (until == UNTIL_OTHERS))
        at++;
    if (at == program->count)
        return NULL;
    found = program->inbox[at];
    memmove(first + 1, first,
            (size_t)(at - program->taken) * sizeof found);
    *first = found;
    return first;
}

/* Lets one of the others go on; if they have ended, program_read will
 * notice. */
static void cue_others(const struct program *program)
{
    if (program->others != -1 && write(program->others, ".", 1) == -1)
        return;
}

/* The PLAY_CALL record of the call that an event is about, or NULL. */
static const struct play_record *returned(
    const struct play *play, int actor, const struct play_event *event)
{
    const struct play_record *told = &event->told;

    if (event->kind == PLAY_CALL)
        return told;
    for (int i = play->event_count - 1; i >= 0; i--) {
        const struct play_event *one = &play->events[i];

        if (one->kind == PLAY_CALL && one->actor == actor
            && one->told.number == told->number
            && one->told.child == told->child
            && one->told.thread == told->thread)
            return &one->told;
    }
    return NULL;
}

/* Is it the record that the cue names: KIND [CALL [RESULT]]? */
static bool is_record(const struct play *play, int actor,
                      const struct play_event *event,
                      const struct cue *cue)
{
    size_t size = strcspn(cue->text, " \t");
    const char *wanted = cue->text + size;
    const struct play_record *call;
    enum play_kind kind = cue->kind;
    char result[24];

    if (kind == PLAY_KERNEL && size > 0
        && strncmp(cue->text, "close", size) == 0 && !closed_is_told())
        kind = PLAY_MEANS; /* without /proc this is told last */
    if (event->kind != kind
        || (size > 0
            && (strncmp(event->told.call, cue->text, size) != 0
                || event->told.call[size] != '\0')))
        return false;
    wanted += strspn(wanted, " \t");
    if (wanted[0] == '\0')
        return true;
    call = returned(play, actor, event);
    if (call == NULL)
        return false;
    snprintf(result, sizeof result, "%ld", call->result);
    return strcmp(wanted, result) == 0
           || strcmp(wanted, call->error) == 0;
}

enum progress engine_hear(struct play *play, int actor,
                          enum until until, const struct cue *cue)
{
    struct engine *engine = play->engine;
    struct program *program = &engine->programs[actor];
    struct play_actor *who = &play->actors[actor];
    const struct play_event *next;

    while ((next = next_of(program, who->apart, until)) != NULL
           && may_keep(play, next)) {
        struct play_event event = *program_next(program);
        enum play_kind kind = event.kind;
        bool found = false, other = is_other(&event);

        if (!other)
            place(play, actor, &event);
        if (until == UNTIL_RECORD || until == UNTIL_OTHERS)
            found = is_record(play, actor, &event, cue);
        if (who->hidden || engine->hiding) {
            engine_hidden(play, &event);
            records_free(&event);
        } else {
            engine_keep(play, &event);
        }
        if (found || (kind == PLAY_END && (until & UNTIL_END)))
            return GO;
        if (other && kind == PLAY_BEFORE)
            cue_others(program);
        if (other)
            continue;
        if ((kind == PLAY_BLOCKS && (until & UNTIL_BLOCKS))
            || (kind == PLAY_BEFORE && (until & UNTIL_CALL)))
            return GO;
        if (kind == PLAY_BEFORE && until == UNTIL_BLOCKS)
            return engine_broken(play, 1,
                                 "%s did not block; did others call "
                                 "port %u? %s is at %s (%s, line %d)",
                                 cue->calls, play->port, who->program,
                                 program->stands, cue->path, cue->line);
        if (kind == PLAY_END
            || (kind == PLAY_BEFORE && !(until & PASSES)))
            return engine_astray(play, actor,
                                 until & UNTIL_CALL ? "its next call"
                                 : until & UNTIL_BLOCKS ? "a call that "
                                                          "blocks"
                                 : until & UNTIL_END    ? "its end"
                                                     : "that record");
    }
    return STAY;
}
