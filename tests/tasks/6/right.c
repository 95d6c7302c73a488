// A web server for a folder, with a thread for each client.
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 8192 };

static bool send_all(int fd, const char *bytes, size_t size)
{
    for (ssize_t n; size > 0; bytes += n, size -= (size_t)n)
        if ((n = send(fd, bytes, size, MSG_NOSIGNAL)) == -1)
            return false;
    return true;
}

static bool send_head(int fd, const char *status, long long size)
{
    char head[120];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %s\r\nContent-Length: %lld\r\n\r\n",
                     status, size);
    return send_all(fd, head, (size_t)n);
}

// Makes a byte of each %XX.
static void decode(char *path)
{
    char *to = path;
    for (unsigned byte; *path != '\0'; *to++ = (char)byte) {
        int size = 1;
        if (sscanf(path, "%%%2x%n", &byte, &size) != 1)
            byte = (unsigned char)*path;
        path += size;
    }
    *to = '\0';
}

static bool leads_out(const char *path)
{
    for (; (path = strstr(path, "/..")) != NULL; path++)
        if (path[3] == '/' || path[3] == '\0')
            return true;
    return false;
}

// The folder is our working directory. False: the connection ends.
static bool answer(int fd, char *path, bool only_head)
{
    char name[MOST + 20], bytes[16384];
    struct stat about;
    decode(path);
    if (path[0] != '/' || leads_out(path))
        return send_head(fd, "403 Forbidden", 0);
    snprintf(name, sizeof name, ".%s%s", path,
             strcmp(path, "/") == 0 ? "index.html" : "");
    int file = open(name, O_RDONLY);
    bool found = file != -1 && fstat(file, &about) == 0
                 && S_ISREG(about.st_mode);
    bool sent = send_head(fd, found ? "200 OK" : "404 Not Found",
                          found ? about.st_size : 0);
    for (ssize_t n; found && sent && !only_head
                    && (n = read(file, bytes, sizeof bytes)) > 0;)
        sent = send_all(fd, bytes, (size_t)n);
    if (file != -1)
        close(file);
    return sent;
}

static bool says_close(const char *head)
{
    char name[20], value[6];
    for (; (head = strstr(head, "\r\n")) != NULL; head += 2)
        if (sscanf(head, " %19[^:]: %5s", name, value) == 2
            && strcasecmp(name, "Connection") == 0)
            return strcasecmp(value, "close") == 0;
    return false;
}

// False: the connection ends.
static bool respond(int fd, const char *head)
{
    char method[20], path[MOST + 1], minor;
    if (sscanf(head, "%19s %8192s HTTP/1.%c", method, path, &minor)
        != 3)
        return send_head(fd, "400 Bad Request", 0) && false;
    bool only_head = strcmp(method, "HEAD") == 0;
    if (!only_head && strcmp(method, "GET") != 0)
        return send_head(fd, "501 Not Implemented", 0) && false;
    return answer(fd, path, only_head) && minor != '0'
           && !says_close(head);
}

static void *serve(void *value)
{
    int fd = (int)(intptr_t)value;
    char bytes[MOST + 1], *end;
    size_t got = 0;
    bool keep = true;
    pthread_detach(pthread_self());
    while (keep && got < MOST) {
        ssize_t n = recv(fd, bytes + got, MOST - got, 0);
        if (n <= 0)
            break;
        got += (size_t)n;
        bytes[got] = '\0';
        while (keep && (end = strstr(bytes, "\r\n\r\n")) != NULL) {
            end[2] = '\0';
            keep = respond(fd, bytes);
            got -= (size_t)(end + 4 - bytes);
            memmove(bytes, end + 4, got + 1);
        }
    }
    close(fd);
    return NULL;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    here.sin_port = htons((uint16_t)(argc == 3 ? atoi(argv[1]) : 0));
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int sock = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (argc != 3 || chdir(argv[2]) == -1
        || bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, 100) == -1) {
        perror("task-6 PORT FOLDER");
        return 1;
    }
    for (;;) {
        pthread_t thread;
        int fd = accept(sock, NULL, NULL);
        if (fd != -1
            && pthread_create(&thread, NULL, serve,
                              (void *)(intptr_t)fd)
                   != 0)
            close(fd);
    }
}
