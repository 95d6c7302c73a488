/* The stage: shows a play on a projector, step by step, forwards and
 * back. The source, each side of the conversation, and the frames on the
 * wire have a pane each. */
#ifndef STAGE_H
#define STAGE_H

#include "../play/play.h"

struct stage_options {
    double every; /* --auto: seconds between two steps, -1: by hand */
    bool questions; /* ask the audience before each step */
    bool wire; /* show the frames, as lesson 13 sees them */
    const char *from; /* "05:14": begin before that step, or NULL */
    char **argv; /* the command: --wire may start it again */
};

/* Plays the lessons of the settings on the terminal, which must be
 * standard input and output. Returns the exit status: 0 q was pressed, 1
 * something failed, 2 wrong arguments, 128 + the signal that ended it.
 * Errors are lines on standard error. */
int stage_run(const struct play_settings *settings,
              const struct stage_options *options);

#endif
