/* times: the lines that a ping client prints. */
#include "judge.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool lacks_digit(const char *number)
{
    size_t whole = strspn(number, "0123456789");
    return whole > 0
           && (number[whole] != '.'
               || !isdigit((unsigned char)number[whole + 1]));
}

bool is_time(const char *line, int number, double *time)
{
    char head[40], tail[20];
    int size = snprintf(head, sizeof head, "ping %d: ", number);
    char *end;
    if (strncmp(line, head, (size_t)size) != 0)
        return false;
    *time = strtod(line + size, &end);
    snprintf(tail, sizeof tail, " ms\n");
    return end != line + size && strncmp(end, tail, 4) == 0;
}

bool is_lost(const char *line, int number)
{
    char text[40];
    int size = snprintf(text, sizeof text, "ping %d: lost\n", number);
    return strncmp(line, text, (size_t)size) == 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median_of(double *times, int count)
{
    int middle = count / 2;
    if (count == 0)
        return 0;
    qsort(times, (size_t)count, sizeof *times, by_value);
    return count % 2 ? times[middle]
                     : (times[middle - 1] + times[middle]) / 2;
}
