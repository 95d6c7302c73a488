/* view.c: where the panes are, and what is painted in them. In a
 * narrow terminal they stand one below the other; where two fit
 * side by side, the first role stands beside the others, and the wire
 * beside the source. */
#include "parts.h"
#include <stdlib.h>
#include <string.h>

enum {
    WIDE = STAGE_WIDE,
    LEAST = 3, /* rows of a pane, the title included */
    BANDS = STAGE_CAST + 2
};

/* All panes: the source, the wire, the roles. */
enum { SOURCE, WIRE, ROLES, PANES = ROLES + STAGE_CAST };
static struct pane panes[PANES];
static int focus = SOURCE;
static int more[PANES]; /* rows that + and - gave it or took */

/* The cast, and which of them have a pane: in a small terminal, a large
 * cast does not fit. */
static struct part cast[STAGE_CAST];
static int cast_count, shown[STAGE_CAST], shown_count;

/* ---- where they are --------------------------------------------------- */

/* Panes side by side, which have the same height. */
struct band {
    int first, second; /* panes; -1: none */
    int rows;
};

/* Gives each band the rows that + added, from the largest of the others,
 * and takes those that - removed, for the smallest of them. */
static void move_rows(struct band *bands, int count)
{
    for (int i = 0; i < count; i++) {
        int *wanted = &more[bands[i].first], moved = 0;
        int step = *wanted > 0 ? 1 : -1;

        while (moved != *wanted) {
            int other = -1;

            for (int j = 0; j < count; j++)
                if (j != i
                    && (other == -1
                        || step * bands[j].rows
                               > step * bands[other].rows))
                    other = j;
            if (other == -1
                || (step > 0 ? bands[other].rows : bands[i].rows)
                       <= LEAST)
                break;
            bands[i].rows += step;
            bands[other].rows -= step;
            moved += step;
        }
        *wanted = moved;
    }
}

static void put_pane(int pane, int row, int column, int rows,
                     int columns)
{
    int scroll = panes[pane].scroll;

    panes[pane] = (struct pane){row, column, rows, columns, scroll};
}

/* The roles from the second on share the right half. */
static void split_right(int row, int column, int rows, int columns)
{
    int count = shown_count - 1, at = row;

    for (int i = 0; i < count; i++) {
        int height = rows / count + (i < rows % count);

        put_pane(ROLES + i + 1, at, column, height, columns);
        at += height;
    }
}

/* Puts the bands below each other. */
static void place(const struct band *bands, int count)
{
    int row = 0, half = (screen_now()->columns - 1) / 2;
    int rest = screen_now()->columns - half - 1;

    for (int i = 0; i < count; i++) {
        const struct band *band = &bands[i];
        int columns = band->second == -1 ? screen_now()->columns : rest;

        put_pane(band->first, row, 0, band->rows, columns);
        if (band->second == WIRE)
            put_pane(WIRE, row, rest + 1, band->rows, half);
        else if (band->second != -1)
            split_right(row, rest + 1, band->rows, half);
        for (int j = 0; band->second != -1 && j < band->rows; j++)
            screen_piece(row + j, rest, 1, "",
                         screen_now()->utf8 ? "\xE2\x94\x82" : "|");
        row += band->rows;
    }
}

static void lay_out(const struct stage *stage)
{
    struct band bands[BANDS] = {{SOURCE, -1, 0}};
    int all = screen_now()->rows - stage_bar_rows(stage), count = 1,
        rest = all;
    bool wide = screen_now()->columns >= WIDE,
         wire = stage_wire_has_pane(stage);

    for (int i = 0; i < PANES; i++)
        panes[i].rows = 0;
    if (wide && wire)
        bands[0].second = WIRE;
    if (wide && shown_count > 1) {
        bands[count++] = (struct band){ROLES, ROLES + 1, all * 6 / 10};
    } else {
        for (int i = 0; i < shown_count; i++)
            bands[count++] = (struct band){ROLES + i, -1, 0};
        if (wire && !wide)
            bands[count++] = (struct band){WIRE, -1, 0};
        /* The source gets the rows that are left. */
        for (int i = 1; i < count; i++)
            bands[i].rows = count == 2 ? all * 55 / 100 : all / count;
    }
    for (int i = 1; i < count; i++)
        rest -= bands[i].rows;
    bands[0].rows = rest;
    move_rows(bands, count);
    place(bands, count);
}

