/* watch.h: what surrounds the judging. */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stddef.h>

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
/* Judges once more, unseen, a program that was right. Returns what the
 * narrator remarks nevertheless, in lines; NULL: nothing. */
const char *faults_in(void (*act)(void), long milliseconds);

#endif
