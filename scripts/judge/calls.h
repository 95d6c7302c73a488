/* calls.h: the system calls that a judged program may not make. */
#ifndef CALLS_H
#define CALLS_H

#include <stdbool.h>

/* Installs the filter for all calls from here on, for good; it needs
 * PR_SET_NO_NEW_PRIVS. `no_sockets`: socket(2) fails with EMFILE.
 * `fenced`: there is no room, so what Landlock does not know is closed
 * too (fence.h). False, with errno: it could not. seccomp(2) */
bool filter_calls(bool no_sockets, bool fenced);

#endif
