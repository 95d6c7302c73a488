// # 13 The layers, on real frames
//
// All lessons so far saw bytes and addresses; the kernel did the rest.
// A *packet socket* shows what it did: each *frame* as it passes an
// interface, with the headers of every layer round our bytes, the
// outermost first. Run it beside any other lesson. It needs a right
// that programs do not have by default: `sudo ./13_wiretap`.
#define TITLE "each layer wraps the one above"
#include "narrate.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

// Room for the largest frame; and the port whose frames are printed.
enum { ROOM = 65536 + ETHER_HDR_LEN };
static unsigned wanted;

// ## Reading numbers
//
// The network sends the high byte first. Byte by byte, it does not
// matter how this machine stores a number, nor where it starts.
static unsigned two(const unsigned char *b)
{
    return (unsigned)b[0] << 8 | b[1];
}

static unsigned long four(const unsigned char *b)
{
    return (unsigned long)two(b) << 16 | two(b + 2);
}

// ## One function a layer
//
// Each is given the bytes that its layer got from the one below, writes
// a line on its own header into `text`, and hands the rest on. They may
// be anybody's bytes: no length in them is believed before it has been
// compared with `size`. What is returned: does this belong to our port?
//
// Innermost are the bytes of the program.
static void payload(const unsigned char *b, size_t size, char *text,
                    size_t room)
{
    snprintf(text, room, "%8spayload %zu%s%s", "", size,
             size > 0 ? ": " : "", size > 0 ? quoted(b, size) : "");
}

// TCP (RFC 9293, section 3.1): ports, sequence numbers, flags.
static bool tcp(const unsigned char *b, size_t size, char *text,
                size_t room)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH",
                                        "ACK", "URG", "ECE", "CWR"};
    char flags[40] = "";
    size_t header = size < 20 ? 0 : (size_t)(b[12] >> 4) * 4;
    if (header < 20 || header > size)
        return false;
    for (int i = 0; i < 8; i++)
        if (b[13] >> i & 1) {
            strcat(flags, flags[0] ? "+" : "");
            strcat(flags, names[i]);
        }
    int n = snprintf(text, room, "%6sTCP %zu: %u > %u, %s, seq %lu,"
                     " ack %lu, window %u\n", "", header, two(b),
                     two(b + 2), flags, four(b + 4), four(b + 8),
                     two(b + 14));
    payload(b + header, size - header, text + n, room - (size_t)n);
    return two(b) == wanted || two(b + 2) == wanted;
}

// UDP (RFC 768): ports and a length, which counts the header.
static bool udp(const unsigned char *b, size_t size, char *text,
                size_t room)
{
    size_t length = size < 8 ? 0 : two(b + 4);
    if (length < 8 || length > size)
        return false;
    int n = snprintf(text, room, "%6sUDP 8: %u > %u\n", "", two(b),
                     two(b + 2));
    payload(b + 8, length - 8, text + n, room - (size_t)n);
    return two(b) == wanted || two(b + 2) == wanted;
}

// What IP carries, by its number (IANA, protocol numbers).
static bool transport(unsigned protocol, const unsigned char *b,
                      size_t size, char *text, size_t room)
{
    if (protocol == IPPROTO_TCP)
        return tcp(b, size, text, room);
    if (protocol == IPPROTO_UDP)
        return udp(b, size, text, room);
    return false;
}

// IPv4 (RFC 791, section 3.1). Of a datagram that was sent in pieces
// only the first piece has the header of TCP or UDP, and the others
// nothing that we could read. Of UDP we leave out the first one too:
// its length is that of all pieces.
static bool ipv4(const unsigned char *b, size_t size, char *text,
                 size_t room)
{
    char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];
    size_t header = size < 20 ? 0 : (size_t)(b[0] & 15) * 4;
    size_t total = size < 20 ? 0 : two(b + 2);
    if (header < 20 || header > total || total > size)
        return false;
    if (b[0] >> 4 != 4 || (two(b + 6) & 0x1FFF) != 0)
        return false;
    inet_ntop(AF_INET, b + 12, from, sizeof from);
    inet_ntop(AF_INET, b + 16, to, sizeof to);
    int n = snprintf(text, room, "%4sIPv4 %zu: %s > %s, TTL %u\n",
                     "", header, from, to, b[8]);
    return transport(b[9], b + header, total - header, text + n,
                     room - (size_t)n);
}

// IPv6 (RFC 8200, section 3). Its header has 40 bytes, always. Other
// headers may follow before TCP or UDP; such packets we leave out.
static bool ipv6(const unsigned char *b, size_t size, char *text,
                 size_t room)
{
    char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
    if (size < 40 || b[0] >> 4 != 6 || two(b + 4) > size - 40)
        return false;
    inet_ntop(AF_INET6, b + 8, from, sizeof from);
    inet_ntop(AF_INET6, b + 24, to, sizeof to);
    int n = snprintf(text, room, "%4sIPv6 40: %s > %s, hop limit"
                     " %u\n", "", from, to, b[7]);
    return transport(b[6], b + 40, two(b + 4), text + n,
                     room - (size_t)n);
}

