/* compile: makes the program from the source in the room. */
#define _GNU_SOURCE
#include "compile.h"
#include "../common/clock.h"
#include "../common/files.h"
#include "print.h"
#include "processes.h"
#include "room.h"
#include "state.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TIME = 10000, /* milliseconds of fair_now */
    LONGEST = 5 * TIME, /* of now, however busy the machine is */
    SAID = 8192, /* bytes of the compiler's output that are kept */
    SHOWN_LINES = 20,
    LARGEST = 8 << 20 /* bytes of a program */
};

/* Becomes the compiler; with `nothing_in` it makes a library of nothing. */
static _Noreturn void run_compiler(int words_to, const char *folder,
                                   bool nothing_in)
{
    static char source[200], target[300], compiler[200];
    char *command[40];
    int n = 0;
    const char *wanted = getenv("CC");
    struct entry_limits l = {.files = 256,
                             .memory = 1024,
                             .size = 16,
                             .seconds = 6,
                             .flags = 2, /* no sockets */
                             .scratch = folder,
                             .writes = true};
    snprintf(compiler, sizeof compiler, "%s",
             wanted && *wanted ? wanted : "cc");
    for (char *word = strtok(compiler, " "); word != NULL && n < 20;
         word = strtok(NULL, " "))
        command[n++] = word;
    snprintf(source, sizeof source, "%s.c", the_judge()->name);
    snprintf(target, sizeof target, "%s/program",
             in_a_room() ? "/tmp" : folder);
    char *always[] = {"-Wall", "-Wextra", "-pthread",
                      "-O1",   "-o",      target};
    for (int i = 0; i < 6; i++)
        command[n++] = always[i];
    char *library[] = {"-shared", "-x", "c", "/dev/null"};
    for (int i = 0; nothing_in && i < 4; i++)
        command[n++] = library[i];
    command[n] = nothing_in ? NULL : source;
    command[n + 1] = NULL;
    int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    dup2(words_to, 1);
    dup2(words_to, 2);
    become(command, &l);
}

/* Puts what the compiler has made into the room, if it is a regular
 * file: the source may have left a link or a FIFO in its place. */
static bool take_program(const char *folder)
{
    char path[300];
    size_t size;
    snprintf(path, sizeof path, "%s/program", folder);
    char *bytes = file_read(path, LARGEST, &size);
    if (bytes == NULL && errno != ENOMEM)
        return false;
    if (bytes == NULL || !put(the_judge()->name, bytes, size, 0755))
        could_not("a place for the program", strerror(errno));
    free(bytes);
    return true;
}

/* One run of the compiler: what it said, and how it ended. */
struct compilation {
    const char *folder; /* in which it has left the program */
    const char *why; /* it was stopped, or NULL */
    bool made; /* it ended with status 0 */
    size_t size;
    char said[SAID + 1];
};

static void run_once(struct compilation *c, bool nothing_in,
                     bool (*stopped)(void))
{
    char piece[65536], *said = c->said;
    size_t got = 0;
    int ends[2], status = -1;
    const char *folder = scratch(), *why = NULL;
    if (pipe2(ends, O_CLOEXEC) == -1)
        could_not("a pipe for the compiler", strerror(errno));
    fflush(stdout);
    pid_t child = fork();
    if (child == -1)
        could_not("a process for the compiler", strerror(errno));
    if (child == 0)
        run_compiler(ends[1], folder, nothing_in);
    close(ends[1]);
    struct pollfd set = {ends[0], POLLIN, 0};
    long long last = now() + LONGEST;
    for (long long until = fair_now() + TIME; why == NULL;) {
        int ready = poll(&set, 1, 100);
        ssize_t n = ready > 0 ? read(ends[0], piece, sizeof piece) : 1;
        if (n <= 0)
            break;
        if (ready > 0) {
            size_t space = SAID - got;
            size_t more = (size_t)n < space ? (size_t)n : space;
            memcpy(said + got, piece, more);
            got += more;
        }
        if (fair_now() > until || now() > last)
            why = "the compiler takes too long";
        else if (ready == 0 && memory_below() > 1500)
            why = "the compiler uses too much memory";
        else if (stopped())
            why = "interrupted";
    }
    close(ends[0]);
    if (why != NULL)
        kill(child, SIGKILL);
    waitpid(child, &status, 0);
    c->folder = folder;
    c->why = why;
    c->made = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    c->size = got;
    said[got] = '\0';
}

/* Whether the words have what a machine that lacks something says. */
static bool tells_of_lack(const char *said)
{
    static const int errors[] = {EAGAIN, ENOMEM, ENOSPC};
    bool told = false;
    for (int i = 0; i < 3; i++)
        told |= strstr(said, strerror(errors[i])) != NULL;
    return told;
}

/* Where the compiler fails with a program, it must succeed with none: if
 * not, the machine is the reason, and there is no verdict. It is asked
 * again if it says that something was lacking that is there by now; a
 * source that needs too much says so every time. */
bool compile(bool (*stopped)(void))
{
    enum { TIMES = 3 };
    static struct compilation c, nothing;
    for (int i = 1;; i++) {
        run_once(&c, false, stopped);
        if (c.made || c.why != NULL || stopped())
            break;
        run_once(&nothing, true, stopped);
        if (!nothing.made && !stopped()) {
            nothing.said[strcspn(nothing.said, "\n")] = '\0';
            could_not("the compiler fails, even without a program",
                      nothing.said);
        }
        if (i == TIMES || !tells_of_lack(c.said))
            break;
    }
    /* It quotes the source, which may contain any byte. */
    if (c.size > 0)
        printf("  the compiler says:\n");
    print_lines("    ", c.said, c.size, SHOWN_LINES);
    fflush(stdout);
    if (c.why != NULL)
        entry("came", c.why);
    return c.why == NULL && c.made && take_program(c.folder);
}
