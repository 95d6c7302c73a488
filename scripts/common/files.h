/* files.h: files that somebody else may have put there. */
#ifndef FILES_H
#define FILES_H

#include <stddef.h>
#include <sys/types.h>

/* Opens a regular file, with open(2)'s flags and mode. A link may lead to
 * another's file, a FIFO or a device may never answer: -1 and errno, which
 * is ELOOP for a link and EINVAL for what else is no regular file. */
int file_open(const char *path, int flags, mode_t mode);

/* Reads a regular file whole, of at most so many bytes; free(3) it. NULL
 * and errno: as above, or EFBIG. */
char *file_read(const char *path, size_t most, size_t *size);

/* Writes all of it. 0, or -1 and errno. */
int file_write(int fd, const void *bytes, size_t size);

#endif
