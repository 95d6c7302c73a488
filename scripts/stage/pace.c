/* pace.c: which steps need a key of their own in a lecture (--period).
 * A call that its program has made before, on the same line, needs none if
 * what the last one gave was seen before, too: after the same key it is
 * made as well. */
#include "parts.h"
#include <stdlib.h>
#include <string.h>

void pace_forget(struct act *act)
{
    while (act->told_count > 0)
        free(act->told[--act->told_count]);
}

/* Notes that this was seen; frees it. True if it was not seen before. */
static bool is_first(struct act *act, char *what)
{
    for (int i = 0; i < act->told_count; i++)
        if (strcmp(act->told[i], what) == 0) {
            free(what);
            return false;
        }
    act->told = memory_for(act->told, (size_t)act->told_count + 1,
                           sizeof *act->told);
    act->told[act->told_count++] = what;
    return true;
}

bool pace_needs_key(const struct stage *stage, struct act *act)
{
    const struct play *play = act->play;
    const struct play_step *asked = &play->asked, *last;
    bool needed = !stage->settings.brisk || play->step_count == 0;

    if (needed)
        return true;
    last = &play->steps[play->step_count - 1];
    for (int i = last->first; i < play->event_count; i++) {
        const struct play_event *event = &play->events[i];
        const struct play_record *told = &event->told;

        if (event->kind == PLAY_END || event->kind == PLAY_NOTE)
            needed = true;
        if (event->actor != -1
            && (event->kind == PLAY_CALL || event->kind == PLAY_BLOCKS))
            needed |= is_first(
                act, memory_text("%s %d %s %d %d",
                                 play->actors[event->actor].program,
                                 told->line, told->error,
                                 told->result == 0, event->kind));
    }
    needed |= asked->actor == -1 || asked->ends
              || asked->scene != last->scene;
    if (asked->actor != -1)
        needed |= is_first(
            act,
            memory_text("%s %d", play->actors[asked->actor].program,
                        asked->line));
    return needed;
}
