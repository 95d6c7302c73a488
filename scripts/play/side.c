/* side.c: runs one program of a lesson as one side of a talk whose other
 * side is not ours, for scripts/report. Nobody steps and nobody is at its
 * keyboard: each call has its cue at once, and where the program waits
 * for a person it ends.
 */
#include "views.h"
#include "engine.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 70, /* columns of a line, as in the plain view */
    LOOK = 20, /* ms until we look again whether it has ended */
};

static void print_line(void *context, const char *text)
{
    (void)context;
    puts(text);
}

/* Types what comes on our standard input, up to its end. */
static void type_input(struct program *program)
{
    char line[4096];

    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        program_type(program, line);
    }
}

int side_run(const char *root, const char *name, unsigned port)
{
    struct program program = NO_PROGRAM;
    char why[300];
    int status = -1;

    if (records_begin() == -1 || programs_begin(false) == -1) {
        fprintf(stderr, "play: %s\n", strerror(errno));
        return 1;
    }
    if (program_start(&program, root, name, "", "", false, port, why,
                      sizeof why)
        == -1) {
        fprintf(stderr, "play: %s\n", why);
        return 1;
    }
    type_input(&program);
    while (status == -1) {
        poll(&(struct pollfd){.fd = program.out, .events = POLLIN}, 1,
             LOOK);
        program_read(&program, 0);
        while (status == -1 && program_said(&program)) {
            struct play_event *event = program_next(&program);
            bool hold = strcmp(event->told.call, "getchar") == 0;

            play_lines(event, WIDTH, print_line, NULL);
            if (event->kind == PLAY_BEFORE)
                program_cue(&program, hold ? 'q' : '.', 1);
            if (event->kind == PLAY_END)
                status = (int)event->told.result;
            records_free(event);
        }
        fflush(stdout);
    }
    program_end(&program);
    return status;
}
