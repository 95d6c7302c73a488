/* connections.h: what the calls mean that make and end sockets and
 * connections. call.h says when each of these functions is called. Each
 * text stands beside the number of the lesson that explains it first:
 * with -k, later lessons leave it out. */
#ifndef NARRATE_CONNECTIONS_H
#define NARRATE_CONNECTIONS_H

/* Adds ": run ./05_connect in another terminal", if the lesson defines
 * its PARTNER. */
NARRATE_APART void narrate_add_partner(struct narrate_text *t)
{
    if (*narrator.partner != '\0')
        narrate_add(t, ": run ./%s in another terminal",
                    narrator.partner);
}

/* Adds ", 5 seconds at most" for microseconds; nothing for 0. */
NARRATE_APART void narrate_add_most(struct narrate_text *t,
                                    long long limit)
{
    if (limit <= 0)
        return;
    narrate_add(t, ", ");
    if (limit % 1000000 == 0)
        narrate_add_count(t, (long)(limit / 1000000), "second");
    else
        narrate_add_time(t, limit);
    narrate_add(t, " at most");
}

/* ---- socket, bind, listen ---------------------------------------- */

/* Adds why a new descriptor has this number: it is the lowest that is
 * free. POSIX.1-2008, XSH 2.14. */
NARRATE_INNER void narrate_add_number(struct narrate_text *t,
                                      int descriptor)
{
    if (descriptor == 0)
        narrate_add(t, "0 was free, standard input being closed");
    else if (descriptor == 3)
        narrate_add(t, "0, 1 and 2 are in use; 3 is the lowest free"
                       " number");
    else
        narrate_add(t,
                    "0 to %d are in use; %d is the lowest free number",
                    descriptor - 1, descriptor);
}

NARRATE_APART void narrate_means_socket(struct narrate_call *call)
{
    NARRATE_TEXT(why, 80);

    call->sock = (int)call->result;
    call->now = narrate_look(call->sock);
    narrate_add_number(&why, call->sock);
    if (narrate_is_tap(call->now))
        narrate_means(call, 13,
                      "Descriptor %d is a socket below IP: it sees"
                      " every frame of this host.",
                      call->sock);
    else if (call->now->port < 0)
        narrate_means(call, 1, "Our socket is descriptor %d.",
                      call->sock);
    else if (call->now->type == SOCK_STREAM)
        narrate_means(call, 1, "Our TCP socket is descriptor %d: %s.",
                      call->sock, why.text);
    else if (call->now->type == SOCK_DGRAM)
        narrate_means(call, 8,
                      "Our UDP socket is descriptor %d. UDP has no"
                      " connections, so it has no states.",
                      call->sock);
}

NARRATE_APART void narrate_means_socketpair(struct narrate_call *call)
{
    const int *ends = narrate_pointer(call, 3);

    narrate_means(call, 0,
                  "What is sent into descriptor %d comes out of %d, and"
                  " the other way round.",
                  ends[0], ends[1]);
    for (int i = 0; i < 2; i++)
        narrate_held(call, narrate_look(ends[i]), false);
}

/* Is this the IPv4 address of a group? RFC 5771, section 3. */
NARRATE_APART bool narrate_is_group(const void *address)
{
    struct sockaddr_in v4;

    memcpy(&v4, address, sizeof v4);
    return v4.sin_family == AF_INET
           && IN_MULTICAST(ntohl(v4.sin_addr.s_addr));
}

NARRATE_APART void narrate_means_bind(struct narrate_call *call)
{
    int port = narrate_port_of(call->address, call->length);
    NARRATE_TEXT(t, 60);

    call->now->lost = 0;
    if (call->now->here.any.sa_family == AF_UNIX) {
        if (call->length > offsetof(struct sockaddr, sa_data)
            && ((const struct sockaddr *)call->address)->sa_data[0]
                   != '\0') /* abstract: no file */
            narrate_means(call, 24,
                          "There is a file with this path now. close"
                          " does not remove it; unlink does.");
        return;
    }
    if (port < 0) {
        if (!narrate_is_tap(call->now))
            return;
        narrate_add_address(&t, call->address, call->length);
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
                      call->now->port);
    if (narrate_is_group(call->address))
        narrate_means(call, 19,
                      "From now on the kernel keeps the datagrams that"
                      " come for this group and port, if a program here"
                      " has joined the group.");
    else if (call->now->type == SOCK_DGRAM)
        narrate_means(call, 8,
                      "From now on the kernel keeps the datagrams that"
                      " come for this port.");
    else
        narrate_means(call, 2,
                      "The socket has its address, %u bytes. Only our"
                      " own kernel knows of it.",
                      (unsigned)call->length);
}

