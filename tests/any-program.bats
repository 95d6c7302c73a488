# scripts/narrate: any program, unchanged, is told as a lesson is.

load helper
load any-program

# ---- what is told is what the program does

@test "every call of a fortified program is told, as strace sees it" {
    any -O2 -D_FORTIFY_SOURCE=3
    traced_told ./any calls 10
    grep -q 'recvfrom(5, buffer, 10, 0, NULL, NULL) = 5' raw.txt
    grep -q 'dup2(4, 3) = 3' raw.txt
    grep -q 'fcntl(4, F_GETFL) = O_RDWR' raw.txt
    grep -q 'ioctl(4, FIONREAD, &value) = 0' raw.txt
}

@test "select and epoll are told, as strace sees them" {
    any
    traced_told ./any select
    grep -q 'Ready: 5 (to read)' raw.txt
    traced_told ./any epoll
    grep -q 'Ready: 6 (EPOLLIN)' raw.txt
}

@test "rare calls are told with their values, as strace sees them" {
    odd
    traced_told ./odd several
    joined raw.txt >told.txt
    grep -q 'sendmmsg(4, messages, 2, 0) = 2' told.txt
    grep -q 'recvmmsg(5, messages, 2, 0, &limit) = 2' told.txt
    grep -q 'sendfile(5, 3, &offset, 5) = 5' told.txt
    grep -q 'splice(6, NULL, 7, NULL, 64, 1) = 5' told.txt
}

@test "options and events are told by their names" {
    odd
    traced_told ./odd names
    grep -q 'IPPROTO_TCP, TCP_CORK, 1, 4) = 0' raw.txt
    grep -q 'IPPROTO_TCP, TCP_CONGESTION, "reno", 4) = 0' raw.txt
    grep -q 'SOL_SOCKET, SO_PRIORITY, 1, 4) = 0' raw.txt
    grep -q 'The value is {[0-9]* bytes}' raw.txt
    grep -q '{6, POLLIN|POLLRDHUP}' raw.txt
    grep -q 'EPOLL_CTL_ADD, 6, {EPOLLIN, 6}) = 0' raw.txt
    grep -q 'EPOLL_CTL_DEL, 6, &event) = 0' raw.txt
    grep -q 'Ready: 6 (EPOLLIN' raw.txt
}

@test "a send that finds no room says that it blocks" {
    odd
    told ./odd bells
    grep -q 'send(9, .*, 4096, 0) … blocks until the peer has read' told.txt
}

@test "threads, children and programs that they execute are told" {
    any
    traced_told ./any threads 5000
    grep -q '^ \[thread 5\]' raw.txt
    traced_told ./any fork 5000
    grep -q '^ \[process [0-9]*\] .*close(' raw.txt
    traced_told ./any exec 5000
    grep -q '^ \[process [0-9]*\]  1  recv(0, buffer, 4096, 0)' raw.txt
    traced_told ./any vfork
}

@test "curl, nc, socat and a server in Python are told, as strace sees them" {
    need strace python3 nc curl socat
    local port
    port=$(free_port)
    start server strace -f -y -s 9999 -o server.trace -e "trace=$CALLS" \
        "$ROOT/scripts/narrate" -o server.txt \
        python3 -u -m http.server --bind 127.0.0.1 "$port"
    await server Serving
    traced_told curl -s -o page "http://127.0.0.1:$port/server.pid"
    cmp page server.pid
    traced_told nc -N 127.0.0.1 "$port" </dev/null
    printf 'GET /server.pid HTTP/1.0\r\n\r\n' >request
    traced_told socat - "TCP:127.0.0.1:$port" <request
    grep -qx "$(cat server.pid)" out.txt
    # Each connection has a thread of its own; all are done.
    await server '\[thread 2\] .*close(.* = 0' server.txt
    await server '\[thread 3\] .*close(.* = 0' server.txt
    await server '\[thread 4\] .*close(.* = 0' server.txt
    kill -TERM "$(pgrep -P "$(cat server.pid)")"
    finish server 143
    # Python tries epoll once, when it imports a module; that is not told.
    [ "$(grep -c 'epoll_create1(' server.trace)" -eq 1 ]
    sed -i '/epoll_create1(/d' server.trace
    run -0 python3 "$ROOT/tests/support/told.py" server.txt server.trace
}

