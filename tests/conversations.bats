# 09 and 10 hold whole conversations, with every kind of client.

# shellcheck disable=SC2086 # UNDER and CC are words
load helper
load conversations

# ---- 09

@test "09 greets one client after another, of whatever kind" {
    need nc
    serve 09_greeting_server
    serves 09
    "$BUILD/06_send_recv_client" -q "$port" </dev/null 3>&- |
        grep -q -x "The server's line: Hello from the server!"
    [ "$(nc -N 127.0.0.1 "$port" </dev/null 3>&-)" = \
        "Hello from the server!" ]
    "$BUILD/05_connect" -q "$port" 3>&-
    serves 09
}

@test "09's greeting reaches a client that has sent what nobody reads" {
    serve 09_greeting_server -q
    peer speaks_first "$port"
}

@test "09's send to a client that has closed succeeds, its shutdown meets the reset" {
    serve 09_greeting_server
    await server 'blocks until a client'
    kill -STOP "$(<server.pid)"
    peer closes "$port"
    kill -CONT "$(<server.pid)"
    await server 'shutdown(4, SHUT_WR) = -1 ENOTCONN'
    grep -q ' send(4, .*) = 23$' server.out
    grep -q '^shutdown: Transport endpoint is not connected$' server.err
    serves 09
}

@test "09 greets the next while a client is silent or talks on" {
    serve 09_greeting_server
    start silent python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" stays_silent "$port"
    await silent connected
    start talker python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" talks_on "$port"
    await talker connected
    serves 09
    await server '= -1 EAGAIN'
}

@test "09 survives every way in which a client can leave" {
    serve 09_greeting_server -q
    local way
    for way in closes resets speaks_and_resets rushes; do
        peer "$way" "$port"
        serves 09
    done
    run ! grep -v -e '^[a-z]*: [A-Z][A-Za-z ]*$' \
        -e '^Clients so far: [0-9]*$' server.err
}

# ---- 10: what is sent comes back

# bats test_tags=second
@test "256 MiB come back through echo unchanged" {
    serve 10_echo_server -q
    seq 31000000 | head -c 256M | tee >(md5sum >sent) |
        client "$port" | md5sum >came
    cmp sent came
}

@test "random bytes come back unchanged, over IPv4 and IPv6" {
    serve 10_echo_server -q
    head -c 3000001 /dev/urandom >sent
    client "$port" <sent >came
    cmp sent came
    kill "$(<server.pid)"
    serve 10_echo_server -q ::1
    client ::1 "$port" <sent >came
    cmp sent came
}

@test "lines of every length from 0 to 5000, and one of 10 MiB, come back" {
    serve 10_echo_server -q
    peer lengths "$port" 5000
    head -c 10M /dev/zero | tr '\0' x >sent
    echo >>sent
    awk 'BEGIN { for (i = 0; i <= 5000; i++) { print s; s = s "x" } }' >>sent
    client "$port" <sent >came
    cmp sent came
}

@test "a person's lines of any length come back, one at a time" {
    serve 10_echo_server -q
    awk 'BEGIN { for (i = 0; i <= 300; i += 7) { print s; s = s "wordx y" } }' >sent
    LESSON_CUE=/dev/zero client "$port" <sent >told
    sed -n 's/^     received: "\(.*\)"$/\1/p' told | tr -d '\n' |
        sed 's/\\n/\n/g' >came
    cmp sent came
    [ "$(grep -c '^ *[0-9]*  send(' told)" -eq "$(wc -l <sent)" ]
}

@test "an empty line is a message: one byte there, one byte back" {
    serve 10_echo_server
    [ "$(echo | client "$port" | od -An -c)" = '  \n' ]
    await server 'received: "\\n"'
}

@test "an input of no bytes is no message" {
    serve 10_echo_server
    run --separate-stderr client "$port" </dev/null
    [ "$status$output$stderr" = 0 ]
    await server '0 is the end'
}

