/* errors.h: what a failed call means here, and what to try.
 *
 * One table, `error_rows`: calls, errno, meaning, what to try, source.
 * `fail` prints from it, the handout's appendix on errors is made from
 * it, and the fault tests provoke each of its rows.
 *
 * In the texts {address}, {port} and {where} (both) stand for those
 * that the lesson works with, {lesson} for its name.
 */
#ifndef ERRORS_H
#define ERRORS_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The command that shows who holds a port. ss(8), lsof(8). */
#ifdef __linux__
#define ERRORS_WHO_TCP "ss -tanp 'sport = :{port}'"
#define ERRORS_WHO_UDP "ss -uanp 'sport = :{port}'"
#else
#define ERRORS_WHO_TCP "lsof -nP -iTCP:{port}"
#define ERRORS_WHO_UDP "lsof -nP -iUDP:{port}"
#endif

struct error_row {
    const char *calls; /* one or more, separated by spaces */
    int error;
    const char *name;
    const char *meaning; /* in the situation of the lessons */
    const char *try_this;
    const char *source; /* the pages that list it */
};

#define ERROR_ROW(calls, error, meaning, try_this, source) \
    { \
        calls, error, #error, meaning, try_this, source \
    }

static const struct error_row error_rows[] = {
    ERROR_ROW("bind", EADDRINUSE, "another socket already has {where}",
              ERRORS_WHO_TCP " (UDP: ss -uanp) shows who; end it, or "
                             "take"
                             " another port: ./{lesson} 9000",
              "POSIX bind; ip(7)"),
    ERROR_ROW("listen", EADDRINUSE,
              "another socket already listens at {where}",
              ERRORS_WHO_TCP " shows who; end it, or take another port:"
                             " ./{lesson} 9000",
              "POSIX listen; listen(2)"),
    ERROR_ROW("connect", ECONNREFUSED,
              "the host {address} answered that nothing listens at "
              "port {port}",
              "start the server first, for example ./03_listen {port} "
              "in another"
              " terminal",
              "POSIX connect; connect(2)"),
};

/* Every errno that POSIX.1-2008 or Linux's socket pages name, so that
 * an error without a row has its name all the same. */
static inline const char *error_name(int error)
{
#define ERROR_NAME(error) \
    { \
        error, #error \
    }
    static const struct {
        int error;
        const char *name;
    } names[] = {
        ERROR_NAME(EPERM),
    };
#undef ERROR_NAME

    for (size_t i = 0; i < sizeof error_rows / sizeof *error_rows; i++)
        if (error_rows[i].error == error)
            return error_rows[i].name;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].error == error)
            return names[i].name;
    return "an unknown errno";
}

/* Is `call` one of the words of `calls`? */
static inline int error_names_call(const char *calls, const char *call)
{
    size_t length = strlen(call);

    for (const char *word = calls; *word != '\0';) {
        size_t size = strcspn(word, " ");

        if (size == length && memcmp(word, call, size) == 0)
            return 1;
        word += size + strspn(word + size, " ");
    }
    return 0;
}

/* The row of a call and an errno, or NULL. */
static inline const struct error_row *error_row(const char *call,
                                                int error)
{
    for (size_t i = 0; i < sizeof error_rows / sizeof *error_rows; i++)
        if (error_rows[i].error == error
            && error_names_call(error_rows[i].calls, call))
            return &error_rows[i];
    return NULL;
}

/* Prints a text of the table with the lesson's own values in it. */
static inline void error_text(FILE *out, const char *text,
                              const char *lesson, const char *address,
                              unsigned port)
{
    while (*text != '\0') {
        if (strncmp(text, "{lesson}", 8) == 0) {
            fputs(lesson, out);
            text += 8;
        } else if (strncmp(text, "{address}", 9) == 0) {
            fputs(address, out);
            text += 9;
        } else if (strncmp(text, "{port}", 6) == 0) {
            fprintf(out, "%u", port);
            text += 6;
        } else if (strncmp(text, "{where}", 7) == 0) {
            fprintf(out, strchr(address, ':') ? "[%s]:%u" : "%s:%u",
                    address, port);
            text += 7;
        } else {
            putc(*text++, out);
        }
    }
}

/* Prints three lines on a failed call: its errno by name and in the
 * system's words, what it means here, what to try. */
static inline void error_explain(FILE *out, const char *lesson,
                                 const char *call, int error,
                                 const char *address, unsigned port)
{
    const struct error_row *row = error_row(call, error);

    fprintf(out, "%s: %s: %s (%s)\n", lesson, call, error_name(error),
            strerror(error));
    if (row == NULL) {
        fprintf(out,
                "    No lesson has met this error. Try: man 2 %s\n",
                call);
        return;
    }
    fputs("    That means: ", out);
    error_text(out, row->meaning, lesson, address, port);
    fputs(".\n    Try: ", out);
    error_text(out, row->try_this, lesson, address, port);
    fputs("\n", out);
}

#endif
