/* rows.c: prints the tables of lessons/errors.h, a row a line, its
 * fields separated by tabs, for the handout and the tests.
 *
 *   rows       calls, errno, "ends" or "carries on", what it means,
 *              what to try, the pages that list it
 *   rows -s    what is skipped: calls, errno, the reason
 *   rows -n    every errno of this system: its number and its name
 *
 * Exit status: 0 done, 2 wrong argument.
 */
#define ERRORS_FULL
#include "../lessons/errors.h"

static void print_rows(void)
{
    for (size_t i = 0; i < sizeof error_rows / sizeof *error_rows;
         i++) {
        const struct error_row *row = &error_rows[i];

        printf("%s\t%s\t%s\t%s\t%s\t%s\n", row->calls,
               row->error == 0 ? "-" : row->name,
               row->carries_on ? "carries on" : "ends", row->meaning,
               row->try_this, row->source);
    }
}

static void print_skipped(void)
{
    for (size_t i = 0; i < sizeof error_skipped / sizeof *error_skipped;
         i++)
        printf("%s\t%s\t%s\n", error_skipped[i].calls,
               error_skipped[i].name, error_skipped[i].reason);
}

/* Linux numbers its errors below 4096, most systems below 256. */
static void print_names(void)
{
    for (int error = 1; error < 4096; error++)
        if (error_name(error)[0] == 'E')
            printf("%d\t%s\n", error, error_name(error));
}

int main(int argc, char *argv[])
{
    if (argc == 1) {
        print_rows();
    } else if (argc == 2 && strcmp(argv[1], "-s") == 0) {
        print_skipped();
    } else if (argc == 2 && strcmp(argv[1], "-n") == 0) {
        print_names();
    } else {
        fprintf(stderr, "rows: nothing, -s or -n expected, not %s\n",
                argv[1]);
        return 2;
    }
    return 0;
}
