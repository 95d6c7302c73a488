/* lists.c: finds and reads the files of cue lists, and carries out
 * `take`, `if` and @NAME@ in them (cues.c explains these).
 */
#include "../common/memory.h"
#include "cues.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 3 }; /* files open at once: `take` nests them */

/* The value that --let gave this name: "" if the name alone was given,
 * NULL if it was not given at all. */
static const char *given(const struct reader *reader, const char *name,
                         size_t size)
{
    const struct play_settings *settings = reader->settings;

    for (int i = 0; i < settings->let_count; i++) {
        const char *word = settings->let[i];

        if (strncmp(word, name, size) != 0)
            continue;
        if (word[size] == '\0' || word[size] == '=')
            return word + size + (word[size] == '=');
    }
    return NULL;
}

/* A copy of the line with each @NAME@ filled in; NULL, with the reason
 * in reader->why, if no value was given for one. */
static char *fill(const struct reader *reader, const char *line)
{
    char *filled = memory_copy("");
    const char *at = line;

    while (*at != '\0') {
        size_t plain = strcspn(at, "@");
        size_t size = 0;
        const char *value = "";
        char *longer;

        while (at[plain] == '@'
               && isupper((unsigned char)at[plain + 1 + size]))
            size++;
        if (at[plain] == '@'
            && (size == 0 || at[plain + 1 + size] != '@')) {
            size = 0;
            value = "@"; /* it stands for itself */
        } else if (at[plain] == '@') {
            value = given(reader, at + plain + 1, size);
        }
        if (value == NULL) {
            cues_wrong(reader, "'%.*s': no value was given",
                       (int)size + 2, at + plain);
            free(filled);
            return NULL;
        }
        longer = memory_text("%s%.*s%s", filled, (int)plain, at, value);
        free(filled);
        filled = longer;
        at += plain;
        if (*at == '@')
            at += size == 0 ? 1 : size + 2;
    }
    return filled;
}

static void free_cue(struct cue *cue)
{
    free(cue->role);
    free(cue->text);
    free(cue->calls);
    free(cue->path);
}

/* Keeps only a part of the cues from index `from` on: see `take`. */
static int cut(struct reader *reader, int from, const char *part)
{
    struct cue_list *list = reader->list;
    int begin = from, end = list->count;
    const char *first = NULL;

    for (int i = from; i < list->count; i++)
        if (list->cues[i].verb == VERB_SCENE)
            begin = i + 1;
    if (strcmp(part, "last") != 0 && strcmp(part, "opening") != 0)
        return cues_wrong(reader, "'%s': no such part of a list", part);
    for (int i = begin; part[0] == 'o' && i < end; i++) {
        if (list->cues[i].verb != VERB_START)
            continue;
        if (first == NULL)
            first = list->cues[i].role;
        else if (strcmp(first, list->cues[i].role) != 0)
            end = i + 1;
    }
    for (int i = from; i < list->count; i++)
        if (i < begin || i >= end)
            free_cue(&list->cues[i]);
    memmove(list->cues + from, list->cues + begin,
            (size_t)(end - begin) * sizeof *list->cues);
    list->count = from + end - begin;
    return 0;
}

static int read_file(struct reader *reader, char *path);

/* take LIST [PART] */
static int take_list(struct reader *reader, char *rest)
{
    const char *name = cues_word(&rest);
    int from = reader->list->count;

    if (name[0] == '\0' || reader->depth == DEEPEST)
        return cues_wrong(reader, "'%s': no list to take", name);
    if (read_file(reader, memory_text("%s/scripts/%s",
                                      reader->settings->root, name))
        == -1)
        return -1;
    return rest[0] == '\0' ? 0 : cut(reader, from, rest);
}

