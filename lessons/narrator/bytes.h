/* bytes.h: what the calls mean that send and receive. */
#ifndef NARRATE_BYTES_H
#define NARRATE_BYTES_H

/* ---- sending ----------------------------------------------------- */

/* The sum of these pieces; 0 if they cannot be read. */
NARRATE_APART size_t narrate_sum(const struct iovec *pieces,
                                 size_t count)
{
    size_t sum = 0;

    if (count > 1024
        || !narrate_readable(pieces, count * sizeof *pieces))
        return 0;
    for (size_t i = 0; i < count; i++)
        sum += pieces[i].iov_len;
    return sum;
}

NARRATE_APART size_t
narrate_asks_message(const struct narrate_call *call)
{
    const struct msghdr *message = narrate_pointer(call, 1);

    return narrate_readable(message, sizeof *message) ? narrate_sum(
               message->msg_iov, (size_t)message->msg_iovlen)
                                                      : 0;
}

/* How many bytes a call is to send, or has room for. */
NARRATE_APART size_t narrate_asked(const struct narrate_call *call)
{
    return call->row->asks != NULL ? call->row->asks(call)
                                   : (size_t)call->arg[2];
}

NARRATE_APART void narrate_means_send(struct narrate_call *call)
{
    long result = call->result, size = (long)narrate_asked(call);

    if (call->before.type == SOCK_STREAM && result == size && size > 0
        && call->before.here.any.sa_family == AF_UNIX) {
        narrate_means(call, 24,
                      "Our kernel has put %ld byte%s into the peer's"
                      " queue, where its recv finds %s.",
                      result, result == 1 ? "" : "s",
                      result == 1 ? "it" : "them");
        return;
    }
    if (call->before.type != SOCK_STREAM)
        narrate_means(call, 8,
                      call->before.port < 0 ? "Our kernel took it "
                                              "whole, as one message."
                                            : "The datagram is on its "
                                              "way. Nobody says "
                                              "whether it"
                                              " arrives.");
    else if (result < size)
        narrate_means(call, 0,
                      "Our kernel took %ld of %ld bytes: it has no room"
                      " for more.",
                      result, size);
    else if (result == 0)
        narrate_means(call, 6,
                      "There was no byte to send: nothing is sent.");
    else
        narrate_means(call, 6,
                      result == 1 ? "Our kernel took %ld byte. That"
                                    " does not mean the peer has it"
                                    " yet."
                                  : "Our kernel took %ld bytes. That"
                                    " does not mean the peer has them"
                                    " yet.",
                      result);
}

NARRATE_APART void narrate_fails_send(struct narrate_call *call)
{
    call->nothing = "The kernel has no room for more; later.";
    if (call->now->state == NARRATE_SYN_SENT)
        call->nothing = "The handshake is not over yet; later.";
    if (call->address != NULL)
        call->sock = NARRATE_NONE;
}

/* ---- receiving --------------------------------------------------- */

NARRATE_APART bool narrate_until_recv(struct narrate_call *call,
                                      struct narrate_text *t)
{
    const struct narrate_seen *was = &call->before;

    if (was->deaf || narrate_is_deaf(call))
        return false;
    if (was->state == NARRATE_CLOSED || was->state == NARRATE_LISTEN
        || (was->here.any.sa_family == AF_UNIX && !was->connected
            && was->type != SOCK_DGRAM)) /* it fails */
        return false;
    if (was->type == SOCK_STREAM)
        narrate_add(t, "%s come or the peer ends its side",
                    call->flags & MSG_WAITALL ? "all the bytes"
                                              : "bytes");
    else if (was->type == SOCK_SEQPACKET)
        narrate_add(t, "a message comes or the peer ends its side");
    else
        narrate_add(t, "a %s comes",
                    narrate_is_tap(was) ? "frame" : "datagram");
    narrate_add_most(t, narrate_limit(call->sock, SO_RCVTIMEO));
    return true;
}

/* Are there bytes, a datagram, or the end? An error is told by the
 * failure itself. Of MSG_WAITALL, some bytes are not enough. */
NARRATE_APART bool narrate_there_recv(struct narrate_call *call,
                                      struct narrate_text *t)
{
    struct pollfd watched = {call->sock, POLLIN | NARRATE_RDHUP, 0};
    int type = call->before.type, unread;
    long size = (long)narrate_asked(call);
    bool over;

