/* connections.h: the calls that make and end sockets and connections.
 * calls.h has what they share with all others. */
#ifndef NARRATE_CONNECTIONS_H
#define NARRATE_CONNECTIONS_H

/* The family of sockets that see whole frames, or -1. packet(7). */
#ifdef AF_PACKET
enum { NARRATE_BELOW_IP = AF_PACKET };
#else
enum { NARRATE_BELOW_IP = -1 };
#endif

NARRATE_TAKE(int, socket, (int family, int type, int protocol),
             (family, type, protocol))
{
    static const struct narrate_name protocols[] = {
        NARRATE_NAME(IPPROTO_TCP),
        NARRATE_NAME(IPPROTO_UDP),
    };
    bool inet = family == AF_INET || family == AF_INET6;
    struct narrate_call call;
    struct narrate_text t;
    int result;

    if (!narrate_enter(&call, NARRATE_NONE, "socket", NULL))
        return narrate_real_socket(family, type, protocol);
    NARRATE_ADD_NAME(&call.args, family, narrate_families);
    narrate_add(&call.args, ", ");
    narrate_add_type(&call.args, type);
    narrate_add(&call.args, ", ");
    if (!inet && protocol == htons(3))
        narrate_add(&call.args, "htons(ETH_P_ALL)"); /* packet(7) */
    else
        NARRATE_ADD_NAME(&call.args, protocol, protocols);
    narrate_before(&call, NULL);
    result = narrate_real_socket(family, type, protocol);
    if (narrate_after(&call, result)) {
        call.sock = result;
        narrate_clear(&t);
        narrate_add_number(&t, result);
        if (family == NARRATE_BELOW_IP)
            narrate_means(&call, 13,
                          "Descriptor %d is a socket below IP: it sees"
                          " every frame of this host.",
                          result);
        else if (!inet)
            narrate_means(&call, 1, "Our socket is descriptor %d.",
                          result);
        else if (narrate_is_type(result, SOCK_STREAM))
            narrate_means(&call, 1,
                          "Our TCP socket is descriptor %d: %s.",
                          result, t.text);
        else if (narrate_is_type(result, SOCK_DGRAM))
            narrate_means(&call, 8,
                          "Our UDP socket is descriptor %d. UDP has no"
                          " connections, so it has no states.",
                          result);
    }
    narrate_leave(&call);
    return result;
}

/* Says what `bind` has done. */
NARRATE_INNER void narrate_bound(const struct narrate_call *call)
{
    const struct sockaddr *address = call->address;
    int port = narrate_port_of(address, call->length);
    struct narrate_text t;

    narrate_see(call->sock)->lost = 0;
    if (port < 0) {
#ifdef AF_PACKET
        if (address->sa_family != AF_PACKET)
            return;
#endif
        narrate_clear(&t);
        narrate_add_address(&t, address, call->length);
        narrate_means(call, 13,
                      "From now on it sees only the frames of %s.",
                      t.text);
        return;
    }
    if (port != 0)
        narrate_means(call, 2,
                      "Port %d is 0x%04X. The network wants the high"
                      " byte first, so the struct holds the bytes %02X"
                      " %02X.",
                      port, (unsigned)port, (unsigned)port >> 8,
                      (unsigned)port & 255);
    else
        narrate_means(call, 0,
                      "Port 0 leaves the choice to the kernel: it chose"
                      " %d.",
                      narrate_port(call->sock));
    if (narrate_is_type(call->sock, SOCK_DGRAM))
        narrate_means(call, 8,
                      "From now on the kernel keeps the datagrams that"
                      " come for this port.");
    else
        narrate_means(call, 2,
                      "The socket has its address, %u bytes. Only our"
                      " own kernel knows of it.",
                      (unsigned)call->length);
}

NARRATE_TAKE(int, bind,
             (int sock, const struct sockaddr *address,
              socklen_t length),
             (sock, address, length))
{
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, sock, "bind", "%d, ", sock))
        return narrate_real_bind(sock, address, length);
    call.address = address;
    call.length = length;
    narrate_add_address(&call.args, address, length);
    narrate_add(&call.args, ", %u", (unsigned)length);
    narrate_before(&call, NULL);
    result = narrate_real_bind(sock, address, length);
    if (narrate_after(&call, result))
        narrate_bound(&call);
    narrate_leave(&call);
    return result;
}

