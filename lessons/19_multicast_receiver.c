// # 19 Multicast, the receiver
//
// What is sent to a group goes to all who have joined it, and to nobody
// else. This is 19_broadcast_receiver, and one call more. `struct
// ip_mreq` is not in POSIX; with the next line the headers have it.
#define _DEFAULT_SOURCE

#define TITLE "the same datagram for all who have joined"
#define PARTNER "19_multicast_sender"
#include "narrate.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>

// Room for one datagram.
enum { ROOM = 64 };

// A group is an address from 224.0.0.0 to 239.255.255.255 that belongs
// to no host. Sender and receivers agree on it beforehand, as they do
// on a port. Those that begin with 239.255 are for local use, and mean
// something else on the next site (RFC 2365).
static const char group[] = "239.255.19.19";

// Makes bytes from the network printable, as in 06.
static void print(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        printf(isprint(byte) && byte != '\\' ? "%c" : "\\x%02X", byte);
    }
    putchar('\n');
}

int main(int argc, char *argv[])
{
    // The address is one of this host's own: the group is joined on the
    // network that has it. 127.0.0.1 stands for the loopback, which
    // leads to this host alone.
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

    // Several receivers with the same port, as with broadcast.
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }

    // We `bind` the group's address. Then we get what is sent to this
    // group, and nothing else: at 0.0.0.0 we would also get what comes
    // for other groups that programs on this host have joined.
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, group, &here.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", group);
        return 2;
    }
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }

    // That is not enough: our kernel drops what comes for a group that
    // no program of this host is in. `IP_ADD_MEMBERSHIP` joins it, with
    // two addresses: the group's, and one of our own. When the
    // socket is closed, the kernel leaves the group for us.
    struct ip_mreq joined = {0};
    joined.imr_multiaddr = here.sin_addr;
    if (inet_pton(AF_INET, address, &joined.imr_interface) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }
    if (setsockopt(sock, IPPROTO_IP, IP_ADD_MEMBERSHIP,
                   &joined, sizeof joined) == -1) {
        perror("setsockopt");
        return 1;
    }

    // One datagram, no matter who sends it, as in 08.
    char buffer[ROOM];
    struct sockaddr_in peer = {0};
    socklen_t length = sizeof peer;
    ssize_t n = recvfrom(sock, buffer, sizeof buffer, 0,
                         (struct sockaddr *)&peer, &length);
    if (n == -1) {
        perror("recvfrom");
        return 1;
    }
    char name[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &peer.sin_addr, name, sizeof name);
    printf("From %s, port %d: ", name, ntohs(peer.sin_port));
    print(buffer, (size_t)n);
    return 0;
}
