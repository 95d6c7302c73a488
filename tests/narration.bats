# What a lesson says of a call is what strace saw the kernel asked and
# answered, whatever it was compiled with; what it says of the kernel is
# what ss shows.

load helper
load plays

# agrees NAME LEAST: what it said and what it did is the same, and no
# fewer calls than that.
agrees() {
    local count
    count=$(python3 "$BATS_TEST_DIRNAME/support/calls.py" compare \
        "$1.out" "$1.trace") || {
        echo "# $1 does not tell what it does:"
        echo "$count"
        return 1
    }
    [ "$count" -ge "$2" ] && return
    echo "# $1 told only of $count calls"
    return 1
}

# told_by COMPILER FLAG...: every lesson in every role, built by it
# without a word, tells what it does. The least number of calls is the
# one that a lesson makes if nothing comes in pieces.
told_by() {
    local source
    need python3 "$1"
    for source in "$ROOT"/lessons/[0-9]*.c; do
        "$@" -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
            "$source" -o "$(basename "$source" .c)"
    done
    play .
    agrees 01_socket 1
    agrees 02_bind 3
    agrees 03_listen 4
    agrees 04_accept 5
    agrees 05_connect 2
    agrees 06_send_recv_server 8
    agrees 06_send_recv_client 5
    agrees 07_close_server 11
    agrees 07_close_client 8
    agrees 08_udp_receiver 6
    agrees 08_udp_sender 6
    agrees 09_greeting_server 16
    agrees 09_greeting_client 5
    agrees 09_greeting_client.again 5
    agrees 10_echo_server 16
    agrees 10_echo_client 7
    agrees 10_echo_client.again 7
    agrees 11_many_clients 32
    agrees 12_names 11
    agrees 10_echo_client.many 7
    [ ! -e 13_wiretap.trace ] || agrees 13_wiretap 3
    run ! grep -v ' \(0\|130\)$' ends
}

@test "gcc -O0 is silent, and every lesson tells what it does" {
    told_by gcc -std=c11 -O0
}

@test "gcc -O2 is silent, and every lesson tells what it does" {
    told_by gcc -std=c11 -O2
}

@test "clang -O0 is silent, and every lesson tells what it does" {
    told_by clang -std=c11 -O0
}

@test "clang -O2 is silent, and every lesson tells what it does" {
    told_by clang -std=c11 -O2
}

@test "musl-gcc -O0 is silent, and every lesson tells what it does" {
    told_by musl-gcc -std=c11 -O0
}

@test "musl-gcc -O2 is silent, and every lesson tells what it does" {
    told_by musl-gcc -std=c11 -O2
}

@test "with gcc's fortified headers every lesson tells what it does" {
    told_by gcc -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
}

@test "with clang's fortified headers every lesson tells what it does" {
    told_by clang -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
}

# LeakSanitizer does not work under strace.
@test "under the address sanitizer every lesson tells what it does" {
    need_sanitizers gcc
    export ASAN_OPTIONS=detect_leaks=0
    told_by gcc -O1 -fsanitize=address,undefined
}

@test "a client that is refused says so" {
    need python3
    traced client "$BUILD/05_connect" "$(free_port)"
    finish client 1
    agrees client 2
    grep -q '= -1 ECONNREFUSED' client.out
}

@test "06 against a peer of another lesson says what it does" {
    local port
    need python3
    port=$(free_port)
    traced server "$BUILD/06_send_recv_server" "$port"
    await server 'blocks until a client'
    traced client "$BUILD/05_connect" "$port"
    finish client 0
    finish server 0
    agrees server 7
    agrees client 2
}

@test "places that a call writes into have the names of the source" {
    local port
    port=$(free_port)
    start server "$BUILD/06_send_recv_server" "$port"
    await server 'blocks until a client'
    start client "$BUILD/06_send_recv_client" "$port"
    finish client 0
    finish server 0
    grep -q '^  5  accept(3, &peer, &length) = 4$' server.out
    grep -q '^  6  recv(4, line + got, 64, 0) = 11$' server.out
    start receiver "$BUILD/08_udp_receiver" "$port"
    await receiver 'blocks until a datagram'
    start sender "$BUILD/08_udp_sender" "$port"
    finish sender 0
    finish receiver 0
    grep -q '^  3  recvmsg(3, &message {32 bytes}, 0) = 22$' receiver.out
    grep -q '^  4  recvfrom(3, buffer, 64, 0, &from, &length) = 24$' sender.out
}

