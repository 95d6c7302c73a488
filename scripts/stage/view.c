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
    BANDS = STAGE_CAST + 2,
    CALLS =
        50 /* as far back as one looks for one in the same function */
};

/* All panes: the call made last, where it is not in the source of the next
 * one; that source; the wire, the roles. */
enum { MADE, SOURCE, WIRE, ROLES, PANES = ROLES + STAGE_CAST };
static struct pane panes[PANES];
static int chosen_pane = SOURCE; /* to be scrolled, if it is there */
static int more[PANES]; /* rows that + and - gave it or took */

/* The cast, and which of them have a pane: in a small terminal, a large
 * cast does not fit. */
static struct part cast[STAGE_CAST];
static int cast_count, shown[STAGE_CAST], shown_count;

static struct sheet sheet;

/* ---- the sources ------------------------------------------------------ */

/* What the panes MADE and SOURCE show: which step's call, in which file;
 * NULL: none. */
static struct code {
    const struct play_step *step;
    char *path;
    struct excerpt excerpt;
} codes[SOURCE + 1];

static char *source_of(const struct stage *stage,
                       const struct play_step *step)
{
    const struct play *play = stage_act(stage)->play;
    const char *program = play->actors[step->actor].program;

    if (stage->settings.own_count > 0)
        return memory_copy(step->source == NULL ? "" : step->source);
    return memory_text("%s/lessons/%.*s.c", stage->settings.root,
                       (int)strcspn(program, "-"), program);
}

static bool same_thread(const struct play_event *one,
                        const struct play_event *other)
{
    return one->actor == other->actor
           && one->told.process == other->told.process
           && one->told.task == other->told.task
           && one->told.child == other->told.child
           && one->told.thread == other->told.thread;
}

/* The calls that the thread which makes this step has made, the last one
 * first; the line is 0 in another source, and -1 if the call is known
 * from another lesson. Returns how many. */
static int calls_before(const struct stage *stage,
                        const struct play_step *step,
                        struct spot calls[CALLS])
{
    const struct play *play = stage_act(stage)->play;
    const struct play_event *stands = NULL;
    int count = 0;

    for (int i = stage_shown(stage) - 1;
         i >= stage_scene(stage) && count < CALLS; i--) {
        const struct play_event *event = &play->events[i];

        if (event->actor == step->actor && event->kind == PLAY_KNOWN) {
            calls[count++] = (struct spot){-1, "", false};
            break;
        }
        if (event->actor != step->actor || event->kind != PLAY_BEFORE)
            continue;
        if (stands == NULL && event->told.line == step->line)
            stands = event;
        else if (stands != NULL && same_thread(event, stands))
            calls[count++] = (struct spot){
                event->told.source == step->source ? event->told.line
                                                   : 0,
                event->told.call, false};
    }
    return count;
}

/* Has the call of the last step not returned? */
static bool blocks(const struct stage *stage,
                   const struct play_step *step)
{
    const struct play *play = stage_act(stage)->play;

    for (int i = stage_shown_before(stage); i < stage_shown(stage); i++)
        if (play->events[i].actor == step->actor
            && play->events[i].kind == PLAY_BLOCKS
            && !stage_is_over(stage, i))
            return true;
    return false;
}

/* Of one's own programs, side by side: beside the source of the next call
 * stands that of the program which was seen last before it. */
static void read_other(const struct stage *stage)
{
    const struct play *play = stage_act(stage)->play;
    const struct play_step *next = codes[SOURCE].step;
    bool sleeps = false;

    if (stage->settings.own_count == 0 || next == NULL
        || screen_now()->columns < WIDE || stage_wire_has_pane(stage))
        return;
    for (int i = 0; i < play->step_count && &play->steps[i] != next;
         i++)
        if (play->steps[i].actor != -1
            && play->steps[i].actor != next->actor)
            codes[MADE].step = &play->steps[i];
    if (codes[MADE].step == NULL)
        return;
    for (int i = 0; i < stage_shown(stage); i++)
        if (play->events[i].actor == codes[MADE].step->actor
            && (play->events[i].kind == PLAY_BLOCKS
                || play->events[i].kind == PLAY_CALL))
            sleeps = play->events[i].kind == PLAY_BLOCKS;
    codes[MADE].path = source_of(stage, codes[MADE].step);
    stage_read_source(&codes[MADE].excerpt, codes[MADE].path,
                      &(struct spot){codes[MADE].step->line,
                                     codes[MADE].step->call, sleeps},
                      1, NULL, "1");
}

