# What a lesson says of a call is what strace saw the kernel asked and
# answered, and what it says of the kernel is what ss shows.

load helper

setup_file() {
    # The lessons without their narration.
    local lesson
    for lesson in "$BATS_TEST_DIRNAME"/../lessons/0[1-8]*.c; do
        ${CC:-cc} -O1 -DNO_NARRATION "$lesson" \
            -o "$BATS_FILE_TMPDIR/$(basename "$lesson" .c)"
    done
}

# traced NAME COMMAND...: start, with the calls that matter in NAME.trace.
traced() {
    need strace
    : >"$1.trace"
    start "$1" strace -qq -o "$1.trace" -s 9999 -e trace=network,close \
        "${@:2}"
}

calls() { LC_ALL=C.UTF-8 awk -f "$BATS_TEST_DIRNAME/normalise.awk" "$1"; }

# agrees NAME LEAST: what it said and what it did is the same, and no
# fewer calls than that.
agrees() {
    calls "$1.out" >"$1.said" &&
        calls "$1.trace" >"$1.did" &&
        diff -u "$1.said" "$1.did" &&
        [ "$(wc -l <"$1.said")" -ge "$2" ]
}

# conversation SERVER CALLS CLIENT CALLS: both under strace; how many
# calls each makes at least.
conversation() {
    local port
    port=$(free_port)
    traced server "$BUILD/$1" "$port"
    await server 'waits for a'
    traced client "$BUILD/$3" "$port"
    finish client 0
    finish server 0
    agrees server "$2"
    agrees client "$4"
}

@test "01 to 03 alone say what they do" {
    local lesson port
    port=$(free_port)
    for lesson in 01_socket:1 02_bind:3 03_listen:4; do
        traced "$lesson" "$BUILD/${lesson%:*}" 127.0.0.2 "$port"
        finish "$lesson" 0
        agrees "$lesson" "${lesson#*:}"
    done
}

@test "04 and 05 say what they do" {
    conversation 04_accept 5 05_connect 2
}

@test "05 says what it does when it is refused" {
    traced client "$BUILD/05_connect" "$(free_port)"
    finish client 1
    agrees client 2
    grep -q '= -1 ECONNREFUSED' client.said
}

@test "both sides of 06 say what they do" {
    conversation 06_send_recv_server 8 06_send_recv_client 4
}

@test "both sides of 07 say what they do" {
    conversation 07_close_server 11 07_close_client 7
}

@test "both sides of 08 say what they do" {
    conversation 08_udp_receiver 6 08_udp_sender 6
}

@test "06 against a peer of another lesson says what it does" {
    conversation 06_send_recv_server 7 05_connect 2
}

# served SERVER CALLS CLIENT CALLS: the same with a server that goes on,
# for two clients, who find what they say to it in the file "said".
served() {
    local port round
    port=$(free_port)
    traced server "$BUILD/$1" "$port"
    for round in 1 2; do
        await server 'waits for a caller'
        LESSON_CUE=/dev/zero traced client \
            sh -c 'exec "$0" "$1" <said' "$BUILD/$3" "$port"
        finish client 0
        agrees client "$4"
    done
    timeout "$PATIENCE" sh -c "until tail -n 2 server.out |
        grep -q 'waits for a caller'; do :; done"
    pkill -INT -P "$(cat server.pid)"
    finish server 130
    agrees server "$2"
}

@test "both sides of 09 say what they do" {
    echo >said
    served 09_greeting_server 16 09_greeting_client 5
}

@test "both sides of 10 say what they do" {
    printf 'Hello\n\na line that is longer than the narration quotes\nend' >said
    served 10_echo_server 28 10_echo_client 13
}

@test "the comparison sees every kind of untruth" {
    traced lesson "$BUILD/03_listen" "$(free_port)"
    finish lesson 0
    agrees lesson 4
    cp lesson.out honest
    local lie lies=(
        's/listen(3, 5) = 0/listen(4, 5) = 0/'
        's/listen(3, 5) = 0/listen(3, 6) = 0/'
        's/listen(3, 5) = 0/listen(3, 5) = 1/'
        's/bind(3, 127.0.0.1/bind(3, 127.0.0.2/'
        's/, 16) = 0/, 28) = 0/'
        '/listen(3, 5)/d'
        '/listen(3, 5)/p'
        's/^ 1  socket.*/ 1  close(7) = 0/'
    )
    for lie in "${lies[@]}"; do
        sed "$lie" honest >lesson.out
        run agrees lesson 4
        [ "$status" -ne 0 ]
    done
}

# ---- without narration

# silent SERVER CLIENT: both without narration, against what the same
# pair said with it. The ports that the kernel chose differ.
silent() {
    local port side
    port=$(free_port)
    conversation "$1" 1 "$2" 1
    traced quiet_server "$BATS_FILE_TMPDIR/$1" "$port"
    await quiet_server '^\(listen\|bind.*)\) *= 0' quiet_server.trace
    traced quiet_client "$BATS_FILE_TMPDIR/$2" "$port"
    finish quiet_client 0
    finish quiet_server 0
    for side in server client; do
        sed 's/127.0.0.1:[0-9]*/ADDRESS/' "$side.did" >with
        calls "quiet_$side.trace" | sed 's/127.0.0.1:[0-9]*/ADDRESS/' >without
        diff -u with without
        run ! grep -q '^get' "quiet_$side.trace"
    done
}

@test "without narration 04 and 05 make the same calls" {
    silent 04_accept 05_connect
}

@test "without narration 06 makes the same calls" {
    silent 06_send_recv_server 06_send_recv_client
}

@test "without narration 07 makes the same calls" {
    silent 07_close_server 07_close_client
}

@test "without narration 08 makes the same calls" {
    silent 08_udp_receiver 08_udp_sender
}

# ---- the kernel's lines

# kernel NAME [N]: the Nth kernel line from the last that NAME printed,
# in one piece: "fd 3 LISTEN 127.0.0.1:8888 0 waiting, backlog 5".
kernel() {
    awk -v back="${2:-1}" '
        { more = open && /^            [^ ]/; open = more || /^    kernel: / }
        { $1 = $1 }
        more { line[n] = line[n] " " $0; next }
        open { line[++n] = substr($0, 9) }
        END { print line[n + 1 - back] }' "$1.out"
}

# in_ss FILTER: how ss sees the socket: state, queues, both addresses.
in_ss() { ss -Htan "$@" | awk '{ print $1, $2, $3, $4, $5 }'; }

@test "the queue that 03 shows is the one that ss shows" {
    local port i
    port=$(free_port)
    cued lesson "$BUILD/03_listen" "$port"
    cue lesson nnnn
    await lesson '^cue .* hold'
    [ "$(kernel lesson)" = "fd 3 LISTEN 127.0.0.1:$port 0 waiting, backlog 5" ]
    [ "$(in_ss "sport = :$port")" = "LISTEN 0 5 127.0.0.1:$port 0.0.0.0:*" ]
    for i in 1 2 3 4 5 6; do
        "$BUILD/05_connect" -q "$port" 3>&-
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
    await server 'waits for a caller'
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
    await server 'waits for a caller'
    cued client "$BUILD/07_close_client" "$port"
    cue client nnnn # socket, connect, send, shutdown
    await client '^cue .* recv(3, line'
    peer=$(in_ss "dport = :$port" | cut -d ' ' -f 4)
    await server '^cue .* recv(4, line + 0'
    [ "$(in_ss "sport = :$port and dport = :${peer#*:}")" = \
        "CLOSE-WAIT 24 0 127.0.0.1:$port $peer" ]
    cue server nnnn # three times recv, and the recv that returns 0
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