/* Only the path of a socket is told. */
NARRATE_APART void narrate_means_unlink(struct narrate_call *call)
{
    narrate_means(call, 24,
                  "Nobody finds the socket at this path any more."
                  " Connections that are there stay.");
}

/* A failure is about the port that it has. */
NARRATE_APART void narrate_notes_listen(struct narrate_call *call)
{
    if (call->before.port > 0) {
        call->address = &call->before.here;
        call->length = sizeof call->before.here;
    }
}

NARRATE_APART void narrate_means_listen(struct narrate_call *call)
{
    call->now->lost = 0;
    narrate_means(call, 3,
                  "It does not block. From now on the kernel %s for us"
                  " and keeps the connections in a queue, which the"
                  " backlog limits.",
                  call->now->port < 0 ? "answers clients"
                                      : "completes handshakes");
}

/* ---- accept, connect --------------------------------------------- */

NARRATE_APART bool narrate_until_accept(struct narrate_call *call,
                                        struct narrate_text *t)
{
    narrate_add(t, "a client connects");
    narrate_add_most(t, narrate_limit(call->sock, SO_RCVTIMEO));
    narrate_add_partner(t);
    return call->before.listens && !narrate_is_deaf(call);
}

NARRATE_APART bool narrate_there_accept(struct narrate_call *call,
                                        struct narrate_text *t)
{
    struct pollfd watched = {call->sock, POLLIN, 0};

    return narrate_is_ready(&watched, 1)
           && narrate_was(t, 4, "A client was already in the queue.");
}

/* Says who has connected; tells the listening socket's state. */
NARRATE_APART void narrate_means_accept(struct narrate_call *call)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    struct narrate_seen *listens = call->now;
    NARRATE_TEXT(t, 240);

    call->sock = (int)call->result;
    call->now = narrate_look(call->sock);
    narrate_add(&t, "Descriptor %d is for this one peer", call->sock);
    if (!call->now->connected) {
        call->now->deaf = true;
        narrate_add(&t, ", which has reset the connection already");
    } else if (call->now->peer.any.sa_family == AF_INET
               || call->now->peer.any.sa_family == AF_INET6) {
        narrate_add(&t, ", ");
        narrate_add_end(&t, &call->now->peer);
    } else if (narrate_real_getpeername(call->sock,
                                        (struct sockaddr *)&peer, &size)
                   == 0
               && size > sizeof peer.ss_family) { /* else unnamed */
        narrate_add(&t, ", ");
        narrate_add_address(&t, &peer, size);
    }
    narrate_add(&t, ".");
    narrate_tell(NARRATE_CAME, call, t.text);
    narrate_held(call, listens, false);
}

NARRATE_APART bool narrate_until_connect(struct narrate_call *call,
                                         struct narrate_text *t)
{
    const struct narrate_seen *was = &call->before;
    const struct sockaddr *address = call->address;

    narrate_add(t, "the server's kernel answers");
    narrate_add_most(t, narrate_limit(call->sock, SO_SNDTIMEO));
    return was->type == SOCK_STREAM
           && (was->state == NARRATE_CLOSED
               || was->state == NARRATE_SYN_SENT
               || was->state == NARRATE_NO_TCP)
           && narrate_port_of(address, call->length) >= 0
           && address->sa_family == was->here.any.sa_family
           && (address->sa_family == AF_INET || call->length >= 24);
}