@test "the program's words, exit status and signals are its own" {
    any
    STATUS=7 told sh -c 'echo out; echo err >&2; exit 7'
    [ "$output" = "$(printf 'out\nerr')" ]
    [ ! -s raw.txt ]
    STATUS=141 told ./any sigpipe
    noted 'SIGPIPE ends the program here.'
    # Calls that the narrator makes for itself are not told.
    [ "$(grep -c 'getsockname(' raw.txt)" -eq 1 ]
    run ! grep 'getpeername(' raw.txt
    STATUS=143 told sh -c 'kill -TERM $$'
}

# After a pause, such as a busy machine makes, calls are told one by one again.
few_lines() {
    run "$ROOT/scripts/narrate" ./any fork 4096000 3>&- 4>&-
    [ "$status" -eq 0 ] && [ "${#lines[@]}" -lt 200 ]
}

@test "many like calls are counted, and FILE holds them all" {
    any
    few_lines || few_lines || few_lines
    [[ $output == *' more send('*' MB'* ]]
    [[ $output == *'The end: '*' calls; no socket is open.'* ]]
    told ./any fork 409600
    [ "$(grep -c '  send(4, .*= 4096$' told.txt)" -eq 100 ]
}

@test "what was counted is told before another program takes over" {
    odd
    run -0 "$ROOT/scripts/narrate" ./odd exec 300 3>&- 4>&-
    [[ $output == *'297 more send(4), 297 bytes; 297 more recv(5), 297 bytes'* ]]
    [[ $output == *executed ]]
    told ./odd forgets
    grep -q '"/bin/echo", is not told: its' told.txt
}

@test "a lesson is told once" {
    make -s -C "$ROOT" build/03_listen
    told "$BUILD/03_listen" 0 </dev/null
    [ "$(grep -c 'listen(3, 5) = 0' told.txt)" -eq 1 ]
    [[ $output != *'listen('* ]]
}

@test "groups: their addresses are told, and each failure that the kernel has for them" {
    local most
    most=$(</proc/sys/net/ipv4/igmp_max_memberships)
    faulty groups <<EOF
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    struct ip_mreq group = {{inet_addr("239.255.1.1")}, {htonl(INADDR_LOOPBACK)}};
    struct ip_mreqn third = {{inet_addr("239.255.1.3")}, {0}, 1};
    struct in_addr away = {inet_addr("192.0.2.1")}; /* no address of ours */
    unsigned char far = 9;
#define SET(sock, option, value) \\
    setsockopt(sock, IPPROTO_IP, option, &(value), sizeof(value))
    SET(udp, IP_ADD_MEMBERSHIP, group);
    SET(udp, IP_ADD_MEMBERSHIP, group);
    SET(udp, IP_ADD_MEMBERSHIP, third);
    SET(udp, IP_DROP_MEMBERSHIP, group);
    SET(udp, IP_DROP_MEMBERSHIP, group);
    SET(udp, IP_MULTICAST_TTL, far);
    SET(udp, IP_MULTICAST_IF, group.imr_interface);
    SET(udp, IP_MULTICAST_IF, away);
    SET(sock, IP_ADD_MEMBERSHIP, group);
    group.imr_interface = away;
    SET(udp, IP_ADD_MEMBERSHIP, group);
    group.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < $most; i++) {
        SET(udp, IP_ADD_MEMBERSHIP, group);
        group.imr_multiaddr.s_addr += htonl(256);
    }
