/* programs.c: starts the programs of a play, reads what they write, and
 * ends them. Each leads a process group, which the keeper knows
 * (keeper.c). A program that waits for its cue reads end of file from the
 * cue pipe when the player ends, and exits by itself.
 */
#define _GNU_SOURCE 1 /* memfd_create, ptys */
#include "../common/signals.h"
#include "engine.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum {
    CUE_FD = 60, /* or above: a lesson's first socket must be 3 */
    MOST_LINE = 65536, /* bytes of a line; a longer one is split */
    MOST_EVENTS = 100000, /* of one with cues; then it is killed */
    READS = 16, /* in a row, so that a flood leaves time for others */
};

/* ---- starting ------------------------------------------------------ */

void program_descriptors(int in, int out, int err, int keep, int also)
{
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    for (int fd = 3; fd < 1024; fd++)
        if (fd != keep && fd != also)
            close(fd);
    signals_default();
}

/* Opens a file without a name; -1 and errno if it cannot. On Linux it
 * never had one: nothing is left of it, whenever the player is killed. */
static int open_input(void)
{
#ifdef __linux__
    return memfd_create("input", 0);
#else
    const char *folder = getenv("TMPDIR");
    bool set = folder != NULL && folder[0] != '\0';
    char *path = memory_text("%s/play.XXXXXX", set ? folder : "/tmp");
    int fd = mkstemp(path);

    if (fd != -1)
        unlink(path);
    free(path);
    return fd;
#endif
}

/* Opens its pipes and its input. 0, or -1 and errno. */
static int open_ends(int out[2], int cue[2], int others[2], int *in)
{
    out[0] = out[1] = cue[0] = cue[1] = -1;
    others[0] = others[1] = -1;
    *in = open_input();
    return *in != -1 && pipe(out) == 0 && pipe(cue) == 0
                   && pipe(others) == 0
               ? 0
               : -1;
}

static void close_fd(int *fd)
{
    if (*fd != -1)
        close(*fd);
    *fd = -1;
}

/* Copies a cue descriptor to CUE_FD or above, names that in the variable
 * and returns it. If fd is -1, unsets the variable and returns -1. */
static int cue_at(const char *variable, int fd)
{
    char number[24];
    int high = fd == -1 ? -1 : fcntl(fd, F_DUPFD, CUE_FD);

    snprintf(number, sizeof number, "%d", high);
    if (fd == -1)
        unsetenv(variable);
    else
        setenv(variable, number, 1);
    return high;
}

/* In the child: becomes the program. */
static _Noreturn void become(char *const argv[], const char *folder,
                             int in, int out, int cue, int others,
                             unsigned port, pid_t parent)
{
    char number[24];
    int high = cue_at("NARRATE_CUE", cue);
    int next = cue_at("NARRATE_OTHERS", others);

    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(127);
    program_descriptors(in, out, out, high, next);
    setenv("NARRATE_SECRET", records_secret(), 1);
    snprintf(number, sizeof number, "%u", port);
    setenv("LESSON_PORT", number, 1);
    unsetenv("LESSON_CUE");
    if (folder == NULL || chdir(folder) == 0)
        execvp(argv[0], argv);
    _exit(127);
}

/* Who waits for cues: nobody, the first thread, or the others too. */
enum cued { NOBODY, FIRST, OTHERS_TOO };

/* Starts argv, in `folder` unless that is NULL. 0, or -1 with why. */
static int start(struct program *program, char *const argv[],
                 const char *folder, enum cued cued, unsigned port,
                 char *why, size_t size)
{
    int out[2], cue[2], others[2], in;
    pid_t parent = getpid();

    *program = (struct program)NO_PROGRAM;
    if (open_ends(out, cue, others, &in) == 0) {
        program->pid = fork();
        if (program->pid == 0)
            become(argv, folder, in, out[1],
                   cued == NOBODY ? -1 : cue[0],
                   cued == OTHERS_TOO ? others[0] : -1, port, parent);
    }
    if (program->pid <= 0) {
        snprintf(why, size, "%s cannot be started: %s", argv[0],
                 strerror(errno));
        program->pid = 0;
        close_fd(&out[0]);
        close_fd(&cue[1]);
        close_fd(&others[1]);
        close_fd(&in);
    } else {
        setpgid(program->pid, program->pid);
        programs_keep(program->pid, SIGKILL);
        fcntl(out[0], F_SETFL, O_NONBLOCK);
        program->out = out[0];
        program->cue = cue[1];
        program->others = others[1];
        program->in = in;
    }
    if (cued == NOBODY)
        close_fd(&program->cue);
    close_fd(&out[1]);
    close_fd(&cue[0]);
    close_fd(&others[0]);
    return program->pid == 0 ? -1 : 0;
}

