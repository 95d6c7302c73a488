#define _DEFAULT_SOURCE 1 /* IFF_UP */
#include "addresses.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

bool is_any(const char *address)
{
    return strcmp(address, "0.0.0.0") == 0
           || strcmp(address, "::") == 0;
}

/* The address alone, without a port. inet_ntop(3). */
static const char *text_of(const struct sockaddr *any, char *text)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    memcpy(&v4, any, sizeof v4);
    if (any->sa_family == AF_INET)
        return inet_ntop(AF_INET, &v4.sin_addr, text, ADDRESS);
    memcpy(&v6, any, sizeof v6);
    return inet_ntop(AF_INET6, &v6.sin6_addr, text, ADDRESS);
}

/* The address from which this machine would send to a distant host, or
 * "". connect(2) on a UDP socket sends nothing; it only looks up the
 * route. 192.0.2.0/24 (RFC 5737) and 2001:db8::/32 (RFC 3849) are
 * reserved for examples. */
static void best_address(int family, char *best)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr_storage here = {0};
    socklen_t size = sizeof here;
    int sock = socket(family, SOCK_DGRAM, 0);

    best[0] = '\0';
    if (sock == -1)
        return;
    v4.sin_port = v6.sin6_port = htons(9);
    inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr);
    inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr);
    if (connect(sock,
                family == AF_INET ? (struct sockaddr *)&v4
                                  : (struct sockaddr *)&v6,
                family == AF_INET ? sizeof v4 : sizeof v6)
            == 0
        && getsockname(sock, (struct sockaddr *)&here, &size) == 0)
        text_of((struct sockaddr *)&here, best);
    close(sock);
}

/* Is it an address of an interface that is up and not the loopback? Not a
 * link-local one: that needs the interface's name as well (RFC 4007). */
static bool is_useful(const struct ifaddrs *one, int family)
{
    struct sockaddr_in6 v6;

    if (one->ifa_addr == NULL || one->ifa_addr->sa_family != family
        || !(one->ifa_flags & IFF_UP)
        || (one->ifa_flags & IFF_LOOPBACK))
        return false;
    if (family == AF_INET)
        return true;
    memcpy(&v6, one->ifa_addr, sizeof v6);
    return !IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr);
}

void find_addresses(struct addresses *found, const char *address)
{
    int family = strchr(address, ':') == NULL ? AF_INET : AF_INET6;
    char best[ADDRESS], text[ADDRESS];
    struct ifaddrs *all = NULL;

    found->count = 0;
    if (!is_any(address)) {
        snprintf(found->text[found->count++], ADDRESS, "%s", address);
        return;
    }
    best_address(family, best);
    if (best[0] != '\0')
        strcpy(found->text[found->count++], best);
    if (getifaddrs(&all) == -1)
        return;
    for (struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
        if (!is_useful(one, family) || found->count == MOST_ADDRESSES)
            continue;
        text_of(one->ifa_addr, text);
        if (strcmp(text, best) != 0)
            strcpy(found->text[found->count++], text);
    }
    freeifaddrs(all);
}
