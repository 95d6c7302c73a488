/* state.h: what the parts of the judge know of one judging. */
#ifndef STATE_H
#define STATE_H

#include "judge.h"

enum {
    PROGRAMS = 8,
    NAME_SIZE = 100,
    PROCESSES = 32 /* that a program may have at once */
};

struct judge {
    char name[NAME_SIZE]; /* of the program: NN_name or task-N */
    bool by_environment; /* the port is in LESSON_PORT, not in argv */
    char **arguments; /* instead of the port, or NULL */
    bool room_known; /* a room works here: it need not be tried */
    int crowd, parts; /* of the exercise, or 0 */
    int right; /* parts of it that were right so far */
    bool telling; /* the calls are narrated */
    bool faults_only; /* of them, only remarks that are certain */
    int faults_to; /* the descriptor to which those go */
    struct program programs[PROGRAMS];
    struct program *suspect; /* see `blame` */
};

/* The one judging of this process, and, after fork(2), of its child. */
struct judge *the_judge(void);

#endif