// The frame (RFC 894): two addresses of interfaces, and the type of
// what is inside. The loopback interface has such a header too, all
// zeros. Prints the frame if it belongs to our port.
static void frame(const unsigned char *b, size_t size)
{
    static long number;
    char text[600] = "";
    if (size < ETHER_HDR_LEN)
        return;
    unsigned type = two(b + 12);
    const unsigned char *inside = b + ETHER_HDR_LEN;
    size_t left = size - ETHER_HDR_LEN;
    bool ours = type == ETHERTYPE_IP
        ? ipv4(inside, left, text, sizeof text)
        : type == ETHERTYPE_IPV6
        ? ipv6(inside, left, text, sizeof text) : false;
    if (!ours)
        return;
    printf("%2ld frame %d: %s > %s, %zu bytes in all\n%s\n", ++number,
           ETHER_HDR_LEN, hex(b + 6, 6), hex(b, 6), size, text);
    if (fflush(stdout) == EOF || ferror(stdout))
        fail("fflush");
}

// The number of the interface that has this address, or 0.
// getifaddrs(3).
static unsigned interface_of(const char *address, char *name)
{
    struct ifaddrs *list;
    struct in_addr sought;
    if (inet_pton(AF_INET, address, &sought) != 1)
        fail("inet_pton");
    if (getifaddrs(&list) == -1)
        fail("getifaddrs");
    name[0] = '\0';
    for (struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        struct sockaddr_in a;
        if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET)
            continue;
        memcpy(&a, i->ifa_addr, sizeof a);
        if (a.sin_addr.s_addr == sought.s_addr)
            snprintf(name, IF_NAMESIZE, "%s", i->ifa_name);
    }
    freeifaddrs(list);
    return name[0] ? if_nametoindex(name) : 0;
}

int main(int argc, char *argv[])
{
    // The address says which interface to look at: the one that has it.
    // 127.0.0.1 is on `lo`, the loopback interface.
    const char *address = "127.0.0.1";
    uint16_t port = 8888;
    begin(argc, argv, &address, &port);
    wanted = port;

    // `AF_PACKET` is the family below IP: no protocol of the kernel
    // takes anything away, and nothing is hidden. It sees what is meant
    // for other programs too, so it is not for everybody.
    step("socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))");
    int sock = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    if (sock == -1)
        fail("socket");
    result(sock, "Descriptor %d sees every frame of this host.", sock);

    // The address of this family is an interface. `bind` leaves the
    // frames of all the others out.
    char name[IF_NAMESIZE];
    struct sockaddr_ll link = {0};
    link.sll_family = AF_PACKET;
    link.sll_protocol = htons(ETH_P_ALL);
    link.sll_ifindex = (int)interface_of(address, name);
    if (link.sll_ifindex == 0) {
        fprintf(stderr, "13_wiretap: no interface of this host has the"
                " address %s; ip -br addr lists them\n", address);
        return 2;
    }
    step("bind(%d, %s, %zu)", sock, name, sizeof link);
    if (bind(sock, (struct sockaddr *)&link, sizeof link) == -1)
        fail("bind");
    result(0, "From now on those of %s alone.", name);
    note("We print the frames of port %u: each header with its size,"
         " one inside the other. Ctrl-C ends this.", wanted);

    // We call `recvfrom` for every frame and print those of our port.
    // `from` says which way a frame went. What a host sends to itself
    // passes `lo` twice, out and in again: of these we take one. Frames
    // of other interfaces may have come before our `bind`.
    static unsigned char bytes[ROOM];
    for (;;) {
        struct sockaddr_ll from = {0};
        socklen_t length = sizeof from;
        ssize_t n = recvfrom(sock, bytes, sizeof bytes, 0,
                             (struct sockaddr *)&from, &length);
        if (n == -1)
            fail("recvfrom");
        bool twice = from.sll_hatype == ARPHRD_LOOPBACK
            && from.sll_pkttype == PACKET_OUTGOING;
        if (twice || from.sll_ifindex != link.sll_ifindex)
            continue;
        if (from.sll_hatype != ARPHRD_ETHER
            && from.sll_hatype != ARPHRD_LOOPBACK) {
            fprintf(stderr, "13_wiretap: the frames of %s have no"
                    " Ethernet header, as this lesson expects; try an"
                    " address of another interface\n", name);
            return 2;
        }
        frame(bytes, (size_t)n);
    }
}
