/* clock.h: time that nobody sets, and waiting for it. */
#ifndef CLOCK_H
#define CLOCK_H

/* Milliseconds, and microseconds, since some moment in the past, the same
 * for all processes of the machine: CLOCK_MONOTONIC, clock_gettime(2). */
long long now(void);
long long now_us(void);

/* Sleeps that many milliseconds, whatever signals come. nanosleep(2) */
void sleep_ms(int milliseconds);

#endif
