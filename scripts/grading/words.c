/* words: the words of a C file without what one changes to disguise a
 * copy: blanks, comments, and the names that the file itself chooses.
 *
 * The system's names come from its headers. One of them is kept where
 * it means the system's thing: before a parenthesis (a function), after
 * `struct`, `.` or `->`, in capitals, or if it ends in _t. Otherwise
 * htons and htonl would count as one, and a wrong mend as a copy of a
 * right one.
 */
#include "grading.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { BEGIN_WORDS = 512, MOST_SHIPPED = 4000, MOST_NAMES = 4000 };

struct word {
    const char *text;
    size_t size;
    uint64_t sum;
};
struct words {
    struct word *list;
    size_t count, room;
};

static char **system_names;
static size_t system_count;

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void read_system_names(const char *path)
{
    size_t size, lines = 0;
    char *text = read_own(path, &size);
    if (text == NULL)
        stop_with(1, "%s is missing; the make that makes it failed",
                  path);
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    system_names = need(calloc(lines + 1, sizeof *system_names));
    for (char *line = strtok(text, "\n"); line != NULL;
         line = strtok(NULL, "\n"))
        system_names[system_count++] = line;
    qsort(system_names, system_count, sizeof *system_names, by_text);
}

/* FNV-1a, and a variant of it from another start. */
static void add_bytes(struct sum *sum, const void *bytes, size_t size)
{
    const unsigned char *from = bytes;
    for (size_t i = 0; i < size; i++) {
        sum->a = (sum->a ^ from[i]) * 1099511628211u;
        sum->b = (sum->b ^ from[i]) * 1099511628211u + (sum->b >> 47);
    }
}

static struct sum begin_sum(void)
{
    return (struct sum){14695981039346656037u, 88172645463325252u};
}

static void add_word(struct words *w, const char *text, size_t size)
{
    if (w->count == w->room) {
        w->room = 2 * w->room + BEGIN_WORDS;
        w->list = need(realloc(w->list, w->room * sizeof *w->list));
    }
    struct sum sum = begin_sum();
    add_bytes(&sum, text, size);
    w->list[w->count++] = (struct word){text, size, sum.a};
}

static bool in_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The length of the string or character constant at `t`. */
static size_t quoted_length(const char *t)
{
    size_t n = 1;
    while (t[n] != '\0' && t[n] != *t && t[n] != '\n')
        n += t[n] == '\\' && t[n + 1] != '\0' ? 2 : 1;
    return n + (t[n] == *t);
}

static void split(struct words *w, const char *t)
{
    while (*t != '\0') {
        size_t n = 1;
        if (t[0] == '\\' && t[1] == '\n') {
            n = 2; /* the line goes on */
        } else if (t[0] == '/' && t[1] == '/') {
            n = strcspn(t, "\n");
        } else if (t[0] == '/' && t[1] == '*') {
            const char *end = strstr(t + 2, "*/");
            n = end ? (size_t)(end + 2 - t) : strlen(t);
        } else if (*t == '"' || *t == '\'') {
            n = quoted_length(t);
            add_word(w, t, n);
        } else if (in_name(*t)) {
            while (in_name(t[n]))
                n++;
            add_word(w, t, n);
        } else if (!isspace((unsigned char)*t)) {
            add_word(w, t, 1);
        }
        t += n;
    }
}

static bool is(const struct word *word, const char *text)
{
    return strlen(text) == word->size
           && memcmp(word->text, text, word->size) == 0;
}