/* Reads the sources. */
static void read_codes(const struct stage *stage)
{
    const struct play_step *made = stage_last_step(stage),
                           *next = stage_next_step(stage);
    struct spot last = {0, "", false}, before[CALLS] = {last};
    const char *style = "1";

    for (int i = MADE; i <= SOURCE; i++) {
        free(codes[i].path);
        codes[i].path = NULL;
        codes[i].step = NULL;
    }
    if (made != NULL) {
        const struct play *play = stage_act(stage)->play;

        codes[MADE].step = made;
        codes[MADE].path = source_of(stage, made);
        last =
            (struct spot){made->line, made->call, blocks(stage, made)};
        style = stage_ink(stage_hue(play->actors[made->actor].column),
                          true);
    }
    if (next != NULL && next->actor != -1) {
        codes[SOURCE].step = next;
        codes[SOURCE].path = source_of(stage, next);
        stage_read_source(&codes[SOURCE].excerpt, codes[SOURCE].path,
                          before, calls_before(stage, next, before),
                          &(struct spot){next->line, next->call, false},
                          style);
    }
    if (made == NULL) {
        read_other(stage);
        return;
    }
    if (next != NULL && next->actor == made->actor
        && before[0].line == last.line
        && codes[SOURCE].excerpt.made >= codes[SOURCE].excerpt.from
        && codes[SOURCE].excerpt.made <= codes[SOURCE].excerpt.to) {
        codes[MADE].step = NULL; /* one excerpt has both */
        free(codes[MADE].path);
        codes[MADE].path = NULL;
        read_other(stage);
    } else {
        stage_read_source(&codes[MADE].excerpt, codes[MADE].path, &last,
                          1, NULL, style);
    }
}

/* How many rows an excerpt needs, its title included. */
static int code_rows(int code)
{
    int rows;

    if (codes[code].step == NULL)
        return 0;
    rows = stage_source_rows(&codes[code].excerpt);
    return 1 + (rows > 0 ? rows : 1);
}

/* ---- where they are --------------------------------------------------- */

/* Panes side by side, which have the same height. */
struct band {
    int first, second; /* panes; -1: none */
    int rows, need; /* rows that it has; without which it lacks some */
};

static struct band bands[BANDS];
static int band_count;
static bool alone; /* the source has all rows, but for titles */

/* Gives each band the rows that + added, from the largest of the others,
 * and takes those that - removed, for the smallest of them. */
