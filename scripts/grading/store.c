/* store: the copies that are judged, and the verdicts on them. */
#define _GNU_SOURCE
#include "grading.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_SAID = 64 << 10 }; /* bytes of a judge's words */

static _Noreturn void cannot_write(const char *path, int error)
{
    char *name = shown(path);
    stop_with(1,
              "%s cannot be written: %s. What was judged is kept; the "
              "same command goes on from there%s",
              name, strerror(error),
              error == ENOSPC || error == EDQUOT ? " when there is "
                                                   "room on the disk"
                                                 : "");
}

char *read_own(const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat about;
    size_t got = 0;
    if (fd == -1)
        return NULL;
    if (fstat(fd, &about) == -1 || !S_ISREG(about.st_mode)) {
        close(fd);
        return NULL;
    }
    size_t room = (size_t)about.st_size;
    char *bytes = need(malloc(room + 1));
    for (ssize_t n; got < room; got += (size_t)n) {
        n = read(fd, bytes + got, room - got);
        if (n <= 0)
            break;
    }
    close(fd);
    bytes[got] = '\0';
    *size = got;
    return bytes;
}

void write_own(const char *path, const char *bytes, size_t size)
{
    char *new = texted("%s.new", path);
    unlink(new); /* left by a run that was killed; or someone's link */
    int fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd == -1)
        cannot_write(path, errno);
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, bytes + done, size - done);
        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0) {
            int error = n == 0 ? ENOSPC : errno;
            unlink(new);
            cannot_write(path, error);
        }
        done += (size_t)n;
    }
    if (close(fd) == -1 || rename(new, path) == -1) {
        int error = errno;
        unlink(new);
        cannot_write(path, error);
    }
    free(new);
}

void make_folder(const char *path)
{
    struct stat about;
    if (mkdir(path, 0700) == 0)
        return;
    int error = errno;
    if (error == EEXIST && lstat(path, &about) == 0
        && !S_ISDIR(about.st_mode))
        error = ENOTDIR;
    if (error != EEXIST)
        cannot_write(path, error);
}

char *stored(const struct class_ *c, const struct student *s,
             int column, const char *ending)
{
    return texted("%s/judged/%s/%s%s", c->logs, s->folder,
                  c->columns[column].key, ending);
}

/* Reads the first line of a verdict. Its length; 0: other judge. */
static int read_verdict(struct piece *p, const struct column *column,
                        const char *kept)
{
    char judge[65];
    int verdict, settled, length = 0;
    if (sscanf(kept, "verdict %d settled %d judge %64s\n%n", &verdict,
               &settled, judge, &length)
            != 3
        || strcmp(judge, column->judge_sum) != 0)
        return 0;
    p->verdict = (enum verdict)verdict;
    p->settled = settled != 0;
    return length;
}

void take_over(struct class_ *c, struct student *s, int column,
               const char *bytes, size_t size)
{
    struct piece *p = &s->pieces[column];
    char *copy = stored(c, s, column, ".c");
    char *verdict = stored(c, s, column, ".txt");
    size_t had_size, kept_size;
    char *had = read_own(copy, &had_size);
    if (had != NULL && had_size == size && !memcmp(had, bytes, size)) {
        char *kept = read_own(verdict, &kept_size);
        if (kept != NULL)
            read_verdict(p, &c->columns[column], kept);
        free(kept);
    } else {
        char *folder = texted("%s/judged/%s", c->logs, s->folder);
        make_folder(folder);
        free(folder);
        unlink(verdict);
        write_own(copy, bytes, size);
    }
    free(had);
    free(copy);
    free(verdict);
}

void keep_verdict(const struct class_ *c, const struct student *s,
                  int column, const char *said, size_t size)
{
    const struct piece *p = &s->pieces[column];
    char *path = stored(c, s, column, ".txt");
    if (size > MOST_SAID)
        size = MOST_SAID;
    char *text = texted("verdict %d settled %d judge %s\n%.*s",
                        (int)p->verdict, p->settled,
                        c->columns[column].judge_sum, (int)size, said);
    write_own(path, text, strlen(text));
    free(text);
    free(path);
}

char *said_of(const struct class_ *c, const struct student *s,
              int column)
{
    size_t size;
    char *path = stored(c, s, column, ".txt");
    char *kept = read_own(path, &size);
    free(path);
    if (kept == NULL)
        return NULL;
    char *end = strchr(kept, '\n');
    if (end != NULL)
        memmove(kept, end + 1, strlen(end + 1) + 1);
    return kept;
}