    if (!narrate_is_ready(&watched, 1))
        return false;
    over = (watched.revents & (POLLERR | POLLHUP | NARRATE_RDHUP)) != 0;
    unread = narrate_unread(call->sock);
    if (type != SOCK_STREAM && (watched.revents & POLLIN) == 0)
        return true;
    if (type == SOCK_SEQPACKET && (unread > 0 || !over))
        return narrate_was(t, 8, "A message was already there.");
    if (type != SOCK_STREAM && type != SOCK_SEQPACKET)
        return narrate_was(t, 8, "A %s was already there.",
                           narrate_is_tap(&call->before) ? "frame"
                                                         : "datagram");
    if ((call->flags & MSG_WAITALL) != 0 && unread < size && !over)
        return false;
    if (unread == 0)
        return !over || narrate_was(t, 6, "The end was already there.");
    if (size == 0 || size == unread)
        return narrate_was(t, 6, "%d byte%s already there.", unread,
                           unread == 1 ? " was" : "s were");
    return narrate_was(t, 6,
                       "%d byte%s already there; there was room for "
                       "%ld.",
                       unread, unread == 1 ? " was" : "s were", size);
}

/* recv has returned 0. In the first three states no FIN has come from
 * the peer: shutdown has ended receiving here or in another
 * process. */
NARRATE_INNER void narrate_is_over(struct narrate_call *call)
{
    const struct narrate_seen *now = call->now;

    if (now->state == NARRATE_ESTABLISHED
        || now->state == NARRATE_FIN_WAIT_1
        || now->state == NARRATE_FIN_WAIT_2 || narrate_is_deaf(call))
        narrate_means(call, 0,
                      "Nothing is there, and shutdown has ended"
                      " receiving here: that gives 0.");
    else if (now->deaf)
        narrate_means(call, 0,
                      "Nothing more can come here: that gives 0.");
    else if (now->connected)
        narrate_means(call, 6,
                      "0 is the end: the peer has ended its side and"
                      " sends no more.");
    /* the kernel gives 0 after a connect that failed, too */
}

/* Says what has come over a stream, but not yet which bytes. */
NARRATE_APART void narrate_got(struct narrate_call *call)
{
    long result = call->result, size = (long)narrate_asked(call);

#ifdef MSG_ERRQUEUE
    if ((call->flags & MSG_ERRQUEUE) != 0) {
        narrate_means(call, 0,
                      "That came from the queue of errors and notices,"
                      " not from the peer.");
        return;
    }
#endif
    if (size == 0)
        narrate_means(call, 6,
                      "There was room for no byte: that gives 0.");
    else if (result == 0)
        narrate_is_over(call);
    else if (call->there[0] != '\0')
        ; /* that has said it */
    else if (result < size)
        narrate_means(call, 6,
                      "%ld byte%s had come; there was room for %ld.",
                      result, result == 1 ? "" : "s", size);
    else
        narrate_full(call);
}

/* Tells a datagram's sender, its length in bytes, and whether the
 * buffer cut it. `length`: of `from`, 0 if that was too small. */
NARRATE_APART void narrate_datagram(const struct narrate_call *call,
                                    const void *from, size_t length,
                                    bool cut)
{
    NARRATE_STATIC(t, 400);

    narrate_clear(&t);
    if (from != NULL && length > 0) {
        narrate_add(&t, "From ");
        narrate_add_address(&t, from, length);
        narrate_add(&t, ": ");
    }
    narrate_add_count(&t, call->result, "byte");
    narrate_add(&t, ".");
    if (cut && (call->flags & MSG_PEEK) == 0)
        narrate_add(&t,
                    " The %s was longer than the buffer: the rest is"
                    " lost.",
                    call->before.type == SOCK_SEQPACKET ? "message"
                                                        : "datagram");
    if (NARRATE_RECORDED) {
        struct narrate_values values = {
            call->sock, NULL, NULL, NULL, NULL, call->result, t.text};

        narrate_record(NARRATE_CAME, call, &values);
    } else {
        narrate_lines(NARRATE_CAME, t.text);
    }
}

/* Tells all bytes that were received, in as many lines as it takes:
 * received: "Hello\n". scripts/narrate shows the first of many. */
