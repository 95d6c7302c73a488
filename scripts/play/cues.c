/* cues.c: reads cue lists. Each line is a verb and says who does what:
 *
 *   scene TEXT           a heading; all programs end, no roles are left
 *   start ROLE LESSON [WORD...]  starts the lesson, up to its first cue
 *   serve ROLE CUES LESSON [WORD...]  starts a server without showing
 *                        its lines, and gives it this many cues
 *   step ROLE CALLS      gives a cue for each of these calls, and none
 *                        if it stands before another; shows its lines
 *                        up to the next cue. CALLS: send, recv; `hold`
 *                        is another look at what the kernel holds
 *   known ROLE LESSON CALLS  the same; but if LESSON has been played
 *                        already, only names its calls, in one line
 *   brief ROLE LESSON CALLS  as known, as if LESSON had been played
 *   wait ROLE CALL       gives a cue; its lines until that call blocks
 *   back ROLE            that call returns: its lines up to the next cue
 *   end ROLE [CALL]      gives the cue for its last call, or without CALL
 *                        ends it instead of its next; its lines until it
 *                        has ended. One whose last call has returned
 *                        needs no cue
 *   fail ROLE [CALL]     the same, but it must end with status 1
 *   run ROLE             gives cues until it has ended, with status 0
 *   try ROLE             as run, but it may end with any status
 *   upto ROLE CALL       gives cues until it is about to make that call
 *   free ROLE [CUES]     gives this many cues at once, or 100; its lines
 *                        are shown only by a later `back` or `halt`
 *   drop ROLE            ends it; does not show its last lines
 *   halt ROLE            ends it, and shows what it has done since `free`
 *   stop ROLE            sends it SIGTERM, as kill(1) does
 *   type ROLE TEXT       adds a line to its standard input. Comes before
 *                        the step after which the lesson reads, and that
 *                        reads all the lines added by then
 *   apart ROLE LESSON [WORD...]  as start, but its other threads and its
 *                        children wait before each call, too; only
 *                        `others` shows what they say, and what the
 *                        program itself prints
 *   others ROLE RECORD   lets them go on, up to that record
 *   say TEXT             a line for the audience; empty without TEXT
 *   pause SECONDS        waits
 *   key TEXT             with -s or on stage: prompts with TEXT for a key
 *   until ROLE RECORD    gives a cue, if it waits for one; its lines up
 *                        to that record
 *
 * A RECORD is KIND [CALL [RESULT]]: its kind (play_kind_name), the call
 * that it is about, and the number or the errno that this call returned.
 *
 * These are for the lab, where each program runs on one of several hosts,
 * which are network namespaces made by `ip netns`:
 *
 *   host ROLE HOST [WORD...]  from now on ROLE starts its programs on
 *                        that host, with these words after their own
 *   shell HOST COMMAND   runs it there; shows the command and its output
 *   prepare HOST COMMAND  runs it there, and shows nothing
 *   sent ROLE            waits until all that its host has sent over TCP
 *                        has been acknowledged
 *
 * The reader itself (lists.c) carries these out, for lists that share
 * lines. The caller gives their WORDs (--let):
 *
 *   take LIST [PART]     inserts the lines of scripts/LIST. With `last`
 *                        only those below the heading of its last scene;
 *                        with `opening` only those of them up to the
 *                        start of the second program
 *   if WORD LINE         the line, if that WORD was given
 *   @NAME@               what was given as NAME=...
 *
 * Empty lines and lines that begin with # are skipped. A whole list is
 * read and checked before anything is played.
 */
#include "../common/memory.h"
#include "cues.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The arguments of each verb: r a role that has been started, s any
 * role, h a host, n a number, m a number that may be missing, c calls, d
 * one call, e one that may be missing, p a program with its words, w a word, k a kind of record, t a
 * text, o a text that may be missing. And how many steps it makes: 0, 1,
 * as many as its calls (*) or as are needed (+, under one number); what it
 * waits for, and the status with which the program must have ended. */
