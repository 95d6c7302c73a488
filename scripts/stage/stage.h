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
    const char *save; /* where the run is written at the end, or NULL */
    char **argv; /* the command: --wire may start it again */
};

/* Plays the lessons of the settings on the terminal, which must be
 * standard input and output. Returns the exit status: 0 q was pressed, 1
 * something failed, 2 wrong arguments, 128 + the signal that ended it.
 * Errors are lines on standard error. */
int stage_run(const struct play_settings *settings,
              const struct stage_options *options);

/* For --wire: starts the program again in a network of its own if it can.
 * Then checks that we may watch. 0, or -1: why is on standard error. */
int stage_wire_rights(char **argv);
/* Is the network the play's own, where nobody else talks? */
bool stage_wire_own(void);

#endif
