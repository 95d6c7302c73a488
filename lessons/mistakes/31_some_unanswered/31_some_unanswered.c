// # Mistake 31: the server that leaves some callers unanswered
//
// An echo server with a thread for each client.
//
// Symptom: one client after another is served. If several connect at
// the same moment, some get no answer, others see the end too early.
//
// Provoke: cc 31_some_unanswered.c -o 31_some_unanswered, start it, let
// five clients connect at once. (More in task.md.)
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 // for a system that lacks it
#endif

// Sends all of the bytes. Returns 0, or -1 when a send failed.
static int send_all(int sock, const char *bytes, size_t size)
{
    for (ssize_t n; size > 0; bytes += n, size -= (size_t)n)
        if ((n = send(sock, bytes, size, MSG_NOSIGNAL)) == -1)
            return -1;
    return 0;
}

static void echo(int connected)
{
    char buffer[1024];
    ssize_t n;
    while ((n = recv(connected, buffer, sizeof buffer, 0)) > 0)
        if (send_all(connected, buffer, (size_t)n) == -1) {
            perror("send");
            break;
        }
    if (n == -1)
        perror("recv");
    if (close(connected) == -1)
        perror("close");
}

static void *serve(void *value)
{
    fputs("Another client\n", stderr);
    echo(*(int *)value);
    return NULL;
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

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }
    if (listen(sock, 5) == -1) {
        perror("listen");
        return 1;
    }

    int connected;
    while ((connected = accept(sock, NULL, NULL)) != -1) {
        pthread_t thread;
        int error = pthread_create(&thread, NULL, serve, &connected);
        if (error != 0) {
            fprintf(stderr, "pthread_create: %s\n", strerror(error));
            close(connected);
        } else {
            pthread_detach(thread);
        }
    }
    perror("accept");
    return 1;
}
