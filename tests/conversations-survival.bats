# 09, 10, 14 to 16 and 21 live on, whatever a client does and whatever a call
# returns. errors-further.bats, too, makes their accept, send and recv
# fail.

load helper
load errors
load conversations

LATER='14_framing_server 15_fork_server 16_thread_server'

@test "10, 14 to 16 and 21 survive every way in which a client can leave" {
    local way SERVER
    for SERVER in 10_echo_server $LATER 21_http_server; do
        unset port
        serve "$SERVER" -q
        for way in closes resets speaks_and_resets rushes; do
            peer "$way" "$port"
            serves
        done
    done
}

@test "no client that leaves before it is answered ends a server" {
    local lesson
    for lesson in 09_greeting_server 10_echo_server $LATER; do
        unset port
        serve "$lesson"
        await server 'blocks until a client'
        kill -STOP "$(<server.pid)"
        peer ends_and_resets "$port"
        eventually reset_came # the kernel may take a moment to deliver it
        kill -CONT "$(<server.pid)"
        await server 'EPIPE'
        serves "$lesson"
    done
}
reset_came() { [ -z "$(ss -Htn "sport = :$port")" ]; }

@test "a client that is silent or never reads holds up none, and has to go" {
    local SERVER
    for SERVER in 10_echo_server $LATER; do
        unset port
        impatient "$SERVER"
        serve "$SERVER" -q
        start silent python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" stays_silent "$port"
        await silent connected
        serves
        start stuck python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" never_reads "$port"
        await stuck stuck
        serves
        if [ "$SERVER" = 15_fork_server ]; then # its children just end
            eventually childless
        else
            await server '^recv: Resource temporarily unavailable' server.err
            await server '^send: Resource temporarily unavailable' server.err
        fi
    done
}
childless() { ! children "$(<server.pid)"; }

@test "10 and 14 to 16 survive 1,000 clients that connect and reset, and keep nothing" {
    local files SERVER
    kept() { ls "$files" | cmp - before; }
    for SERVER in 10_echo_server $LATER; do
        unset port
        serve "$SERVER" -q
        files=/proc/$(<server.pid)/fd
        ls "$files" >before
        peer resets "$port" 1000
        serves
        eventually kept
        eventually childless
    done
}

@test "15 and 16 serve a client beside thirty hostile ones" {
    local SERVER
    for SERVER in 15_fork_server 16_thread_server; do
        unset port
        serve "$SERVER" -q
        start hostile python3 "$BATS_TEST_DIRNAME/support/hostile_clients.py" "$port"
        await hostile ready
        serves
        serves
        kill -KILL "$(<hostile.pid)"
        eventually childless
        serves
    done
}

# Whether a connection to $port holds 4 bytes that nobody has read.
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
    # Its bytes are in our kernel, although nobody has accepted it.
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
    for SERVER in 09_greeting_server 10_echo_server $LATER; do
        unset port
        serve "$SERVER" -q
        prlimit --pid "$(<server.pid)" --nofile=4:64
        start client sh -c 'echo here | exec "$0" -q "$1"' \
            "$BUILD/$(client_of)" "$port"
        await server '^No callers for 2 seconds' server.err
        [ "$(grep -vc "^A message of" server.err)" -le 4 ]
        grep -q '^accept: Too many open files$' server.err
        prlimit --pid "$(<server.pid)" --nofile=64:64
        finish client 0
        [ -s client.out ]
        serves
        kill "$(<server.pid)"
    done
}

# outlived CALL: prints each errno that has a row for CALL, and what a
# server does after it: "carries on", "backs off", "ends".
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
            end_child KILL server
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
            end_child KILL server
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
            end_child KILL "$error"
        done <rows.accept
    done
}

@test "a call that fails for one client of 09, 10, 14 or 21 loses that client alone" {
    need strace
    local SERVER call fault
    while read -r SERVER call fault; do
        unset port
        UNDER="strace -qq -o trace -e trace=${fault%%:*} -e inject=$fault"
        serve "$SERVER" -q
        serves >lost 2>&1 || true
        await server "^$call: " server.err
        serves
        if [[ $SERVER == @(09|10)_* ]]; then
            grep -q '^Clients so far: 1$' server.err
            await server '^Clients so far: 2$' server.err
        fi
        end_child KILL server
    done <<'END'
09_greeting_server setsockopt setsockopt:error=ENOMEM:when=2
09_greeting_server send sendto:error=ENOBUFS:when=1
09_greeting_server shutdown shutdown:error=ENOTCONN:when=1
09_greeting_server recv recvfrom:error=ECONNRESET:when=1
10_echo_server setsockopt setsockopt:error=ENOMEM:when=2
10_echo_server setsockopt setsockopt:error=ENOMEM:when=3
14_framing_server setsockopt setsockopt:error=ENOMEM:when=2
14_framing_server setsockopt setsockopt:error=ENOMEM:when=3
21_http_server setsockopt setsockopt:error=ENOMEM:when=2
21_http_server setsockopt setsockopt:error=ENOMEM:when=3
END
}

