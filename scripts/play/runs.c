/* runs.c: a run as text, which scripts/dev/record keeps in docs/runs. An
 * event is a line of fields with tabs between them, in this order:
 *
 *   kind  role  program  column  thread  number  line  call  arguments
 *   result  errno  descriptor  state  here  peer  queue  length  text
 *
 * The kinds are those of play.h; up to `typed` they are records of the
 * narrator (lessons/narrator/records.h). Column 0 is the first role of its
 * scene. The thread of a child process is "1 of child 2". A field
 * without a value is empty. A space at which a line must not be broken is
 * U+00A0. Lines that begin with # are comments. Times and process ids
 * are left out: they differ from run to run.
 *
 * Behind the events of programs of one's own stand the lines of their
 * sources, which is what a page needs besides. Such a line has the kind
 * `source`, a program, a line and a text. Only one source of a program is
 * kept, the one that makes its first call: an event in another has no line.
 */
#include "engine.h"
#include "views.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const enum field fields_kept[] = {
    FIELD_KIND,      FIELD_ROLE,   FIELD_PROGRAM, FIELD_COLUMN,
    FIELD_THREAD,    FIELD_NUMBER, FIELD_LINE,    FIELD_CALL,
    FIELD_ARGUMENTS, FIELD_RESULT, FIELD_ERRNO,   FIELD_SOCK,
    FIELD_STATE,     FIELD_HERE,   FIELD_PEER,    FIELD_QUEUE,
    FIELD_LENGTH,    FIELD_TEXT,
};
enum { KEPT = sizeof fields_kept / sizeof fields_kept[0] };

static const char joined_space[] = "\xC2\xA0";

/* ---- writing ------------------------------------------------------- */

static void put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '\b')
            fputs(joined_space, out);
        else if (*text == '\t')
            fputs("\\x09", out);
        else
            fputc(*text, out);
}

/* Writes a number; an empty field if it equals `none`. */
static void put_number(FILE *out, long number, long none)
{
    fputc('\t', out);
    if (number != none)
        fprintf(out, "%ld", number);
}

static void put_field(FILE *out, const char *text)
{
    fputc('\t', out);
    put_text(out, text);
}

/* The source that is kept of a program: it makes the first call whose
 * line is known. NULL: none, or it is a lesson. */
static const char *source_of(const struct play *play,
                             const char *program)
{
    for (int i = 0; i < play->event_count; i++) {
        const struct play_event *event = &play->events[i];

        if (event->actor != -1 && event->told.source != NULL
            && strcmp(play->actors[event->actor].program, program) == 0)
            return event->told.source;
    }
    return NULL;
}

/* A line of a source, without its newline: a tab leads to the next of the
 * columns 0, 8, 16…, and what is no text is a question mark. */
static void put_source_line(FILE *out, const char *text)
{
    int column = 0;

    for (; *text != '\0' && *text != '\n' && *text != '\r'; text++)
        if (*text == '\t') {
            do
                fputc(' ', out);
            while (++column % 8 != 0);
        } else {
            bool plain = (unsigned char)*text >= ' ' && *text != 127;

            fputc(plain ? *text : '?', out);
            column += ((unsigned char)*text & 0xC0) != 0x80;
        }
}

static void put_source(FILE *out, const char *program, const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    for (int line = 1;
         file != NULL && getline(&text, &size, file) != -1; line++) {
        fprintf(out, "source\t\t%s\t\t\t\t%d", program, line);
        for (int i = FIELD_LINE; i < FIELD_TEXT; i++)
            fputc('\t', out);
        put_source_line(out, text);
        fputc('\n', out);
    }
    free(text);
    if (file != NULL)
        fclose(file);
}

static void put_event(FILE *out, const struct play *play,
                      const struct play_event *event)
{
    const struct play_record *told = &event->told;
    const struct play_actor *who =
        event->actor == -1 ? NULL : &play->actors[event->actor];
    bool results = event->kind == PLAY_CALL || event->kind == PLAY_END;
    const char *kept = who == NULL || told->source == NULL
                           ? NULL
                           : source_of(play, who->program);
    bool elsewhere = kept != NULL && strcmp(kept, told->source) != 0;

    fputs(play_kind_name(event->kind), out);
    put_field(out, who != NULL ? who->role : "");
    put_field(out, who != NULL ? who->program : "");
    put_number(out, who != NULL ? who->column : -1, -1);
    put_number(out, told->thread, 0);
    if (told->child > 0)
        fprintf(out, " of child %d", told->child);
    put_number(out, told->number, 0);
    put_number(out, elsewhere ? 0 : told->line, 0);
    put_field(out, told->call);
    put_field(out, told->arguments);
    put_number(out, results ? told->result : -2, -2);
    put_field(out, told->error);
    put_number(out, told->sock, -1);
    put_field(out, told->state);
    put_field(out, told->here);
    put_field(out, told->peer);
    put_field(out, told->queue);
    put_number(out, told->length, -1);
    put_field(out, told->text);
    fputc('\n', out);
}

/* The whole run of programs of one's own. */
static void put_run(FILE *out, const struct play *play)
{
    for (int i = 0; i < play->event_count; i++)
        put_event(out, play, &play->events[i]);
    for (int i = 0; i < play->actor_count; i++) {
        const char *program = play->actors[i].program, *path;
        bool done = false;

        for (int j = 0; j < i && !done; j++)
            done = strcmp(play->actors[j].program, program) == 0;
        path = done ? NULL : source_of(play, program);
        if (path != NULL)
            put_source(out, program, path);
    }
}

/* Has scripts/play/run-page make a page of the text. Its exit status: it
 * has said what went wrong. */
