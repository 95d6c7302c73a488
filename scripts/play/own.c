/* own.c: plays programs of one's own (scripts/demo -- ./server 8888 ::
 * ./client 127.0.0.1 8888). No cue list says what comes next: each thread
 * stops before each of its calls, and a person, or a simple rule, chooses
 * whose call is made.
 *
 * The narrator (lessons/narrator/preload/board.h) shares a page with us,
 * on which each thread has a place with its cues. A step is over when each
 * thread stands before a call, sleeps in one, reads its input or has
 * ended, and nothing has come for a moment; or after SETTLE, if one runs
 * on. What then comes, comes as it happens.
 *
 * What came in a step is kept in an order that does not depend on who was
 * faster: first what the thread says that had the cue, then the others.
 */
#define _XOPEN_SOURCE 700 /* realpath */
#include "verbs.h"
#include "../common/signals.h"
#include "board.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>

enum {
    SETTLE =
        400000, /* microseconds after a cue: it runs on by itself */
    QUIET = 25000, /* without news, and all stand: that was all */
    STUCK = 700000, /* all block for so long: nobody can go on */
    PATIENCE = 2000000, /* nobody can go on, and nobody watches */
    MOST_PROCESSES = 48, /* of all programs; the keeper has 64 places */
    MOST_EVENTS = 200000, /* kept; some 400 bytes each */
    AT_ONCE = 100, /* calls of `f` */
    ALIKE = 5, /* like calls in a step: more than this are folded */
};

enum stand { RUNS, AT_CALL, IN_CALL, READS, GONE };

struct thread {
    int actor;
    int number; /* in its process, from 1; 0: not given yet */
    int child; /* number of its process among the children; 0: none */
    int place; /* on the board, or -1 */
    int digit; /* its key, 1 to 9, or 0 */
    long process, task; /* their ids */
    enum stand stand;
    int calls; /* the number of its last call */
    int counted; /* that call's number in its process */
    int line;
    const char *source;
    char call[48]; /* AT_CALL, IN_CALL: its name */
    char stands[256], blocks[256]; /* and the whole call */
    long long since; /* µs of now_us(): IN_CALL since then */
    bool repeats; /* its SYN has been repeated */
};

struct own {
    char ***words;
    int count;
    struct cue_board *board;
    struct thread *threads;
    int thread_count;
    int last; /* the thread that had the last cue, or -1 */
    int cues; /* of the next step: 1, or AT_ONCE */
    int choice[PLAY_CHOICES]; /* the thread of each choice */
    bool stuck_told, slept_told;
    long long news, cued, listed; /* now_us() */
    struct sources *sources;
    int keys[PLAY_ROLES]; /* thread of the last event of each actor */
    struct pending {
        struct play_event event;
        int thread; /* or -1 - actor: of no thread */
    } * pending; /* what has come in this step */
    int pending_count;
};

static void begin(struct play *play,
                  const struct play_settings *settings)
{
    struct own *own = memory_for(NULL, 1, sizeof *own);

    *own = (struct own){.words = settings->own,
                        .count = settings->own_count,
                        .last = -1,
                        .cues = 1};
    own->sources = sources_begin();
    play->engine->own = own;
    own->board = board_begin();
    if (own->board == NULL)
        engine_broken(play, 1,
                      "no memory to share with the programs: %s",
                      strerror(errno));
    play->port = settings->port != 0 ? settings->port : 8888;
}

/* ---- the threads --------------------------------------------------------- */

/* Does the time limit of its call wait for a cue? */
static bool is_held(const struct own *own, const struct thread *thread)
{
    return thread->stand == IN_CALL
           && board_holds(own->board, thread->place);
}

/* The lowest digit that no living thread has; 0 if there is none. */
static int free_digit(const struct own *own)
{
    for (int digit = 1; digit <= PLAY_CHOICES; digit++) {
        bool taken = false;

        for (int i = 0; i < own->thread_count; i++)
            taken = taken || own->threads[i].digit == digit;
        if (!taken)
            return digit;
    }
    for (int digit = 1; digit <= PLAY_CHOICES; digit++)
        for (int i = 0; i < own->thread_count; i++)
            if (own->threads[i].digit == digit
                && own->threads[i].stand == GONE) {
                own->threads[i].digit = 0;
                return digit;
            }
    return 0;
}

