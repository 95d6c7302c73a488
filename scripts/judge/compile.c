/* compile: makes the program from the source in the room. */
#define _GNU_SOURCE
#include "judge.h"
#include "room.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TIME = 10000, /* milliseconds of fair_now */
    LONGEST = 5 * TIME, /* of now, however busy the machine is */
    SAID = 8192, /* bytes of the compiler's output that are kept */
    SHOWN_LINES = 20,
    LARGEST = 8 << 20 /* bytes of a program */
};

/* The compiler quotes the source, which may contain any byte. */
static void print_words(const char *text, size_t size)
{
    int lines = 0, column = 0;
    if (size > 0)
        printf("  the compiler says:\n");
    for (size_t i = 0; i < size && lines < SHOWN_LINES; i++) {
        unsigned char c = (unsigned char)text[i];
        if (column == 0)
            printf("    ");
        if (c == '\n') {
            putchar('\n');
            lines++;
            column = 0;
        } else if (column++ < 160) {
            putchar(c >= ' ' && c < 0x7f ? c : '?');
        }
    }
    if (column > 0)
        putchar('\n');
    fflush(stdout);
}

static _Noreturn void run_compiler(int words_to, const char *folder)
{
    static char source[200], target[300], compiler[200];
    char *command[40];
    int n = 0;
    const char *wanted = getenv("CC");
    struct entry_limits l = {.files = 256,
                             .memory = 1024,
                             .size = 16,
                             .seconds = 6,
                             .scratch = folder};
    snprintf(compiler, sizeof compiler, "%s",
             wanted && *wanted ? wanted : "cc");
    for (char *word = strtok(compiler, " "); word != NULL && n < 20;
         word = strtok(NULL, " "))
        command[n++] = word;
    snprintf(source, sizeof source, "%s.c", program_name);
    snprintf(target, sizeof target, "%s/program",
             in_a_room() ? "/tmp" : folder);
    char *rest_of_it[] = {"-Wall", "-Wextra", "-pthread", "-O1",
                          "-o",    target,    source,     NULL};
    for (int i = 0; i < 8; i++)
        command[n++] = rest_of_it[i];
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
    struct stat about;
    snprintf(path, sizeof path, "%s/program", folder);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd == -1 || fstat(fd, &about) == -1 || !S_ISREG(about.st_mode)
        || about.st_size > LARGEST)
        return false;
    char *bytes = malloc((size_t)about.st_size + 1);
    ssize_t size = bytes ? read(fd, bytes, (size_t)about.st_size) : -1;
    close(fd);
    bool taken_over =
        size > 0 && put(program_name, bytes, (size_t)size, 0755);
    free(bytes);
    return taken_over;
}

bool compile(bool (*stopped)(void))
{
    static char said[SAID];
    char piece[65536];
    size_t got = 0;
    int ends[2], status = -1;
    const char *folder = scratch(), *why = NULL;
    if (pipe2(ends, O_CLOEXEC) == -1)
        return false;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        run_compiler(ends[1], folder);
    close(ends[1]);
    struct pollfd set = {ends[0], POLLIN, 0};
    long last = now() + LONGEST;
    for (long until = fair_now() + TIME; why == NULL;) {
        int ready = poll(&set, 1, 100);
        ssize_t n = ready > 0 ? read(ends[0], piece, sizeof piece) : 1;
        if (n <= 0)
            break;
        if (ready > 0) {
            size_t room = SAID - got;
            size_t more = (size_t)n < room ? (size_t)n : room;
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
    print_words(said, got);
    if (why != NULL)
        entry("came", why);
    return why == NULL && WIFEXITED(status) && WEXITSTATUS(status) == 0
           && take_program(folder);
}
