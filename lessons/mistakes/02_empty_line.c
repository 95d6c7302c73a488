// # Mistake 02: the client that an empty line silences
//
// It sends each line that is typed to an echo server and prints the
// answer. An empty line is a message like any other: the server must
// get it, as a line with nothing in it.
//
// Symptom: all is well until Enter alone is pressed. From then on the
// client says nothing more, and the server has received nothing.
//
// Provoke: start an echo server, start this, press Enter twice.
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
        char line[1024];
        printf("Enter message to send: ");
        fflush(stdout);
        if (fgets(line, sizeof line, stdin) == NULL)
            break;
        line[strcspn(line, "\n")] = '\0';
        size_t size = strlen(line);
        if (send(sock, line, size, MSG_NOSIGNAL) == -1) {
            perror("send");
            return 1;
        }
        size_t got = 0;
        do {
            ssize_t n = recv(sock, line + got, sizeof line - got, 0);
            if (n == -1) {
                perror("recv");
                return 1;
            }
            if (n == 0)
                return 0;
            got += (size_t)n;
        } while (got < size);
        printf("The server says: %.*s\n", (int)got, line);
    }
    return 0;
}