/* The thread with this id, added if it is new. */
static int thread_of(struct play *play, int actor, long process,
                     long task)
{
    struct own *own = play->engine->own;
    struct thread *thread;
    int child = 0, most = 0;

    for (int i = 0; i < own->thread_count; i++) {
        thread = &own->threads[i];
        if (thread->actor != actor)
            continue;
        if (thread->process == process && thread->task == task)
            return i;
        if (thread->process == process)
            child = thread->child;
        if (thread->child > most)
            most = thread->child;
    }
    if (child == 0
        && process != (long)play->engine->programs[actor].pid) {
        child = most + 1;
        programs_keep((pid_t)process, SIGKILL); /* it may call setsid */
    }
    own->threads =
        memory_for(own->threads, (size_t)own->thread_count + 1,
                   sizeof *own->threads);
    thread = &own->threads[own->thread_count++];
    *thread = (struct thread){.actor = actor,
                              .child = child,
                              .place = -1,
                              .process = process,
                              .task = task};
    thread->digit = free_digit(own);
    return own->thread_count - 1;
}

/* Numbers the threads that are new since the last step, in the order in
 * which they were created: the kernel gives their ids in that order. */
static void number_threads(struct own *own)
{
    for (;;) {
        struct thread *next = NULL;
        int most = 0;

        for (int i = 0; i < own->thread_count; i++) {
            struct thread *thread = &own->threads[i];

            if (thread->number == 0
                && (next == NULL || thread->task < next->task))
                next = thread;
        }
        if (next == NULL)
            return;
        for (int i = 0; i < own->thread_count; i++)
            if (own->threads[i].process == next->process
                && own->threads[i].number > most)
                most = own->threads[i].number;
        next->number = next->task == next->process ? 1
                       : most > 0                  ? most + 1
                                                   : 2;
    }
}

/* What the system says of a thread: 'S' with the number of its call and
 * its first argument, 'R', or 0 if it is gone. proc(5). */
static char look(const struct thread *thread, long *call, long *first)
{
    char state = task_state(thread->process, thread->task);
    char *path;
    FILE *file;

    *call = *first = -1;
    if (state == 0 || state == 'Z' || state == 'X')
        return 0;
    if (state != 'S')
        return 'R';
    path = memory_text("/proc/%ld/task/%ld/syscall", thread->process,
                       thread->task);
    file = fopen(path, "r");
    free(path);
    if (file != NULL) {
        if (fscanf(file, "%ld %lx", call, (unsigned long *)first) < 1)
            state = 'R'; /* "running" */
        fclose(file);
    }
    return state;
}

/* Adds the threads that have taken a place on the board, such as a child
 * that has not made a call yet. */
static void read_board(struct play *play)
{
    struct own *own = play->engine->own;

    for (int i = 0; i < BOARD_PLACES; i++) {
        int task, process, program;

        if (!board_read(own->board, i, &task, &process, &program))
            continue;
        for (int actor = 0; actor < play->actor_count; actor++)
            if (play->engine->programs[actor].pid == program) {
                int at = thread_of(play, actor, process, task);

                if (own->threads[at].stand != GONE)
                    own->threads[at].place = i;
            }
    }
}

static void end(struct play *play)
{
    struct own *own = play->engine->own;

    for (int i = 0; i < own->thread_count; i++) {
        long call, first; /* it may have left our process group */

        if (own->threads[i].stand != GONE
            && look(&own->threads[i], &call, &first) != 0)
            kill((pid_t)own->threads[i].process, SIGKILL);
        if (own->threads[i].child > 0)
            programs_forget((pid_t)own->threads[i].process);
    }
    for (int i = 0; i < own->pending_count; i++)
        records_free(&own->pending[i].event);
    board_end(own->board);
    sources_end(own->sources);
    free(own->pending);
    free(own->threads);
    free(own);
}

/* ---- what comes ---------------------------------------------------------- */

