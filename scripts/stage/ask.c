/* ask.c: the questions before the steps. */
#include "parts.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A step of a question in docs/questions: of which scenes, which step,
 * and what is asked. docs/CONTRIBUTING.md says how the files are read. */
struct question {
    char *scenes, *step, *text;
    bool answered; /* by this step: it does not come again elsewhere */
    int act, number, part;
};
/* A question for this scene comes before one for any scene, whatever the
 * length of their steps; of two for it, the one with the longer step. */
enum { NAMED = 1000 };
static struct question *questions;
static int count;

/* A copy of the field up to the next |, without spaces around it. */
static char *next_field(char **rest)
{
    char *field = *rest + strspn(*rest, " "), *end = strchr(field, '|');

    if (end == NULL)
        end = field + strlen(field);
    *rest = *end != '\0' ? end + 1 : end;
    *end = '\0';
    while (end > field && end[-1] == ' ')
        *--end = '\0';
    return memory_copy(field);
}

/* Keeps the questions of the file from index `first` on: what stands in
 * a heading, as a line of a terminal shows it. */
static void plain_text(int first, const char *heading, bool statement)
{
    for (int i = first; i < count; i++) {
        char *text = memory_text(
                 "%s%s", statement ? "True or false? " : "", heading),
             *to = text;

        for (const char *from = text; *from != '\0'; from++)
            if (*from != '`')
                *to++ = *from;
        *to = '\0';
        questions[i].text = text;
    }
}

/* Reads the questions of a lesson. */
static void read_lesson(FILE *file)
{
    char *line = NULL, *heading = memory_copy("");
    bool statement = false;
    size_t size = 0;
    int first = count;

    while (getline(&line, &size, file) != -1) {
        line[strcspn(line, "\r\n")] = '\0';
        if (strncmp(line, "## ", 3) == 0) {
            plain_text(first, heading, statement);
            free(heading);
            heading = memory_copy(line + 3);
            statement = false;
            first = count;
        } else if (strncmp(line, "- step: ", 8) == 0) {
            char *rest = line + 8;

            questions = memory_for(questions, (size_t)count + 1,
                                   sizeof questions[0]);
            questions[count] =
                (struct question){.scenes = next_field(&rest)};
            questions[count++].step = next_field(&rest);
        } else if (strcmp(line, "- form: true or false") == 0) {
            statement = true;
        }
    }
    plain_text(first, heading, statement);
    free(heading);
    free(line);
}

static int of_a_lesson(const struct dirent *entry)
{
    return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

int stage_read_questions(const char *root)
{
    char *folder = memory_text("%s/docs/questions", root);
    struct dirent **names = NULL;
    int files = scandir(folder, &names, of_a_lesson, alphasort);

    if (files == -1)
        fprintf(stderr, "demo: --questions: %s cannot be read: %s\n",
                folder, strerror(errno));
    for (int i = 0; i < files; i++) {
        char *path = memory_text("%s/%s", folder, names[i]->d_name);
        FILE *file = fopen(path, "r");

        if (file != NULL) {
            read_lesson(file);
            fclose(file);
        }
        free(path);
        free(names[i]);
    }
    free(names);
    free(folder);
    return files == -1 ? -1 : 0;
}

/* Is the name one of those in "06, 07"? */
static bool is_among(const char *name, const char *names)
{
    size_t size = strlen(name);

    while (*names != '\0') {
        size_t length = strcspn(names, ",");

        if (length == size && strncmp(names, name, size) == 0)
            return true;
        names += length;
        names += strspn(names, ", ");
    }
    return false;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The number that the call has in the pane of its program. */
static int call_number(const struct stage *stage,
                       const struct play_step *step)
{
    const struct play *play = stage_act(stage)->play;

    for (int i = stage_shown(stage) - 1; i >= 0; i--)
        if (play->events[i].actor == step->actor
            && play->events[i].kind == PLAY_BEFORE)
            return play->events[i].told.number;
    return 0;
}

/* The question, with the port of this play where it says {port}. */
static void fill(const struct stage *stage, char *text, size_t size,
                 const char *question)
{
    const char *at = strstr(question, "{port}");

    if (at == NULL)
        snprintf(text, size, "%s", question);
    else
        snprintf(text, size, "%.*s%u%s", (int)(at - question), question,
                 stage_act(stage)->play->port, at + strlen("{port}"));
}

/* The question that fits the next step best; NULL if none does. */
static const struct question *find(const struct stage *stage)
{
    const struct play_step *step = stage_next_step(stage);
    char scene[PLAY_SHORT * 2], *whose, *numbered;
    const char *call, *role;
    const struct question *found = NULL;
    size_t best = 0;

    if (!stage->options.questions || stage_stop(stage) == NULL
        || stage->withholds || step == NULL || step->actor == -1)
        return NULL;
    role = stage_act(stage)->play->actors[step->actor].role;
    call = strstr(step->prompt, ": ");
    call = call == NULL ? step->prompt : call + 2;
    if (step->ends)
        call = "end";
    else if (step->before == PLAY_AT_HOLD)
        call = "hold";
    /* Only the wire shows what the end of a program does. */
    if (step->ends && !stage->options.wire)
        return NULL;
    stage_scene_name(stage, scene, sizeof scene);
    whose = memory_text("%s %s", role, call);
    numbered =
        memory_text("%s %d %s", role, call_number(stage, step), call);
    for (int i = 0; i < count; i++) {
        const char *start = questions[i].step;
        bool named = is_among(scene, questions[i].scenes);
        size_t fits = strlen(start) + (named ? NAMED : 0);

        if (fits > best
            && (named || strcmp(questions[i].scenes, "any") == 0)
            && (begins(call, start) || begins(whose, start)
                || begins(numbered, start))) {
            best = fits;
            found = &questions[i];
        }
    }
    free(whose);
    free(numbered);
    return found;
}

/* Was it answered by another step than this? */
static bool is_known(const struct question *question,
                     const struct stage *stage,
                     const struct play_step *step)
{
    return question->answered
           && (question->act != stage->act
               || question->number != step->number
               || question->part != step->part);
}

void stage_question(const struct stage *stage, char *text, size_t size)
{
    const struct question *found = find(stage);

    text[0] = '\0';
    if (found != NULL
        && !is_known(found, stage, stage_next_step(stage)))
        fill(stage, text, size, found->text);
}

void stage_answer(const struct stage *stage)
{
    const struct play_step *step = stage_next_step(stage);
    const struct question *found = find(stage);

    if (found == NULL || found->answered)
        return;
    for (int i = 0; i < count; i++)
        if (strcmp(questions[i].text, found->text) == 0) {
            questions[i].answered = true;
            questions[i].act = stage->act;
            questions[i].number = step->number;
            questions[i].part = step->part;
        }
}
