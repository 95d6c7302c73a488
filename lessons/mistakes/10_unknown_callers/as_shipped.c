// # Mistake 10: the server that does not know its callers
//
// It greets each client and prints who it was, as in
// 127.0.0.1 port 54321
//
// Symptom: the clients are content, but the list says "0.0.0.0 port 0"
// for every one of them.
//
// Provoke: cc 10_unknown_callers.c -o 10_unknown_callers, start it,
// call it with nc 127.0.0.1 8888, look at what it prints. (More in
// task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 // for a system that lacks it
#endif

// Sends all of the bytes. Returns 0, or -1 when a send failed.
static int send_all(int sock, const char *bytes, size_t size)
{
    for (ssize_t n; size > 0; bytes += n, size -= (size_t)n)
        if ((n = send(sock, bytes, size, MSG_NOSIGNAL)) == -1)
            return -1;
    return 0;
}

struct caller {
    struct sockaddr_in address;
    socklen_t length;
    int connected;
};

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }

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
        struct caller caller = {0};
        caller.connected = accept(sock,
                                  (struct sockaddr *)&caller.address,
                                  &caller.length);
        if (caller.connected == -1) {
            perror("accept");
            return 1;
        }
        printf("%s port %d\n", inet_ntoa(caller.address.sin_addr),
               ntohs(caller.address.sin_port));
        fflush(stdout);
        const char *words = "Hello from the server!\n";
        if (send_all(caller.connected, words, strlen(words)) == -1)
            perror("send");
        if (close(caller.connected) == -1)
            perror("close");
    }
}