static void put(struct own *own, const struct play_event *event,
                int thread)
{
    own->pending =
        memory_for(own->pending, (size_t)own->pending_count + 1,
                   sizeof *own->pending);
    own->pending[own->pending_count++] =
        (struct pending){*event, thread};
}

/* A program has ended: how, in its own pane. */
static void take_end(struct play *play, int actor,
                     struct play_event *event)
{
    struct own *own = play->engine->own;
    long result = event->told.result;
    const struct thread *thread = NULL;
    char *text, signal[16];
    struct play_event note;
    int main = -1 - actor;

    for (int i = 0; i < own->thread_count; i++)
        if (own->threads[i].actor == actor
            && own->threads[i].child == 0) {
            own->threads[i].stand = GONE;
            if (thread == NULL) {
                thread = &own->threads[i];
                main = i;
            }
        }
    play->actors[actor].at = PLAY_ENDED;
    if (result > 128) {
        signals_name((int)result - 128, signal);
        text = thread != NULL && thread->call[0] != '\0'
                   ? memory_text("It was ended by %s; its last call was"
                                 " %s.",
                                 signal, thread->stands)
                   : memory_text("It was ended by %s.", signal);
        records_free(event);
        records_make(event, PLAY_END, signal);
        event->actor = actor;
        event->told.result = result;
    } else {
        text =
            memory_text("It has ended with exit status %ld.", result);
    }
    records_make(&note, PLAY_NOTE, text);
    note.actor = actor;
    free(text);
    put(own, event, main);
    put(own, &note, main);
}

/* What a record says of where its thread stands. */
static void place_thread(struct own *own, struct thread *thread,
                         const struct play_event *event)
{
    const struct play_record *told = &event->told;

    if (told->number != 0 && event->kind == PLAY_BEFORE) {
        if (thread->calls == 0 && thread->task == thread->process)
            thread->calls = told->number; /* a child counts on */
        else
            thread->calls++;
        thread->counted = told->number;
    }
    switch (event->kind) {
    case PLAY_BEFORE:
        thread->stand = AT_CALL;
        thread->repeats = false;
        if (told->line != 0) { /* Python has said it */
            thread->line = told->line;
            thread->source = told->source;
        } else {
            thread->source = sources_find(own->sources, thread->process,
                                          told->from, &thread->line);
        }
        snprintf(thread->call, sizeof thread->call, "%s", told->call);
        snprintf(thread->stands, sizeof thread->stands, "%s",
                 told->text);
        break;
    case PLAY_BLOCKS:
        thread->stand = IN_CALL;
        thread->since = now_us();
        board_take_back(own->board, thread->place); /* left of `f` */
        snprintf(thread->blocks, sizeof thread->blocks, "%s(%s)",
                 told->call, told->arguments);
        break;
    case PLAY_CALL:
        thread->stand = RUNS;
        break;
    default:
        break;
    }
}

/* Keeps a path for as long as the play: a record has it only for itself. */
static const char *lasting(struct play *play, const char *path)
{
    char *whole = path == NULL ? NULL : realpath(path, NULL);

    if (whole == NULL)
        return NULL;
    for (int i = 0; i < play->path_count; i++)
        if (strcmp(play->paths[i], whole) == 0) {
            free(whole);
            return play->paths[i];
        }
    play->paths = memory_for(play->paths, (size_t)play->path_count + 1,
                             sizeof *play->paths);
    play->paths[play->path_count++] = whole;
    return whole;
}

static void take(struct play *play, int actor, struct play_event *event)
{
    struct own *own = play->engine->own;
    struct play_record *told = &event->told;
    struct play_actor *who = &play->actors[actor];
    struct thread *thread;

    own->news = now_us();
    own->stuck_told = false;
    if (event->kind == PLAY_END) {
        take_end(play, actor, event);
        return;
    }
    if (told->process != 0) {
        int at =
            thread_of(play, actor, told->process,
                      told->task != 0 ? told->task : told->process);

        thread = &own->threads[at];
        thread->place = told->place;
        told->source = lasting(play, told->source);
        place_thread(own, thread, event);
        if (told->line == 0) {
            told->line = thread->line;
            told->source = lasting(play, thread->source);
        }
        if (told->number
            != 0) { /* `blocks` may be told before its call */
            bool early = event->kind == PLAY_BLOCKS
                         && told->number != thread->counted;

            told->number = thread->calls + early;
        }
        if (told->source != NULL) {
            who->line = told->line;
            who->source = told->source;
            thread->source = told->source;
        }
        own->keys[actor] = at;
        /* A child is there from now on: what it says first is waited for. */
        if (event->kind == PLAY_CALL && strcmp(told->call, "fork") == 0
            && told->result > 0)
            thread_of(play, actor, told->result, told->result);
    }
    put(own, event, own->keys[actor]);
}

