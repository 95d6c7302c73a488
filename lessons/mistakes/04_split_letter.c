// # Mistake 04: the server that chokes on some letters
//
// A client sends a text in UTF-8, at most 4,096 bytes, and ends its
// side; the answer is how many letters it was, or -1 if it was no
// UTF-8.
//
// Symptom: English texts are counted right, and so are short ones. Of
// longer ones with accents, or in Greek, most get -1.
//
// Provoke: start it, then: echo Καλημέρα κόσμε | nc -N 127.0.0.1 8888
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// How many letters these bytes of UTF-8 are, or -1 if they are none.
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
        unsigned char text[4096];
        char answer[32];
        long count = 0;
        ssize_t n;
        while ((n = recv(connected, text, 16, 0)) > 0) {
            long more = letters(text, (size_t)n);
            count = more == -1 || count == -1 ? -1 : count + more;
        }
        snprintf(answer, sizeof answer, "%ld\n", count);
        send(connected, answer, strlen(answer), MSG_NOSIGNAL);
        close(connected);
    }
}