int program_start(struct program *program, const char *root,
                  const char *name, const char *words, const char *host,
                  bool apart, unsigned port, char *why, size_t size)
{
    char *path = memory_text("%s/build/%s", root, name);
    char *copy = memory_copy(words), *argv[16];
    int n = 0, result;

    if (host[0] != '\0') {
        argv[n++] = (char[]){"ip"};
        argv[n++] = (char[]){"netns"};
        argv[n++] = (char[]){"exec"};
        argv[n++] = memory_copy(host);
    }
    argv[n++] = path;
    for (char *word = strtok(copy, " \t"); word != NULL && n < 15;
         word = strtok(NULL, " \t"))
        argv[n++] = word;
    argv[n] = NULL;
    result = start(program, argv, programs_folder(),
                   apart ? OTHERS_TOO : FIRST, port, why, size);
    if (host[0] != '\0')
        free(argv[3]);
    free(copy);
    free(path);
    return result;
}

int program_shell(struct program *program, const char *root,
                  const char *host, const char *command, char *why,
                  size_t size)
{
    char *folder = memory_text("%s/build", root);
    char *on = memory_copy(host), *what = memory_copy(command);
    char *argv[] = {(char[]){"ip"},
                    (char[]){"netns"},
                    (char[]){"exec"},
                    on,
                    (char[]){"sh"},
                    (char[]){"-c"},
                    what,
                    NULL};
    int result = start(program, argv, folder, FIRST, 0, why, size);

    free(folder);
    free(on);
    free(what);
    return result;
}

/* In the child: its session has no controlling terminal, so that nobody
 * gets SIGHUP when it ends. */
