// # Mistake 13: the client that says "Good mor"
//
// It sends the line that it is given to a server, and ends.
//
// Symptom: whatever you type, the server gets eight bytes: fewer than
// you typed or, if the line is short, more.
//
// Provoke: cc 13_good_mor.c -o 13_good_mor, start a server that
// prints what it gets (nc -l 127.0.0.1 8888), start this, type a line.
// (More in task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 // for a system that lacks it
#endif

// Sends a text. Returns 0, or -1 when a send failed.
static int say(int sock, const char *text)
{
    size_t size = sizeof text;
    while (size > 0) {
        ssize_t n = send(sock, text, size, MSG_NOSIGNAL);
        if (n == -1)
            return -1;
        text += n;
        size -= (size_t)n;
    }
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
    if (fgets(line, sizeof line, stdin) == NULL) {
        fprintf(stderr, "no line to send\n");
        return 1;
    }
    if (say(sock, line) == -1) {
        perror("send");
        return 1;
    }
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
