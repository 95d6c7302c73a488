/* wire.c: reads the segments and datagrams that pass on the loopback
 * during a play, from a packet socket (packet(7)). The play should have a
 * network of its own, in which nobody else talks. RFC 9293, RFC 768.
 */
#include "verbs.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined __linux__
#include <arpa/inet.h>
#include <fcntl.h>
#include <netpacket/packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>
#endif

enum {
    ADDRESS = 64, /* bytes for an address with its port */
    SHOWN = 64, /* bytes of a payload that are kept */
    PAYLOAD = 4 * SHOWN + 8, /* and bytes for their text */
    QUIET = 60000, /* microseconds; a delayed ACK comes within 40 ms */
};

/* One direction of a connection; `first` is the number of its SYN. */
struct direction {
    char from[ADDRESS], to[ADDRESS];
    unsigned long first;
};

struct wire {
    int sock;
    unsigned port; /* 0: every packet is kept */
    struct play_event *waiting; /* packets for wire_next */
    int count, taken;
    struct direction *directions;
    int direction_count;
    long long heard; /* now_us() when the last packet came */
};

#if defined __linux__

/* ---- one packet ---------------------------------------------------- */

static unsigned two(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static unsigned long four(const unsigned char *at)
{
    return (unsigned long)two(at) << 16 | two(at + 2);
}

static void write_address(char text[ADDRESS], int family,
                          const unsigned char *address, unsigned port)
{
    char host[INET6_ADDRSTRLEN] = "?";

    inet_ntop(family, address, host, sizeof host);
    snprintf(text, ADDRESS,
             family == AF_INET6 ? "[%.45s]:%u" : "%.45s:%u", host,
             port);
}

/* The direction between these addresses, made if it is new; valid until
 * the next call. */
static struct direction *direction(struct wire *wire, const char *from,
                                   const char *to)
{
    struct direction *found = wire->directions;

    for (int i = 0; i < wire->direction_count; i++, found++)
        if (strcmp(found->from, from) == 0
            && strcmp(found->to, to) == 0)
            return found;
    wire->directions =
        memory_for(wire->directions, (size_t)wire->direction_count + 1,
                   sizeof *wire->directions);
    found = &wire->directions[wire->direction_count++];
    *found = (struct direction){.first = 0};
    snprintf(found->from, ADDRESS, "%s", from);
    snprintf(found->to, ADDRESS, "%s", to);
    return found;
}

/* The names of a segment's flags: "SYN", "PSH|ACK". */
static void write_flags(char text[32], unsigned flags)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{0x02, "SYN"}, {0x01, "FIN"}, {0x04, "RST"},
                 {0x08, "PSH"}, {0x10, "ACK"}, {0x20, "URG"}};

    text[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (flags & names[i].bit) {
            if (text[0] != '\0')
                strcat(text, "|");
            strcat(text, names[i].name);
        }
}

/* The first bytes of a payload as text: "GET / HTTP/1.1\x0D\x0A". */
static void write_payload(char text[PAYLOAD],
                          const unsigned char *bytes, long length)
{
    char *at = text;

    for (long i = 0; i < length && i < SHOWN; i++)
        if (bytes[i] >= ' ' && bytes[i] < 0x7F && bytes[i] != '"'
            && bytes[i] != '\\')
            *at++ = (char)bytes[i];
        else
            at += snprintf(at, 5, "\\x%02X", (unsigned)bytes[i]);
    snprintf(at, 4, "%s", length > SHOWN ? "..." : "");
}

/* A TCP segment as an event. Its numbers count from that of the SYN,
 * which is 0; tcpdump does the same after the SYN. */
static void take_segment(struct wire *wire, struct play_event *event,
                         const unsigned char *tcp, long length,
                         const char *from, const char *to)
{
    unsigned long number = four(tcp + 4), confirmed = four(tcp + 8);
    unsigned long opposite = direction(wire, to, from)->first;
    struct direction *here = direction(wire, from, to);
    unsigned flags = tcp[13];
    char names[32], payload[PAYLOAD], *text, *numbers;

    length -= (tcp[12] >> 4) * 4;
    if (flags & 0x02)
        here->first = number;
    write_flags(names, flags);
    number = (number - here->first) & 0xFFFFFFFFUL;
    confirmed = (confirmed - opposite) & 0xFFFFFFFFUL;
    if ((flags & 0x04) && here->first == 0)
        number = 0; /* it answers for a port where nobody listens */
    numbers = flags & 0x10
                  ? memory_text("seq %lu ack %lu", number, confirmed)
                  : memory_text("seq %lu", number);
    text = length > 0 ? memory_text("%s -> %s  %s  %s  %ld bytes", from,
                                    to, names, numbers, length)
                      : memory_text("%s -> %s  %s  %s", from, to, names,
                                    numbers);
    write_payload(payload, tcp + (tcp[12] >> 4) * 4, length);
    records_fill(event, PLAY_SEGMENT,
                 &(struct play_record){.text = text,
                                       .call = names,
                                       .arguments = numbers,
                                       .here = from,
                                       .peer = to,
                                       .sock = -1,
                                       .length = length,
                                       .payload = payload});
    free(numbers);
    free(text);
}

