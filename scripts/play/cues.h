/* cues.h: what the two readers of cue lists share: cues.c knows the
 * verbs, lists.c the files.
 */
#ifndef CUES_H
#define CUES_H

#include "engine.h"

/* The state of the reader. */
struct reader {
    const struct play_settings *settings;
    struct cue_list *list;
    const char *path; /* of the file, as error messages name it */
    int line;
    int depth; /* files that are open: `take` nests them */
    char roles[PLAY_ROLES][PLAY_SHORT]; /* started in this scene */
    int role_count;
    char *why;
    size_t size;
};

/* Writes what is wrong with the line into `why`. Returns -1. */
#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
int cues_wrong(const struct reader *reader, const char *format, ...);

/* Cuts the next word off a line and returns it; "" if there is none. */
char *cues_word(char **rest);

/* Is it a name: letters, digits, _ and -, and fewer than PLAY_SHORT? */
bool cues_is_name(const char *word);

/* Adds a line, a verb with its arguments, to the list. 0, or -1 with
 * the reason in `why`. */
int cues_line(struct reader *reader, char *line);

/* Numbers the steps of a complete list. */
void cues_number(struct cue_list *list);

#endif
