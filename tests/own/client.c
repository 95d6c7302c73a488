/* A client that sends a line and waits for it to come back. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PORT /* a forgotten htons: -DPORT=port */
#define PORT htons(port)
#endif

int main(int argc, char *argv[])
{
    struct sockaddr_in there = {.sin_family = AF_INET};
    unsigned short port = (unsigned short)atoi(argv[argc - 1]);
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    char bytes[100];
    ssize_t n;

    there.sin_port = PORT;
    inet_pton(AF_INET, "127.0.0.1", &there.sin_addr);
    if (connect(sock, (struct sockaddr *)&there, sizeof there) == -1)
        return 1;
#ifndef SILENT /* both wait in recv: -DSILENT */
    send(sock, "hello\n", 6, 0);
#endif
    n = recv(sock, bytes, sizeof bytes, 0);
    printf("%zd bytes came\n", n);
    close(sock);
    return 3;
}