static const struct form {
    const char *name, *behind;
    enum verb verb;
    char steps;
    enum until until;
    int status;
} forms[] = {
    {"scene", "t", VERB_SCENE, '0', 0, 0},
    {"start", "sp", VERB_START, '0', 0, 0},
    {"apart", "sp", VERB_START, '0', 0, 0},
    {"serve", "snp", VERB_SERVE, '0', 0, 0},
    {"step", "rc", VERB_CUES, '*', UNTIL_CALL, 0},
    {"known", "rwc", VERB_KNOWN, '*', UNTIL_CALL, 0},
    {"brief", "rwc", VERB_BRIEF, '*', UNTIL_CALL, 0},
    {"wait", "rd", VERB_CUES, '1', UNTIL_BLOCKS, 0},
    {"back", "r", VERB_CUES, '0', UNTIL_CALL, 0},
    {"run", "r", VERB_RUN, '+', UNTIL_EITHER, 0},
    {"try", "r", VERB_CUES, '+', UNTIL_EITHER, ANY_STATUS},
    {"upto", "rw", VERB_CUES, '+', UNTIL_CALL, 0},
    {"end", "re", VERB_CUES, '1', UNTIL_END, 0},
    {"fail", "re", VERB_CUES, '1', UNTIL_END, 1},
    {"free", "rm", VERB_FREE, '0', 0, 0},
    {"drop", "r", VERB_DROP, '0', 0, 0},
    {"halt", "r", VERB_HALT, '0', 0, 0},
    {"stop", "r", VERB_STOP, '0', 0, 0},
    {"type", "ro", VERB_TYPE, '0', 0, 0},
    {"host", "st", VERB_HOST, '0', 0, 0},
    {"until", "rko", VERB_CUES, '1', UNTIL_RECORD, 0},
    {"others", "rko", VERB_CUES, '0', UNTIL_OTHERS, 0},
    {"sent", "r", VERB_SENT, '0', 0, 0},
    {"say", "o", VERB_SAY, '0', 0, 0},
    {"shell", "ht", VERB_SHELL, '0', 0, 0},
    {"prepare", "ht", VERB_PREPARE, '0', 0, 0},
    {"pause", "n", VERB_PAUSE, '0', 0, 0},
    {"key", "t", VERB_KEY, '1', 0, 0},
};

enum { MOST_CUES = 1000 }; /* a number in a cue list is 1 to this */

int cues_wrong(const struct reader *reader, const char *format, ...)
{
    va_list list;
    size_t used;

    snprintf(reader->why, reader->size, "%s, line %d: ", reader->path,
             reader->line);
    used = strlen(reader->why);
    va_start(list, format);
    vsnprintf(reader->why + used, reader->size - used, format, list);
    va_end(list);
    return -1;
}

char *cues_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");
    char *end = word + strcspn(word, " \t");

    *rest = end + strspn(end, " \t");
    *end = '\0';
    return word;
}

static bool started(const struct reader *reader, const char *role)
{
    for (int i = 0; i < reader->role_count; i++)
        if (strcmp(reader->roles[i], role) == 0)
            return true;
    return false;
}

/* Every name must fit into PLAY_SHORT bytes with its final zero. */
bool cues_is_name(const char *word)
{
    size_t size = strlen(word);

    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)word[i]) && word[i] != '_'
            && word[i] != '-')
            return false;
    return size > 0 && size < PLAY_SHORT;
}

static int take_number(const struct reader *reader, struct cue *cue,
                       const char *word)
{
    char *end;

    cue->count = strtol(word, &end, 10);
    if (word[0] == '\0' || *end != '\0' || cue->count < 1
        || cue->count > MOST_CUES)
        return cues_wrong(reader,
                          "'%s': a number from 1 to %d expected", word,
                          MOST_CUES);
    return 0;
}

/* A program must have its source in lessons/. */
static int take_program(const struct reader *reader, struct cue *cue,
                        const char *rest)
{
    int size = (int)strcspn(rest, " \t");
    char *path =
        memory_text("%s/lessons/%.*s.c", reader->settings->root,
                    (int)strcspn(rest, "- \t"), rest);
    bool there =
        size > 0 && size < PLAY_SHORT && access(path, R_OK) == 0;

    free(path);
    if (!there)
        return cues_wrong(reader,
                          "'%.*s': a lesson expected, such as "
                          "04_accept",
                          size, rest);
    cue->text = memory_copy(rest);
    return 0;
}

static int take_kind(const struct reader *reader, struct cue *cue,
                     const char *word)
{
    int kind = 0;

    while (kind <= PLAY_WORDS
           && strcmp(play_kind_name((enum play_kind)kind), word) != 0)
        kind++;
    cue->kind = (enum play_kind)kind;
    if (kind > PLAY_WORDS)
        return cues_wrong(reader, "'%s' is no kind of record", word);
    return 0;
}