NARRATE_APART void narrate_received(const struct narrate_call *call,
                                    const void *bytes, size_t size)
{
    size_t room = (size_t)narrate_width() - 16; /* quoted */
    size_t shown = narrate_shown(size), done = 0;
    char text[NARRATE_WIDTH - 16];
    const char *byte = bytes;

    while (done < shown) {
        size_t n =
            narrate_escape(text, room, byte + done, shown - done);

        if (NARRATE_RECORDED) {
            NARRATE_TEXT(t, NARRATE_WIDTH);
            struct narrate_values values = {
                call->sock, NULL, NULL, NULL, NULL, (long)n, t.text};

            narrate_add(&t, "received: \"%s\"", text);
            narrate_record(NARRATE_CAME, call, &values);
        } else if (narrator.muted == 0) {
            narrate_page_for(narrator.out, 2 * NARRATE_WIDTH);
            narrate_add_speaker(&narrate_page);
            narrate_add(&narrate_page, "%*sreceived: \"%s\"\n",
                        NARRATE_MARGIN, "", text);
        }
        done += n;
    }
    if (size > shown)
        narrate_means(call, 0, "\xE2\x80\xA6 and %zu more bytes",
                      size - shown);
}

/* How many received bytes are in a buffer of this size. MSG_TRUNC
 * returns the full length of a datagram, and drops the bytes of a
 * stream. tcp(7). */
NARRATE_APART size_t narrate_kept(const struct narrate_call *call,
                                  size_t size)
{
    if (call->result <= 0
        || ((call->flags & MSG_TRUNC) != 0
            && call->before.type == SOCK_STREAM))
        return 0;
    return (size_t)call->result < size ? (size_t)call->result : size;
}

NARRATE_APART void narrate_means_recv(struct narrate_call *call)
{
    size_t size = narrate_kept(call, (size_t)call->arg[2]);

    if (call->before.type == SOCK_STREAM)
        narrate_got(call);
    if (size > 0)
        narrate_received(call, narrate_pointer(call, 1), size);
}

/* Notes how much room there is for the address. */
NARRATE_APART void narrate_notes_recvfrom(struct narrate_call *call)
{
    const socklen_t *length = narrate_pointer(call, 5);

    if (narrate_readable(length, sizeof *length))
        call->kept = (long)*length;
}

NARRATE_APART void narrate_means_recvfrom(struct narrate_call *call)
{
    const socklen_t *length = narrate_pointer(call, 5);

    if (call->before.type == SOCK_STREAM) {
        narrate_means_recv(call);
        return;
    }
    narrate_datagram(call, narrate_pointer(call, 4),
                     length != NULL && *length <= call->kept ? *length
                                                             : 0,
                     (size_t)call->result > (size_t)call->arg[2]);
    if (!narrate_is_tap(call->now))
        narrate_means_recv(call);
}

/* ---- messages ---------------------------------------------------- */

/* Descriptor `i` of those that a message carries; NARRATE_NONE: there
 * are not so many. The macros of cmsg(3) that lead from one header to
 * the next are not silent everywhere. unix(7), SCM_RIGHTS. */
NARRATE_APART int narrate_carried(const struct msghdr *message,
                                  size_t i)
{
    const char *room;
    size_t at = 0, size;

    if (!narrate_readable(message, sizeof *message))
        return NARRATE_NONE;
    room = message->msg_control;
    size = (size_t)message->msg_controllen;
    if (!narrate_readable(room, size))
        return NARRATE_NONE;
    while (at + CMSG_LEN(0) <= size) {
        size_t length, count;
        struct cmsghdr head;
        int descriptor;

        memcpy(&head, room + at, sizeof head);
        length = (size_t)head.cmsg_len;
        if (length < CMSG_LEN(0) || length > size - at)
            break;
        length -= CMSG_LEN(0);
        count = head.cmsg_level == SOL_SOCKET
                        && head.cmsg_type == SCM_RIGHTS
                    ? length / sizeof descriptor
                    : 0;
        if (i < count) {
            memcpy(&descriptor,
                   room + at + CMSG_LEN(0) + i * sizeof descriptor,
                   sizeof descriptor);
            return descriptor;
        }
        i -= count;
        at += CMSG_SPACE(length);
    }
    return NARRATE_NONE;
}

/* Adds the descriptors that a message has taken along, "s 4, 5".
 * Are there any? */
