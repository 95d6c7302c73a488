// # Mistake 03: the client that falls behind
//
// It sends each line that is typed, newline and all, to an echo server
// and prints the answer, which is as long as the line was.
//
// Symptom: after one long line, say of 3,000 letters, every answer is
// the wrong one: the end of the line before, then the one before.
//
// Provoke: start an echo server, start this, paste a very long line,
// then type short ones.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

int main(int argc, char *argv[])
{
    int port = argc > 1 ? atoi(argv[1]) : 8888;

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    for (;;) {
        char line[8192];
        printf("Enter message to send: ");
        fflush(stdout);
        if (fgets(line, sizeof line, stdin) == NULL)
            break;
        size_t size = strlen(line);
        if (send(sock, line, size, MSG_NOSIGNAL) == -1) {
            perror("send");
            return 1;
        }
        printf("The server says: ");
        char answer[1024];
        ssize_t n = recv(sock, answer, sizeof answer, 0);
        if (n == -1) {
            perror("recv");
            return 1;
        }
        if (n == 0)
            return 0;
        printf("%.*s", (int)n, answer);
        fflush(stdout);
    }
    return 0;
}
