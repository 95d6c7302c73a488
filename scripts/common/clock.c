#define _POSIX_C_SOURCE 200809L
#include "clock.h"
#include <errno.h>
#include <time.h>

long long now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

long long now(void)
{
    return now_us() / 1000;
}

void sleep_ms(int milliseconds)
{
    struct timespec left = {milliseconds / 1000,
                            milliseconds % 1000 * 1000000L};
    while (nanosleep(&left, &left) == -1 && errno == EINTR)
        ;
}
