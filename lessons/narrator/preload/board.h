/* board.h: stops for programs of one's own (scripts/demo --).
 * Part of preload.c. The player (scripts/play/own.c) sets
 *   NARRATE_BOARD_SECRET  what begins each record
 *   NARRATE_BOARD         the path of a page that both share
 *
 * A thread has a place of its own on that page. Before each call it
 * waits there until its cues are more than 0: futex(2). So the program
 * holds no descriptor for it, and a cue goes to one thread of one
 * process, also after fork and exec.
 */
#ifndef NARRATE_BOARD_H
#define NARRATE_BOARD_H

#include <link.h>

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
static _Thread_local char narrate_file[200]; /* Python's, of the call */

/* Where we are in memory: from our ELF header, elf(5), to our end. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidde"
                                                               "n")));
static const char *narrate_last;

/* Takes a place for this thread, the one that it had before exec(3) or
 * a free one; the player frees those of threads that are gone. If none
 * is free, the thread does not stop. */
static inline void narrate_take_place(void)
{
    const int self = (int)syscall(SYS_gettid), wanted[] = {self, 0};

    for (int i = 0; narrate_place == -1 && i < 2 * NARRATE_PLACES;
         i++) {
        int whose = wanted[i / NARRATE_PLACES];
        int at = i % NARRATE_PLACES;

        if (atomic_compare_exchange_strong(
                &narrate_board->places[at].thread, &whose, self)) {
            atomic_store(&narrate_board->places[at].cues, 0);
            atomic_store(&narrate_board->places[at].held, 0);
            atomic_store(&narrate_board->places[at].program,
                         narrator.process);
            atomic_store(&narrate_board->places[at].process, getpid());
            narrate_place = at;
        }
    }
}

/* In the child after fork(2): it is on the board before its first call,
 * so that the player can end it whatever it does. */
static inline void narrate_board_forked(void)
{
    narrate_place = -1;
    if (narrate_board != NULL && narrator.telling)
        narrate_take_place();
}

/* At the start of the program. */
static inline void narrate_open_board(void)
{
    const char *path = getenv("NARRATE_BOARD");
    const char *secret = getenv("NARRATE_BOARD_SECRET");
    int file = path == NULL || secret == NULL
                   ? -1
                   : open(path, O_RDWR | O_CLOEXEC);
    void *page;

    if (file == -1)
        return;
    page = mmap(NULL, sizeof *narrate_board, PROT_READ | PROT_WRITE,
                MAP_SHARED, file, 0);
    narrate_real_close(file);
    if (page == MAP_FAILED)
        return;
    for (int i = 0; i < __ehdr_start.e_phnum; i++) {
        const char *base = (const char *)&__ehdr_start;
        const ElfW(Phdr) *part =
            (const ElfW(Phdr) *)(base + __ehdr_start.e_phoff) + i;

        if (part->p_type == PT_LOAD
            && base + part->p_vaddr + part->p_memsz > narrate_last)
            narrate_last = base + part->p_vaddr + part->p_memsz;
    }
    narrate_board = page;
    narrator.secret = secret;
    narrate_take_place();
}

/* If the player is gone, so are we. */
static inline void narrate_ask_for_player(void)
{
    if (kill(narrate_board->player, 0) == -1 && errno == ESRCH)
        _exit(0);
}

/* Waits for a cue; the lock is open meanwhile. False: a signal handler
 * came in between and made calls of its own: tell the stop again. */
static inline bool narrate_await_cue(unsigned long told)
{
    static const struct timespec second = {1, 0};
    atomic_int *cues;
    int n;

    if (narrate_place == -1)
        return true;
    cues = &narrate_board->places[narrate_place].cues;
    narrate_asks = 1;
    narrate_end();
    while ((n = atomic_load(cues)) == 0
           || !atomic_compare_exchange_strong(cues, &n, n - 1)) {
        syscall(SYS_futex, cues, 0 /* FUTEX_WAIT */, 0, &second, NULL,
                0);
        if (narrate_stops != told)
            break;
        narrate_ask_for_player();
    }
    narrate_start();
    narrate_asks = 0;
    return narrate_stops == told;
}

/* Tells that this thread stands before a call, and awaits its cue. */
static inline void narrate_board_stop(struct narrate_call *call,
                                      const char *what)
{
    unsigned long told;

    do {
        narrate_render(call); /* others may have told meanwhile */
        narrate_take_place();
        told = narrate_stops = narrate_stops + 1;
        narrate_tell(NARRATE_BEFORE, call, what);
    } while (!narrate_await_cue(told));
}

/* Before a call that blocks for a limited time on these descriptors:
 * until one is ready, its time does not run: a person may think.
 * A cue lets it run. True if a signal came: such a call ends with EINTR
 * then, whatever the handler's flags say: signal(7). */
