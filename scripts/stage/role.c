/* role.c: who is on the stage, and what each has said. */
#include "parts.h"
#include <stdlib.h>
#include <string.h>

/* ---- the scene, and the cast ---------------------------------------- */

int stage_scene(const struct stage *stage)
{
    const struct play *play = stage_act(stage)->play;

    for (int i = stage_shown(stage) - 1; play != NULL && i >= 0; i--)
        if (play->events[i].kind == PLAY_SCENE)
            return i;
    return 0;
}

void stage_scene_name(const struct stage *stage, char *name,
                      size_t size)
{
    const struct play *play = stage_act(stage)->play;
    int scene = stage_scene(stage);
    const char *heading = "";

    if (play != NULL && scene < play->event_count
        && play->events[scene].kind == PLAY_SCENE)
        heading = play->events[scene].told.text;
    snprintf(name, size, "%.*s", (int)strcspn(heading, ":"), heading);
}

/* Takes the cast from the cue list, so roles yet to start are in it. */
static int read_cast(const struct stage *stage,
                     struct part cast[STAGE_CAST])
{
    const struct act *act = stage_act(stage);
    int scenes = 0, scene = 0, count = 0;

    for (int i = 0; stage->settings.own_count > 0 && act->play != NULL
                    && i < act->play->actor_count && count < STAGE_CAST;
         i++) {
        cast[count] = (struct part){.actor = -1, .last = -1};
        snprintf(cast[count++].role, PLAY_SHORT, "%s",
                 act->play->actors[i].role);
    }
    for (int i = 0; act->play != NULL && i < stage_shown(stage); i++)
        scenes += act->play->events[i].kind == PLAY_SCENE;
    for (int i = 0; i < act->list.count; i++) {
        const struct cue *cue = &act->list.cues[i];
        bool known = false;

        scene += cue->verb == VERB_SCENE;
        if (cue->verb != VERB_START || scene > (scenes > 0 ? scenes : 1)
            || (scene < scenes))
            continue;
        for (int j = 0; j < count; j++)
            known = known || strcmp(cast[j].role, cue->role) == 0;
        if (known || count == STAGE_CAST)
            continue;
        cast[count] = (struct part){.actor = -1, .last = -1};
        snprintf(cast[count++].role, PLAY_SHORT, "%s", cue->role);
    }
    return count;
}

/* Notes where an event leaves the program of a role. */
static void place(struct part *part, const struct play_event *event)
{
    switch (event->kind) {
    case PLAY_START:
    case PLAY_BEFORE:
    case PLAY_CALL:
        part->is = STANDS;
        break;
    case PLAY_BLOCKS:
        part->is = BLOCKED;
        break;
    case PLAY_END:
        part->is = event->told.text[0] != '\0' ? KILLED : GONE;
        snprintf(part->how, sizeof part->how, "%s", event->told.text);
        break;
    default:
        break;
    }
}

int stage_cast(const struct stage *stage, struct part cast[STAGE_CAST])
{
    const struct play *play = stage_act(stage)->play;
    int count = read_cast(stage, cast);

    for (int i = stage_scene(stage);
         play != NULL && i < stage_shown(stage); i++) {
        const struct play_event *event = &play->events[i];

        if (event->actor == -1)
            continue;
        for (int j = 0; j < count; j++)
            if (strcmp(play->actors[event->actor].role, cast[j].role)
                == 0) {
                cast[j].actor = event->actor;
                cast[j].last = i;
                place(&cast[j], event);
            }
    }
    return count;
}

int stage_turn(const struct stage *stage, const struct part *cast,
               int count)
{
    const struct play_step *step = stage_next_step(stage);
    const struct play *play = stage_act(stage)->play;

    if (step == NULL || step->actor == -1)
        return -1;
    for (int i = 0; i < count; i++)
        if (strcmp(play->actors[step->actor].role, cast[i].role) == 0)
            return i;
    return -1;
}

/* ---- its lines ------------------------------------------------------- */

/* For play_lines: the sheet that the lines of an event go to. */
struct filling {
    struct sheet *sheet;
    const char *style;
};

static void take_line(void *context, const char *text)
{
    struct filling *filling = context;

    sheet_add(filling->sheet, filling->style, "%s", text);
}

