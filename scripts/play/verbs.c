/* verbs.c: what each verb of a cue list does (cues.c explains them).
 * engine_verb is called again and again until its verb is done;
 * engine->phase says how far it has come.
 */
#include "verbs.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* ---- cues and what they lead to ------------------------------------ */

/* The program has ended: breaks the play unless with this status. */
static enum progress expect(struct play *play, int actor, int status)
{
    int got = play->engine->programs[actor].status;

    if (WIFEXITED(got) && WEXITSTATUS(got) == status)
        return GO;
    if (WIFSIGNALED(got))
        return engine_broken(play, 1, "%s was ended by signal %d",
                             play->actors[actor].program,
                             WTERMSIG(got));
    return engine_broken(play, 1, "%s ended with status %d, not %d",
                         play->actors[actor].program, WEXITSTATUS(got),
                         status);
}

/* Does the program stand before a call, or before this one? */
static bool stands(const struct play *play, int actor)
{
    enum play_at at = play->actors[actor].at;

    return at == PLAY_AT_CALL || at == PLAY_AT_HOLD;
}

static bool stands_at(const struct play *play, int actor,
                      const char *call)
{
    const char *where = play->engine->programs[actor].stands;
    size_t size = strcspn(where, "(");

    return stands(play, actor) && strlen(call) == size
           && strncmp(where, call, size) == 0;
}

/* Has the cue got where it leads? */
static bool is_there(const struct play *play, const struct cue *cue,
                     int actor)
{
    if (play->engine->phase != 0)
        return false;
    if (cue->until & UNTIL_END)
        return play->actors[actor].at == PLAY_ENDED;
    if (cue->steps == '+')
        return stands_at(play, actor, cue->text);
    return play->engine->given == cue->count;
}

/* If the verb names its calls, the next of them is where the program must
 * stand. */
static enum progress look_where(struct play *play,
                                const struct cue *cue, int actor)
{
    const char *at = cue->calls;
    char call[PLAY_SHORT];

    if (at[0] == '\0')
        return GO;
    for (int i = 0; i < play->engine->given; i++)
        at += strcspn(at, ",") + 1;
    at += strspn(at, " \t");
    snprintf(call, sizeof call, "%.*s", (int)strcspn(at, ", \t"), at);
    return stands_at(play, actor, call)
               ? GO
               : engine_astray(play, actor, call);
}

/* Gives a cue to a program that stands. A step that is hidden is none:
 * nobody is asked. Without a call, `end` and `fail` end the program instead
 * of its next one. */
static enum progress give(struct play *play, const struct cue *cue,
                          int actor)
{
    struct engine *engine = play->engine;
    bool quits = cue->until == UNTIL_END && cue->calls[0] == '\0';

    if (stands(play, actor) && cue->steps != '0' && !engine->hiding)
        return engine_ask(play, cue, actor, quits ? 'q' : '.');
    if (engine->hiding)
        program_cue(&engine->programs[actor], '.', 1);
    engine->given++;
    return GO;
}

static enum progress do_cues(struct play *play, const struct cue *cue,
                             int actor)
{
    struct engine *engine = play->engine;

    while (!is_there(play, cue, actor)) {
        enum progress progress =
            engine->phase == 0 ? look_where(play, cue, actor) : GO;

        if (progress == GO && engine->phase == 0)
            progress = give(play, cue, actor);
        if (progress != GO)
            return progress;
        engine->phase = 1;
        progress = engine_hear(play, actor, cue->until, cue);
        if (progress != GO)
            return progress;
        engine->phase = 0;
    }
    return (cue->until & UNTIL_END) && cue->status != ANY_STATUS
               ? expect(play, actor, cue->status)
               : GO;
}

/* known and brief: hides the steps if they are known, and names their
 * calls instead. */