static inline bool narrate_hold(struct pollfd *watched, nfds_t count)
{
    static const struct timespec nap = {0, 20000000};
    atomic_int *cues;
    int n;

    if (narrate_place == -1)
        return false;
    cues = &narrate_board->places[narrate_place].cues;
    atomic_store(cues, 0);
    atomic_store(&narrate_board->places[narrate_place].held, 1);
    do {
        n = (int)syscall(SYS_ppoll, watched, count, &nap, NULL, 0L);
        narrate_ask_for_player();
    } while (n == 0 && atomic_load(cues) == 0);
    atomic_store(cues, 0);
    atomic_store(&narrate_board->places[narrate_place].held, 0);
    return n == -1 && errno == EINTR;
}

/* Writes a record. Behind its 17 fields it has the address in the
 * program to which the call returns, the place, the thread, and the
 * source file if Python has said it. */
static inline void narrate_board_record(
    enum narrate_kind kind, const struct narrate_call *call,
    const struct narrate_values *values)
{
    NARRATE_STATIC(t, NARRATE_ROOM);

    narrate_clear(&t);
    narrate_add_record(&t, kind, call, values);
    narrate_add(&t, "\t%lX\t%d\t%ld\t%s",
                call != NULL ? (unsigned long)call->own.from : 0UL,
                narrate_place, (long)syscall(SYS_gettid),
                call != NULL ? narrate_file : "");
    if (t.used > t.room - 2)
        t.used = t.room - 2;
    t.text[t.used++] = '\n';
    narrate_page_for(narrator.out, t.used);
    narrate_put(&narrate_page, t.text, t.used);
}

/* ---- where in the program ---------------------------------------- */

/* The functions of Python that say where it is. */
static struct {
    int known; /* 1 they are there, -1 they are not */
    int (*ensure)(void), (*line)(void *);
    void (*release)(int), (*drop)(void *);
    void *(*frame)(void), *(*code)(void *), *(*back)(void *),
        *(*attribute)(void *, const char *);
    const char *(*utf8)(void *);
} narrate_frames;

static inline void narrate_find_frames(void)
{
    const struct {
        const char *name;
        void *at;
    } wanted[] = {
        {"PyGILState_Ensure", &narrate_frames.ensure},
        {"PyFrame_GetLineNumber", &narrate_frames.line},
        {"PyGILState_Release", &narrate_frames.release},
        {"Py_DecRef", &narrate_frames.drop},
        {"PyEval_GetFrame", &narrate_frames.frame},
        {"PyFrame_GetCode", &narrate_frames.code},
        {"PyFrame_GetBack", &narrate_frames.back},
        {"PyObject_GetAttrString", &narrate_frames.attribute},
        {"PyUnicode_AsUTF8", &narrate_frames.utf8},
    };

    narrate_frames.known = 1;
    for (size_t i = 0; i < NARRATE_COUNT(wanted); i++) {
        void *found = dlsym(RTLD_DEFAULT, wanted[i].name);

        memcpy(wanted[i].at, &found, sizeof found);
        if (found == NULL)
            narrate_frames.known = -1;
    }
}

/* The line of the program in Python that makes this call, and its file
 * in `path`; 0 if it cannot be known. Lines of Python's own library are
 * passed over. `*imports`: no line makes it, but the library while it
 * is imported. Preserves errno. The lock must be open: another thread
 * that tells may hold what Ensure waits for. */
static inline int narrate_python_line(char *path, size_t room,
                                      bool *imports)
{
    int state, line = 0, entry = errno;
    void *frame, *back;

    path[0] = '\0';
    *imports = false;
    if (narrate_frames.known == 0)
        narrate_find_frames();
    if (narrate_frames.known != 1)
        return 0;
    narrate_busy = 1;
    state = narrate_frames.ensure();
    frame = narrate_frames.frame(); /* borrowed; its callers are not */
    for (bool first = true; frame != NULL && line == 0 && !*imports;
         first = false) {
        void *code = narrate_frames.code(frame);
        void *name = narrate_frames.attribute(code, "co_filename");
        const char *text =
            name == NULL ? NULL : narrate_frames.utf8(name);

        if (text != NULL && strncmp(text, "<frozen importlib", 17) == 0)
            *imports = true;
        else if (text != NULL && text[0] != '<'
                 && strstr(text, "/lib/python") == NULL) {
            strncpy(path, text, room - 1);
            line = narrate_frames.line(frame);
        }
        if (name != NULL)
            narrate_frames.drop(name);
        narrate_frames.drop(code);
        back = narrate_frames.back(frame);
        if (!first)
            narrate_frames.drop(frame);
        frame = back;
    }
    if (frame != NULL)
        narrate_frames.drop(frame);
    narrate_frames.release(state);
    narrate_busy = 0;
    errno = entry;
    return line;
}

/* The address in the program to which the call that is being told will
 * return. Our own frames have frame pointers (-fno-omit-frame-pointer),
 * so we follow them to the first that is not ours. */
static inline const void *narrate_caller(void)
{
    void *const *frame = __builtin_frame_address(0);

    for (int i = 0; i < 16; i++) {
        const char *back = frame[1];

        if (back < (const char *)&__ehdr_start || back >= narrate_last)
            return back;
        if ((void *const *)frame[0] <= frame)
            break;
        frame = frame[0];
    }
    return NULL;
}

#endif
