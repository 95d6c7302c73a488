/* grading.h: what the parts of `grade` share. It judges the work of a
 * class: main.c has the order of things.
 *
 * A column of the table is an exercise, a task or a report. A piece is
 * what one student handed in for one column. Nothing that a student has
 * made is opened but by walk.c: regular files alone, never through a
 * link. What is judged is a copy.
 *
 * Beside the table grades.csv lies the folder grades-logs:
 *
 *   logs/STUDENT.txt         what the judges said of it
 *   copies.txt               what is the same as another's
 *   judged/STUDENT/07.c      the copy that was judged
 *   judged/STUDENT/07.txt    the verdict on it, and what was said
 *
 * A verdict is written whole or not at all, and holds for this copy and
 * this judge. So a second run judges only what the first one has not.
 */
#ifndef GRADING_H
#define GRADING_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum {
    LARGEST = 256 << 10, /* bytes of a file that is taken */
    NAMED = 100, /* files that fit nothing, in one log */
    TEXT = 400 /* bytes of a note */
};

enum verdict {
    NOTHING, /* handed in */
    MENDED,
    NOT_YET,
    NO_PROGRAM, /* it does not compile */
    NOT_JUDGED, /* and `note` says why */
    WAITING /* for its judge */
};

/* Two sums of 64 bits: not by chance the same for two texts. */
struct sum {
    uint64_t a, b;
};

struct column {
    char key[16]; /* "07", "task-1", "report-06" */
    char word[8]; /* what its success is called */
    char *judge; /* the program; NULL for a report */
    char judge_sum[65]; /* of that program */
    char *shipped; /* the file that students begin with, or NULL */
    bool used; /* reports: only those that somebody handed in */
};

struct piece {
    char *path; /* below the student's folder; NULL: nothing */
    struct timespec changed;
    enum verdict verdict;
    bool settled; /* else the judge has to say so twice: pool.c */
    char note[TEXT]; /* one line, or "" */
    /* The text, its words without blanks and comments, and the same with
     * names by number; how many words are not those shipped. */
    struct sum text, words, shape;
    size_t own;
    bool compared; /* the above is known */
    char second[64]; /* of a report: when it ran */
    int ports[8], port_count; /* of a report: that its kernel chose */
};

struct student {
    char *name; /* of the folder, any bytes */
    char *folder; /* what it is called in grades-logs */
    struct piece *pieces; /* one a column */
    char **unfit; /* lines: files that fit nothing, or are older */
    int unfit_count, older_count;
    bool *copies; /* columns in which it is the same as another's */
};

struct class_ {
    struct column *columns;
    int column_count;
    struct student *students;
    int student_count;
    char **stray; /* names beside the students' folders */
    int stray_count;
    char *table, *logs; /* paths: grades.csv, grades-logs */
    int jobs;
};

/* ---- names.c: names that anybody may have chosen -------------------- */

/* Memory that is there, or the end: "out of memory", status 1. */
void *need(void *memory);
/* A text of printf(3), which the caller frees. */
char *texted(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* One line on standard error, and the end with that status. */
_Noreturn void stop_with(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* For people: what is not printable UTF-8 becomes \x0A. Caller frees. */
char *shown(const char *name);
/* For a file: the same with %0A, no leading dot or dash, at most 200
 * bytes, and different for different names. Caller frees. */
char *file_name(const char *name);
/* Writes a cell: in quotes, and nothing that a spreadsheet calculates. */
void write_cell(FILE *to, const char *text);

/* ---- walk.c: what was handed in ------------------------------------- */

/* Reads the folder of the class into it. Ends the program if there is
 * none, or no student in it. */
void walk(struct class_ *c, const char *folder);
/* Reads a piece's file, again and whole, without following any link.
 * NULL: it cannot be had, and `why` says so. The caller frees it. */
char *read_piece(const struct student *s, const struct piece *p,
                 size_t *size, const char **why);

/* ---- store.c: copies and verdicts ----------------------------------- */

/* A file of ours, whole; NULL if there is none. The caller frees it. */
char *read_own(const char *path, size_t *size);
/* Makes the file, which takes its place when it is whole. A full disk
 * ends the program. */
void write_own(const char *path, const char *bytes, size_t size);
void make_folder(const char *path);
/* grades-logs/judged/STUDENT/KEY and that ending. The caller frees it. */
char *stored(const struct class_ *c, const struct student *s,
             int column, const char *ending);
/* Puts the copy there and reads the verdict on it, if there is one. */
void take_over(struct class_ *c, struct student *s, int column,
               const char *bytes, size_t size);
/* Writes the verdict on a piece, and what the judge said of it. */
void keep_verdict(const struct class_ *c, const struct student *s,
                  int column, const char *said, size_t size);
/* What the judge said of a piece. NULL: nothing. The caller frees it. */
char *said_of(const struct class_ *c, const struct student *s,
              int column);

/* ---- pool.c: many judges at once ------------------------------------ */

/* Judges what waits. Ctrl-C ends the program, status 130. */
void judge_all(struct class_ *c);

/* ---- words.c: C without what may differ in a copy ------------------- */

/* The names that the system's headers hold, a line each. */
void read_system_names(const char *path);
/* Fills in what `piece` says of a text. */
void compare_program(struct piece *p, const struct column *column,
                     const char *bytes, size_t size);

/* ---- reports.c ------------------------------------------------------ */

/* Judges a report: whether it holds a run, and all is written. */
void judge_report(struct piece *p, char *bytes, size_t size);

/* ---- copies.c: what is the same ------------------------------------- */

struct tally {
    int groups, telling, reports;
};
/* Writes copies.txt, and marks students. */
struct tally find_copies(struct class_ *c);

/* ---- table.c: what it comes to -------------------------------------- */

/* How a table of ours begins; no other file is written over. */
#define TABLE_BEGINS "student,time,done,"

const char *verdict_word(const struct column *column,
                         enum verdict verdict);
void write_logs(const struct class_ *c);
void write_table(const struct class_ *c);

#endif
