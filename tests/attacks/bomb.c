// Starts as many processes as it can.
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
    prctl(PR_SET_NAME, "@NAME@");
    for (;;)
        fork();
}
