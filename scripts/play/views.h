/* views.h: what shows a play, and is called by main. Each plays it to
 * its end and returns the exit status of the process.
 */
#ifndef VIEWS_H
#define VIEWS_H

#include "play.h"

/* How the plain view shows it. */
struct plain_options {
    const char *name; /* of the command, before a complaint */
    bool stepping; /* Enter on /dev/tty before each step */
};

/* Lines of text on standard output. On a terminal a page at a time. */
int plain_run(const struct play_settings *settings,
              const struct plain_options *options);

/* A run that was recorded, as plain_run would have shown it. */
int plain_show(const char *path, const struct plain_options *options);

/* The run as text on standard output, for docs/runs: see runs.c. */
int record_run(const struct play_settings *settings);

/* Reads such a text: events and actors, no steps. NULL if it cannot: one
 * line in `why`. play_close frees it. */
struct play *run_read(const char *path, char *why, size_t room);

#endif
