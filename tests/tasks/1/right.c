// A time server: one caller after the other, with blocking calls.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// Sends one line to this caller. What goes wrong concerns it alone.
static void tell_time(int caller)
{
    char line[32];
    time_t now = time(NULL);
    size_t size = strftime(line, sizeof line, "%Y-%m-%d %H:%M:%S\n",
                           gmtime(&now));
    if (send(caller, line, size, MSG_NOSIGNAL) == -1)
        perror("send");
    close(caller);
}

int main(int argc, char *argv[])
{
    long port = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: task-1 PORT\n");
        return 2;
    }
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
        == -1) {
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
    for (;;) {
        int caller = accept(sock, NULL, NULL);
        if (caller == -1)
            perror("accept");
        else
            tell_time(caller);
    }
}
