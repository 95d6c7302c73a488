// Task 4: a ping client over UDP. Its task is in task.md.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    long port = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    long count = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (port < 1 || port > 65535 || count < 1) {
        fprintf(stderr, "usage: task-4 PORT COUNT, a number from 1 "
                        "to 65535 and one from 1\n");
        return 2;
    }
    // Your program begins here.
    return 0;
}