EOF
    run -0 "$ROOT/scripts/narrate" -v ./groups 3>&-
    tr -s ' \n' ' ' <<<"$output" >told.txt
    while read -r line; do
        grep -qF " $line" told.txt || {
            cat told.txt
            echo "# not told: $line"
            return 1
        }
    done <<'END'
IP_ADD_MEMBERSHIP, {239.255.1.1, 127.0.0.1}, 8) = 0 We have joined the group: our kernel takes what comes for 239.255.1.1 through the network of 127.0.0.1.
IP_ADD_MEMBERSHIP, {239.255.1.1, 127.0.0.1}, 8) = -1 EADDRINUSE That means: this socket has joined
IP_ADD_MEMBERSHIP, {239.255.1.3, 0.0.0.0, 1}, 12) = 0 We have joined the group: our kernel takes what comes for 239.255.1.3 through an interface.
IP_DROP_MEMBERSHIP, {239.255.1.1, 127.0.0.1}, 8) = 0 We have left the group 239.255.1.1.
IP_DROP_MEMBERSHIP, {239.255.1.1, 127.0.0.1}, 8) = -1 EADDRNOTAVAIL That means: no network of this host
IP_MULTICAST_TTL, 9, 1) = 0
IP_MULTICAST_IF, 127.0.0.1, 4) = 0 What we send to a group leaves through the network of 127.0.0.1.
IP_MULTICAST_IF, 192.0.2.1, 4) = -1 EADDRNOTAVAIL
IP_ADD_MEMBERSHIP, {239.255.1.1, 127.0.0.1}, 8) = -1 EPROTO That means: this is a TCP socket
IP_ADD_MEMBERSHIP, {239.255.1.1, 192.0.2.1}, 8) = -1 ENODEV That means: no network of this host
= -1 ENOBUFS That means: the kernel has no memory left for this call; or this socket is in as many groups as it may be.
END
}

@test "a failure is one line, and explained where the program ends on it" {
    faulty good <<'EOF'
    here.sin_port = htons(1);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    reach(sock, &here);
EOF
    grep -q 'connect(3, 127.0.0.1:1, 16) = -1 ECONNREFUSED' told.txt
    run ! grep 'That means' told.txt
    sed -i 's/reach(sock, &here);/return -reach(sock, \&here);/' good.c
    cc -w good.c -o good
    STATUS=1 told ./good
    grep -q 'It ends after a failure, call 2: connect, ECONNREFUSED' told.txt
    grep -q 'That means: ' told.txt
    grep -q 'Try: ' told.txt
    run -1 "$ROOT/scripts/narrate" -v ./good
    [[ $output == *'That means'*'The end:'* ]]
}

# ---- remarks

@test "a failure that ends service is explained once, and counted in FILE too" {
    faulty full <<'EOF'
    int client = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    reach(client, &here);
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){5, 5});
    for (int i = 0; i < 3000; i++)
        accept(sock, NULL, NULL);
EOF
    [ "$(grep -c 'That means: this process has as many' told.txt)" -eq 1 ]
    [ "$(wc -l <told.txt)" -lt 60 ]
    grep -qF '1996 more accept(3) = -1 EMFILE' told.txt
    run ! grep 'accept was never called' told.txt
}

@test "a send on a socket without a connection does not block" {
    faulty listening <<'EOF'
    give(sock, &here);
    send(sock, "hello", 5, MSG_NOSIGNAL);
EOF
    grep -qF 'send(3, "hello", 5, MSG_NOSIGNAL) = -1 EPIPE' told.txt
    run ! grep 'send(.*blocks' told.txt
}

# ---- fork

