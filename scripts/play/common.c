/* common.c: memory, texts and time, and what a child inherits. */
#include "engine.h"
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void *play_room(void *old, size_t count, size_t size)
{
    void *room =
        count > (size_t)-1 / size ? NULL : realloc(old, count * size);

    if (room == NULL) {
        fputs("play: there is no memory left\n", stderr);
        play_end_all();
        exit(1);
    }
    return room;
}

char *play_copy(const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(play_room(NULL, size, 1), text, size);
}

char *play_text(const char *format, ...)
{
    va_list list;
    char *text;
    int size;

    va_start(list, format);
    size = vsnprintf(NULL, 0, format, list);
    va_end(list);
    text = play_room(NULL, (size_t)size + 1, 1);
    va_start(list, format);
    vsnprintf(text, (size_t)size + 1, format, list);
    va_end(list);
    return text;
}

long long play_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

void program_descriptors(int in, int out, int err, int keep, int also)
{
    sigset_t none;

    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    for (int fd = 3; fd < 1024; fd++)
        if (fd != keep && fd != also)
            close(fd);
    for (int number = 1; number < 32; number++)
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}
