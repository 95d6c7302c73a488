/* cues.h: what the readers of cue lists share: cues.c knows the verbs,
 * lists.c the files.
 */
#ifndef CUES_H
#define CUES_H

#include "engine.h"

/* Where the reader stands. */
struct reader {
    const struct play_settings *settings;
    struct cue_list *list;
    const char *path; /* of the file, as it is named in a complaint */
    int line;
    int depth; /* how many files have taken one another */
    char roles[PLAY_ROLES][PLAY_SHORT]; /* started in this scene */
    int role_count;
    char *why;
    size_t room;
};

/* Says what is wrong with the line. Returns -1. */
#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
int cues_wrong(const struct reader *reader, const char *format, ...);

/* Cuts the next word off a line: "" if there is none. */
char *cues_word(char **rest);

/* A name is of letters, digits, _ and -, and not too long. */
bool cues_is_name(const char *word);

/* Adds a line to the list: a verb and what stands behind it. 0, or -1
 * with why. */
int cues_line(struct reader *reader, char *line);

/* Numbers the steps of a list that is complete. */
void cues_number(struct cue_list *list);

#endif
