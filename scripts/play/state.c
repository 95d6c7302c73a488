/* state.c: what /proc says of a program and its host (proc(5)). Without
 * /proc, every program sleeps, and everything sent has arrived.
 */
#include "engine.h"
#include <stdlib.h>
#include <unistd.h>

/* Opens a file of /proc about a program; NULL if it cannot. */
static FILE *about(const struct program *program, const char *name)
{
    char *path = memory_text("/proc/%ld/%s", (long)program->pid, name);
    FILE *file = fopen(path, "r");

    free(path);
    return file;
}

bool program_sleeps(const struct program *program)
{
    FILE *file = program->reaped ? NULL : about(program, "stat");
    bool sleeps = true;
    char state;

    /* The state comes after the name, which is in brackets. */
    if (file != NULL && fscanf(file, "%*d (%*[^)]) %c", &state) == 1)
        sleeps = state == 'S';
    if (file != NULL)
        fclose(file);
    return sleeps;
}

bool program_sent(const struct program *program)
{
    FILE *file = about(program, "net/tcp");
    char line[256];
    bool sent = true;

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
