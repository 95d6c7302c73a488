/* bytes.h: the calls that send and receive. See calls.h first. */
#ifndef NARRATE_BYTES_H
#define NARRATE_BYTES_H

/* Tells all bytes that were received, in as many lines as it takes:
 * received: "Hello\n". scripts/narrate shows the first of many. */
NARRATE_APART void narrate_received(const struct narrate_call *call,
                                    const void *bytes, size_t size)
{
    char text[NARRATE_WIDTH - 16];
    size_t room = (size_t)narrate_width(narrator.out) - 16; /* quoted */
    const char *byte = bytes;
    struct narrate_text lines;
    size_t done = 0;
#ifdef NARRATE_PRELOAD
    size_t more = narrate_cut(&size);
#endif

    narrate_clear(&lines);
    do {
        size_t n = narrate_escape(text, room, byte + done, size - done);

        if (NARRATE_RECORDED) {
            struct narrate_text t;
            struct narrate_values values = {
                call->sock, NULL, NULL, NULL, NULL, (long)n, t.text};

            narrate_clear(&t);
            narrate_add(&t, "received: \"%s\"", text);
            narrate_record(NARRATE_CAME, call, &values);
        } else {
            narrate_add_speaker(&lines);
            narrate_add(&lines, "%*sreceived: \"%s\"\n", NARRATE_MARGIN,
                        "", text);
        }
        done += n;
        if (lines.used + 150 > sizeof lines.text || done >= size) {
            narrate_write(narrator.out, lines.text, lines.used);
            narrate_clear(&lines);
        }
    } while (done < size);
#ifdef NARRATE_PRELOAD
    if (more > 0)
        narrate_means(call, 0, "\xE2\x80\xA6 and %zu more bytes", more);
#endif
}

/* Adds size and flags, ", 5, MSG_NOSIGNAL"; keeps the flags. */
NARRATE_APART void narrate_add_size(struct narrate_call *call,
                                    size_t size, int flags)
{
    call->flags = flags;
    narrate_add(&call->args, ", %zu, ", size);
    NARRATE_ADD_FLAGS(&call->args, flags, narrate_flags);
}

/* Says what a call that sends `size` bytes has done, and ends it. */
NARRATE_APART void narrate_sent(struct narrate_call *call,
                                ssize_t result, size_t size)
{
    call->nothing = "The kernel has no room for more; later.";
    if (narrate_is_in(call->sock, 1 << 2)) /* SYN-SENT */
        call->nothing = "The handshake is not over yet; later.";
    if (!narrate_after(call, result)) {
        if (call->address != NULL)
            call->sock = NARRATE_NONE;
    } else if (!narrate_is_type(call->sock, SOCK_STREAM)
               && narrate_port(call->sock) < 0)
        narrate_means(call, 8,
                      "Our kernel took it whole, as one message.");
    else if (!narrate_is_type(call->sock, SOCK_STREAM))
        narrate_means(call, 8,
                      "The datagram is on its way. Nobody says whether"
                      " it arrives.");
    else if ((size_t)result < size)
        narrate_means(call, 0,
                      "Our kernel took %zd of %zu bytes: it has no room"
                      " for more.",
                      result, size);
    else if (result == 0)
        narrate_means(call, 6,
                      "There was no byte to send: nothing is sent.");
    else
        narrate_means(call, 6,
                      result == 1 ? "Our kernel took %zd byte. That"
                                    " does not mean the peer has it"
                                    " yet."
                                  : "Our kernel took %zd bytes. That"
                                    " does not mean the peer has them"
                                    " yet.",
                      result);
    narrate_leave(call);
}

NARRATE_TAKE(ssize_t, send,
             (int sock, const void *bytes, size_t size, int flags),
             (sock, bytes, size, flags))
{
    struct narrate_call call;
    ssize_t result;

    if (!narrate_enter(&call, sock, "send", "%d, ", sock))
        return narrate_real_send(sock, bytes, size, flags);
    narrate_add_quoted(&call.args, bytes, size);
    narrate_add_size(&call, size, flags);
    narrate_before(&call, NULL);
    result = narrate_real_send(sock, bytes, size, flags);
    narrate_sent(&call, result, size);
    return result;
}

