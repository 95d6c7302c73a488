/* rows.h: what we want to know of each call, and do before and after it
 * is told: see struct narrate_extra. Part of preload.c. */
#ifndef NARRATE_ROWS_H
#define NARRATE_ROWS_H

/* ---- what front.h wants ------------------------------------------ */

/* Is this one of our own descriptors? The program did not open it. */
static inline bool narrate_is_own(int descriptor)
{
    return narrate_is_free() && descriptor > 2
           && (descriptor == narrator.out
               || descriptor == narrate_out.terminal
               || descriptor == narrate_kernel.diag
               || descriptor == narrate_kernel.proc[0]
               || descriptor == narrate_kernel.proc[1]);
}

/* Is this a socket whose calls we tell? */
static inline bool narrate_wanted(int descriptor)
{
    return descriptor >= 0 && descriptor != narrate_kernel.diag
           && narrate_is_socket(descriptor);
}

static inline bool narrate_wants(const struct narrate_row *row,
                                 const intptr_t *arg)
{
    if (row->extra.wants != NULL)
        return row->extra.wants(arg);
    return !row->extra.files || narrate_wanted((int)arg[0]);
}

static inline int narrate_number(void)
{
    return atomic_fetch_add(&narrate_calls, 1) + 1;
}

static inline bool narrate_is_deaf(const struct narrate_call *call)
{
    return narrate_memory(call->sock)->deaf;
}

static inline void narrate_full(struct narrate_call *call)
{
    if (narrate_asked(call) > 1 && (call->flags & MSG_TRUNC) == 0)
        narrate_means(call, 6,
                      "The buffer is full: more may have come.");
}

static inline void narrate_opens(struct narrate_call *call)
{
    narrate_flush_row(call->row);
    if (call->row->extra.opens != NULL)
        call->row->extra.opens(call);
    if (call->row->sends && !call->own.counted
        && sigismember(&narrate_mask, SIGPIPE) == 0
        && narrate_pipe_ends()) {
        call->own.holds = true;
        sigaddset(&narrate_mask, SIGPIPE);
    }
}

/* A program that was handed the socket, perhaps as its standard output,
 * may be meant to end by SIGPIPE. */
static inline void narrate_closes(struct narrate_call *call)
{
    narrate_worked(call);
    if (call->row->extra.after != NULL)
        call->row->extra.after(call);
    if (!call->own.holds)
        return;
    if (narrate_ends_here(call)) {
        if (narrate_memory((int)call->arg[0])->made_here)
            narrate_note("SIGPIPE ends the program here. With"
                         " MSG_NOSIGNAL, or SIGPIPE ignored, the call"
                         " fails with EPIPE instead.");
        narrate_tell_end(false, SIGPIPE);
    }
    sigdelset(&narrate_mask, SIGPIPE);
}

/* Only the first thread of the first process stops, unless there is a
 * board, where each has its place. */
static inline bool narrate_stepped(void)
{
    if (narrate_board != NULL)
        return true;
    return narrate_out.terminal != -1
           && narrator.teller == narrator.process
           && narrate_thread == 1;
}

/* Waits for Enter. Signals such as that of Ctrl-C are delivered, and
 * other threads may tell. If a handler of the program interrupts us, we
 * wait again. */
static inline void narrate_stop(struct narrate_call *call,
                                const char *what)
{
    int from = narrate_out.terminal, early = 0;
    NARRATE_STATIC(t, NARRATE_ROOM);
    char line[256];
    ssize_t n;

    if (narrate_board != NULL) {
        narrate_board_stop(call, what);
        return;
    }
    narrate_clear(&t);
    narrate_add(&t, "next: %s  [Enter] ", what);
    narrate_lines_to(from, NARRATE_BEFORE, t.text);
    narrate_flush();
    narrate_real_ioctl(from, FIONREAD, &early);
    narrate_asks = 1;
    narrate_end();
    do
        n = narrate_real_read(from, line, sizeof line);
    while (n == -1 && errno == EINTR);
    narrate_start();
    narrate_asks = 0;
    if (early > 0)
        narrate_write(from, "\n", 1);
    if (n <= 0 || line[0] == 'q')
        _exit(0);
}

