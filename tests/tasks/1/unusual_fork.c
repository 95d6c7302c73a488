// A time server with a process for each caller, in which stdio writes.
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    int sock = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)(argc == 2 ? atoi(argv[1]) : 0));
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, SOMAXCONN) == -1) {
        perror("task-1");
        return 1;
    }
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int caller = accept(sock, NULL, NULL);
        if (caller != -1 && fork() == 0) {
            FILE *to = fdopen(caller, "w");
            time_t now = time(NULL);
            struct tm *t = gmtime(&now);
            if (to == NULL)
                return 1;
            fprintf(to, "%04d-%02d-%02d %02d:%02d:%02d\n",
                    t->tm_year + 1900, t->tm_mon + 1, t->tm_mday,
                    t->tm_hour, t->tm_min, t->tm_sec);
            return fclose(to) != 0;
        }
        close(caller);
    }
}
