# 10, and 09, live on: whatever a client does, whatever a call returns.

load helper
load errors
load conversations

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
    serve 10_echo_server -q
    start silent python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" stays_silent "$port"
    await silent connected
    serves 10
    start stuck python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" never_reads "$port"
    await stuck stuck
    serves 10
    await server '^recv: Resource temporarily unavailable' server.err
    await server '^send: Resource temporarily unavailable' server.err
}

@test "10 survives 1000 clients that connect and reset, and keeps nothing" {
    local files
    serve 10_echo_server -q
    files=/proc/$(<server.pid)/fd
    serves 10
    ls "$files" >before
    peer resets "$port" 1000
    serves 10
    ls "$files" | cmp - before
}

# A connection to $port holds 4 bytes that nobody has read.
holds_4() { ss -Htn "sport = :$port" | grep -q 'ESTAB *4 '; }

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
    eventually holds_4
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
            listening "$port" server
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
            free_port >"$error.port"
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