@test "fork is told where a socket is open, in both processes" {
    faulty forked <<'EOF'
    int other = socket(AF_INET, SOCK_STREAM, 0);
    pid_t child = fork();
    waitpid(child, NULL, 0);
EOF
    local child
    child=$(sed -n 's/^  3  fork() = \([0-9]*\)$/\1/p' told.txt)
    [ "$child" -gt 1 ]
    sed "s/^ \[process $child\]//" raw.txt | tr -s ' \n' ' ' >line.txt
    grep -qF "This is process $child, a copy: it holds 3, 4, too." line.txt
    grep -qF 'The end: 3 calls; still open: 3, 4.' told.txt
    faulty alone <<'EOF'
    close(sock);
    waitpid(fork(), NULL, 0);
EOF
    run ! grep fork told.txt
}

@test "a socket that another descriptor holds is not told as gone" {
    faulty held <<'EOF'
    int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    give(sock, &here);
    if (fork() == 0) {
        close(sock);
        close(datagrams);
        _exit(0);
    }
    wait(NULL);
    dup(sock);
    close(sock);
    dup(datagrams);
    close(datagrams);
EOF
    local who listens='close(3) = 0 Another descriptor, here or in another'\
' process, still listens at this address. kernel: fd 3 closed LISTEN'
    sed -n 's/^ \[process [0-9]*\]//p' raw.txt | tr -s ' \n' ' ' >child.txt
    grep -v '^ \[process' raw.txt | tr -s ' \n' ' ' >parent.txt
    for who in child parent; do
        grep -qF "$listens" $who.txt
        run ! grep 'refused\|nothing is left' $who.txt
    done
    grep -q 'close(4) = 0 Another process may still hold this socket' child.txt
    grep -q 'close(4) = 0 Another descriptor, here or in another process,'\
' still holds this socket. The end' parent.txt
}

@test "a copy of a descriptor is still open when the other is closed" {
    faulty copied <<'EOF'
    int stream[2], client = socket(AF_INET, SOCK_STREAM, 0);
    int copy = dup(sock);
    close(sock);
    give(copy, &here);
    reach(client, &here);
    dup(client);
    shutdown(client, SHUT_WR);
    close(client);
    close(copy);
    socketpair(AF_UNIX, SOCK_STREAM, 0, stream);
EOF
    tr -s ' \n' ' ' <raw.txt >told.txt
    local holds='Another descriptor, here or in another process, still'
    grep -q "close(3) = 0 $holds holds this socket. 5 bind" told.txt
    grep -q "close(4) = 0 $holds holds this socket. kernel: fd 4" told.txt
    grep -q 'close(5) = 0 From now on callers are refused' told.txt
    grep -q 'still open: 3, 4, 5\.' told.txt
}

@test "a failure with a path is not explained as one with a port" {
    local body='struct sockaddr_un at = {AF_UNIX, "path"}; close(sock);
        sock = socket(AF_UNIX, SOCK_STREAM, 0);
        bind(sock, (void *)&at, sizeof at); close(sock);
        sock = socket(AF_UNIX, SOCK_STREAM, 0);'
    STATUS=1 faulty left <<EOF
#include <sys/un.h>
        $body
        return -bind(sock, (void *)&at, sizeof at);
EOF
    grep -q 'That means: a file has this path already' told.txt
    STATUS=1 faulty ended <<EOF
#include <sys/un.h>
        $body
        return -connect(sock, (void *)&at, sizeof at);
EOF
    grep -q 'That means: the file is there, but no server listens' told.txt
    STATUS=1 faulty missing <<EOF
#include <sys/un.h>
        $body
        unlink("path");
        return -connect(sock, (void *)&at, sizeof at);
EOF
    grep -q 'That means: there is no file with this path' told.txt
    STATUS=1 faulty abstract <<EOF
#include <sys/un.h>
        $body
        at.sun_path[0] = 0;
        return -connect(sock, (void *)&at, sizeof at);
EOF
    run ! grep 'That means' told.txt
    faulty served <<EOF
#include <sys/un.h>
        int client = socket(AF_UNIX, SOCK_STREAM, 0);
        unlink("path");
        $body
        unlink("path");
        bind(sock, (void *)&at, sizeof at);
        listen(sock, 1);
        connect(client, (void *)&at, sizeof at);
        accept(sock, NULL, NULL);
EOF
    grep -q 'Descriptor 5 is for this one peer\.' told.txt
}

