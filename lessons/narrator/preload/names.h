/* names.h: names that the lessons do not need. Part of
 * preload.c.
 *
 * The lessons set a few options; other programs set many. The names are
 * those of socket(7), ip(7), ipv6(7) and tcp(7).
 */
#ifndef NARRATE_NAMES_H
#define NARRATE_NAMES_H

static const struct narrate_name narrate_socket_options[] = {
    NARRATE_NAME(SO_ACCEPTCONN),   NARRATE_NAME(SO_BINDTODEVICE),
    NARRATE_NAME(SO_BUSY_POLL),    NARRATE_NAME(SO_DEBUG),
    NARRATE_NAME(SO_DOMAIN),       NARRATE_NAME(SO_DONTROUTE),
    NARRATE_NAME(SO_INCOMING_CPU), NARRATE_NAME(SO_MARK),
    NARRATE_NAME(SO_OOBINLINE),    NARRATE_NAME(SO_PASSCRED),
    NARRATE_NAME(SO_PEERCRED),     NARRATE_NAME(SO_PRIORITY),
    NARRATE_NAME(SO_PROTOCOL),     NARRATE_NAME(SO_RCVBUFFORCE),
    NARRATE_NAME(SO_RCVLOWAT),     NARRATE_NAME(SO_SNDBUFFORCE),
    NARRATE_NAME(SO_REUSEPORT),    NARRATE_NAME(SO_SNDLOWAT),
    NARRATE_NAME(SO_TIMESTAMP),
};
static const struct narrate_name narrate_tcp_options[] = {
    NARRATE_NAME(TCP_NODELAY),      NARRATE_NAME(TCP_CONGESTION),
    NARRATE_NAME(TCP_CORK),         NARRATE_NAME(TCP_DEFER_ACCEPT),
    NARRATE_NAME(TCP_FASTOPEN),     NARRATE_NAME(TCP_INFO),
    NARRATE_NAME(TCP_KEEPCNT),      NARRATE_NAME(TCP_KEEPIDLE),
    NARRATE_NAME(TCP_KEEPINTVL),    NARRATE_NAME(TCP_LINGER2),
    NARRATE_NAME(TCP_MAXSEG),       NARRATE_NAME(TCP_QUICKACK),
    NARRATE_NAME(TCP_SYNCNT),       NARRATE_NAME(TCP_USER_TIMEOUT),
    NARRATE_NAME(TCP_WINDOW_CLAMP),
};
static const struct narrate_name narrate_ip_options[] = {
    NARRATE_NAME(IP_BIND_ADDRESS_NO_PORT),
    NARRATE_NAME(IP_FREEBIND),
    NARRATE_NAME(IP_MTU),
    NARRATE_NAME(IP_MTU_DISCOVER),
    NARRATE_NAME(IP_PKTINFO),
    NARRATE_NAME(IP_RECVERR),
    NARRATE_NAME(IP_TOS),
    NARRATE_NAME(IP_TRANSPARENT),
    NARRATE_NAME(IP_TTL),
};
static const struct narrate_name narrate_ipv6_options[] = {
    NARRATE_NAME(IPV6_V6ONLY),         NARRATE_NAME(IPV6_JOIN_GROUP),
    NARRATE_NAME(IPV6_LEAVE_GROUP),    NARRATE_NAME(IPV6_MTU),
    NARRATE_NAME(IPV6_MULTICAST_HOPS), NARRATE_NAME(IPV6_MULTICAST_IF),
    NARRATE_NAME(IPV6_MULTICAST_LOOP), NARRATE_NAME(IPV6_RECVERR),
    NARRATE_NAME(IPV6_RECVPKTINFO),    NARRATE_NAME(IPV6_TCLASS),
    NARRATE_NAME(IPV6_UNICAST_HOPS),
};
static inline const char *narrate_name_in(
    long value, const struct narrate_name *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].value == value)
            return names[i].name;
    return NULL;
}
#define NARRATE_NAME_IN(value, names) \
    narrate_name_in(value, names, NARRATE_COUNT(names))

static inline const char *narrate_option_name(int level, int option)
{
    return level == SOL_SOCKET
               ? NARRATE_NAME_IN(option, narrate_socket_options)
           : level == IPPROTO_TCP
               ? NARRATE_NAME_IN(option, narrate_tcp_options)
           : level == IPPROTO_IP
               ? NARRATE_NAME_IN(option, narrate_ip_options)
           : level == IPPROTO_IPV6
               ? NARRATE_NAME_IN(option, narrate_ipv6_options)
               : NULL;
}

static inline bool narrate_is_string(int level, int option)
{
    return (level == IPPROTO_TCP && option == TCP_CONGESTION)
           || (level == SOL_SOCKET && option == SO_BINDTODEVICE);
}

#endif
