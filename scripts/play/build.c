/* build.c: has make compile the programs of a play, one at a time, in
 * the order in which the play needs them and while it runs: the first
 * lesson can be played while later ones are compiled.
 */
#include "engine.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct build {
    char *root;
    char (*names)[PLAY_SHORT];
    int count, done; /* programs; for how many make has run */
    pid_t make; /* the one that runs, or 0 */
    int alive; /* a pipe: end of file when make ends; or -1 */
    bool failed;
};

struct build *build_begin(const char *root)
{
    struct build *build = memory_for(NULL, 1, sizeof *build);

    *build = (struct build){.root = memory_copy(root), .alive = -1};
    return build;
}

void build_add(struct build *build, const char *program)
{
    for (int i = 0; i < build->count; i++)
        if (strcmp(build->names[i], program) == 0)
            return;
    build->names = memory_for(build->names, (size_t)build->count + 1,
                              sizeof *build->names);
    snprintf(build->names[build->count++], PLAY_SHORT, "%s", program);
}

/* Starts make for the next program. Its output goes to standard error,
 * where a user can see what to mend. */
static void start_make(struct build *build)
{
    char *target = memory_text("build/%s", build->names[build->done]);
    char *argv[] = {(char[]){"make"}, (char[]){"-s"}, (char[]){"-C"},
                    build->root,      target,         NULL};
    int ends[2], null = open("/dev/null", O_RDONLY);
    sigset_t term, mask;

    /* If we end make before it is make, our own handler must not run in
     * the child: SIGTERM waits there until the actions are reset. */
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, &mask);
    build->make = pipe(ends) == -1 ? -1 : fork();
    if (build->make == 0) {
        setpgid(0, 0);
        unsetenv("MAKEFLAGS"); /* of a make that started us */
        unsetenv("MAKELEVEL");
        program_descriptors(null, STDERR_FILENO, STDERR_FILENO, ends[1],
                            -1);
        execvp(argv[0], argv);
        _exit(127);
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    if (null != -1)
        close(null);
    free(target);
    if (build->make == -1) {
        build->make = 0;
        build->failed = true;
        return;
    }
    setpgid(build->make, build->make);
    programs_keep(build->make, SIGTERM);
    close(ends[1]);
    build->alive = ends[0];
    fcntl(build->alive, F_SETFD, FD_CLOEXEC);
    fcntl(build->alive, F_SETFL, O_NONBLOCK);
}

int build_work(struct build *build)
{
    char byte;

    while (!build->failed) {
        int status = 1;

        if (build->make == 0 && build->done == build->count)
            return -1;
        if (build->make == 0) {
            start_make(build);
            continue;
        }
        if (read(build->alive, &byte, 1) == -1
            && (errno == EAGAIN || errno == EINTR))
            return build->alive;
        close(build->alive);
        while (waitpid(build->make, &status, 0) == -1 && errno == EINTR)
            continue;
        programs_forget(build->make);
        build->alive = -1;
        build->make = 0;
        build->failed = status != 0;
        build->done++;
    }
    return -1;
}

int build_has(const struct build *build, const char *program)
{
    for (int i = 0; i < build->done - build->failed; i++)
        if (strcmp(build->names[i], program) == 0)
            return 1;
    return build->failed ? -1 : 0;
}

void build_end(struct build *build)
{
    if (build->make > 0) {
        kill(-build->make, SIGTERM); /* see keeper.c */
        waitpid(build->make, NULL, 0);
        programs_forget(build->make);
        close(build->alive);
    }
    free(build->names);
    free(build->root);
    free(build);
}
