/* source.c: the sources of the programs: which lines are shown, and the
 * calls that are marked in them. */
#include "parts.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A call takes at most this many lines of the source. */
enum { TALL = 5 };

/* ---- lines ----------------------------------------------------------- */

/* A line without its number. */
static const char *words_of(const struct sheet *sheet, int index)
{
    const char *text = sheet->lines[index].text;

    text += strspn(text, " ");
    text += strspn(text, "0123456789");
    return *text == ' ' ? text + 1 : text;
}

/* Its first byte that is no space; 0 if there is none. */
static char first_of(const char *words)
{
    return words[strspn(words, " \t")];
}

static int indent_of(const char *words)
{
    return (int)strspn(words, " \t");
}

/* Has the line nothing but a comment, in C or Python, or nothing at all?
 */
static bool is_aside(const char *words)
{
    static const char *const signs[] = {"//", "/*", "*/", "* ", "# "};

    words += strspn(words, " \t");
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (strncmp(words, signs[i], 2) == 0)
            return true;
    return words[0] == '\0' || strcmp(words, "*") == 0
           || strcmp(words, "#") == 0;
}

/* Does the line call this function? */
static const char *calls(const char *line, const char *name)
{
    size_t size = strlen(name);
    const char *at = line;

    while (size > 0 && (at = strstr(at, name)) != NULL) {
        bool begins =
            at == line
            || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');

        if (begins && at[size] == '(')
            return at;
        at += size;
    }
    return NULL;
}

/* ---- where a call stands --------------------------------------------- */

/* The index of the line in which the call begins: the record has that
 * or, with some compilers, the line in which the call ends. -1: there is
 * no such line. */
static int beginning(const struct sheet *sheet, const struct spot *spot)
{
    if (spot->line < 1 || spot->line > sheet->count)
        return -1;
    for (int i = spot->line - 1; i >= 0 && i > spot->line - 1 - TALL;
         i--)
        if (calls(words_of(sheet, i), spot->call) != NULL)
            return i;
    return spot->line - 1;
}

/* The index of the line in which the call that begins here ends. */
static int ending(const struct sheet *sheet, int begins,
                  const char *call)
{
    const char *at = calls(words_of(sheet, begins), call);
    int open = 0;

    for (int i = begins; at != NULL && i < begins + TALL; i++) {
        for (; *at != '\0'; at++) {
            open += (*at == '(') - (*at == ')');
            if (*at == ')' && open <= 0)
                return i;
        }
        if (i + 1 >= sheet->count)
            break;
        at = words_of(sheet, i + 1);
    }
    return begins;
}

/* The index of the line with which the function begins that has this
 * one: in C the words before its brace, in Python its `def`. -1: none, as
 * in a script. */
static int function_of(const struct sheet *sheet, int index)
{
    bool brace = false;

    for (; index >= 0; index--) {
        const char *words = words_of(sheet, index);

        if (words[0] == '\0' || isspace((unsigned char)words[0]))
            continue;
        brace = brace || strchr(words, '{') != NULL;
        if (words[0] != '{'
            && (brace || strncmp(words, "def ", 4) == 0))
            return index;
    }
    return -1;
}

/* The loop with this line: from the line with `while` or `for` or, as far
 * as one can see, what the line is the block of, which is indented less;
 * to the line that ends it, after `last`. */
static void loop_of(const struct sheet *sheet, int index, int last,
                    int *from, int *to)
{
    const char *words = words_of(sheet, index);
    int indent = indent_of(words);

    *from = index;
    if (strncmp(words + indent, "while ", 6) == 0
        || strncmp(words + indent, "for ", 4) == 0)
        indent++;
    else
        while (*from > 0
               && (is_aside(words_of(sheet, *from))
                   || indent_of(words_of(sheet, *from)) >= indent))
            --*from;
    *to = last;
    while (*to + 1 < sheet->count
           && (*to == last || is_aside(words_of(sheet, *to))
               || indent_of(words_of(sheet, *to)) >= indent))
        ++*to;
    if (first_of(words_of(sheet, *to)) != '}')
        --*to; /* there is no brace: the loop has ended already */
}

