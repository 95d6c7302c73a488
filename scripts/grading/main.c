/* grade: judges the work of a class. scripts/grade calls it:
 *
 *   grade -o TABLE -j JOBS -n NAMES [-w WHERE] [-k | -t] FOLDER
 *         [KEY JUDGE SHIPPED]...
 *
 * Each KEY is a column; JUDGE and SHIPPED are files, or "-". NAMES is
 * the file of the system's names, for words.c. The judges get -k or -t.
 * WHERE, if not "", is said before the first of them.
 *
 * Exit status: 0 all is judged; 1 something could not be; 2 there is
 * nothing to judge; 128 + a signal's number: interrupted.
 */
#define _GNU_SOURCE
#include "grading.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads the sum of a judge, which scripts/judge/build keeps beside it
 * in the last line of NAME.sums. */
static void read_judge_sum(struct column *column)
{
    char *path = texted("%s.sums", column->judge);
    size_t size;
    char *text = read_own(path, &size);
    char *line = text;
    for (char *at = text; at != NULL && at[1] != '\0';
         at = strchr(at + 1, '\n'))
        if (*at == '\n')
            line = at + 1;
    if (line == NULL
        || sscanf(line, "%64[0-9a-f]", column->judge_sum) != 1)
        stop_with(1, "%s holds no sum of the judge", path);
    free(text);
    free(path);
}

static void add_column(struct class_ *c, char *words[3])
{
    c->columns = need(realloc(c->columns, (size_t)(c->column_count + 1)
                                              * sizeof *c->columns));
    struct column *column = &c->columns[c->column_count++];
    *column = (struct column){0};
    snprintf(column->key, sizeof column->key, "%s", words[0]);
    bool report = strncmp(words[0], "report", 6) == 0;
    snprintf(column->word, sizeof column->word, "%s",
             report                              ? "whole"
             : strncmp(words[0], "task", 4) == 0 ? "done"
                                                 : "mended");
    column->used = !report;
    if (strcmp(words[1], "-") != 0) {
        column->judge = words[1];
        read_judge_sum(column);
    }
    if (strcmp(words[2], "-") != 0)
        column->shipped.bytes =
            read_own(words[2], &column->shipped.size);
}

/* Checks that the table may be written; sets the path of the logs. */
static void open_logs(struct class_ *c)
{
    struct stat about;
    char *shown_name = shown(c->table);
    size_t length = strlen(c->table);
    if (length < 5 || strcmp(c->table + length - 4, ".csv") != 0
        || c->table[length - 5] == '/')
        stop_with(2, "the table's name must end in .csv, not '%s'",
                  shown_name);
    if (lstat(c->table, &about) == 0 && !S_ISREG(about.st_mode))
        stop_with(2, "'%s' exists and is not a regular file",
                  shown_name);
    size_t size;
    char *there = read_own(c->table, &size);
    if (there != NULL && size > 0
        && strncmp(there, TABLE_BEGINS, strlen(TABLE_BEGINS)) != 0)
        stop_with(2,
                  "'%s' exists and is not one of our tables, so it "
                  "stays; give -o another name",
                  shown_name);
    free(there);
    c->logs = texted("%.*s-logs", (int)length - 4, c->table);
    const char *slash = strrchr(c->table, '/');
    char *folder =
        slash ? texted("%.*s/", (int)(slash - c->table), c->table)
              : need(strdup("."));
    if (access(folder, W_OK) == -1)
        stop_with(2,
                  "'%s' cannot be written: %s; -o names a table in a "
                  "folder that is yours",
                  shown_name, strerror(errno));
    free(folder);
    free(shown_name);
}

static void lock_logs(const struct class_ *c)
{
    static const char *const below[] = {"", "/logs", "/judged"};
    for (int i = 0; i < 3; i++) {
        char *path = texted("%s%s", c->logs, below[i]);
        make_folder(path);
        free(path);
    }
    char *path = texted("%s/lock", c->logs), *name = shown(c->logs);
    int fd =
        open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd == -1)
        stop_with(1, "%s/lock cannot be opened: %s", name,
                  strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) == -1)
        stop_with(1, "another scripts/grade is writing %s; wait for it",
                  name);
    free(name);
    free(path); /* the lock lasts as long as we do */
}

