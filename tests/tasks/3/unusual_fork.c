// A message server with a process for each client, that waits for whole
// messages in the kernel.
#define _DEFAULT_SOURCE
#include <signal.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void serve(int client)
{
    unsigned char head[2], text[UINT16_MAX];
    while (recv(client, head, 2, MSG_WAITALL) == 2) {
        size_t length = (size_t)(head[0] << 8 | head[1]);
        for (size_t got = 0; got < length;) {
            ssize_t n =
                recv(client, text + got, length - got, MSG_WAITALL);
            if (n <= 0)
                return;
            got += (size_t)n;
        }
        if (send(client, head, 2, MSG_NOSIGNAL | MSG_MORE) == -1)
            return;
        for (size_t i = length; i > 0; i--)
            if (send(client, text + i - 1, 1,
                     MSG_NOSIGNAL | (i > 1 ? MSG_MORE : 0))
                == -1)
                return;
    }
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
        fprintf(stderr, "usage: task-3 PORT\n");
        return 2;
    }
    int sock = open_server(port);
    if (sock == -1)
        return 1;
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int client = accept(sock, NULL, NULL);
        pid_t child = client == -1 ? -1 : fork();
        if (child == 0) {
            close(sock);
            serve(client);
            return 0;
        }
        if (child == -1)
            perror(client == -1 ? "accept" : "fork");
        if (client != -1)
            close(client);
    }
}
