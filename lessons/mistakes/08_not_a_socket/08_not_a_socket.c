// # Mistake 08: the client that seems to have no socket
//
// It connects to a server that speaks first, and prints what it gets.
// If a call fails, it names the call, and the exit status is 1.
//
// Symptom: socket succeeds, and the next call says "Socket operation on
// non-socket". strace shows that it was made for descriptor 0.
//
// The compiler can see this one: it warns with -Wall. Read what it says
// even if you already know the cure.
//
// Provoke: cc 08_not_a_socket.c -o 08_not_a_socket, start a server that
// greets (build/09_greeting_server), then this. (More in task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }

    int sock;
    if (sock = socket(AF_INET, SOCK_STREAM, 0) == -1) {
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

    char buffer[256];
    ssize_t n;
    while ((n = recv(sock, buffer, sizeof buffer, 0)) > 0)
        fwrite(buffer, 1, (size_t)n, stdout);
    if (n == -1) {
        perror("recv");
        return 1;
    }
    if (fflush(stdout) == EOF) {
        perror("standard output");
        return 1;
    }
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
