// A process for each client, fields read with stdio, and the kernel says
// where a path leads: realpath.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX];

// The path with its %XX replaced, as a name in the folder, or NULL if it
// is no regular file in there.
static const char *file_at(const char *path)
{
    static char name[PATH_MAX + 20], found[PATH_MAX];
    struct stat about;
    size_t size = (size_t)sprintf(name, "%s/", root);
    while (*path != '\0' && size < sizeof name - 20) {
        char hex[3] = "";
        if (*path == '%'
            && strspn(path + 1, "0123456789abcdefABCDEF") >= 2) {
            memcpy(hex, path + 1, 2);
            name[size++] = (char)strtol(hex, NULL, 16);
            path += 3;
        } else {
            name[size++] = *path++;
        }
    }
    name[size] = '\0';
    if (strcmp(name + strlen(root), "//") == 0)
        strcpy(name + size, "index.html");
    size = strlen(root);
    if (strlen(name) < size || realpath(name, found) == NULL
        || strncmp(found, root, size) != 0 || found[size] != '/'
        || stat(found, &about) == -1 || !S_ISREG(about.st_mode))
        return NULL;
    return found;
}

static void serve(int fd)
{
    static char head[8193], line[8193], method[8193], path[8193],
        how[40];
    FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
    while (in && out && fgets(head, sizeof head, in)) {
        int version = 0, closes = 0;
        size_t size = strlen(head);
        if (sscanf(head, "%s %s HTTP/1.%d", method, path, &version)
            != 3)
            return;
        while (fgets(line, sizeof line, in)
               && strcmp(line, "\r\n") != 0) {
            size += strlen(line);
            if (size > 8192)
                return;
            if (strcasestr(line, "connection:") == line
                && strcasestr(line, "close"))
                closes = 1;
        }
        if (strcmp(line, "\r\n") != 0)
            return;
        const char *status = "200 OK", *name = NULL;
        off_t length = 0, at = 0;
        int file = -1;
        if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
            status = "405 Method Not Allowed\r\nAllow: GET, HEAD";
        else if ((name = file_at(path)) == NULL
                 || (file = open(name, O_RDONLY)) == -1)
            status = "404 Not Found";
        else
            length = lseek(file, 0, SEEK_END);
        const char *text = file == -1 ? "No.\n" : "";
        snprintf(how, sizeof how, "Connection: %s\r\n",
                 closes || version == 0 ? "close" : "keep-alive");
        fprintf(out, "HTTP/1.1 %s\r\n%scontent-length: %lld\r\n\r\n",
                status, how,
                file == -1 ? (long long)strlen(text)
                           : (long long)length);
        if (strcmp(method, "HEAD") != 0)
            fputs(text, out);
        if (fflush(out) == EOF)
            return;
        while (strcmp(method, "HEAD") != 0 && at < length)
            if (sendfile(fd, file, &at, (size_t)(length - at)) <= 0)
                return;
        if (file != -1)
            close(file);
        if (closes || version == 0)
            return;
    }
}

int main(int argc, char *argv[])
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    int sock = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    here.sin_port = htons((uint16_t)(argc == 3 ? atoi(argv[1]) : 0));
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (argc != 3 || realpath(argv[2], root) == NULL
        || bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, SOMAXCONN) == -1) {
        perror("task-6");
        return 1;
    }
    for (;;) {
        int fd = accept(sock, NULL, NULL);
        if (fd != -1 && fork() == 0) {
            close(sock);
            serve(fd);
            _exit(0);
        }
        close(fd);
    }
}
