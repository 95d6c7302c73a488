# 09 and 10 hold whole conversations, with every kind of client, and
# live on.

load helper
load errors

peer() { python3 "$BATS_TEST_DIRNAME/peer.py" "$@" 3>&-; }

# The echo's client, for no longer than we have patience.
client() { timeout "$PATIENCE" "$BUILD/10_echo_client" "$@" 3>&-; }

# serve LESSON [OPTION...]: starts the server "server" on $port, and
# returns when it can be called.
serve() {
    local lesson=$1
    shift
    port=${port:-$(free_port)}
    start server ${UNDER:-} "${PROGRAMS:-$BUILD}/$lesson" "$@" "$port"
    listening
}
listening() {
    timeout "$PATIENCE" sh -c "until ss -Hltn 'sport = :$port' |
        grep -q .; do kill -0 $(cat server.pid) || exit; done" && return
    echo "# the server does not listen at $port" >&2
    cat server.out server.err >&2
    return 1
}

# The server serves a new client, and the client ends well.
serves() {
    local client=${1:-$SERVER} said=
    if [ "${client%%_*}" = 09 ]; then
        said=$(timeout "$PATIENCE" "$BUILD/09_greeting_client" -q "$port" 3>&-)
        [ "$said" = "Hello from the server!" ]
    else
        said=$(echo "Are you there?" | client "$port")
        [ "$said" = "Are you there?" ]
    fi
}

# impatient LESSON: the server with a second's patience, in $PROGRAMS.
impatient() {
    sed 's/PATIENCE = [0-9]*/PATIENCE = 1/' "$ROOT/lessons/$1.c" >"$1.c"
    ${CC:-cc} -I"$ROOT/lessons" "$1.c" -o "$1"
    PROGRAMS=.
}

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

@test "a client that has closed takes 09's first send, and its reset the rest" {
    serve 09_greeting_server
    await server 'blocks until a client'
    kill -STOP "$(cat server.pid)"
    peer closes "$port"
    kill -CONT "$(cat server.pid)"
    await server 'shutdown(4, SHUT_WR) = -1 ENOTCONN'
    grep -q ' send(4, .*) = 23$' server.out
    grep -q '^shutdown: Transport endpoint is not connected$' server.err
    serves 09
}

@test "09 greets the next while a client is silent or talks on" {
    serve 09_greeting_server
    start silent python3 "$BATS_TEST_DIRNAME/peer.py" stays_silent "$port"
    await silent connected
    start talker python3 "$BATS_TEST_DIRNAME/peer.py" talks_on "$port"
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
    kill "$(cat server.pid)"
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
    for lesson in "$BUILD/10_echo_client" \
        "python3 $ROOT/lessons/python/10_echo_client.py"; do
        # shellcheck disable=SC2086 # a command of several words
        run peer person "$port" $lesson -q "$port"
        [ "$status" -eq 0 ]
        tr -d '\r' <<<"$output" >shown
        [ "$(grep -c 'Enter message to send: ' shown)" -eq 4 ]
        [ "$(grep -c '^first$' shown)" -eq 1 ]
        [ "$(grep -c '^\\x1[Bb]\[2J \(ä\|\\xC3\\xA4\)$' shown)" -eq 1 ]
    done
}

@test "an answer that comes byte by byte is collected" {
    port=$(free_port)
    start bytes python3 "$BATS_TEST_DIRNAME/peer.py" answers_in_bytes "$port"
    await bytes listens
    head -c 3000 /dev/urandom >sent
    client "$port" <sent | cmp - sent
    finish bytes 0
}