/* Where an event stands among those of a step. */
static int rank(const struct own *own, const struct pending *pending)
{
    const struct thread *thread;

    if (pending->thread < 0)
        return (-1 - pending->thread) * 100000 + 99999;
    if (pending->thread == own->last)
        return -1;
    thread = &own->threads[pending->thread];
    return thread->actor * 100000 + thread->child * 100
           + thread->number;
}

/* Keeps an event, with what had passed on the wire before it. */
static void keep(struct play *play, struct play_event *event,
                 int thread)
{
    struct own *own = play->engine->own;

    if (event->told.process != 0 && thread >= 0) {
        event->told.child = own->threads[thread].child;
        event->told.thread = own->threads[thread].number;
    }
    if (event->kind == PLAY_CALL || event->kind == PLAY_END)
        engine_take_wire(play);
    engine_keep(play, event);
}

/* Of how many events from pending[i] on are the calls of one thread alike?
 * *calls: how many calls that are. */
static int alike(const struct own *own, int i, int *calls)
{
    const struct pending *first = &own->pending[i];
    int end = i, at = i;

    *calls = 0;
    for (; at < own->pending_count; at++) {
        const struct play_event *event = &own->pending[at].event;

        if (own->pending[at].thread != first->thread
            || event->kind == PLAY_WORDS || event->kind == PLAY_NOTE
            || event->told.error[0] != '\0'
            || (event->told.call[0] != '\0'
                && strcmp(event->told.call, first->event.told.call)
                       != 0))
            break;
        if (event->kind == PLAY_CALL)
            ++*calls;
        end = at + 1;
    }
    return end - i;
}

/* Orders what came in this step, and keeps it. Of more than ALIKE like
 * calls the first and the last are shown. */
static void keep_step(struct play *play)
{
    struct own *own = play->engine->own;

    number_threads(own);
    for (int i = 1; i < own->pending_count; i++) { /* stable */
        struct pending one = own->pending[i];
        int at = i;

        for (; at > 0
               && rank(own, &own->pending[at - 1]) > rank(own, &one);
             at--)
            own->pending[at] = own->pending[at - 1];
        own->pending[at] = one;
    }
    for (int i = 0; i < own->pending_count; i++) {
        int calls = 0, passed = 0, left = 0;
        int size = own->pending[i].event.kind == PLAY_CALL
                       ? alike(own, i, &calls)
                       : 0;

        if (calls <= ALIKE) {
            keep(play, &own->pending[i].event, own->pending[i].thread);
            continue;
        }
        for (int j = i; j < i + size; j++) {
            struct pending *pending = &own->pending[j];

            passed += pending->event.kind == PLAY_CALL;
            if (passed <= 1 || passed == calls) {
                if (passed == calls && left == 0) {
                    char *text = memory_text("  \xE2\x80\xA6 %d more "
                                             "%s",
                                             calls - 2,
                                             pending->event.told.call);

                    left = calls - 2;
                    engine_note(play, PLAY_NOTE, pending->event.actor,
                                text);
                    free(text);
                }
                keep(play, &pending->event, pending->thread);
            } else {
                records_free(&pending->event);
            }
        }
        i += size - 1;
    }
    own->pending_count = 0;
}

/* ---- choosing ------------------------------------------------------------ */

static void name(const struct play *play, const struct thread *thread,
                 char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%.40s",
                                   play->actors[thread->actor].role);

    if (thread->child > 0)
        used += (size_t)snprintf(text + used, size - used,
                                 "'s child %d", thread->child);
    if (thread->number > 1)
        snprintf(text + used, size - used, ", thread %d",
                 thread->number);
}

