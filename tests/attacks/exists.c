// Asks which files exist, without reading any.
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    struct stat about;
    if (stat("@HOME@/secret", &about) == 0
        || access("@NEIGHBOUR@", F_OK) == 0)
        fprintf(stderr, "stolen: I know what is there\n");
    return 0;
}