/* Reads each piece once: judges reports, stores copies of the others to
 * be judged. */
static void take_all(struct class_ *c)
{
    for (int i = 0; i < c->student_count; i++) {
        struct student *s = &c->students[i];
        for (int k = 0; k < c->column_count; k++) {
            struct piece *p = &s->pieces[k];
            const char *why;
            size_t size;
            if (p->verdict != WAITING)
                continue;
            char *bytes = read_piece(s, p, &size, &why);
            if (bytes == NULL) {
                p->verdict = NOT_JUDGED;
                snprintf(p->note, sizeof p->note, "%s", why);
            } else if (c->columns[k].judge == NULL) {
                judge_report(p, bytes, size);
            } else {
                compare_program(p, &c->columns[k], bytes, size);
                take_over(c, s, k, bytes, size);
            }
            free(bytes);
        }
    }
}

/* Prints the result in a few lines. Returns the exit status. */
static int tell(const struct class_ *c, struct tally found)
{
    int counts[WAITING + 1] = {0}, unfit = 0, older = 0;
    for (int i = 0; i < c->student_count; i++) {
        const struct student *s = &c->students[i];
        unfit += s->unfit_count - s->older_count;
        older += s->older_count;
        for (int k = 0; k < c->column_count; k++)
            counts[s->pieces[k].verdict]++;
    }
    char *logs = shown(c->logs), *table = shown(c->table);
    printf("students: %d; right: %d, not yet: %d, not compiled: %d, "
           "not judged: %d, not attempted: %d\n",
           c->student_count, counts[MENDED], counts[NOT_YET],
           counts[NO_PROGRAM], counts[NOT_JUDGED],
           counts[NOT_ATTEMPTED]);
    printf("groups of files that are the same: %d, telling: %d; "
           "pairs of reports of one run: %d\n",
           found.groups, found.telling, found.reports);
    if (unfit + older > 0)
        printf("files that fit nothing: %d, that have a newer one: %d; "
               "the logs name them\n",
               unfit, older);
    for (int i = 0; i < c->stray_count && i < 10; i++)
        printf("not a student's folder: %s\n", c->stray[i]);
    if (c->stray_count > 10)
        printf("and %d more\n", c->stray_count - 10);
    printf("table: %s\nlogs: %s/logs, %s/copies.txt\n", table, logs,
           logs);
    free(logs);
    free(table);
    return counts[NOT_JUDGED] > 0;
}

int main(int argc, char *argv[])
{
    struct class_ c = {.jobs = 8, .where = ""};
    for (int option; (option = getopt(argc, argv, "o:j:n:w:kt")) != -1;)
        switch (option) {
        case 'o':
            c.table = optarg;
            break;
        case 'j':
            c.jobs = (int)strtol(optarg, NULL, 10);
            break;
        case 'n':
            read_system_names(optarg);
            break;
        case 'w':
            c.where = optarg;
            break;
        case 'k':
            c.place = "-k";
            break;
        case 't':
            c.place = "-t";
            break;
        default:
            return 2;
        }
    if (optind == argc || (argc - optind) % 3 != 1 || c.table == NULL
        || c.jobs < 1)
        stop_with(2, "scripts/grade calls this; see scripts/grade -h");
    for (int i = optind + 1; i < argc; i += 3)
        add_column(&c, argv + i);
    open_logs(&c);
    walk(&c, argv[optind]);
    lock_logs(&c);
    take_all(&c);
    judge_all(&c);
    struct tally found = find_copies(&c);
    write_logs(&c);
    write_table(&c);
    int status = tell(&c, found);
    if (fflush(stdout) != 0)
        stop_with(1, "the result cannot be printed: %s",
                  strerror(errno));
    return status;
}
