/* room.h: what the common parts of the judge share among themselves; no
 * exercise needs it. */
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
extern int crowd, parts; /* of the exercise, or 0 */
extern bool judged; /* a verdict is there: output is read, not kept */
extern bool port_in_environment; /* LESSON_PORT instead of argv */
extern char **program_arguments; /* instead of the port, or NULL */

/* A flag of `start`, for pair.c: standard error goes to the same pipe
 * as standard output, and both come line by line. */
enum { WORDS_TOGETHER = 8 };
/* Starts a program of ours: outside the room, but in its network. */
struct program *start_other(char *const argv[], int port, int flags);

/* ---- report.c ---- */
void entry(const char *key, const char *text);

/* ---- narrator.c: a program's calls, narrated ---- */

/* The descriptor to which the narrator writes in the room: no program
 * uses it. */
enum { TELLING_FD = 50, STARTED_FD /* as in enter.c */ };
extern bool telling; /* the calls are narrated */
extern bool faults_only; /* of them, only remarks that are certain */
/* Puts the narrator into the room. */
void put_narrator(const char *library, const void *bytes, size_t size);
/* Judges once more, unseen, a program that was right. Returns what the
 * narrator remarks nevertheless, in lines; NULL: nothing. */
const char *faults_in(void (*act)(void), long milliseconds);
void print_told(const char *text, size_t size);
/* Makes the pipe for a program. Returns the end that the program gets
 * as TELLING_FD; -1 if nothing is narrated. */
int open_telling(struct program *p);
/* Reads what the narrator has written. */
void collect_telling(struct program *p);
/* Prints the end of the suspect's narration, or hands on what was told
 * of all programs if that is faults_only. */
void print_telling(void);

/* ---- processes.c ---- */
rlim_t processes_of_user(void); /* counts threads */
/* All our descendants, as fair_now last saw them: the memory that they
 * use, in MiB, and how many run. */
long memory_below(void);
long processes_below(void);
/* Like `now`, but stands still while a descendant of ours waits for a
 * processor: nobody is late because the machine is busy. */
long fair_now(void);
void sweep(void); /* kills all our descendants */

/* ---- keep.c ---- */

/* Starts a process that removes this folder when `leave_folder` says so,
 * or when we have been killed. False: there is none. */
bool keep_folder(char *folder);
void leave_folder(void);

/* ---- root.c ---- */

/* Makes that folder and binds to it the system's part of every room. */
bool make_root(char *root);

/* ---- room.c ---- */

/* A room is known to work here: open_room need not try one. */
extern bool room_tried;
/* Enters the namespaces in which the rooms are; unless room_tried,
 * tries a room first. `enter` is the compiled enter.c. Returns NULL, or
 * what is missing, in words. */
const char *open_room(const void *enter, size_t size);
/* What could be done so that there is a room, in a sentence; "": we know
 * of nothing. */
const char *remedy(void);
/* Whether a fence, fence.h, would keep even another's program from our
 * user's processes: it runs as a user of its own, or Landlock can. */
bool fence_keeps_others(void);
/* Without a room: makes a folder in /tmp, which `leave_folder` removes.
 * Programs run there as the caller, under root as an ordinary user,
 * behind a fence if `fence`. NULL, or what is missing. */
const char *open_folder(const void *enter, size_t size, bool fence);
bool in_a_room(void);
bool behind_a_fence(void);
/* Whether programs run as the user who judges. */
bool as_our_user(void);
/* Whether the kernel's limit counts a program's processes alone, not what
 * else its user runs. */
bool counts_processes(void);
/* That limit. */
rlim_t process_limit(void);

/* Puts a file into the room. */
bool put(const char *name, const void *bytes, size_t size, mode_t mode);
/* A new and empty folder: the /tmp of one program. */
const char *scratch(void);

struct entry_limits {
    int files, memory, size, seconds, flags; /* as in enter.c */
    bool network; /* the judge's; else one of its own */
    bool tell; /* descriptor 3 which process is the room's first, and
                  STARTED_FD a '+' once all is set up */
    const char *calls; /* NARRATE_OUT; NULL: nothing is narrated */
    const char *scratch; /* the folder that becomes /tmp */
    bool writes; /* without a room: to `scratch`, its TMPDIR */
    const char *port; /* for LESSON_PORT, or NULL */
    int tcp; /* the TCP port that a fence leaves open, 0: none */
};
/* Becomes that program, in the room, with descriptors 0 to 2 as is. */
_Noreturn void become(char *const command[],
                      const struct entry_limits *l);

/* ---- watch.c ---- */

/* Says in a line why the file is not judged, and ends with status 2. */
_Noreturn void refuse(const char *file, const char *why);
/* Reads a regular file; the caller frees it. Refuses a link, which may
 * lead to someone else's file, and a FIFO, which may never end. */
char *read_file(const char *path, size_t *size);
/* Opens a room or, if there can be none, closes a fence, and reports
 * which; `quiet`: not if it is a room. Where the fence would not keep
 * another's program, only one's `own` is judged, in what there is, and
 * we end with status 2 otherwise. `trusted` takes neither. */
void open_place(bool own, bool trusted, bool quiet);
/* Puts the program into the room. False: it does not compile. */
bool place_program(const char *file, const char *bytes, size_t size);
/* From here on Ctrl-C ends everything in order. */
void begin_watch(void);
bool is_interrupted(void);
int interrupted_status(void); /* 128 and the signal's number */
/* Calls `act` in a child, within limits. Returns its exit status. */
int watched(void (*act)(void), long milliseconds);
/* Kills all that still runs, removes the folder. Returns the status. */
int leave(int status);

/* ---- compile.c ---- */

/* Compiles NN_name.c, which is in the room, to NN_name. Prints what the
 * compiler says. Gives up when `stopped` returns true. */
bool compile(bool (*stopped)(void));

#endif