/* What a thread does, in a few words. */
static void says(const struct own *own, const struct thread *thread,
                 char *text, size_t size)
{
    switch (thread->stand) {
    case AT_CALL:
        snprintf(text, size, ": %s", thread->call);
        break;
    case IN_CALL:
        snprintf(text, size,
                 is_held(own, thread) ? " blocked in %s, its time waits"
                 : thread->repeats    ? " blocked in %s, its SYN is"
                                        " repeated"
                                      : " blocked in %s",
                 thread->blocks[0] != '\0'
                         && strlen(thread->blocks) < 40
                     ? thread->blocks
                     : thread->call);
        break;
    case READS:
        snprintf(text, size, " reads its input (t types)");
        break;
    case RUNS:
        snprintf(text, size, " runs");
        break;
    case GONE:
        snprintf(text, size, " has ended");
        break;
    }
}

/* Fills in play->asked: the call of play->chosen comes next. */
static void describe(struct play *play)
{
    struct own *own = play->engine->own;
    struct play_step *step = &play->asked;
    const struct thread *thread;
    char who[PLAY_SHORT * 2];

    for (int i = 0; i < step->choice_count; i++)
        step->choices[i].next = i == play->chosen;
    if (play->chosen == -1) {
        step->actor = -1;
        step->line = 0;
        step->call[0] = '\0';
        snprintf(step->prompt, sizeof step->prompt,
                 "nobody can make a call");
        return;
    }
    thread = &own->threads[own->choice[play->chosen]];
    step->actor = thread->actor;
    step->line = thread->line;
    step->source = thread->source;
    step->before = PLAY_AT_CALL;
    snprintf(step->call, sizeof step->call, "%s", thread->call);
    name(play, thread, who, sizeof who);
    snprintf(step->prompt, sizeof step->prompt, "%.100s: %.140s", who,
             thread->stand == IN_CALL ? "its time passes"
                                      : thread->stands);
}

/* Does it wait for its input, alone or with others? */
static bool takes_input(const struct thread *thread)
{
    return thread->stand == READS
           || (thread->stand == IN_CALL
               && (strcmp(thread->call, "poll") == 0
                   || strstr(thread->call, "select") != NULL)
               && (strstr(thread->blocks, "{0, ") != NULL
                   || strstr(thread->blocks, "{0}") != NULL));
}

/* Lists the threads. Enter stays with the one that had the last cue; if
 * it cannot go on, it is the next that can. */
static void list(struct play *play)
{
    struct own *own = play->engine->own;
    struct play_step *step = &play->asked;
    int at = own->last == -1 ? 0 : own->last;

    *step = (struct play_step){
        .lesson = play->lesson,
        .actor = -1,
        .number = play->step_count + 1,
        .first = play->event_count,
        .end = play->event_count,
        .scene = play->engine->scene,
    };
    play->chosen = -1;
    for (int digit = 1; digit <= PLAY_CHOICES; digit++)
        for (int i = 0; i < own->thread_count; i++) {
            const struct thread *thread = &own->threads[i];
            struct play_choice *choice =
                &step->choices[step->choice_count];
            char who[80], does[80];

            if (thread->digit != digit)
                continue;
            name(play, thread, who, sizeof who);
            says(own, thread, does, sizeof does);
            *choice =
                (struct play_choice){.digit = digit,
                                     .actor = thread->actor,
                                     .ready = thread->stand == AT_CALL
                                              || is_held(own, thread),
                                     .reads = takes_input(thread),
                                     .ended = thread->stand == GONE};
            snprintf(choice->words, sizeof choice->words, "%s%s", who,
                     does);
            own->choice[step->choice_count++] = i;
        }
    for (int n = 0; n < own->thread_count && play->chosen == -1; n++) {
        int thread = (at + n) % own->thread_count;

        for (int i = 0; i < step->choice_count; i++)
            if (own->choice[i] == thread
                && own->threads[thread].stand == AT_CALL)
                play->chosen = i;
    }
    for (int i = 0; i < step->choice_count && play->chosen == -1; i++)
        if (step->choices[i].ready) /* one with a limit */
            play->chosen = i;
    describe(play);
}

