/* stage_frames.c: the frames on the wire as a pane shows them: those of
 * this scene, up to the stop that is shown. */
#include "stage_parts.h"
#include <stdlib.h>
#include <string.h>

enum { NAMES = 40, LAYERS = 4 };

/* Which frames are shown: first to end, new ones from `fresh` on. */
struct span {
    int first, fresh, end;
};

static struct span span(void)
{
    const struct act *act = stage_act();
    struct span span = {0, 0, act->frame_count};

    for (int i = 0; i < stage.at && i < act->count; i++) {
        span.fresh = act->stops[i].frames;
        if (act->stops[i].kind == STOP_SCENE)
            span.first = act->stops[i].frames;
    }
    if (stage.at < act->count)
        span.end = act->stops[stage.at].frames;
    return span;
}

int stage_new_frames(void)
{
    struct span shown = span();

    return shown.end - shown.fresh;
}

/* Does the address "127.0.0.1:41418" have this port? */
static bool has_port(const char *address, unsigned port)
{
    const char *colon = strrchr(address, ':');

    return colon != NULL && strtoul(colon + 1, NULL, 10) == port;
}

/* The actor, if the frame passed in a step that called `connect`. */
static int caller(int index)
{
    const struct act *act = stage_act();

    for (int i = 1; i <= act->count; i++) {
        int end =
            i < act->count ? act->stops[i].frames : act->frame_count;
        const struct play_step *step =
            act->stops[i - 1].kind == STOP_STEP
                ? stage_step(act, act->stops[i - 1].step)
                : NULL;

        if (index < end && index >= act->stops[i - 1].frames)
            return step != NULL && strcmp(step->call, "connect") == 0
                       ? step->actor
                       : -1;
    }
    return -1;
}

/* The actor whose port this is: what the kernel holds of its sockets says
 * so, or the SYN that its `connect` sent. -1 if unknown. */
static int owner(unsigned port)
{
    const struct act *act = stage_act();
    struct span shown = span();
    int who = -1;

    for (int i = stage_scene(); i < stage_shown(); i++)
        if (act->play->events[i].actor != -1
            && has_port(act->play->events[i].told.here, port))
            who = act->play->events[i].actor;
    for (int i = shown.first; who == -1 && i < shown.end; i++)
        if (act->frames[i].from == port
            && strcmp(act->frames[i].flags, "SYN") == 0)
            who = caller(i);
    return who;
}

/* Names an end of a frame: by the role whose port it is, in a wide pane
 * with the port; by the port alone if the role is unknown. */
static void name_end(char text[NAMES], unsigned port, int columns)
{
    const struct play *play = stage_act()->play;
    int who = owner(port);

    if (who == -1)
        snprintf(text, NAMES, "%u", port);
    else if (columns < 90)
        snprintf(text, NAMES, "%.24s", play->actors[who].role);
    else
        snprintf(text, NAMES, "%.24s %u", play->actors[who].role, port);
}

static void name_ends(char text[2 * NAMES + 4],
                      const struct frame *frame, int columns)
{
    char from[NAMES], to[NAMES];

    name_end(from, frame->from, columns);
    name_end(to, frame->to, columns);
    snprintf(text, 2 * NAMES + 4, "%s > %s", from, to);
}

/* A frame in one line; without seq and ack if that is too long. */
static void add_short(struct sheet *sheet, const struct frame *frame,
                      int number, const char *ends, int widest,
                      int columns, const char *style)
{
    const char *payload =
        frame->layers[3] + strspn(frame->layers[3], " ");
    char numbers[64] = "", text[1024];

    if (frame->flags[0] != '\0')
        snprintf(numbers, sizeof numbers, "seq %-10lu ack %-10lu ",
                 frame->seq, frame->ack);
    for (int part = 0; part < 2; part++) {
        snprintf(text, sizeof text, "%2d %-*s %-7s %s%s", number,
                 widest, ends,
                 frame->flags[0] != '\0' ? frame->flags : "UDP",
                 part == 0 ? numbers : "", payload);
        if (screen_width(text) <= columns)
            break;
    }
    sheet_add(sheet, style, "%s", text);
}

/* A frame in four lines, each layer inside the other. */
static void add_nested(struct sheet *sheet, const struct frame *frame,
                       int number, const char *ends, const char *style)
{
    char ports[32];
    const char *at;

    snprintf(ports, sizeof ports, "%u > %u", frame->from, frame->to);
    for (int i = 0; i < LAYERS; i++) {
        at = i == 2 ? strstr(frame->layers[i], ports) : NULL;
        if (i == 0)
            sheet_add(sheet, style, "%2d %s", number, frame->layers[i]);
        else if (at != NULL)
            sheet_add(sheet, style, "%.*s%s%s",
                      (int)(at - frame->layers[i]), frame->layers[i],
                      ends, at + strlen(ports));
        else
            sheet_add(sheet, style, "%s", frame->layers[i]);
    }
}

void stage_wire_lines(struct sheet *sheet, int columns, int rows)
{
    const struct act *act = stage_act();
    struct span shown = span();
    bool nested = LAYERS * (shown.end - shown.fresh) <= rows;
    char ends[2 * NAMES + 4];
    int widest = 0;

    sheet_clear(sheet);
    for (int i = shown.first; i < shown.end; i++) {
        name_ends(ends, &act->frames[i], columns);
        if ((int)strlen(ends) > widest)
            widest = (int)strlen(ends);
    }
    for (int i = shown.first; i < shown.end; i++) {
        const struct frame *frame = &act->frames[i];
        int who = owner(frame->from), number = i - shown.first + 1;
        const char *style = "";

        if (i >= shown.fresh)
            style =
                who == -1
                    ? "1"
                    : stage_ink(
                        stage_hues[act->play->actors[who].column % 3],
                        true);
        name_ends(ends, frame, columns);
        if (i >= shown.fresh && nested)
            add_nested(sheet, frame, number, ends, style);
        else
            add_short(sheet, frame, number, ends, widest, columns,
                      style);
    }
    if (stage_wire_lost()[0] != '\0')
        sheet_add(sheet, "1",
                  "The wire is not watched any more: 13_wiretap %s.",
                  stage_wire_lost());
    else if (shown.first == shown.end)
        sheet_add(sheet, "", "No frame has passed yet.");
}
