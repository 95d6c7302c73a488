/* plain.c: the play as lines of text, each marked with its role. On a
 * terminal it stops when the screen is full and after each lesson; if
 * standard input or output is no terminal, it never stops.
 */
#include "engine.h"
#include "terminal.h"
#include "views.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    WIDTH = 70, /* columns of a program's line, at most */
    NAME_WIDTH = 10, /* columns before it */
};

struct plain {
    const struct plain_options *options;
    struct play *play;
    int shown; /* events */
    bool seen; /* on a terminal: lines are broken at its width */
    bool paged; /* it stops when the screen is full */
    bool all; /* the reader wants no more pauses */
    bool colour;
    int rows; /* printed since the last pause */
    int tty; /* for -s */
    long long asked; /* when a step was last asked for */
    const struct play_event *event; /* the one being printed */
};

/* ---- printing ------------------------------------------------------ */

/* Standard output cannot be written: ends the play. If its reader has
 * gone, that is no error: the process dies of SIGPIPE, as is usual. */
static _Noreturn void nobody_sees(const struct plain *plain)
{
    bool gone = errno == EPIPE;

    play_close(plain->play);
    terminal_end();
    if (gone) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    fprintf(stderr,
            "%s: standard output cannot be written; is it closed, or"
            " the disk full?\n",
            plain->options->name);
    exit(1);
}

static void out(const struct plain *plain, const char *text)
{
    if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
        nobody_sees(plain);
}

/* The reader pressed q. */
static _Noreturn void leave(const struct plain *plain)
{
    play_close(plain->play);
    exit(0);
}

static void pause_for_key(struct plain *plain, const char *words)
{
    if (!plain->paged || plain->all)
        return;
    switch (terminal_ask(words)) {
    case WISH_QUIT:
        leave(plain);
    case WISH_ALL:
        plain->all = true;
        break;
    case WISH_MORE:
        break;
    }
    plain->rows = 0;
}

/* Columns of a text: each character of UTF-8 counts as one. */
static int columns_of(const char *text)
{
    int columns = 0;

    for (; *text != '\0'; text++)
        columns += (*text & 0xC0) != 0x80;
    return columns;
}

/* Prints one row, after a pause if the screen is full. */
static void print_row(struct plain *plain, const char *before,
                      const char *style, const char *text)
{
    int wide = terminal_columns();
    int rows = 1 + (columns_of(before) + columns_of(text) - 1) / wide;
    char *line =
        plain->colour && style[0] != '\0' && text[0] != '\0'
            ? memory_text("%s%s%s\033[0m\n", before, style, text)
            : memory_text("%s%s\n", before, text);

    if (rows < 1)
        rows = 1;
    if (plain->rows + rows > terminal_rows() - 1)
        pause_for_key(plain, " any key: more   a: all   q: end ");
    plain->rows += rows;
    out(plain, line);
    free(line);
}

/* Prints one line; on a narrow terminal in several rows, each of them
 * after `before`. */
static void print(struct plain *plain, const char *before,
                  const char *style, const char *text)
{
    int wide = terminal_columns() - columns_of(before);

    do {
        size_t size = plain->seen && wide > 0 ? play_fits(text, wide)
                                              : strlen(text);
        char *row = memory_text("%.*s", (int)size, text);

        print_row(plain, before, style, row);
        free(row);
        text += size;
        text += *text == ' ';
    } while (*text != '\0');
}

/* Prints a line of a program after its role, which is indented: the
 * second role of a scene a little, the others a little more. */
static void print_line(void *context, const char *text)
{
    struct plain *plain = context;
    const struct play_event *event = plain->event;
    const char *style = "";
    char before[PLAY_SHORT + 8] = "";

    if (event->actor != -1) {
        const struct play_actor *who =
            &plain->play->actors[event->actor];
        int indent = who->column == 0 ? 0 : who->column == 1 ? 2 : 3;

        snprintf(before, sizeof before, "%*s%s|%s", indent, "",
                 who->role, text[0] != '\0' ? " " : "");
    } else if (event->kind == PLAY_SEGMENT) {
        snprintf(before, sizeof before, "wire| ");
    }
    if (event->kind == PLAY_TITLE || event->kind == PLAY_CALL
        || event->kind == PLAY_BLOCKS || event->kind == PLAY_KNOWN)
        style = "\033[1m";
    else if (event->kind == PLAY_KERNEL)
        style = "\033[36m";
    print(plain, before, style, text);
}

static void print_event(struct plain *plain,
                        const struct play_event *event)
{
    int wide = terminal_columns() - NAME_WIDTH;
    char *text;

    plain->event = event;
    if (event->kind == PLAY_SCENE) {
        text = memory_text("== %s ==", event->told.text);
        print(plain, "", "", "");
        print(plain, "", "\033[1m", text);
        free(text);
        return;
    }
    play_lines(event, plain->seen && wide < WIDTH ? wide : WIDTH,
               print_line, plain);
}

