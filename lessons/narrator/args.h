/* args.h: how the arguments of a call look.
 *
 * In the format of a row of calls.def each of these letters shows the
 * next argument, and all else is shown as it is:
 *
 *   d  a number, or a descriptor: if it comes first, the call is on it
 *   i  a number that is no descriptor; z, u: a size_t, a socklen_t
 *   F, T, P  family, type and protocol of socket(2)
 *   A  an address, whose length is the next argument
 *   B  bytes to send, whose size is the next
 *   M  the flags of send(2) and recv(2)
 *   O  level and option, two arguments
 *   V  the value of that option, whose size is the next
 *   S  a string
 *   @name  a pointer: what the source says, `name` if it is not known
 *   *  what the row's `adds` adds
 */
#ifndef NARRATE_ARGS_H
#define NARRATE_ARGS_H

/* The arguments of the call that is being told; needs the lock. */
NARRATE_STATIC(narrate_args, NARRATE_ROOM);

/* Argument `i` as a pointer. */
NARRATE_APART void *narrate_pointer(const struct narrate_call *call,
                                    int i)
{
    return (void *)call->arg[i];
}

/* The end of the argument that begins at `s`: a comma or a closing
 * bracket outside it, or the final zero. */
NARRATE_APART const char *narrate_past(const char *s)
{
    for (int depth = 0; *s != '\0'; s++) {
        if (*s == '"' || *s == '\'') { /* to the quote at its end */
            for (char quote = *s++; *s != quote; s++)
                s += *s == '\\';
            continue;
        }
        if (depth == 0 && strchr(",)]}", *s) != NULL)
            break;
        depth += strchr("([{", *s) != NULL;
        depth -= strchr(")]}", *s) != NULL;
    }
    return s;
}

/* Adds argument `number` (from 0) as the source has it, up to 60 bytes,
 * without a cast before it; `usual` (`length` bytes) if we do not know
 * the source. */
NARRATE_APART void narrate_add_source(struct narrate_text *t,
                                      const struct narrate_call *call,
                                      int number, const char *usual,
                                      size_t length)
{
    const char *s = call->source, *end;
    size_t size;

    if (s == NULL) {
        if (call->arg[number] == 0)
            narrate_add(t, "NULL");
        else
            narrate_put(t, usual, length);
        return;
    }
    for (; number > 0; number--) {
        s = narrate_past(s);
        s += *s == ',';
    }
    s += strspn(s, " ");
    end = *s == '(' ? narrate_past(s + 1) : s;
    if (*end == ')') {
        end += 1 + strspn(end + 1, " ");
        if (strchr(",.-+[", *end) == NULL) /* or the end */
            s = end;
    }
    size = (size_t)(narrate_past(s) - s);
    narrate_put(t, s, size < 60 ? size : 60);
}

static const struct narrate_name narrate_families[] = {
    NARRATE_NAME(AF_INET),   NARRATE_NAME(AF_INET6),
    NARRATE_NAME(AF_UNIX),   NARRATE_NAME(AF_UNSPEC),
#ifdef AF_PACKET
    NARRATE_NAME(AF_PACKET),
#endif
};
static const struct narrate_name narrate_flags[] = {
    NARRATE_NAME(MSG_NOSIGNAL), NARRATE_NAME(MSG_DONTWAIT),
    NARRATE_NAME(MSG_PEEK),     NARRATE_NAME(MSG_TRUNC),
    NARRATE_NAME(MSG_WAITALL),  NARRATE_NAME(MSG_OOB),
    NARRATE_NAME(MSG_CTRUNC),
#ifdef __linux__ /* of send(2) and recv(2) */
    NARRATE_NAME(MSG_MORE),     NARRATE_NAME(MSG_EOR),
    NARRATE_NAME(MSG_CONFIRM),  NARRATE_NAME(MSG_DONTROUTE),
    NARRATE_NAME(MSG_ERRQUEUE), NARRATE_NAME(MSG_FASTOPEN),
#ifdef MSG_ZEROCOPY
    NARRATE_NAME(MSG_ZEROCOPY),
#endif
#endif
};
/* Adds the type of a socket, with two flags of Linux. socket(2). */
NARRATE_INNER void narrate_add_type(struct narrate_text *t, int type)
{
    static const struct narrate_name types[] = {
        NARRATE_NAME(SOCK_STREAM),
        NARRATE_NAME(SOCK_DGRAM),
        NARRATE_NAME(SOCK_RAW),
        NARRATE_NAME(SOCK_SEQPACKET),
    };
    int flags = 0;

#ifdef SOCK_CLOEXEC
    flags = type & (SOCK_CLOEXEC | SOCK_NONBLOCK);
#endif
    NARRATE_ADD_NAME(t, type & ~flags, types);
#ifdef SOCK_CLOEXEC
    narrate_add(t, "%s%s", flags & SOCK_CLOEXEC ? "|SOCK_CLOEXEC" : "",
                flags & SOCK_NONBLOCK ? "|SOCK_NONBLOCK" : "");
#endif
}

