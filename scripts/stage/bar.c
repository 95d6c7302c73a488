/* bar.c: the lines below the panes: whose turn it is, the question
 * to the audience, the keys. */
#include "parts.h"
#include <string.h>

/* The choices as text, the next one in brackets: "[1] server: accept
 * 2  client blocked in recv". */
static void write_choice(const struct play_choice *choice, char *text,
                         size_t size)
{
    snprintf(text, size, choice->next ? "[%d] %s" : " %d  %s",
             choice->digit, choice->words);
}

/* How many choices there are: of those that have not ended. */
static int count_choices(const struct stage *stage)
{
    const struct play_step *step = stage_choices(stage);
    int count = 0;

    for (int i = 0; step != NULL && i < step->choice_count; i++)
        count += !step->choices[i].ended;
    return count;
}

/* Do they have a row each? */
static bool have_rows(const struct stage *stage)
{
    return count_choices(stage) > 1 && screen_now()->rows >= 34;
}

int stage_bar_rows(const struct stage *stage)
{
    if (have_rows(stage))
        return 2 + count_choices(stage);
    if (stage->settings.own_count > 0)
        return 3;
    return stage->options.questions ? 3 : 2;
}

/* The place in the play: "05:14", or "05:14.2" for part 2 of a step. */
static void place(const struct stage *stage, char *text, size_t size)
{
    const struct act *act = stage_act(stage);
    const struct play_step *step = stage->withholds
                                       ? stage_last_step(stage)
                                       : stage_next_step(stage);

    if (step == NULL)
        snprintf(text, size, "%s", act->name);
    else if (step->part > 1)
        snprintf(text, size, "%s:%d.%d", act->name, step->number,
                 step->part);
    else
        snprintf(text, size, "%s:%d", act->name, step->number);
}

/* At the end of a scene or a lesson: what it has shown. */
static void end_of(const struct stage *stage, char *text, size_t size,
                   bool all)
{
    const struct play *play = stage_act(stage)->play;
    const struct stop *stop = stage_stop(stage);
    const char *scene = play->events[stage_scene(stage)].told.text;
    const char *next = "q ends";
    char before[64] = "";

    if (!all && stop->shown < play->event_count) {
        const char *heading = play->events[stop->shown].told.text;
        size_t name = strcspn(heading, ":");

        /* The name of the scene, or its words if we have that name. */
        if (strncmp(heading, scene, name + 1) == 0)
            heading += name + strspn(heading + name, ": ");
        snprintf(before, sizeof before, "next: %.*s",
                 (int)strcspn(heading, ":"), heading);
        next = before;
    } else if (stage->act + 1 < stage->count) {
        snprintf(before, sizeof before, "next: %s",
                 stage->acts[stage->act + 1].name);
        next = before;
    }
    snprintf(text, size, "End of %s; %s", scene, next);
    /* In a small terminal what is next may not fit. */
    if (screen_width(text) > screen_now()->columns - 12)
        *strrchr(text, ';') = '\0';
}

/* What Enter does next, in words; or what it did. */
static void next_in_words(const struct stage *stage, char *text,
                          size_t size)
{
    const struct play *play = stage_act(stage)->play;
    const struct stop *stop = stage_stop(stage);
    const struct play_step *step = stage->withholds
                                       ? stage_last_step(stage)
                                       : stage_next_step(stage);
    const char *what = step == NULL ? "" : step->prompt, *role = "";
    const char *colon = strstr(what, ": ");

    if (stop != NULL && stop->kind != STOP_STEP) {
        if (stop->kind == STOP_BROKEN)
            snprintf(text, size, "Broken off: %s", play->why);
        else
            end_of(stage, text, size, stop->kind == STOP_END);
        return;
    }
    if (step != NULL && step->actor != -1) {
        role = play->actors[step->actor].role;
        what = colon == NULL ? what : colon + 2;
    }
    if (stop == NULL && step == NULL)
        snprintf(text, size, "The lesson begins ...");
    else if (role[0] == '\0')
        snprintf(text, size, "%s", what);
    else
        snprintf(text, size,
                 stage->withholds ? "%s, just now:  %s"
                                  : "%s's turn:  %s",
                 role, what);
}