NARRATE_TAKE(ssize_t, sendto,
             (int sock, const void *bytes, size_t size, int flags,
              const struct sockaddr *address, socklen_t length),
             (sock, bytes, size, flags, address, length))
{
    struct narrate_call call;
    ssize_t result;

    if (!narrate_enter(&call, sock, "sendto", "%d, ", sock))
        return narrate_real_sendto(sock, bytes, size, flags, address,
                                   length);
    call.address = address;
    call.length = length;
    narrate_add_quoted(&call.args, bytes, size);
    narrate_add_size(&call, size, flags);
    narrate_add(&call.args, ", ");
    narrate_add_address(&call.args, address, length);
    narrate_add(&call.args, ", %u", (unsigned)length);
    narrate_before(&call, NULL);
    result =
        narrate_real_sendto(sock, bytes, size, flags, address, length);
    narrate_sent(&call, result, size);
    return result;
}

/* Is this a packet socket? packet(7). */
NARRATE_APART bool narrate_is_tap(int sock)
{
#ifdef AF_PACKET
    return narrate_see(sock)->here.ss_family == AF_PACKET;
#else
    (void)sock;
    return false;
#endif
}

/* Has the first recvfrom of this packet socket been told? It sees frame
 * after frame, and the program itself prints the rest. */
NARRATE_INNER bool narrate_has_told(int sock)
{
    struct narrate_seen *seen = narrate_see(sock);
    bool again = narrate_is_tap(sock) && seen->told != 0;

    if (narrate_is_tap(sock))
        seen->told = 1;
    return again;
}

/* Until when a call that receives blocks; NULL if it does not. */
NARRATE_APART const char *narrate_until(struct narrate_text *t,
                                        const struct narrate_call *call)
{
#ifdef NARRATE_PRELOAD
    if (narrate_is_done(call->sock))
#else
    if (narrate_see(call->sock)->deaf)
#endif
        return NULL;
    if (narrate_is_in(call->sock, 1 << 7 | 1 << 10)) /* it fails */
        return NULL;
    narrate_clear(t);
    narrate_add(t, "until ");
    if (narrate_is_type(call->sock, SOCK_STREAM))
        narrate_add(t, "%s come or the peer ends its side",
                    call->flags & MSG_WAITALL ? "all the bytes"
                                              : "bytes");
    else if (narrate_is_type(call->sock, SOCK_SEQPACKET))
        narrate_add(t, "a message comes or the peer ends its side");
    else
        narrate_add(t, "a %s comes",
                    narrate_is_tap(call->sock) ? "frame" : "datagram");
    narrate_add_most(t, narrate_limit(call->sock, SO_RCVTIMEO));
    return t->text;
}

/* Says what a call that receives has done, but not yet which bytes
 * came. `size`: how many bytes it had room for. */
NARRATE_APART void narrate_got(struct narrate_call *call,
                               ssize_t result, size_t size)
{
    call->nothing = "Nothing is there yet.";
    if (!narrate_after(call, result)
        || !narrate_is_type(call->sock, SOCK_STREAM))
        return;
#ifdef MSG_ERRQUEUE
    if ((call->flags & MSG_ERRQUEUE) != 0)
        narrate_means(call, 0,
                      "That came from the queue of errors and notices,"
                      " not from the peer.");
    else
#endif
        if (size == 0)
        narrate_means(call, 6,
                      "There was room for no byte: that gives 0.");
    else if (result == 0) {
        if (narrate_is_shut(call->sock))
            narrate_means(call, 0,
                          "Nothing is there, and shutdown has ended"
                          " receiving here: that gives 0.");
        else if (narrate_see(call->sock)->deaf)
            narrate_means(call, 0,
                          "Nothing more can come here: that gives 0.");
        else if (narrate_see(call->sock)->connected)
            narrate_means(call, 6,
                          "0 is the end: the peer has ended its side"
                          " and sends no more.");
        /* the kernel gives 0 after a connect that failed, too */
    } else if ((size_t)result < size)
        narrate_means(call, 6,
                      "%zd byte%s had come; there was room for %zu.",
                      result, result == 1 ? "" : "s", size);
#ifdef NARRATE_PRELOAD
    else if (size > 1 && (call->flags & MSG_TRUNC) == 0)
        narrate_means(call, 6,
                      "The buffer is full: more may have come.");
#endif
}

