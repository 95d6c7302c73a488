/* threads.c: all threads of a program except the first, and its children.
 * Their records come through the same pipe as those of the first.
 */
#include "engine.h"
#include <string.h>
#include <unistd.h>

bool program_is_other(const struct play_event *event)
{
    return event->kind == PLAY_WORDS || event->told.child > 0
           || event->told.thread > 1;
}

struct play_event *program_of(struct program *program, bool other)
{
    int at = program->taken;
    struct play_event found;

    while (at < program->count
           && program_is_other(&program->inbox[at]) != other)
        at++;
    if (at == program->count)
        return NULL;
    found = program->inbox[at];
    memmove(program->inbox + program->taken + 1,
            program->inbox + program->taken,
            (size_t)(at - program->taken) * sizeof found);
    program->inbox[program->taken] = found;
    return &program->inbox[program->taken];
}

void program_cue_others(struct program *program)
{
    if (program->others != -1 && write(program->others, ".", 1) == -1)
        return; /* they have ended: program_read will notice */
}
