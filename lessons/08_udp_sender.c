// # 08 `sendto`, the sender
//
// A datagram needs no connection: every `sendto` names whom it is for.
// That is why it can "succeed" with nobody there, and why a sender must
// not wait for an answer for ever.
#define TITLE "each datagram names whom it is for"
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

// Room for one answer, how many datagrams we look at for it, and the
// two that we send: the second one is longer than the receiver's
// buffer.
enum { ROOM = 64, READS = 8, DATAGRAMS = 2 };
static const char *const messages[DATAGRAMS] = {
    "Hello from the sender!\n",
    "A datagram that is longer than 32 bytes\n",
};

int main(int argc, char *argv[])
{
    // The address and the port, as in every lesson.
    const char *address = "127.0.0.1";
    uint16_t port = 8888;
    begin(argc, argv, &address, &port);

    // `SOCK_DGRAM` is the type for datagrams; 0 stands for UDP then.
    step("socket(AF_INET, SOCK_DGRAM, 0)");
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1)
        fail("socket");
    result(sock, "Our UDP socket is descriptor %d. It has no port yet.",
           sock);
    show(sock);

    // A datagram may be lost, and its answer too, and no error will say
    // so. With `SO_RCVTIMEO` a call that waits for longer than this
    // fails with `EAGAIN`. {2, 0}: 2 seconds and 0 microseconds.
    struct timeval patience = {2, 0};
    step("setsockopt(%d, SOL_SOCKET, SO_RCVTIMEO, {%ld, %ld}, %zu)",
         sock, (long)patience.tv_sec, (long)patience.tv_usec,
         sizeof patience);
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1)
        fail("setsockopt");
    result(0, "We shall wait 2 seconds for an answer, not for ever.");

    // A sender may `bind`, for a port that others know beforehand. Most
    // do not care, and the kernel chooses one at the first `sendto`.
    // Try it: make this 9001.
    uint16_t own_port = 0;
    if (own_port != 0) {
        struct sockaddr_in here = {0};
        here.sin_family = AF_INET;
        here.sin_port = htons(own_port);
        here.sin_addr.s_addr = htonl(INADDR_ANY);
        step("bind(%d, %s, %zu)", sock, text_of(&here), sizeof here);
        if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1)
            fail("bind");
        result(0, "We send from a port that we chose ourselves.");
        show(sock);
    }

    // Whom the datagrams are for.
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(port);
    if (inet_pton(AF_INET, address, &peer.sin_addr) != 1)
        fail("inet_pton");

    for (int i = 0; i < DATAGRAMS; i++) {
        // `sendto` sends one datagram, whole or not at all. It succeeds
        // as soon as our kernel has sent it off. That somebody is there
        // to take it, it cannot know.
        size_t size = strlen(messages[i]);
        step("sendto(%d, %s, %zu, 0, %s, %zu)", sock,
             quoted(messages[i], size), size, text_of(&peer),
             sizeof peer);
        ssize_t n = sendto(sock, messages[i], size, 0,
                           (struct sockaddr *)&peer, sizeof peer);
        if (n == -1)
            fail("sendto");
        result(n, "The datagram is on its way. Nobody has said that it"
               " arrived.");
        show(sock);

        // The answer. Anybody can send to our port, so we look at who
        // it was before we believe it, and wait on for the right one.
        // Not for ever: each datagram starts the 2 seconds anew. Who
        // asks 0.0.0.0 is answered from another address.
        bool known = false;
        for (int reads = 0; reads < READS && !known; reads++) {
            char buffer[ROOM];
            struct sockaddr_in from;
            socklen_t length = sizeof from;
            step("recvfrom(%d, buffer, %zu, 0, &from, &length)",
                 sock, sizeof buffer);
            waits("an answer, 2 seconds at most");
            n = recvfrom(sock, buffer, sizeof buffer, 0,
                         (struct sockaddr *)&from, &length);
            if (n == -1)
                fail("recvfrom");
            known = from.sin_addr.s_addr == peer.sin_addr.s_addr
                && from.sin_port == peer.sin_port;
            result(n, "From %s, %s.", text_of(&from), known
                   ? "whom we asked" : "whom we did not ask: dropped");
            if (known)
                received(buffer, (size_t)n);
        }
        if (!known) {
            note("%s from others, none from %s: we wait no longer.",
                 count(READS, "datagram"), text_of(&peer));
        }
    }

    return 0;
}
