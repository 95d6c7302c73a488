// One process, one thread, and poll: no socket ever blocks. Each client
// has what it asked and what it is still to get.
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 64, HEAD = 8192 };

static struct client {
    int fd, file; // file: what is sent after `out`; -1: nothing
    int last; // it gets no further answer
    size_t in_size, out_size, out_at;
    char in[HEAD + 1], out[65536];
} clients[MOST]; // fd 0: a free place

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower(c) - 'a' + 10;
}

// Goes from folder to folder, a name at a time, and never up.
static int open_below(int folder, const char *path)
{
    char name[1000];
    int here = dup(folder);
    while (here != -1 && *path == '/') {
        size_t size = 0;
        for (path++; *path != '\0' && *path != '/' && size < 900;
             path++)
            if (*path == '%' && isxdigit((unsigned char)path[1])
                && isxdigit((unsigned char)path[2])) {
                name[size++] =
                    (char)(digit(path[1]) * 16 + digit(path[2]));
                path += 2;
            } else {
                name[size++] = *path;
            }
        name[size] = '\0';
        if (size == 0)
            strcpy(name, "index.html");
        int up = strcmp(name, "..") == 0 || strchr(name, '/') != NULL;
        int next = up ? -1 : openat(here, name, O_RDONLY | O_NOFOLLOW);
        close(here);
        here = next;
    }
    return here;
}

static void answer(struct client *c, int folder, const char *head)
{
    char method[20] = "", path[HEAD + 1] = "", version = '1';
    const char *status = "200 Yes";
    struct stat about = {0};
    sscanf(head, "%19s %8192s HTTP/1.%c", method, path, &version);
    int only_head = strcmp(method, "HEAD") == 0;
    if (!only_head && strcmp(method, "GET") != 0)
        status = "501 No";
    else if ((c->file = open_below(folder, path)) == -1
             || fstat(c->file, &about) == -1 || !S_ISREG(about.st_mode))
        status = "404 No";
    if (c->file != -1 && (only_head || status[0] != '2')) {
        close(c->file);
        c->file = -1;
    }
    c->last = version == '0';
    while ((head = strstr(head, "\r\n")) != NULL) {
        head += 2;
        if (strncasecmp(head, "connection:", 11) == 0) {
            char value[20] = "";
            sscanf(head + 11, "%19s", value);
            c->last |= strcasecmp(value, "close") == 0;
        }
    }
    c->out_at = 0;
    c->out_size = (size_t)sprintf(
        c->out,
        "HTTP/1.1 %s\r\nServer: mine\r\nCONTENT-LENGTH:%ld\r\n\r\n",
        status, status[0] == '2' ? (long)about.st_size : 0);
}

// Does what can be done without blocking.
static void work(struct client *c, int folder)
{
    for (;;) {
        if (c->out_size == c->out_at && c->file != -1) {
            ssize_t n = read(c->file, c->out, sizeof c->out);
            c->out_at = 0;
            c->out_size = n > 0 ? (size_t)n : 0;
            if (n <= 0) {
                close(c->file);
                c->file = -1;
            }
        }
        if (c->out_at < c->out_size) {
            ssize_t n = send(c->fd, c->out + c->out_at,
                             c->out_size - c->out_at, MSG_NOSIGNAL);
            if (n == -1 && errno == EAGAIN)
                return;
            if (n == -1)
                break;
            c->out_at += (size_t)n;
            continue;
        }
        if (c->last)
            break;
        c->in[c->in_size] = '\0';
        char *end = strstr(c->in, "\r\n\r\n");
        if (end != NULL) {
            end[2] = '\0';
            answer(c, folder, c->in);
            c->in_size -= (size_t)(end + 4 - c->in);
            memmove(c->in, end + 4, c->in_size);
            continue;
        }
        if (c->in_size == HEAD) {
            c->last = 1;
            c->out_at = 0;
            c->out_size = (size_t)sprintf(c->out, "HTTP/1.1 431 "
                                                  "No\r\nContent-"
                                                  "Length: "
                                                  "3\r\n\r\nNo\n");
            continue;
        }
        ssize_t n =
            recv(c->fd, c->in + c->in_size, HEAD - c->in_size, 0);
        if (n == -1 && errno == EAGAIN)
            return;
        if (n <= 0)
            break;
        c->in_size += (size_t)n;
    }
    if (c->file != -1)
        close(c->file);
    close(c->fd);
    c->fd = 0;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    int sock = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    here.sin_port = htons((uint16_t)(argc == 3 ? atoi(argv[1]) : 0));
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int folder = argc == 3 ? open(argv[2], O_RDONLY | O_DIRECTORY) : -1;
    if (folder == -1
        || bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, 50) == -1)
        return 1;
    for (;;) {
        struct pollfd set[MOST + 1] = {{sock, POLLIN, 0}};
        for (int i = 0; i < MOST; i++) {
            struct client *c = &clients[i];
            set[i + 1].fd = c->fd > 0 ? c->fd : -1;
            set[i + 1].events = c->out_at < c->out_size || c->file != -1
                                    ? POLLOUT
                                    : POLLIN;
        }
        if (poll(set, MOST + 1, -1) == -1)
            return 1;
        for (int i = 0; i < MOST; i++)
            if (set[i + 1].revents != 0)
                work(&clients[i], folder);
        for (int i = 0; set[0].revents != 0 && i < MOST; i++)
            if (clients[i].fd == 0) {
                int fd = accept(sock, NULL, NULL);
                if (fd == -1)
                    break;
                fcntl(fd, F_SETFL, O_NONBLOCK);
                memset(&clients[i], 0, sizeof clients[i]);
                clients[i].fd = fd;
                clients[i].file = -1;
                break;
            }
    }
}