static void move_rows(void)
{
    for (int i = 0; i < band_count; i++) {
        int *wanted = &more[bands[i].first], moved = 0;
        int step = *wanted > 0 ? 1 : -1;

        while (moved != *wanted) {
            int other = -1;

            for (int j = 0; j < band_count; j++)
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

/* Gives a band the rows that it lacks, from those that have the most to
 * spare. */
static void lend_rows(int band)
{
    while (bands[band].rows < bands[band].need) {
        int other = -1;

        for (int i = 0; i < band_count; i++)
            if (bands[i].rows > bands[i].need
                && (other == -1
                    || bands[i].rows - bands[i].need
                           > bands[other].rows - bands[other].need))
                other = i;
        if (other == -1)
            return;
        bands[other].rows--;
        bands[band].rows++;
    }
}

static void put_pane(int pane, int row, int column, int rows,
                     int columns)
{
    int scroll = panes[pane].scroll;

    panes[pane] = (struct pane){row, column, rows, columns, scroll};
}

/* The line between two panes side by side. */
static void paint_edge(int row, int column, int rows)
{
    for (int i = 0; i < rows; i++)
        screen_piece(row + i, column, 1, "",
                     screen_now()->utf8 ? "\xE2\x94\x82" : "|");
}

static void swap_panes(int one, int other)
{
    struct pane was = panes[one], is = panes[other];

    put_pane(one, is.row, is.column, is.rows, is.columns);
    put_pane(other, was.row, was.column, was.rows, was.columns);
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

/* The call made last stands above the source of the next one or, in a
 * wide pane, beside it. */
static void split_source(void)
{
    struct pane *made = &panes[MADE], *source = &panes[SOURCE];
    int spare = source->rows - code_rows(MADE) - code_rows(SOURCE);

    made->row = source->row;
    made->column = source->column;
    if (source->columns >= WIDE) {
        made->rows = source->rows;
        made->columns = source->columns / 2;
        source->column = made->columns + 1;
        source->columns -= source->column;
        paint_edge(source->row, made->columns, source->rows);
    } else {
        made->rows = code_rows(MADE) + (spare > 0 ? spare / 3 : 0);
        made->columns = source->columns;
        source->row += made->rows;
        source->rows -= made->rows;
    }
}

/* The pane of the sources is that of the last call, of the next one, or
 * of both. */
static void place_sources(const struct stage *stage)
{
    if (codes[MADE].step == NULL || alone)
        return;
    if (codes[SOURCE].step != NULL && !stage->withholds) {
        split_source();
        if (stage->settings.own_count > 0
            && panes[MADE].row == panes[SOURCE].row
            && codes[MADE].step->actor > codes[SOURCE].step->actor)
            swap_panes(MADE, SOURCE);
    } else {
        swap_panes(MADE, SOURCE);
    }
}

/* Puts the bands below each other. */
static void place(void)
{
    int row = 0, half = (screen_now()->columns - 1) / 2;
    int rest = screen_now()->columns - half - 1;

    for (int i = 0; i < band_count; i++) {
        const struct band *band = &bands[i];
        int columns = band->second == -1 ? screen_now()->columns : rest;

        put_pane(band->first, row, 0, band->rows, columns);
        if (band->second == WIRE)
            put_pane(WIRE, row, rest + 1, band->rows, half);
        else if (band->second != -1)
            split_right(row, rest + 1, band->rows, half);
        if (band->second != -1)
            paint_edge(row, rest, band->rows);
        row += band->rows;
    }
}

/* Who gets a pane: all, or the first, the next and the latest to speak. */
static void choose_shown(const struct stage *stage, int turn)
{
    int all = screen_now()->rows - stage_bar_rows(stage), most;
    bool listed[STAGE_CAST] = {false};

    if (screen_now()->columns >= WIDE)
        most = 1 + all * 6 / 10 / LEAST;
    else
        most = all / (LEAST + 1) - 1 - stage_wire_has_pane(stage);
    shown_count = 0;
    for (int n = 0; n < most && n < cast_count; n++) {
        int best = -1;

        for (int i = 0; i < cast_count; i++)
            if (!listed[i]
                && (best == -1 || i == turn
                    || (best != turn
                        && cast[i].last > cast[best].last)))
                best = i;
        if (n == 0)
            best = 0;
        listed[best] = true;
    }
    for (int i = 0; i < cast_count; i++)
        if (listed[i])
            shown[shown_count++] = i;
}

/* ---- how many rows they have ------------------------------------------ */

/* The lines of a role, and those of them that it must show: of the last
 * step, or else the end of what was before. */
static void measure_role(const struct stage *stage, int place,
                         int columns, struct band *band)
{
    int new = stage_role_lines(stage, &sheet, &cast[shown[place]], 0,
                               columns, 0, true);

    if (new < LEAST - 1)
        new = sheet.count < LEAST - 1 ? sheet.count : LEAST - 1;
    band->rows = 1 + sheet.count;
    band->need = 1 + new;
}

/* Those of the roles that stand side by side. */
static void measure_roles(const struct stage *stage, struct band *band)
{
    int half = (screen_now()->columns - 1) / 2;
    struct band right = {ROLES, -1, 0, 0}, one = right;

    measure_role(stage, 0, half, band);
    for (int i = 1; i < shown_count; i++) {
        measure_role(stage, i, half, &one);
        right.rows += one.rows;
        right.need += one.need;
    }
    band->rows = right.rows > band->rows ? right.rows : band->rows;
    band->need = right.need > band->need ? right.need : band->need;
}

static void add_band(int first, int second)
{
    bands[band_count++] = (struct band){first, second, 1, 1};
}

/* The bands, the source first, and what each has to show. */
static void measure(const struct stage *stage)
{
    bool wide = screen_now()->columns >= WIDE,
         wire = stage_wire_has_pane(stage);

    band_count = 0;
    add_band(SOURCE, wide && wire ? WIRE : -1);
    if (wide && shown_count > 1) {
        add_band(ROLES, ROLES + 1);
        measure_roles(stage, &bands[1]);
    } else {
        for (int i = 0; i < shown_count; i++) {
            add_band(ROLES + i, -1);
            measure_role(stage, i, screen_now()->columns,
                         &bands[i + 1]);
        }
    }
    if (wire && !wide) {
        int new = stage_new_segments(stage);

        stage_wire_lines(stage, &sheet, screen_now()->columns);
        add_band(WIRE, -1);
        bands[band_count - 1].rows = 1 + sheet.count;
        bands[band_count - 1].need = 1 + (new > 0 ? new : 1);
    }
}

/* Shares the rows out: a band has no more than it has lines, and at most
 * its share unless it lacks some; the source has the rest. False if that
 * does not suffice for the call made last and the next one. */
static bool share_rows(bool wire)
{
    int all = bands[0].rows, made = code_rows(MADE),
        next = code_rows(SOURCE);

    for (int i = 1; i < band_count; i++) {
        int most = bands[i].second != -1 ? all * 6 / 10
                   : band_count == 2     ? all * 55 / 100
                                         : all / band_count;

        if (bands[i].rows > most)
            bands[i].rows = most;
        bands[0].rows -= bands[i].rows;
    }
    bands[0].need = LEAST;
    for (int i = 1; i < band_count; i++)
        lend_rows(i);
    if (screen_now()->columns < WIDE || wire)
        next += made; /* else they stand side by side */
    bands[0].need = next > made ? next : made;
    lend_rows(0);
    return bands[0].rows >= bands[0].need;
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

void stage_lay_out(struct stage *stage)
{
    int all = screen_now()->rows - stage_bar_rows(stage);
    bool wire = stage_wire_has_pane(stage);

    stage->withholds = false;
    if (screen_now()->columns < STAGE_COLUMNS
        || screen_now()->rows < STAGE_ROWS)
        return;
    cast_count = stage_cast(stage, cast);
    choose_shown(stage, stage_turn(stage, cast, cast_count));
    read_codes(stage);
    measure(stage);
    bands[0].rows = all;
    alone = false;
    if (share_rows(wire) || (stage->swapped && !wire)
        || play_speaks(stage))
        return;
    stage->withholds = !stage->on && stage_last_step(stage) != NULL;
    if (stage->withholds || stage_stop(stage) == NULL)
        return;
    /* The titles of the others stay. */
    alone = true;
    bands[0].rows = all - band_count + 1;
    for (int i = 1; i < band_count; i++)
        bands[i].rows = 1;
}

/* ---- what is in them --------------------------------------------------- */

/* The pane that is chosen, or what stands in its place. */
static int focus(void)
{
    static const int others[] = {SOURCE, MADE, WIRE};
    int pane = chosen_pane;

    for (int i = 0; i < 3 && panes[pane].rows == 0; i++)
        pane = others[i];
    return pane;
}

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
               title, focus() == ROLES + place);
}

/* Paints the source of a call. Comments and empty lines give way if there
 * are too few rows. */
static void paint_source(const struct stage *stage, int code)
{
    struct pane *pane = &panes[code];
    struct excerpt *excerpt = &codes[code].excerpt;
    int rows = pane->rows - 1, from, to;
    const char *what = panes[MADE].rows == 0 || panes[SOURCE].rows == 0
                           ? ""
                       : code == MADE ? ", made"
                                      : ", next";
    char title[256];

    if (rows < 0)
        return;
    if (codes[code].step == NULL) {
        stage_read_source(excerpt, "", NULL, 0, NULL, "");
        snprintf(title, sizeof title, "source");
    } else if (codes[code].path[0] == '\0') {
        const struct play *play = stage_act(stage)->play;

        sheet_add(&excerpt->sheet, "",
                  "No line is known: compile the program with -g.");
        snprintf(title, sizeof title, "source%s: %s", what,
                 play->actors[codes[code].step->actor].program);
    } else {
        const char *name = strrchr(codes[code].path, '/');

        snprintf(title, sizeof title, "source%s: %s%s", what,
                 stage->settings.own_count > 0 ? "" : "lessons/",
                 name == NULL ? codes[code].path : name + 1);
    }
    if (excerpt->to - excerpt->from >= rows)
        stage_fold_source(excerpt);
    from = excerpt->from;
    to = excerpt->to;
    if (stage->withholds)
        to = from = excerpt->made;
    from -= to - from < rows ? (rows - (to - from + 1)) / 3
                             : rows - (to - from + 1);
    pane_paint(pane, &excerpt->sheet, FIT_LINE, from, "1", title,
               focus() == code);
}

static void paint_wire(const struct stage *stage, struct pane *pane,
                       bool focused)
{
    const struct play *play = stage_act(stage)->play;
    char title[128];

    if (play == NULL || stage->settings.own_count > 0)
        snprintf(title, sizeof title, "wire: lo; new: %d",
                 stage_new_segments(stage));
    else
        snprintf(title, sizeof title, "wire: lo, port %u; new: %d",
                 play->port, stage_new_segments(stage));
    stage_wire_lines(stage, &sheet, pane->columns);
    pane_paint(pane, &sheet, FIT_END, 0, "1", title, focused);
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
    turn = stage->withholds ? -1 : stage_turn(stage, cast, cast_count);
    for (int i = 0; i < PANES; i++)
        panes[i].rows = 0;
    move_rows();
    place();
    if (stage->swapped)
        swap_panes(SOURCE, WIRE);
    if (!play_speaks(stage) && panes[SOURCE].rows > 0)
        place_sources(stage);
    if (play_speaks(stage)) {
        pane_paint(&panes[SOURCE], &sheet, FIT_TOP, 0, "1",
                   "what the play says; Enter goes on",
                   focus() == SOURCE);
    } else {
        paint_source(stage, MADE);
        paint_source(stage, SOURCE);
    }
    paint_wire(stage, &panes[WIRE], focus() == WIRE);
    for (int i = 0; i < shown_count; i++)
        paint_role(stage, i, turn);
    if (stage->help)
        paint_help(stage);
    stage_paint_bar(stage, cast, cast_count, cast_count - shown_count);
}

/* ---- the keys ----------------------------------------------------------- */

void stage_next_pane(int direction)
{
    chosen_pane = focus();
    for (int tries = 0; tries < PANES; tries++) { /* each pane once */
        chosen_pane = (chosen_pane + direction + PANES) % PANES;
        if (panes[chosen_pane].rows != 0)
            return;
    }
}

void stage_scroll(int rows)
{
    panes[focus()].scroll += rows;
}

void stage_resize_pane(int rows)
{
    int pane = focus();

    /* more[] has a band's rows at its first pane. */
    if (screen_now()->columns >= WIDE && pane > ROLES)
        pane = ROLES;
    else if (pane == MADE
             || (screen_now()->columns >= WIDE && pane == WIRE))
        pane = SOURCE;
    more[pane] += rows;
}