static enum progress do_known(struct play *play, const struct cue *cue,
                              int actor)
{
    struct engine *engine = play->engine;
    enum progress progress;
    char *text;

    if (engine->given == 0 && engine->phase == 0) {
        engine->first_call = 0;
        engine->hiding =
            cue->verb == VERB_BRIEF || engine_knows(engine, cue->text);
        if (!engine->hiding)
            engine_know(play, cue->text, false);
    }
    progress = do_cues(play, cue, actor);
    if (progress != GO || !engine->hiding)
        return progress;
    engine->hiding = false;
    text = memory_text("%s: as in %s", cue->calls, cue->text);
    engine_note(play, PLAY_KNOWN, actor, text);
    free(text);
    play->events[play->event_count - 1].told.number =
        engine->first_call;
    play->events[play->event_count - 1].told.length = cue->count;
    if (engine->last_kernel.block != NULL)
        engine_keep(play, &engine->last_kernel);
    engine->last_kernel.block = NULL;
    return GO;
}

/* If nobody steps and no wire has to fall quiet between two steps, `run`
 * gives all its cues at once: a reader who turns a page must not be part
 * of the time that a program measures. */
static enum progress do_run(struct play *play, const struct cue *cue,
                            int actor)
{
    struct engine *engine = play->engine;

    if (play->actors[actor].at == PLAY_ENDED || engine->pauses
        || engine->wire != NULL)
        return do_cues(play, cue, actor);
    if (engine->phase == 0)
        program_cue(&engine->programs[actor], '.', 1000);
    engine->phase = 1;
    return engine_hear(play, actor, UNTIL_HALT, NULL) == GO
               ? expect(play, actor, 0)
               : STAY;
}

/* drop and halt. A program that catches SIGTERM may wait for a cue, so it
 * gets `q` too. halt waits until it sleeps: it has done what it can. */
static enum progress do_drop(struct play *play, const struct cue *cue,
                             int actor)
{
    struct engine *engine = play->engine;
    struct program *program = &engine->programs[actor];
    enum progress progress;

    engine->soon = cue->verb == VERB_HALT && engine->phase == 0
                   && !program_sleeps(program);
    if (engine->soon)
        return STAY;
    if (engine->phase == 0) {
        engine->programs[actor].ending = true;
        if (!program->reaped)
            kill(program->pid, SIGTERM);
        program_cue(program, 'q', 1);
        engine->phase = 1;
    }
    engine->hiding = cue->verb == VERB_DROP;
    progress = engine_hear(play, actor, UNTIL_HALT, NULL);
    engine->hiding = false;
    return progress;
}

/* Sends the signal once the program sleeps in the call that it said
 * blocks: on a busy machine it may not have made that call yet. */
static enum progress do_stop(struct play *play, const struct cue *cue,
                             int actor)
{
    struct engine *engine = play->engine;
    char *text;

    if (engine->phase == 0) {
        text = memory_text("(the %s is sent SIGTERM, as by kill)",
                           cue->role);
        engine_note(play, PLAY_NOTE, -1, text);
        free(text);
        engine->phase = 1;
    }
    engine->soon = !program_sleeps(&engine->programs[actor]);
    if (engine->soon)
        return STAY;
    engine->programs[actor].ending = true;
    kill(engine->programs[actor].pid, SIGTERM);
    return GO;
}

/* ---- the other verbs ----------------------------------------------- */

/* shell and prepare: runs a command on a host. `shell` shows it and its
 * output, as notes. */
static enum progress do_shell(struct play *play, const struct cue *cue)
{
    struct engine *engine = play->engine;
    struct play_event *event;
    int actor = play->actor_count - 1;
    bool shown = cue->verb == VERB_SHELL;
    char why[300];

