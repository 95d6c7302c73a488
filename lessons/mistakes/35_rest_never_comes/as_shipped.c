// # Mistake 35: the rest of the message never comes
//
// A server for many clients at once. It answers each line with its
// length: "5 bytes" to "Hello".
//
// Symptom: short lines are answered. After a long one no answer comes,
// and both sides wait.
//
// Provoke: cc 35_rest_never_comes.c -o 35_rest_never_comes, start it,
// and send it a line of 100 letters. (More in task.md.)
#define _GNU_SOURCE // for accept4
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS = 1024, ROOM = 64, BACKLOG = 64 };

// How many bytes of its line each client has sent, by descriptor.
static long length[CLIENTS];

// Answers each line that ends in these bytes. Returns -1 if the client
// does not take its answers.
static int answer(int sock, const char *bytes, size_t size)
{
    char text[40];
    for (size_t i = 0; i < size; i++, length[sock]++)
        if (bytes[i] == '\n') {
            int n = snprintf(text, sizeof text, "%ld bytes\n",
                             length[sock]);
            if (send(sock, text, (size_t)n, MSG_NOSIGNAL) != n)
                return -1;
            length[sock] = -1;
        }
    return 0;
}

// A client has sent bytes, or ended its side.
static void hear(int sock)
{
    char bytes[ROOM];
    ssize_t n = recv(sock, bytes, sizeof bytes, 0);
    if (n == -1 && errno == EAGAIN)
        return;
    if (n <= 0 || answer(sock, bytes, (size_t)n) == -1)
        close(sock);
}

// A caller is in the queue. No call on its socket blocks.
static void welcome(int list, int sock)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    int client = accept4(sock, NULL, NULL, SOCK_NONBLOCK);
    if (client == -1) {
        perror("accept4");
        return;
    }
    event.data.fd = client;
    if (client >= CLIENTS
        || epoll_ctl(list, EPOLL_CTL_ADD, client, &event) == -1) {
        fprintf(stderr, "No room for a new client\n");
        close(client);
        return;
    }
    length[client] = 0;
}

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }
    int sock = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (sock == -1
        || setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
        || bind(sock, (struct sockaddr *)&here, sizeof here)
        || listen(sock, BACKLOG)) {
        perror("a listening socket");
        return 1;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = sock};
    int list = epoll_create1(0);
    if (list == -1 || epoll_ctl(list, EPOLL_CTL_ADD, sock, &event)) {
        perror("epoll");
        return 1;
    }
    for (;;) {
        int n = epoll_wait(list, &event, 1, -1);
        if (n == -1 && errno != EINTR) {
            perror("epoll_wait");
            return 1;
        }
        if (n == 1 && event.data.fd == sock)
            welcome(list, sock);
        else if (n == 1)
            hear(event.data.fd);
    }
}
