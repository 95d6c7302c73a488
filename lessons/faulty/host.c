// A host: it waits for the name of one guest, and welcomes that guest.
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    const char *welcome = "Welcome!\n";
    int on = 1;
    char name[80];
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons(8888);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, 5) == -1) {
        perror("host");
        return 1;
    }
    int guest = accept(sock, NULL, NULL);
    if (guest == -1) {
        perror("accept");
        return 1;
    }
    if (recv(guest, name, sizeof name, 0) > 0)
        send(guest, welcome, strlen(welcome), MSG_NOSIGNAL);
    close(guest);
    close(sock);
    return 0;
}