    if (engine->phase == 0) {
        char *text = memory_text("%s$ %s", cue->role, cue->text);

        if (shown)
            engine_note(play, PLAY_NOTE, -1, text);
        free(text);
        actor = engine_actor(play, cue->role, "sh");
        play->actors[actor].hidden = true;
        if (program_shell(&engine->programs[actor], engine->root,
                          cue->role, cue->text, why, sizeof why)
            == -1)
            return engine_broken(play, 1, "%s", why);
        engine->phase = 1;
    }
    while ((event = program_next(&engine->programs[actor])) != NULL) {
        bool ended = event->kind == PLAY_END;

        if (!ended && shown)
            engine_note(play, PLAY_NOTE, -1, event->told.text);
        records_free(event);
        if (ended)
            return GO;
    }
    return STAY;
}

/* host: splits its text into the host and the words. */
static void set_host(struct role *role, const char *text)
{
    size_t size = strcspn(text, " \t");

    snprintf(role->host, sizeof role->host, "%.*s", (int)size, text);
    snprintf(role->words, sizeof role->words, "%s", text + size);
}

static enum progress do_pause(struct play *play, const struct cue *cue)
{
    struct engine *engine = play->engine;
    long long moment = now_us();

    if (engine->phase == 0)
        engine->until = moment + cue->count * 1000000LL;
    engine->phase = 1;
    engine->heard = now_us();
    if (moment >= engine->until)
        return GO;
    engine->soon = true;
    return STAY;
}

static enum progress do_scene(struct play *play, const struct cue *cue)
{
    if (!engine_settled(play))
        return STAY;
    engine_clear(play);
    if (play->engine->brisk)
        engine_know_shown(play);
    engine_note(play, PLAY_SCENE, -1, cue->text);
    play->engine->scene = play->event_count - 1;
    return GO;
}

/* The verbs about a role that has a program. */
static enum progress do_role(struct play *play, const struct cue *cue)
{
    struct engine *engine = play->engine;
    int actor = engine_role(engine, cue->role)->actor;
    const struct play_actor *who = &play->actors[actor];

    if (who->at == PLAY_ENDED && !(cue->until & UNTIL_END)
        && engine->phase == 0)
        return engine_broken(play, 1, "%s has ended (%s, line %d)",
                             who->program, cue->path, cue->line);
    /* A child's end is told by a handler, and only if the narrator is
     * done with the call that said it blocks: see do_stop. */
    engine->soon = cue->until == UNTIL_OTHERS && engine->phase == 0
                   && !program_sleeps(&engine->programs[actor]);
    if (engine->soon)
        return STAY;
    switch (cue->verb) {
    case VERB_KNOWN:
    case VERB_BRIEF:
        return do_known(play, cue, actor);
    case VERB_RUN:
        return do_run(play, cue, actor);
    case VERB_DROP:
    case VERB_HALT:
        return do_drop(play, cue, actor);
    case VERB_STOP:
        return do_stop(play, cue, actor);
    case VERB_SENT:
        engine->soon = !program_sent(&engine->programs[actor]);
        return engine->soon ? STAY : GO;
    case VERB_FREE:
        program_cue(&engine->programs[actor], '.', cue->count);
        play->actors[actor].at = PLAY_AT_WORK;
        return GO;
    case VERB_TYPE:
        program_type(&engine->programs[actor], cue->text);
        return GO;
    default:
        return do_cues(play, cue, actor);
    }
}

enum progress engine_verb(struct play *play, const struct cue *cue)
{
    struct engine *engine = play->engine;

    engine->soon = false;
    switch (cue->verb) {
    case VERB_SCENE:
        return do_scene(play, cue);
    case VERB_START:
        return engine_start(play, cue);
    case VERB_SERVE:
        return engine_serve(play, cue);
    case VERB_HOST:
        set_host(engine_role(engine, cue->role), cue->text);
        return GO;
    case VERB_SAY:
        engine_note(play, PLAY_NOTE, -1, cue->text);
        return GO;
    case VERB_SHELL:
    case VERB_PREPARE:
        return do_shell(play, cue);
    case VERB_PAUSE:
        return do_pause(play, cue);
    case VERB_KEY:
        return engine->pauses ? engine_ask(play, cue, -1, '.') : GO;
    default:
        return do_role(play, cue);
    }
}
