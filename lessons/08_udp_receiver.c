// # 08 `recvmsg`, the receiver
//
// UDP has no connections, so this program calls neither `listen` nor
// `accept`. One socket receives *datagrams* from everybody. Each is a
// message of its own: it may be lost, arrive twice, or overtake
// another, but it is never mixed with the next one.
#define TITLE "datagrams come from anybody"
#define PARTNER "08_udp_sender"
#include "narrate.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

// Room for one datagram, so little that you can see one being cut; and
// how many we receive before we end: the sender sends two.
enum { ROOM = 32, DATAGRAMS = 2 };

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
    // The address and the port, from the command line, as in 02.
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    char *end = "";
    long port = argc > 2 ? strtol(argv[2], &end, 10) : 8888;
    if (*end != '\0' || port < 0 || port > 65535) {
        fprintf(stderr, "%s is not a port: 0 to 65535\n", argv[2]);
        return 2;
    }

    // `SOCK_DGRAM` is the type for datagrams; with it, 0 means UDP. UDP
    // has ports of its own: a TCP server may use the same number.
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // The address as a struct, in network byte order, as in 02.
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &here.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // From `bind` on, the kernel keeps the datagrams that come to this
    // port. We do not set `SO_REUSEADDR`. UDP leaves nothing behind
    // that could hold the port, and the option would do harm: a second
    // receiver could `bind` the same port without an error, and only
    // one of the two would get the datagrams.
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }

    for (int i = 0; i < DATAGRAMS; i++) {
        // `recvfrom`, which the sender uses, takes a datagram and says
        // where it came from. `recvmsg` can also say that it was cut.
        // We pass it a struct that says where to put the peer's address
        // and where to put the bytes, perhaps in several places.
        char buffer[ROOM];
        struct sockaddr_in peer = {0};
        struct iovec place = {0};
        place.iov_base = buffer;
        place.iov_len = sizeof buffer;
        struct msghdr message = {0};
        message.msg_name = &peer;
        message.msg_namelen = sizeof peer;
        message.msg_iov = &place;
        message.msg_iovlen = 1;

        // The call blocks until a datagram arrives, and takes only one.
        // 0 means an empty datagram, not the end of a stream.
        ssize_t n = recvmsg(sock, &message, 0);
        if (n == -1) {
            perror("recvmsg");
            return 1;
        }

        // `inet_ntop` is the reverse of `inet_pton`: it writes the
        // address as text. If a datagram is longer than our buffer, the
        // kernel throws the rest away and sets `MSG_TRUNC`.
        char name[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &peer.sin_addr, name, sizeof name);
        printf("From %s, port %d: ", name, ntohs(peer.sin_port));
        print(buffer, (size_t)n);
        if (message.msg_flags & MSG_TRUNC)
            printf("It was longer than %zu bytes: the rest is lost\n",
                   sizeof buffer);

        // `sendto` sends one datagram, here back to the sender. The
        // kernel takes all of it or nothing, so we need no loop.
        const char *words = "Hello from the receiver!";
        if (sendto(sock, words, strlen(words), 0,
                   (struct sockaddr *)&peer, sizeof peer) == -1) {
            perror("sendto");
            return 1;
        }
    }
    return 0;
}
