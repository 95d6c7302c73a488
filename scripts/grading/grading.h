/* grading.h: what the parts of `grade` share. It judges the work of a
 * class; main.c has the order of the steps.
 *
 * A column of the table is an exercise, a task or a report. A piece is
 * what one student handed in for one column. Only walk.c opens what
 * students have made: regular files, never through a link. Judges get a
 * copy.
 *
 * Beside the table grades.csv lies the folder grades-logs:
 *
 *   logs/STUDENT.txt         what the judges said of this work
 *   copies.txt               which files are the same as others
 *   judged/STUDENT/07.c      the copy that was judged
 *   judged/STUDENT/07.txt    the verdict on it, and what the judge said
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
    LARGEST = 256 << 10, /* bytes of a file that is read, at most */
    NAMED = 100, /* files not judged that one log lists, at most */
    TEXT = 400 /* bytes of a note */
};

enum verdict {
    NOTHING, /* was handed in */
    MENDED, /* or done, or whole: see column.word */
    NOT_YET,
    NO_PROGRAM, /* it does not compile */
    NOT_JUDGED, /* `note` says why */
    NOT_ATTEMPTED, /* byte for byte as given out */
    WAITING /* for its judge */
};

/* Two 64-bit hashes: two texts will not have the same by chance. */
struct sum {
    uint64_t a, b;
};

struct text {
    char *bytes; /* NULL: none */
    size_t size;
};

struct column {
    char key[16]; /* "07", "task-1", "report-06" */
    char word[8]; /* for MENDED: "mended", "done" or "whole" */
    char *judge; /* path of the program; NULL for a report */
    char judge_sum[65]; /* of that program; SHA-256 */
    struct text shipped; /* what students get */
    bool used; /* in the table; a report only if someone handed it in */
};

struct piece {
    char *path; /* below the student's folder; NULL: nothing */
    struct timespec changed;
    enum verdict verdict;
    bool settled; /* false: a NOT_YET is judged again, see pool.c */
    char note[TEXT]; /* one line, or "" */
    /* Hashes of the text, of its words (no blanks, no comments) and of
     * these with numbers for names; how many words are not shipped. */
    struct sum text, words, shape;
    size_t own;
    bool compared; /* the above can be compared with others */
    char second[64]; /* of a report: the time of its run */
    int ports[8], port_count; /* of a report: that its kernel chose */
};

struct student {
    char *name; /* of the folder, any bytes */
    char *folder; /* its name in grades-logs */
    struct piece *pieces; /* one per column */
    char **unfit; /* lines on files that are not judged, and why */
    int unfit_count, older_count; /* the older are among the unfit */
    bool *copies; /* per column: the same as another student's */
};

struct class_ {
    struct column *columns;
    int column_count;
    struct student *students;
    int student_count;
    char **stray; /* names beside the students' folders */
    int stray_count;
    char *table, *logs; /* paths: grades.csv, grades-logs */
    const char *where; /* programs run: in words, or "" */
    const char *place; /* the judges' option: -k, a room is known to work
                          here, or -t; or NULL */
    int jobs;
};

/* ---- names.c: names that anybody may have chosen -------------------- */

/* Returns `memory`; NULL ends the program with status 1. */
void *need(void *memory);
/* Formats like printf(3). The caller frees the text. */
char *texted(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* Prints one line to standard error and exits with that status. */
_Noreturn void stop_with(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* To print: what is not printable UTF-8 as \x0A. Caller frees. */
char *shown(const char *name);
/* As a file's name: such bytes as %0A, no leading dot or dash, at most
 * 200 bytes; different names stay different. Caller frees. */
char *file_name(const char *name);
/* Writes a quoted CSV cell, which no spreadsheet calculates. */
void write_cell(FILE *to, const char *text);

/* ---- walk.c: what was handed in ------------------------------------- */

/* Fills in the students of a class from its folder. Ends the program if
 * there is no such folder, or no student in it.
 *
 * Students may hand in the whole toolkit. Of two files for a column, the
 * one that differs from what was given out counts, and of two such the
 * newer. A file with the name of a lesson is not a student's. */
void walk(struct class_ *c, const char *folder);
/* Reads a piece's file without following any link. The caller frees it.
 * NULL: it cannot be read, and `why` says why. */
char *read_piece(const struct student *s, const struct piece *p,
                 size_t *size, const char **why);

/* ---- store.c: copies and verdicts ----------------------------------- */

/* Reads a file of ours; NULL: there is none. The caller frees it. */
char *read_own(const char *path, size_t *size);
/* Writes a file of ours: all of it, or the old one stays. Any error,
 * such as a full disk, ends the program. */
void write_own(const char *path, const char *bytes, size_t size);
void make_folder(const char *path);
/* The path grades-logs/judged/STUDENT/KEY and `ending`, to be freed. */
char *stored(const struct class_ *c, const struct student *s,
             int column, const char *ending);
/* Stores a copy to judge, and reads an earlier verdict on it. */
void take_over(struct class_ *c, struct student *s, int column,
               const char *bytes, size_t size);
/* Stores the verdict on a piece, and what the judge said. */
void keep_verdict(const struct class_ *c, const struct student *s,
                  int column, const char *said, size_t size);
/* What the judge said of a piece, or NULL. The caller frees it. */
char *said_of(const struct class_ *c, const struct student *s,
              int column);

/* ---- pool.c: many judges at once ------------------------------------ */

/* Judges all that is WAITING. Ctrl-C ends the program, status 130. */
void judge_all(struct class_ *c);

/* ---- words.c: C without what may differ in a copy ------------------- */

/* Reads the names in the system's headers, one per line. */
void read_system_names(const char *path);
/* Fills in the hashes and `own` of a piece from its bytes. */
void compare_program(struct piece *p, const struct column *column,
                     const char *bytes, size_t size);

/* ---- reports.c ------------------------------------------------------ */

/* Judges a report: whether it has a run and every part is written. */
void judge_report(struct piece *p, char *bytes, size_t size);

/* ---- copies.c: what is the same ------------------------------------- */

struct tally {
    int groups, telling, reports; /* telling: of the groups */
};
/* Writes copies.txt, sets `copies` of the students. */
struct tally find_copies(struct class_ *c);

/* ---- table.c: what it comes to -------------------------------------- */

/* The beginning of our tables: no other file is overwritten. */
#define TABLE_BEGINS "student,time,done,"

const char *verdict_word(const struct column *column,
                         enum verdict verdict);
void write_logs(const struct class_ *c);
void write_table(const struct class_ *c);

#endif
