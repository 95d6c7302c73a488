/* cues.c: reads cue lists. A list says, a line a verb, who does what:
 *
 *   scene TEXT           a heading; the roles begin anew
 *   start ROLE LESSON [WORD...]  starts the lesson, up to its first cue
 *   serve ROLE CUES LESSON [WORD...]  starts a server, whose lines are
 *                        not shown, and gives it so many cues
 *   step ROLE [TIMES]    gives a cue; its lines up to the next cue
 *   known ROLE TIMES LESSON  the same; where LESSON has been played
 *                        already, its calls are named in one line
 *   brief ROLE TIMES LESSON  the same, played already or not
 *   wait ROLE            gives a cue; its lines until its call blocks
 *   back ROLE            that call returns: its lines up to the next cue
 *   end ROLE             gives the last cue; its lines until it has ended
 *   fail ROLE            the same, and it ends with status 1
 *   quit ROLE            ends it in place of its next call
 *   run ROLE             gives cues until it has ended
 *   try ROLE             as run, and whatever status it ends with
 *   upto ROLE CALL       gives cues until it is about to make that call
 *   free ROLE [CUES]     gives so many more, or all that it may need; its
 *                        lines are not shown before `back` or `halt`
 *   drop ROLE            ends it; what it still says is not shown
 *   halt ROLE            ends it, and shows what it has done since `free`
 *   stop ROLE            sends it SIGTERM, as kill(1) does
 *   type ROLE TEXT       a line for its standard input. It must stand
 *                        before the step after which the lesson reads it,
 *                        and that reads all the lines that stand there
 *   apart ROLE           its other threads and its children wait before
 *                        each call; what they say, and the words that it
 *                        prints, only `others` shows
 *   others ROLE RECORD   lets them go on, up to that record
 *   say TEXT             a line for the audience; without TEXT, empty
 *   pause SECONDS        nothing happens for so long
 *   key TEXT             where somebody steps, TEXT comes after a key
 *   until ROLE RECORD    gives a cue; its lines up to that record; after
 *                        another `until`, without a cue
 *
 * A RECORD is KIND [CALL [RESULT]]: what is told (play_kind_names), of
 * which call, which has returned this number or failed with this errno.
 *
 * These are for the lab, where each program runs on one of several hosts,
 * which are network namespaces that `ip netns` has named:
 *
 *   host ROLE HOST [WORD...]  what ROLE starts from now on runs on that
 *                        host, with these words behind its own
 *   shell HOST COMMAND   runs it there, and shows it with what it prints
 *   prepare HOST COMMAND  runs it there, and shows nothing
 *   sent ROLE            waits until all that its host has sent over TCP
 *                        has been acknowledged
 *
 * And these are of the reader (lists.c), for lists that have something in
 * common; their WORDs come from the one who calls (--let):
 *
 *   take LIST [PART]     the lines of scripts/LIST stand here; of its last
 *                        scene alone those below its heading (`last`), or
 *                        of these the ones up to the start of its second
 *                        program (`opening`)
 *   if WORD LINE         the line counts where that WORD was given
 *   @NAME@               what was given as NAME=...
 *
 * Lines that are empty or begin with # are passed over. A whole list is
 * read and judged before anything is played.
 */
#include "cues.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What stands behind a verb: r a role that has been started, s one that
 * is to be, h any other name, n a number, m one that may be missing, p a
 * program with its words, w a word, k a kind of record, t a text, o a
 * text or nothing. And how many steps it has: 0, 1, or * for as many as
 * its number. */
static const struct form {
    const char *name, *behind;
    enum verb verb;
    char steps;
} forms[] = {
    {"scene", "t", VERB_SCENE, '0'},
    {"start", "sp", VERB_START, '0'},
    {"serve", "snp", VERB_SERVE, '0'},
    {"step", "rm", VERB_STEP, '*'},
    {"known", "rnw", VERB_KNOWN, '*'},
    {"brief", "rnw", VERB_BRIEF, '*'},
    {"wait", "r", VERB_WAIT, '1'},
    {"back", "r", VERB_BACK, '0'},
    {"run", "r", VERB_RUN, '1'},
    {"try", "r", VERB_TRY, '1'},
    {"upto", "rw", VERB_UPTO, '1'},
    {"end", "r", VERB_END, '1'},
    {"fail", "r", VERB_FAIL, '1'},
    {"quit", "r", VERB_QUIT, '1'},
    {"free", "rm", VERB_FREE, '0'},
    {"drop", "r", VERB_DROP, '0'},
    {"halt", "r", VERB_HALT, '0'},
    {"stop", "r", VERB_STOP, '0'},
    {"type", "ro", VERB_TYPE, '0'},
    {"host", "st", VERB_HOST, '0'},
    {"until", "rko", VERB_UNTIL, '1'},
    {"apart", "r", VERB_APART, '0'},
    {"others", "rko", VERB_OTHERS, '0'},
    {"sent", "r", VERB_SENT, '0'},
    {"say", "o", VERB_SAY, '0'},
    {"shell", "ht", VERB_SHELL, '0'},
    {"prepare", "ht", VERB_PREPARE, '0'},
    {"pause", "n", VERB_PAUSE, '0'},
    {"key", "t", VERB_KEY, '1'},
};

