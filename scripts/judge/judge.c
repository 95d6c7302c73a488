/* judge: tries one student's program from outside and says whether it
 * does what the exercise asks for.
 *
 *   NN_name [-o | -t | -k] [-e] [-l FILE] FILE
 *                 judges FILE, a source or a compiled program
 *   NN_name -r    prints the anchor of the heading to read on at
 *   NN_name -n [-o | -t]
 *                 says where a program would run, unless in a room; exit
 *                 status 2: nowhere
 *
 *   -o  the caller's own program: judged in whatever there is
 *   -t  trusted: in neither room nor fence
 *   -k  a room is known to work, -n has tried it
 *   -l FILE  narrates the calls of a program that fails; FILE is the
 *       narrator, build/narrate.so
 *   -e  passes the port in LESSON_PORT, not as an argument
 *
 * Exit status 0: mended; 1: not yet, and the report says why; 2: it was
 * not judged, and one line says why. Whatever the program does, the
 * judge ends in time and leaves nothing behind.
 */
#define _DEFAULT_SOURCE
#include "judge.h"
#include "keep.h"
#include "narrator.h"
#include "print.h"
#include "processes.h"
#include "room.h"
#include "state.h"
#include "watch.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

enum { LIMIT = 9000 }; /* milliseconds for one judging */

/* Raises our limit to the `least` that programs are promised, or
 * refuses to judge. `unit`: of the shell's `command`. setrlimit(2) */
static void demand(int what, const char *command, rlim_t unit,
                   rlim_t least)
{
    struct rlimit l;
    char why[120];

    getrlimit(what, &l);
    if (what == RLIMIT_NPROC && l.rlim_max < 1024)
        least += processes_of_user();
    if (l.rlim_cur / unit >= least)
        return;
    snprintf(why, sizeof why,
             "the limit here is %lu, judging takes %lu; try another"
             " shell, or ask for a higher one",
             (unsigned long)(l.rlim_max / unit), (unsigned long)least);
    l.rlim_cur = least * unit;
    if (l.rlim_max < l.rlim_cur)
        l.rlim_max = l.rlim_cur;
    if (setrlimit(what, &l) == -1)
        refuse(command, why);
}

/* Returns the exit status. */
static int judge_file(const char *file, const char *bytes, size_t size,
                      bool faults_too)
{
    if (!place_program(file, bytes, size)) {
        if (is_interrupted())
            return interrupted_status();
        printf("%s: not yet. It does not compile.\n",
               the_judge()->name);
        return 1;
    }
    long limit = exercise.limit ? exercise.limit : LIMIT;
    int status = watched(exercise.judge, limit);
    if (status == 1)
        printf("%s: not yet.\n", the_judge()->name);
    if (status == 0) {
        const char *faults =
            faults_too ? faults_in(exercise.judge, limit) : NULL;
        printf("%s: %s%s\n", the_judge()->name,
               exercise.verdict ? exercise.verdict : "mended",
               faults ? ", but:" : ".");
        if (faults != NULL)
            print_told(faults, strlen(faults));
        entry("why", exercise.why);
    }
    return status;
}

int main(int argc, char *argv[])
{
    bool own = false, trusted = false, ask = false, faults = false;
    const char *library = NULL;
    struct judge *j = the_judge();
    for (int c; (c = getopt(argc, argv, "oterknc:l:")) != -1;)
        switch (c) {
        case 'l': /* narrates the calls */
            j->telling = true;
            library = optarg;
            break;
        case 'c': /* only what it remarks on a program that is right */
            faults = true;
            library = optarg;
            break;
        case 'o':
            own = true;
            break;
        case 't':
            trusted = true;
            break;
        case 'k':
            j->room_known = true;
            break;
        case 'e':
            j->by_environment = true;
            break;
        case 'r':
            puts(exercise.read);
            return 0;
        case 'n':
            ask = true;
            break;
        default:
            return 2;
        }
    if (ask) {
        open_place(own, trusted, true);
        return leave(0);
    }
    if (argc != optind + 1) {
        fprintf(stderr, "usage: judge [-o | -t | -k] [-e] [-c FILE | "
                        "-l FILE] "
                        "FILE\n");
        return 2;
    }
    j->crowd = exercise.crowd;
    j->parts = exercise.parts;
    demand(RLIMIT_NOFILE, "ulimit -n", 1, 64 + (rlim_t)j->crowd);
    demand(RLIMIT_NPROC, "ulimit -u", 1, PROCESSES + (rlim_t)j->crowd);
    demand(RLIMIT_AS, "ulimit -v", 1024,
           (rlim_t)(j->crowd > 0 ? 4096 : 256) << 10);
    umask(022); /* under root the programs run as another user */
    begin_watch();
    size_t size, library_size = 0; /* read now: the room's mount may
                                      cover them */
    char *bytes = read_file(argv[optind], &size);
    char *narrator = library ? read_file(library, &library_size) : NULL;
    open_place(own, trusted, false);
    if (narrator != NULL
        && !put("narrate.so", narrator, library_size, 0755))
        refuse(library, "it cannot be put into the room");
    free(narrator);
    int status = judge_file(argv[optind], bytes, size, faults);
    free(bytes);
    return leave(status);
}