bool stage_is_over(const struct stage *stage, int index)
{
    const struct play *play = stage_act(stage)->play;
    const struct play_event *blocks = &play->events[index];

    if (blocks->kind != PLAY_BLOCKS)
        return false;
    for (int i = index + 1; i < stage_shown(stage); i++)
        if (play->events[i].kind == PLAY_CALL
            && play->events[i].actor == blocks->actor
            && play->events[i].told.number == blocks->told.number
            && play->events[i].told.child == blocks->told.child
            && play->events[i].told.thread == blocks->told.thread)
            return true;
    return false;
}

/* The style of an event; only the last step is coloured (`fresh`). */
static const char *style_of(enum play_kind kind, int hue, bool fresh)
{
    switch (kind) {
    case PLAY_CALL:
    case PLAY_BLOCKS:
    case PLAY_KNOWN:
        return fresh ? stage_ink(hue, true) : "1";
    case PLAY_KERNEL:
        return fresh ? stage_ink(KERNEL_HUE, true) : "";
    case PLAY_ERROR:
    case PLAY_END:
        return "1";
    default:
        return "";
    }
}

/* The lines of the last step, and what each of them is. */
struct step_lines {
    int first; /* index of its first line in the sheet */
    enum play_kind kinds[512]; /* of this line and those after it */
};

static void add_event(const struct stage *stage, struct sheet *sheet,
                      struct step_lines *step, int index, int hue,
                      int columns)
{
    const struct play *play = stage_act(stage)->play;
    const struct play_event *event = &play->events[index];
    bool fresh = index >= stage_shown_before(stage);
    struct filling filling = {sheet, style_of(event->kind, hue, fresh)};
    int from = sheet->count;

    if (event->kind == PLAY_START && sheet->count > 0)
        sheet_add(sheet, "", "%s", "");
    if (event->kind == PLAY_CALL || event->kind == PLAY_BLOCKS
        || event->kind == PLAY_KNOWN)
        step->first = from;
    if (event->kind == PLAY_END && event->told.text[0] != '\0')
        sheet_add(sheet, filling.style, "(%s)", event->told.text);
    else
        play_lines(event, columns, take_line, &filling);
    for (int i = from; i < sheet->count && i - step->first < 512; i++)
        if (i >= step->first)
            step->kinds[i - step->first] = event->kind;
}

/* If the last step has more lines than fit, leaves out remarks, from its
 * end on, and keeps the call and what the kernel holds. */
static void shorten(struct sheet *sheet, const struct step_lines *step,
                    int columns, int rows)
{
    int keep = rows, kept = step->first, cut = -1;

    for (int i = step->first; i < sheet->count; i++)
        keep -= step->kinds[i - step->first] != PLAY_MEANS
                && step->kinds[i - step->first] != PLAY_CAME;
    for (int i = step->first; i < sheet->count; i++) {
        bool remark = step->kinds[i - step->first] == PLAY_MEANS
                      || step->kinds[i - step->first] == PLAY_CAME;

        if (remark && keep-- <= 0) {
            free(sheet->lines[i].text);
            cut = cut == -1 ? kept - 1 : cut;
            continue;
        }
        sheet->lines[kept++] = sheet->lines[i];
    }
    sheet->count = kept;
    if (cut >= step->first) {
        struct line *line = &sheet->lines[cut];
        const char *end = screen_cut(line->text, columns - 4);
        char *text;

        while (*end != '\0' && *end != ' ' && end > line->text)
            end--; /* only whole words */
        text = memory_text("%.*s ...", (int)(end - line->text),
                           line->text);
        free(line->text);
        line->text = text;
    }
}

int stage_role_lines(const struct stage *stage, struct sheet *sheet,
                     const struct part *part, int hue, int columns,
                     int rows, bool whole)
{
    const struct play *play = stage_act(stage)->play;
    struct step_lines step = {.first = 0};
    int old = 0;

    sheet_clear(sheet);
    if (part->actor == -1)
        return 0;
    for (int i = stage_scene(stage); i < stage_shown(stage); i++) {
        const struct play_event *event = &play->events[i];

        if (event->actor == -1 || stage_is_over(stage, i)
            || strcmp(play->actors[event->actor].role, part->role) != 0)
            continue;
        add_event(stage, sheet, &step, i, hue, columns);
        if (i < stage_shown_before(stage))
            old = sheet->count;
    }
    if (!whole && sheet->count - step.first > rows
        && sheet->count - step.first < 512)
        shorten(sheet, &step, columns, rows);
    return sheet->count - old;
}
