// # 13 The layers, on real frames
//
// The other lessons see bytes and addresses; the kernel does the rest.
// A *packet socket* shows the kernel's work: each *frame* that passes
// an interface, with the headers of every layer around our bytes, the
// outermost first. Run this program beside any other lesson. It needs a
// privilege that programs do not have by default: `sudo ./13_wiretap`.
#define TITLE "each layer wraps the one above"
#include "narrate.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <ifaddrs.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

// Room for the largest frame; how many bytes of the payload we print;
// and the port whose frames we print.
enum { ROOM = 65536 + ETHER_HDR_LEN, SHOWN = 64 };
static unsigned wanted;

// ## Reading and writing
//
// The network sends the high byte first. If we read single bytes, it
// does not matter how this machine stores numbers, or where one starts.
static unsigned two(const unsigned char *b)
{
    return (unsigned)b[0] << 8 | b[1];
}

static unsigned long four(const unsigned char *b)
{
    return (unsigned long)two(b) << 16 | two(b + 2);
}

// Only the innermost header tells whether a frame is ours. So the
// layers do not print: each adds its line to this text.
static char text[1024];

static void add(const char *format, ...)
{
    size_t used = strlen(text);
    va_list values;
    va_start(values, format);
    vsnprintf(text + used, sizeof text - used, format, values);
    va_end(values);
}

// ## One function a layer
//
// Each gets the bytes that its layer got from the one below, adds a
// line about its own header, and hands the rest on. Anybody may have
// sent these bytes: we believe no length before we have compared it
// with `size`. Returns whether the frame belongs to our port.
//
// Innermost are the program's bytes, made printable as in 06.
static void payload(const unsigned char *b, size_t size)
{
    add("%8spayload %zu", "", size);
    for (size_t i = 0; i < size && i < SHOWN; i++) {
        add(i == 0 ? ": \"" : "");
        add(isprint(b[i]) && b[i] != '\\' ? "%c" : "\\x%02X", b[i]);
    }
    add(size > SHOWN ? "\" ...\n" : size > 0 ? "\"\n" : "\n");
}

// TCP (RFC 9293, section 3.1): ports, sequence numbers, flags.
static bool tcp(const unsigned char *b, size_t size)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH",
                                        "ACK", "URG", "ECE", "CWR"};
    size_t header = size < 20 ? 0 : (size_t)(b[12] >> 4) * 4;
    if (header < 20 || header > size)
        return false;
    add("%6sTCP %zu: %u > %u, ", "", header, two(b), two(b + 2));
    const char *plus = "";
    for (int i = 0; i < 8; i++) {
        if (b[13] >> i & 1) {
            add("%s%s", plus, names[i]);
            plus = "+";
        }
    }
    add(", seq %lu, ack %lu, window %u\n", four(b + 4), four(b + 8),
        two(b + 14));
    payload(b + header, size - header);
    return two(b) == wanted || two(b + 2) == wanted;
}

// UDP (RFC 768): ports and a length, which includes the header.
static bool udp(const unsigned char *b, size_t size)
{
    size_t length = size < 8 ? 0 : two(b + 4);
    if (length < 8 || length > size)
        return false;
    add("%6sUDP 8: %u > %u\n", "", two(b), two(b + 2));
    payload(b + 8, length - 8);
    return two(b) == wanted || two(b + 2) == wanted;
}

// What IP carries, by its number (IANA, protocol numbers).
static bool transport(unsigned protocol, const unsigned char *b,
                      size_t size)
{
    if (protocol == IPPROTO_TCP)
        return tcp(b, size);
    if (protocol == IPPROTO_UDP)
        return udp(b, size);
    return false;
}

// IPv4 (RFC 791, section 3.1). A datagram may have been sent in pieces:
// only the first has the TCP or UDP header, and the others contain
// nothing that we could read. With UDP we leave out even the first: its
// length field counts the bytes of all the pieces.
static bool ipv4(const unsigned char *b, size_t size)
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
    add("%4sIPv4 %zu: %s > %s, TTL %u\n", "", header, from, to, b[8]);
    return transport(b[9], b + header, total - header);
}

// IPv6 (RFC 8200, section 3). Its header always has 40 bytes. Other
// headers may follow before TCP or UDP; we leave such packets out.
static bool ipv6(const unsigned char *b, size_t size)
{
    char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
    if (size < 40 || b[0] >> 4 != 6 || two(b + 4) > size - 40)
        return false;
    inet_ntop(AF_INET6, b + 8, from, sizeof from);
    inet_ntop(AF_INET6, b + 24, to, sizeof to);
    add("%4sIPv6 40: %s > %s, hop limit %u\n", "", from, to, b[7]);
    return transport(b[6], b + 40, two(b + 4));
}

