#define _XOPEN_SOURCE 700 /* O_NOFOLLOW */
#include "files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Closes fd; -1 and this errno. */
static int give_up(int fd, int error)
{
    close(fd);
    errno = error;
    return -1;
}

int file_open(const char *path, int flags, mode_t mode)
{
    struct stat about;
    int fd =
        open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode);
    if (fd == -1)
        return -1;
    if (fstat(fd, &about) == -1)
        return give_up(fd, errno);
    return S_ISREG(about.st_mode) ? fd : give_up(fd, EINVAL);
}

char *file_read(const char *path, size_t most, size_t *size)
{
    struct stat about;
    int fd = file_open(path, O_RDONLY, 0);
    if (fd == -1)
        return NULL;
    if (fstat(fd, &about) == -1 || (size_t)about.st_size > most) {
        give_up(fd, EFBIG);
        return NULL;
    }
    char *bytes = malloc((size_t)about.st_size + 1);
    ssize_t n = bytes ? 1 : -1;
    for (*size = 0; n > 0; *size += n > 0 ? (size_t)n : 0)
        n = read(fd, bytes + *size, (size_t)about.st_size - *size);
    int error = errno;
    close(fd);
    if (n == -1) {
        free(bytes);
        errno = error;
        return NULL;
    }
    bytes[*size] = '\0';
    return bytes;
}

int file_write(int fd, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t n = write(fd, from, size);
        if (n == -1 && errno != EINTR)
            return -1;
        from += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}