/* ---- the first words and the last ---------------------------------- */

static void first_words(struct plain *plain)
{
    print(plain, "", "",
          "How to read this: the name before | is whose line it is, a"
          " number begins a call with its values and its result, and"
          " below stand what that means and what the kernel holds.");
}

static void last_words(struct plain *plain)
{
    print(plain, "", "", "");
    print(plain, "", "\033[1m",
          "That was all. Now be both sides yourself:");
    print(plain, "    ", "", "make && build/04_accept");
    print(plain, "    ", "",
          "build/05_connect     in a second terminal");
}

/* ---- the play ------------------------------------------------------ */

/* Waits for Enter before the next step. If the last step took long, what
 * was typed meanwhile is discarded: it was not meant for this one. */
static void step(struct plain *plain)
{
    const struct play *play = plain->play;
    long long moment = now_us();
    bool fresh = plain->asked != 0 && moment - plain->asked > 1900000;
    char *text =
        memory_text("    next: %s  [Enter] ", play->asked.prompt);
    char key;

    do {
        out(plain, text);
        key = terminal_line(plain->tty, fresh);
        fresh = false;
    } while (key == '\0');
    free(text);
    if (key == 'q')
        leave(plain);
    plain->asked = now_us();
}

/* Prints the new events; pauses between lessons. */
static void show(struct plain *plain)
{
    const struct play *play = plain->play;

    while (plain->shown < play->event_count) {
        const struct play_event *event = &play->events[plain->shown];

        if (plain->shown > 0 && event->kind == PLAY_SCENE
            && event[-1].lesson != event->lesson) {
            char *words =
                memory_text(" That was lesson %s. any key: lesson %s   "
                            "a: all   q:"
                            " end ",
                            play->lessons[event[-1].lesson].name,
                            play->lessons[event->lesson].name);
            bool fits = columns_of(words) < terminal_columns();

            pause_for_key(plain, fits ? words : strchr(words, '.') + 1);
            free(words);
        }
        print_event(plain, event);
        plain->shown++;
    }
}

static int complain(const struct plain *plain)
{
    int status = plain->play->status;

    fprintf(stderr, "%s: %s\n", plain->options->name, plain->play->why);
    return status;
}

static int run(struct plain *plain)
{
    struct pollfd fds[PLAY_WATCHED];
    struct play *play = plain->play;
    int timeout, count;

    for (;;) {
        enum play_state state = play_work(play);

        show(plain);
        switch (state) {
        case PLAY_ASKS:
            if (plain->options->stepping)
                step(plain);
            play_next(play);
            break;
        case PLAY_RUNS:
            count = play_watch(play, fds, PLAY_WATCHED, &timeout);
            poll(fds, (nfds_t)count, timeout);
            break;
        case PLAY_DONE:
            if (plain->paged && !plain->options->own)
                last_words(plain);
            return 0;
        case PLAY_BROKEN:
            return complain(plain);
        }
    }
}

int plain_run(const struct play_settings *settings,
              const struct plain_options *options)
{
    struct plain plain = {.options = options, .tty = -1};
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    int status;

    plain.seen = isatty(STDOUT_FILENO);
    plain.colour = plain.seen
                   && (no_colour == NULL || no_colour[0] == '\0')
                   && (term == NULL || strcmp(term, "dumb") != 0);
    if (options->stepping) {
        plain.tty = terminal_open();
        if (plain.tty == -1) {
            fprintf(stderr,
                    "%s: -s reads Enter from a terminal and there is"
                    " none; without -s it needs none\n",
                    options->name);
            return 2;
        }
    }
    /* What is saved is played to its end. */
    plain.paged = !options->stepping && options->save == NULL
                  && terminal_is_there();
    plain.play = play_open(settings);
    if (plain.paged)
        terminal_begin();
    if (plain.paged && plain.play->status == 0)
        first_words(&plain);
    status = run(&plain);
    if (options->save != NULL
        && run_save(options->save, plain.play, settings->root) == -1)
        status = 1;
    play_close(plain.play);
    return status;
}

int plain_show(const char *path, const struct plain_options *options)
{
    struct plain plain = {.options = options, .tty = -1};
    char why[300];

    plain.play = run_read(path, why, sizeof why);
    if (plain.play == NULL) {
        fprintf(stderr, "%s: %s\n", options->name, why);
        return 2;
    }
    for (int i = 0; i < plain.play->event_count; i++)
        if (plain.play->events[i].kind != PLAY_SEGMENT)
            print_event(&plain, &plain.play->events[i]);
    play_close(plain.play);
    return 0;
}