/* Reads a packet from its IP header on. False: neither TCP nor UDP. */
static bool take_packet(struct wire *wire, struct play_event *event,
                        const unsigned char *packet, long size)
{
    int family = size > 0 && packet[0] >> 4 == 6 ? AF_INET6 : AF_INET;
    long header = family == AF_INET6 ? 40 : (packet[0] & 15) * 4;
    int protocol = packet[family == AF_INET6 ? 6 : 9];
    const unsigned char *rest = packet + header;
    long length = family == AF_INET6 ? (long)two(packet + 4)
                                     : (long)two(packet + 2) - header;
    char from[ADDRESS], to[ADDRESS], payload[PAYLOAD], *text;

    if (size < header + 20 && !(protocol == 17 && size >= header + 8))
        return false;
    if (length > size - header)
        length = size - header; /* what follows was not captured */
    write_address(from, family, packet + (family == AF_INET6 ? 8 : 12),
                  two(rest));
    write_address(to, family, packet + (family == AF_INET6 ? 24 : 16),
                  two(rest + 2));
    if (wire->port != 0 && two(rest) != wire->port
        && two(rest + 2) != wire->port)
        return false;
    if (protocol == 6) {
        take_segment(wire, event, rest, length, from, to);
        return true;
    }
    if (protocol != 17)
        return false;
    text =
        memory_text("%s -> %s  UDP  %ld bytes", from, to, length - 8);
    write_payload(payload, rest + 8, length - 8);
    records_fill(event, PLAY_SEGMENT,
                 &(struct play_record){.text = text,
                                       .call = "UDP",
                                       .here = from,
                                       .peer = to,
                                       .sock = -1,
                                       .length = length - 8,
                                       .payload = payload});
    free(text);
    return true;
}

/* ---- the socket ---------------------------------------------------- */

struct wire *wire_begin(unsigned port)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET};
    int sock =
        socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
    struct wire *wire;

    if (sock == -1)
        return NULL;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = (int)if_nametoindex("lo");
    fcntl(sock, F_SETFL, O_NONBLOCK);
    if (bind(sock, (struct sockaddr *)&address, sizeof address) == -1) {
        close(sock);
        return NULL;
    }
    wire = memory_for(NULL, 1, sizeof *wire);
    *wire = (struct wire){.sock = sock, .port = port};
    return wire;
}

void wire_read(struct wire *wire)
{
    static unsigned char packet[65536];

    for (;;) {
        struct sockaddr_ll from;
        socklen_t length = sizeof from;
        struct play_event event;
        ssize_t n = recvfrom(wire->sock, packet, sizeof packet, 0,
                             (struct sockaddr *)&from, &length);

        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            return;
        if (from.sll_pkttype == PACKET_OUTGOING
            || !take_packet(wire, &event, packet, n))
            continue; /* the loopback shows each packet twice */
        wire->waiting =
            memory_for(wire->waiting, (size_t)wire->count + 1,
                       sizeof *wire->waiting);
        wire->waiting[wire->count++] = event;
        wire->heard = now_us();
    }
}

int wire_descriptor(const struct wire *wire)
{
    return wire->sock;
}

#else

struct wire *wire_begin(unsigned port)
{
    (void)port;
    errno = ENOSYS;
    return NULL;
}

void wire_read(struct wire *wire)
{
    (void)wire;
}

int wire_descriptor(const struct wire *wire)
{
    (void)wire;
    return -1;
}

#endif

bool wire_next(struct wire *wire, struct play_event *packet)
{
    if (wire->taken == wire->count) {
        wire->taken = wire->count = 0;
        return false;
    }
    *packet = wire->waiting[wire->taken++];
    return true;
}

bool wire_is_quiet(const struct wire *wire, long long since)
{
    long long last = wire->heard > since ? wire->heard : since;

    return now_us() - last > QUIET;
}

void wire_end(struct wire *wire)
{
    if (wire == NULL)
        return;
    for (int i = wire->taken; i < wire->count; i++)
        records_free(&wire->waiting[i]);
    close(wire->sock);
    free(wire->waiting);
    free(wire->directions);
    free(wire);
}