/* Reads a line of the file. 0, or -1 with the reason in reader->why. */
static int read_line(struct reader *reader, char *line)
{
    size_t size = strcspn(line, "\r\n");
    char *filled, *rest;
    int result = 0;

    while (size > 0
           && (line[size - 1] == ' ' || line[size - 1] == '\t'))
        size--;
    line[size] = '\0';
    line += strspn(line, " \t");
    if (line[0] == '\0' || line[0] == '#')
        return 0;
    if (strncmp(line, "if ", 3) == 0) {
        const char *word;

        rest = line + 3;
        word = cues_word(&rest);
        return given(reader, word, strlen(word)) == NULL
                   ? 0
                   : read_line(reader, rest);
    }
    filled = fill(reader, line);
    if (filled == NULL)
        return -1;
    if (strncmp(filled, "take ", 5) == 0)
        result = take_list(reader, filled + 5);
    else
        result = cues_line(reader, filled);
    free(filled);
    return result;
}

/* Reads a file and frees `path`. 0, or -1 with the reason in why. */
static int read_file(struct reader *reader, char *path)
{
    const char *root = reader->settings->root, *by = reader->path;
    size_t size = 0, skip = strlen(root);
    FILE *file = fopen(path, "r");
    int result = 0, line = reader->line;
    char *text = NULL;
    const char *name = path;

    if (strncmp(path, root, skip) == 0 && path[skip] == '/')
        name = path + skip + 1;
    if (file == NULL) {
        result = -1;
        if (by != NULL)
            cues_wrong(reader, "%s: %s", name, strerror(errno));
        else
            snprintf(reader->why, reader->size, "%s cannot be read: %s",
                     name, strerror(errno));
    }
    reader->path = name;
    reader->depth++;
    reader->line = 0;
    while (result == 0 && getline(&text, &size, file) != -1) {
        reader->line++;
        result = read_line(reader, text);
    }
    if (result == 0 && reader->list->count == 0)
        result = cues_wrong(reader, "there is no verb in this list");
    free(text);
    if (file != NULL)
        fclose(file);
    reader->depth--;
    reader->line = line;
    reader->path = by;
    free(path);
    return result;
}

int cues_read(struct cue_list *list,
              const struct play_settings *settings, const char *name,
              char *why, size_t size)
{
    struct reader reader = {
        .settings = settings, .list = list, .why = why, .size = size};
    char *path =
        memory_text("%s/scripts/cues/%s", settings->root, name);

    if (settings->list != NULL || settings->cues != NULL)
        free(path);
    if (settings->list != NULL)
        path = memory_copy(settings->list);
    else if (settings->cues != NULL)
        path = memory_text("%s/%s", settings->cues, name);
    *list = (struct cue_list){.cues = NULL};
    if (read_file(&reader, path) == -1)
        return -1;
    cues_number(list);
    return 0;
}

void cues_free(struct cue_list *list)
{
    for (int i = 0; i < list->count; i++)
        free_cue(&list->cues[i]);
    free(list->cues);
    *list = (struct cue_list){.cues = NULL};
}

void cues_programs(const struct cue_list *list,
                   void (*each)(void *context, const char *program),
                   void *context)
{
    for (int i = 0; i < list->count; i++) {
        char name[PLAY_SHORT];

        if (list->cues[i].verb != VERB_START
            && list->cues[i].verb != VERB_SERVE)
            continue;
        snprintf(name, sizeof name, "%.*s",
                 (int)strcspn(list->cues[i].text, " \t"),
                 list->cues[i].text);
        each(context, name);
    }
}

static int by_name(const void *one, const void *other)
{
    const char *const *a = one, *const *b = other;

    return strcmp(*a, *b);
}

char **play_lists(const char *folder, bool scenes)
{
    char **names = memory_for(NULL, 1, sizeof *names);
    const struct dirent *entry;
    DIR *dir = opendir(folder);
    size_t count = 0;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (!isdigit((unsigned char)entry->d_name[0])
            || !cues_is_name(entry->d_name)
            || (!scenes && strchr(entry->d_name, '-') != NULL))
            continue;
        names = memory_for(names, count + 2, sizeof *names);
        names[count++] = memory_copy(entry->d_name);
    }
    if (dir == NULL) {
        free(names);
        return NULL;
    }
    closedir(dir);
    if (count > 0)
        qsort(names, count, sizeof *names, by_name);
    names[count] = NULL;
    return names;
}