static bool is_keyword(const struct word *word)
{
    static const char *const keywords[] = {
        "auto",     "break",    "case",   "char",     "const",
        "continue", "default",  "do",     "double",   "else",
        "enum",     "extern",   "float",  "for",      "goto",
        "if",       "inline",   "int",    "long",     "main",
        "register", "restrict", "return", "short",    "signed",
        "sizeof",   "static",   "struct", "switch",   "typedef",
        "union",    "unsigned", "void",   "volatile", "while",
        "_Bool",    "bool",     "true",   "false",    "errno",
        "stdin",    "stdout",   "stderr", "include",  "define",
        "ifdef",    "ifndef",   "endif",  "undef",    "defined"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (is(word, keywords[i]))
            return true;
    return false;
}

static bool is_systems(const struct word *word)
{
    char name[64], *key = name;
    if (word->size >= sizeof name)
        return false;
    memcpy(name, word->text, word->size);
    name[word->size] = '\0';
    return bsearch(&key, system_names, system_count,
                   sizeof *system_names, by_text)
           != NULL;
}

/* Whether word i keeps its name: it means the same in every file. */
static bool stays(const struct words *w, size_t i)
{
    const struct word *word = &w->list[i];
    if (is_keyword(word))
        return true;
    bool capitals = true;
    for (size_t k = 0; k < word->size; k++)
        capitals &= !islower((unsigned char)word->text[k]);
    const struct word *before = i > 0 ? word - 1 : NULL;
    const struct word *after = i + 1 < w->count ? word + 1 : NULL;
    bool member =
        before != NULL
        && (is(before, ".") || is(before, "struct")
            || (is(before, ">") && i > 1 && is(word - 2, "-")));
    bool type = word->size > 2
                && memcmp(word->text + word->size - 2, "_t", 2) == 0;
    bool header =
        (before != NULL && (is(before, "/") || is(before, "<")))
        && after != NULL && (is(after, "/") || is(after, "."));
    return ((capitals || member || type
             || (after != NULL && is(after, "(")))
            && is_systems(word))
           || header;
}

/* The number of a name: the first new one in the file gets 1. */
static size_t number_of(const struct words *w, size_t i,
                        const struct word **names, size_t *count)
{
    const struct word *word = &w->list[i];
    size_t k = 0;
    while (
        k < *count
        && (names[k]->sum != word->sum || names[k]->size != word->size))
        k++;
    if (k == *count && *count < MOST_NAMES)
        names[(*count)++] = word;
    return k + 1;
}

/* How many words of a file are its own: those that are not in the
 * longest common subsequence with the other file. */
static size_t own_words(const struct words *w,
                        const struct words *other)
{
    size_t most = other->count;
    size_t *row = need(calloc(most + 1, sizeof *row));
    for (size_t i = 0; i < w->count; i++) {
        size_t corner = 0;
        for (size_t k = 0; k < most; k++) {
            size_t above = row[k + 1];
            row[k + 1] = w->list[i].sum == other->list[k].sum
                             ? corner + 1
                         : above > row[k] ? above
                                          : row[k];
            corner = above;
        }
    }
    size_t common = row[most];
    free(row);
    return w->count - common;
}

void compare_program(struct piece *p, const struct column *column,
                     const char *bytes, size_t size)
{
    struct words w = {0}, shipped = {0};
    static const struct word *names[MOST_NAMES];
    size_t count = 0;
    p->text = p->words = p->shape = begin_sum();
    add_bytes(&p->text, bytes, size);
    split(&w, bytes);
    for (size_t i = 0; i < w.count; i++) {
        const struct word *word = &w.list[i];
        char number[24];
        add_bytes(&p->words, word->text, word->size);
        add_bytes(&p->words, "", 1);
        bool name = in_name(*word->text)
                    && !isdigit((unsigned char)*word->text);
        if (name && !stays(&w, i)) {
            snprintf(number, sizeof number, "$%zu",
                     number_of(&w, i, names, &count));
            add_bytes(&p->shape, number, strlen(number));
        } else {
            add_bytes(&p->shape, word->text, word->size);
        }
        add_bytes(&p->shape, "", 1);
    }
    if (column->shipped.bytes != NULL)
        split(&shipped, column->shipped.bytes);
    if (shipped.count > MOST_SHIPPED)
        shipped.count = MOST_SHIPPED;
    p->own = own_words(&w, &shipped);
    /* An empty or unchanged file is no work, and so no copy either. */
    p->compared =
        w.count > 0 && (p->own > 0 || w.count != shipped.count);
    free(shipped.list);
    free(w.list);
}
