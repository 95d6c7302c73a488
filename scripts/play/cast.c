/* cast.c: who plays which role, and what the audience knows already. */
#include "verbs.h"
#include <stdlib.h>
#include <string.h>

/* ---- what is known ------------------------------------------------- */

/* A lesson goes by its number: "03" for 03_listen. */
static char *lesson_number(const char *name)
{
    return memory_text("%.*s", (int)strspn(name, "0123456789"), name);
}

void engine_know(struct play *play, const char *lesson, bool now)
{
    struct engine *engine = play->engine;
    char ***list = now ? &engine->known : &engine->shown;
    int *count = now ? &engine->known_count : &engine->shown_count;

    *list = memory_for(*list, (size_t)*count + 1, sizeof **list);
    (*list)[(*count)++] = lesson_number(lesson);
}

void engine_know_shown(struct play *play)
{
    struct engine *engine = play->engine;

    for (int i = 0; i < engine->shown_count; i++) {
        engine_know(play, engine->shown[i], true);
        free(engine->shown[i]);
    }
    engine->shown_count = 0;
}

bool engine_knows(const struct engine *engine, const char *lesson)
{
    char *number = lesson_number(lesson);
    bool known = false;

    for (int i = 0; i < engine->known_count; i++)
        known = known || strcmp(engine->known[i], number) == 0;
    free(number);
    return known;
}

void engine_hidden(struct play *play, const struct play_event *event)
{
    struct engine *engine = play->engine;
    const struct play_record *told = &event->told;

    if (!engine->hiding)
        return;
    if (event->kind == PLAY_CALL && engine->first_call == 0)
        engine->first_call = told->number;
    if (event->kind == PLAY_KERNEL) {
        records_free(&engine->last_kernel);
        records_make(&engine->last_kernel, PLAY_KERNEL, told->text);
        engine->last_kernel.actor = event->actor;
        engine->last_kernel.told.sock = told->sock;
        engine->last_kernel.told.number = told->number;
        engine->last_kernel.told.line = told->line;
    }
}

/* ---- the actors ---------------------------------------------------- */

struct role *engine_role(struct engine *engine, const char *name)
{
    struct role *role = engine->roles;

    for (int i = 0; i < engine->role_count; i++, role++)
        if (strcmp(role->name, name) == 0)
            return role;
    *role = (struct role){.actor = -1, .column = -1};
    snprintf(role->name, sizeof role->name, "%s", name);
    engine->role_count += engine->role_count < PLAY_ROLES - 1;
    return role;
}

/* Adds an actor, and its place in each array of the engine. */
int engine_actor(struct play *play, const char *role,
                 const char *program)
{
    struct engine *engine = play->engine;
    size_t count = (size_t)play->actor_count + 1;
    struct play_actor *who;

    play->actors =
        memory_for(play->actors, count, sizeof *play->actors);
    engine->programs =
        memory_for(engine->programs, count, sizeof *engine->programs);
    who = &play->actors[play->actor_count];
    *who = (struct play_actor){.at = PLAY_AT_WORK};
    snprintf(who->role, sizeof who->role, "%s", role);
    snprintf(who->program, sizeof who->program, "%.*s",
             (int)strcspn(program, " \t"), program);
    engine->programs[play->actor_count] = (struct program)NO_PROGRAM;
    return play->actor_count++;
}

void engine_clear(struct play *play)
{
    struct engine *engine = play->engine;

    for (int i = 0; i < play->actor_count; i++) {
        if (engine->programs[i].pid == 0)
            continue;
        program_end(&engine->programs[i]);
        play->actors[i].at = PLAY_ENDED;
    }
    programs_clean();
    records_free(&engine->last_kernel);
    engine->role_count = engine->columns = 0;
}
