// # Mistake 14: the server that takes two questions for one
//
// Every line that a client sends is answered with a line that says how
// long it was: "5 bytes" for "hello".
//
// Symptom: typed by hand, all lines are answered right. A program that
// sends its lines fast gets too few answers, and wrong ones; one that
// sends a line in two parts gets two.
//
// Provoke: start it, then: printf 'one\ntwo\n' | nc -N 127.0.0.1 8888
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    int port = argc > 1 ? atoi(argv[1]) : 8888;

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }
    if (listen(sock, 5) == -1) {
        perror("listen");
        return 1;
    }

    for (;;) {
        int connected = accept(sock, NULL, NULL);
        if (connected == -1) {
            perror("accept");
            return 1;
        }
        char line[1024], answer[64];
        for (;;) {
            ssize_t n = recv(connected, line, sizeof line, 0);
            if (n <= 0)
                break;
            snprintf(answer, sizeof answer, "%zd bytes\n", n - 1);
            if (send(connected, answer, strlen(answer),
                     MSG_NOSIGNAL) == -1)
                break;
        }
        close(connected);
    }
}