/* Names the scene before its first step, if the lesson has several. */
static void named(const struct stage *stage, char *text, size_t size)
{
    char scene[2 * PLAY_SHORT], words[640];
    const struct stop *stop = stage_stop(stage);
    const struct act *act = stage_act(stage);
    bool first = stage->at == 0
                 || (stage->at <= act->count
                     && act->stops[stage->at - 1].kind == STOP_SCENE);

    next_in_words(stage, words, sizeof words);
    stage_scene_name(stage, scene, sizeof scene);
    if (stop != NULL && stop->kind == STOP_STEP && first
        && scene[0] != '\0' && strcmp(scene, act->name) != 0)
        snprintf(text, size, "%s: %s", scene, words);
    else
        snprintf(text, size, "%s", words);
}

/* Is an earlier stop shown than the one that the play has reached? */
static bool looks_back(const struct stage *stage)
{
    const struct act *act = stage_act(stage);
    bool scene = stage->at == act->count - 2
                 && act->stops[stage->at].kind == STOP_SCENE;

    return (stage->at < act->count - 1 && !scene) || act->left;
}

/* A step takes long if the network is slow, or if somebody else's client
 * gets in the way. */
static void under_way(const struct stage *stage, char *text,
                      size_t size)
{
    int seconds = stage_seconds(stage);

    snprintf(text, size,
             seconds < 5 ? "Under way ...  "
                         : "Under way, %d s; r begins anew  ",
             seconds);
}

static void keys(const struct stage *stage, char *text, size_t size,
                 int hidden, int columns)
{
    const struct stop *stop = stage_stop(stage);
    const char *enter =
        stage->withholds ? "Enter the next call  " : "Enter step  ";
    const char *lessons = "n next  p previous  ";
    char more[64] = "", wire[48] = "", way[64];
    int new = stage->options.wire ? stage_new_segments(stage) : 0;

    under_way(stage, way, sizeof way);
    if (stage->settings.own_count > 0) {
        lessons = "";
        if (!stage->withholds)
            enter = "Enter step  1-9 choose  f run  t type  ";
    }
    if (stop == NULL)
        enter = way;
    else if (stop->kind == STOP_SCENE)
        enter = "Enter next scene  ";
    else if (stop->kind == STOP_BROKEN)
        enter = "Enter the lesson again  ";
    else if (stop->kind == STOP_END)
        enter =
            stage->act + 1 < stage->count ? "Enter next lesson  " : "";
    if (hidden > 0)
        snprintf(more, sizeof more, "  (%d more on stage)", hidden);
    if (stage->options.wire)
        snprintf(wire, sizeof wire, "  w %s",
                 stage->swapped ? "source" : "wire");
    if (new > 0 && !stage->swapped && !stage_wire_has_pane(stage))
        snprintf(wire, sizeof wire, "  w wire (%d new)", new);
    if (looks_back(stage))
        snprintf(text, size,
                 "Recorded: Enter forward  b back  End last"
                 "  q end  ? keys%s%s",
                 wire, more);
    else
        snprintf(text, size, "%sb back  g go to  %sq end  ? keys%s%s",
                 enter, lessons, wire, more);
    if (screen_width(text) > columns) /* ? has the others */
        snprintf(text, size, "%sb back  q end  ? keys%s%s",
                 looks_back(stage) ? "Recorded: Enter forward  "
                                   : enter,
                 wire, more);
}

/* The last line: a question of ours, a note, or the keys; on the right
 * the port, if the wanted one is taken. */
static void paint_keys(const struct stage *stage, int row, int hidden)
{
    const struct play *play = stage_act(stage)->play;
    const char *note =
        stage->note[0] != '\0' ? stage->note : stage_play_note(stage);
    char text[640], line[644], right[64] = "";

    if (play != NULL && play->taken != 0)
        snprintf(right, sizeof right, "  port %u, %u is taken ",
                 play->port, play->taken);
    if (stage->types)
        snprintf(text, sizeof text,
                 "A line for the program, then Enter; Ctrl-D ends its"
                 " input: %s_",
                 stage->typed);
    else if (stage->leaving)
        snprintf(text, sizeof text,
                 "End the play? q again ends it;"
                 " any other key goes on");
    else if (stage->asks)
        snprintf(text, sizeof text,
                 "Go to step, such as 14 or 05:14, then Enter: %s_",
                 stage->typed);
    else if (note[0] != '\0')
        snprintf(text, sizeof text, "%s", note);
    else
        keys(stage, text, sizeof text, hidden,
             screen_now()->columns - 1 - screen_width(right));
    snprintf(line, sizeof line, " %s", text);
    screen_piece(row, 0, screen_now()->columns,
                 stage->leaving ? "1" : "", line);
    if (right[0] != '\0')
        screen_piece(row, screen_now()->columns - screen_width(right),
                     screen_width(right), "1", right);
}