@test "the client says so when the server leaves in the middle" {
    port=$(free_port)
    start half python3 "$BATS_TEST_DIRNAME/peer.py" answers_half "$port"
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

# ---- 10: the server lives on

@test "10 survives every way in which a client can leave" {
    serve 10_echo_server -q
    local way
    for way in closes resets speaks_and_resets rushes; do
        peer "$way" "$port"
        serves 10
    done
}

@test "no client that leaves before it is answered ends a server" {
    local lesson
    for lesson in 09_greeting_server 10_echo_server; do
        unset port
        serve "$lesson"
        await server 'blocks until a client'
        kill -STOP "$(cat server.pid)"
        peer ends_and_resets "$port"
        kill -CONT "$(cat server.pid)"
        await server 'EPIPE'
        serves "$lesson"
    done
}

@test "10 gives the next its turn when a client is silent or never reads" {
    impatient 10_echo_server
    serve 10_echo_server
    start silent python3 "$BATS_TEST_DIRNAME/peer.py" stays_silent "$port"
    await silent connected
    serves 10
    start stuck python3 "$BATS_TEST_DIRNAME/peer.py" never_reads "$port"
    await stuck stuck
    serves 10
    await server '^recv: Resource temporarily unavailable' server.err
    await server '^send: Resource temporarily unavailable' server.err
}

@test "10 survives 1000 clients that connect and reset, and keeps nothing" {
    serve 10_echo_server -q
    local files=/proc/$(cat server.pid)/fd
    serves 10
    ls "$files" >before
    peer resets "$port" 1000
    serves 10
    ls "$files" | cmp - before
}

@test "a second client of 10 waits, and is then served" {
    serve 10_echo_server
    mkfifo first.in
    start first sh -c 'exec "$0" "$1" <first.in' "$BUILD/10_echo_client" "$port"
    exec {IN}<>first.in
    echo one >&"$IN"
    await first one
    start second bash -c "exec $IN>&-; echo two | \"\$0\" \"\$1\"" \
        "$BUILD/10_echo_client" "$port"
    # Its bytes are in our kernel, and nobody has accepted it.
    timeout "$PATIENCE" sh -c "until ss -Htn 'sport = :$port' |
        grep -q 'ESTAB *4 '; do :; done"
    echo three >&"$IN"
    await first three
    [ ! -s second.out ]
    exec {IN}>&-
    finish first 0
    finish second 0
    [ "$(cat second.out)" = two ]
}

# With 4 descriptors there is none for a client.
@test "no descriptor left: a few lines, and service when there is one again" {
    need prlimit
    local SERVER
    for SERVER in 09_greeting_server 10_echo_server; do
        unset port
        serve "$SERVER" -q
        prlimit --pid "$(cat server.pid)" --nofile=4:64
        start client sh -c 'echo here | exec "$0" -q "$1"' \
            "$BUILD/${SERVER%server}client" "$port"
        await server '^No callers for 2 seconds' server.err
        [ "$(wc -l <server.err)" -le 4 ]
        grep -q '^accept: Too many open files$' server.err
        prlimit --pid "$(cat server.pid)" --nofile=64:64
        finish client 0
        [ -s client.out ]
        serves
        kill "$(cat server.pid)"
    done
}

# outlived CALL: each errno of a row of CALL, and whether a server lives
# on: "carries on", "backs off", "ends".
outlived() {
    { known 'carries on|backs off'; table; } | awk -F '\t' -v OFS='\t' \
        -v call="$1" '
        $1 != call { next }
        NF == 3 { lives[$2] = $3 }
        NF == 2 { print $2, ($2 in lives) ? lives[$2] : "ends" }'
}

@test "10 carries on after an error of accept, or ends, as its row says" {
    need strace
    local error after
    outlived accept >rows.accept
    [ "$(wc -l <rows.accept)" -gt 15 ]
    while read -r error after; do
        unset port
        port=$(free_port)
        start server strace -qq -o trace -e trace=accept \
            -e "inject=accept:error=$error:when=1" \
            "$BUILD/10_echo_server" -q "$port"
        if [ "$after" != ends ]; then
            listening
            serves 10
            pkill -KILL -P "$(cat server.pid)"
        else
            finish server 1
        fi
        grep -q '^accept: ' server.err
    done <rows.accept
}

@test "10 carries on after every error of send and recv" {
    need strace
    local name call error
    for name in sendto recvfrom; do
        call=${name:0:4}
        outlived "$call" >rows.list
        [ "$(wc -l <rows.list)" -gt 12 ]
        while read -r error _; do
            unset port
            # strace knows them as sendto and recvfrom.
            UNDER="strace -qq -o trace -e trace=$name
                -e inject=$name:error=$error:when=1"
            serve 10_echo_server -q
            echo lost | client "$port" >lost 2>&1 || true
            grep -q "^$call: " server.err || [ "$error" = EINTR ]
            serves 10
            pkill -KILL -P "$(cat server.pid)"
        done <rows.list
    done
}

@test "only a shortage makes 09 and 10 wait before they accept again" {
    need strace
    local error after name
    outlived accept | grep -v ends >rows.accept
    [ "$(grep -c 'backs off' rows.accept)" -eq 4 ]
    for SERVER in 09_greeting_server 10_echo_server; do
        while read -r error after; do
            echo "$(free_port)" >"$error.port"
            start "$error" strace -qq -o "$error.trace" \
                -e trace=accept,nanosleep,clock_nanosleep \
                -e "inject=accept:error=$error:when=1" \
                "$BUILD/$SERVER" -q "$(cat "$error.port")"
        done <rows.accept
        while read -r error after; do
            await "$error" '^accept: ' "$error.err"
            read -r port <"$error.port"
            serves
            await "$error" '^Clients so far: 1$' "$error.err"
            [ "$(grep -c nanosleep "$error.trace")" -eq \
                "$(grep -c '^No callers for 2 seconds$' "$error.err")" ]
            [ "$(grep -c nanosleep "$error.trace") $after" = '0 carries on' ] ||
                [ "$(grep -c 'nanosleep.*tv_sec=2,' "$error.trace") $after" = \
                    '1 backs off' ]
            pkill -KILL -P "$(cat "$error.pid")"
        done <rows.accept
    done
}

@test "a call that fails for one client of 09 or 10 loses that client alone" {
    need strace
    local SERVER call fault
    while read -r SERVER call fault; do
        unset port
        UNDER="strace -qq -o trace -e trace=${fault%%:*} -e inject=$fault"
        serve "$SERVER" -q
        serves >lost 2>&1 || true
        await server "^$call: " server.err
        serves
        grep -q '^Clients so far: 1$' server.err
        await server '^Clients so far: 2$' server.err
        pkill -KILL -P "$(cat server.pid)"
    done <<'END'
09_greeting_server setsockopt setsockopt:error=ENOMEM:when=2
09_greeting_server send sendto:error=ENOBUFS:when=1
09_greeting_server shutdown shutdown:error=ENOTCONN:when=1
09_greeting_server recv recvfrom:error=ECONNRESET:when=1
10_echo_server setsockopt setsockopt:error=ENOMEM:when=2
10_echo_server setsockopt setsockopt:error=ENOMEM:when=3
END
}

@test "10 goes on where it was when it has been stopped and continued" {
    serve 10_echo_server
    mkfifo client.in
    start client sh -c 'exec "$0" "$1" <client.in' "$BUILD/10_echo_client" "$port"
    exec {IN}<>client.in
    await server 'blocks until bytes come'
    kill -STOP "$(cat server.pid)"
    kill -CONT "$(cat server.pid)"
    await server 'recv.* = -1 EINTR'
    echo still >&"$IN"
    await client still
    exec {IN}>&-
    finish client 0
}

@test "Ctrl-C ends the servers, and at once they can be started again" {
    local lesson
    for lesson in 09_greeting_server 10_echo_server; do
        unset port
        UNDER='env --default-signal=INT'
        serve "$lesson"
        start client "$BUILD/05_connect" -q "$port"
        await server 'accept.* = 4' # and it is being served
        kill -INT "$(cat server.pid)"
        finish server 130
        serve "$lesson"
        serves "$lesson"
        kill "$(cat server.pid)"
    done
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
    local lesson i
    for lesson in 09_greeting_server 10_echo_server; do
        for into in 'exec "$0" "$1" >said' '"$0" "$1" | cat >said'; do
            port=$(free_port)
            start server sh -c "$into" "$BUILD/$lesson" "$port"
            listening
            for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
                serves "$lesson"
            done
            timeout "$PATIENCE" sh -c \
                "until tail -n 2 said | grep -q 'blocks until a client'; do :; done"
            pkill -KILL -P "$(cat server.pid)" || kill "$(cat server.pid)"
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
    ! grep -q $'\302\233' server.out
}

# ---- tools that look closely

@test "the sanitizers find nothing in 09 and 10" {
    local lesson
    need_sanitizers ${CC:-cc}
    for lesson in 09_greeting_server 09_greeting_client 10_echo_server \
        10_echo_client; do
        ${CC:-cc} -g -O1 -fsanitize=address,undefined \
            -fno-sanitize-recover=all "$ROOT/lessons/$lesson.c" -o "$lesson"
    done
    clumsily_used .
    run ! grep -E 'ERROR|runtime error' ./*.err ./*.out
}

@test "valgrind finds nothing in 09 and 10" {
    need valgrind
    UNDER='valgrind -q --error-exitcode=99'
    clumsily_used "$BUILD"
    run ! grep '^==.*\(Invalid\|uninit\|lost\)' ./*.err
}

# clumsily_used FOLDER: the four programs in it, talking to all kinds.
clumsily_used() {
    PROGRAMS=$1
    serve 09_greeting_server
    start client ${UNDER:-} "$1/09_greeting_client" "$port"
    finish client 0
    peer speaks_and_resets "$port"
    peer rushes "$port"
    serves 09
    kill -0 "$(cat server.pid)"
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
    kill -0 "$(cat server.pid)"
}
