// Is never there when somebody looks: each process starts the next one,
// and ends.
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
    prctl(PR_SET_NAME, "@NAME@");
    for (;;)
        if (fork() > 0)
            _exit(0);
}
