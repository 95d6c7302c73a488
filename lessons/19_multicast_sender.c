// # 19 Multicast, the sender
//
// Anyone may send to a group, also from outside it: nobody has to be
// asked, and no option is needed. But through which network?
#define TITLE "one datagram for all who have joined a group"
#define PARTNER "19_multicast_receiver"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

// The group, as in the receiver.
static const char group[] = "239.255.19.19";

int main(int argc, char *argv[])
{
    // An address of this host's own and the port, as in the receiver.
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
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

    // The group's address says who gets the datagram, but not where
    // they are: every network of this host may have members. So we say
    // through which one it leaves, by our own address there. Without
    // `IP_MULTICAST_IF` the routing table decides.
    struct in_addr through = {0};
    if (inet_pton(AF_INET, address, &through) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }
    if (setsockopt(sock, IPPROTO_IP, IP_MULTICAST_IF,
                   &through, sizeof through) == -1) {
        perror("setsockopt");
        return 1;
    }

    // The address of the group, filled in as in 02.
    struct sockaddr_in peers = {0};
    peers.sin_family = AF_INET;
    peers.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, group, &peers.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", group);
        return 2;
    }

    // It leaves once, however many get it. With `IP_MULTICAST_TTL` left
    // at 1, no router passes it on.
    const char *words = "Hello, members!";
    if (sendto(sock, words, strlen(words), 0,
               (struct sockaddr *)&peers, sizeof peers) == -1) {
        perror("sendto");
        return 1;
    }
    return 0;
}
