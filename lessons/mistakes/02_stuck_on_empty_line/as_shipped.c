// # Mistake 02: the client that an empty line silences
//
// Each line that you type has to reach an echo server, with its
// newline; the answer is printed. An empty line is no exception.
//
// Symptom: all is well until you press Enter alone. From then on the
// client does nothing, and the server has received nothing.
//
// Provoke: cc 02_stuck_on_empty_line.c -o 02_stuck_on_empty_line, start
// an echo server (build/10_echo_server), start this, press Enter twice.
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
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    char line[1024];
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t size = strcspn(line, "\n");
        if (send_all(sock, line, size) == -1) {
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
            if (n == 0) {
                fprintf(stderr, "The server has left\n");
                return 1;
            }
            got += (size_t)n;
        } while (got < size);
        printf("The server says: %.*s\n", (int)got, line);
        fflush(stdout);
    }
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