/* ---- what is shown --------------------------------------------------- */

static void read_lines(struct sheet *sheet, const char *path)
{
    FILE *file = path[0] != '\0' ? fopen(path, "r") : NULL;
    char *text = NULL;
    size_t size = 0;

    sheet_clear(sheet);
    while (file != NULL && getline(&text, &size, file) != -1) {
        text[strcspn(text, "\r\n")] = '\0';
        sheet_add(sheet,
                  text[0] != '\0' && is_aside(text)
                      ? stage_ink(COMMENT_HUE, false)
                      : "",
                  "%3d %s", sheet->count + 1, text)
            ->lead = "   ";
    }
    free(text);
    if (file != NULL)
        fclose(file);
    else if (path[0] != '\0')
        sheet_add(sheet, "", "Its source is not here: %s", path)->wrap =
            true;
}

static void mark(struct sheet *sheet, int index, const char *lead,
                 const char *style)
{
    struct line *line = &sheet->lines[index];

    line->lead = lead;
    snprintf(line->style, sizeof line->style, "%s", style);
}

/* From the call that was made last in the same function to the next one.
 * Where that stands before it, the program goes round a loop: all of it.
 */
static void choose_lines(struct excerpt *excerpt,
                         const struct spot *before, int count,
                         const struct spot *next, int comes)
{
    const struct sheet *sheet = &excerpt->sheet;
    int function = function_of(sheet, comes), made = -1;

    excerpt->from = function == -1 ? comes : function;
    excerpt->to = ending(sheet, comes, next->call);
    for (int i = 0; i < count && made == -1; i++) {
        made = beginning(sheet, &before[i]);
        if (made != -1 && function_of(sheet, made) != function)
            made = -1;
        if (before[i].line == -1)
            excerpt->from = comes;
    }
    if (made != -1 && made < comes)
        excerpt->from = made;
    else if (made != -1)
        loop_of(sheet, comes, made, &excerpt->from, &excerpt->to);
}

void stage_read_source(struct excerpt *excerpt, const char *path,
                       const struct spot *before, int count,
                       const struct spot *next, const char *style)
{
    struct sheet *sheet = &excerpt->sheet;
    int made, comes;

    read_lines(sheet, path);
    made = count > 0 ? beginning(sheet, before) : -1;
    comes = next != NULL ? beginning(sheet, next) : -1;
    if (made != -1)
        mark(sheet, made, before->blocks ? "..." : "<= ", style);
    excerpt->from = excerpt->to = excerpt->made = made;
    if (comes != -1) {
        mark(sheet, comes, made == comes ? "<=>" : "=> ", "1;7");
        choose_lines(excerpt, before, count, next, comes);
    } else if (made != -1) {
        excerpt->to = ending(sheet, made, before->call);
    }
}

int stage_source_rows(const struct excerpt *excerpt)
{
    int rows = 0;

    for (int i = excerpt->from; i >= 0 && i <= excerpt->to; i++)
        rows += !is_aside(words_of(&excerpt->sheet, i));
    return rows;
}

void stage_fold_source(struct excerpt *excerpt)
{
    struct sheet *sheet = &excerpt->sheet;
    int kept = 0, from = -1, to = -1, made = -1;

    for (int i = 0; i < sheet->count; i++) {
        if (i == excerpt->from)
            from = kept;
        if (i == excerpt->made)
            made = kept;
        if (is_aside(words_of(sheet, i)))
            free(sheet->lines[i].text);
        else
            sheet->lines[kept++] = sheet->lines[i];
        if (i == excerpt->to)
            to = kept - 1;
    }
    sheet->count = kept;
    excerpt->from = from;
    excerpt->to = to;
    excerpt->made = made;
}