// The address of an interface, six bytes, as it is usually written.
static void hardware(const unsigned char *b)
{
    for (int i = 0; i < 6; i++)
        add(i == 0 ? "%02x" : ":%02x", b[i]);
}

// The frame (RFC 894): the addresses of two interfaces, and the type of
// what is inside. On the loopback interface, both addresses are zeros.
// We see the frames between the kernel and the card. With *offload*
// (TSO, GRO), large frames are cut later, and small ones joined before:
// a frame here may be larger than any on the wire. It may be smaller,
// too: the card fills up a short frame, and the kernel has removed the
// tag of a virtual network (VLAN, IEEE 802.1Q).
static void frame(const unsigned char *b, size_t size)
{
    static long number = 1;
    if (size < ETHER_HDR_LEN)
        return;
    const unsigned char *inside = b + ETHER_HDR_LEN;
    size_t left = size - ETHER_HDR_LEN;
    text[0] = '\0';
    add("%2ld frame %d: ", number, ETHER_HDR_LEN);
    hardware(b + 6);
    add(" > ");
    hardware(b);
    add(", %zu bytes in all\n", size);

    unsigned type = two(b + 12);
    bool ours = false;
    if (type == ETHERTYPE_IP)
        ours = ipv4(inside, left);
    else if (type == ETHERTYPE_IPV6)
        ours = ipv6(inside, left);
    if (ours) {
        number++;
        puts(text);
    }
}

// Finds the interface that has this address, and its name. Returns its
// number; 0 if there is none, or -1 if `getifaddrs` failed.
static int interface_of(struct in_addr address, char name[IF_NAMESIZE])
{
    struct ifaddrs *list;
    if (getifaddrs(&list) == -1)
        return -1;
    name[0] = '\0';
    for (struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        struct sockaddr_in a;
        if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET)
            continue;
        memcpy(&a, i->ifa_addr, sizeof a);
        if (a.sin_addr.s_addr == address.s_addr)
            snprintf(name, IF_NAMESIZE, "%s", i->ifa_name);
    }
    freeifaddrs(list);
    return (int)if_nametoindex(name);
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
    wanted = (unsigned)port;

    // The address says which interface to look at: the one that has it.
    // 127.0.0.1 is on `lo`, the loopback interface.
    struct in_addr here;
    if (inet_pton(AF_INET, address, &here) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }
    char name[IF_NAMESIZE];
    int interface = interface_of(here, name);
    if (interface == -1) {
        perror("getifaddrs");
        return 1;
    }
    if (interface == 0) {
        fprintf(stderr, "no interface of this host has the address %s;"
                " ip -br addr lists them\n", address);
        return 2;
    }

    // `AF_PACKET` is the family below IP: the kernel has not removed
    // any header yet. Such a socket also sees what is meant for other
    // programs, so not everybody may have one.
    int sock = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // An address of this family is an interface. After `bind`, we get
    // no more frames from the others.
    struct sockaddr_ll link = {0};
    link.sll_family = AF_PACKET;
    link.sll_protocol = htons(ETH_P_ALL);
    link.sll_ifindex = interface;
    if (bind(sock, (struct sockaddr *)&link, sizeof link) == -1) {
        perror("bind");
        return 1;
    }
    printf("The frames of port %u on %s: each header with its size, one"
           "\ninside the other. Ctrl-C ends this.\n\n", wanted, name);

    // `recvfrom` takes one frame, and says in `from` which way it went.
    // What a host sends to itself passes `lo` twice, out and in again:
    // we print it once. Frames of other interfaces may have come before
    // our `bind`. `fflush` sends lines out even into a pipe.
    static unsigned char bytes[ROOM];
    while (fflush(stdout) == 0 && !ferror(stdout)) {
        struct sockaddr_ll from = {0};
        socklen_t length = sizeof from;
        ssize_t n = recvfrom(sock, bytes, sizeof bytes, 0,
                             (struct sockaddr *)&from, &length);
        if (n == -1) {
            perror("recvfrom");
            return 1;
        }
        bool twice = from.sll_hatype == ARPHRD_LOOPBACK
            && from.sll_pkttype == PACKET_OUTGOING;
        if (twice || from.sll_ifindex != interface)
            continue;
        if (from.sll_hatype != ARPHRD_ETHER
            && from.sll_hatype != ARPHRD_LOOPBACK) {
            fprintf(stderr, "the frames of %s have no Ethernet header;"
                    " try another interface's address\n", name);
            return 2;
        }
        frame(bytes, (size_t)n);
    }
    perror("standard output");
    return 1;
}
