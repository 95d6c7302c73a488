/* An echo server for one client. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef BACKLOG
#define BACKLOG 5
#endif

int main(int argc, char *argv[])
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    int on = 1, sock = socket(AF_INET, SOCK_STREAM, 0), one;
    char bytes[100];
    ssize_t n;

    here.sin_port = htons((unsigned short)atoi(argv[argc - 1]));
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bind(sock, (struct sockaddr *)&here, sizeof here);
    listen(sock, BACKLOG);
    printf("ready\n");
    one = accept(sock, NULL, NULL);
#ifdef LIMIT
    struct timeval limit = {LIMIT, 0};
    setsockopt(one, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
#endif
    while ((n = recv(one, bytes, sizeof bytes, 0)) > 0)
        send(one, bytes, (size_t)n, 0);
    close(one);
    close(sock);
    return n == -1;
}
