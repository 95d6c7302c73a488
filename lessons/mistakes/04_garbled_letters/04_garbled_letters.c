// # Mistake 04: the server that trips over some letters
//
// A client sends a text in UTF-8, at most 4,096 bytes, and ends its
// side. The server answers with the number of letters, or with -1 if
// the text was not UTF-8.
//
// Symptom: English texts are counted right, and so are short ones. Most
// longer ones with accents, or in Greek, get -1.
//
// Provoke: cc 04_garbled_letters.c -o 04_garbled_letters, start it,
// then: echo Καλό απόγευμα | nc -N 127.0.0.1 8888.
// (More in task.md.)
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

// Counts the letters of these bytes. Returns -1 if they are not UTF-8.
static long letters(const unsigned char *text, size_t size)
{
    long count = 0;
    int more = 0; // bytes of this letter that are still to come
    for (size_t i = 0; i < size; i++) {
        if ((text[i] >> 6 == 2) != (more > 0))
            return -1;
        more = more > 0        ? more - 1
               : text[i] < 0xC0 ? 0
               : text[i] < 0xE0 ? 1
               : text[i] < 0xF0 ? 2 : 3;
        count += more == 0;
    }
    return more == 0 ? count : -1;
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
        unsigned char utf8[4096];
        long count = 0;
        ssize_t n;
        while ((n = recv(connected, utf8, 16, 0)) > 0) {
            long more = letters(utf8, (size_t)n);
            count = more == -1 || count == -1 ? -1 : count + more;
        }
        if (n == -1)
            perror("recv");
        char answer[32];
        snprintf(answer, sizeof answer, "%ld\n", count);
        if (send_all(connected, answer, strlen(answer)) == -1)
            perror("send");
        if (close(connected) == -1)
            perror("close");
    }
}