/* Takes calls, with commas between them, at most so many. */
static int take_calls(const struct reader *reader, struct cue *cue,
                      char **rest, long most)
{
    bool more = true;

    cue->calls = memory_copy(*rest);
    for (cue->count = 0; more;) {
        char *call = *rest, *end = call + strcspn(call, ",");

        more = *end != '\0';
        *end = '\0';
        *rest = more ? end + 1 : end;
        if (!cues_is_name(cues_word(&call)) || *call != '\0'
            || ++cue->count > most)
            return cues_wrong(
                reader, "'%s': %s expected, such as send%s", cue->calls,
                most == 1 ? "a call" : "calls",
                most == 1 ? "" : ", recv");
    }
    return 0;
}

/* Takes one argument of a verb: `what` is its letter in `forms`. */
static int take(struct reader *reader, struct cue *cue, char what,
                char **rest)
{
    const char *word;

    switch (what) {
    case 'r':
    case 's':
    case 'h':
        word = cues_word(rest);
        if (!cues_is_name(word))
            return cues_wrong(reader, "'%s': the name of a %s expected",
                              word, what == 'h' ? "host" : "role");
        if (what == 'r' && !started(reader, word))
            return cues_wrong(reader, "nobody plays '%s' in this scene",
                              word);
        cue->role = memory_copy(word);
        return 0;
    case 'n':
        return take_number(reader, cue, cues_word(rest));
    case 'm':
        cue->count = 100;
        return **rest == '\0'
                   ? 0
                   : take_number(reader, cue, cues_word(rest));
    case 'k':
        return take_kind(reader, cue, cues_word(rest));
    case 'w':
        word = cues_word(rest);
        if (!cues_is_name(word))
            return cues_wrong(reader, "a word is missing");
        cue->text = memory_copy(word);
        return 0;
    case 'e':
        if (**rest == '\0')
            return 0;
        /* fall through */
    case 'c':
    case 'd':
        return take_calls(reader, cue, rest,
                          what == 'c' ? MOST_CUES : 1);
    case 'p':
        if (take_program(reader, cue, *rest) == -1)
            return -1;
        break;
    case 't':
        if (**rest == '\0')
            return cues_wrong(reader, "a text expected after"
                                      " the verb");
        /* fall through */
    default:
        cue->text = memory_copy(*rest);
    }
    *rest += strlen(*rest);
    return 0;
}

/* Remembers the roles that have a program in this scene. */
static int cast(struct reader *reader, const struct cue *cue)
{
    if (cue->verb == VERB_SCENE)
        reader->role_count = 0;
    if ((cue->verb != VERB_START && cue->verb != VERB_SERVE)
        || started(reader, cue->role))
        return 0;
    if (reader->role_count == PLAY_ROLES)
        return cues_wrong(reader, "a scene has %d roles at most",
                          PLAY_ROLES);
    snprintf(reader->roles[reader->role_count++], PLAY_SHORT, "%s",
             cue->role);
    return 0;
}

int cues_line(struct reader *reader, char *line)
{
    struct cue_list *list = reader->list;
    const struct form *form = NULL;
    struct cue *cue;
    char *rest = line;
    const char *verb = cues_word(&rest);

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(verb, forms[i].name) == 0)
            form = &forms[i];
    if (form == NULL)
        return cues_wrong(reader,
                          "'%s' is no verb; scripts/play/cues.c"
                          " lists them",
                          verb);
    list->cues = memory_for(list->cues, (size_t)list->count + 1,
                            sizeof *list->cues);
    cue = &list->cues[list->count++];
    *cue = (struct cue){.verb = form->verb,
                        .steps = form->steps,
                        .until = form->until,
                        .status = form->status,
                        .count = 1,
                        .apart = strcmp(verb, "apart") == 0,
                        .path = memory_copy(reader->path),
                        .line = reader->line};
    for (const char *what = form->behind; *what != '\0'; what++)
        if (take(reader, cue, *what, &rest) == -1)
            return -1;
    if (*rest != '\0')
        return cues_wrong(reader, "'%s' is too much after %s", rest,
                          verb);
    if (cue->role == NULL)
        cue->role = memory_copy("");
    if (cue->text == NULL)
        cue->text = memory_copy("");
    if (cue->calls == NULL)
        cue->calls = memory_copy("");
    return cast(reader, cue);
}

void cues_number(struct cue_list *list)
{
    list->steps = 0;
    for (int i = 0; i < list->count; i++) {
        struct cue *cue = &list->cues[i];

        if (cue->steps == '0')
            continue;
        cue->number = list->steps + 1;
        list->steps += cue->steps == '*' ? (int)cue->count : 1;
    }
}