static int make_page(FILE *text, FILE *page, const char *path,
                     const char *root)
{
    extern char **environ;
    const char *slash = strrchr(path, '/');
    char *program = memory_text("%s/scripts/play/run-page", root);
    char *name = memory_copy(slash != NULL ? slash + 1 : path);
    char *words[] = {program, (char[]){"-"}, name, NULL};
    posix_spawn_file_actions_t actions;
    int status = -1;
    pid_t pid;

    *strrchr(name, '.') = '\0';
    lseek(fileno(text), 0, SEEK_SET);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(text),
                                     STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(page),
                                     STDOUT_FILENO);
    errno = posix_spawn(&pid, program, &actions, NULL, words, environ);
    if (errno != 0)
        fprintf(stderr, "demo: %s cannot be run: %s\n", program,
                strerror(errno));
    else
        while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
            continue;
    posix_spawn_file_actions_destroy(&actions);
    free(program);
    free(name);
    return status;
}

bool run_is_page(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot != NULL && strcmp(dot, ".html") == 0;
}

int run_save(const char *path, const struct play *play,
             const char *root)
{
    bool page = run_is_page(path);
    FILE *file = fopen(path, "w"), *text = page ? tmpfile() : file;
    bool done = file != NULL && text != NULL;
    int status = 0;

    if (done) {
        put_run(text, play);
        done = !ferror(text) && fflush(text) == 0;
    }
    if (done && page)
        status = make_page(text, file, path, root);
    if (!done)
        fprintf(stderr, "demo: --save: %s cannot be written: %s\n",
                path, strerror(errno));
    if (page && text != NULL)
        fclose(text);
    if (file != NULL)
        fclose(file);
    if (status != 0)
        unlink(path);
    return done && status == 0 ? 0 : -1;
}

int record_run(const struct play_settings *settings)
{
    struct play *play = play_open(settings);
    struct pollfd fds[PLAY_WATCHED];
    int timeout, count, status, i = 0;

    for (;;) {
        enum play_state state = play_work(play);

        if (state == PLAY_DONE || state == PLAY_BROKEN)
            break;
        if (state == PLAY_ASKS) {
            play_next(play);
            continue;
        }
        count = play_watch(play, fds, PLAY_WATCHED, &timeout);
        poll(fds, (nfds_t)count, timeout);
    }
    status = play->status;
    if (status != 0)
        fprintf(stderr, "record: %s\n", play->why);
    printf("# port %u\n", play->port);
    if (play->taken != 0)
        i++; /* skip the note that the port is taken */
    for (; status == 0 && i < play->event_count; i++)
        put_event(stdout, play, &play->events[i]);
    if (status == 0 && (ferror(stdout) || fflush(stdout) == EOF)) {
        fprintf(stderr, "record: standard output: %s\n",
                strerror(errno));
        status = 1;
    }
    play_close(play);
    return status;
}

/* ---- reading ------------------------------------------------------- */

/* The actor of a line: the last one in its role, or a new one. */
static int actor_of(struct play *play, char *fields[], bool begins)
{
    struct play_actor *who;

    if (fields[FIELD_ROLE][0] == '\0')
        return -1;
    for (int i = play->actor_count - 1; i >= 0 && !begins; i--)
        if (strcmp(play->actors[i].role, fields[FIELD_ROLE]) == 0)
            return i;
    play->actors =
        memory_for(play->actors, (size_t)play->actor_count + 1,
                   sizeof *play->actors);
    who = &play->actors[play->actor_count];
    *who = (struct play_actor){
        .column = (int)strtol(fields[FIELD_COLUMN], NULL, 10),
        .at = PLAY_ENDED};
    snprintf(who->role, sizeof who->role, "%s", fields[FIELD_ROLE]);
    snprintf(who->program, sizeof who->program, "%s",
             fields[FIELD_PROGRAM]);
    return play->actor_count++;
}

/* Adds the event of one line to the play. False if it is none. */
static bool take_line(struct play *play, const char *line)
{
    struct play_event event;
    char *fields[FIELDS], *block = memory_copy(line), *space;
    int tabs = 0;

    block[strcspn(block, "\n")] = '\0';
    for (const char *at = block; *at != '\0'; at++)
        tabs += *at == '\t';
    while ((space = strstr(block, joined_space)) != NULL) {
        *space = '\b';
        memmove(space + 1, space + 2, strlen(space + 1));
    }
    if (!records_read(&event, block, fields_kept, KEPT, fields))
        return false;
    if (tabs != KEPT - 1) {
        records_free(&event);
        return false;
    }
    event.actor = actor_of(play, fields, event.kind == PLAY_START);
    play->events =
        memory_for(play->events, (size_t)play->event_count + 1,
                   sizeof *play->events);
    play->events[play->event_count++] = event;
    return true;
}

struct play *run_read(const char *path, char *why, size_t size)
{
    struct play *play = memory_for(NULL, 1, sizeof *play);
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t length = 0;
    int number = 0;

    *play = (struct play){.port = 8888};
    why[0] = '\0';
    if (file == NULL)
        snprintf(why, size, "%s: %s", path, strerror(errno));
    while (file != NULL && why[0] == '\0'
           && getline(&line, &length, file) != -1) {
        number++;
        if (line[0] != '#' && strncmp(line, "source\t", 7) != 0
            && !take_line(play, line))
            snprintf(why, size,
                     "%s, line %d: an event of a run expected, see"
                     " scripts/play/runs.c",
                     path, number);
    }
    free(line);
    if (file != NULL)
        fclose(file);
    if (why[0] == '\0')
        return play;
    play_close(play);
    return NULL;
}
