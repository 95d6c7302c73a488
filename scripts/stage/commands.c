/* commands.c: what the keys do. stage_help_lines has it in words. */
#include "../play/keys.h"
#include "parts.h"
#include <ctype.h>
#include <string.h>

/* After `g`: types a step; Enter goes there, Escape, q and g do not. */
static void type_number(struct stage *stage, int key)
{
    size_t size = strlen(stage->typed);

    if (key == '\n') {
        stage->asks = false;
        if (size > 0)
            stage_jump(stage, stage->typed);
    } else if (key == KEY_ESCAPE || key == 'q' || key == 'g') {
        stage->asks = false;
    } else if ((key == 127 || key == '\b') && size > 0) {
        stage->typed[size - 1] = '\0';
    } else if (key < 256 && (isdigit(key) || key == ':' || key == '.')
               && size < 14) {
        stage->typed[size] = (char)key;
        stage->typed[size + 1] = '\0';
    }
}

/* After `t`: a line for a program; Ctrl-D ends its input. */
static void type_words(struct stage *stage, int key)
{
    enum { CTRL_D = 4 };
    size_t size = strlen(stage->typed);

    if (key == '\n' || key == CTRL_D) {
        stage->types = false;
        if (play_type(stage_act(stage)->play,
                      key == CTRL_D ? NULL : stage->typed))
            stage_run_on(stage);
        else
            snprintf(stage->note, sizeof stage->note,
                     "no program reads its input now");
    } else if (key == KEY_ESCAPE) {
        stage->types = false;
    } else if ((key == 127 || key == '\b') && size > 0) {
        stage->typed[size - 1] = '\0';
    } else if (key >= ' ' && key < 256 && key != 127
               && size + 1 < sizeof stage->typed) {
        stage->typed[size] = (char)key;
        stage->typed[size + 1] = '\0';
    }
}

/* The digit names a thread that cannot go on: why. */
static void cannot(struct stage *stage, int digit)
{
    const struct play_step *step = &stage_act(stage)->play->asked;

    snprintf(stage->note, sizeof stage->note, "nobody has the key %d",
             digit);
    for (int i = 0; i < step->choice_count; i++)
        if (step->choices[i].digit == digit)
            snprintf(stage->note, sizeof stage->note,
                     "it cannot go on: %.200s", step->choices[i].words);
}

/* The keys of programs of one's own. False if it is none of them. */
static bool choose(struct stage *stage, int key)
{
    struct act *act = stage_act(stage);

    if (stage->settings.own_count == 0
        || (key != 't' && key != 'f' && (key < '1' || key > '9')))
        return false;
    if (stage->at < act->count - 1) {
        snprintf(stage->note, sizeof stage->note,
                 "this is recorded: End goes to where"
                 " the programs are");
        return true;
    }
    stage_go_to_end(stage);
    if (stage->running || act->count == 0
        || act->stops[act->count - 1].kind != STOP_STEP)
        return true;
    if (key == 't' && !stage_reads(&act->play->asked)) {
        snprintf(stage->note, sizeof stage->note,
                 "no program reads its input now");
    } else if (key == 't') {
        stage->types = true;
        stage->typed[0] = '\0';
    } else if (key == 'f') {
        play_many(act->play);
        stage_forward(stage);
    } else if (play_choose(act->play, key - '0')) {
        stage_forward(stage);
    } else {
        cannot(stage, key - '0');
    }
    return true;
}

/* The keys that move through the play. False if it is none of them. */
static bool walk(struct stage *stage, int key)
{
    switch (key) {
    case '\n':
    case ' ':
    case KEY_PAGE_DOWN:
        stage_forward(stage);
        return true;
    case 'b':
    case 'B':
    case KEY_PAGE_UP:
        stage_back(stage);
        return true;
    case KEY_HOME:
    case KEY_F5:
        stage_go_to_lesson(stage, stage->act);
        return true;
    case KEY_END:
        stage_go_to_end(stage);
        return true;
    case 'n':
    case 'N':
        if (stage->act + 1 < stage->count)
            stage_go_to_lesson(stage, stage->act + 1);
        else
            snprintf(stage->note, sizeof stage->note,
                     "this is the last lesson of the play");
        return true;
    case 'p':
    case 'P':
        if (stage->act > 0)
            stage_go_to_lesson(stage, stage->act - 1);
        else
            snprintf(stage->note, sizeof stage->note,
                     "this is the first lesson of the play");
        return true;
    case 'r':
    case 'R':
        stage_again(stage);
        return true;
    default:
        return false;
    }
}

/* The keys that change what is shown of it. */
static void look(struct stage *stage, int key)
{
    switch (key) {
    case 'g':
    case 'G':
        stage->asks = true;
        stage->typed[0] = '\0';
        break;
    case '?':
    case 'h':
        stage->help = true;
        break;
    case '.':
        stage->dark = true;
        break;
    case 'w':
    case 'W':
        if (stage->options.wire)
            stage->swapped = !stage->swapped;
        break;
    case '\t':
    case KEY_RIGHT:
        stage_next_pane(1);
        break;
    case KEY_BACK_TAB:
    case KEY_LEFT:
        stage_next_pane(-1);
        break;
    case KEY_UP:
        stage_scroll(-1);
        break;
    case KEY_DOWN:
        stage_scroll(1);
        break;
    case '+':
    case '=':
        stage_resize_pane(1);
        break;
    case '-':
    case '_':
        stage_resize_pane(-1);
        break;
    default:
        break;
    }
}

void stage_key(struct stage *stage, int key)
{
    bool quit = key == 'q' || key == 'Q';

    stage->note[0] = '\0';
    if (quit
        && (screen_now()->columns < STAGE_COLUMNS
            || screen_now()->rows < STAGE_ROWS)) {
        stage->status = 0; /* nobody would see the question */
    } else if (stage->leaving) {
        stage->leaving = false;
        if (quit || key == 'y')
            stage->status = 0;
    } else if (stage->dark) {
        stage->dark = false;
    } else if (stage->types) {
        type_words(stage, key);
    } else if (stage->asks) {
        type_number(stage, key);
    } else if (quit) {
        stage->leaving = true;
    } else if (stage->help) {
        stage->help = false;
    } else if (!choose(stage, key) && !walk(stage, key)) {
        look(stage, key);
    }
}