NARRATE_TAKE(int, listen, (int sock, int backlog), (sock, backlog))
{
    struct narrate_call call;
    int result;

    if (!narrate_enter(&call, sock, "listen", "%d, %d", sock, backlog))
        return narrate_real_listen(sock, backlog);
    if (narrate_port(sock) > 0) { /* which may be in use */
        call.address = &narrate_see(sock)->here;
        call.length = sizeof narrate_see(sock)->here;
    }
    narrate_before(&call, NULL);
    result = narrate_real_listen(sock, backlog);
    if (narrate_after(&call, result)) {
        narrate_see(sock)->lost = 0;
        narrate_means(&call, 3,
                      "It does not block. From now on the kernel %s for"
                      " us and keeps the connections in a queue, which"
                      " the backlog limits.",
                      narrate_port(sock) < 0 ? "answers clients"
                                             : "completes handshakes");
    }
    narrate_leave(&call);
    return result;
}

/* Says what accept has returned; tells the listening socket's state. */
NARRATE_INNER void narrate_accepted(struct narrate_call *call,
                                    int result)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    struct narrate_text t;

    call->nothing = "Nobody is in the queue.";
    if (narrate_after(call, result)) {
        narrate_clear(&t);
        narrate_add(&t, "Descriptor %d is for this one peer", result);
        if (narrate_real_getpeername(result, (struct sockaddr *)&peer,
                                     &size)
            == -1) {
            narrate_see(result)->deaf = true;
            narrate_add(&t, ", which has reset the connection already");
        } else if (size > sizeof peer.ss_family) { /* else unnamed */
            narrate_add(&t, ", ");
            narrate_add_address(&t, &peer, size);
        }
        narrate_add(&t, ".");
        narrate_tell(NARRATE_CAME, call, t.text);
    }
    narrate_held(call, narrate_see(call->sock), false);
    call->sock = result != -1 ? result : NARRATE_NONE;
}

NARRATE_TAKE(int, accept,
             (int sock, struct sockaddr *address, socklen_t *length),
             (sock, address, length))
{
    struct narrate_call call;
    struct narrate_text t;
    int result;

    if (!narrate_enter(&call, sock, "accept", "%d, ", sock))
        return narrate_real_accept(sock, address, length);
    narrate_add_source(&call, 1, address ? "&address" : "NULL");
    narrate_add(&call.args, ", ");
    narrate_add_source(&call, 2, length ? "&length" : "NULL");
    narrate_clear(&t);
    narrate_add(&t, "until a client connects");
    narrate_add_most(&t, narrate_limit(sock, SO_RCVTIMEO));
    narrate_add_partner(&t);
    narrate_before(&call, narrate_is_listening(sock) ? t.text : NULL);
    result = narrate_real_accept(sock, address, length);
    narrate_accepted(&call, result);
    narrate_leave(&call);
    return result;
}

/* Says what `connect` has done. `bound`: it had a port before. */
NARRATE_INNER void narrate_connected(const struct narrate_call *call,
                                     bool bound)
{
    const struct sockaddr *address = call->address;
    struct narrate_text t;

    if (address->sa_family == AF_UNIX)
        return;
    if (address->sa_family == AF_UNSPEC) {
        if (!narrate_is_type(call->sock, SOCK_STREAM))
            narrate_see(call->sock)->connected = false;
        narrate_means(call, 0,
                      "The address has family 0, AF_UNSPEC: this"
                      " connects the socket to nobody.");
        return;
    }
    if (!narrate_is_type(call->sock, SOCK_STREAM)) {
        narrate_means(call, 18,
                      "Nothing was sent: our kernel has noted the peer"
                      " for send and recv.");
        return;
    }
    narrate_clear(&t);
    narrate_add_time(&t, call->took);
    narrate_means(call, 5,
                  bound ? "The two kernels agree."
                        : "The two kernels agree. Ours chose a port for"
                          " our end.");
    narrate_means(call, 0, "It took %s.", t.text);
}

