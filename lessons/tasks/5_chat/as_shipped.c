// Task 5: a chat server. Its task is in task.md.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    long port = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: task-5 PORT, a number from 1 to "
                        "65535\n");
        return 2;
    }
    // Your program begins here.
    return 0;
}
