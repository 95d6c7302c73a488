// # Mistake 15: the server that dies without a word
//
// It sends whoever calls a list of 2,000 lines, one caller after the
// other.
//
// Symptom: now and then it is gone. It printed no error; the shell's $?
// says 141.
//
// Provoke: start it, call it, and leave before the list is complete: nc
// 127.0.0.1 8888 | head -n 1
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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
        for (int i = 1; i <= 2000; i++) {
            char line[64];
            snprintf(line, sizeof line, "This is line %d\n", i);
            if (send(connected, line, strlen(line), 0) == -1) {
                perror("send");
                break;
            }
        }
        close(connected);
    }
}
