/* ask.c: the questions before the steps. */
#include "parts.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A line of scripts/play/questions: scenes | step | question. */
struct question {
    char *scenes, *step, *text;
};
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
    return play_copy(field);
}

int stage_read_questions(const char *root)
{
    char *path = play_text("%s/scripts/play/questions", root),
         *line = NULL;
    FILE *file = fopen(path, "r");
    size_t room = 0;

    if (file == NULL)
        fprintf(stderr, "demo: --questions: %s cannot be read: %s\n",
                path, strerror(errno));
    free(path);
    if (file == NULL)
        return -1;
    while (getline(&line, &room, file) != -1) {
        char *rest = line;

        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        questions = play_room(questions, (size_t)count + 1,
                              sizeof questions[0]);
        questions[count].scenes = next_field(&rest);
        questions[count].step = next_field(&rest);
        questions[count++].text = next_field(&rest);
    }
    free(line);
    fclose(file);
    return 0;
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

void stage_question(const struct stage *stage, char *text, size_t size)
{
    const struct play_step *step = stage_next_step(stage);
    char scene[PLAY_SHORT * 2], *whose, *numbered;
    const char *call, *role;

    text[0] = '\0';
    if (!stage->options.questions || stage_stop(stage) == NULL
        || step == NULL || step->actor == -1)
        return;
    role = stage_act(stage)->play->actors[step->actor].role;
    call = strstr(step->prompt, ": ");
    call = call == NULL ? step->prompt : call + 2;
    if (step->ends)
        call = "end";
    else if (step->before == PLAY_AT_HOLD)
        call = "hold";
    /* Only the wire shows what the end of a program does. */
    if (step->ends && !stage->options.wire)
        return;
    stage_scene_name(stage, scene, sizeof scene);
    whose = play_text("%s %s", role, call);
    numbered =
        play_text("%s %d %s", role, call_number(stage, step), call);
    for (int i = 0; i < count; i++)
        if ((strcmp(questions[i].scenes, "any") == 0
             || is_among(scene, questions[i].scenes))
            && (begins(call, questions[i].step)
                || begins(whose, questions[i].step)
                || begins(numbered, questions[i].step)))
            fill(stage, text, size, questions[i].text);
    free(whose);
    free(numbered);
}