bool play_choose(struct play *play, int digit)
{
    for (int i = 0; i < play->asked.choice_count; i++)
        if (play->asked.choices[i].digit == digit
            && play->asked.choices[i].ready) {
            play->chosen = i;
            describe(play);
            return true;
        }
    return false;
}

void play_many(struct play *play)
{
    if (play->chosen != -1)
        play->engine->own->cues = AT_ONCE;
}

bool play_type(struct play *play, const char *line)
{
    struct own *own = play->engine->own;
    const struct program *program;
    int found = -1;
    char *text;
    bool done;

    for (int i = 0; i < own->thread_count; i++)
        if (takes_input(&own->threads[i])
            && (found == -1 || i == own->last))
            found = i;
    if (found == -1)
        return false;
    program = &play->engine->programs[own->threads[found].actor];
    text = line == NULL ? memory_copy("\4") : memory_text("%s\n", line);
    done = write(program->out, text, strlen(text)) > 0;
    free(text);
    text = line == NULL ? memory_copy("(Ctrl-D: the end of its input)")
                        : memory_text("%s\\x0A", line);
    engine_note(play, line == NULL ? PLAY_NOTE : PLAY_TYPED,
                own->threads[found].actor, text);
    free(text);
    own->threads[found].stand = RUNS;
    own->news = own->cued = now_us();
    play->engine->asking = false;
    return done;
}

static bool grant(struct play *play)
{
    struct own *own = play->engine->own;
    struct thread *thread;

    play->engine->granted = false;
    own->cued = own->news = now_us();
    if (play->chosen == -1)
        return false;
    own->last = own->choice[play->chosen];
    thread = &own->threads[own->last];
    board_cue(own->board, thread->place,
              thread->stand == AT_CALL ? own->cues : 1);
    own->cues = 1;
    if (thread->stand == AT_CALL)
        thread->stand = RUNS;
    return true;
}

/* ---- the beginning ------------------------------------------------------- */

/* The name of a program: of python3 that of its script. */
static const char *file_of(char **words)
{
    const char *word = words[0], *slash = strrchr(word, '/');

    if (strncmp(slash != NULL ? slash + 1 : word, "python", 6) == 0
        && words[1] != NULL && words[1][0] != '-')
        word = words[1];
    slash = strrchr(word, '/');
    return slash != NULL ? slash + 1 : word;
}

/* Is the source beside the program newer? */
static void look_at_source(struct play *play, int actor,
                           const char *path)
{
    struct stat program, source;
    char *name = memory_text("%s.c", path);

    if (stat(path, &program) == 0 && stat(name, &source) == 0
        && source.st_mtime > program.st_mtime) {
        char *text = memory_text("%s is newer than %s: compile it "
                                 "again.",
                                 name, path);

        engine_note(play, PLAY_NOTE, actor, text);
        free(text);
    }
    free(name);
}

static bool start(struct play *play)
{
    struct own *own = play->engine->own;
    char why[300], *title;

    title = memory_text("yours: %s", file_of(own->words[0]));
    for (int i = 1; i < own->count; i++) {
        char *longer =
            memory_text("%s, %s", title, file_of(own->words[i]));

        free(title);
        title = longer;
    }
    engine_note(play, PLAY_SCENE, -1, title);
    free(title);
    play->engine->scene = play->event_count - 1;
    for (int i = 0; i < own->count; i++) {
        char **words = own->words[i], role[PLAY_SHORT];
        const char *file = file_of(words);
        int actor, same = 1;
        pid_t pid;

        for (int j = 0; j < play->actor_count; j++)
            same += strcmp(play->actors[j].program, file) == 0;
        snprintf(role, sizeof role, same > 1 ? "%.40s %d" : "%.40s",
                 file, same);
        actor = engine_actor(play, role, file);
        play->actors[actor].column = i;
        if (program_own(&play->engine->programs[actor],
                        play->engine->root, words,
                        board_memory(own->board), why, sizeof why)
            == -1) {
            engine_broken(play, 1, "%s", why);
            return false;
        }
        pid = play->engine->programs[actor].pid;
        own->keys[actor] = thread_of(play, actor, pid, pid);
        engine_note(play, PLAY_START, actor, file);
        look_at_source(play, actor, words[0]);
    }
    own->cued = own->news = now_us();
    return true;
}