/* A text that is too long ends with an ellipsis. */
static void shorten(char *text, int columns)
{
    if (screen_width(text) <= columns)
        return;
    text[screen_cut(text, columns - 3) - text] = '\0';
    strcat(text, "...");
}

/* Who stands where: a row each, or all in one. Returns the last row. */
static int paint_choices(const struct stage *stage, int row)
{
    const struct play_step *step = stage_choices(stage);
    int count = step == NULL ? 0 : step->choice_count;
    bool rows = have_rows(stage);
    char line[1024] = "", text[200];
    size_t used = 0;

    for (int i = 0; i < count; i++) {
        if (step->choices[i].ended)
            continue;
        write_choice(&step->choices[i], text, sizeof text);
        if (rows) {
            snprintf(line, sizeof line, " %s", text);
            shorten(line, screen_now()->columns);
            screen_piece(++row, 0, screen_now()->columns,
                         step->choices[i].next ? "1" : "", line);
        } else if (used < sizeof line - 1) {
            used += (size_t)snprintf(line + used, sizeof line - used,
                                     " %s  ", text);
        }
    }
    if (!rows) {
        shorten(line, screen_now()->columns);
        screen_piece(++row, 0, screen_now()->columns, "1", line);
    }
    return row;
}

void stage_paint_bar(const struct stage *stage, const struct part *cast,
                     int count, int hidden)
{
    int row = screen_now()->rows - stage_bar_rows(stage);
    int turn = stage->withholds ? -1 : stage_turn(stage, cast, count);
    const char *style =
        turn == -1 ? "1;7" : stage_ground(stage_hue(turn));
    char words[800], line[804], corner[64], where[48];

    place(stage, where, sizeof where);
    snprintf(corner, sizeof corner, "  %s ", where);
    named(stage, words, sizeof words);
    snprintf(line, sizeof line, " %s", words);
    shorten(line, screen_now()->columns - screen_width(corner));
    screen_piece(row, 0, screen_now()->columns - screen_width(corner),
                 style, line);
    screen_piece(row, screen_now()->columns - screen_width(corner),
                 screen_width(corner), style, corner);
    if (stage->settings.own_count > 0)
        row = paint_choices(stage, row);
    else if (stage->options.questions) {
        stage_question(stage, words, sizeof words);
        snprintf(line, sizeof line, " %s", words);
        screen_piece(++row, 0, screen_now()->columns, "1", line);
    }
    paint_keys(stage, row + 1, hidden);
}

void stage_help_lines(const struct stage *stage, struct sheet *sheet)
{
    enum { ALL, LESSONS, OWN, WIRE };
    static const struct {
        int whose;
        const char *text;
    } lines[] = {
        {ALL, "Enter, Space, Page Down   the next step"},
        {OWN, "1 to 9                    that one makes its call; one"
              " that waits with a"},
        {OWN, "                          time limit lets its time "
              "pass"},
        {OWN, "f                         the next one runs until it "
              "blocks"},
        {OWN, "t                         type a line for the one that"
              " reads its input"},
        {ALL, "b, Page Up                one step back, as it was "
              "recorded"},
        {ALL, "Home, End                 the first step, the last"},
        {LESSONS, "n, p                      the next lesson, the "
                  "previous one"},
        {LESSONS, "g                         go to a step: 14, or "
                  "05:14"},
        {OWN, "g                         go to a step: 14"},
        {ALL, "r                         play this again, a new run"},
        {ALL, "Tab, arrows               choose a pane, and scroll it"},
        {ALL, "+, -                      more rows for that pane, "
              "fewer"},
        {WIRE, "w                         the wire in the place of the"
               " source, and back"},
        {ALL, ".                         an empty screen, until the "
              "next key"},
        {ALL, "q, then q; Ctrl-C         the end"},
        {LESSONS, "05:14 in the bar          lesson 05; its step 14 "
                  "comes next"},
        {OWN, "yours:14 in the bar       step 14 comes next"},
        {ALL, "=>  <=  ...               the next call; returned; it "
              "blocks"},
    };
    int whose = stage->settings.own_count > 0 ? OWN : LESSONS;

    sheet_clear(sheet);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (lines[i].whose == ALL || lines[i].whose == whose
            || (lines[i].whose == WIRE && stage->options.wire))
            sheet_add(sheet, "", "   %s", lines[i].text);
}
