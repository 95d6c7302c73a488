/* state.c: what /proc says of a program and its host (proc(5)). Without
 * /proc, every program sleeps, and everything sent has arrived.
 */
#include "engine.h"
#include <stdlib.h>
#include <unistd.h>

char task_state(long process, long task)
{
    char *path = memory_text("/proc/%ld/task/%ld/stat", process, task);
    FILE *file = fopen(path, "r");
    char state = 0;

    free(path);
    /* It comes after the name, which is in brackets. */
    if (file != NULL && fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 0;
    if (file != NULL)
        fclose(file);
    return state;
}

bool program_sleeps(const struct program *program)
{
    char state = program->reaped ? 0
                                 : task_state((long)program->pid,
                                              (long)program->pid);

    return state == 'S' || state == 0;
}

bool program_sent(const struct program *program)
{
    char *path = memory_text("/proc/%ld/net/tcp", (long)program->pid);
    FILE *file = fopen(path, "r");
    char line[256];
    bool sent = true;

    free(path);
    /* A line for each socket; the fifth column is tx_queue:rx_queue. */
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        unsigned long waits;

        if (sscanf(line, "%*s %*s %*s %*s %lx:", &waits) == 1)
            sent = sent && waits == 0;
    }
    if (file != NULL)
        fclose(file);
    return sent;
}

bool closed_is_told(void)
{
    return access("/proc/net/tcp", R_OK) == 0;
}
