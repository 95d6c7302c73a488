// # Mistake 29: the answer that is torn off
//
// A client sends its request and ends its side. Only the request's
// first byte matters: the server looks at it, answers with 10,000
// bytes, and closes.
//
// Symptom: clients with a short request get the answer. Those with a
// long one get "Connection reset by peer", with or without a part of
// the answer, though every send of the server succeeded.
//
// Provoke: start it, then: head -c 5000 /dev/zero | nc -N 127.0.0.1
// 8888 | wc -c
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

    static char answer[10000];
    for (;;) {
        int connected = accept(sock, NULL, NULL);
        if (connected == -1) {
            perror("accept");
            return 1;
        }
        char first = '?';
        if (recv(connected, &first, 1, 0) == -1)
            perror("recv");
        memset(answer, first, sizeof answer);
        if (send(connected, answer, sizeof answer,
                 MSG_NOSIGNAL) == -1)
            perror("send");
        close(connected);
    }
}