static _Noreturn void become_own(const char *root, char *const argv[],
                                 const char *terminal, int board,
                                 pid_t parent)
{
    char *so = memory_text("%s/build/narrate.so", root);
    char *page = memory_text("/proc/%ld/fd/%d", (long)parent, board);
    char number[24];
    int file;

    setsid();
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(127);
    file = open(terminal, O_RDWR | O_NOCTTY);
    program_descriptors(file, file, file, -1, -1);
    snprintf(number, sizeof number, "%ld", (long)getpid());
    setenv("NARRATE_BOARD_SECRET", records_secret(), 1);
    setenv("NARRATE_BOARD", page, 1);
    setenv("NARRATE_PROCESS", number, 1);
    setenv("NARRATE_OUT", "-", 1);
    setenv("PYTHONUNBUFFERED", "1", 0);
    setenv("LD_PRELOAD", so, 1);
    execvp(argv[0], argv);
    dprintf(2, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

int program_own(struct program *program, const char *root,
                char *const argv[], int board, char *why, size_t size)
{
    int file = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    pid_t parent = getpid();
    struct termios setting;
    int slave;

    *program = (struct program)NO_PROGRAM;
    if (file == -1 || grantpt(file) == -1 || unlockpt(file) == -1
        || (slave = open(ptsname(file), O_RDWR | O_NOCTTY | O_CLOEXEC))
               == -1) {
        snprintf(why, size, "no terminal for %s: %s", argv[0],
                 strerror(errno));
        return -1;
    }
    /* What it writes comes as it is; what is typed is not echoed. */
    tcgetattr(slave, &setting);
    setting.c_oflag &= (tcflag_t)~OPOST;
    setting.c_lflag &= (tcflag_t)~ECHO;
    tcsetattr(slave, TCSANOW, &setting);
    program->pid = fork();
    if (program->pid == 0)
        become_own(root, argv, ptsname(file), board, parent);
    if (program->pid == -1) {
        snprintf(why, size, "%s cannot be started: %s", argv[0],
                 strerror(errno));
        return -1;
    }
    programs_keep(program->pid, SIGKILL);
    fcntl(file, F_SETFL, O_NONBLOCK);
    program->out = file;
    program->in = slave; /* held: the terminal outlives the program */
    program->own = true;
    return 0;
}

int program_freely(struct program *program, char *const argv[],
                   unsigned port, char *why, size_t size)
{
    return start(program, argv, NULL, NOBODY, port, why, size);
}

/* ---- hearing ------------------------------------------------------- */

/* For records_parse: whose inbox an event goes to (see hear). */
struct hearing {
    struct program *program;
    int actor;
};

/* Before a hold a record says how many of the lines above ask for what
 * is typed there. */
static void find_prompt(struct program *program,
                        const struct play_event *hold)
{
    long lines = hold->told.length;

    for (int i = program->count - 1;
         i >= program->taken && lines > 0
         && program->inbox[i].kind == PLAY_WORDS;
         i--, lines--)
        program->inbox[i].kind = PLAY_PROMPT;
}

static void hear(void *context, struct play_event *event)
{
    const struct hearing *hearing = context;
    struct program *program = hearing->program;
    const char *text = event->told.text;

    if (program->open && event->kind == PLAY_WORDS && text[0] == '\0') {
        records_free(event); /* the newline after what was typed */
        program->open = false;
        return;
    }
    program->open =
        event->kind == PLAY_TYPED
        && (strlen(text) < 4
            || strcmp(text + strlen(text) - 4, "\\x0A") != 0);
    event->actor = hearing->actor;
    if (event->kind == PLAY_BEFORE)
        find_prompt(program, event);
    if (program->count == program->capacity) {
        program->capacity =
            program->capacity == 0 ? 64 : 2 * program->capacity;
        program->inbox =
            memory_for(program->inbox, (size_t)program->capacity,
                       sizeof *program->inbox);
    }
    program->inbox[program->count++] = *event;
    program->heard++;
}

/* Parses the complete lines that were read; with `end`, the rest too. */
static void cut_lines(struct program *program, struct hearing *hearing,
                      bool end)
{
    size_t from = 0;

    for (size_t i = 0; i < program->used; i++) {
        if (program->part[i] != '\n' && i - from < MOST_LINE)
            continue;
        records_parse(program->part + from, i - from, hear, hearing);
        from = i + (program->part[i] == '\n');
    }
    if (end && from < program->used) {
        records_parse(program->part + from, program->used - from, hear,
                      hearing);
        from = program->used;
    }
    if (from > 0)
        memmove(program->part, program->part + from,
                program->used - from);
    program->used -= from;
}

/* If it has ended, its last event says so. */
static void look_for_end(struct program *program,
                         struct hearing *hearing)
{
    struct play_event event;

    if (waitpid(program->pid, &program->status, WNOHANG) <= 0)
        return;
    program->reaped = true;
    if (!program->own) {
        kill(-program->pid, SIGKILL); /* and what it has started */
        programs_forget(program->pid);
    }
    records_make(&event, PLAY_END, "");
    event.told.result = WIFSIGNALED(program->status)
                            ? 128 + WTERMSIG(program->status)
                            : WEXITSTATUS(program->status);
    hear(hearing, &event);
}

/* Has it ended? It can still be reaped. */
static bool has_ended(const struct program *program)
{
    siginfo_t info = {.si_pid = 0};

    return waitid(P_PID, (id_t)program->pid, &info,
                  WEXITED | WNOHANG | WNOWAIT)
               == 0
           && info.si_pid != 0;
}

void program_words(struct program *program, int actor)
{
    struct hearing hearing = {program, actor};

    if (program->used > 0)
        cut_lines(program, &hearing, true);
}

void program_read(struct program *program, int actor)
{
    struct hearing hearing = {program, actor};
    char bytes[16384];
    bool ends = false;
    ssize_t n;

    for (int i = 0; i < READS && program->out != -1; i++) {
        n = read(program->out, bytes, sizeof bytes);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno == EAGAIN && program->own
            && !program->reaped && has_ended(program)) {
            if (ends) {
                cut_lines(program, &hearing, true);
                look_for_end(program, &hearing);
            }
            ends = !ends; /* once more: what it wrote just before */
            if (ends)
                continue;
        }
        if (n == -1 && errno == EAGAIN)
            return;
        if (n <= 0)
            close_fd(&program->out);
        else {
            program->part =
                memory_for(program->part, program->used + (size_t)n, 1);
            memcpy(program->part + program->used, bytes, (size_t)n);
            program->used += (size_t)n;
        }
        cut_lines(program, &hearing, n <= 0);
        if (program->cue != -1 && program->heard > MOST_EVENTS)
            kill(-program->pid, SIGKILL);
    }
    if (program->pid != 0 && program->out == -1 && !program->reaped)
        look_for_end(program, &hearing);
}

bool program_said(const struct program *program)
{
    int i = program->taken;

    while (i < program->count && program->inbox[i].kind == PLAY_WORDS)
        i++;
    return i < program->count;
}

struct play_event *program_next(struct program *program)
{
    if (program->taken < program->count)
        return &program->inbox[program->taken++];
    program->taken = program->count = 0;
    return NULL;
}

/* ---- cues and the end ---------------------------------------------- */

void program_cue(struct program *program, char letter, long count)
{
    for (long i = 0; i < count && program->cue != -1; i++)
        if (write(program->cue, &letter, 1) == -1)
            return; /* it has ended: program_read will notice */
}

/* pwrite: the program shares our file offset, and it reads there. */
void program_type(struct program *program, const char *line)
{
    char *text = memory_text("%s\n", line);
    ssize_t n = pwrite(program->in, text, strlen(text), program->typed);

    if (n > 0) /* otherwise it will read end of file */
        program->typed += n;
    free(text);
}

void program_end(struct program *program)
{
    if (program->own && program->reaped) {
        kill(-program->pid, SIGKILL); /* its children */
        programs_forget(program->pid);
    }
    if (program->pid != 0 && !program->reaped) {
        kill(-program->pid, SIGKILL);
        while (waitpid(program->pid, &program->status, 0) == -1
               && errno == EINTR)
            continue;
        programs_forget(program->pid);
    }
    close_fd(&program->out);
    close_fd(&program->cue);
    close_fd(&program->others);
    close_fd(&program->in);
    while (program->taken < program->count)
        records_free(&program->inbox[program->taken++]);
    free(program->inbox);
    free(program->part);
    *program = (struct program)NO_PROGRAM;
}