/* Who gets a pane: all, or the first, the next and the latest to speak. */
static void choose_shown(const struct stage *stage, int turn)
{
    int all = screen_now()->rows - stage_bar_rows(stage), most;
    bool chosen[STAGE_CAST] = {false};

    if (screen_now()->columns >= WIDE)
        most = 1 + all * 6 / 10 / LEAST;
    else
        most = all / (LEAST + 1) - 1 - stage_wire_has_pane(stage);
    shown_count = 0;
    for (int n = 0; n < most && n < cast_count; n++) {
        int best = -1;

        for (int i = 0; i < cast_count; i++)
            if (!chosen[i]
                && (best == -1 || i == turn
                    || (best != turn
                        && cast[i].last > cast[best].last)))
                best = i;
        if (n == 0)
            best = 0;
        chosen[best] = true;
    }
    for (int i = 0; i < cast_count; i++)
        if (chosen[i])
            shown[shown_count++] = i;
}

/* ---- what is in them --------------------------------------------------- */

static struct sheet sheet;

/* What a program of one's own does: its thread that is next, or else its
 * first. False if it is none, or has ended. */
static bool title_own(const struct stage *stage,
                      const struct part *part, char *title, size_t size)
{
    const struct play_step *step = stage_choices(stage);
    const struct play_choice *found = NULL;

    for (int i = 0; step != NULL && i < step->choice_count; i++) {
        const struct play_choice *choice = &step->choices[i];

        if (choice->actor == part->actor
            && (found == NULL || choice->next))
            found = choice;
    }
    if (found == NULL || part->is == GONE || part->is == KILLED)
        return false;
    snprintf(title, size, "%s", found->words);
    return true;
}

static void paint_role(const struct stage *stage, int place, int turn)
{
    struct pane *pane = &panes[ROLES + place];
    const struct part *part = &cast[shown[place]];
    const struct play *play = stage_act(stage)->play;
    const char *program =
        part->actor == -1 ? "" : play->actors[part->actor].program;
    int hue = stage_hue(shown[place]);
    char title[256];

    if (title_own(stage, part, title, sizeof title))
        ;
    else if (stage->settings.own_count > 0)
        snprintf(title, sizeof title, "%s%s%s", part->role,
                 part->is == KILLED ? ", ended by " : ", has ended",
                 part->is == KILLED ? part->how : "");
    else if (shown[place] == turn)
        snprintf(title, sizeof title, "%s's turn: %s", part->role,
                 program);
    else if (part->is == ABSENT)
        snprintf(title, sizeof title, "%s: not started yet",
                 part->role);
    else
        snprintf(title, sizeof title, "%s: %s%s", part->role, program,
                 part->is == BLOCKED  ? ", blocked in its call"
                 : part->is == GONE   ? ", has ended"
                 : part->is == KILLED ? ", was killed"
                                      : "");
    stage_role_lines(stage, &sheet, part, hue, pane->columns,
                     pane->rows - 1, pane->scroll != 0);
    pane_paint(pane, &sheet, FIT_END, 0,
               shown[place] == turn ? stage_ground(hue)
                                    : stage_ink(hue, true),
               title, focus == ROLES + place);
}

/* Paints the source of the program whose step is next, or else of the
 * program that spoke last, with the line of its call marked. */
static void paint_source(const struct stage *stage, struct pane *pane,
                         bool focused)
{
    const struct play *play = stage_act(stage)->play;
    const struct play_step *step = stage_next_step(stage);
    int actor = -1, line = 0, mark;
    const char *program, *call = "", *source = NULL;
    char title[256], *path;

    if (step != NULL && step->actor != -1) {
        actor = step->actor;
        line = step->line;
        call = step->call;
        source = step->source;
    }
    for (int i = stage_shown(stage) - 1; play != NULL && i >= 0; i--) {
        const struct play_event *event = &play->events[i];

        if (actor == -1 && event->actor != -1
            && !play->actors[event->actor].hidden)
            actor = event->actor;
        if (line == 0 && actor != -1 && event->actor == actor
            && event->told.line != 0) {
            line = event->told.line;
            call = event->told.call;
            source = event->told.source;
        }
    }
    program = actor == -1 ? "" : play->actors[actor].program;
    if (stage->settings.own_count > 0) {
        path = memory_copy(source == NULL ? "" : source);
        snprintf(title, sizeof title, "source: %s",
                 source == NULL ? program
                 : strrchr(source, '/') != NULL
                     ? strrchr(source, '/') + 1
                     : source);
    } else if (program[0] == '\0') {
        path = memory_copy("");
        snprintf(title, sizeof title, "source");
    } else {
        path = memory_text("%s/lessons/%.*s.c", stage->settings.root,
                           (int)strcspn(program, "-"), program);
        snprintf(title, sizeof title, "source: lessons/%.*s.c",
                 (int)strcspn(program, "-"), program);
    }
    mark = stage_source_lines(&sheet, path, line, call);
    if (stage->settings.own_count > 0 && path[0] == '\0')
        sheet_add(&sheet, "",
                  program[0] == '\0' ? "The programs have not made a "
                                       "call yet."
                                     : "No line is known: compile the "
                                       "program with -g.");
    free(path);
    pane_paint(pane, &sheet, mark == -1 ? FIT_TOP : FIT_LINE, mark, "1",
               title, focused);
}