/* ---- going on ------------------------------------------------------------ */

/* For what a call waits: " for bytes"; or "". */
static const char *awaits(const char *call)
{
    if (strncmp(call, "recv", 4) == 0 || strncmp(call, "read", 4) == 0)
        return " for bytes";
    if (strncmp(call, "send", 4) == 0 || strncmp(call, "write", 5) == 0)
        return " for room";
    if (strncmp(call, "accept", 6) == 0)
        return " for a caller";
    return strcmp(call, "connect") == 0 ? " for an answer" : "";
}

/* If all block, says so, and who waits for what: nobody can free anybody. */
static void say_stuck(struct play *play)
{
    struct own *own = play->engine->own;
    char all[512] = "", one[256] = "";
    size_t used = 0;
    int blocked = 0;

    for (int i = 0; i < own->thread_count; i++) {
        const struct thread *thread = &own->threads[i];
        char whose[80];

        if (is_held(own, thread)
            || (thread->stand != IN_CALL && thread->stand != GONE))
            return;
        if (thread->stand == GONE || used >= sizeof all)
            continue;
        name(play, thread, whose, sizeof whose);
        used += (size_t)snprintf(all + used, sizeof all - used,
                                 "%s %s in %s%s",
                                 blocked++ == 0 ? ":" : ",", whose,
                                 thread->call, awaits(thread->call));
        snprintf(one, sizeof one,
                 "%s waits in %s, and no other program here can"
                 " end that.",
                 whose, thread->call);
    }
    if (blocked == 0 || own->stuck_told)
        return;
    own->stuck_told = true;
    if (blocked > 1)
        snprintf(one, sizeof one, "All wait, nobody can go on%.200s.",
                 all);
    engine_note(play, PLAY_NOTE, -1, one);
}

/* Has the system repeated the SYN of a connect that blocks? The row of
 * /proc/net/tcp then counts it: state 02, SYN-SENT. */
static void look_for_syn(struct play *play, struct thread *thread)
{
    char *path = memory_text("/proc/%ld/net/tcp", thread->process);
    FILE *file = fopen(path, "r");
    char line[256];

    free(path);
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        unsigned state, times;

        if (sscanf(line, "%*s %*s %*s %x %*s %*s %x", &state, &times)
                == 2
            && state == 2 && times > 0)
            thread->repeats = true;
    }
    if (file != NULL)
        fclose(file);
    if (thread->repeats) {
        play->engine->own->news = now_us();
        engine_note(play, PLAY_NOTE, thread->actor,
                    "No answer to its SYN: the kernel repeats it. Is"
                    " the queue of the listening socket full?");
    }
}

/* A thread that sleeps without a call of ours: time runs on for it. */
static void say_slept(struct play *play, const struct thread *thread,
                      long call)
{
    struct own *own = play->engine->own;

    if (own->slept_told
        || (call != SYS_nanosleep && call != SYS_clock_nanosleep))
        return;
    own->slept_told = true;
    engine_note(play, PLAY_NOTE, thread->actor,
                "It sleeps: sleep, alarm and the clock run on while you"
                " think.");
}

/* What the threads do, as the system has it. */
struct sight {
    bool stand; /* each stands, sleeps in its call, reads or is gone */
    bool gone; /* all are */
    bool blocked; /* all that are not gone sleep in their calls */
};

static struct sight look_at_all(struct play *play)
{
    struct own *own = play->engine->own;
    struct sight sight = {true, true, true};
    int processes = 0;

