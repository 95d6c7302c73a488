/* frames.c: what has passed on the wire, as a pane shows it: the segments
 * and datagrams of this scene, up to the stop that is shown. */
#include "parts.h"
#include <stdlib.h>
#include <string.h>

enum { NAMES = 40 };

int stage_new_segments(const struct stage *stage)
{
    const struct play *play = stage_act(stage)->play;
    int count = 0;

    for (int i = stage_shown_before(stage); i < stage_shown(stage); i++)
        count += play->events[i].kind == PLAY_SEGMENT;
    return count;
}

/* The port of the address "127.0.0.1:41418". */
static unsigned port_of(const char *address)
{
    const char *colon = strrchr(address, ':');

    return colon == NULL ? 0 : (unsigned)strtoul(colon + 1, NULL, 10);
}

/* The actor whose port this is: what the kernel holds of its sockets says
 * so, or the SYN that its `connect` sent. -1 if unknown. */
static int owner(const struct stage *stage, unsigned port)
{
    const struct play *play = stage_act(stage)->play;
    int who = -1, caller = -1;

    for (int i = stage_scene(stage); i < stage_shown(stage); i++) {
        const struct play_event *event = &play->events[i];

        if (port_of(event->told.here) != port)
            continue;
        if (event->actor != -1)
            who = event->actor;
        else if (caller == -1 && event->step != -1
                 && strcmp(event->told.call, "SYN") == 0
                 && strcmp(play->steps[event->step].call, "connect")
                        == 0)
            caller = play->steps[event->step].actor;
    }
    return who != -1 ? who : caller;
}

/* Names an end: by the role whose port it is, in a wide pane with the
 * port; by the port alone if the role is unknown. */
static void name_end(const struct stage *stage, char text[NAMES],
                     unsigned port, int columns)
{
    const struct play *play = stage_act(stage)->play;
    int who = owner(stage, port);

    if (who == -1)
        snprintf(text, NAMES, "%u", port);
    else if (columns < 90)
        snprintf(text, NAMES, "%.24s", play->actors[who].role);
    else
        snprintf(text, NAMES, "%.24s %u", play->actors[who].role, port);
}

static void name_ends(const struct stage *stage,
                      char text[2 * NAMES + 4],
                      const struct play_record *told, int columns)
{
    char from[NAMES], to[NAMES];

    name_end(stage, from, port_of(told->here), columns);
    name_end(stage, to, port_of(told->peer), columns);
    snprintf(text, 2 * NAMES + 4, "%s > %s", from, to);
}

/* How wide a table of them is, column by column. */
struct widths {
    int ends, numbers;
};

/* One in a line; without seq and ack if that is too long. */
static void add_segment(const struct stage *stage, struct sheet *sheet,
                        const struct play_record *told, int number,
                        const struct widths *widths, int columns,
                        const char *style)
{
    char ends[2 * NAMES + 4], payload[512] = "", text[1024], *bar;

    name_ends(stage, ends, told, columns);
    if (told->length > 0)
        snprintf(payload, sizeof payload, ": \"%.480s\"",
                 told->payload);
    for (int part = 0; part < 2; part++) {
        snprintf(text, sizeof text, "%2d %-*s %-7s %-*s%spayload %ld%s",
                 number, widths->ends, ends, told->call,
                 part == 0 ? widths->numbers : 0,
                 part == 0 ? told->arguments : "",
                 part == 0 && widths->numbers > 0 ? " " : "",
                 told->length, payload);
        if (screen_width(text) <= columns)
            break;
    }
    while ((bar = strchr(text, '|')) != NULL
           && bar < text + 3 + widths->ends + 9)
        *bar = '+';
    sheet_add(sheet, style, "%s", text);
}

void stage_wire_lines(const struct stage *stage, struct sheet *sheet,
                      int columns)
{
    const struct play *play = stage_act(stage)->play;
    int number = 0, end = play != NULL ? stage_shown(stage) : 0;
    struct widths widths = {0, 0};

    sheet_clear(sheet);
    for (int i = stage_scene(stage); i < end; i++) {
        const struct play_record *told = &play->events[i].told;
        char ends[2 * NAMES + 4];

        if (play->events[i].kind != PLAY_SEGMENT)
            continue;
        name_ends(stage, ends, told, columns);
        if ((int)strlen(ends) > widths.ends)
            widths.ends = (int)strlen(ends);
        if ((int)strlen(told->arguments) > widths.numbers)
            widths.numbers = (int)strlen(told->arguments);
    }
    for (int i = stage_scene(stage); i < end; i++) {
        const struct play_record *told = &play->events[i].told;
        int who;

        if (play->events[i].kind != PLAY_SEGMENT)
            continue;
        who = owner(stage, port_of(told->here));
        add_segment(
            stage, sheet, told, ++number, &widths, columns,
            i < stage_shown_before(stage) ? ""
            : who == -1
                ? "1"
                : stage_ink(stage_hue(play->actors[who].column), true));
    }
    if (number == 0)
        sheet_add(sheet, "", "Nothing has passed yet.");
}