/* Is this one of the options whose value is a struct timeval? */
NARRATE_APART bool narrate_is_limit(int level, int option)
{
    return level == SOL_SOCKET
           && (option == SO_RCVTIMEO || option == SO_SNDTIMEO);
}

/* The options of IP by which programs send to groups. ip(7). */
static const struct narrate_name narrate_group_options[] = {
    NARRATE_NAME(IP_ADD_MEMBERSHIP), NARRATE_NAME(IP_DROP_MEMBERSHIP),
    NARRATE_NAME(IP_MULTICAST_IF),   NARRATE_NAME(IP_MULTICAST_TTL),
    NARRATE_NAME(IP_MULTICAST_LOOP),
};

/* Is the value of this option one to three words, of which the first
 * two are addresses? struct in_addr, ip_mreq and ip_mreqn of ip(7). */
NARRATE_APART bool narrate_is_group_value(int level, int option,
                                          socklen_t length)
{
    return level == IPPROTO_IP
           && (option == IP_ADD_MEMBERSHIP
               || option == IP_DROP_MEMBERSHIP
               || option == IP_MULTICAST_IF)
           && (length == 4 || length == 8 || length == 12);
}

/* Adds level and option, by name if we know it: SOL_SOCKET, SO_TYPE. */
NARRATE_APART void narrate_add_option(struct narrate_text *t, int level,
                                      int option)
{
    static const struct narrate_name levels[] = {
        NARRATE_NAME(SOL_SOCKET),  NARRATE_NAME(IPPROTO_TCP),
        NARRATE_NAME(IPPROTO_IP),  NARRATE_NAME(IPPROTO_IPV6),
        NARRATE_NAME(IPPROTO_UDP),
    };
    static const struct narrate_name options[] = {
        NARRATE_NAME(SO_REUSEADDR), NARRATE_NAME(SO_RCVTIMEO),
        NARRATE_NAME(SO_SNDTIMEO),  NARRATE_NAME(SO_ERROR),
        NARRATE_NAME(SO_KEEPALIVE), NARRATE_NAME(SO_BROADCAST),
        NARRATE_NAME(SO_LINGER),    NARRATE_NAME(SO_RCVBUF),
        NARRATE_NAME(SO_SNDBUF),    NARRATE_NAME(SO_TYPE),
#ifdef SO_REUSEPORT
        NARRATE_NAME(SO_REUSEPORT),
#endif
#ifdef SO_PEERCRED
        NARRATE_NAME(SO_PEERCRED),
#endif
    };

    const char *name = narrate_option_name(level, option);

    NARRATE_ADD_NAME(t, level, levels);
    narrate_add(t, ", ");
    if (name != NULL)
        narrate_add(t, "%s", name);
    else if (level == SOL_SOCKET)
        NARRATE_ADD_NAME(t, option, options);
    else if (level == IPPROTO_TCP && option == TCP_NODELAY)
        narrate_add(t, "TCP_NODELAY");
    else if (level == IPPROTO_IP)
        NARRATE_ADD_NAME(t, option, narrate_group_options);
    else if (level == IPPROTO_IPV6 && option == IPV6_V6ONLY)
        narrate_add(t, "IPV6_V6ONLY");
    else
        narrate_add(t, "%d", option);
}

/* Adds the value of such an option: 127.0.0.1 for a struct in_addr,
 * {239.255.19.19, 127.0.0.1} for an ip_mreq, and for an ip_mreqn the
 * number of an interface after these. */
NARRATE_APART void narrate_add_group(struct narrate_text *t,
                                     const char *value,
                                     socklen_t length)
{
    char host[INET_ADDRSTRLEN];
    int interface;

    narrate_add(t, length > 4 ? "{" : "");
    for (socklen_t at = 0; at < length && at < 8; at += 4)
        narrate_add(t, "%s%s", at > 0 ? ", " : "",
                    inet_ntop(AF_INET, value + at, host, sizeof host));
    if (length == 12) {
        memcpy(&interface, value + 8, sizeof interface);
        narrate_add(t, ", %d", interface);
    }
    narrate_add(t, length > 4 ? "}" : "");
}

/* Adds the value of an option: {2, 0} for a struct timeval or linger,
 * the addresses of a group, the number for an int. NULL or ? if it
 * cannot be read. */
