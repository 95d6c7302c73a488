/* room.h: what the common parts of the judge share, and no exercise
 * needs. */
#ifndef ROOM_H
#define ROOM_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "judge.h"
enum { PROGRAMS = 8 };
extern struct program programs[PROGRAMS];
extern char program_name[]; /* as NN_name */
extern bool port_in_environment;

/* ---- program.c ---- */
long now(void); /* milliseconds, since some time */

/* ---- report.c ---- */
void entry(const char *key, const char *text);

/* ---- processes.c ---- */
rlim_t processes_of_user(void); /* and threads */
long memory_below(void); /* MiB that all below us use */
void sweep(void); /* ends all that is below us */

/* ---- room.c ---- */

/* Opens a room: the judge's side of it, and a trial. `enter` is the
 * program of that name, in bytes. NULL, or what is missing, in words. */
const char *open_room(const void *enter, size_t size);
/* No room, by wish or for want of one: a folder in /tmp that
 * `leave_folder` removes, and the rights of whoever calls. */
const char *open_folder(const void *enter, size_t size);
void leave_folder(void);
bool in_a_room(void);

/* Puts a file into the room. */
bool put(const char *name, const void *bytes, size_t size, mode_t mode);
/* A new and empty folder: the /tmp of one program. */
const char *scratch(void);

struct entry_limits {
    int files, memory, size, seconds, flags; /* as in enter.c */
    bool network; /* the judge's; else one of its own */
    bool tell; /* descriptor 3 which process is the room's first */
    const char *scratch; /* a folder */
    const char *port; /* for LESSON_PORT, or NULL */
};
/* Becomes a program of the room, with descriptors 0 to 2 as they are. */
_Noreturn void become(char *const command[],
                      const struct entry_limits *l);

/* ---- compile.c ---- */

/* Compiles NN_name.c, which is in the room, to NN_name. What the
 * compiler says is printed. `stopped` says when to give up. */
bool compile(bool (*stopped)(void));

#endif
