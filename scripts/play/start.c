/* start.c: starts the programs of the roles, once they are compiled. */
#include "verbs.h"
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Does this machine know the name localhost? Usually /etc/hosts has it.
 * getaddrinfo(3). */
static bool knows_localhost(void)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;

    if (getaddrinfo("localhost", NULL, &hints, &list) != 0)
        return false;
    freeaddrinfo(list);
    return true;
}

/* The arguments of a program. If the machine does not know localhost,
 * they have 127.0.0.1 instead, and a note says so. */
static char *words_for(struct play *play, const char *words)
{
    static const char name[] = "localhost";
    const char *at = strstr(words, name);

    if (at == NULL || knows_localhost())
        return memory_copy(words);
    engine_note(play, PLAY_NOTE, -1,
                "(This machine knows no localhost: we take "
                "127.0.0.1.)");
    return memory_text("%.*s127.0.0.1%s", (int)(at - words), words,
                       at + sizeof name - 1);
}

/* start and serve: starts the program once it is compiled. */
static enum progress start(struct play *play, const struct cue *cue,
                           bool hidden)
{
    struct engine *engine = play->engine;
    size_t name = strcspn(cue->text, " \t");
    struct role *role = engine_role(engine, cue->role);
    char program[PLAY_SHORT], why[300], *all, *words;
    int built, started;
    bool known = engine->familiar > 0
                 && strtol(play->lessons[play->lesson].name, NULL, 10)
                        >= engine->familiar;

    snprintf(program, sizeof program, "%.*s", (int)name, cue->text);
    built = build_has(engine->build, program);
    if (built == -1)
        return engine_broken(play, 1, "the lessons do not compile");
    if (built == 0) {
        engine->heard = now_us(); /* compiling may take long */
        return STAY;
    }
    if (role->column == -1)
        role->column = engine->columns++;
    role->actor = engine_actor(play, cue->role, program);
    play->actors[role->actor].column = role->column;
    play->actors[role->actor].hidden = hidden;
    play->actors[role->actor].apart = cue->apart;
    snprintf(play->actors[role->actor].host, PLAY_SHORT, "%s",
             role->host);
    all = memory_text("%s%s%s", known ? " -k" : "", cue->text + name,
                      role->words);
    words = words_for(play, all);
    free(all);
    started = program_start(&engine->programs[role->actor],
                            engine->root, program, words, role->host,
                            cue->apart, play->port, why, sizeof why);
    free(words);
    if (started == -1)
        return engine_broken(play, 1, "%s", why);
    if (!hidden)
        engine_note(play, PLAY_START, role->actor, program);
    return GO;
}

enum progress engine_start(struct play *play, const struct cue *cue)
{
    struct engine *engine = play->engine;

    if (engine->phase == 0) {
        enum progress progress = start(play, cue, false);

        if (progress != GO)
            return progress;
        engine->phase = 1;
    }
    return engine_hear(play, engine_role(engine, cue->role)->actor,
                       UNTIL_CALL, NULL);
}

enum progress engine_serve(struct play *play, const struct cue *cue)
{
    struct engine *engine = play->engine;
    enum progress progress;
    char *text;
    int actor;

    if (engine->phase == 0) {
        progress = start(play, cue, true);
        if (progress != GO)
            return progress;
        actor = engine_role(engine, cue->role)->actor;
        program_cue(&engine->programs[actor], '.', cue->count);
        engine->phase = 1;
    }
    actor = engine_role(engine, cue->role)->actor;
    progress = engine_hear(play, actor, UNTIL_SERVES, NULL);
    if (progress != GO)
        return progress;
    text =
        memory_text("(%s serves; its lines are not shown)", cue->text);
    engine_note(play, PLAY_NOTE, -1, text);
    free(text);
    return GO;
}
