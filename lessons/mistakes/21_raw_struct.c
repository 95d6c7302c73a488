// # Mistake 21: the reading that arrives as nonsense
//
// It reads "KIND VALUE STATION" from standard input, three numbers, and
// sends them to a server. The protocol says: 7 bytes, namely 1 for the
// kind, 4 for the value, 2 for the station; of each number the highest
// byte first.
//
// Symptom: a server written on the same machine by copying the struct
// understands it. A server that follows the protocol gets 12 bytes, and
// values that nobody measured.
//
// Provoke: echo 1 258 3 | ./21_raw_struct, and look at what arrives: nc
// -l 127.0.0.1 8888 | od -An -tx1
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct reading {
    uint8_t kind;
    uint32_t value;
    uint16_t station;
};

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

    unsigned kind, value, station;
    if (scanf("%u %u %u", &kind, &value, &station) != 3)
        return 1;
    struct reading reading = {(uint8_t)kind, value, (uint16_t)station};
    if (send(sock, &reading, sizeof reading, MSG_NOSIGNAL) == -1) {
        perror("send");
        return 1;
    }
    close(sock);
    return 0;
}
