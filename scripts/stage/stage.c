/* stage.c: runs the stage: the play, the keys, the clock and the
 * terminal. None of them ever waits for another. */
#define _DEFAULT_SOURCE 1 /* SIGWINCH */
#include "../common/signals.h"
#include "../play/keys.h"
#include "../play/views.h"
#include "parts.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool news = true; /* something has to be painted */
static long long due = -1; /* --auto: time of the next step, in ms */

static int signals = -1; /* where they come as bytes, signals_pipe */

static int catch_signals(void)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT,
                                 SIGWINCH};

    signals = signals_pipe(caught, sizeof caught / sizeof caught[0]);
    if (signals == -1)
        perror("demo: --stage: pipe");
    return signals == -1 ? -1 : 0;
}

static void take_signals(struct stage *stage)
{
    char number;

    while (read(signals, &number, 1) == 1)
        if (number == SIGWINCH) {
            screen_measure();
            news = true;
        } else {
            stage->status = 128 + number;
        }
}

/* ---- the play ----------------------------------------------------------- */

/* What comes without a step, because a program of one's own runs on or a
 * program was killed, belongs to the last one. Ends the last stop if all
 * programs of one's own have ended. */
static void take_live(struct stage *stage, struct act *act,
                      enum play_state state)
{
    struct stop *last;

    if (stage->running || act->count == 0 || state == PLAY_BROKEN)
        return;
    last = &act->stops[act->count - 1];
    if (last->kind != STOP_STEP)
        return;
    if (last->shown != act->play->event_count)
        stage->on = false;
    last->shown = act->play->event_count;
    if (state == PLAY_DONE) {
        stage->running = true;
        act->count--;
        if (stage->at > act->count)
            stage->at = act->count;
    }
}

/* Goes on with the play as far as it can without blocking. */
static void work(struct stage *stage)
{
    while (stage->live != -1 && stage->status == -1) {
        struct act *act = &stage->acts[stage->live];
        int events = act->play->event_count, count = act->count;
        enum play_state state = play_work(act->play);

        if (act->play->event_count != events)
            news = true;
        take_live(stage, act, state);
        if (state == PLAY_RUNS
            || (!stage->running && state != PLAY_BROKEN))
            return;
        stage_advance(stage, state);
        news = true;
        if (act->count != count)
            due = -1;
        if (!stage->running)
            return;
    }
}

/* --auto: makes a step if it is time, and returns 0; else milliseconds
 * until then, or -1. A broken lesson stays until one can read why. */
static int auto_step(struct stage *stage)
{
    enum { READING = 3000 };
    long long pause, left;

    if (stage->options.every < 0 || stage_stop(stage) == NULL
        || stage->help || stage->asks || stage->leaving
        || stage->dark) {
        due = -1;
        return -1;
    }
    pause = (long long)(stage->options.every * 1000);
    if (stage_stop(stage)->kind == STOP_BROKEN && pause < READING)
        pause = READING;
    if (due == -1)
        due = now() + pause;
    left = due - now();
    if (left > 0)
        return (int)left;
    due = -1;
    news = true;
    stage_forward(stage);
    return 0;
}

/* --auto starts over after the last lesson: no lesson is known yet. */
static void all_over_again(struct stage *stage)
{
    stage->status = -1;
    stage->live = -1;
    for (int i = 0; i < stage->count; i++) {
        play_close(stage->acts[i].play);
        stage->acts[i].play = NULL;
        stage->acts[i].count = 0;
        stage->acts[i].left = stage->acts[i].whole = false;
    }
    stage_go_to_lesson(stage, 0);
}

/* ---- the loop ------------------------------------------------------------ */

enum { SIGNALS, KEYS, OUTPUT, OWN };

static void take_keys(struct stage *stage)
{
    int key;

    while (stage->status == -1 && (key = keys_next()) != -1) {
        stage_key(stage, key);
        due = -1;
        news = true;
    }
}

static int sooner(int one, int other)
{
    if (one == -1 || other == -1)
        return one == -1 ? other : one;
    return one < other ? one : other;
}

