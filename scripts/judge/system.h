/* system.h: what of this system a judged program, or its compiler, needs:
 * in a room it has nothing else, behind a fence it reads nothing else. */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <stdbool.h>

/* Calls `act` with the absolute path of each part, a folder or a file,
 * which may be missing or a link: /usr without /usr/src, /usr/share and
 * other places for users' files, /bin and /lib, and what the loader and
 * the compiler read in /etc. True if each call returned true. */
bool system_parts(bool (*act)(const char *path, void *with),
                  void *with);

#endif
