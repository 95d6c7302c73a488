// # Mistake 13: the client that says "Good mor"
//
// It sends the line that it is given to a server, and ends.
//
// Symptom: whatever is typed, the server gets eight bytes of it: fewer
// than there were, or, of a short line, more.
//
// Provoke: start a server that prints what it gets (nc -l 127.0.0.1
// 8888), start this, type a line.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

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

    char line[1024];
    if (fgets(line, sizeof line, stdin) == NULL)
        return 0;
    if (say(sock, line) == -1) {
        perror("send");
        return 1;
    }
    close(sock);
    return 0;
}
