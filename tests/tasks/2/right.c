// A line server: it counts, and keeps no line. One client at a time.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONGEST = 1000 };

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

static int answer(int client, size_t length)
{
    char line[24];
    int size = snprintf(line, sizeof line, "%zu\n", length);
    return send_all(client, line, (size_t)size);
}

// Until the client ends its side, fails, or sends too long a line.
static void serve(int client)
{
    char piece[4096];
    size_t length = 0; // of the line so far
    ssize_t n;
    while ((n = recv(client, piece, sizeof piece, 0)) > 0)
        for (ssize_t i = 0; i < n; i++) {
            if (piece[i] != '\n') {
                if (++length > LONGEST)
                    return;
                continue;
            }
            if (answer(client, length) == -1)
                return;
            length = 0;
        }
    if (n == -1)
        perror("recv");
    else if (length > 0)
        answer(client, length);
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
