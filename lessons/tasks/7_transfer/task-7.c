// Task 7: a file over UDP. Its task is in task.md.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    long port = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    const char *file = argc > 2 ? argv[2] : NULL;
    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: task-7 PORT [FILE], a number from 1 "
                        "to 65535 and perhaps a file\n");
        return 2;
    }
    if (file == NULL) {
        // Your receiver begins here.
    } else {
        // Your sender begins here.
    }
    return 0;
}