static inline void narrate_waits(struct narrate_call *call)
{
    call->own.waits = narrate_board != NULL;
}

/* A call that blocks for a limited time is held while a person thinks:
 * see board.h. */
static inline bool narrate_interrupted(struct narrate_call *call)
{
    const struct narrate_row *row = call->row;
    struct pollfd watched[64] = {{call->sock, POLLIN, 0}};
    nfds_t count = 1;
    long long limit = 0;

    if (!call->own.waits)
        return call->own.interrupted;
    if (row->watches != NULL) {
        limit = row->extra.most(call);
        count = row->watches(call, watched, 64);
    } else if (row->sends) {
        watched[0].events = POLLOUT;
        limit = narrate_limit(call->sock, SO_SNDTIMEO);
    } else if (row->receives || row->extra.makes) {
        limit = narrate_limit(call->sock, SO_RCVTIMEO);
    }
    if (limit > 0)
        call->own.interrupted =
            narrate_hold(watched, count < 64 ? count : 64);
    call->start = narrate_clock();
    errno = call->entry;
    return call->own.interrupted;
}

/* The program closes this number: forgets it. A child of vfork(2) has
 * its parent's memory. */
static inline void narrate_closed(int descriptor)
{
    if (getpid() != narrate_home)
        return;
    if (descriptor >= 0 && descriptor < NARRATE_SEEN) {
        narrate_watches[descriptor] = false;
        narrate_entries[descriptor].list = 0;
    }
    narrate_forget(descriptor);
}

/* ---- before and after each call ---------------------------------- */

/* What NARRATE_MORE_NAME adds to the row of a call, each member after a
 * comma; nothing, if it is not defined. */
