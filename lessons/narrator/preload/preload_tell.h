/* preload_tell.h: what tell.h and calls.h need from the other files.
 * Part of preload.c. */
#ifndef NARRATE_PRELOAD_TELL_H
#define NARRATE_PRELOAD_TELL_H

struct narrate_call;

/* ---- the board of cues, preload_board.h -------------------------- */

enum { NARRATE_PLACES = 128 };
static struct narrate_board {
    atomic_int player; /* its process */
    struct {
        atomic_int thread; /* whose place it is; 0: nobody's */
        atomic_int process, program; /* its process; the first one */
        atomic_int cues; /* calls that it may make */
        atomic_int held; /* its time limit does not run yet */
    } places[NARRATE_PLACES];
} * narrate_board;
static _Thread_local int narrate_place = -1;
static _Thread_local unsigned long narrate_stops;
static inline bool narrate_is_python(void);
static inline void narrate_board_stop(const struct narrate_call *call,
                                      const char *what);
static inline const void *narrate_caller(void);
static inline void narrate_add_board(struct narrate_text *t,
                                     const void *from,
                                     const char *file);
static inline bool narrate_hold(struct pollfd *watched, nfds_t count);
static inline bool narrate_hold_socket(const char *name, int sock);
static inline int narrate_python_line(char *path, size_t room);
struct narrate_error;

static int narrate_threads; /* that have told something */

static inline void narrate_start(void);
static inline void narrate_end(void);
static inline void narrate_write(int to, const char *bytes,
                                 size_t size);
static inline ssize_t narrate_ask(int from, char *line, size_t room);
static inline void narrate_flush(const char *name);
static inline bool narrate_said(const char *text);
static inline bool narrate_keep(const struct narrate_call *call,
                                const struct narrate_error *row,
                                const void *address, size_t length);
static inline void narrate_worked(const struct narrate_call *call);
static inline void narrate_row_fails(const struct narrate_call *call);
static inline const struct narrate_error *narrate_row_of(
    const struct narrate_call *call);
static inline bool narrate_is_forked(int descriptor);
static inline bool narrate_is_deaf(int sock);
NARRATE_APART bool narrate_never_blocks(int sock, int flags);
NARRATE_APART long long narrate_limit(int sock, int option);
static inline size_t narrate_cut(size_t *size);

/* The result of a call that was made first, to be counted, and turns
 * out to be worth telling: narrate_real_* then returns what is here
 * instead of making the call again. */
static _Thread_local struct narrate_made {
    bool made;
    long result;
    int error;
    long waited; /* not made: milliseconds of its limit already over */
} narrate_made;

/* What a signal handler must leave as it was: the call that it
 * interrupts may have been made, but not told yet. */
struct narrate_outer {
    struct narrate_made made;
    struct narrate_like *like;
};
static inline struct narrate_outer narrate_set_aside(void);
static inline void narrate_put_back(const struct narrate_outer *outer);

#endif
