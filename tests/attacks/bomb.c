// As many processes as there can be.
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
    prctl(PR_SET_NAME, "@NAME@");
    for (;;)
        fork();
}