NARRATE_APART void narrate_add_value(struct narrate_text *t, int level,
                                     int option, const void *value,
                                     socklen_t length)
{
    union {
        struct timeval limit;
        int number[2];
    } copy;

    if (!narrate_readable(value, length)) {
        narrate_add(t, value == NULL ? "NULL" : "?");
        return;
    }
    if (narrate_is_string(level, option)) {
        narrate_add_quoted(t, value, strnlen(value, length));
        return;
    }
    memcpy(&copy, value, length < sizeof copy ? length : sizeof copy);
    if (narrate_is_limit(level, option) && length >= sizeof copy.limit)
        narrate_add(t, "{%ld, %ld}", (long)copy.limit.tv_sec,
                    (long)copy.limit.tv_usec);
    else if (level == SOL_SOCKET && option == SO_LINGER
             && length >= sizeof copy.number)
        narrate_add(t, "{%d, %d}", copy.number[0], copy.number[1]);
    else if (narrate_is_group_value(level, option, length))
        narrate_add_group(t, value, length);
    else if (length == sizeof(int))
        narrate_add(t, "%d", copy.number[0]);
    else if (length == 1) /* as IP_MULTICAST_TTL may have it */
        narrate_add(t, "%d", *(const unsigned char *)value);
    else
        narrate_add(t, "{%u bytes}", (unsigned)length);
}

/* Which argument has this letter of the format? -1: none. */
NARRATE_APART int narrate_which(const struct narrate_row *row,
                                char letter)
{
    const char *at = strchr(row->format, letter);
    int i = 0;

    for (const char *f = row->format; at != NULL && f < at; f++)
        i += *f == ',';
    return at != NULL ? i : -1;
}

/* Adds the protocol of socket(2); packet(7) has that of frames. */
NARRATE_APART void narrate_add_protocol(struct narrate_text *t,
                                        intptr_t family,
                                        intptr_t protocol)
{
    static const struct narrate_name protocols[] = {
        NARRATE_NAME(IPPROTO_TCP),
        NARRATE_NAME(IPPROTO_UDP),
    };

    if (family != AF_INET && family != AF_INET6 && protocol == htons(3))
        narrate_add(t, "htons(ETH_P_ALL)");
    else
        NARRATE_ADD_NAME(t, protocol, protocols);
}

/* Adds a string, in quotes. */
NARRATE_APART void narrate_add_string(struct narrate_text *t,
                                      const char *string)
{
    if (string == NULL)
        narrate_add(t, "NULL");
    else
        narrate_add_quoted(t, string, strlen(string));
}

/* Adds the arguments of this call. */
NARRATE_APART void narrate_add_args(struct narrate_text *t,
                                    struct narrate_call *call)
{
    const intptr_t *arg = call->arg;
    int i = 0;

    for (const char *f = call->row->format; *f != '\0'; f++, i++) {
        switch (*f) {
        case 'd':
        case 'i':
            narrate_add(t, "%ld", (long)arg[i]);
            break;
        case 'z':
            narrate_add(t, "%zu", (size_t)arg[i]);
            break;
        case 'u':
            narrate_add(t, "%u", (unsigned)arg[i]);
            break;
        case 'F':
            NARRATE_ADD_NAME(t, arg[i], narrate_families);
            break;
        case 'T':
            narrate_add_type(t, (int)arg[i]);
            break;
        case 'P':
            narrate_add_protocol(t, arg[0], arg[i]);
            break;
        case 'A':
            narrate_add_address(t, narrate_pointer(call, i),
                                (size_t)arg[i + 1]);
            break;
        case 'B':
            narrate_add_quoted(t, narrate_pointer(call, i),
                               (size_t)arg[i + 1]);
            break;
        case 'M':
            NARRATE_ADD_FLAGS(t, arg[i], narrate_flags);
            break;
        case 'O':
            narrate_add_option(t, (int)arg[i], (int)arg[i + 1]);
            i++;
            break;
        case 'V':
            narrate_add_value(t, (int)arg[i - 2], (int)arg[i - 1],
                              narrate_pointer(call, i),
                              (socklen_t)arg[i + 1]);
            break;
        case 'S':
            narrate_add_string(t, narrate_pointer(call, i));
            break;
        case '*':
            call->row->adds(call, t);
            break;
        case '@': {
            size_t size = strcspn(f, ",");

            narrate_add_source(t, call, i, f + 1, size - 1);
            f += size - 1;
            break;
        }
        default:
            narrate_put(t, f, 1);
            i--;
        }
    }
}

/* Puts them into narrate_args. */
NARRATE_APART void narrate_render(struct narrate_call *call)
{
    struct narrate_text *t = narrate_clear(&narrate_args);

    if (!narrate_rendered(call, t))
        narrate_add_args(t, call);
}

#endif
