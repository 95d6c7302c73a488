// Leaves a process behind that ignores every signal it can.
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
    prctl(PR_SET_NAME, "@NAME@");
    for (int i = 0; i < 3; i++)
        if (fork() > 0)
            return 0;
        else
            setsid();
    for (int s = 1; s < 65; s++)
        signal(s, SIG_IGN);
    for (;;)
        pause();
}