/* Waits until something happens, and deals with it. */
static void wait_for_news(struct stage *stage, int timeout)
{
    struct pollfd fds[OWN + PLAY_WATCHED];
    int count = OWN, until;

    fds[SIGNALS] = (struct pollfd){.fd = signals, .events = POLLIN};
    fds[KEYS] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    fds[OUTPUT] = (struct pollfd){
        .fd = STDOUT_FILENO, .events = screen_pending() ? POLLOUT : 0};
    if (stage->live != -1) {
        count += play_watch(stage->acts[stage->live].play, fds + OWN,
                            PLAY_WATCHED, &until);
        timeout = sooner(timeout, until);
    }
    if (keys_undecided())
        timeout = sooner(timeout, KEYS_PAUSE);
    if (poll(fds, (nfds_t)count, timeout) == 0 && keys_undecided()) {
        keys_settle();
        take_keys(stage);
    }
    take_signals(stage);
    if (fds[KEYS].revents != 0) {
        if (!keys_read(STDIN_FILENO))
            stage->status = 128 + SIGHUP;
        take_keys(stage);
    }
    if (screen_pending() && !screen_flush())
        stage->status = 128 + SIGHUP;
}

static void run(struct stage *stage)
{
    int seconds = 0;

    while (stage->status == -1) {
        int timeout;

        work(stage);
        timeout = auto_step(stage);
        if (stage->status == -2) {
            all_over_again(stage);
            continue;
        }
        if (timeout == 0)
            continue;
        if (seconds != stage_seconds(stage)) {
            seconds = stage_seconds(stage);
            news = true;
        }
        if (news && screen_begin()) {
            news = false;
            stage_lay_out(stage);
            stage_paint(stage);
            screen_flush();
        }
        wait_for_news(stage, timeout);
    }
}

/* Reads the cue lists: for the cast, and to report a wrong list before
 * the terminal is taken over. */
static int read_lists(struct stage *stage,
                      const struct play_settings *settings)
{
    int result = 0;

    stage->count = settings->lesson_count;
    stage->acts = memory_for(NULL, (size_t)stage->count + 1,
                             sizeof stage->acts[0]);
    for (int i = 0; i < stage->count && result == 0; i++) {
        char why[512];

        stage->acts[i] = (struct act){.name = settings->lessons[i]};
        if (settings->own_count > 0)
            continue;
        if (cues_read(&stage->acts[i].list, settings,
                      settings->lessons[i], why, sizeof why)
            == -1) {
            fprintf(stderr, "demo: %s\n", why);
            result = -1;
        }
    }
    return result;
}

static void free_acts(struct stage *stage)
{
    for (int i = 0; i < stage->count; i++) {
        play_close(stage->acts[i].play);
        cues_free(&stage->acts[i].list);
        pace_forget(&stage->acts[i]);
        free(stage->acts[i].told);
        free(stage->acts[i].stops);
    }
    free(stage->acts);
}

int stage_run(const struct play_settings *settings,
              const struct stage_options *options)
{
    struct stage whole = {.settings = *settings,
                          .options = *options,
                          .live = -1,
                          .status = -1};
    struct stage *stage = &whole;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        fputs("demo: --stage needs a terminal for its keys and its"
              " panes; without the options of the stage it needs "
              "none\n",
              stderr);
        return 2;
    }
    if (read_lists(stage, settings) == -1)
        return 2;
    if (options->questions
        && stage_read_questions(settings->root) == -1)
        return 1;
    if (options->wire && stage_wire_rights(options->argv) == -1)
        return 1;
    if (catch_signals() == -1)
        return 1;
    if (options->from == NULL) {
        stage_go_to_lesson(stage, 0);
    } else if (!stage_jump(stage, options->from)) {
        fprintf(stderr, "demo: --stage: %s\n", stage->note);
        free_acts(stage);
        return 2;
    }
    programs_begin(true); /* if it cannot, the first lesson says so */
    screen_open(true);
    programs_terminal(screen_now()->on ? TERMINAL_PAINTED
                                       : TERMINAL_AS_BEFORE);
    if (!screen_now()->on) {
        fputs("demo: --stage: this terminal cannot be painted (TERM is"
              " dumb or not set, or the program runs in the "
              "background); try"
              " without the options of the stage\n",
              stderr);
        free_acts(stage);
        return 2;
    }
    run(stage);
    screen_close();
    programs_terminal(TERMINAL_AS_BEFORE);
    if (options->save != NULL && stage->acts[0].play != NULL
        && run_save(options->save, stage->acts[0].play, settings->root)
               == -1)
        stage->status = 1;
    free_acts(stage);
    return stage->status;
}
