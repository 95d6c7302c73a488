/* room.h: the room in which a program is compiled and run or, where there
 * can be none, the folder behind a fence (fence.h). */
#ifndef ROOM_H
#define ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

/* The descriptors to which the narrator writes, and `enter` once all is
 * set up: no program uses them. */
enum { TELLING_FD = 50, STARTED_FD /* as in enter.c */ };

/* Enters the namespaces in which the rooms are; unless it is known that
 * there can be one, tries a room first. `enter` is the compiled enter.c.
 * Returns NULL, or what is missing, in words. */
const char *open_room(const void *enter, size_t size);
/* What could be done so that there is a room, in a sentence; "": we know
 * of nothing. */
const char *remedy(void);
/* Whether a fence, fence.h, would keep even another's program from our
 * user's processes: it runs as a user of its own, or Landlock can. */
bool fence_keeps_others(void);
/* Without a room: makes a folder in /tmp, which `leave` removes.
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

/* Puts a file into the room, in place of an older one; its name may begin
 * with folders, which are made. */
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

#endif
