// A guest: it is welcomed, and says its name.
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    const char *name = "Ada\n";
    char welcome[80];
    struct sockaddr_in there = {0};
    there.sin_family = AF_INET;
    there.sin_port = 8888;
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(sock, (struct sockaddr *)&there, sizeof there) == -1) {
        perror("connect");
        return 1;
    }
    ssize_t n = recv(sock, welcome, sizeof welcome, 0);
    if (n > 0)
        fwrite(welcome, 1, (size_t)n, stdout);
    send(sock, name, strlen(name), MSG_NOSIGNAL);
    close(sock);
    return 0;
}
