/* narrator: narrates the calls of the judged program. The narrator of
 * scripts/narrate, build/narrate.so, lies in the room and writes to a
 * pipe of ours. The program could write there too, so we make all that
 * comes printable. */
#include "narrator.h"
#include "judge.h"
#include "print.h"
#include "state.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum {
    LINES = 60, /* shown at most */
    LAST_WORD = 300 /* milliseconds for its last lines, after SIGTERM */
};

void print_told(const char *text, size_t size)
{
    print_lines("  | ", text, size, LINES);
}

static void hand_on_faults(void)
{
    struct judge *j = the_judge();
    for (struct program *p = j->programs; p < j->programs + PROGRAMS;
         p++) {
        if (p->told == NULL)
            continue;
        stop(p);
        rest(0); /* reads what was told last */
        if (write(j->faults_to, p->told, p->told_size) == -1)
            return;
    }
}

void print_telling(void)
{
    const struct judge *j = the_judge();
    struct program *p = j->suspect;
    if (j->faults_only)
        hand_on_faults();
    if (!j->telling || j->faults_only || p->told == NULL)
        return;
    /* When it ends, the narrator lists what is still open. */
    send_signal(p, SIGTERM);
    ended(p, LAST_WORD);
    rest(0);
    size_t from = p->told_size, lines = 0;
    for (; from > 0; from--)
        if (from < p->told_size && p->told[from - 1] == '\n'
            && ++lines == LINES)
            break;
    printf(from > 0 ? "  its calls, the last of them:\n"
                    : "  its calls:\n");
    print_told(p->told + from, p->told_size - from);
    if (p->told_size == 0)
        print_told("none was told", 13);
}