NARRATE_INNER bool narrate_add_carried(struct narrate_text *t,
                                       const struct narrate_call *call)
{
    const struct msghdr *message = narrate_pointer(call, 1);
    size_t count = 0;
    int descriptor;

    narrate_add(t,
                narrate_carried(message, 1) != NARRATE_NONE ? "s" : "");
    for (;
         (descriptor = narrate_carried(message, count)) != NARRATE_NONE;
         count++)
        narrate_add(t, "%s%d", count > 0 ? ", " : " ", descriptor);
    return count > 0;
}

/* Adds a struct msghdr, {"Hello"} or {5 bytes}. */
NARRATE_APART void narrate_add_message(struct narrate_text *t,
                                       const struct msghdr *message,
                                       bool shown)
{
    size_t count;

    if (!narrate_readable(message, sizeof *message)) {
        narrate_add(t, message == NULL ? "NULL" : "?");
        return;
    }
    count = (size_t)message->msg_iovlen;
    narrate_add(t, "{");
    if (count > 0
        && !narrate_readable(message->msg_iov,
                             count * sizeof *message->msg_iov)) {
        narrate_add(t, "?}");
        return;
    }
    if (message->msg_name != NULL && shown) {
        narrate_add_address(t, message->msg_name, message->msg_namelen);
        narrate_add(t, ", ");
    }
    if (shown && count > 0)
        narrate_add_quoted(t, message->msg_iov[0].iov_base,
                           message->msg_iov[0].iov_len);
    if (shown && count > 1)
        narrate_add(t, ", in all ");
    if (!shown || count != 1)
        narrate_add_count(t, (long)narrate_sum(message->msg_iov, count),
                          "byte");
    narrate_add(t, "}");
}

NARRATE_APART void narrate_adds_sendmsg(struct narrate_call *call,
                                        struct narrate_text *t)
{
    narrate_add_message(t, narrate_pointer(call, 1), true);
}

NARRATE_APART void narrate_adds_recvmsg(struct narrate_call *call,
                                        struct narrate_text *t)
{
    if (call->source != NULL && call->arg[1] != 0) {
        narrate_add_source(t, call, 1, "", 0);
        narrate_add(t, " ");
    }
    narrate_add_message(t, narrate_pointer(call, 1), false);
}

NARRATE_APART void narrate_means_sendmsg(struct narrate_call *call)
{
    NARRATE_TEXT(t, 60);

    narrate_means_send(call);
    if (narrate_add_carried(&t, call))
        narrate_means(call, 0,
                      "With them goes what is open as descriptor%s"
                      " here. There it gets a number of its own.",
                      t.text);
}

/* Notes how much room there is for the address. */
NARRATE_APART void narrate_notes_recvmsg(struct narrate_call *call)
{
    const struct msghdr *message = narrate_pointer(call, 1);

    if (narrate_readable(message, sizeof *message))
        call->kept = (long)message->msg_namelen;
}

/* Tells what is in the parts of a message. */
NARRATE_APART void narrate_means_recvmsg(struct narrate_call *call)
{
    const struct msghdr *message = narrate_pointer(call, 1);
    size_t left = narrate_kept(call, (size_t)call->result);
    NARRATE_TEXT(t, 60);

    if (call->before.type == SOCK_STREAM)
        narrate_got(call);
    else
        narrate_datagram(call, message->msg_name,
                         message->msg_namelen <= call->kept
                             ? message->msg_namelen
                             : 0,
                         (message->msg_flags & MSG_TRUNC) != 0);
    for (size_t i = 0; left > 0 && i < (size_t)message->msg_iovlen;
         i++) {
        size_t part = message->msg_iov[i].iov_len;

        part = part < left ? part : left;
        if (part > 0)
            narrate_received(call, message->msg_iov[i].iov_base, part);
        left -= part;
        if ((message->msg_flags & MSG_TRUNC) != 0
            && i + 1 == (size_t)message->msg_iovlen)
            break;
    }
    if (narrate_add_carried(&t, call))
        narrate_means(call, 0,
                      "With them came what somebody else has opened:"
                      " descriptor%s here.",
                      t.text);
#ifdef __linux__
    if ((message->msg_flags & MSG_CTRUNC) != 0
        && call->before.here.any.sa_family == AF_UNIX
        && narrate_option(call->sock, SOL_SOCKET, SO_PASSCRED) == 0)
        narrate_means(call, 0,
                      "There was no room for more descriptors: the"
                      " kernel has closed those.");
#endif
}

#endif
