# The lessons in Python talk to those in C and to each other, and what
# the handout says of the two is so.

load helper

PYTHON=$BATS_TEST_DIRNAME/../lessons/python
WAITS='blocks until a\|waits for a' # a server, in C or in Python

# in_python LESSON, in_c LESSON: $program, the command that runs it.
in_python() { program=(python3 -W error "$PYTHON/$1.py"); }
in_c() { program=("$BUILD/$1"); }

# between SERVER_IN SERVER CLIENT_IN CLIENT: one conversation, what each
# says in server.out and client.out. The servers from 09 on are ended.
between() {
    port=$(free_port)
    "$1" "$2"
    start server "${program[@]}" "$port"
    await server "$WAITS"
    "$3" "$4"
    start client "${program[@]}" "$port"
    finish client 0
    case $2 in
    09* | 10*)
        kill -INT "$(cat server.pid)"
        finish server 130
        ;;
    *) finish server 0 ;;
    esac
    run ! grep -v '^Clients so far: 1$' server.err
    [ ! -s client.err ]
}

# everywhere SERVER CLIENT SERVER_HEARS CLIENT_HEARS: C and Python, each
# with the other, and Python with itself.
everywhere() {
    local languages
    for languages in 'in_c in_python' 'in_python in_c' 'in_python in_python'; do
        # shellcheck disable=SC2086 # two words
        set -- "$1" "$2" "$3" "$4" $languages
        between "$5" "$1" "$6" "$2"
        grep -q "$3" server.out
        grep -q "$4" client.out
    done
}

@test "05 in Python reaches 04" {
    port=$(free_port)
    start server "$BUILD/04_accept" "$port"
    await server "$WAITS"
    run python3 -W error "$PYTHON/05_connect.py" "$port" 3>&-
    [ "$status" -eq 0 ]
    grep -q "connect_ex(('127.0.0.1', $port)) = 0" <<<"$output"
    finish server 0
}

@test "refused, 05 in Python shows connect_ex's errno, says what to try" {
    run --separate-stderr python3 "$PYTHON/05_connect.py" "$(free_port)" 3>&-
    [ "$status" -eq 1 ]
    grep -q '^  2  sock.connect_ex.* = 111$' <<<"$output"
    # shellcheck disable=SC2154 # run sets it
    grep -q '^05_connect.py: ECONNREFUSED: ' <<<"$stderr"
    grep -q 'Try: .*start the server first' <<<"$stderr"
}

@test "refused, connect in Python raises what is explained" {
    run --separate-stderr python3 "$PYTHON/06_send_recv_client.py" "$(free_port)" 3>&-
    [ "$status" -eq 1 ]
    tr '\n' ' ' <<<"$output" | grep -q 'raises *ConnectionRefusedError *(ECONNREFUSED)'
    [[ $stderr != *Traceback* ]]
}

@test "06 in C and in Python understand each other" {
    everywhere 06_send_recv_server 06_send_recv_client \
        'received: b\?"\?.*Hello from the client!' 'received: .*Hello from the server!'
}

@test "07 in C and in Python understand each other" {
    everywhere 07_close_server 07_close_client \
        'received: .*Hello from the client!' 'received: .*Hello from the server!'
}

@test "08 in C and in Python understand each other" {
    everywhere 08_udp_receiver 08_udp_sender \
        'rest .*is lost' 'received: .*Hello from the receiver!'
    # A datagram ends by itself: 22, 24 and 40 bytes, and no newline.
    between in_python 08_udp_receiver in_python 08_udp_sender
    tr -s '\n ' ' ' <server.out >server.line
    tr -s '\n ' ' ' <client.out >client.line
    grep -q "recvmsg(32) = (b'Hello from the sender!', " server.line
    grep -q 'sendto(.*) = 24 ' server.line
    grep -q 'sendto(.*) = 22 .*sendto(.*) = 40 ' client.line
}

@test "09 in C and in Python understand each other" {
    everywhere 09_greeting_server 09_greeting_client \
        'ended its side' 'received: .*Hello from the server!'
}

@test "10 in C and in Python give a file back to each other" {
    local server client
    head -c 1M /dev/urandom >sent
    for server in in_c in_python; do
        port=$(free_port)
        "$server" 10_echo_server
        start server "${program[@]}" "$port"
        await server "$WAITS"
        for client in in_c in_python; do
            "$client" 10_echo_client
            "${program[@]}" "$port" <sent >came 3>&-
            cmp sent came
        done
        kill -INT "$(cat server.pid)"
        finish server 130
    done
}

