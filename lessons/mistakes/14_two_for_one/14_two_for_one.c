// # Mistake 14: the server that takes two questions for one
//
// Every line that a client sends (up to 1,000 bytes) is answered with a
// line that says how long it was: "5 bytes" for "hello".
//
// Symptom: lines typed by hand are answered right. A program that sends
// its lines fast gets too few answers, and wrong ones; one that sends a
// line in two parts gets two.
//
// Provoke: cc 14_two_for_one.c -o 14_two_for_one, start it, then:
// printf 'one\ntwo\n' | nc -N 127.0.0.1 8888. (More in task.md.)
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
        int connected = accept(sock, NULL, NULL);
        if (connected == -1) {
            perror("accept");
            return 1;
        }
        char line[1024], answer[64];
        for (;;) {
            ssize_t n = recv(connected, line, sizeof line, 0);
            if (n == -1)
                perror("recv");
            if (n <= 0)
                break;
            snprintf(answer, sizeof answer, "%zd bytes\n", n - 1);
            if (send_all(connected, answer, strlen(answer)) == -1) {
                perror("send");
                break;
            }
        }
        if (close(connected) == -1)
            perror("close");
    }
}
