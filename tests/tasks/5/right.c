// A chat server: one process, one poll, no call that blocks. What does
// not fit into a client's socket at once ends its connection.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 200, LONGEST = 500 };

static struct client {
    int number;
    size_t size; // of the line that has begun
    char line[LONGEST];
    int gone; // has left, and is still in the table
} clients[MOST];
static struct pollfd set[1 + MOST]; // set[i + 1] is clients[i]
static int count, last;

static void tell(int i, const char *text, size_t size)
{
    ssize_t n =
        send(set[i + 1].fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n != (ssize_t)size)
        clients[i].gone = 1;
}

static void tell_others(int but, const char *text, size_t size)
{
    for (int i = 0; i < count; i++)
        if (i != but && !clients[i].gone)
            tell(i, text, size);
}

static void announce(int who, int number, const char *what)
{
    char text[40];
    int size = snprintf(text, sizeof text, "%d %s\n", number, what);
    tell_others(who, text, (size_t)size);
}

static void join(int sock)
{
    char text[40];
    int fd = accept(sock, NULL, NULL);
    if (fd == -1 || count == MOST) {
        perror(fd == -1 ? "accept" : "no room");
        if (fd != -1)
            close(fd);
        return;
    }
    set[count + 1] = (struct pollfd){fd, POLLIN, 0};
    clients[count] = (struct client){.number = ++last};
    int size = snprintf(text, sizeof text, "you are %d\n", last);
    tell(count, text, (size_t)size);
    announce(count++, last, "joined");
}

// A whole line of client i goes to all others, in one send.
static void pass_on(int i)
{
    char text[LONGEST + 16];
    struct client *c = &clients[i];
    int head = snprintf(text, sizeof text, "%d: ", c->number);
    memcpy(text + head, c->line, c->size);
    tell_others(i, text, (size_t)head + c->size);
    c->size = 0;
}

static void hear(int i)
{
    char piece[4096];
    struct client *c = &clients[i];
    ssize_t n = recv(set[i + 1].fd, piece, sizeof piece, MSG_DONTWAIT);
    if (n == -1 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0)
        c->gone = 1;
    for (ssize_t k = 0; k < n && !c->gone; k++) {
        c->line[c->size++] = piece[k];
        if (piece[k] == '\n')
            pass_on(i);
        else if (c->size == LONGEST)
            c->gone = 1;
    }
}

// Takes those that have gone out of the table. To announce that may
// show that others have gone too.
static void remove_gone(void)
{
    for (int i = 0; i < count; i++)
        if (clients[i].gone) {
            int number = clients[i].number;
            close(set[i + 1].fd);
            count--;
            clients[i] = clients[count];
            set[i + 1] = set[count + 1];
            announce(-1, number, "left");
            i = -1;
        }
}

int main(int argc, char *argv[])
{
    long port = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: task-5 PORT\n");
        return 2;
    }
    int sock = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (sock == -1
        || setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
               == -1
        || bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, 100) == -1) {
        perror("task-5");
        return 1;
    }
    set[0] = (struct pollfd){sock, POLLIN, 0};
    for (;;) {
        if (poll(set, (nfds_t)count + 1, -1) == -1) {
            perror("poll");
            return 1;
        }
        for (int i = 0; i < count; i++)
            if (set[i + 1].revents != 0 && !clients[i].gone)
                hear(i);
        remove_gone();
        if (set[0].revents != 0)
            join(sock);
        remove_gone();
    }
}