/* A non-blocking handshake has failed, or did not end in time: explains
 * `error` as if connect itself had failed with it. */
NARRATE_APART void narrate_unanswered(struct narrate_call *call,
                                      int sock, int error)
{
    struct narrate_seen *seen = narrate_see(sock);

    if (seen->asked.ss_family != AF_UNSPEC && !seen->connected)
        narrate_explain(call, narrate_error_of("connect", error),
                        &seen->asked, sizeof seen->asked);
}

/* What it means if SO_ERROR of a socket is 0. */
NARRATE_INNER const char *narrate_no_error(int sock)
{
    return narrate_see(sock)->connected
                   && !narrate_is_in(sock, 1 << 7) /* CLOSED */
               ? "none, so we are connected"
               : "none";
}

NARRATE_TAKE(int, connect,
             (int sock, const struct sockaddr *address,
              socklen_t length),
             (sock, address, length))
{
    struct narrate_call call;
    struct narrate_seen *seen;
    struct narrate_text t;
    bool bound, calls;
    int result;

    if (!narrate_enter(&call, sock, "connect", "%d, ", sock))
        return narrate_real_connect(sock, address, length);
    call.address = address;
    call.length = length;
    narrate_add_address(&call.args, address, length);
    narrate_add(&call.args, ", %u", (unsigned)length);
    seen = narrate_see(sock);
    bound = narrate_port_of(&seen->here, sizeof seen->here) > 0;
    seen->lost = 0;
    calls = narrate_is_type(sock, SOCK_STREAM) /* CLOSED, SYN-SENT */
            && !narrate_is_in(sock, 0xFFE ^ (1 << 7 | 1 << 2))
            && narrate_port_of(address, length) >= 0
            && address->sa_family == seen->here.ss_family
            && (address->sa_family == AF_INET || length >= 24);
    narrate_clear(&t);
    narrate_add(&t, "until the server's kernel answers");
    narrate_add_most(&t, narrate_limit(sock, SO_SNDTIMEO));
    narrate_before(&call, calls ? t.text : NULL);
    result = narrate_real_connect(sock, address, length);
    if (errno == EINPROGRESS)
        call.nothing = "It does not block: our SYN is on its way. The"
                       " socket becomes writable when the handshake is"
                       " over.";
    if (narrate_after(&call, result))
        narrate_connected(&call, bound);
    else if (call.error == EINPROGRESS && length <= sizeof seen->asked
             && narrate_never_blocks(sock, 0))
        memcpy(&seen->asked, address, length); /* in case it fails */
    if (result == -1 && !narrate_is_in(sock, 1 << 2)) { /* SYN-SENT */
        call.sock = NARRATE_NONE;
        if (!bound && narrate_is_in(sock, 1 << 7)) /* CLOSED */
            seen->lost = narrate_port(sock);
    }
    narrate_leave(&call);
    if (narrator.muted && result == 0) /* bytes pass at full speed */
        narrator.telling = false;
    return result;
}

NARRATE_TAKE(int, shutdown, (int sock, int how), (sock, how))
{
    static const struct narrate_name ways[] = {
        NARRATE_NAME(SHUT_RD),
        NARRATE_NAME(SHUT_WR),
        NARRATE_NAME(SHUT_RDWR),
    };
    struct narrate_call call;
    bool listening, tcp, over, *deaf;
    int result;

    if (!narrate_enter(&call, sock, "shutdown", "%d, ", sock))
        return narrate_real_shutdown(sock, how);
    NARRATE_ADD_NAME(&call.args, how, ways);
    narrator.lasting = narrate_lasting;
    listening = narrate_is_listening(sock);
    tcp = narrate_is_type(sock, SOCK_STREAM)
          && narrate_port(sock) > 0 /* and no FIN from us yet */
          && !narrate_is_in(sock, 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11);
    over = narrate_is_in(sock, 1 << 8); /* CLOSE-WAIT */
    narrate_before(&call, NULL);
    result = narrate_real_shutdown(sock, how);
    if (!narrate_after(&call, result)) {
        narrate_leave(&call);
        return result;
    }
    deaf = &narrate_see(sock)->deaf;
    over = over || *deaf;
    if (listening && how != SHUT_WR)
        narrate_means(&call, 0, "It takes no callers any more.");
    else if (tcp && !listening && how == SHUT_WR && !over)
        narrate_means(&call, 7,
                      "We have said all: a FIN follows our last byte."
                      " We can still receive.");
    else if (!listening)
        narrate_means(&call, 0, "%s%s%s",
                      how == SHUT_RD ? ""
                      : tcp          ? "A FIN follows our last byte."
                                     : "Nothing more can be sent here.",
                      how == SHUT_RDWR ? " " : "",
                      how == SHUT_WR
                          ? over ? "" : " We can still receive."
                          : "Once what has come is read,"
                            " recv returns 0 instead of"
                            " blocking.");
    *deaf = *deaf || (how != SHUT_WR && !listening);
    narrate_leave(&call);
    return result;
}

