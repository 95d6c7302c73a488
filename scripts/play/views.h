/* views.h: the views that main calls. Those that return an int play to
 * the end and return the exit status of the process.
 */
#ifndef VIEWS_H
#define VIEWS_H

#include "play.h"

/* How the plain view shows it. */
struct plain_options {
    const char *name; /* of the command: error messages begin with it */
    bool stepping; /* Enter on /dev/tty before each step */
    bool own; /* programs of one's own are played */
    const char *save; /* where the run is written at the end, or NULL */
};

/* Prints lines of text; on a terminal, a page at a time. */
int plain_run(const struct play_settings *settings,
              const struct plain_options *options);

/* Prints a recorded run as plain_run would have shown it. */
int plain_show(const char *path, const struct plain_options *options);

/* Prints the run as text for docs/runs: see runs.c. */
int record_run(const struct play_settings *settings);

/* Runs build/NAME alone and prints its lines, but none that asks a person
 * to type: see side.c. Returns its exit status, 128 and more as a shell
 * has it; or 1, with a line on standard error. */
int side_run(const char *root, const char *name, unsigned port);

/* Is that the name of a page, FILE.html? */
bool run_is_page(const char *path);

/* Writes what a play has kept, as record_run does, and the sources; for
 * FILE.html as a page (run-page). root: the project's folder. 0, or -1 with a line on standard
 * error. */
int run_save(const char *path, const struct play *play,
             const char *root);

/* Reads such a text: events and actors, no steps. NULL, with one line in
 * `why`, if it cannot. play_close frees it. */
struct play *run_read(const char *path, char *why, size_t size);

#endif
