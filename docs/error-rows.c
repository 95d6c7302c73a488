/* error-rows.c: prints the tables of lessons/narrator/errors.h for the
 * handout and the tests: a row per line, with tabs between its fields.
 *
 *   rows       calls, errno or EAI_ error, what it means, what to try,
 *              and the words that perror or gai_strerror has for it
 *   rows -n    every errno of this system: its number and its name
 *
 * Exit status: 0 done, 2 wrong argument.
 */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <netpacket/packet.h>
#endif
#include "../lessons/narrator/errors.h"

static void print_rows(const struct narrate_error *rows, size_t count,
                       const char *(*name)(int error),
                       const char *(*words)(int error))
{
    for (size_t i = 0; i < count; i++)
        printf("%s\t%s\t%s\t%s\t%s\n", rows[i].calls,
               name(rows[i].error), rows[i].meaning, rows[i].try_this,
               words(rows[i].error));
}

static const char *words_of(int error)
{
    return strerror(error);
}

/* Linux numbers its errors below 4096, most systems below 256. */
static void print_names(void)
{
    for (int error = 1; error < 4096; error++)
        if (narrate_errno_name(error)[0] == 'E')
            printf("%d\t%s\n", error, narrate_errno_name(error));
}

int main(int argc, char *argv[])
{
    const struct narrate_error *resolver_rows;
    size_t count;

    if (argc == 1) {
        print_rows(narrate_errors, NARRATE_COUNT(narrate_errors),
                   narrate_errno_name, words_of);
        resolver_rows = narrate_resolver_errors(&count);
        print_rows(resolver_rows, count, narrate_resolver_name,
                   gai_strerror);
    } else if (argc == 2 && strcmp(argv[1], "-n") == 0) {
        print_names();
    } else {
        fprintf(stderr, "rows: nothing or -n expected, not %s\n",
                argv[1]);
        return 2;
    }
    return 0;
}
