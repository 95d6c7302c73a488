// # 19 Broadcast, the receiver
//
// A datagram sent to the broadcast address of a network goes to all its
// hosts, and on each host to every socket with the right port. So you
// can start several copies of this program: all get the same datagram.
#define TITLE "the same datagram for everybody"
#define PARTNER "19_broadcast_sender"
#define ADDRESSES IPV4_BROADCAST
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
    // The address and the port, from the command line, as in 02. The
    // broadcast address of a network is its number followed by binary
    // ones only: 127.255.255.255 for the loopback network. `ip addr`
    // shows yours after `brd`.
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

    // Several receivers on one machine need the same port. This option
    // allows that, if each of them sets it. Lesson 08 must not set it:
    // there a datagram goes to only one socket, and a second receiver
    // would take it from the first. A broadcast goes to all.
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }

    // We `bind` the broadcast address itself. Then we get what is sent
    // to it, and nothing else. A socket at 127.0.0.1 would get no
    // broadcasts; one at 0.0.0.0 gets both. Use 0.0.0.0 on systems that
    // do not let you `bind` a broadcast address.
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &here.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
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
