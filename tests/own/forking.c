/* A server with a child for each client. */
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    int on = 1, sock = socket(AF_INET, SOCK_STREAM, 0);

    signal(SIGCHLD, SIG_IGN);
    here.sin_port = htons((unsigned short)atoi(argv[argc - 1]));
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bind(sock, (struct sockaddr *)&here, sizeof here);
    listen(sock, 5);
    for (;;) {
        int one = accept(sock, NULL, NULL);
        char bytes[100];
        ssize_t n;

        if (fork() == 0) {
            close(sock);
            while ((n = recv(one, bytes, sizeof bytes, 0)) > 0)
                send(one, bytes, (size_t)n, 0);
            close(one);
            exit(0);
        }
        close(one);
    }
}
