#define _GNU_SOURCE 1 /* NSIG; pipe2 is not in macOS */
#include "signals.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#ifndef NSIG
#define NSIG 65
#endif

static int ends[2] = {-1, -1};

static void on_signal(int number)
{
    int saved = errno;
    char byte = (char)number;
    ssize_t n = write(ends[1], &byte, 1);
    (void)n; /* the pipe is full: enough is to be read */
    errno = saved;
}

int signals_pipe(const int *numbers, size_t count)
{
    struct sigaction action = {.sa_handler = on_signal};
    if (pipe(ends) == -1)
        return -1;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    }
    for (size_t i = 0; i < count; i++)
        sigaction(numbers[i], &action, NULL);
    return ends[0];
}

void signals_unblock(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void signals_default(void)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL); /* fails for SIGKILL and SIGSTOP */
    signals_unblock();
}

const char *signals_name(int number, char text[16])
{
    static const struct {
        int number;
        const char *name;
    } names[] = {{SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"},
                 {SIGPIPE, "SIGPIPE"}, {SIGKILL, "SIGKILL"},
                 {SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"},
                 {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
                 {SIGALRM, "SIGALRM"}, {SIGHUP, "SIGHUP"}};

    snprintf(text, 16, "signal %d", number);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].number == number)
            snprintf(text, 16, "%s", names[i].name);
    return text;
}
