// # Mistake 24: the counter that stops at 512
//
// A UDP service: it answers each datagram with its length, as in
// "17 bytes". A datagram over IPv4 can carry up to 65,507 bytes.
//
// Symptom: short datagrams are counted right. For any longer one it
// answers "512 bytes", and no call has failed.
//
// Provoke: cc 24_stops_at_512.c -o 24_stops_at_512, start it, then:
// head -c 600 /dev/zero | nc -u -w 1 127.0.0.1 8888 (More in task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }

    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) {
        perror("socket");
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

    for (;;) {
        char buffer[512];
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        ssize_t n = recvfrom(sock, buffer, sizeof buffer, 0,
                             (struct sockaddr *)&peer, &length);
        if (n == -1) {
            perror("recvfrom");
            return 1;
        }
        char answer[64];
        snprintf(answer, sizeof answer, "%zd bytes\n", n);
        if (sendto(sock, answer, strlen(answer), 0,
                   (struct sockaddr *)&peer, length) == -1)
            perror("sendto");
    }
}
