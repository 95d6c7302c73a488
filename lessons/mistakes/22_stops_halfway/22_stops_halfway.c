// # Mistake 22: the copy that stops in the middle
//
// It sends its standard input through an echo server and writes what
// comes back to standard output: ./22_stops_halfway < file > copy
//
// Symptom: small files come back. With a big one, of several megabytes,
// client and server both hang for ever.
//
// Provoke: cc 22_stops_halfway.c -o 22_stops_halfway, start an echo
// server (build/10_echo_server), send a big file through. (More in
// task.md.)
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

    static char piece[16384];
    size_t size;
    ssize_t n;
    while ((size = fread(piece, 1, sizeof piece, stdin)) > 0) {
        if (send_all(sock, piece, size) == -1) {
            perror("send");
            return 1;
        }
    }
    if (shutdown(sock, SHUT_WR) == -1) {
        perror("shutdown");
        return 1;
    }
    while ((n = recv(sock, piece, sizeof piece, 0)) > 0)
        fwrite(piece, 1, (size_t)n, stdout);
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
