/* walk: finds what was handed in. A folder may contain anything: we
 * open only regular files, and follow no link on the way. */
#define _GNU_SOURCE
#include "grading.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DEPTH = 16, /* folders within folders, at most */
    ENTRIES = 20000 /* files and folders of one student, at most */
};

/* The folder of the class; our files, which may be in it. */
static int class_fd = -1;
static struct stat logs_about, table_about;

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Counts and sorts the names in a folder; closes fd. -1: unreadable. */
static int list(int fd, char ***names)
{
    int count = 0, room = 0;
    *names = NULL;
    DIR *folder = fdopendir(fd);
    if (folder == NULL) {
        close(fd);
        return -1;
    }
    for (struct dirent *e;
         count <= ENTRIES && (e = readdir(folder)) != NULL;) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        if (count == room) {
            room = 2 * room + 16;
            *names =
                need(realloc(*names, (size_t)room * sizeof **names));
        }
        (*names)[count++] = need(strdup(e->d_name));
    }
    closedir(folder);
    if (count > 0)
        qsort(*names, (size_t)count, sizeof **names, by_name);
    return count;
}

static void free_names(char **names, int count)
{
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

/* Notes a file that is not judged, for the student's log. */
static void add_unfit(struct student *s, const char *path,
                      const char *why)
{
    if (s->unfit_count++ >= NAMED)
        return;
    char *name = shown(path);
    s->unfit = need(
        realloc(s->unfit, (size_t)s->unfit_count * sizeof *s->unfit));
    s->unfit[s->unfit_count - 1] = texted("%s: %s", name, why);
    free(name);
}

/* The column of a file named NN.c, NN_name.c, task-N*.c or
 * report-NN*.md; -1: the name fits none. */
static int column_of(const struct class_ *c, const char *name)
{
    char key[16];
    const char *ending = strrchr(name, '.'), *digits = name;
    int number = 0;
    if (ending == NULL)
        return -1;
    bool task = strncmp(name, "task-", 5) == 0;
    bool report = strncmp(name, "report-", 7) == 0;
    if (strcmp(ending, report ? ".md" : ".c") != 0)
        return -1;
    digits += task ? 5 : report ? 7 : 0;
    const char *rest = digits;
    while (isdigit((unsigned char)*rest) && rest - digits < 2)
        number = 10 * number + (*rest++ - '0');
    if (rest == digits || isdigit((unsigned char)*rest)
        || (!task && !report && *rest != '_' && rest != ending))
        return -1;
    snprintf(key, sizeof key,
             task     ? "task-%d"
             : report ? "report-%02d"
                      : "%02d",
             number);
    for (int i = 0; i < c->column_count; i++)
        if (strcmp(c->columns[i].key, key) == 0)
            return i;
    return -1;
}

static bool newer(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec
                                : a.tv_nsec > b.tv_nsec;
}

/* Is this file byte for byte what students get? */
static bool is_as_given(const struct student *s, const char *path,
                        const struct text *given)
{
    const char *why;
    size_t size;
    struct piece file = {.path = (char *)path};
    char *bytes =
        given->bytes ? read_piece(s, &file, &size, &why) : NULL;
    bool same = bytes != NULL && size == given->size
                && memcmp(bytes, given->bytes, size) == 0;
    free(bytes);
    return same;
}

/* Adds a file whose name fits. Of two with the same time, the first by
 * name counts. */
static void add_file(struct class_ *c, struct student *s, int column,
                     const char *path, const struct stat *about)
{
    struct piece *p = &s->pieces[column];
    const char *other = path;
    if (is_as_given(s, path, &c->columns[column].shipped)) {
        if (p->verdict == NOTHING)
            p->verdict = NOT_ATTEMPTED;
        return;
    }
    if (p->path == NULL || newer(about->st_mtim, p->changed)) {
        other = p->path;
        p->path = need(strdup(path));
        p->changed = about->st_mtim;
        p->verdict = WAITING;
        c->columns[column].used = true;
    }
    if (other == NULL)
        return;
    char *name = shown(p->path);
    char *why = texted("there is a newer one, %s", name);
    add_unfit(s, other, why);
    s->older_count++;
    free(why);
    free(name);
    if (other != path)
        free((char *)other);
}

static const char *kind(mode_t mode)
{
    return S_ISLNK(mode)    ? "a symbolic link is not followed"
           : S_ISDIR(mode)  ? "this is a folder"
           : S_ISFIFO(mode) ? "this is a FIFO, not a regular file"
           : S_ISSOCK(mode) ? "this is a socket, not a regular file"
                            : "this is a device, not a regular file";
}

/* What a folder is. */
enum place {
    STUDENTS,
    TOOLKIT,
    LESSONS, /* of a toolkit */
    BELOW /* these */
};

static bool has(int fd, const char *path)
{
    struct stat about;
    return fstatat(fd, path, &about, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What a folder is, in a folder that is `within`. */
static enum place place_of(int fd, const char *name, enum place within)
{
    if (has(fd, "scripts/check") || has(fd, "lessons/narrate.h"))
        return TOOLKIT;
    if (within == TOOLKIT && strcmp(name, "lessons") == 0)
        return LESSONS;
    return within == STUDENTS ? STUDENTS : BELOW;
}

/* Is this file or folder ours, whatever is in it? */
static bool is_ours(const char *name, bool folder, enum place within)
{
    static const char *const others[] = {"build", "docs", "scripts",
                                         "tests"};
    if (folder && within == LESSONS)
        return strcmp(name, "mistakes") != 0
               && strcmp(name, "tasks") != 0;
    for (int i = 0; folder && within == TOOLKIT && i < 4; i++)
        if (strcmp(name, others[i]) == 0)
            return true;
    if (folder)
        return strcmp(name, ".git") == 0;
    char *lesson = texted("lessons/%s", name);
    bool ours = access(lesson, F_OK) == 0;
    free(lesson);
    return ours
           || (within == LESSONS && isdigit((unsigned char)name[0])
               && isdigit((unsigned char)name[1]) && name[2] == '_');
}

/* Is a file that fits nothing to be named? In a copy of the toolkit,
 * only a program that may be the student's. */
static bool is_named(const char *name, enum place place)
{
    const char *ending = strrchr(name, '.');
    return place == STUDENTS
           || (ending != NULL && strcmp(ending, ".c") == 0
               && strcmp(name, "as_shipped.c") != 0);
}

static void walk_folder(struct class_ *c, struct student *s, int fd,
                        const char *path, enum place place, int depth,
                        int *entries)
{
    char **names;
    int count = list(fcntl(fd, F_DUPFD_CLOEXEC, 0), &names);
    if (count == -1)
        add_unfit(s, path, "this folder cannot be read");
    for (int i = 0; names != NULL && i < count; i++) {
        struct stat about;
        char *below = *path ? texted("%s/%s", path, names[i])
                            : need(strdup(names[i]));
        int column = column_of(c, names[i]), folder;
        if (++*entries > ENTRIES) {
            if (*entries == ENTRIES + 1)
                add_unfit(s, below,
                          "too many files: the rest is not "
                          "looked at");
        } else if (fstatat(fd, names[i], &about, AT_SYMLINK_NOFOLLOW)
                   == -1) {
            add_unfit(s, below, strerror(errno));
        } else if (is_ours(names[i], S_ISDIR(about.st_mode), place)) {
            /* so nobody has handed it in */
        } else if (S_ISDIR(about.st_mode)) {
            if (column != -1)
                add_unfit(s, below, kind(about.st_mode));
            folder =
                openat(fd, names[i],
                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (folder == -1)
                add_unfit(s, below, strerror(errno));
            else if (depth == DEPTH) {
                add_unfit(s, below, "too many folders within folders");
                close(folder);
            } else
                walk_folder(c, s, folder, below,
                            place_of(folder, names[i], place),
                            depth + 1, entries);
        } else if (!S_ISREG(about.st_mode)) {
            add_unfit(s, below, kind(about.st_mode));
        } else if (column == -1) {
            if (is_named(names[i], place))
                add_unfit(s, below, "fits no exercise, task or report");
        } else {
            add_file(c, s, column, below, &about);
        }
        free(below);
    }
    close(fd);
    free_names(names, count);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino != 0 && a->st_ino == b->st_ino
           && a->st_dev == b->st_dev;
}

/* Are these the logs of another table, which stands beside them? */
static bool are_logs(const char *name)
{
    size_t length = strlen(name);
    struct stat about;
    if (length < 6 || strcmp(name + length - 5, "-logs") != 0)
        return false;
    char *table = texted("%.*s.csv", (int)length - 5, name);
    bool there =
        fstatat(class_fd, table, &about, AT_SYMLINK_NOFOLLOW) == 0
        && S_ISREG(about.st_mode);
    free(table);
    return there;
}

static void add_student(struct class_ *c, char *name, int fd)
{
    c->students =
        need(realloc(c->students, (size_t)(c->student_count + 1)
                                      * sizeof *c->students));
    struct student *s = &c->students[c->student_count++];
    *s = (struct student){.name = name, .folder = file_name(name)};
    s->pieces =
        need(calloc((size_t)c->column_count, sizeof *s->pieces));
    s->copies =
        need(calloc((size_t)c->column_count, sizeof *s->copies));
    int entries = 0;
    walk_folder(c, s, fd, "", place_of(fd, "", STUDENTS), 0, &entries);
}

void walk(struct class_ *c, const char *folder)
{
    char *name = shown(folder), **names;
    struct stat about;
    if (stat(c->logs, &logs_about) == -1)
        logs_about.st_ino = 0;
    if (stat(c->table, &table_about) == -1)
        table_about.st_ino = 0;
    class_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (class_fd == -1 && errno == ENOENT)
        stop_with(2, "there is no folder '%s'", name);
    if (class_fd == -1 && errno == ENOTDIR)
        stop_with(2,
                  "'%s' is a file; give the folder that holds one "
                  "folder per student",
                  name);
    if (class_fd == -1)
        stop_with(1, "'%s' cannot be read: %s", name, strerror(errno));
    int count = list(fcntl(class_fd, F_DUPFD_CLOEXEC, 0), &names);
    for (int i = 0; i < count; i++) {
        if (fstatat(class_fd, names[i], &about, AT_SYMLINK_NOFOLLOW)
            == -1)
            continue;
        if (same_file(&about, &logs_about)
            || same_file(&about, &table_about) || are_logs(names[i]))
            continue;
        int fd = S_ISDIR(about.st_mode) ? openat(
                     class_fd, names[i],
                     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                                        : -1;
        if (fd != -1) {
            add_student(c, need(strdup(names[i])), fd);
            continue;
        }
        c->stray = need(realloc(c->stray, (size_t)(c->stray_count + 1)
                                              * sizeof *c->stray));
        c->stray[c->stray_count++] = shown(names[i]);
    }
    free_names(names, count);
    if (c->student_count == 0)
        stop_with(2,
                  "there is no student's folder in '%s'; it must hold "
                  "one folder per student",
                  name);
    free(name);
}

/* Opens a path component by component, so that no link is followed. */
static int open_below(const char *student, const char *path)
{
    int fd = openat(class_fd, student,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    while (fd != -1) {
        char name[NAME_MAX + 1];
        size_t length = strcspn(path, "/");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        bool last = path[length] == '\0';
        int next = openat(fd, name,
                          O_RDONLY | O_NOFOLLOW | O_CLOEXEC
                              | (last ? O_NONBLOCK : O_DIRECTORY));
        int error = errno;
        close(fd);
        errno = error;
        if (last)
            return next;
        fd = next;
        path += length + 1;
    }
    return -1;
}

char *read_piece(const struct student *s, const struct piece *p,
                 size_t *size, const char **why)
{
    struct stat about;
    int fd = open_below(s->name, p->path);
    *why = "it changed while grade was running";
    if (fd == -1) {
        *why = strerror(errno);
        return NULL;
    }
    if (fstat(fd, &about) == -1 || !S_ISREG(about.st_mode)) {
        close(fd);
        return NULL;
    }
    char *bytes = need(malloc(LARGEST + 2));
    ssize_t n = 1;
    for (*size = 0; n > 0 && *size <= LARGEST; *size += (size_t)n) {
        n = about.st_size > LARGEST
                ? LARGEST + 1
                : read(fd, bytes + *size, LARGEST + 1 - *size);
        if (n < 0)
            break;
    }
    close(fd);
    if (n < 0)
        *why = "it cannot be read";
    if (*size > LARGEST)
        *why = "it is too large, 256 KiB at most";
    if (n < 0 || *size > LARGEST) {
        free(bytes);
        return NULL;
    }
    bytes[*size] = '\0';
    return bytes;
}