    for (int i = 0; i < own->thread_count; i++) {
        struct thread *thread = &own->threads[i];
        long call, first;
        char state;

        if (thread->stand == GONE)
            continue;
        processes += thread->task == thread->process;
        state = look(thread, &call, &first);
        if (state == 0) {
            board_free(own->board, thread->place);
            thread->place = -1;
            if (thread->child > 0 || thread->task != thread->process) {
                thread->stand = GONE;
                own->news = now_us();
            }
        } else if (thread->stand == READS || thread->stand == RUNS) {
            enum stand before = thread->stand;

            thread->stand =
                state == 'S' && call == SYS_read && first == 0 ? READS
                                                               : RUNS;
            if (thread->stand != before)
                own->news = now_us();
            if (thread->stand == READS)
                program_words(&play->engine->programs[thread->actor],
                              thread->actor);
            else if (state == 'S')
                say_slept(play, thread, call);
        } else if (thread->stand == IN_CALL && !thread->repeats
                   && strcmp(thread->call, "connect") == 0
                   && now_us() - thread->since > 1200000) {
            look_for_syn(play, thread);
        }
        sight.gone = sight.gone && thread->stand == GONE;
        sight.blocked =
            sight.blocked
            && (thread->stand == GONE
                || (thread->stand == IN_CALL && state == 'S'));
        sight.stand =
            sight.stand
            && (thread->stand == AT_CALL || thread->stand == GONE
                || thread->stand == READS
                || (thread->stand == IN_CALL && state == 'S'));
    }
    if (processes > MOST_PROCESSES)
        engine_broken(play, 1,
                      "the programs have more than %d processes: the"
                      " play ends them",
                      MOST_PROCESSES);
    return sight;
}

static enum play_state work(struct play *play)
{
    struct own *own = play->engine->own;
    struct engine *engine = play->engine;
    long long moment = now_us();
    struct sight sight;

    if (play->actor_count == 0) {
        play->lessons[0].first_event = 0;
        if (!start(play))
            return PLAY_BROKEN;
    }
    for (int i = 0; i < play->actor_count; i++) {
        struct play_event *event;

        while ((event = program_next(&engine->programs[i])) != NULL) {
            struct play_event copy = *event;

            take(play, i, &copy);
        }
    }
    read_board(play);
    sight = look_at_all(play);
    if (play->event_count > MOST_EVENTS)
        engine_broken(play, 1,
                      "more than %d things have happened: the play"
                      " keeps no more and ends",
                      MOST_EVENTS);
    if (play->status != 0)
        return PLAY_BROKEN;
    if (engine->asking || moment - own->cued >= SETTLE
        || (sight.stand && moment - own->news > QUIET))
        keep_step(play);
    engine->soon = !engine->asking;
    for (int i = 0; i < play->actor_count; i++)
        sight.gone = sight.gone && play->actors[i].at == PLAY_ENDED;
    if (sight.gone
        && (moment - own->news <= QUIET || !engine_settled(play)))
        return PLAY_RUNS;
    if (sight.gone) {
        keep_step(play);
        engine->asking = false;
        return PLAY_DONE;
    }
    if (sight.blocked && moment - own->news > STUCK)
        say_stuck(play);
    if (!engine->asking
        && !(sight.stand && moment - own->news > QUIET
             && engine_settled(play))
        && moment - own->cued < SETTLE)
        return PLAY_RUNS;
    if (!engine->asking || own->news > own->listed) {
        own->listed = own->news;
        list(play);
    }
    engine->soon = false;
    if (!engine->by_hand && play->chosen == -1) {
        if (moment - own->news > PATIENCE)
            return PLAY_DONE;
        engine->asking = false;
        return PLAY_RUNS;
    }
    engine->asking = true;
    return PLAY_ASKS;
}

const struct chooser choose_own = {.begin = begin,
                                   .work = work,
                                   .next = grant,
                                   .end = end,
                                   .pause = 100};

#else

static void begin(struct play *play,
                  const struct play_settings *settings)
{
    (void)settings;
    engine_broken(play, 2, "programs of one's own need Linux");
}

const struct chooser choose_own = {.begin = begin};

bool play_choose(struct play *play, int digit)
{
    (void)play;
    return digit < 0;
}

void play_many(struct play *play)
{
    (void)play;
}

bool play_type(struct play *play, const char *line)
{
    (void)play;
    return line == NULL && false;
}

#endif
