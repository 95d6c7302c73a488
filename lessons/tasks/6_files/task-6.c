// Task 6: a web server for a folder. Its task is in task.md.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    long port = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    const char *folder = argc > 2 ? argv[2] : NULL;
    if (port < 1 || port > 65535 || folder == NULL) {
        fprintf(stderr, "usage: task-6 PORT FOLDER, a number from 1 "
                        "to 65535 and a folder\n");
        return 2;
    }
    // Your program begins here.
    return 0;
}
