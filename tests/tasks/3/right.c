// A message server: two bytes of length, then so many bytes.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Sends all of it. Returns 0, or -1 when the client is gone.
static int send_all(int sock, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = send(sock, bytes, size, MSG_NOSIGNAL);
        if (n == -1)
            return -1;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

// Receives so many bytes. Returns 0, or -1 if there are not that many.
static int recv_all(int sock, char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = recv(sock, bytes, size, 0);
        if (n <= 0)
            return -1;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

// Answers messages until one is not whole: the client has gone.
static void serve(int client)
{
    static char message[2 + UINT16_MAX];
    uint16_t head;
    while (recv_all(client, message, 2) == 0) {
        memcpy(&head, message, 2);
        size_t length = ntohs(head);
        char *text = message + 2;
        if (recv_all(client, text, length) == -1)
            return;
        for (size_t i = 0; i < length / 2; i++) {
            char c = text[i];
            text[i] = text[length - 1 - i];
            text[length - 1 - i] = c;
        }
        if (send_all(client, message, 2 + length) == -1)
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
    for (;;) {
        int client = accept(sock, NULL, NULL);
        if (client == -1) {
            perror("accept");
            continue;
        }
        serve(client);
        close(client);
    }
}
