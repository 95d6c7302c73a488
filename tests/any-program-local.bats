# scripts/narrate: local sockets (AF_UNIX) have paths, and neither ports,
# handshakes nor a network. What is told of them leaves these out.

load helper
load any-program

# local_sockets TYPE <<body: a program with two such sockets, `server` and
# `client`, and the address `at`; what it tells goes to told.txt, as one
# line.
local_sockets() {
    {
        printf '#include <%s>\n' fcntl.h sys/socket.h sys/un.h unistd.h
        echo 'static int on = 1; static char b[64]; static socklen_t size;'
        echo 'int main(void) { struct sockaddr_un at = {AF_UNIX, "path"};'
        echo 'struct linger now = {1, 0}; struct sockaddr_un other;'
        echo "int server = socket(AF_UNIX, $1, 0);"
        echo "int client = socket(AF_UNIX, $1, 0);"
        echo '(void)now, (void)other, size = sizeof other;'
        cat
        echo 'return 0; }'
    } >local.c
    rm -f path
    "${CC:-cc}" -w local.c -o local
    run -0 timeout "$PATIENCE" "$ROOT/scripts/narrate" -v -o raw.txt ./local 3>&- 4>&-
    tr -s ' \n' ' ' <raw.txt >told.txt
}

# What no local socket has.
FOREIGN='TCP\|UDP\|IPv4\|handshake\|port\|host\|network\|silent peer'
FOREIGN+='\|on its way\|sin_family\|MSG_OOB\|will reset\|family 1'

OPTIONS='setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(server, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(server, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    setsockopt(server, SOL_SOCKET, SO_LINGER, &now, sizeof now);'

@test "a local stream is told without a port or a handshake" {
    local_sockets SOCK_STREAM <<EOF
    int peer;
    $OPTIONS
    listen(server, 1);
    send(client, "x", 1, MSG_NOSIGNAL);
    recv(client, b, 1, 0);
    connect(client, (void *)&at, sizeof at);
    bind(server, (void *)&at, sizeof at);
    connect(client, (void *)&at, sizeof at);
    getsockname(client, (void *)&other, &size);
    listen(server, 1);
    connect(client, (void *)&at, sizeof at);
    peer = accept(server, NULL, NULL);
    send(client, "hello", 5, 0);
    recv(peer, b, 1, 0);
    close(peer);
    recv(client, b, 1, 0);
    recv(client, b, 1, 0);
    send(client, "x", 1, MSG_NOSIGNAL);
    close(server);
    connect(socket(AF_UNIX, SOCK_SEQPACKET, 0), (void *)&at, sizeof at);
EOF
    run ! grep -e "$FOREIGN" told.txt
    grep -q 'listen(3, 1) = -1 EINVAL That means: the socket has no path yet' told.txt
    grep -q 'send(4, .* = -1 ENOTCONN That means: this socket has no peer' told.txt
    grep -q 'recv(4, .* = -1 EINVAL That means: this socket has no peer' told.txt
    grep -q 'connect(4, .* = -1 ENOENT That means: there is no file' told.txt
    grep -q 'connect(4, .* = -1 ECONNREFUSED That means: the file is there' told.txt
    grep -q 'Our end has no address\.' told.txt
    grep -q 'the kernel answers clients for us and keeps' told.txt
    grep -q '4 bytes that we had not read: ' told.txt
    grep -q 'ECONNRESET That means: the peer closed its socket before' told.txt
    grep -q 'EPIPE That means: the peer has closed its socket or' told.txt
}

@test "a local datagram is not on its way, but has arrived" {
    local_sockets SOCK_DGRAM <<EOF
    $OPTIONS
    bind(server, (void *)&at, sizeof at);
    connect(client, (void *)&at, sizeof at);
    send(client, "hello", 5, 0);
    sendto(client, "hello", 5, 0, (void *)&at, sizeof at);
    recvfrom(server, b, 3, 0, (void *)&other, &size);
    shutdown(client, SHUT_RD);
    close(server);
    send(client, "hello", 5, MSG_NOSIGNAL);
    sendto(client, "hello", 5, 0, (void *)&at, sizeof at);
EOF
    run ! grep -e "$FOREIGN" told.txt
    [ "$(grep -o 'Our kernel took it whole, as one message\.' told.txt | wc -l)" -eq 2 ]
    run ! grep 'recvfrom(.* blocks' told.txt # it is there
    [ "$(grep -o 'ECONNREFUSED That means: the receiver has' told.txt | wc -l)" -eq 2 ]
}

