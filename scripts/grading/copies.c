/* copies: which programs are the same except for blanks, comments and
 * names, and which reports are of one run.
 *
 * Thirty students who mend one line of the same program mostly hand in
 * the same file, and nobody has copied. So each group is listed with
 * how much its files share beyond the program that was handed out. If
 * that is much, or names were changed, the group is telling: a sign of
 * copying. */
#define _GNU_SOURCE
#include "grading.h"
#include <stdlib.h>
#include <string.h>

enum { MUCH = 25 }; /* words that were not handed out */

static bool same(struct sum a, struct sum b)
{
    return a.a == b.a && a.b == b.b;
}

struct group {
    int column, count;
    const int *members; /* numbers of students */
    size_t own;
    bool other_names, other_blanks;
};

static bool is_telling(const struct group *g)
{
    return g->other_names || g->own >= MUCH;
}

static struct group describe(const struct class_ *c, int column,
                             const int *members, int count)
{
    struct group g = {column, count, members, SIZE_MAX, false, false};
    const struct piece *first = &c->students[*members].pieces[column];
    for (int i = 0; i < count; i++) {
        const struct piece *p = &c->students[members[i]].pieces[column];
        g.own = p->own < g.own ? p->own : g.own;
        g.other_names |= !same(p->words, first->words);
        g.other_blanks |= !same(p->text, first->text);
    }
    return g;
}

static void write_group(FILE *to, const struct class_ *c,
                        const struct group *g)
{
    fprintf(to, "%s: %d the same%s; %zu words of their own\n",
            c->columns[g->column].key, g->count,
            g->other_names    ? " but for names, blanks and comments"
            : g->other_blanks ? " but for blanks and comments"
                              : ", byte for byte",
            g->own);
    for (int i = 0; i < g->count; i++) {
        const struct student *s = &c->students[g->members[i]];
        char *name = shown(s->name),
             *path = shown(s->pieces[g->column].path);
        fprintf(to, "    %s: %s\n", name, path);
        free(name);
        free(path);
    }
}

/* Writes the groups of a column, telling or not. Returns how many. */
static int groups_of(struct class_ *c, int column, bool telling,
                     FILE *to)
{
    int *members =
        need(calloc((size_t)c->student_count, sizeof *members));
    bool *done = need(calloc((size_t)c->student_count, sizeof *done));
    int groups = 0;
    for (int i = 0; i < c->student_count; i++) {
        const struct piece *p = &c->students[i].pieces[column];
        int count = 0;
        if (!p->compared || done[i])
            continue;
        for (int k = i; k < c->student_count; k++) {
            const struct piece *q = &c->students[k].pieces[column];
            if (q->compared && same(p->shape, q->shape)) {
                members[count++] = k;
                done[k] = true;
            }
        }
        struct group g = describe(c, column, members, count);
        if (count < 2 || is_telling(&g) != telling)
            continue;
        write_group(to, c, &g);
        groups++;
        for (int k = 0; telling && k < count; k++)
            c->students[members[k]].copies[column] = true;
    }
    free(done);
    free(members);
    return groups;
}

/* A port that both runs used, or 0. */
static int shared_port(const struct piece *p, const struct piece *q)
{
    for (int i = 0; i < p->port_count; i++)
        for (int k = 0; k < q->port_count; k++)
            if (p->ports[i] == q->ports[k])
                return p->ports[i];
    return 0;
}

/* Compares report n of a student with those of all later students. */
static int same_runs(struct class_ *c, int student, int n, FILE *to)
{
    int pairs = 0;
    struct student *s = &c->students[student];
    const struct piece *p = &s->pieces[n];
    if (p->second[0] == '\0')
        return 0;
    for (int i = student + 1; i < c->student_count; i++)
        for (int k = 0; k < c->column_count; k++) {
            struct student *t = &c->students[i];
            const struct piece *q = &t->pieces[k];
            int port = 0;
            if (strcmp(p->second, q->second) == 0)
                port = shared_port(p, q);
            if (port == 0)
                continue;
            char *one = shown(s->name), *other = shown(t->name),
                 *second = shown(p->second);
            fprintf(to, "%s of %s, %s of %s: port %d on %s\n",
                    c->columns[n].key, one, c->columns[k].key, other,
                    port, second);
            free(one), free(other), free(second);
            s->copies[n] = t->copies[k] = true;
            pairs++;
        }
    return pairs;
}

struct tally find_copies(struct class_ *c)
{
    struct tally found = {0, 0, 0};
    char *text, *path = texted("%s/copies.txt", c->logs);
    size_t size;
    FILE *to = need(open_memstream(&text, &size));
    fprintf(to,
            "The same, and telling: %d words of their own or more, or "
            "names changed\n\n",
            MUCH);
    for (int k = 0; k < c->column_count; k++)
        found.telling += groups_of(c, k, true, to);
    fputs("\nReports of one run: the same second, and a port that the "
          "kernel chose\n\n",
          to);
    for (int i = 0; i < c->student_count; i++)
        for (int k = 0; k < c->column_count; k++)
            found.reports += same_runs(c, i, k, to);
    fputs("\nThe same, and not telling: a small mend of one program is "
          "the same in many hands\n\n",
          to);
    found.groups = found.telling;
    for (int k = 0; k < c->column_count; k++)
        found.groups += groups_of(c, k, false, to);
    if (fclose(to) != 0)
        need(NULL);
    write_own(path, text, size);
    free(text);
    free(path);
    return found;
}