@test "a person is asked, sees the echo, and ends with Ctrl-D" {
    local lesson
    serve 10_echo_server -q
    for lesson in "$BUILD/10_echo_client -q" \
        "python3 $ROOT/lessons/python/10_echo_client.py"; do
        # shellcheck disable=SC2086 # a command of several words
        run peer person "$port" $lesson 127.0.0.1 "$port"
        [ "$status" -eq 0 ]
        tr -d '\r' <<<"$output" >shown
        [ "$(grep -c 'Enter message to send: ' shown)" -eq 4 ]
        # Python shows bytes as b'first\n'.
        [ "$(grep -c "^\(b'\)\?first" shown)" -eq 1 ]
        [ "$(grep -ci "^\(b'\)\?\\\\x1b\[2J \\\\xc3\\\\xa4" shown)" -eq 1 ]
    done
}

@test "an answer that comes byte by byte is collected" {
    port=$(free_port)
    start bytes python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" answers_in_bytes "$port"
    await bytes listens
    head -c 3000 /dev/urandom >sent
    client "$port" <sent | cmp - sent
    finish bytes 0
}

@test "the client says so when the server leaves in the middle" {
    port=$(free_port)
    start half python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" answers_half "$port"
    await half listens
    run --separate-stderr client "$port" <<<1234567
    [ "$status" -eq 1 ]
    [ "$output" = 1234 ]
    [ "$stderr" = "The server has gone: 4 of 8 bytes came back" ]
}

@test "a closed standard input is an empty one, and no socket takes its place" {
    serve 10_echo_server -q
    run -0 timeout "$PATIENCE" sh -c '"$0" "$1" <&-' "$BUILD/10_echo_client" \
        "$port" 3>&-
    [ -z "$output" ]
}

@test "the client says so when its output is full" {
    serve 10_echo_server -q
    run sh -c 'echo Hello | "$0" "$1" >/dev/full' "$BUILD/10_echo_client" \
        "$port" 3>&-
    [ "$status" -eq 1 ]
    [ "$output" = "fwrite: No space left on device" ]
}

# ---- what they print

# whole FILE: each line has its end, each step the next number.
whole() {
    [ -z "$(tail -c 1 "$1")" ] &&
        awk '/^ *[0-9]+  [a-z]/ {
            if ($1 == last + 1 && waiting == "") { last = $1; n++ }
            else if ($1 != last) exit bad = 1
            waiting = /… blocks/ ? $1 : ""
        } END { exit bad || n < 80 }' "$1"
}

@test "the output is whole and in order, in a file and in a pipe" {
    local lesson
    for lesson in 09_greeting_server 10_echo_server; do
        for into in 'exec "$0" "$1" >said' '"$0" "$1" | cat >said'; do
            port=$(free_port)
            start server sh -c "$into" "$BUILD/$lesson" "$port"
            listening "$port" server
            for _ in {1..15}; do
                serves "$lesson"
            done
            until_it last said '_client in another terminal$'
            end_child KILL server || kill "$(<server.pid)"
            whole said
        done
    done
}

@test "what a client sends reaches the terminal escaped" {
    serve 10_echo_server
    printf '\033]0;title\007\033[2J\302\233\r\b\n' >sent
    client "$port" <sent | cmp - sent
    await server 'received: '
    run ! env LC_ALL=C grep -q '[[:cntrl:]]' server.out
    run ! grep -q $'\302\233' server.out
}

# ---- tools that look closely

# bats test_tags=second
@test "the sanitizers find nothing in 09 and 10" {
    sanitized 09_greeting_{server,client} 10_echo_{server,client}
    clumsily_used "$BUILD/sanitized"
    run ! grep -E 'ERROR|runtime error' ./*.err ./*.out
}

# bats test_tags=second
@test "valgrind finds nothing in 09 and 10" {
    need valgrind
    UNDER='valgrind -q --error-exitcode=99'
    clumsily_used "$BUILD"
    run ! grep '^==.*\(Invalid\|uninit\|lost\)' ./*.err
}

# clumsily_used FOLDER: the four programs there talk to all kinds of peers.
clumsily_used() {
    PROGRAMS=$1
    serve 09_greeting_server
    start client ${UNDER:-} "$1/09_greeting_client" "$port"
    finish client 0
    peer speaks_and_resets "$port"
    peer rushes "$port"
    serves 09
    kill -0 "$(<server.pid)"
    unset port
    mv server.err first.err
    serve 10_echo_server
    head -c 40000 /dev/urandom >sent
    ${UNDER:-} "$1/10_echo_client" "$port" <sent 3>&- | cmp - sent
    LESSON_CUE=/dev/zero start client ${UNDER:-} "$1/10_echo_client" "$port"
    finish client 0
    peer speaks_and_resets "$port"
    peer rushes "$port"
    serves 10
    kill -0 "$(<server.pid)"
}
