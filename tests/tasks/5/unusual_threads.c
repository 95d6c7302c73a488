// A chat server with a thread for each client, and a lock. A client that
// reads nothing gets no more lines, and stays.
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 500 };
static int sockets[MOST + 1]; // by number; 0: nobody
static int last;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void tell_others(int but, const char *text)
{
    for (int i = 1; i <= last; i++)
        if (i != but && sockets[i] != 0)
            send(sockets[i], text, strlen(text),
                 MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void *serve(void *argument)
{
    int *me = argument, number = (int)(me - sockets);
    char *line = NULL, text[1100];
    size_t room = 0;
    FILE *from = fdopen(dup(*me), "r");
    ssize_t n;
    while (from && (n = getline(&line, &room, from)) > 0
           && line[n - 1] == '\n' && n < 1000) {
        snprintf(text, sizeof text, "%d: %s", number, line);
        pthread_mutex_lock(&lock);
        tell_others(number, text);
        pthread_mutex_unlock(&lock);
    }
    pthread_mutex_lock(&lock);
    close(*me);
    *me = 0;
    snprintf(text, sizeof text, "%d left\n", number);
    tell_others(number, text);
    pthread_mutex_unlock(&lock);
    if (from)
        fclose(from);
    free(line);
    return NULL;
}

int main(int argc, char *argv[])
{
    int sock = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)(argc == 2 ? atoi(argv[1]) : 0));
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, SOMAXCONN) == -1) {
        perror("task-5");
        return 1;
    }
    for (;;) {
        int fd = accept(sock, NULL, NULL);
        char text[40];
        pthread_t thread;
        if (fd == -1 || last == MOST) {
            perror("accept");
            continue;
        }
        pthread_mutex_lock(&lock);
        sockets[++last] = fd;
        snprintf(text, sizeof text, "you are %d\n", last);
        send(fd, text, strlen(text), MSG_NOSIGNAL);
        snprintf(text, sizeof text, "%d joined\n", last);
        tell_others(last, text);
        pthread_mutex_unlock(&lock);
        if (pthread_create(&thread, NULL, serve, &sockets[last]) == 0)
            pthread_detach(thread);
        else
            perror("pthread_create");
    }
}
