# A lesson can be started again at once on the same port, whichever side
# ended first; two at once cannot, and the second says who is in its way.

load helper

# hasty LESSON...: sets BUILD to a folder with these lessons without their
# pauses, which are for the viewer and do not matter for a restart.
hasty() {
    local lesson
    cp "$BUILD"/0* .
    for lesson; do
        variant "$lesson" 's/ sleep\(1\);/ (void)0;/'
    done
    BUILD=$PWD
}

# steps NAME N: gives it N cues.
steps() { cue "$1" "$(printf "%$2s" | tr ' ' n)"; }

at_hold() { await "$1" '^cue [0-9]* hold'; }

# in_order SERVER STEPS CLIENT STEPS FIRST: both talk up to their last
# hold, after that many steps; then FIRST ends, and the other after it.
in_order() {
    cued server "$BUILD/$1" "$port"
    steps server 5
    await server 'blocks until a'
    cued client "$BUILD/$3" "$port"
    steps client "$4"
    steps server $(($2 - 5))
    at_hold client
    at_hold server
    cue "$5" q
    finish "$5" 0
    case $5 in
    server) cue client q; finish client 0 ;;
    client) cue server q; finish server 0 ;;
    esac
}

# The port can be bound now, by a program that does not share it with a
# listening socket.
binds() {
    run -0 "$BUILD/02_bind" "$port" 3>&-
    [[ $output == *"bind(3, 127.0.0.1:$port, 16) = 0"* ]]
}

# time_waits FILTER: how many connections the kernel keeps in TIME-WAIT.
time_waits() { ss -Htan state time-wait "$1 = :$port" | wc -l; }

twenty_times() {
    local port i
    port=$(free_port)
    for i in 1 2 3 4 5 6 7 8 9 10; do
        in_order "$@" server
        binds
        in_order "$@" client
        binds
    done
    # Both orders did happen: the side that ends first goes through
    # TIME-WAIT.
    [ "$(time_waits sport)" -ge 8 ]
    [ "$(time_waits dport)" -ge 8 ]
}

@test "04 and 05 twenty times on one port, either side ending first" {
    twenty_times 04_accept 5 05_connect 2
}

@test "06 twenty times on one port, either side ending first" {
    hasty 06_send_recv_client
    twenty_times 06_send_recv_server 8 06_send_recv_client 5
}

# talks SERVER CLIENT: they talk twenty times; these two end by themselves.
talks() {
    local port i
    port=$(free_port)
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        start server "$BUILD/$1" "$port"
        await server 'blocks until a'
        start client "$BUILD/$2" "$port"
        finish client 0
        finish server 0
    done
    binds
}

@test "07 twenty times on one port" {
    hasty 07_close_server 07_close_client
    talks 07_close_server 07_close_client
}

@test "08 twenty times on one port" {
    talks 08_udp_receiver 08_udp_sender
}

# ---- two at once

# shows_who: the command that the lesson advises in second.err shows the
# process of the first lesson.
shows_who() {
    local command
    command=$(tr -s '\n ' ' ' <second.err | sed -n 's/.* Try: \(.*\) shows which.*/\1/p')
    [ -n "$command" ]
    run -0 sh -c "$command"
    [[ $output == *"127.0.0.1:$port"* ]]
    [[ $output == *"pid=$(cat first.pid),"* ]]
}

@test "a second server on the port says what is in its way, and who" {
    local port lesson
    port=$(free_port)
    start first "$BUILD/04_accept" "$port"
    await first 'blocks until a client'
    for lesson in 02_bind 03_listen 04_accept 06_send_recv_server \
        07_close_server; do
        start second "$BUILD/$lesson" "$port"
        finish second 1
        grep -q '^bind: Address already in use$' second.err
        tr -s '\n ' ' ' <second.out |
            grep -q " bind(3, 127.0.0.1:$port, 16) = -1 EADDRINUSE"
        grep -q "127.0.0.1:$port" second.err
        shows_who
    done
}

@test "two may be bound to the port, but only one can listen" {
    local port
    port=$(free_port)
    cued second "$BUILD/03_listen" "$port"
    steps second 3
    await second '^cue [0-9]* listen'
    start first "$BUILD/04_accept" "$port"
    await first 'blocks until a client'
    cue second n
    finish second 1
    grep -q '^listen: Address already in use$' second.err
    shows_who
}

@test "a second UDP receiver on the port says what is in its way, and who" {
    local port
    port=$(free_port)
    start first "$BUILD/08_udp_receiver" "$port"
    await first 'blocks until a'
    start second "$BUILD/08_udp_receiver" "$port"
    finish second 1
    grep -q '^bind: Address already in use$' second.err
    shows_who
}

@test "a TCP server and a UDP receiver have a port of the same number each" {
    local port
    port=$(free_port)
    start first "$BUILD/04_accept" "$port"
    await first 'blocks until a'
    start second "$BUILD/08_udp_receiver" "$port"
    await second 'blocks until a'
}

@test "with backlog 5 six callers are let in, and the kernel line says so" {
    local port i
    port=$(free_port)
    cued lesson "$BUILD/03_listen" "$port"
    steps lesson 4
    at_hold lesson
    for i in 1 2 3 4 5 6; do
        start "caller$i" "$BUILD/05_connect" "$port"
        finish "caller$i" 0
        grep -q 'connect(.*) = 0' "caller$i.out"
    done
    cue lesson n
    await lesson '6 waiting, backlog 5'
    cue lesson q
    finish lesson 0
    tr -s '\n ' ' ' <lesson.out |
        grep -q '6 waiting, backlog 5 (Linux admits one more)'
}
