// A line server with a thread for each client, and stdio on the socket.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <signal.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONGEST = 1000 };

static void *serve(void *argument)
{
    FILE *from = argument, *to = fdopen(dup(fileno(from)), "w");
    int length = 0, c;
    while (to != NULL && (c = getc(from)) != EOF) {
        if (c != '\n') {
            if (++length > LONGEST)
                break;
            continue;
        }
        if (fprintf(to, "%d\n", length) < 0 || fflush(to) == EOF)
            break;
        length = 0;
    }
    if (to != NULL && length > 0 && length <= LONGEST)
        fprintf(to, "%d\n", length);
    if (to != NULL)
        fclose(to);
    fclose(from);
    return NULL;
}

// Returns a listening socket, or -1.
static int open_server(long port)
{
    int sock = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (sock == -1)
        perror("socket");
    else if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
             == -1)
        perror("setsockopt");
    else if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1)
        perror("bind");
    else if (listen(sock, 5) == -1)
        perror("listen");
    else
        return sock;
    return -1;
}

int main(int argc, char *argv[])
{
    long port = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: task-2 PORT\n");
        return 2;
    }
    int sock = open_server(port);
    if (sock == -1)
        return 1;
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int client = accept(sock, NULL, NULL);
        FILE *from = client == -1 ? NULL : fdopen(client, "r");
        pthread_t thread;
        if (from == NULL) {
            perror("accept");
            continue;
        }
        if (pthread_create(&thread, NULL, serve, from) == 0)
            pthread_detach(thread);
        else
            fclose(from);
    }
}