static void paint_wire(const struct stage *stage, struct pane *pane,
                       bool focused)
{
    const struct play *play = stage_act(stage)->play;
    char title[128];

    snprintf(title, sizeof title, "wire: lo, port %u; new: %d",
             play != NULL ? play->port : 0, stage_new_segments(stage));
    stage_wire_lines(stage, &sheet, pane->columns);
    pane_paint(pane, &sheet, FIT_END, 0, "1", title, focused);
}

/* Puts the notes of the last step into the sheet. Are there several? The
 * lab says what to expect, and shows what its commands print. */
static bool play_speaks(const struct stage *stage)
{
    const struct play *play = stage_act(stage)->play;
    int lines = 0;

    sheet_clear(&sheet);
    for (int i = stage_shown_before(stage);
         play != NULL && i < stage_shown(stage); i++)
        if (play->events[i].kind == PLAY_NOTE
            && play->events[i].actor == -1) {
            sheet_add(&sheet, "", "%s", play->events[i].told.text)
                ->wrap = true;
            lines++;
        }
    return lines > 1;
}

static void paint_top(const struct stage *stage, struct pane *pane,
                      bool wire, bool focused)
{
    if (wire) {
        paint_wire(stage, pane, focused);
    } else if (play_speaks(stage)) {
        pane_paint(pane, &sheet, FIT_TOP, 0, "1",
                   "what the play says; Enter goes on", focused);
    } else {
        paint_source(stage, pane, focused);
    }
}

/* Over the pane at the top, or all panes if it has too few rows. */
static void paint_help(const struct stage *stage)
{
    struct pane pane = {.rows = panes[SOURCE].rows,
                        .columns = screen_now()->columns};

    stage_help_lines(stage, &sheet);
    if (sheet.count >= pane.rows)
        pane.rows = screen_now()->rows - stage_bar_rows(stage);
    pane_paint(&pane, &sheet, FIT_TOP, 0, "1",
               "keys; any key hides them", true);
}

/* After a step: undoes all scrolling. */
static void settle(const struct stage *stage)
{
    static int settles;

    for (int i = 0; i < PANES && settles != stage->settles; i++)
        panes[i].scroll = 0;
    settles = stage->settles;
}

void stage_paint(const struct stage *stage)
{
    int turn;

    settle(stage);

    if (screen_too_small(STAGE_COLUMNS, STAGE_ROWS))
        return;
    if (stage->dark) {
        for (int i = 0; i < screen_now()->rows; i++)
            screen_piece(i, 0, screen_now()->columns, "", "");
        return;
    }
    cast_count = stage_cast(stage, cast);
    turn = stage_turn(stage, cast, cast_count);
    choose_shown(stage, turn);
    lay_out(stage);
    if (panes[focus].rows == 0)
        focus = SOURCE;
    paint_top(stage, &panes[SOURCE], stage->swapped, focus == SOURCE);
    if (panes[WIRE].rows > 0) {
        if (stage->swapped)
            paint_source(stage, &panes[WIRE], focus == WIRE);
        else
            paint_wire(stage, &panes[WIRE], focus == WIRE);
    }
    for (int i = 0; i < shown_count; i++)
        paint_role(stage, i, turn);
    if (stage->help)
        paint_help(stage);
    stage_paint_bar(stage, cast, cast_count, cast_count - shown_count);
}

/* ---- the keys ----------------------------------------------------------- */

void stage_next_pane(int direction)
{
    for (int tries = 0; tries < PANES; tries++) { /* each pane once */
        focus = (focus + direction + PANES) % PANES;
        if (panes[focus].rows != 0)
            return;
    }
}

void stage_scroll(int rows)
{
    panes[focus].scroll += rows;
}

void stage_resize_pane(int rows)
{
    int pane = focus;

    /* more[] has a band's rows at its first pane. */
    if (screen_now()->columns >= WIDE && pane > ROLES)
        pane = ROLES;
    else if (screen_now()->columns >= WIDE && pane == WIRE)
        pane = SOURCE;
    more[pane] += rows;
}