#define NARRATE_MORE(name) \
    NARRATE_REST_OF(NARRATE_MORE_##name, .extra.none = 0)
#define NARRATE_REST_OF(...) NARRATE_REST(__VA_ARGS__)
#define NARRATE_REST(first, ...) __VA_ARGS__

static inline void narrate_after_socket(struct narrate_call *call)
{
    narrate_new((int)call->result);
    narrate_python_socket((int)call->arg[1], (int)call->result);
}
#define NARRATE_MORE_socket , .extra.after = narrate_after_socket

static inline void narrate_after_socketpair(struct narrate_call *call)
{
    const int *ends = narrate_pointer(call, 3);

    for (int i = 0; i < 2 && call->result == 0; i++)
        narrate_new(ends[i]);
}
#define NARRATE_MORE_socketpair \
    , .extra.after = narrate_after_socketpair

static inline bool narrate_wants_unlink(const intptr_t *arg)
{
    return narrate_is_path((const char *)arg[0]);
}
#define NARRATE_MORE_unlink , .extra.wants = narrate_wants_unlink

static inline void narrate_after_bind(struct narrate_call *call)
{
    narrate_note_bind(call);
}
#define NARRATE_MORE_bind , .extra.after = narrate_after_bind

static inline void narrate_after_listen(struct narrate_call *call)
{
    narrate_note_listen(call);
}
#define NARRATE_MORE_listen , .extra.after = narrate_after_listen

static inline void narrate_opens_accept(struct narrate_call *call)
{
    const socklen_t *length = narrate_pointer(call, 2);

    call->kept = -1;
    if (!call->own.counted && call->arg[1] != 0
        && narrate_readable(length, sizeof *length))
        call->kept = (long)*length;
    narrate_note_unknown_ports();
    narrate_note_lent();
    narrate_memory(call->sock)->tries++;
    narrate_astray = narrate_astray || !call->before.listens;
}

static inline void narrate_after_accepts(struct narrate_call *call)
{
    if (call->result >= 0)
        narrate_row_anew();
    narrate_note_accept(call);
    if (call->result >= 0)
        narrate_note_cut("the", call->kept, narrate_pointer(call, 2));
    narrate_python_accept(call->row->name, (int)call->result);
}

static inline bool narrate_soon_accept(const struct narrate_call *call)
{
    struct pollfd watched = {(int)call->arg[0], POLLIN, 0};

    return narrate_is_ready(&watched, 1);
}
#define NARRATE_MORE_accept \
    , .extra.makes = true, .extra.opens = narrate_opens_accept, \
      .extra.after = narrate_after_accepts, \
      .extra.soon = narrate_soon_accept
#define NARRATE_MORE_accept4 NARRATE_MORE_accept

static inline void narrate_opens_connect(struct narrate_call *call)
{
    call->own.before = call->before.type == SOCK_STREAM
                       && !call->before.connected
                       && !call->before.listens;
    if (!call->before.connected)
        narrate_note_host(call, false);
}

static inline void narrate_after_connect(struct narrate_call *call)
{
    narrate_note_connect(call, call->own.before);
    if (call->error != 0)
        narrate_python_waits((int)call->arg[0], "connect", call->error);
}
#define NARRATE_MORE_connect \
    , .extra.opens = narrate_opens_connect, \
      .extra.after = narrate_after_connect

/* After shutdown, for each descriptor of the socket. */
static inline void narrate_shut(int sock, bool deaf, bool shut)
{
    for (int i = 0; i < narrate_few(); i++)
        if (i == sock || narrate_is_same(i, sock)) {
            narrate_memory(i)->deaf = narrate_memory(i)->deaf || deaf;
            if (shut)
                narrate_memory(i)->shut = narrate_thread;
        }
}

static inline void narrate_opens_shutdown(struct narrate_call *call)
{
    struct narrate_memory *memory = narrate_memory(call->sock);

    call->own.before = memory->deaf;
    if (call->arg[1] != SHUT_WR) /* it may wake another thread */
        memory->deaf = true;
}

/* Linux shuts down an unconnected socket too, though it says ENOTCONN:
 * inet_shutdown of its net/ipv4/af_inet.c. */
static inline void narrate_after_shutdown(struct narrate_call *call)
{
    int sock = (int)call->arg[0], how = (int)call->arg[1];

    if (call->error == 0 || call->error == ENOTCONN)
        narrate_shut(sock, how != SHUT_WR, how != SHUT_RD);
    else
        narrate_memory(sock)->deaf = call->own.before;
}
#define NARRATE_MORE_shutdown \
    , .extra.opens = narrate_opens_shutdown, \
      .extra.after = narrate_after_shutdown

static inline bool narrate_wants_close(const intptr_t *arg)
{
    if (narrate_wanted((int)arg[0]) || narrate_is_twice((int)arg[0]))
        return true;
    narrate_closed((int)arg[0]);
    return false;
}

/* One that fails again and again is counted. */
static inline bool narrate_soon_close(const struct narrate_call *call)
{
    return narrate_real_fcntl((int)call->arg[0], F_GETFD) == -1;
}

/* The remarks that need the socket still open. A child of vfork(2) has
 * its parent's memory. */
static inline void narrate_opens_close(struct narrate_call *call)
{
    int sock = (int)call->arg[0];

    if (!call->before.open || getpid() != narrate_home)
        return;
    narrate_note_closing(sock);
    narrate_note_left(sock);
    call->own.lent = narrate_gives_back(sock);
    call->own.drops = narrate_drops(sock);
}

static inline void narrate_after_close(struct narrate_call *call)
{
    int sock = (int)call->arg[0];

    if (call->error == EBADF)
        narrate_note_closed(sock);
    if (call->error != 0 || getpid() != narrate_home)
        return;
    narrate_note_returned(call->own.lent);
    narrate_note_dropped(call);
    narrate_row_anew();
    narrate_closed(sock);
    narrate_memory(sock)->closed = call->number;
}
#define NARRATE_MORE_close \
    , .extra.wants = narrate_wants_close, \
      .extra.opens = narrate_opens_close, \
      .extra.after = narrate_after_close, \
      .extra.soon = narrate_soon_close

/* ---- bytes ------------------------------------------------------- */

/* How long the next datagram is; 0 if none is there or this is no
 * datagram socket. FIONREAD of udp(7). */
static inline void narrate_opens_recv(struct narrate_call *call)
{
    narrate_note_group(call->sock);
    call->own.next = call->own.counted ? -1
                     : call->before.type == SOCK_DGRAM
                         ? narrate_unread(call->sock)
                         : 0;
}

/* After a call that moves bytes. */
static inline void narrate_after_moved(struct narrate_call *call)
{
    narrate_note_failed(call);
    if (call->result > 0)
        narrate_uses((int)call->arg[0], call->row->sends);
}
#define NARRATE_MORE_recvmmsg , .extra.after = narrate_after_moved
#define NARRATE_MORE_sendmmsg \
    , .until = narrate_until_send, .extra.after = narrate_after_moved

static inline void narrate_after_recv(struct narrate_call *call)
{
    narrate_note_received(call);
    narrate_after_moved(call);
}
#define NARRATE_MORE_recv \
    , .extra.opens = narrate_opens_recv, \
      .extra.after = narrate_after_recv
#define NARRATE_MORE_read NARRATE_MORE_recv, .extra.files = true

static inline void narrate_after_recvfrom(struct narrate_call *call)
{
    narrate_note_received(call);
    if (call->result >= 0 && call->arg[4] != 0 && call->arg[5] != 0)
        narrate_note_cut("the sender's", call->kept,
                         narrate_pointer(call, 5));
    narrate_after_moved(call);
}
#define NARRATE_MORE_recvfrom \
    , .extra.opens = narrate_opens_recv, \
      .extra.after = narrate_after_recvfrom
#define NARRATE_MORE_readv \
    , .extra.after = narrate_after_moved, .extra.files = true

static inline void narrate_after_send(struct narrate_call *call)
{
    narrate_note_text(call->result, narrate_pointer(call, 1),
                      (size_t)call->arg[2]);
    narrate_watch_send(call);
    narrate_after_moved(call);
}
#define NARRATE_MORE_send \
    , .until = narrate_until_send, .extra.after = narrate_after_send

static inline void narrate_after_sendto(struct narrate_call *call)
{
    if (call->arg[4] != 0)
        narrate_note_host(call, false);
    narrate_after_send(call);
}
#define NARRATE_MORE_sendto \
    , .until = narrate_until_send, .extra.after = narrate_after_sendto
#define NARRATE_MORE_write NARRATE_MORE_send, .extra.files = true
#define NARRATE_MORE_writev \
    , .until = narrate_until_send, .extra.after = narrate_after_moved, \
      .extra.files = true
#define NARRATE_MORE_sendfile \
    , .extra.after = narrate_after_moved, .extra.files = true

static inline bool narrate_wants_splice(const intptr_t *arg)
{
    return narrate_wanted((int)arg[0]) || narrate_wanted((int)arg[2]);
}
#define NARRATE_MORE_splice , .extra.wants = narrate_wants_splice

/* Descriptors that a message carries are another program's, too. */
static inline void narrate_after_message(struct narrate_call *call)
{
    const struct msghdr *message = narrate_pointer(call, 1);
    int descriptor;

    narrate_after_moved(call);
    for (size_t i = 0;
         call->result >= 0
         && (descriptor = narrate_carried(message, i)) != NARRATE_NONE;
         i++)
        narrate_hand_on(descriptor);
}
#define NARRATE_MORE_recvmsg , .extra.after = narrate_after_message
#define NARRATE_MORE_sendmsg \
    , .until = narrate_until_send, .extra.after = narrate_after_message

/* ---- options, names, descriptors --------------------------------- */

static inline void narrate_after_setsockopt(struct narrate_call *call)
{
    narrate_note_joined(call);
}
#define NARRATE_MORE_setsockopt \
    , .extra.after = narrate_after_setsockopt

static inline void narrate_after_getsockopt(struct narrate_call *call)
{
    narrate_note_option(call);
}
#define NARRATE_MORE_getsockopt \
    , .extra.after = narrate_after_getsockopt

static inline void narrate_after_getsockname(struct narrate_call *call)
{
    if (call->error == 0)
        narrate_knows_port((int)call->arg[0]);
    narrate_python_name();
}
#define NARRATE_MORE_getsockname \
    , .extra.after = narrate_after_getsockname
static inline void narrate_after_dup(struct narrate_call *call)
{
    narrate_copied((int)call->arg[0], (int)call->result);
}

static inline bool narrate_wants_dup(const intptr_t *arg)
{
    return narrate_wanted((int)arg[0]) || narrate_wanted((int)arg[1]);
}
#define NARRATE_MORE_dup \
    , .extra.files = true, .extra.after = narrate_after_dup
#define NARRATE_MORE_dup2 \
    , .extra.wants = narrate_wants_dup, .extra.after = narrate_after_dup
#define NARRATE_MORE_dup3 NARRATE_MORE_dup2

static inline void narrate_after_control(struct narrate_call *call)
{
    if (call->arg[1] == F_DUPFD || call->arg[1] == F_DUPFD_CLOEXEC)
        narrate_copied((int)call->arg[0], (int)call->result);
}

static inline void narrate_after_ioctl(struct narrate_call *call)
{
    narrate_python_ioctl((int)call->arg[0], (unsigned long)call->arg[1],
                         (int)call->result);
}

/* ---- readiness --------------------------------------------------- */

/* The program uses these descriptors itself. */
static inline void narrate_opens_wait(struct narrate_call *call)
{
    struct pollfd watched[64];
    nfds_t count = call->row->watches(call, watched, 64);

    narrate_note_unknown_ports();
    for (nfds_t i = 0; i < count && i < 64; i++) {
        narrate_uses(watched[i].fd, false);
        narrate_note_group(watched[i].fd);
    }
}

static inline void narrate_after_poll(struct narrate_call *call)
{
    const struct pollfd *watched = narrate_pointer(call, 0);

    if (call->arg[1] == 1)
        narrate_python_waits(watched[0].fd, "poll", 0);
}

static inline int narrate_key_poll(const struct narrate_call *call)
{
    return ((const struct pollfd *)narrate_pointer(call, 0))->fd;
}
#define NARRATE_MORE_poll \
    , .extra.wants = narrate_wants_poll, \
      .extra.opens = narrate_opens_wait, \
      .extra.after = narrate_after_poll, \
      .extra.key = narrate_key_poll, .extra.most = narrate_most_ms
#define NARRATE_MORE_ppoll \
    , .extra.wants = narrate_wants_poll, \
      .extra.opens = narrate_opens_wait, \
      .extra.key = narrate_key_poll, .extra.most = narrate_most_ns

#define NARRATE_MORE_select \
    , .extra.wants = narrate_wants_select, \
      .extra.opens = narrate_opens_wait, .extra.changes = true, \
      .extra.most = narrate_most_us
#define NARRATE_MORE_pselect \
    , .extra.wants = narrate_wants_select, \
      .extra.opens = narrate_opens_wait, .extra.changes = true, \
      .extra.most = narrate_most_ns

/* Told of a socket, and of what fails because it is no descriptor, or a
 * file; one that is neither is told when it is ready. */
static inline bool narrate_wants_epoll_ctl(const intptr_t *arg)
{
    struct stat file;

    if (narrate_wanted((int)arg[2]) || fstat((int)arg[2], &file) == -1
        || S_ISREG(file.st_mode) || S_ISDIR(file.st_mode))
        return true;
    narrate_mark_epoll((int)arg[0], (int)arg[1], (int)arg[2],
                       (const void *)arg[3]);
    return false;
}

static inline void narrate_after_epoll_ctl(struct narrate_call *call)
{
    int list = (int)call->arg[0];

    if (call->error == 0 && list < NARRATE_SEEN)
        narrate_watches[list] = true;
    narrate_uses((int)call->arg[2], false);
}

/* Python's selectors tries epoll when it is imported. */
static inline bool narrate_wants_epoll_create1(const intptr_t *arg)
{
    char path[sizeof narrate_file];
    bool imports = false;

    (void)arg;
    if (narrate_is_free() && narrate_is_python())
        narrate_python_line(path, sizeof path, &imports);
    return !imports;
}
#define NARRATE_MORE_epoll_create1 \
    , .extra.wants = narrate_wants_epoll_create1
#define NARRATE_MORE_epoll_ctl \
    , .extra.wants = narrate_wants_epoll_ctl, \
      .extra.after = narrate_after_epoll_ctl

static inline void narrate_opens_epoll(struct narrate_call *call)
{
    (void)call;
    narrate_note_unknown_ports();
}
#define NARRATE_MORE_epoll_wait \
    , .extra.wants = narrate_wants_epoll, \
      .extra.opens = narrate_opens_epoll, \
      .extra.most = narrate_most_ms
#define NARRATE_MORE_epoll_pwait NARRATE_MORE_epoll_wait

#endif