NARRATE_APART void narrate_means_connect(struct narrate_call *call)
{
    const struct sockaddr *address = call->address;
    NARRATE_TEXT(t, 40);

    if (narrator.muted) /* bytes pass at full speed */
        narrator.telling = false;
    call->now->lost = 0;
    if (address->sa_family == AF_UNIX) {
        if (call->now->type != SOCK_DGRAM)
            narrate_means(call, 24,
                          "We are in the server's queue, or taken out"
                          " of it already. No bytes went back and"
                          " forth for that.");
        return;
    }
    if (address->sa_family == AF_UNSPEC) {
        call->now->settled = false;
        if (call->now->type != SOCK_STREAM)
            call->now->connected = false;
        narrate_means(call, 0,
                      "The address has family 0, AF_UNSPEC: this"
                      " connects the socket to nobody.");
        return;
    }
    if (call->now->type != SOCK_STREAM) {
        narrate_means(call, 18,
                      "Nothing was sent: our kernel has noted the peer"
                      " for send and recv.");
        return;
    }
    narrate_add_time(&t, call->took);
    narrate_means(call, 5,
                  call->before.port > 0 ? "The two kernels agree."
                                        : "The two kernels agree. Ours "
                                          "chose a port for"
                                          " our end.");
    narrate_means(call, 0, "It took %s.", t.text);
}

/* A connect that has failed leaves a port that is no longer ours. */
NARRATE_APART void narrate_fails_connect(struct narrate_call *call)
{
    struct narrate_seen *seen = call->now;

    seen->lost = 0;
    if (call->error == EINPROGRESS) {
        call->nothing = "It does not block: our SYN is on its way. The"
                        " socket becomes writable when the handshake is"
                        " over.";
        if (call->length <= sizeof seen->asked)
            memcpy(&seen->asked, call->address, call->length);
    }
    if (seen->state == NARRATE_SYN_SENT)
        return;
    call->sock = NARRATE_NONE;
    if (call->before.port <= 0 && seen->state == NARRATE_CLOSED)
        seen->lost = seen->port;
}

/* A non-blocking handshake has failed, or did not end in time: explains
 * `error` as if connect itself had failed with it. */
NARRATE_APART void narrate_unanswered(struct narrate_call *call,
                                      struct narrate_seen *seen,
                                      int error)
{
    if (seen->asked.any.sa_family != AF_UNSPEC && !seen->connected)
        narrate_explain(call, narrate_error_of("connect", error),
                        &seen->asked, sizeof seen->asked);
}

/* ---- shutdown, close --------------------------------------------- */

NARRATE_APART void narrate_adds_shutdown(struct narrate_call *call,
                                         struct narrate_text *t)
{
    static const struct narrate_name ways[] = {
        NARRATE_NAME(SHUT_RD),
        NARRATE_NAME(SHUT_WR),
        NARRATE_NAME(SHUT_RDWR),
    };

    NARRATE_ADD_NAME(t, call->arg[1], ways);
}

NARRATE_APART void narrate_means_shutdown(struct narrate_call *call)
{
    const struct narrate_seen *was = &call->before;
    int how = (int)call->arg[1];
    bool over = was->deaf || was->state == NARRATE_CLOSE_WAIT;
    bool tcp = was->type == SOCK_STREAM && was->port > 0
               && was->state != NARRATE_FIN_WAIT_1
               && was->state != NARRATE_FIN_WAIT_2
               && was->state != NARRATE_LAST_ACK
               && was->state != NARRATE_CLOSING; /* no FIN from us */

    call->now->finished = call->now->finished || how != SHUT_RD;
    call->now->settled = call->now->settled && !was->listens;
    if (was->listens) {
        if (how != SHUT_WR)
            narrate_means(call, 0, "It takes no callers any more.");
        return;
    }
    call->now->deaf = call->now->deaf || how != SHUT_WR;
    if (tcp && how == SHUT_WR && !over)
        narrate_means(call, 7,
                      "We have said all: a FIN follows our last byte."
                      " We can still receive.");
    else
        narrate_means(call, 0, "%s%s%s",
                      how == SHUT_RD ? ""
                      : tcp          ? "A FIN follows our last byte."
                                     : "Nothing more can be sent here.",
                      how == SHUT_RDWR ? " " : "",
                      how == SHUT_WR
                          ? over ? "" : " We can still receive."
                          : "Once what has come is read,"
                            " recv returns 0 instead of"
                            " blocking.");
}