@test "local messages in sequence are no datagrams, and have an end" {
    local_sockets SOCK_SEQPACKET <<EOF
    int peer;
    $OPTIONS
    bind(server, (void *)&at, sizeof at);
    listen(server, 1);
    connect(client, (void *)&at, sizeof at);
    peer = accept(server, NULL, NULL);
    send(client, "hello", 5, 0);
    recvmsg(peer, &(struct msghdr){.msg_iov = &(struct iovec){b, 3},
                                   .msg_iovlen = 1}, 0);
    close(client);
    recv(peer, b, 3, 0);
    send(peer, "x", 1, MSG_NOSIGNAL);
EOF
    run ! grep -e "$FOREIGN" -e datagram told.txt
    run ! grep 'recv.* blocks' told.txt # they are there
    grep -q 'The message was longer than the buffer' told.txt
}

@test "the end of a time limit on a local socket is explained, too" {
    local_sockets SOCK_DGRAM <<EOF
#include <sys/time.h>
    struct timeval limit = {0, 20000};
    int sent;
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    bind(server, (void *)&at, sizeof at);
    listen(server, 1);
    recv(server, b, 1, 0);
    recvfrom(server, b, 1, 0, NULL, NULL);
    connect(client, (void *)&at, sizeof at);
    do
        sent = send(client, "x", 1, 0);
    while (sent == 1);
EOF
    run ! grep -e "$FOREIGN" told.txt
    grep -q 'listen(.* = -1 EOPNOTSUPP That means: this kind of socket' told.txt
    [ "$(grep -o 'EAGAIN That means: nothing came within the' told.txt | wc -l)" -eq 2 ]
    grep -q 'EAGAIN That means: there was no room within the' told.txt
}

@test "descriptors that a message passes are named on both sides" {
    faulty passes <<'EOF'
    int ends[2], got, udp = socket(AF_INET, SOCK_DGRAM, 0);
    socklen_t length = sizeof here;
    char byte = 'x';
    struct iovec bytes = {&byte, 1};
    union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } u = {0};
    struct msghdr m = {.msg_iov = &bytes, .msg_iovlen = 1,
                       .msg_control = u.room, .msg_controllen = sizeof u.room};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof sock);
    memcpy(CMSG_DATA(c), &sock, sizeof sock);
    sendmsg(ends[0], &m, 0);
    recvmsg(ends[1], &m, 0);
    memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof got);
    close(got);
    memcpy(CMSG_DATA(c), &sock, sizeof sock);
    m.msg_controllen = sizeof u.room;
    sendmsg(ends[0], &m, 0);
    m.msg_controllen = 0;
    recvmsg(ends[1], &m, 0);
    /* Who sent it finds no room either, nor at UDP where it was sent. */
    setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &udp, sizeof udp);
    sendmsg(ends[0], &m, 0);
    recvmsg(ends[1], &m, 0);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(udp, IPPROTO_IP, IP_PKTINFO, &udp, sizeof udp);
    bind(udp, (void *)&here, sizeof here);
    getsockname(udp, (void *)&here, &length);
    reach(udp, &here);
    sendmsg(udp, &m, 0);
    recvmsg(udp, &m, 0);
EOF
    [ "$(grep -c 'recvmsg(.* = 1$' told.txt)" -eq 4 ]
    [ "$(grep -c 'no room for more descriptors' told.txt)" -eq 1 ]
    [ "$(grep -c 'what is open as descriptor 3 here' told.txt)" -eq 2 ]
    [ "$(grep -c 'somebody else has opened: descriptor 7 here' told.txt)" -eq 1 ]
}
