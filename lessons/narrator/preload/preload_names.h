/* preload_names.h: names that the lessons do not need. Part of
 * preload.c.
 *
 * The lessons set a few options; other programs set many. In the files
 * included after this one, its two functions replace narrate_add_option
 * and narrate_add_value of calls.h. The names are those of socket(7),
 * ip(7), ipv6(7) and tcp(7).
 */
#ifndef NARRATE_PRELOAD_NAMES_H
#define NARRATE_PRELOAD_NAMES_H

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
    NARRATE_NAME(IP_ADD_MEMBERSHIP),
    NARRATE_NAME(IP_BIND_ADDRESS_NO_PORT),
    NARRATE_NAME(IP_DROP_MEMBERSHIP),
    NARRATE_NAME(IP_FREEBIND),
    NARRATE_NAME(IP_MTU),
    NARRATE_NAME(IP_MTU_DISCOVER),
    NARRATE_NAME(IP_MULTICAST_IF),
    NARRATE_NAME(IP_MULTICAST_LOOP),
    NARRATE_NAME(IP_MULTICAST_TTL),
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
/* More events of poll(2), for the table in others.h. */
#define NARRATE_MORE_EVENTS \
    NARRATE_NAME(POLLRDHUP), NARRATE_NAME(POLLRDNORM), \
        NARRATE_NAME(POLLRDBAND), NARRATE_NAME(POLLWRNORM), \
        NARRATE_NAME(POLLWRBAND), NARRATE_NAME(POLLMSG),

/* Does this table have a name for the value? */
static inline bool narrate_is_named(long value,
                                    const struct narrate_name *names,
                                    size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].value == value)
            return true;
    return false;
}

/* Adds IPPROTO_TCP, TCP_CORK, or a number that we have no name for. */
static inline void narrate_add_any_option(struct narrate_text *t,
                                          int level, int option)
{
    static const struct narrate_name levels[] = {NARRATE_LEVELS};
    static const struct narrate_name options[] = {NARRATE_OPTIONS};

    if (level == SOL_SOCKET
        && narrate_is_named(option, options, NARRATE_COUNT(options))) {
        narrate_add_option(t, level, option);
        return;
    }
    NARRATE_ADD_NAME(t, level, levels);
    narrate_add(t, ", ");
    if (level == SOL_SOCKET)
        NARRATE_ADD_NAME(t, option, narrate_socket_options);
    else if (level == IPPROTO_TCP)
        NARRATE_ADD_NAME(t, option, narrate_tcp_options);
    else if (level == IPPROTO_IP)
        NARRATE_ADD_NAME(t, option, narrate_ip_options);
    else if (level == IPPROTO_IPV6)
        NARRATE_ADD_NAME(t, option, narrate_ipv6_options);
    else
        narrate_add(t, "%d", option);
}

/* Adds a value as calls.h does; for an unknown struct only its length,
 * since its first bytes would look like a number. */
static inline void narrate_add_any_value(struct narrate_text *t,
                                         int level, int option,
                                         const void *value,
                                         socklen_t length)
{
    bool text = (level == IPPROTO_TCP && option == TCP_CONGESTION)
                || (level == SOL_SOCKET && option == SO_BINDTODEVICE);
    bool known = length <= sizeof(int)
                 || narrate_is_limit(level, option)
                 || (level == SOL_SOCKET && option == SO_LINGER);

    if (value == NULL || !narrate_readable(value, length))
        narrate_add_value(t, level, option, value, length);
    else if (text)
        narrate_add_quoted(t, value, strnlen(value, length));
    else if (length == 1) /* as IP_MULTICAST_TTL may have it */
        narrate_add(t, "%d", *(const unsigned char *)value);
    else if (known)
        narrate_add_value(t, level, option, value, length);
    else
        narrate_add(t, "{%u bytes}", (unsigned)length);
}

#define narrate_add_option narrate_add_any_option
#define narrate_add_value narrate_add_any_value

#endif
