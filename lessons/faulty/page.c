// A web server with one page; it serves one browser and ends.
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    const char *page = "HTTP/1.0 200 OK\r\n\r\nIt works.\n";
    int on = 1;
    char request[16];
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons(8888);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, 5) == -1) {
        perror("page");
        return 1;
    }
    int browser = accept(sock, NULL, NULL);
    if (browser == -1) {
        perror("accept");
        return 1;
    }
    if (recv(browser, request, sizeof request, 0) > 0)
        send(browser, page, strlen(page), MSG_NOSIGNAL);
    close(browser);
    close(sock);
    return 0;
}
