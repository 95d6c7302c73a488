// # Mistake 22: the copy that stops in the middle
//
// It sends its standard input through an echo server and writes what
// comes back to standard output: ./22_both_wait < file > copy
//
// Symptom: small files come back. With a big one, of several megabytes,
// client and server both stand still for ever.
//
// Provoke: start an echo server, send a big file through.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>

// Sends all bytes. Returns 0, or -1 when a send failed.
static int send_all(int sock, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = send(sock, bytes, size, MSG_NOSIGNAL);
        if (n == -1)
            return -1;
        bytes += n;
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

    static char piece[16384];
    size_t size;
    ssize_t n;
    while ((size = fread(piece, 1, sizeof piece, stdin)) > 0) {
        if (send_all(sock, piece, size) == -1) {
            perror("send");
            return 1;
        }
    }
    shutdown(sock, SHUT_WR);
    while ((n = recv(sock, piece, sizeof piece, 0)) > 0)
        fwrite(piece, 1, (size_t)n, stdout);
    if (n == -1)
        perror("recv");
    return n == -1;
}
