# What a lesson says of a call is what strace saw, whatever compiler and
# options it was built with; what it says of the kernel is what ss shows.

load helper
load plays

# agree NAME LEAST...: each lesson said what it did, and made no fewer
# calls than LEAST.
agree() { python3 "$BATS_TEST_DIRNAME/support/calls.py" "$@"; }

# told_by COMPILER FLAG...: it builds every lesson without a word, as a
# student would, and they tell what they do. The echo client, whose input is
# a file here, would tell nothing, so that one is built for the player.
told_by() {
    need "$1"
    set -- "$@" -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
    basename -s .c "$ROOT"/lessons/[0-9]*.c | grep -vx 10_echo_client |
        xargs -P 2 -I{} "$@" "$ROOT/lessons/{}.c" -o {}
    "$@" -DNARRATE_PLAYER "$ROOT/lessons/10_echo_client.c" -o 10_echo_client
    truthful .
}

# truthful FOLDER: every lesson there, in every role, tells what it does.
# The least number of calls is what it makes if nothing comes in pieces.
truthful() {
    need python3
    play "$1"
    [ ! -e 13_wiretap.trace ] || agree 13_wiretap 3
    agree 01_socket 1 02_bind 3 03_listen 4 04_accept 5 05_connect 2 \
        06_send_recv_server 8 06_send_recv_client 5 \
        07_close_server 11 07_close_client 8 \
        08_udp_receiver 6 08_udp_sender 6 \
        09_greeting_server 16 09_greeting_client 5 \
        09_greeting_client.again 5 \
        10_echo_server 16 10_echo_client 7 10_echo_client.again 7 \
        11_many_clients 32 12_names 11 10_echo_client.many 7
    agree 14_framing_server 18 14_framing_client 18 15_fork_server 6 \
        16_thread_server 5 17_endings_server 33 17_endings_client 18 \
        18_udp_retry_receiver 18 18_udp_retry_sender 17 \
        19_broadcast_receiver 4 19_broadcast_receiver.again 4 \
        19_broadcast_sender 4 19_multicast_receiver 5 \
        19_multicast_receiver.again 5 19_multicast_sender 3 20_options 40 \
        21_http_server 14 21_http_client 8 22_dns_answer 5 22_dns_question 6 \
        23_epoll_server 25 24_unix_pair 5 24_unix_server 15 24_unix_client 6 \
        10_echo_client.15 7 10_echo_client.16 7 10_echo_client.23 7
    run ! grep -v ' \(0\|130\)$' ends
}

@test "compiled alone with the compiler's defaults, silently, every lesson tells what it does" {
    local file name
    cp -R "$ROOT/lessons/narrat"* .
    for file in "$ROOT"/lessons/[0-9]*.c; do
        name=$(basename -s .c "$file")
        cp "$file" .
        # shellcheck disable=SC2086 # CC may be words
        run -0 ${CC:-cc} "$name.c" -o "$name"
        [ -z "$output" ]
        rm "$name.c"
    done
    ${CC:-cc} -DNARRATE_PLAYER "$ROOT/lessons/10_echo_client.c" -o 10_echo_client
    truthful .
}

# bats test_tags=second
@test "gcc -O2 is silent, and every lesson tells what it does" {
    told_by gcc -O2
}

# bats test_tags=second
@test "clang -O0 is silent, and every lesson tells what it does" {
    told_by clang -O0
}

# bats test_tags=second
@test "clang -O2 is silent, and every lesson tells what it does" {
    told_by clang -O2
}

# bats test_tags=second
@test "musl-gcc -O0 is silent, and every lesson tells what it does" {
    told_by musl-gcc -O0
}

# bats test_tags=second
@test "musl-gcc -O2 is silent, and every lesson tells what it does" {
    told_by musl-gcc -O2
}

# So it tells what it told without them, in the tests above.
# bats test_tags=second
@test "fortified headers leave every lesson the very same program" {
    local compiler
    need gcc clang
    for compiler in gcc clang; do
        set -- "$compiler" -std=c11 -O2 -DNARRATE_PLAYER \
            -U_FORTIFY_SOURCE -E -P "$ROOT"/lessons/[0-9]*.c
        "$@" >plain.i
        "$@" -D_FORTIFY_SOURCE=2 >fortified.i
        [ "$(grep -c 'int main(' plain.i)" -eq $(($# - 7)) ]
        cmp plain.i fortified.i
    done
}

# LeakSanitizer does not work under strace.
# bats test_tags=second
@test "under the address sanitizer every lesson tells what it does" {
    local lessons=("$ROOT"/lessons/[0-9]*.c)
    lessons=("${lessons[@]##*/}")
    sanitized "${lessons[@]%.c}"
    export ASAN_OPTIONS=detect_leaks=0
    truthful "$BUILD/sanitized"
}

@test "a client that is refused says so" {
    need python3
    traced client "$BUILD/05_connect" "$(free_port)"
    finish client 1
    agree client 2
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
    agree server 7 client 2
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
    agree server 8
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
    for lie in "${!lies[@]}"; do
        sed "${lies[lie]}" server.out >"$lie.out"
        run ! cmp -s server.out "$lie.out"
        ln server.trace "$lie.trace"
        set -- "$@" "$lie" 8
    done
    run -1 agree "$@"
    [ "$(grep -c '^--- [0-9]* told$' <<<"$output")" -eq "${#lies[@]}" ]
}

# ---- the kernel's lines

# kernel NAME [N]: prints NAME's last kernel line, or the Nth from the end,
# in one piece: "fd 3 LISTEN 127.0.0.1:8888 0 waiting, backlog 5".
kernel() {
    joined "$1.out" | sed -n 's/^     kernel: //p' | tail -n "${2:-1}" |
        head -n 1 | tr -s ' '
}

# in_ss FILTER: prints ss's view of it: state, queues, both addresses.
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
