// Says whether it is root, and whether there is a /home.
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    fprintf(stderr, "user %d, %s\n", getuid() == 0 || geteuid() == 0,
            access("/home", F_OK) == 0 ? "home" : "none");
    return 0;
}
