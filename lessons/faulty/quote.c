// A server that tells each caller a saying, at port 8888.
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    const char *words = "Well begun is half done.\n";
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons(8888);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    bind(sock, (struct sockaddr *)&here, sizeof here);
    listen(sock, 5);
    for (;;) {
        int caller = accept(sock, NULL, NULL);
        if (caller == -1) {
            perror("accept");
            return 1;
        }
        send(caller, words, strlen(words), MSG_NOSIGNAL);
        close(caller);
    }
}