@test "what shutdown has done is known of a copy, and without a connection" {
    faulty copied <<'EOF'
    int client = socket(AF_INET, SOCK_STREAM, 0), copy, local[2];
    int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    give(sock, &here);
    reach(client, &here);
    copy = dup(client);
    shutdown(copy, SHUT_RDWR);
    send(client, "x", 1, MSG_NOSIGNAL);
    recv(client, b, 1, 0);
    shutdown(datagrams, SHUT_RDWR);
    recv(datagrams, b, 1, 0);
    socketpair(AF_UNIX, SOCK_STREAM, 0, local);
    shutdown(local[0], SHUT_RD);
    for (int i = 0; i < 2; i++)
        send(local[1], "x", 1, MSG_NOSIGNAL);
EOF
    noted 'shutdown has ended this side: nothing more can be sent.'
    grep -q 'Nothing is there, and shutdown has ended receiving' told.txt
    noted 'the peer receives no more: nothing that is sent here arrives.'
    run ! grep -e 'recv.* blocks' -e 'has left' told.txt
    faulty child <<'EOF'
    int client = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    reach(client, &here);
    if (fork() == 0) {
        shutdown(client, SHUT_WR);
        _exit(0);
    }
    wait(NULL);
    for (int i = 0; i < 2; i++)
        send(client, "x", 1, MSG_NOSIGNAL);
    accept(client, NULL, NULL);
EOF
    noted 'shutdown has ended this side: nothing more can be sent.'
    noted '4 is a connected socket: it has no queue of callers.'
}

@test "remark: callers who came after an accept that found nobody" {
    faulty early <<'EOF'
#include <fcntl.h>
    int client = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    fcntl(sock, F_SETFL, O_NONBLOCK);
    accept(sock, NULL, NULL);
    reach(client, &here);
EOF
    noted '1 had called and were not served: accept was called once'
}

@test "a child closes what its parent holds; a local socket without a peer" {
    faulty alone <<'EOF'
    if (fork() == 0) {
        close(sock);
        _exit(0);
    }
    wait(NULL);
    close(sock);
    sock = socket(AF_UNIX, SOCK_STREAM, 0);
    recv(sock, b, 1, 0);
EOF
    run ! grep -e 'nothing is left' -e 'blocks until bytes' raw.txt
    [ "$(grep -c 'Another process may still hold' raw.txt)" -eq 2 ]
}

@test "recv returns 0 after a connect that failed: no peer has ended" {
    faulty refused <<'EOF'
#include <fcntl.h>
#include <poll.h>
    struct pollfd watched = {socket(AF_INET, SOCK_STREAM, 0), POLLOUT};
    give(sock, &here);
    close(sock);
    fcntl(watched.fd, F_SETFL, O_NONBLOCK);
    reach(watched.fd, &here);
    poll(&watched, 1, -1);
    recv(watched.fd, b, 1, 0);
    recv(watched.fd, b, 1, 0);
EOF
    grep -qF 'recv(4, buffer, 1, 0) = 0' told.txt
    run ! grep 'the peer has ended' told.txt
}

@test "a long send that fails at once is not said to block" {
    faulty long <<'EOF'
    static char bytes[9000000];
    int client = socket(AF_INET, SOCK_STREAM, 0);
    int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    give(sock, &here);
    reach(client, &here);
    reach(datagrams, &here);
    send(datagrams, bytes, sizeof bytes, 0);
    shutdown(client, SHUT_WR);
    send(client, bytes, sizeof bytes, MSG_NOSIGNAL);
EOF
    [ "$(grep -c 'send.* = -1 E' told.txt)" -eq 2 ]
    run ! grep 'send.* blocks' told.txt
}

