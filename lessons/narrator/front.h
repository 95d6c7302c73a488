/* front.h: what the narrator knows of a call, and what its two front
 * ends decide: lesson.h for a lesson, preload/ for any other program.
 * The files that both share know of them only what is declared here.
 */
#ifndef NARRATE_FRONT_H
#define NARRATE_FRONT_H

enum { NARRATE_NONE = -2 }; /* no descriptor; -1 can be an argument */

/* The kinds of things told. */
enum narrate_kind {
    NARRATE_TITLE, /* of the lesson */
    NARRATE_BEFORE, /* a call that waits for a cue or a key */
    NARRATE_BLOCKS, /* a call that will block, before it does */
    NARRATE_CALL, /* a call and its result */
    NARRATE_MEANS, /* what that means */
    NARRATE_CAME, /* what arrived: bytes, a peer, addresses */
    NARRATE_KERNEL, /* what the kernel holds */
    NARRATE_TYPED, /* what the player typed */
    NARRATE_COUNTED, /* calls only counted, by scripts/narrate */
    NARRATE_ERROR, /* what a failure means, and what to try */
    NARRATE_NOTED, /* a mistake that scripts/narrate noticed */
};

/* A call that is being told, on the stack of its caller. */
struct narrate_call {
    const struct narrate_row *row; /* what calls.def says of it */
    const char *source; /* its arguments as written, or NULL */
    intptr_t arg[6];
    int line; /* of the source, 0 if it is not known */
    int number; /* counted from 1 */
    int sock; /* its state is told at the end; or NARRATE_NONE */
    int flags; /* the argument of send, recv and their kin */
    struct narrate_seen before; /* the socket before the call */
    struct narrate_seen *now; /* and after it */
    const void *address; /* what a failure is about, or NULL */
    size_t length;
    const char *nothing; /* told of EAGAIN on non-blocking sockets */
    char there[64]; /* so it does not block: what `there` has added */
    const char *host; /* getaddrinfo's, "" if not safe to print */
    long kept; /* what `notes` of its row has noted */
    long result;
    int error; /* its errno; 0 if it has not failed */
    int entry; /* errno before the call */
    long long start, took; /* microseconds, narrate_clock */
    struct narrate_own own; /* what the front end keeps */
};

/* What there is to know about a call of the library. */
struct narrate_row {
    const char *name;
    const char *format; /* of its arguments: args.h has the letters */
    const char *same; /* whose failures errors.h explains; NULL: its */
    /* Notes in call->kept what must be known from before the call. */
    void (*notes)(struct narrate_call *);
    /* Adds until when it blocks; false: it does not. */
    bool (*until)(struct narrate_call *, struct narrate_text *);
    /* Adds what it would wait for and is there already; false: nothing
     * is, so it will block. */
    bool (*there)(struct narrate_call *, struct narrate_text *);
    /* What a call that waits for several descriptors watches, as poll
     * has it: how many; at most so many are filled in. */
    nfds_t (*watches)(const struct narrate_call *, struct pollfd *,
                      nfds_t);
    /* Says what it means that it has worked. */
    void (*means)(struct narrate_call *);
    /* Before a failure is explained. */
    void (*fails)(struct narrate_call *);
    /* Adds the result, if that is no number. */
    void (*shows)(struct narrate_call *, struct narrate_text *);
    /* How many bytes it is to move, if that is not argument 2. */
    size_t (*asks)(const struct narrate_call *);
    /* Adds an argument for which args.h has no letter. */
    void (*adds)(struct narrate_call *, struct narrate_text *);
    const char *nothing; /* what EAGAIN means with O_NONBLOCK */
    bool receives, sends;
    bool silent; /* the socket's state is not told */
    bool other; /* it does not return -1 and set errno */
    struct narrate_extra extra; /* what the front end alone wants */
};

/* What a record holds besides its call. NULL and -1 become empty
 * fields. */
struct narrate_values {
    int sock;
    const char *state, *here, *peer, *queue;
    long length;
    const char *text;
};

/* Waits for the lock, so that only this thread tells; and opens it. */
static inline void narrate_acquire(void);
static inline void narrate_release(void);
/* Is a call with these six arguments told? Asked without the lock, as
 * the next is. */
static inline bool narrate_wants(const struct narrate_row *row,
                                 const intptr_t *arg);
/* May this call be made first, and told only if it is worth it? */
static inline bool narrate_repeats(struct narrate_call *call);
/* It has been made: is it only counted? */
static inline bool narrate_counts(struct narrate_call *call);
/* The lock has been taken for this call: tells what must come first. */
static inline void narrate_opens(struct narrate_call *call);
/* The number of the next call that is told. */
static inline int narrate_number(void);
/* Must this thread stop before each call? And does so, `what` being the
 * call; the lock is open meanwhile. */
static inline bool narrate_stepped(void);
static inline void narrate_stop(struct narrate_call *call,
                                const char *what);
/* It has been told that the call blocks. */
static inline void narrate_waits(struct narrate_call *call);
/* The call is about to be made, the lock is open. True: a signal has
 * interrupted it already. */
static inline bool narrate_interrupted(struct narrate_call *call);
/* Has this been explained before? Notes it, if not. */
static inline bool narrate_said(const char *text);
/* Is this failure kept, to be explained when the program ends? */
static inline bool narrate_keeps(const struct narrate_call *call,
                                 const struct narrate_error *row,
                                 const void *address, size_t length);
/* The name of an option that args.h does not know; NULL: none. And does
 * it hold a text? */
static inline const char *narrate_option_name(int level, int option);
static inline bool narrate_is_string(int level, int option);
/* Has the text of its arguments been kept? Then adds it. */
static inline bool narrate_rendered(const struct narrate_call *call,
                                    struct narrate_text *t);
/* Has shutdown ended receiving on this socket, as far as we know? */
static inline bool narrate_is_deaf(const struct narrate_call *call);
/* A call has received as many bytes as there was room for. */
static inline void narrate_full(struct narrate_call *call);
/* How many of these received bytes are shown? */
static inline size_t narrate_shown(size_t size);
/* Who else holds the socket that was closed, in a sentence; NULL: none
 * is known. */
static inline const char *narrate_holder(struct narrate_call *call);
/* The call has been told, the lock is still held. */
static inline void narrate_closes(struct narrate_call *call);
/* Writes a record, where narrator.secret asks for that. */
static inline void narrate_record(enum narrate_kind kind,
                                  const struct narrate_call *call,
                                  const struct narrate_values *values);
/* May we still write there? What has been told cannot be written: errno
 * has the reason. */
static inline bool narrate_may_write(int to);
static inline void narrate_cannot_write(int to);

#endif
