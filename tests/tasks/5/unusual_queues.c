// A chat server with two threads for each client, one that reads and one
// that writes, and a queue between them. It prints a log of all it says.
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

struct item {
    struct item *next;
    size_t size;
    char text[600];
};

struct client {
    struct client *next;
    int fd, number, gone;
    struct item *first, **last; // of its queue
    pthread_cond_t filled;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct client *all;
static int count;

static void queue(struct client *c, const char *text)
{
    struct item *item = malloc(sizeof *item);
    if (item == NULL)
        return;
    item->next = NULL;
    item->size = strlen(text);
    memcpy(item->text, text, item->size);
    *c->last = item;
    c->last = &item->next;
    pthread_cond_signal(&c->filled);
}

static void tell_others(const struct client *but, const char *text)
{
    for (struct client *c = all; c != NULL; c = c->next)
        if (c != but) {
            printf("to %d: %s", c->number, text);
            queue(c, text);
        }
}

static void *writer(void *argument)
{
    struct client *c = argument;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (c->first == NULL && !c->gone)
            pthread_cond_wait(&c->filled, &lock);
        struct item *item = c->first;
        if (c->gone)
            break;
        if ((c->first = item->next) == NULL)
            c->last = &c->first;
        pthread_mutex_unlock(&lock);
        send(c->fd, item->text, item->size, MSG_NOSIGNAL);
        free(item);
        pthread_mutex_lock(&lock);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *reader(void *argument)
{
    struct client *c = argument;
    char line[500], text[600];
    size_t size = 0;
    pthread_t out;
    pthread_mutex_lock(&lock);
    c->number = ++count;
    snprintf(text, sizeof text, "you are %d\n", count);
    queue(c, text);
    snprintf(text, sizeof text, "%d joined\n", count);
    tell_others(c, text);
    c->next = all;
    all = c;
    pthread_mutex_unlock(&lock);
    if (pthread_create(&out, NULL, writer, c) != 0)
        exit(1);
    while (size < sizeof line && recv(c->fd, line + size, 1, 0) == 1) {
        if (line[size++] != '\n')
            continue;
        snprintf(text, sizeof text, "%d: %.*s", c->number, (int)size,
                 line);
        pthread_mutex_lock(&lock);
        tell_others(c, text);
        pthread_mutex_unlock(&lock);
        size = 0;
    }
    pthread_mutex_lock(&lock);
    struct client **at = &all;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    c->gone = 1;
    pthread_cond_signal(&c->filled);
    snprintf(text, sizeof text, "%d left\n", c->number);
    tell_others(c, text);
    pthread_mutex_unlock(&lock);
    shutdown(c->fd, SHUT_RDWR); // the writer may be in send
    pthread_join(out, NULL);
    close(c->fd);
    return NULL;
}

int main(int argc, char *argv[])
{
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)(argc == 2 ? atoi(argv[1]) : 0));
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, 10) == -1) {
        perror("task-5");
        return 1;
    }
    for (;;) {
        struct client *c = calloc(1, sizeof *c);
        pthread_t in;
        if (c == NULL || (c->fd = accept(sock, NULL, NULL)) == -1)
            return 1;
        c->last = &c->first;
        pthread_cond_init(&c->filled, NULL);
        if (pthread_create(&in, NULL, reader, c) != 0)
            return 1;
        pthread_detach(in);
    }
}
