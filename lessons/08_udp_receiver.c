// # 08 `recvfrom`, the receiver
//
// UDP makes no connection. One socket takes *datagrams* from anybody:
// each is one message, sent on its own, and arrives whole, cut, or not
// at all. There is nothing to listen for and nobody to accept.
#define TITLE "datagrams come from anybody"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

// Room for one datagram, made small so that one can be seen cut, and
// how many we take before we end: the sender sends two.
enum { ROOM = 32, DATAGRAMS = 2 };

int main(int argc, char *argv[])
{
    // The address and the port, as in every lesson.
    const char *address = "127.0.0.1";
    uint16_t port = 8888;
    begin(argc, argv, &address, &port);

    // `SOCK_DGRAM` is the type for datagrams; 0 stands for UDP then.
    // A UDP port is another one than the TCP port of the same number.
    step("socket(AF_INET, SOCK_DGRAM, 0)");
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1)
        fail("socket");
    result(sock, "Our UDP socket is descriptor %d. It has no states:"
           " there is no connection.", sock);
    show(sock);

    // The address is filled in as in lesson 02. A UDP receiver does not
    // set `SO_REUSEADDR`: a second receiver could then take the port
    // over, and the datagrams with it, without a word.
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons(port);
    if (inet_pton(AF_INET, address, &here.sin_addr) != 1)
        fail("inet_pton");
    step("bind(%d, %s, %zu)", sock, text_of(&here), sizeof here);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1)
        fail("bind");
    result(0, "From now on the kernel keeps the datagrams that come for"
           " us.");
    show(sock);

    for (int i = 0; i < DATAGRAMS; i++) {
        // `recvfrom` takes one datagram, never a part of the next, and
        // writes into `peer` who sent it. What does not fit into the
        // buffer is lost. With `MSG_TRUNC` Linux returns the size that
        // the datagram really had, so we can tell.
        char buffer[ROOM];
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        step("recvfrom(%d, buffer, %zu, MSG_TRUNC, &peer, &length)",
             sock, sizeof buffer);
        waits("a datagram: run ./%s", other_side());
        ssize_t n = recvfrom(sock, buffer, sizeof buffer, MSG_TRUNC,
                             (struct sockaddr *)&peer, &length);
        if (n == -1)
            fail("recvfrom");
        size_t kept = (size_t)n < sizeof buffer ? (size_t)n
                                                : sizeof buffer;
        result(n, "From %s. Of the datagram's %s we have %zu%s.",
               text_of(&peer), count(n, "byte"), kept,
               kept < (size_t)n ? "; the rest is lost" : ", all");
        received(buffer, kept);

        // `sendto` sends one datagram, here back to where the last one
        // came from. It goes out whole or not at all: no loop.
        const char *words = "Hello from the receiver!\n";
        size_t size = strlen(words);
        step("sendto(%d, %s, %zu, 0, %s, %zu)", sock,
             quoted(words, size), size, text_of(&peer), sizeof peer);
        n = sendto(sock, words, size, 0,
                   (struct sockaddr *)&peer, sizeof peer);
        if (n == -1)
            fail("sendto");
        result(n, "Our kernel took the answer. Nobody will say whether"
               " it arrives.");
    }

    return 0;
}