@test "10, 15 and 16 go on where they were when they have been stopped and continued" {
    local SERVER all
    for SERVER in 10_echo_server 15_fork_server 16_thread_server; do
        unset port
        serve "$SERVER"
        rm -f client.in
        mkfifo client.in
        start client sh -c 'exec "$0" "$1" <client.in' "$BUILD/10_echo_client" "$port"
        exec {IN}<>client.in
        await server 'blocks until bytes come'
        read -r -a all <<<"$(<server.pid) $(children "$(<server.pid)")"
        kill -STOP "${all[@]}"
        eventually stopped "${all[@]}"
        kill -CONT "${all[@]}"
        # Without a time limit of its own, a call is not interrupted.
        [ "$SERVER" = 15_fork_server ] || await server '= -1 EINTR'
        echo still >&"$IN"
        await client still
        exec {IN}>&-
        finish client 0
    done
}

# resumes NAME: waits until NAME blocks with a time limit; then it is
# stopped and continued, and calls again.
resumes() {
    await "$1" 'comes, [0-9]* seconds at'
    kill -STOP "$(<"$1.pid")"
    eventually stopped "$(<"$1.pid")"
    kill -CONT "$(<"$1.pid")"
    await "$1" '= -1 EINTR'
}

@test "08's sender and both sides of 18 wait on when they have been stopped and continued" {
    local name answers
    variant 08_udp_sender 's/PATIENCE = 2,/PATIENCE = 60,/'
    variant 18_udp_retry_sender 's/PATIENCE = 1,/PATIENCE = 60,/'
    variant 18_udp_retry_receiver 's/LINGER = 2 /LINGER = 5 /'
    mkfifo now
    for name in 08_udp_sender 18_udp_retry_sender; do
        # 08 takes any answer, and needs two.
        answers=(await now)
        for number in 1 2 3 4 5; do
            answers+=(say "$(message "$number" 1)" hear)
        done
        port=$(free_port)
        start peer "$TOOLS/peer" wait "$port" "${answers[@]}"
        await peer ready
        start "$name" "./$name" "$port"
        resumes "$name"
        timeout "$PATIENCE" sh -c ": >now"
        finish "$name" 0
        kill "$(<peer.pid)"
    done
    port=$(free_port)
    start 18_udp_retry_receiver ./18_udp_retry_receiver "$port"
    listening "$port" 18_udp_retry_receiver
    set --
    for number in 1 2 3 4 5; do
        set -- "$@" say "$(message "$number" 2)"
    done
    "$TOOLS/peer" send "$port" "$@"
    resumes 18_udp_retry_receiver
    finish 18_udp_retry_receiver 0
}

# stopped PID...: whether each of their threads is stopped. A SIGCONT that
# comes earlier would cancel the SIGSTOP, and interrupt nothing.
stopped() {
    local pid
    for pid; do
        ! grep -qvx T <(awk '/^State:/ { print $2 }' "/proc/$pid"/task/*/status) || return
    done
}

@test "14 goes on in the middle of a message when it has been stopped and continued" {
    serve 14_framing_server
    exec {IN}<>"/dev/tcp/127.0.0.1/$port"
    printf '\0\0\0' >&"$IN"
    await server 'recv(4, bytes + got, 1001, 0) … blocks'
    kill -STOP "$(<server.pid)"
    eventually stopped "$(<server.pid)"
    kill -CONT "$(<server.pid)"
    await server 'recv.* = -1 EINTR'
    printf '\2hi' >&"$IN"
    [ "$(timeout "$PATIENCE" head -c 6 <&"$IN" | tail -c 2)" = hi ]
    exec {IN}>&-
}

@test "Ctrl-C ends the servers, and at once they can be started again" {
    local lesson
    for lesson in 09_greeting_server 10_echo_server $LATER; do
        unset port
        UNDER='env --default-signal=INT'
        serve "$lesson"
        start client "$BUILD/05_connect" -q "$port"
        await server 'accept.* = 4' # and it is being served
        kill -INT "$(<server.pid)"
        finish server 130
        serve "$lesson"
        serves "$lesson"
        kill "$(<server.pid)"
    done
}