@test "10 in Python takes IPv6, 09 says that it does not" {
    port=$(free_port)
    start server python3 -W error "$PYTHON/10_echo_server.py" ::1 "$port"
    await server 'waits for a caller'
    [ "$(echo six | "$BUILD/10_echo_client" ::1 "$port" 3>&-)" = six ]
    run python3 "$PYTHON/09_greeting_client.py" ::1 3>&-
    [ "$status" -eq 2 ]
    [[ $output == *"'::1' is no address: one like 127.0.0.1 expected"* ]]
}

@test "the servers in Python survive every way in which a client can leave" {
    local lesson way
    for lesson in 09_greeting_server 10_echo_server; do
        port=$(free_port)
        start server python3 -W error "$PYTHON/$lesson.py" "$port"
        await server 'waits for a caller'
        for way in closes resets speaks_and_resets rushes; do
            python3 "$BATS_TEST_DIRNAME/peer.py" "$way" "$port" 3>&-
        done
        echo Hello | timeout "$PATIENCE" \
            "$BUILD/${lesson%server}client" -q "$port" >said 3>&-
        grep -q '^Hello' said
        kill -INT "$(cat server.pid)"
        finish server 130
        [ ! -s server.err ]
    done
}

@test "wrong arguments: what was wrong, and exit status 2" {
    local lesson words
    for words in 65536 '1 2 3' localhost 127.0.0.256 -x; do
        # shellcheck disable=SC2086 # several words
        run python3 "$PYTHON/06_send_recv_client.py" $words 3>&-
        [ "$status" -eq 2 ]
        grep -qF -- "${words##* }" <<<"$output"
    done
    for lesson in "$PYTHON"/[0-9]*.py; do
        run python3 "$lesson" 65536 3>&-
        [ "$status" -eq 2 ]
    done
    LESSON_PORT=none run python3 "$PYTHON/05_connect.py" 3>&-
    [ "$status" -eq 2 ]
}

@test "steps in Python have the form of those in C" {
    between in_python 09_greeting_server in_python 09_greeting_client
    # A number, a call, and what it returned, or a wait before it.
    awk '/^     |^$/ { next }
        /^ *[0-9]+  [a-z._]+\(.*( = .+| … waits for .+)$/ { n++; next }
        NR > 1 { print "no step: " $0; bad = 1 }
        END { exit bad || n < 8 }' server.out
    run ! grep -E '.{81}' server.out client.out
}

@test "bytes from outside are escaped by the lessons in Python" {
    port=$(free_port)
    start server python3 "$PYTHON/06_send_recv_server.py" -q "$port"
    timeout "$PATIENCE" sh -c "until ss -Hltn 'sport = :$port' | grep -q .; do :; done"
    printf '\033[2Jx\302\233\n' | "$BUILD/10_echo_client" "$port" >answer 2>&1 3>&- || true
    finish server 0
    [ "$(cat server.out)" = '\x1b[2Jx\x9b' ]
}

@test "the handout's table of C and Python is what scripts/compare prints" {
    need strace
    timeout 60 "$ROOT/scripts/compare" >again 3>&-
    diff -u "$ROOT/docs/transcripts/c-and-python.md" again
}

@test "a reader that goes away ends a lesson in Python, quietly, with status 1" {
    local lesson gone
    exec {gone}> >(exit)
    wait $!
    for lesson in 05_connect 08_udp_receiver 10_echo_server; do
        start lesson bash -c "exec python3 -W error '$PYTHON/$lesson.py' $(free_port) >&$gone"
        finish lesson 1
        [ ! -s lesson.err ]
    done
    # Later, too, when a server has begun and would go on after an error.
    port=$(free_port)
    start server bash -c 'set -o pipefail; "$@" | grep -m 1 "waits for a caller"' \
        - python3 "$PYTHON/10_echo_server.py" "$port"
    await server 'waits for a caller'
    echo hello | timeout "$PATIENCE" "$BUILD/10_echo_client" "$port" >said 2>&1 3>&- || true
    finish server 1
    [ ! -s server.err ]
}

@test "10's client in Python ends a line at LF alone, as the one in C" {
    need script
    port=$(free_port)
    start server "$BUILD/10_echo_server" "$port"
    await server "$WAITS"
    printf 'a\rb\nc\r\nd' >sent
    script -qec "python3 -W error '$PYTHON/10_echo_client.py' $port <sent" \
        /dev/null >shown 3>&- </dev/null
    tr -d '\r' <shown >lines
    printf 'a\\rb\nc\\r\nd\n' | diff - lines
}