/* How many received bytes are in the buffer. MSG_TRUNC returns the full
 * length of a datagram, and drops the bytes of a stream. tcp(7). */
NARRATE_APART size_t narrate_kept(int sock, ssize_t result, size_t size,
                                  int flags)
{
    if (result <= 0
        || ((flags & MSG_TRUNC) != 0
            && narrate_is_type(sock, SOCK_STREAM)))
        return 0;
    return (size_t)result < size ? (size_t)result : size;
}

NARRATE_TAKE(ssize_t, recv,
             (int sock, void *bytes, size_t size, int flags),
             (sock, bytes, size, flags))
{
    struct narrate_call call;
    struct narrate_text t;
    ssize_t result;

    if (!narrate_enter(&call, sock, "recv", "%d, ", sock))
        return narrate_real_recv(sock, bytes, size, flags);
    narrate_add_source(&call, 1, "buffer");
    narrate_add_size(&call, size, flags);
    narrate_before(&call, narrate_until(&t, &call));
    result = narrate_real_recv(sock, bytes, size, flags);
    narrate_got(&call, result, size);
    size = narrate_kept(sock, result, size, flags);
    if (size > 0)
        narrate_received(&call, bytes, size);
    narrate_leave(&call);
    return result;
}

/* Tells a datagram's sender, its length in bytes, and whether the
 * buffer cut it. `length`: of `from`, 0 if that was too small. */
NARRATE_APART void narrate_datagram(const struct narrate_call *call,
                                    const void *from, size_t length,
                                    ssize_t result, bool cut)
{
    struct narrate_text t;
    bool message = narrate_is_type(call->sock, SOCK_SEQPACKET);

    narrate_clear(&t);
    if (from != NULL && length > 0) {
        narrate_add(&t, "From ");
        narrate_add_address(&t, from, length);
        narrate_add(&t, ": ");
    }
    narrate_add_count(&t, (long)result, "byte");
    narrate_add(&t, ".");
    if (cut && (call->flags & MSG_PEEK) == 0)
        narrate_add(&t,
                    " The %s was longer than the buffer: the rest is"
                    " lost.",
                    message ? "message" : "datagram");
    if (NARRATE_RECORDED) {
        struct narrate_values values = {
            call->sock, NULL, NULL, NULL, NULL, (long)result, t.text};

        narrate_record(NARRATE_CAME, call, &values);
    } else {
        narrate_lines(NARRATE_CAME, t.text);
    }
}

NARRATE_TAKE(ssize_t, recvfrom,
             (int sock, void *bytes, size_t size, int flags,
              struct sockaddr *address, socklen_t *length),
             (sock, bytes, size, flags, address, length))
{
    struct narrate_call call;
    struct narrate_text t;
    socklen_t room;
    ssize_t result;

    if (!narrate_enter(&call, sock, "recvfrom", "%d, ", sock))
        return narrate_real_recvfrom(sock, bytes, size, flags, address,
                                     length);
    if (narrate_has_told(sock)) {
#ifdef NARRATE_PRELOAD
        narrator.calls--;
#else
        narrate_calls--;
#endif
        call.sock = NARRATE_NONE;
        narrate_leave(&call);
        return narrate_real_recvfrom(sock, bytes, size, flags, address,
                                     length);
    }
    narrate_add_source(&call, 1, "buffer");
    narrate_add_size(&call, size, flags);
    narrate_add(&call.args, ", ");
    narrate_add_source(&call, 4, address ? "&from" : "NULL");
    narrate_add(&call.args, ", ");
    narrate_add_source(&call, 5, length ? "&length" : "NULL");
    narrate_before(&call, narrate_until(&t, &call));
    room = narrate_readable(length, sizeof *length) ? *length : 0;
    result = narrate_real_recvfrom(sock, bytes, size, flags, address,
                                   length);
    narrate_got(&call, result, size);
    if (result >= 0 && !narrate_is_type(sock, SOCK_STREAM))
        narrate_datagram(&call, address,
                         length != NULL && *length <= room ? *length
                                                           : 0,
                         result, (size_t)result > size);
    size = narrate_kept(sock, result, size, flags);
    if (size > 0 && !narrate_is_tap(sock))
        narrate_received(&call, bytes, size);
    narrate_leave(&call);
    return result;
}

