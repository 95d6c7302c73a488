/* records.c: parses what a program writes. A line that holds the record
 * separator and this player's secret is a record, with the fields that
 * lessons/narrator/records.h describes; everything else is the program's
 * own output, whatever it looks like.
 */
#include "../common/text.h"
#include "engine.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const kind_names[PLAY_KINDS] = {
    [PLAY_TITLE] = "title",   [PLAY_BEFORE] = "before",
    [PLAY_BLOCKS] = "blocks", [PLAY_CALL] = "call",
    [PLAY_MEANS] = "means",   [PLAY_CAME] = "came",
    [PLAY_KERNEL] = "kernel", [PLAY_ERROR] = "error",
    [PLAY_TYPED] = "typed",   [PLAY_WORDS] = "words",
    [PLAY_PROMPT] = "prompt", [PLAY_SCENE] = "scene",
    [PLAY_START] = "start",   [PLAY_KNOWN] = "known",
    [PLAY_NOTE] = "note",     [PLAY_SEGMENT] = "segment",
    [PLAY_END] = "end",
};

const char *play_kind_name(enum play_kind kind)
{
    return kind_names[kind];
}

static char secret[40]; /* marks this player's records */

const char *records_secret(void)
{
    return secret;
}

int records_begin(void)
{
    unsigned char bytes[16];
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    ssize_t n = file == -1 ? -1 : read(file, bytes, sizeof bytes);

    if (file != -1)
        close(file);
    if (n != (ssize_t)sizeof bytes)
        return -1;
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(secret + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

/* The fields of a record, in their order. */
static const enum field fields_told[] = {
    FIELD_KIND,   FIELD_PROCESS, FIELD_THREAD, FIELD_SEQUENCE,
    FIELD_NUMBER, FIELD_LINE,    FIELD_CALL,   FIELD_ARGUMENTS,
    FIELD_RESULT, FIELD_ERRNO,   FIELD_SOCK,   FIELD_STATE,
    FIELD_HERE,   FIELD_PEER,    FIELD_QUEUE,  FIELD_LENGTH,
    FIELD_TEXT,   FIELD_FROM,    FIELD_PLACE,  FIELD_TASK,
    FIELD_FILE,
};
enum { TOLD = sizeof fields_told / sizeof fields_told[0] };

/* "1 of child 2" gives 2; 0 is the program itself. */
static int child_in(const char *thread)
{
    const char *of = strstr(thread, " of child ");

    return of == NULL ? 0 : (int)strtol(of + 10, NULL, 10);
}

static long number_in(const char *text, long without)
{
    return text[0] == '\0' ? without : strtol(text, NULL, 10);
}

/* A copy that a terminal may get; tab stays, and, with `joins`, the \b
 * that a record may hold. */
static char *safe(const char *text, size_t size, bool joins)
{
    char *copy = memory_for(NULL, size + 1, 4);

    text_escape(copy, text, size, joins ? "\t\b" : "\t");
    return copy;
}

void records_make(struct play_event *event, enum play_kind kind,
                  const char *text)
{
    *event = (struct play_event){.kind = kind, .step = -1, .actor = -1};
    event->block = memory_copy(text);
    event->told = (struct play_record){
        .call = "",
        .arguments = "",
        .error = "",
        .sock = -1,
        .state = "",
        .here = "",
        .peer = "",
        .queue = "",
        .length = -1,
        .text = event->block,
        .payload = "",
    };
}

void records_free(struct play_event *event)
{
    free(event->block);
    event->block = NULL;
}

void records_fill(struct play_event *event, enum play_kind kind,
                  const struct play_record *told)
{
    const char **fields[] = {
        &event->told.call,    &event->told.arguments,
        &event->told.error,   &event->told.state,
        &event->told.here,    &event->told.peer,
        &event->told.queue,   &event->told.text,
        &event->told.payload,
    };
    enum { COUNT = sizeof fields / sizeof fields[0] };
    size_t size = 0, at = 0;

    records_make(event, kind, "");
    records_free(event);
    event->told = *told;
    for (int i = 0; i < COUNT; i++) {
        if (*fields[i] == NULL)
            *fields[i] = "";
        size += strlen(*fields[i]) + 1;
    }
    event->block = memory_for(NULL, size, 1);
    for (int i = 0; i < COUNT; i++) {
        *fields[i] = strcpy(event->block + at, *fields[i]);
        at += strlen(*fields[i]) + 1;
    }
}

bool records_read(struct play_event *event, char *block,
                  const enum field *order, int count,
                  char *fields[FIELDS])
{
    char *at = block, *end = block + strlen(block);
    int kind = 0;

    for (int i = 0; i < FIELDS; i++)
        fields[i] = end; /* a missing field is "" */
    for (int i = 0; i < count; i++) {
        fields[order[i]] = at;
        at += strcspn(at, "\t");
        if (*at != '\0')
            *at++ = '\0';
    }
    while (kind < PLAY_KINDS
           && strcmp(kind_names[kind], fields[FIELD_KIND]) != 0)
        kind++;
    if (kind == PLAY_KINDS) {
        free(block);
        return false;
    }
    *event = (struct play_event){
        .kind = (enum play_kind)kind,
        .step = -1,
        .actor = -1,
        .block = block,
    };
    event->told = (struct play_record){
        .process = number_in(fields[FIELD_PROCESS], 0),
        .thread = (int)number_in(fields[FIELD_THREAD], 0),
        .child = child_in(fields[FIELD_THREAD]),
        .sequence = (int)number_in(fields[FIELD_SEQUENCE], 0),
        .number = (int)number_in(fields[FIELD_NUMBER], 0),
        .line = (int)number_in(fields[FIELD_LINE], 0),
        .call = fields[FIELD_CALL],
        .arguments = fields[FIELD_ARGUMENTS],
        .result = number_in(fields[FIELD_RESULT], 0),
        .error = fields[FIELD_ERRNO],
        .sock = (int)number_in(fields[FIELD_SOCK], -1),
        .state = fields[FIELD_STATE],
        .here = fields[FIELD_HERE],
        .peer = fields[FIELD_PEER],
        .queue = fields[FIELD_QUEUE],
        .length = number_in(fields[FIELD_LENGTH], -1),
        .text = fields[FIELD_TEXT],
        .payload = "",
        .place = (int)number_in(fields[FIELD_PLACE], -1),
        .task = number_in(fields[FIELD_TASK], 0),
        .from = strtoul(fields[FIELD_FROM], NULL, 16),
        .source =
            fields[FIELD_FILE][0] != '\0' ? fields[FIELD_FILE] : NULL,
    };
    return true;
}

/* Reads the record in `text`, from its kind on; false if it is none. */
static bool read_record(struct play_event *event, const char *text,
                        size_t size)
{
    char *fields[FIELDS];

    if (!records_read(event, safe(text, size, true), fields_told, TOLD,
                      fields))
        return false;
    if (event->told.thread == 0)
        event->told.thread = 1;
    if (event->kind <= PLAY_TYPED)
        return true;
    records_free(event);
    return false;
}

static void take_words(const char *line, size_t size,
                       void (*take)(void *, struct play_event *),
                       void *context)
{
    char *text = safe(line, size, false);
    struct play_event event;

    records_make(&event, PLAY_WORDS, text);
    free(text);
    take(context, &event);
}

/* Puts the prompt in front of what was typed: they share a line. */
static void join(struct play_event *event, const char *line,
                 size_t size)
{
    struct play_event joined;
    char *prompt = safe(line, size, false);
    char *text = memory_text("%s%s", prompt, event->told.text);

    records_make(&joined, PLAY_TYPED, text);
    joined.told.process = event->told.process;
    joined.told.thread = event->told.thread;
    joined.told.sequence = event->told.sequence;
    records_free(event);
    *event = joined;
    free(prompt);
    free(text);
}

void records_parse(const char *line, size_t size,
                   void (*take)(void *context,
                                struct play_event *event),
                   void *context)
{
    size_t length = strlen(secret);

    for (size_t i = 0; i + length + 1 < size; i++) {
        const char *rest = line + i + length + 2;
        struct play_event event;

        if (line[i] != '\x1E'
            || memcmp(line + i + 1, secret, length) != 0
            || rest[-1] != '\t'
            || !read_record(&event, rest, size - (size_t)(rest - line)))
            continue;
        if (i > 0 && event.kind == PLAY_TYPED)
            join(&event, line, i);
        else if (i > 0)
            take_words(line, i, take, context);
        take(context, &event);
        return;
    }
    take_words(line, size, take, context);
}