enum { MOST_CUES = 1000 }; /* a number in a cue list is 1 to this */

int cues_wrong(const struct reader *reader, const char *format, ...)
{
    va_list list;
    size_t used;

    snprintf(reader->why, reader->room, "%s, line %d: ", reader->path,
             reader->line);
    used = strlen(reader->why);
    va_start(list, format);
    vsnprintf(reader->why + used, reader->room - used, format, list);
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

/* A name is of letters, digits, _ and -; `most` bytes with the zero. */
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

/* A program must have its source among the lessons. */
static int take_program(const struct reader *reader, struct cue *cue,
                        const char *rest)
{
    int size = (int)strcspn(rest, " \t");
    char *path = play_text("%s/lessons/%.*s.c", reader->settings->root,
                           (int)strcspn(rest, "- \t"), rest);
    bool there =
        size > 0 && size < PLAY_SHORT && access(path, R_OK) == 0;

    free(path);
    if (!there)
        return cues_wrong(reader,
                          "'%.*s': a lesson expected, such as "
                          "04_accept",
                          size, rest);
    cue->text = play_copy(rest);
    return 0;
}

static int take_kind(const struct reader *reader, struct cue *cue,
                     const char *word)
{
    int kind = 0;

    while (kind <= PLAY_WORDS
           && strcmp(play_kind_names[kind], word) != 0)
        kind++;
    cue->kind = (enum play_kind)kind;
    if (kind > PLAY_WORDS)
        return cues_wrong(reader, "'%s' is no kind of record", word);
    return 0;
}

/* Takes one of the things that stand behind a verb. */
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
        cue->role = play_copy(word);
        return 0;
    case 'n':
        return take_number(reader, cue, cues_word(rest));
    case 'm':
        cue->count = cue->verb == VERB_FREE ? 100 : 1;
        return **rest == '\0'
                   ? 0
                   : take_number(reader, cue, cues_word(rest));
    case 'k':
        return take_kind(reader, cue, cues_word(rest));
    case 'w':
        word = cues_word(rest);
        if (!cues_is_name(word))
            return cues_wrong(reader, "one word more expected");
        cue->text = play_copy(word);
        return 0;
    case 'p':
        if (take_program(reader, cue, *rest) == -1)
            return -1;
        break;
    case 't':
        if (**rest == '\0')
            return cues_wrong(reader, "a text expected behind the "
                                      "verb");
        /* fall through */
    default:
        cue->text = play_copy(*rest);
    }
    *rest += strlen(*rest);
    return 0;
}

/* Remembers who is on the stage. */
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
                          "'%s' is no verb; scripts/play/cues.c names "
                          "all",
                          verb);
    list->cues = play_room(list->cues, (size_t)list->count + 1,
                           sizeof *list->cues);
    cue = &list->cues[list->count++];
    *cue = (struct cue){.verb = form->verb,
                        .path = play_copy(reader->path),
                        .line = reader->line};
    for (const char *what = form->behind; *what != '\0'; what++)
        if (take(reader, cue, *what, &rest) == -1)
            return -1;
    if (*rest != '\0')
        return cues_wrong(reader, "'%s' is too much behind %s", rest,
                          verb);
    if (cue->role == NULL)
        cue->role = play_copy("");
    if (cue->text == NULL)
        cue->text = play_copy("");
    return cast(reader, cue);
}

void cues_number(struct cue_list *list)
{
    list->steps = 0;
    for (int i = 0; i < list->count; i++) {
        struct cue *cue = &list->cues[i];
        const struct form *form = forms;

        while (form->verb != cue->verb)
            form++;
        if (form->steps == '0')
            continue;
        cue->number = list->steps + 1;
        list->steps += form->steps == '*' ? (int)cue->count : 1;
    }
}
