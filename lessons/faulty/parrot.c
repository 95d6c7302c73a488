// A server that says each message back, as a parrot does.
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    int on = 1;
    char text[100] = "";
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons(8888);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, 5) == -1) {
        perror("parrot");
        return 1;
    }
    int caller = accept(sock, NULL, NULL);
    if (caller == -1) {
        perror("accept");
        return 1;
    }
    while (recv(caller, text, sizeof text - 1, 0) > 0)
        send(caller, text, strlen(text), MSG_NOSIGNAL);
    close(caller);
    close(sock);
    return 0;
}
