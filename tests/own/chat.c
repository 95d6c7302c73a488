/* A client that asks a person what to send, and waits for either. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    struct sockaddr_in there = {.sin_family = AF_INET};
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    struct pollfd watched[] = {{0, POLLIN, 0}, {sock, POLLIN, 0}};
    char line[100];

    there.sin_port = htons((unsigned short)atoi(argv[argc - 1]));
    inet_pton(AF_INET, "127.0.0.1", &there.sin_addr);
    if (connect(sock, (struct sockaddr *)&there, sizeof there) == -1)
        return 1;
    printf("your name? ");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        return 1;
    poll(watched, 2, -1);
    if (fgets(line, sizeof line, stdin) == NULL)
        return 1;
    send(sock, line, strlen(line), 0);
    close(sock);
    return isatty(0) + isatty(1) + isatty(2);
}
