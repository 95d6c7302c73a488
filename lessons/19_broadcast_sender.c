// # 19 Broadcast, the sender
//
// One `sendto` reaches all hosts of a network if an option of the
// socket allows it. TCP has no broadcast: a connection has two ends.
#define TITLE "one datagram for all hosts of a network"
#define PARTNER "19_broadcast_receiver"
#define ADDRESSES IPV4_BROADCAST
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

int main(int argc, char *argv[])
{
    // The address and the port, as in the receiver.
    const char *address = argc > 1 ? argv[1] : "127.255.255.255";
    char *end = "";
    long port = argc > 2 ? strtol(argv[2], &end, 10) : 8888;
    if (*end != '\0' || port < 0 || port > 65535) {
        fprintf(stderr, "%s is not a port: 0 to 65535\n", argv[2]);
        return 2;
    }

    // A UDP socket, as in 08.
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // The address of all hosts, filled in as in 02.
    struct sockaddr_in peers = {0};
    peers.sin_family = AF_INET;
    peers.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &peers.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // This first attempt fails with `EACCES`. A broadcast disturbs
    // every host, and the address may be a typing error. So the kernel
    // wants us to set an option, to show that we mean it.
    const char *words = "Hello, everybody!";
    if (sendto(sock, words, strlen(words), 0,
               (struct sockaddr *)&peers, sizeof peers) == -1)
        perror("sendto");

    // `SO_BROADCAST` is that option.
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_BROADCAST,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }

    // Every host gets this one, and drops it if no socket has the port.
    // Routers do not pass it on: a broadcast stays in its network.
    if (sendto(sock, words, strlen(words), 0,
               (struct sockaddr *)&peers, sizeof peers) == -1) {
        perror("sendto");
        return 1;
    }
    return 0;
}
