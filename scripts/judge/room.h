/* room.h: what the common parts of the judge share, and no exercise
 * needs. */
#ifndef ROOM_H
#define ROOM_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "judge.h"
enum {
    PROGRAMS = 8,
    NAME_SIZE = 100,
    PROCESSES = 32 /* that a program may have at once */
};
extern struct program programs[PROGRAMS];
extern char program_name[NAME_SIZE]; /* as NN_name */
extern int crowd; /* of the exercise, or 0 */
extern bool judged; /* there is a verdict: outputs are read, not kept */
extern bool port_in_environment;
extern char **program_arguments; /* in place of the port, or NULL */

/* A flag of `start`, for pair.c: what is on standard error belongs to
 * its text, and both come line by line. */
enum { WORDS_TOGETHER = 8 };
/* Starts a program of ours, not in the room, but in its network. */
struct program *start_other(const char *path, int port, int flags);

/* ---- report.c ---- */
void entry(const char *key, const char *text);

/* ---- narrator.c: the calls of a program, as scripts/narrate tells them --- */

/* A descriptor that no program uses, and where in the room the narrator
 * lies. enter.c knows both. */
enum { TELLING_FD = 50 };
extern bool telling;
/* Puts the narrator into the room: from here on calls are told. */
void tell_calls(const char *library, const void *bytes, size_t size);
/* Makes the pipe for a program, and returns the end that it is to have
 * as TELLING_FD, or -1. */
int open_telling(struct program *p);
/* Reads what was told. */
void collect_telling(struct program *p);
/* Prints the last of what was told of the suspect. */
void print_telling(void);

/* ---- processes.c ---- */
rlim_t processes_of_user(void); /* and threads */
/* As of fair_now: MiB that all below us use, and how many they are. */
long memory_below(void);
long processes_below(void);
/* As `now`, but it stands still while something below us waits for a
 * processor: a machine that is busy makes nobody late. */
long fair_now(void);
void sweep(void); /* ends all that is below us */

/* ---- root.c ---- */

/* Makes that folder, with what of the system is in every room bound to
 * it. */
bool make_root(const char *root);

/* ---- room.c ---- */

/* Whether there has been a trial: a room works here. */
extern bool room_tried;
/* Opens a room: the judge's side of it, and a trial, if there has been
 * none. `enter` is the program of that name, in bytes. NULL, or what is
 * missing, in words. */
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
    const char *calls; /* for NARRATE_OUT, or NULL: nothing is told */
    int crowd; /* that many processes more */
    const char *scratch; /* a folder */
    const char *port; /* for LESSON_PORT, or NULL */
};
/* Becomes a program of the room, with descriptors 0 to 2 as they are. */
_Noreturn void become(char *const command[],
                      const struct entry_limits *l);

/* ---- watch.c ---- */

/* Says in a line why the file is not judged, and ends with status 2. */
_Noreturn void refuse(const char *file, const char *why);
/* A file into memory, which the caller frees. Not through a link: what
 * it leads to may be somebody's. Not from a FIFO: it may never end. */
char *read_file(const char *path, size_t *size);
/* Opens the room, or says why there is none: then one's own program, and
 * a trusted one, go on without it, and another's is refused. */
void open_place(bool own, bool trusted);
/* Says what is missing for a room, if anything is. */
void tell_room(void);
/* Puts the program into the room, compiled if it is a source. */
bool place_program(const char *file, const char *bytes, size_t size);
/* From here on Ctrl-C ends everything in order. */
void begin_watch(void);
bool is_interrupted(void);
int interrupted_status(void);
/* Has a child act, in bounds of time and memory. Its exit status. */
int watched(void (*act)(void), long milliseconds);
/* Ends what is left, and leaves nothing. Returns the status. */
int leave(int status);

/* ---- compile.c ---- */

/* Compiles NN_name.c, which is in the room, to NN_name. What the
 * compiler says is printed. `stopped` says when to give up. */
bool compile(bool (*stopped)(void));

#endif
