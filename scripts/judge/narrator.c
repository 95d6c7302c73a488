/* narrator: narrates the calls of the judged program. The narrator of
 * scripts/narrate, build/narrate.so, lies in the room and writes to a
 * pipe of ours. The program could write there too, so we make all that
 * comes printable. */
#define _GNU_SOURCE
#include "judge.h"
#include "room.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    KEPT = 1 << 16, /* bytes: the end of the narration */
    LINES = 60, /* shown at most */
    COLUMNS = 160,
    FAULTS = 400, /* bytes of remarks, shown at most */
    LAST_WORD = 300 /* milliseconds for its last lines, after SIGTERM */
};

bool telling, faults_only;
static int faults_to; /* where they are handed on */

void put_narrator(const char *library, const void *bytes, size_t size)
{
    if (!put("narrate.so", bytes, size, 0755))
        refuse(library, "it cannot be put into the room");
}

int open_telling(struct program *p)
{
    int ends[2];
    p->calls = -1;
    if (!telling || pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
        return -1;
    fcntl(ends[1], F_SETFL, 0); /* its own end may block */
    p->calls = ends[0];
    p->told = malloc(KEPT);
    p->told_size = 0;
    return ends[1];
}

void collect_telling(struct program *p)
{
    char piece[4096];
    ssize_t n;
    if (!telling || p->calls == -1 || p->told == NULL)
        return;
    while ((n = read(p->calls, piece, sizeof piece)) > 0) {
        size_t size = (size_t)n, old = p->told_size;
        if (old + size > KEPT) { /* drops the oldest */
            size_t gone = old + size - KEPT;
            memmove(p->told, p->told + gone, old - gone);
            old -= gone;
        }
        memcpy(p->told + old, piece, size);
        p->told_size = old + size;
    }
    if (n == 0) {
        close(p->calls);
        p->calls = -1;
    }
}

/* The length in bytes of the character here if a terminal may get it:
 * ASCII, or the narrator's ellipsis or micro sign; else 0. */
static size_t harmless(const char *text, size_t size)
{
    static const char *const others[] = {"\xE2\x80\xA6", "\xC2\xB5"};
    if (*text >= ' ' && *text < 0x7f)
        return 1;
    for (size_t i = 0; i < 2; i++)
        if (strlen(others[i]) <= size
            && memcmp(text, others[i], strlen(others[i])) == 0)
            return strlen(others[i]);
    return 0;
}

static void print_line(const char *text, size_t size)
{
    printf("  | ");
    for (size_t i = 0, column = 0; i < size && column < COLUMNS;
         column++) {
        size_t length = harmless(text + i, size - i);
        if (length > 0)
            fwrite(text + i, 1, length, stdout);
        else
            putchar('?');
        i += length > 0 ? length : 1;
    }
    putchar('\n');
}

void print_told(const char *text, size_t size)
{
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) : size;
        print_line(text, length);
        length += end != NULL;
        text += length, size -= length;
    }
}

static void hand_on_faults(void)
{
    for (struct program *p = programs; p < programs + PROGRAMS; p++) {
        if (p->told == NULL)
            continue;
        stop(p);
        collect_telling(p);
        if (write(faults_to, p->told, p->told_size) == -1)
            return;
    }
}

void print_telling(void)
{
    struct program *p = suspect;
    if (faults_only)
        hand_on_faults();
    if (!telling || faults_only || p->told == NULL)
        return;
    /* When it ends, the narrator lists what is still open. */
    send_signal(p, SIGTERM);
    ended(p, LAST_WORD);
    collect_telling(p);
    size_t from = p->told_size, lines = 0;
    for (; from > 0; from--)
        if (from < p->told_size && p->told[from - 1] == '\n'
            && ++lines == LINES)
            break;
    printf(from > 0 ? "  its calls, the last of them:\n"
                    : "  its calls:\n");
    print_told(p->told + from, p->told_size - from);
    if (p->told_size == 0)
        print_line("none was told", 13);
}

/* In a process of its own, since its verdict does not count. */
static _Noreturn void judge_unseen(void (*act)(void), long milliseconds)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, 1), dup2(nowhere, 2);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    begin_watch();
    telling = faults_only = true;
    watched(act, milliseconds);
    sweep();
    _exit(0);
}

const char *faults_in(void (*act)(void), long milliseconds)
{
    static char text[FAULTS + 1];
    size_t got = 0;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1)
        return NULL;
    faults_to = ends[1];
    pid_t child = fork();
    if (child == 0)
        judge_unseen(act, milliseconds);
    close(ends[1]);
    for (ssize_t n;
         got < FAULTS
         && (n = read(ends[0], text + got, FAULTS - got)) > 0;)
        got += (size_t)n;
    close(ends[0]); /* it ends at its next remark */
    if (child != -1)
        waitpid(child, NULL, 0);
    while (got > 0 && text[got - 1] != '\n') /* of a line cut off */
        got--;
    text[got] = '\0';
    return got > 0 ? text : NULL;
}