/* Notes how many bytes nobody has read. */
NARRATE_APART void narrate_notes_close(struct narrate_call *call)
{
    struct narrate_seen *was = &call->before;

    call->sock = NARRATE_NONE; /* it will be closed */
    if (!was->open)
        return;
    narrate_note_device(was);
    was->finished = true;
    if (was->type == SOCK_STREAM && !was->listens
        && was->state != NARRATE_CLOSED)
        call->kept = narrate_unread((int)call->arg[0]);
}

/* Does one of our own descriptors hold this socket? A lesson's dup is
 * not told, so the first numbers are looked at in any case. */
NARRATE_INNER bool narrate_has_copy(const struct narrate_seen *seen)
{
    int few = narrate_kernel.highest > 63 ? narrate_kernel.highest : 63;
    struct stat file;

    for (int i = 0; i <= few; i++)
        if (fstat(i, &file) == 0 && S_ISSOCK(file.st_mode)
            && file.st_ino == seen->inode)
            return true;
    return false;
}

/* What still holds the socket that we have just closed: a descriptor of
 * our own, a call of another thread, or a process; NULL if none does.
 * The kernel finds a TCP socket by its peer, or as a listener, whose
 * peer is all zeros in its lists; only the last that closes it ends the
 * three states below. Descriptors of other threads are not looked at: a
 * sanitizer would take that for a race. */
NARRATE_INNER const char *narrate_other(struct narrate_seen *seen)
{
    bool stream = seen->type == SOCK_STREAM, held = true;
    const char *state;

    if (!seen->connected)
        seen->peer.any.sa_family = seen->here.any.sa_family;
    if (stream && seen->port > 0 && (seen->connected || seen->listens)
        && !narrate_is_blind(seen)) {
        state = narrate_lasting(seen, "");
        held = strcmp(state, "LISTEN") == 0
               || strcmp(state, "ESTABLISHED") == 0
               || strcmp(state, "CLOSE-WAIT") == 0;
    } else if (narrator.threads > 1) {
        held = false;
    }
    if (!held)
        return NULL;
    if (narrator.threads < 2 && narrate_has_copy(seen)) {
        seen->here.any.sa_family = AF_UNSPEC; /* no state is told */
        return "descriptor";
    }
    if (!stream || (!seen->shared && narrator.threads < 2)
        || seen->here.any.sa_family == AF_UNIX)
        return NULL;
    return seen->shared ? (seen->shared = true, "process")
                        : (seen->shared = true, "descriptor or thread");
}

NARRATE_APART void narrate_means_close(struct narrate_call *call)
{
    struct narrate_seen *was = &call->before;
    const char *holder, *other;

    if (!was->open)
        return;
    was->open = false;
    holder = narrate_holder(call);
    if (holder != NULL)
        narrate_means(call, 0, "%s", holder);
    else if ((other = narrate_other(was)) != NULL)
        narrate_means(call, 0,
                      "Another %s still holds this socket, so nothing"
                      " ends.",
                      other);
    else if (was->type != SOCK_STREAM)
        ; /* no connection ends */
    else if (was->shared && was->here.any.sa_family == AF_UNIX)
        narrate_means(call, 0,
                      "Nothing ends if another process still holds"
                      " this socket.");
    else if (was->shared && narrate_is_blind(was))
        narrate_means(call, 7,
                      "The descriptor is free for another socket. The"
                      " kernel does the rest without us.");
    else if (was->listens)
        narrate_means(call, 7, "From now on callers are refused.");
    else if (call->kept > 0)
        narrate_means(call, 0,
                      "%ld byte%s that we had not read: the kernel"
                      " drops %s and resets the connection.",
                      call->kept, call->kept == 1 ? "" : "s",
                      call->kept == 1 ? "it" : "them");
    else
        narrate_means(call, 7,
                      "The descriptor is free for another socket. The"
                      " kernel does the rest without us.");
    narrate_held(call, was, false);
}

#endif
