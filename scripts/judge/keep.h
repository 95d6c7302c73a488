/* keep.h: how the judge ends: nothing of it, or of what it judged, stays.
 * `could_not`, which exercises use too, is in judge.h. */
#ifndef KEEP_H
#define KEEP_H

#include <stdbool.h>

/* Starts a process that removes this folder when we end, even when we are
 * killed. False: there is none. */
bool keep_folder(char *folder);
/* With a folder: that path is removed, too. */
void remove_too(const char *path);
/* Kills all that still runs, has the folder removed. Returns the status. */
int leave(int status);
/* Says in a line why the file is not judged, and ends with status 2. */
_Noreturn void refuse(const char *file, const char *why);

#endif