/* Says what `close` has done to a socket that was `listening`, or had
 * `unread` bytes. */
NARRATE_INNER void narrate_closed(struct narrate_call *call,
                                  bool listening, int unread)
{
    if (listening)
        narrate_means(call, 7, "From now on callers are refused.");
    else if (unread > 0)
        narrate_means(call, 0,
                      "%d byte%s that we had not read: the kernel drops"
                      " %s and resets the connection.",
                      unread, unread == 1 ? "" : "s",
                      unread == 1 ? "it" : "them");
    else
        narrate_means(call, 7,
                      "The descriptor is free for another socket. The"
                      " kernel does the rest without us.");
}

/* Is this close told? It is for a socket, and for a closed number that
 * was one (under scripts/narrate preload_notes_end.h sees to that). */
NARRATE_INNER bool narrate_closes(int descriptor)
{
    bool was = narrate_is_socket(descriptor);

#ifndef NARRATE_PRELOAD
    if (!was && descriptor >= 0 && descriptor < NARRATE_SEEN
        && narrate_real_fcntl(descriptor, F_GETFD) == -1) {
        narrate_start();
        was = narrator.seen[descriptor].inode != 0;
        narrate_end();
    }
#endif
    return was;
}

NARRATE_TAKE(int, close, (int descriptor), (descriptor))
{
    struct narrate_call call;
    struct narrate_seen seen;
    bool stream, listening, done;
    const char *other;
    int result, unread = 0;
#ifdef NARRATE_PRELOAD
    const char *holder;
#endif

    if (!narrator.telling || narrate_busy || !narrate_closes(descriptor)
        || !narrate_enter(&call, NARRATE_NONE, "close", "%d",
                          descriptor))
        return narrate_real_close(descriptor);
    narrator.lasting = narrate_lasting;
    stream = narrate_is_type(descriptor, SOCK_STREAM);
    listening = narrate_is_listening(descriptor);
    if (stream && !listening && !narrate_is_in(descriptor, 1 << 7))
        ioctl(descriptor, FIONREAD, &unread);
    seen = *narrate_see(descriptor);
    narrate_before(&call, NULL);
    result = narrate_real_close(descriptor);
    done = narrate_after(&call, result);
    if (seen.shared && narrate_is_blind(&seen)) /* may still be held */
        listening = false, unread = 0;
#ifdef NARRATE_PRELOAD
    /* The kernel finds a TCP socket by its peer, or as a listener. */
    holder = done ? narrate_holder(
                 &seen, stream && (listening || seen.connected))
                  : NULL;
    if (holder != NULL)
        narrate_means(&call, 0, "%s", holder);
    else
#endif
        if (done && (other = narrate_other(&seen, stream)) != NULL)
        narrate_means(&call, 0,
                      "Another %s still holds this socket, so nothing"
                      " ends.",
                      other);
    else if (done && stream)
        narrate_closed(&call, listening, unread);
    if (seen.open) { /* its number may be another thread's by now */
        seen.open = false;
        narrate_held(&call, &seen, false);
    }
    narrate_leave(&call);
    return result;
}

#endif