/* Can the parts at msg_iov be read? It checks at most 64. */
NARRATE_INNER bool narrate_has_parts(const struct msghdr *message)
{
    size_t count = (size_t)message->msg_iovlen;

    return count == 0
           || narrate_readable(message->msg_iov,
                               (count < 64 ? count : 64)
                                   * sizeof *message->msg_iov);
}

/* Adds a struct msghdr, {"Hello"} or {5 bytes}; returns its length. */
NARRATE_APART size_t narrate_add_message(struct narrate_call *call,
                                         const struct msghdr *message,
                                         bool shown)
{
    size_t size = 0;

    if (!narrate_readable(message, sizeof *message)) {
        narrate_add(&call->args, message == NULL ? "NULL" : "?");
        return 0;
    }
    narrate_add(&call->args, "{");
    if (!narrate_has_parts(message)) {
        narrate_add(&call->args, "?}");
        return 0;
    }
    for (size_t i = 0; i < (size_t)message->msg_iovlen && i < 64; i++)
        size += message->msg_iov[i].iov_len;
    if (message->msg_name != NULL && shown) {
        narrate_add_address(&call->args, message->msg_name,
                            message->msg_namelen);
        narrate_add(&call->args, ", ");
    }
    if (shown && message->msg_iovlen > 0)
        narrate_add_quoted(&call->args, message->msg_iov[0].iov_base,
                           message->msg_iov[0].iov_len);
    if (shown && message->msg_iovlen > 1)
        narrate_add(&call->args, ", in all ");
    if (!shown || message->msg_iovlen != 1)
        narrate_add_count(&call->args, (long)size, "byte");
    narrate_add(&call->args, "}");
    return size;
}

NARRATE_TAKE(ssize_t, sendmsg,
             (int sock, const struct msghdr *message, int flags),
             (sock, message, flags))
{
    struct narrate_call call;
    ssize_t result;
    size_t size;

    if (!narrate_enter(&call, sock, "sendmsg", "%d, ", sock))
        return narrate_real_sendmsg(sock, message, flags);
    size = narrate_add_message(&call, message, true);
    narrate_add(&call.args, ", ");
    call.flags = flags;
    NARRATE_ADD_FLAGS(&call.args, flags, narrate_flags);
    narrate_before(&call, NULL);
    result = narrate_real_sendmsg(sock, message, flags);
    narrate_sent(&call, result, size);
    return result;
}

NARRATE_TAKE(ssize_t, recvmsg,
             (int sock, struct msghdr *message, int flags),
             (sock, message, flags))
{
    struct narrate_call call;
    struct narrate_text t;
    socklen_t room;
    ssize_t result;
    size_t size, left;

    if (!narrate_enter(&call, sock, "recvmsg", "%d, ", sock))
        return narrate_real_recvmsg(sock, message, flags);
    if (call.source != NULL && message != NULL) {
        narrate_add_source(&call, 1, "&message");
        narrate_add(&call.args, " ");
    }
    size = narrate_add_message(&call, message, false);
    narrate_add(&call.args, ", ");
    call.flags = flags;
    NARRATE_ADD_FLAGS(&call.args, flags, narrate_flags);
    narrate_before(&call, narrate_until(&t, &call));
    room = narrate_readable(message, sizeof *message)
               ? message->msg_namelen
               : 0;
    result = narrate_real_recvmsg(sock, message, flags);
    narrate_got(&call, result, size);
    if (result >= 0 && !narrate_is_type(sock, SOCK_STREAM))
        narrate_datagram(
            &call, message->msg_name,
            message->msg_namelen <= room ? message->msg_namelen : 0,
            result, (message->msg_flags & MSG_TRUNC) != 0);
    left = narrate_kept(sock, result, (size_t)result, flags);
    for (size_t i = 0; left > 0 && i < (size_t)message->msg_iovlen;
         i++) {
        size_t part = message->msg_iov[i].iov_len;

        part = part < left ? part : left;
        if (part > 0)
            narrate_received(&call, message->msg_iov[i].iov_base, part);
        left -= part;
        if ((message->msg_flags & MSG_TRUNC) != 0
            && i + 1 == (size_t)message->msg_iovlen)
            break;
    }
    narrate_leave(&call);
    return result;
}

#endif
