/* stage.c: runs the stage: the play, the keys, the clock and the
 * terminal. None of them ever waits for another. */
#define _DEFAULT_SOURCE 1 /* SIGWINCH */
#include "keys.h"
#include "stage_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool news = true; /* something has to be painted */
static long long due = -1; /* --auto: time of the next step, in ms */

/* A signal writes its number into a pipe, which poll watches. */
static int signals[2] = {-1, -1};

static void on_signal(int number)
{
    int saved = errno;
    char byte = (char)number;
    ssize_t n = write(signals[1], &byte, 1);

    (void)n;
    errno = saved;
}

static int catch_signals(void)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT,
                                 SIGWINCH};
    struct sigaction action = {.sa_handler = on_signal};

    if (pipe(signals) == -1) {
        perror("demo: --stage: pipe");
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(signals[i], F_SETFL, O_NONBLOCK);
        fcntl(signals[i], F_SETFD, FD_CLOEXEC);
    }
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
        sigaction(caught[i], &action, NULL);
    return 0;
}

static void take_signals(void)
{
    char number;

    while (read(signals[0], &number, 1) == 1)
        if (number == SIGWINCH) {
            screen_measure();
            news = true;
        } else {
            stage.status = 128 + number;
        }
}

/* ---- the play ----------------------------------------------------------- */

/* Goes on with the play as far as it can without blocking. */
static void work(void)
{
    while (stage.live != -1 && stage.status == -1) {
        struct act *act = &stage.acts[stage.live];
        int events = act->play->event_count, count = act->count;
        enum play_state state = play_work(act->play);

        if (act->play->event_count != events)
            news = true;
        if (state == PLAY_RUNS
            || (!stage.running && state != PLAY_BROKEN)
            || (stage.options.wire && !stage_wire_settled()))
            return;
        stage_advance(state);
        news = true;
        if (act->count != count)
            due = -1;
        if (!stage.running)
            return;
    }
}

/* --auto: makes a step if it is time, and returns 0; else milliseconds
 * until then, or -1. A broken lesson stays until one can read why. */
static int auto_step(void)
{
    enum { READING = 3000 };
    long long now = play_clock() / 1000, pause;

    if (stage.options.every < 0 || stage_stop() == NULL || stage.help
        || stage.asks || stage.leaving || stage.dark) {
        due = -1;
        return -1;
    }
    pause = (long long)(stage.options.every * 1000);
    if (stage_stop()->kind == STOP_BROKEN && pause < READING)
        pause = READING;
    if (due == -1)
        due = now + pause;
    if (now < due)
        return (int)(due - now);
    due = -1;
    news = true;
    stage_forward();
    return 0;
}

/* --auto starts over after the last lesson: no lesson is known yet. */
static void all_over_again(void)
{
    stage.status = -1;
    stage.live = -1;
    for (int i = 0; i < stage.count; i++) {
        play_close(stage.acts[i].play);
        stage.acts[i].play = NULL;
        stage.acts[i].count = 0;
        stage.acts[i].left = stage.acts[i].whole = false;
    }
    stage_go_to_lesson(0);
}

/* ---- the loop ------------------------------------------------------------ */

enum { SIGNALS, KEYS, OUTPUT, FRAMES, OWN };

static void take_keys(void)
{
    int key;

    while (stage.status == -1 && (key = keys_next()) != -1) {
        stage_key(key);
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
static void wait_for_news(int timeout)
{
    struct pollfd fds[OWN + PLAY_WATCHED];
    int count = OWN, until;

    fds[SIGNALS] = (struct pollfd){.fd = signals[0], .events = POLLIN};
    fds[KEYS] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    fds[OUTPUT] = (struct pollfd){
        .fd = STDOUT_FILENO, .events = screen_pending() ? POLLOUT : 0};
    fds[FRAMES] =
        (struct pollfd){.fd = stage_wire_fd(), .events = POLLIN};
    if (stage.live != -1) {
        count += play_watch(stage.acts[stage.live].play, fds + OWN,
                            PLAY_WATCHED, &until);
        timeout = sooner(timeout, until);
    }
    timeout = sooner(timeout, stage_wire_timeout());
    if (keys_undecided())
        timeout = sooner(timeout, KEYS_PAUSE);
    if (poll(fds, (nfds_t)count, timeout) == 0 && keys_undecided()) {
        keys_settle();
        take_keys();
    }
    take_signals();
    if (fds[FRAMES].revents != 0) {
        stage_wire_read();
        news = true;
    }
    if (fds[KEYS].revents != 0) {
        if (!keys_read(STDIN_FILENO))
            stage.status = 128 + SIGHUP;
        take_keys();
    }
    if (screen_pending() && !screen_flush())
        stage.status = 128 + SIGHUP;
}

static void run(void)
{
    int seconds = 0;

    while (stage.status == -1) {
        int timeout;

        work();
        timeout = auto_step();
        if (stage.status == -2) {
            all_over_again();
            continue;
        }
        if (timeout == 0)
            continue;
        if (seconds != stage_seconds()) {
            seconds = stage_seconds();
            news = true;
        }
        if (news && screen_begin()) {
            news = false;
            stage_paint();
            screen_flush();
        }
        wait_for_news(timeout);
    }
}

/* Reads the cue lists: for the cast, and to report a wrong list before
 * the terminal is taken over. */
static int read_lists(const struct play_settings *settings)
{
    int result = 0;

    stage.count = settings->lesson_count;
    stage.acts =
        play_room(NULL, (size_t)stage.count + 1, sizeof stage.acts[0]);
    for (int i = 0; i < stage.count && result == 0; i++) {
        char why[512];

        stage.acts[i] = (struct act){.name = settings->lessons[i]};
        if (cues_read(&stage.acts[i].list, settings,
                      settings->lessons[i], why, sizeof why)
            == -1) {
            fprintf(stderr, "demo: %s\n", why);
            result = -1;
        }
    }
    return result;
}

static void free_acts(void)
{
    for (int i = 0; i < stage.count; i++) {
        play_close(stage.acts[i].play);
        cues_free(&stage.acts[i].list);
        free(stage.acts[i].stops);
        free(stage.acts[i].frames);
    }
    free(stage.acts);
}

int stage_run(const struct play_settings *settings,
              const struct stage_options *options)
{
    stage.settings = *settings;
    stage.options = *options;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        fputs("demo: --stage needs a terminal for its keys and its"
              " panes; without the options of the stage it needs "
              "none\n",
              stderr);
        return 2;
    }
    if (read_lists(settings) == -1)
        return 2;
    if (options->questions
        && stage_read_questions(settings->root) == -1)
        return 1;
    if (options->wire && stage_wire_rights(options->argv) == -1)
        return 1;
    if (catch_signals() == -1)
        return 1;
    if (options->from == NULL) {
        stage_go_to_lesson(0);
    } else if (!stage_jump(options->from)) {
        fprintf(stderr, "demo: --stage: %s\n", stage.note);
        free_acts();
        return 2;
    }
    screen.always_utf8 = true; /* the lessons' words are UTF-8 */
    programs_begin(); /* if it cannot, the first lesson says so */
    screen_open();
    programs_terminal(screen.on ? TERMINAL_PAINTED
                                : TERMINAL_AS_BEFORE);
    if (!screen.on) {
        fputs("demo: --stage: this terminal cannot be painted (TERM is"
              " dumb or not set, or the program runs in the "
              "background); try"
              " without the options of the stage\n",
              stderr);
        free_acts();
        return 2;
    }
    run();
    screen_close();
    programs_terminal(TERMINAL_AS_BEFORE);
    stage_wire_end();
    free_acts();
    return stage.status;
}
