/* fence.h: where no room can be made, a program is judged behind a fence:
 * it stays among all others, but the kernel lets it reach little of them.
 * Landlock, landlock(7), closes files, TCP ports, signals; seccomp(2)
 * calls that Landlock does not know. Each is for good, and holds for all
 * that the program starts.
 *
 * What a kernel can do goes by its Landlock's version (landlock(7), "ABI"):
 *   1  files (Linux 5.13)     3  truncate(2) too (6.2)
 *   4  TCP ports (6.7)        6  signals (6.12)
 * Always open are the names of files, which stat(2) tells, and UDP, which
 * exercises need. */
#ifndef FENCE_H
#define FENCE_H

#include <stdbool.h>

enum { FENCE_SIGNALS = 6 }; /* the version that closes signals */

/* Landlock's version here; 0: there is none, so there is no fence. */
int fence_version(void);
/* What it leaves open to a program, as a list in words; `our_user`: it
 * runs as the user who judges. */
const char *fence_gaps(bool our_user);
/* Closes all files but the system's (system.h), the current folder and
 * /proc/PID of this process, which it may read, and `writable`, unless
 * that is NULL; and all TCP ports but this one, swapped or not (0: none).
 * False, with errno: it could not. */
bool close_fence(const char *writable, unsigned long port);

#endif