@test "the comparison sees every kind of untruth" {
    need python3
    local port lie lies
    port=$(free_port)
    traced server "$BUILD/06_send_recv_server" "$port"
    await server 'blocks until a client'
    traced client "$BUILD/06_send_recv_client" "$port"
    finish client 0
    finish server 0
    agrees server 8
    cp server.out honest
    lies=(
        's/listen(3, 5) = 0/listen(4, 5) = 0/'
        's/listen(3, 5) = 0/listen(3, 6) = 0/'
        's/listen(3, 5) = 0/listen(3, 5) = 1/'
        's/listen(3, 5) = 0/listen(3, 5) = -1 EBADF/'
        's/SO_REUSEADDR, 1, 4/SO_REUSEADDR, 0, 4/'
        's/bind(3, 127.0.0.1/bind(3, 127.0.0.2/'
        's/, 16) = 0/, 28) = 0/'
        's/this one peer, 127.0.0.1/this one peer, 127.0.0.2/'
        's/received: "Hello from "/received: "Hello from the"/'
        's/received: "the client!\\n"/received: "the client!"/'
        's/send(4, "Hello from the server!/send(4, "Hello from the server?/'
        's/recv(4, line + got, 64, 0)/recv(4, line + got, 63, 0)/'
        's/, MSG_NOSIGNAL) = /, 0) = /'
        '/accept(.* = 4/d'
        '/listen(3, 5)/d'
        '/listen(3, 5)/p'
        's/^  1  socket.*/  1  close(7) = 0/'
    )
    for lie in "${lies[@]}"; do
        sed "$lie" honest >server.out
        run ! cmp -s honest server.out
        run agrees server 8
        [ "$status" -ne 0 ]
    done
}

# ---- the kernel's lines

# kernel NAME [N]: the Nth kernel line from the last that NAME printed,
# in one piece: "fd 3 LISTEN 127.0.0.1:8888 0 waiting, backlog 5".
kernel() {
    joined "$1.out" | sed -n 's/^     kernel: //p' | tail -n "${2:-1}" |
        head -n 1 | tr -s ' '
}

# in_ss FILTER: how ss sees the socket: state, queues, both addresses.
in_ss() { ss -Htan "$@" | awk '{ print $1, $2, $3, $4, $5 }'; }

@test "the queue that 03 shows is the one that ss shows" {
    local port
    port=$(free_port)
    cued lesson "$BUILD/03_listen" "$port"
    cue lesson nnnn
    await lesson '^cue .* hold'
    [ "$(kernel lesson)" = "fd 3 LISTEN 127.0.0.1:$port 0 waiting, backlog 5" ]
    [ "$(in_ss "sport = :$port")" = "LISTEN 0 5 127.0.0.1:$port 0.0.0.0:*" ]
    for _ in 1 2 3 4 5 6; do
        "$BUILD/05_connect" -q "$port" </dev/null 3>&-
    done
    cue lesson n
    await lesson '6 waiting'
    [ "$(kernel lesson)" = "fd 3 LISTEN 127.0.0.1:$port 6 waiting, backlog 5 (Linux admits one more)" ]
    [ "$(in_ss state listening "sport = :$port" | cut -d ' ' -f 1,2)" = "6 5" ]
    cue lesson q
    finish lesson 0
}

@test "the two sockets of 04 and the one of 05 are those that ss shows" {
    local port peer
    port=$(free_port)
    cued server "$BUILD/04_accept" "$port"
    cue server nnnnn
    await server 'blocks until a client'
    cued client "$BUILD/05_connect" "$port"
    cue client nn
    await client '^cue .* hold'
    await server '^cue .* hold'
    peer=$(in_ss state established "dport = :$port" | cut -d ' ' -f 3)
    [ "$(kernel client)" = "fd 3 ESTABLISHED $peer <-> 127.0.0.1:$port" ]
    [ "$(kernel server)" = "fd 4 ESTABLISHED 127.0.0.1:$port <-> $peer" ]
    [ "$(kernel server 2)" = "fd 3 LISTEN 127.0.0.1:$port 0 waiting, backlog 5" ]
    cue server q
    cue client q
    finish client 0
    finish server 0
}

@test "the states of 07 are those that ss shows, to TIME-WAIT" {
    local port peer
    port=$(free_port)
    cued server "$BUILD/07_close_server" "$port"
    cue server nnnnn
    await server 'blocks until a client'
    cued client "$BUILD/07_close_client" "$port"
    cue client nnnnn # socket, connect, send twice, shutdown
    await client '^cue .* recv(3, line'
    peer=$(in_ss "dport = :$port" | cut -d ' ' -f 4)
    await server '^cue .* recv(4, line'
    [ "$(in_ss "sport = :$port and dport = :${peer#*:}")" = \
        "CLOSE-WAIT 24 0 127.0.0.1:$port $peer" ]
    cue server nn # recv, and the recv that returns 0
    await server '^cue .* send'
    [ "$(kernel server)" = "fd 4 CLOSE-WAIT 127.0.0.1:$port <-> $peer" ]
    cue server n
    await server '^cue .* close(4)'
    cue client n
    await client '^cue .* recv(3, rest'
    [ "$(kernel client)" = "fd 3 FIN-WAIT-2 $peer <-> 127.0.0.1:$port" ]
    [ "$(in_ss "dport = :$port")" = "FIN-WAIT-2 0 0 $peer 127.0.0.1:$port" ]
    cue server n
    cue client n
    await client '^cue .* close(3)'
    [ "$(kernel client)" = "fd 3 TIME-WAIT $peer <-> 127.0.0.1:$port" ]
    [ "$(in_ss "dport = :$port")" = "TIME-WAIT 0 0 $peer 127.0.0.1:$port" ]
    cue client n
    finish client 0
    [ "$(kernel client)" = "fd 3 closed TIME-WAIT $peer <-> 127.0.0.1:$port" ]
    [ "$(in_ss "dport = :$port")" = "TIME-WAIT 0 0 $peer 127.0.0.1:$port" ]
    cue server n
    finish server 0
}
