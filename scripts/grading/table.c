/* table: writes the table and the logs, a row and a log per student. */
#define _GNU_SOURCE
#include "grading.h"
#include <stdlib.h>
#include <string.h>

const char *verdict_word(const struct column *column,
                         enum verdict verdict)
{
    switch (verdict) {
    case MENDED:
        return column->word;
    case NOT_YET:
        return "not yet";
    case NO_PROGRAM:
        return "does not compile";
    case NOT_ATTEMPTED:
        return "not attempted";
    case NOT_JUDGED:
    case WAITING:
        return "not judged";
    case NOTHING:
        break;
    }
    return "";
}

static void write_time(char *to, size_t size, time_t at)
{
    struct tm parts;
    *to = '\0';
    if (localtime_r(&at, &parts) != NULL)
        strftime(to, size, "%Y-%m-%d %H:%M:%S", &parts);
}

static char *log_path(const struct class_ *c, const struct student *s)
{
    return texted("%s/logs/%s.txt", c->logs, s->folder);
}

/* Writes the log of a piece. What the judge said needs no `shown`: the
 * judge has made it printable. */
static void log_piece(FILE *to, const struct class_ *c,
                      const struct student *s, int k)
{
    const struct piece *p = &s->pieces[k];
    const struct column *column = &c->columns[k];
    char *path = shown(p->path), at[40];
    write_time(at, sizeof at, p->changed.tv_sec);
    fprintf(to, "%s: %s\n  file      %s\n  changed   %s\n", column->key,
            verdict_word(column, p->verdict), path, at);
    if (p->note[0] != '\0')
        fprintf(to, "  why       %s\n", p->note);
    char *said = column->judge && p->verdict != NOT_JUDGED
                     ? said_of(c, s, k)
                     : NULL;
    if (said != NULL)
        fputs(said, to);
    fputc('\n', to);
    free(said);
    free(path);
}

void write_logs(const struct class_ *c)
{
    for (int i = 0; i < c->student_count; i++) {
        const struct student *s = &c->students[i];
        char *text, *name = shown(s->name), *path = log_path(c, s);
        size_t size;
        FILE *to = need(open_memstream(&text, &size));
        fprintf(to, "%s\n\n", name);
        for (int k = 0; k < c->column_count; k++)
            if (s->pieces[k].path != NULL)
                log_piece(to, c, s, k);
        bool first = true;
        for (int k = 0; k < c->column_count; k++)
            if (s->pieces[k].verdict == NOT_ATTEMPTED) {
                fprintf(to, "%s %s", first ? "Not attempted:" : "",
                        c->columns[k].key);
                first = false;
            }
        if (!first)
            fputs("\n\n", to);
        if (s->unfit_count > 0)
            fputs("Not judged:\n", to);
        for (int k = 0; k < s->unfit_count && k < NAMED; k++)
            fprintf(to, "  %s\n", s->unfit[k]);
        if (s->unfit_count > NAMED)
            fprintf(to, "  and %d more\n", s->unfit_count - NAMED);
        if (fclose(to) != 0)
            need(NULL);
        write_own(path, text, size);
        free(text);
        free(name);
        free(path);
    }
}

static void cell(FILE *to, const char *text)
{
    write_cell(to, text);
    fputc(',', to);
}

static void count_cell(FILE *to, int count)
{
    fprintf(to, "%d,", count);
}

static void write_row(FILE *to, const struct class_ *c,
                      const struct student *s)
{
    char *name = shown(s->name), at[40] = "", copies[1024] = "";
    const struct timespec *last = NULL;
    int done = 0;
    for (int k = 0; k < c->column_count; k++) {
        const struct piece *p = &s->pieces[k];
        done += p->verdict == MENDED;
        if (p->path != NULL
            && (last == NULL || p->changed.tv_sec > last->tv_sec))
            last = &p->changed;
        if (s->copies[k])
            snprintf(copies + strlen(copies),
                     sizeof copies - strlen(copies), "%s%s",
                     *copies ? " " : "", c->columns[k].key);
    }
    if (last != NULL)
        write_time(at, sizeof at, last->tv_sec);
    cell(to, name);
    cell(to, at);
    count_cell(to, done);
    for (int k = 0; k < c->column_count; k++)
        if (c->columns[k].used)
            cell(to,
                 verdict_word(&c->columns[k], s->pieces[k].verdict));
    count_cell(to, s->older_count);
    count_cell(to, s->unfit_count - s->older_count);
    write_cell(to, copies);
    fputc('\n', to);
    free(name);
}

void write_table(const struct class_ *c)
{
    char *text;
    size_t size;
    FILE *to = need(open_memstream(&text, &size));
    fputs(TABLE_BEGINS, to);
    for (int k = 0; k < c->column_count; k++)
        if (c->columns[k].used)
            cell(to, c->columns[k].key);
    fputs("older,unfit,copies\n", to);
    for (int i = 0; i < c->student_count; i++)
        write_row(to, c, &c->students[i]);
    if (fclose(to) != 0)
        need(NULL);
    write_own(c->table, text, size);
    free(text);
}