# One socket may have two descriptors, or the same in a child of vfork.
@test "what is known of a socket is known of a copy of its descriptor" {
    local both="reach(client, &here); reach(second, &here);"
    faulty copies <<EOF
    int client = socket(AF_INET, SOCK_STREAM, 0), taken;
    int second = socket(AF_INET, SOCK_STREAM, 0);
    int third = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    $both
    dup2(sock, 20);
    taken = accept(20, NULL, NULL);
    close(sock);
    shutdown(client, SHUT_RD);
    dup2(taken, client);
    reach(third, &here);
    shutdown(second, SHUT_WR);
    close(client);
    close(taken);
    taken = accept(20, NULL, NULL);
    shutdown(third, SHUT_RD);
    dup2(taken, third);
    recv(third, b, 1, 0);
EOF
    run ! grep -e 'was never called' -e 'has ended receiving' told.txt
    grep -q '0 is the end: the peer' told.txt
    faulty shares <<EOF
    int client = socket(AF_INET, SOCK_STREAM, 0);
    int second = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    $both
    accept(sock, NULL, NULL);
    if (vfork() == 0) {
        close(sock);
        _exit(0);
    }
    close(sock);
EOF
    run ! grep 'was never called' told.txt
}

@test "a large program is told as soon as a small one" {
    ulimit -t 1 # of processor time; bash has thousands of symbols
    told bash -c :
}

@test "where process_vm_readv is forbidden, a wrong pointer is EFAULT still" {
    cat >wrong.c <<'END'
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
long process_vm_readv(void);
long process_vm_readv(void) { errno = EPERM; return -1; }
int main(void)
{
    return send(socket(AF_INET, SOCK_DGRAM, 0), (void *)8, 5, 0) == -1
        && connect(3, (void *)16, 16) == -1 && errno == EFAULT ? 0 : 1;
}
END
    "${CC:-cc}" -w -rdynamic wrong.c -o wrong
    told ./wrong
    grep 'connect(3, ?, 16) = -1 EFAULT' told.txt
}

@test "-j: each line is JSON, whatever the bytes; it holds the calls that -o tells" {
    need python3
    cat >bytes.c <<'EOF'
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(void)
{
    struct sockaddr_un here = {.sun_family = AF_UNIX};
    int ends[2], sock = socket(AF_UNIX, SOCK_STREAM, 0);
    char bytes[256], back[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    send(ends[0], bytes, sizeof bytes, 0);
    recv(ends[1], back, sizeof back, 0);
    for (int i = 1; i < 107; i += 7) { /* as names, too */
        snprintf(here.sun_path, sizeof here.sun_path, "/%.8s", bytes + i);
        connect(sock, (struct sockaddr *)&here, sizeof here);
        snprintf(here.sun_path, sizeof here.sun_path, "/%.8s", bytes + 128 + i);
        connect(sock, (struct sockaddr *)&here, sizeof here);
    }
    return close(sock);
}
EOF
    cc -w bytes.c -o bytes
    "$ROOT/scripts/narrate" -o lines.txt ./bytes 3>&- 4>&-
    "$ROOT/scripts/narrate" -j all.json ./bytes 3>&- 4>&-
    python3 - >calls <<'EOF'
import json
told = [json.loads(line) for line in open("all.json", encoding="utf-8")]
for one in told:
    assert one["process"] > 1 and one["thread"] == 1, one
    if one["kind"] == "call":
        print(one["number"], one["call"], one["result"], one.get("error", ""))
assert {"call", "means", "came", "counted"} <= {one["kind"] for one in told}, told
assert any("\\x9F" in one.get("text", "") for one in told), told
EOF
    joined lines.txt | sed -nE \
        's/^ *([0-9]+)  ([a-z0-9_]+)\(.* = (-?[0-9]+) ?([A-Z]*)$/\1 \2 \3 \4/p' >expected
    [ "$(wc -l <expected)" -gt 5 ]
    diff expected calls
}
