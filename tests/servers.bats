# The second part of the course: 14 to 24 do what they teach, survive
# clumsy and hostile peers, leave nothing behind; and without any one of
# their key lines a test fails.

load helper

# serve LESSON: starts it, from $PROGRAMS if that is set, on a new $port.
serve() {
    port=$(free_port)
    start server "${PROGRAMS:-$BUILD}/$1" -q "$port"
    listening "$port" server
    pid=$(<server.pid)
}

# without LESSON SED [FLAG...]: makes PROGRAMS a folder with a copy of the
# lesson that is changed by SED.
without() {
    variant "$@"
    PROGRAMS=.
}

peer() { "$TOOLS/peer" connect "$port" "$@" 3>&-; }

echoes() { # a client is served to its end
    local said
    said=$(echo 'Are you there?' | timeout "${1:-$PATIENCE}" \
        "$BUILD/10_echo_client" "$port" 3>&-) || return
    [ "$said" = 'Are you there?' ]
}

crowd() { "$TOOLS/crowd" -t 20 "$@" "$port" 3>&-; }

# ---- 14

# shellcheck disable=SC2120 # another PATIENCE, for a test that waits in vain
frames() {
    timeout "${1:-$PATIENCE}" "$BUILD/14_framing_client" -q "$port" \
        >client.out 3>&-
    diff client.out - <<'END'
Back came 2 bytes: "hi"
Back came 0 bytes: ""
Back came 7 bytes: "one\x0Atwo"
Back came 9 bytes: "in pieces"
The server has closed the connection
END
}

@test "14 finds each message, however its bytes come" {
    serve 14_framing_server
    frames
    grep -qx 'A message of 4294967295 bytes: refused' server.err
    frames
}

@test "14 without ntohl, without keeping what came early, or that believes a length, is found out" {
    without 14_framing_server 's/ntohl.header.;/header;/'
    serve 14_framing_server
    fails frames 2
    without 14_framing_server 's/^ *memmove.*;//'
    serve 14_framing_server
    fails frames 2
    without 14_framing_server 's/length > MOST/false \&\& &/; s/"narrate.h"/&\n#include <stdbool.h>/'
    serve 14_framing_server
    fails frames 3
}

@test "14 outlives clients that lie, stop halfway, spell, or reset" {
    serve 14_framing_server
    peer say '\x00\x00\x03\xe9' end close
    await server '1001 bytes: refused' server.err
    peer say '\x00\x00\x00' close
    await server '3 bytes of a message, then the end' server.err
    peer say '\x00\x00\x00\x05ab' reset
    peer spell '\x00\x00\x00\x02hi' hear close
    peer say '\x00\x00\x03\xe8' fill 1000 reset
    peer close
    frames
}

# ---- 15 and 16

# alone DESCRIPTORS: the server has no child, one thread, and only these
# descriptors, which it began with.
alone() {
    [ -z "$(ps -o pid= --ppid "$pid")" ] || return
    [ "$(ls "/proc/$pid/task" | wc -l)" -eq 1 ] || return
    [ "$(ls "/proc/$pid/fd")" = "$1" ]
}

# at_once LESSON: it serves a second client while a first is silent.
# shellcheck disable=SC2120
at_once() {
    mkfifo go
    start silent "$TOOLS/peer" connect "$port" await go close
    await silent ready
    echoes "$1"
    : >go
    finish silent 0
    rm go
}

# through LESSON: 500 clients, good and bad, and nothing is left.
through() {
    serve "$1"
    local fds round
    fds=$(ls "/proc/$pid/fd")
    echoes
    # As many at a time as the queue has room for.
    for round in $(seq 100); do
        crowd -n 3 -v 2 >crowd.out
        grep -q 'held 3 .*lost 0' crowd.out
    done
    echoes
    eventually alone "$fds"
}

@test "15 serves a client while another one is silent" {
    serve 15_fork_server
    at_once
}

@test "500 clients through 15 leave no process, zombie or descriptor" {
    through 15_fork_server
}

@test "15 without waitpid leaves zombies" {
    without 15_fork_server 's/while .waitpid.*/while (0)/'
    serve 15_fork_server
    echoes
    eventually pgrep -P "$pid" -r Z
}

@test "15 whose parent does not close shows the client no end" {
    without 15_fork_server \
        '/The parent closes its copy/,/perror/s/if .close.connected. == -1./if (0)/'
    serve 15_fork_server
    fails echoes 1
}

# restarts: 15 restarts at the same port while a child still has a client.
restarts() {
    serve 15_fork_server
    rm -f go
    mkfifo go
    start staying "$TOOLS/peer" connect "$port" await go close
    await staying ready
    eventually children "$pid"
    kill "$pid"
    finish server
    start again "${PROGRAMS:-$BUILD}/15_fork_server" -q "$port"
}

@test "15 restarts while an old child serves, if that has closed the listening socket" {
    restarts
    listening "$port" again
    echoes
    without 15_fork_server 's/if .close.sock. == -1./if (0)/'
    restarts
    finish again 1
    grep -qx 'bind: Address already in use' again.err
}

@test "a child of 15 that is killed takes no other client with it" {
    serve 15_fork_server
    mkfifo go
    start first "$TOOLS/peer" connect "$port" await go say hi end
    await first ready
    start second "$TOOLS/peer" connect "$port" end
    await second ready
    both() { [[ "$(children "$pid")" == *[0-9]" "[0-9]* ]]; }
    eventually both
    kill -KILL "$(ps -o pid= --ppid "$pid" | sort -n | tail -n 1)"
    finish second
    kill -0 "$(<first.pid)"
    echoes
    : >go
}

@test "16 serves a client while another one is silent" {
    serve 16_thread_server
    at_once
}

@test "500 clients through 16 leave no thread or descriptor" {
    through 16_thread_server
    [ "$(tail -n 1 server.err)" = 'Clients so far: 502' ]
}

@test "16 that does not detach keeps its threads' stacks" {
    local before after
    # kept: how many KiB of addresses 40 clients leave behind.
    kept() {
        serve 16_thread_server
        echoes
        before=$(awk '/VmSize/ { print $2 }' "/proc/$pid/status")
        for _ in $(seq 40); do
            peer say x hear shut end close >/dev/null
        done
        after=$(awk '/VmSize/ { print $2 }' "/proc/$pid/status")
        kill "$pid"
    }
    kept
    [ $((after - before)) -lt 160000 ]
    without 16_thread_server 's/^ *pthread_detach.*;//'
    kept
    [ $((after - before)) -gt 200000 ]
}

@test "16 that hands &connected over mixes up clients that come together" {
    all_served() { crowd -n 5 -t 1 | grep -q 'held 5 '; }
    mixed_up() { ! all_served; }
    serve 16_thread_server
    for _ in $(seq 20); do
        all_served
    done
    without 16_thread_server \
        's/.void \*..intptr_t.connected/\&connected/; s/.int..intptr_t.value/*(int *)value/'
    serve 16_thread_server
    eventually mixed_up
}

# raced: does the thread sanitizer find anything?
raced() {
    setarch -R true 2>/dev/null || skip 'setarch -R is not allowed'
    port=$(free_port)
    start server setarch -R ./16_thread_server -q "$port"
    listening "$port" server
    crowd -n 40 >/dev/null
    echoes
    grep -q 'data race' server.err
}

# bats test_tags=second
@test "the thread sanitizer finds a race in 16 only without its lock" {
    need_sanitizers gcc
    CC=gcc variant 16_thread_server 's/PATIENCE = 300/PATIENCE = 200/' \
        -g -fsanitize=thread
    fails raced
    CC=gcc variant 16_thread_server 's/^ *pthread_mutex_(un)?lock.*;//' \
        -g -fsanitize=thread
    raced
}

@test "16 outlives a close that fails, and a thread that cannot be made" {
    need strace
    attached() { ! grep -q '^TracerPid:	0$' "/proc/$pid/status"; }
    serve 16_thread_server
    start tracer strace -f -qq -o trace -p "$pid" \
        -e trace=close,clone,clone3 -e inject=close:error=EIO:when=1 \
        -e inject=clone,clone3:error=EAGAIN:when=2
    eventually attached
    peer say x shut >/dev/null
    await server '^close: Input/output error$' server.err
    await server '^Clients so far: 1$' server.err
    peer close >/dev/null
    await server '^pthread_create: Resource temporarily unavailable$' server.err
    kill "$(<tracer.pid)"
    finish tracer
    echoes
    await server '^Clients so far: 2$' server.err
}

# ---- 17

# ends: what 17's server sees of the four endings.
ends() {
    serve 17_endings_server
    "${CLIENTS:-$BUILD}/17_endings_client" -q "$port" >client.out 3>&-
    finish server 0
    grep -v 'Sent: Hello' server.out >seen.out
    diff seen.out - <<'END' || return
The client has ended its side
Sent: Are you there?
The client has ended its side
Sent: Are you there?
Sent: Are you still there?
END
    diff server.err - <<'END'
send: Broken pipe
recv: Connection reset by peer
send: Broken pipe
send: Broken pipe
recv: Connection reset by peer
send: Broken pipe
send: Broken pipe
END
}

@test "17's server sees a FIN, a FIN, and two RSTs" {
    ends
}

@test "17 without MSG_PEEK, or without SO_LINGER, ends otherwise" {
    CLIENTS=.
    variant 17_endings_client 's/hear.sock, MSG_PEEK./hear(sock, 0)/'
    fails ends
    variant 17_endings_client 's/l_onoff = 1/l_onoff = 0/'
    fails ends
}

# ---- 18

# retries: 18's sender tells lost, doubled and late apart.
retries() {
    port=$(free_port)
    start receiver "${PROGRAMS:-$BUILD}/18_udp_retry_receiver" -q "$port"
    listening "$port" receiver
    "${PROGRAMS:-$BUILD}/18_udp_retry_sender" -q "$port" \
        >sender.out 2>sender.err 3>&- || return
    finish receiver 0
    diff sender.out - <<'END' || return
Message 1 is answered
Message 2 is answered
Message 3 is answered
An answer to message 3 again: dropped
Message 4 is answered, late
An answer to message 4 again: dropped
Message 5 is answered
END
    grep -qx 'Message 4, try 2: known, answered again' receiver.out
}

@test "18 tells a lost, a doubled and a late answer apart" {
    retries
    [ "$(grep -c 'Resource temporarily unavailable' sender.err)" -eq 2 ]
}

@test "18 without numbers in its answers, or with what it did forgotten, is found out" {
    PROGRAMS=.
    cp "$BUILD"/18_udp_retry_* .
    variant 18_udp_retry_sender 's/was != number/false/'
    fails retries
    cp "$BUILD/18_udp_retry_sender" .
    variant 18_udp_retry_receiver 's/number == done \+ 1/number <= done + 1/'
    fails retries
}

@test "18's sender hears of nobody at the port, and gives up after three tries" {
    port=$(free_port)
    run -1 --separate-stderr "$BUILD/18_udp_retry_sender" -q "$port" 3>&-
    [ "$output" = 'Message 1: no answer to 3 tries' ]
    [[ $stderr == *'recv: Connection refused'* ]]
}

@test "18's receiver is not ended by a message after the last one" {
    port=$(free_port)
    start receiver "$BUILD/18_udp_retry_receiver" -q "$port"
    listening "$port" receiver
    for number in 1 2 3 4 5 6; do
        set -- "$@" say "$(message "$number" 2)"
    done
    "$TOOLS/peer" send "$port" "$@"
    finish receiver 0
    [ "$(tail -n 2 receiver.out)" = $'Message 6, try 2: new\nNo more tries came: done' ]
}

@test "18's sender takes no datagram of another size for an answer" {
    local sender strange=(say '\x01' say "$(message 1 1)\n")
    for sender in "$BUILD/18_udp_retry_sender -q" \
        "python3 -u $ROOT/lessons/python/18_udp_retry_sender.py 127.0.0.1"; do
        port=$(free_port)
        set -- "${strange[@]}" say "$(message 1 1)"
        for number in 2 3 4 5; do
            set -- "$@" hear say "$(message "$number" 1)"
        done
        start peer "$TOOLS/peer" wait "$port" "$@"
        await peer ready
        # shellcheck disable=SC2086 # words
        run -0 $sender "$port" 3>&-
        echo "$output"
        [ "$(head -n 3 <<<"$output")" = 'Not one of our answers: dropped
Not one of our answers: dropped
Message 1 is answered' ]
        [[ $output == *'Message 5 is answered' ]]
        finish peer 0
    done
}

# ---- 19

# all_hear: two receivers get one broadcast.
all_hear() {
    port=$(free_port)
    for name in one two; do
        start "$name" "${PROGRAMS:-$BUILD}/19_broadcast_receiver" "$port"
        await "$name" 'blocks until' || return
    done
    "${PROGRAMS:-$BUILD}/19_broadcast_sender" "$port" \
        >sender.out 2>sender.err 3>&- || return
    finish one 0
    finish two 0
    grep -q 'Hello, everybody!$' one.out || return
    grep -q 'Hello, everybody!$' two.out
}

@test "19's datagram reaches two receivers, and needs SO_BROADCAST" {
    all_hear
    grep -q '^sendto: Permission denied$' sender.err
    grep -q '= -1 EACCES$' sender.out
}

@test "19 without SO_BROADCAST, or without SO_REUSEADDR, is found out" {
    PROGRAMS=.
    cp "$BUILD"/19_broadcast_* .
    variant 19_broadcast_sender 's/SOL_SOCKET, SO_BROADCAST/SOL_SOCKET, SO_KEEPALIVE/'
    fails all_hear
    cp "$BUILD/19_broadcast_sender" .
    variant 19_broadcast_receiver 's/SOL_SOCKET, SO_REUSEADDR/SOL_SOCKET, SO_KEEPALIVE/'
    fails all_hear
}

# The test has a network of its own, where no other program is in a group.
# The stranger is bound to it and never joins: it misses the first datagram,
# and hears the second only because others of its host have joined by then.
@test "19's group: nobody hears it before joining, both who have joined hear it, and it is left" {
    must_have network
    variant 19_multicast_receiver 's/IP_ADD_MEMBERSHIP/IP_MULTICAST_IF/'
    mv 19_multicast_receiver stranger
    variant 19_multicast_sender 's/IPPROTO_IP, IP_MULTICAST_IF/SOL_SOCKET, SO_KEEPALIVE/'
    # shellcheck disable=SC2016 # for the other shell
    run -0 timeout "$PATIENCE" unshare -rnp --fork --kill-child bash -e -c '
        members() { awk "\$1 == \"1313FFEF\" { n = \$2 } END { print n + 0 }" /proc/net/igmp; }
        hears() {
            "$1" >"$2.out" &
            "$until" line "$2.out" "blocks until"
        }
        lessons=$1 until=$2/until
        ip link set lo up
        hears ./stranger stranger
        members
        "$lessons/19_multicast_sender" >early.out
        hears "$lessons/19_multicast_receiver" one
        hears "$lessons/19_multicast_receiver" two
        members
        "$lessons/19_multicast_sender" >sender.out
        wait
        members
        ./19_multicast_sender >lost.out 2>&1 || true' sh "$BUILD" "$TOOLS" 3>&-
    [ "$output" = $'0\n2\n0' ]
    from=$(sed -n 's/.*every IPv4 address of this host, port //p' sender.out)
    for name in one two stranger; do
        grep -qx "From 127.0.0.1, port $from: Hello, members!" "$name.out"
    done
    grep -q 'sendto(.*= 15$' early.out
    joined lost.out | grep -q 'sendto(.* = -1 ENETUNREACH'
}

# ---- 20

# slow: sets `took` to 20's microseconds with Nagle's algorithm and without.
slow() {
    run -0 "${PROGRAMS:-$BUILD}/20_options" -q "$(free_port)" 3>&-
    mapfile -t took < <(sed -n 's/.* took \([0-9]*\) .*/\1/p' <<<"$output")
}

@test "20: the kernel doubles SO_RCVBUF, and TCP_NODELAY saves 40 ms" {
    slow
    grep -qx 'SO_RCVBUF was [0-9]*, asked for 100000, is 200000' <<<"$output"
    [ "${took[0]}" -gt 30000 ]
    [ "${took[1]}" -lt 30000 ]
    PROGRAMS=.
    variant 20_options 's/"TCP_NODELAY", 1/"TCP_NODELAY", 0/'
    slow
    [ "${took[1]}" -gt 30000 ]
}

# ---- 21

# fetches: the client gets a whole page, after its head alone.
fetches() {
    "$BUILD/21_http_client" -q "$port" >client.out 3>&- || return
    diff client.out - <<'END'
HTTP/1.1 200 OK
Content-Type: text/html; charset=utf-8
Content-Length: 94
Connection: keep-alive

HTTP/1.1 200 OK
Content-Type: text/html; charset=utf-8
Content-Length: 94
Connection: close

<!DOCTYPE html>
<title>Lesson 21</title>
<h1>It works!</h1>
<p>Caf\xC3\xA9 cr\xC3\xA8me, served by C.</p>
END
}

# statuses REQUESTS: prints the status of each answer to these bytes, sent
# at once and given in printf's form.
statuses() {
    timeout "$PATIENCE" bash -c 'exec 5<>"/dev/tcp/127.0.0.1/$0"
        printf "$1" >&5; cat <&5' "$port" "$1" 3>&- |
        sed -n 's,^HTTP/1.1 \([0-9]*\) .*,\1,p' | paste -s -d ' '
}

# each_answered: whatever a client asks, in however many pieces.
each_answered() {
    local get='GET / HTTP/1.1\r\nHost: x\r\n'
    [ "$(statuses "$get\r\n${get}hOST:y\r\n\r\n${get}Connection: Close\r\n\r\n")" = '200 200 200' ] || return
    [ "$(statuses "HEAD /favicon.ico HTTP/1.1\r\nHost: x\r\n\r\n${get}x: \r\n\r\nGET / HTTP/1.0\r\n\r\n$get\r\n")" = '404 200 200' ] || return
    [ "$(statuses "GET / HTTP/1.1\r\n\r\n$get\r\n")" = 400 ] || return
    [ "$(statuses "GET /\033[2J HTTP/1.1\r\nHost: x\r\n\r\n")" = 400 ] || return
    [ "$(statuses "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nGET ")" = 501 ] || return
    [ "$(statuses "${get}Content-Length: 18\r\n\r\nGET / HTTP/1.0\r\n\r\n")" = 200 ] || return
    peer spell 'GET /spelt HTTP/1.0\x0d\n\x0d\n' end close
    await server '^GET /spelt HTTP/1.0$' server.err
}

@test "21 answers what it is asked, once each, however the bytes come" {
    serve 21_http_server
    fetches
    each_answered
    fetches
    run ! grep -q $'\033' server.err
}

@test "21 without a true length, without keeping what came early, or with the body after HEAD, is found out" {
    without 21_http_server 's/strlen\(body\),/strlen(body) - 2,/'
    serve 21_http_server
    fails fetches
    without 21_http_server 's/^ *memmove.*;/bytes[got] = 0;/'
    serve 21_http_server
    fails each_answered
    without 21_http_server 's/only_head \? "" : //'
    serve 21_http_server
    fails fetches
    without 21_http_server 's/^ *&& field\(head, "Content-Length"\) == NULL$//'
    serve 21_http_server
    fails each_answered
}

@test "21 outlives a header without end, a byte now and then, and silence; others are served" {
    serve 21_http_server
    peer fill 9000 end close
    await server '^Answered: 431 ' server.err
    start slow python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" talks_on "$port"
    await server '^Answered: 408 ' server.err
    finish slow 0
    mkfifo go
    start silent "$TOOLS/peer" connect "$port" await go close
    await silent ready
    fetches
    : >go
    finish silent 0
    # Less than half a second of the processor, in hundredths.
    [ "$(awk '{ print $14 + $15 }' "/proc/$pid/stat")" -lt 50 ]
}

@test "21 and curl: GET and HEAD, and two requests on one connection" {
    need curl
    serve 21_http_server
    url=http://127.0.0.1:$port/
    run -0 curl -sS -w '%{num_connects} %{size_download}\n' "$url" "$url" 3>&-
    [ "$(grep -cx '<h1>It works!</h1>' <<<"$output")" -eq 2 ]
    [ "$(grep -xE '[01] 94' <<<"$output" | xargs)" = '1 94 0 94' ]
    run -0 curl -sS --head "$url" 3>&-
    [[ $output == 'HTTP/1.1 200 OK'*'Content-Length: 94'* ]]
    run -0 curl -sS -o /dev/null -w '%{http_code}' "${url}other" 3>&-
    [ "$output" = 404 ]
    run -0 curl -sS -o /dev/null -w '%{http_code}' -d 'a body' "$url" 3>&-
    [ "$output" = 501 ]
}

@test "21's page is what Chromium shows" {
    need chromium
    serve 21_http_server
    run -0 --separate-stderr timeout 60 chromium --headless --no-sandbox \
        --user-data-dir=profile --dump-dom "http://127.0.0.1:$port/" 3>&- 4>&-
    [[ $output == *'<title>Lesson 21</title>'*'<p>Café crème, served by C.</p>'* ]]
}

@test "21's client reads Python's server to the end, on two connections" {
    need python3
    port=$(free_port)
    printf 'a page\n' >index.html
    start server python3 -m http.server --bind 127.0.0.1 "$port"
    listening "$port"
    run -0 "$BUILD/21_http_client" -q "$port" 3>&-
    [[ $output == 'HTTP/1.0 200 OK'*$'\nHTTP/1.0 200 OK'*$'\n\na page' ]]
    [ "$(grep -c '"\(HEAD\|GET\) / HTTP/1.1" 200' server.err)" -eq 2 ]
}

@test "21's client reads nginx's page, of a known length and in chunks" {
    need nginx
    local known chunked
    known=$(free_port) chunked=$(free_port)
    printf 'a page\n' >index.html
    cat >nginx.conf <<END
daemon off; master_process off; pid nginx.pid; error_log stderr;
events {}
http {
    access_log off; default_type text/html; root $PWD;
    server { listen 127.0.0.1:$known; }
    server { listen 127.0.0.1:$chunked; ssi on; }
}
END
    start server nginx -e stderr -p "$PWD" -c nginx.conf
    listening "$chunked"
    for port in "$known" "$chunked"; do
        run -0 "$BUILD/21_http_client" -q "$port" 3>&-
        [[ $output == 'HTTP/1.1 200 OK'*$'\n\na page' ]]
        # shellcheck disable=SC2154 # it is in nginx's words
        case $port in
        "$known") [[ $output == *$'\nContent-Length: 7\n'* ]] ;;
        *) [[ $output == *$'\nTransfer-Encoding: chunked\n'* ]] ;;
        esac
    done
}

# answering ANSWER STATUS LINE: $client, whom a server gives this answer to
# both requests, ends with this status and line.
answering() {
    port=$(free_port)
    start other python3 -c 'import socket, sys
answer = sys.argv[2].encode("latin-1").decode("unicode_escape").encode("latin-1")
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    for _ in range(2):
        with listener.accept()[0] as caller:
            caller.settimeout(20)
            data = b""
            while b"\r\n\r\n" not in data:
                data += caller.recv(100)
            try:
                for i in range(0, len(answer), 7):
                    caller.sendall(answer[i:i + 7])
            except ConnectionError:  # HEAD: the client has left
                pass' "$port" "$1"
    listening "$port" other
    # shellcheck disable=SC2086 # words
    run "-$2" timeout "$PATIENCE" $client "$port" 3>&-
    [[ ${output##*$'\n'} == *"$3" ]]
}

@test "21's client takes an answer to its end, whichever way that is marked, and no lie" {
    need python3
    local client lie head='HTTP/1.1 200 OK\r\nConnection: close\r\n'
    for client in "$BUILD/21_http_client -q" \
        "python3 $ROOT/lessons/python/21_http_client.py 127.0.0.1"; do
        answering "HTTP/1.1 100 Continue\r\n\r\n${head}CONTENT-LENGTH:2\r\n\r\nab\x1b" 0 ab
        answering "${head}Transfer-Encoding: Chunked\r\nContent-Length: 1\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nMore: x\r\n\r\n" \
            0 abc0123456789
        answering "${head}\r\nto the \x1b\xff end" 0 'to the \x1B\xFF end'
        answering 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nConnection: close\r\n\r\n' 0 ''
        for lie in "${head}Content-Length: 3\r\n\r\nab" "${head}X" 'SSH-2.0\r\n' '' \
            "${head}Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n" \
            "${head}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n" \
            "HTTP/1.1 200 OK\r\nX: $(printf '%3000s' '' | tr ' ' x)\r\n\r\n" \
            "HTTP/1.1 200 OK\r\n$(printf 'x:\\r\\n%.0s' {1..120})\r\n"; do
            answering "$lie" 1 'That is not a whole answer'
        done
    done
}

# ---- 22

# names: the server, asked by our own program.
names() {
    local asked
    for asked in localhost WWW.lesson.test forged.lesson.test; do
        timeout "$PATIENCE" "${PROGRAMS:-$BUILD}/22_dns_question" -q "$asked" "$port" 3>&- || return
    done >asked.out
    diff asked.out - <<'END'
localhost has the address 127.0.0.1
WWW.lesson.test is another name for lesson.test
lesson.test has the address 192.0.2.22
Not the answer to our question: dropped
forged.lesson.test has the address 192.0.2.23
END
}

@test "22 asks and answers: a name, an alias, a forged answer, no such name" {
    serve 22_dns_answer
    names
    run -1 "$BUILD/22_dns_question" -q nobody.test "$port" 3>&-
    [ "$output" = 'There is no such name' ]
    run -2 --separate-stderr "$BUILD/22_dns_question" -q a..test "$port" 3>&-
    run -1 --separate-stderr "$BUILD/22_dns_question" -q localhost "$(free_port)" 3>&-
    [ "$output" = 'No answer to 3 tries' ]
    # shellcheck disable=SC2154
    [ "$(uniq <<<"$stderr")" = 'recv: Connection refused' ]
}

@test "22 without its test of the id is found out" {
    PROGRAMS=.
    cp "$BUILD/22_dns_answer" .
    variant 22_dns_question 's/get\(in\) != get\(question\)/false/'
    serve 22_dns_answer
    fails names
    grep -qx 'forged.lesson.test has the address 192.0.2.66' asked.out
}

@test "22's server, in C and in Python, outlives what is no question, and answers no answer" {
    need python3
    local server bytes endless
    endless=$(printf '\\x3f%063d' 0 0 0 0 0 0 0 0)
    for server in "$BUILD/22_dns_answer" "python3 -u $ROOT/lessons/python/22_dns_answer.py 127.0.0.1"; do
        port=$(free_port)
        # shellcheck disable=SC2086 # words
        start server $server "$port"
        eventually names
        for bytes in '' '\x00' '\x00\x01\x80\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01x\x00\x00\x01\x00\x01' \
            '\x00\x01\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x01x\x00\x00\x01\x00\x01' \
            '\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01' \
            '\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01x\xc0\x0c\x00\x01\x00\x01' \
            "\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00$endless" \
            "\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00${endless::335}\x00\x00\x01\x00\x01" \
            '\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x3fx' \
            '\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01x\x00\x00\x01\x00'; do
            "$TOOLS/peer" send "$port" say "$bytes"
        done
        names
        [ "$(grep -cx 'Not a question: dropped' server.err)" -eq 10 ]
        kill "$(<server.pid)"
    done
}

# astray CLIENT...: no lie of lying_names.py leads it astray.
astray() {
    local name said liar=0
    need python3
    port=$(free_port)
    start liar python3 "$BATS_TEST_DIRNAME/support/lying_names.py" "$port"
    await liar ready
    while read -r name said; do
        run timeout "$PATIENCE" "$@" "$name" "$port" 3>&-
        grep -qxF "$said" <<<"$output" || {
            echo "$name: $output"
            liar=1
        }
    done <<'END'
right.test right.test has the address 192.0.2.1
loop.test A broken answer
ahead.test A broken answer
pair.test A broken answer
endless.test A broken answer
cut.test A broken answer
beyond.test A broken answer
long.test A broken answer
short.test A broken answer
nine.test A broken answer
ten.test No address
past.test A broken answer
full.test A broken answer
brim.test A broken answer
escape.test \x1B[2J.test is another name for right
none.test No address
refused.test The server cannot tell: error 5
END
    kill "$(<liar.pid)"
    return "$liar"
}

@test "22's client, in C and in Python, is led astray by no pointer, length, or stranger's answer" {
    astray "$BUILD/22_dns_question" -q
    astray python3 "$ROOT/lessons/python/22_dns_question.py"
}

@test "22's client that believes a record to be whole is found out" {
    variant 22_dns_question 's/size - at < 10/size - at < 9/'
    fails astray ./22_dns_question -q
    variant 22_dns_question 's/size - at < 10/size - at < 11/'
    fails astray ./22_dns_question -q
}

# A read behind the end of the message is seen only behind the buffer.
# bats test_tags=second
@test "22's client that believes a length reads behind its buffer, and is found out" {
    local mutant
    sanitized 22_dns_question
    astray "$BUILD/sanitized/22_dns_question" -q
    for mutant in 's/ part > size - at \|\|//' 's/ \|\| size - at < 10//'; do
        variant 22_dns_question "$mutant" -fsanitize=address
        fails astray ./22_dns_question -q
    done
}

@test "22 and dig: dig understands our server, and dnsmasq our client" {
    need dig dnsmasq
    serve 22_dns_answer
    run -0 dig +time=5 +tries=1 @127.0.0.1 -p "$port" +short www.lesson.test 3>&-
    [ "$output" = $'lesson.test.\n192.0.2.22' ]
    run -0 dig +time=5 +tries=1 @127.0.0.1 -p "$port" LESSON.test AAAA 3>&-
    [[ $output == *'status: NOERROR'*'ANSWER: 0'* ]]
    run -0 dig +time=5 +tries=1 @127.0.0.1 -p "$port" nobody.test 3>&-
    [[ $output == *'status: NXDOMAIN'* ]]
    port=$(free_port)
    start dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv \
        --no-hosts --bind-interfaces --listen-address=127.0.0.1 --port="$port" \
        --pid-file="$PWD/pid" --user="$(id -un)" --log-facility=- \
        --host-record=masq.test,192.0.2.40 --host-record=masq.test,192.0.2.41 \
        --cname=other.test,masq.test
    listening "$port" dnsmasq
    run -0 "$BUILD/22_dns_question" -q other.test "$port" 3>&-
    [[ $output == 'other.test is another name for masq.test'$'\n''masq.test has the address 192.0.2.4'* ]]
    run -1 "$BUILD/22_dns_question" -q nobody.test "$port" 3>&-
    kill "$(<dnsmasq.pid)"
}

@test "22 at port 53 and getent name the same addresses, by /etc/resolv.conf" {
    need dnsmasq
    must_have network mounts
    echo 'nameserver 127.0.0.53' >resolv.conf
    echo 'hosts: dns' >nsswitch.conf
    # shellcheck disable=SC2016 # for the other shell
    timeout "$PATIENCE" unshare -rmn bash -c '
        ip link set lo up
        ip address add 192.0.2.1/32 dev lo # getent wants one that is not 127.0.0.1
        mount --bind resolv.conf /etc/resolv.conf
        mount --bind nsswitch.conf /etc/nsswitch.conf
        dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --bind-interfaces \
            --listen-address=127.0.0.53 --host-record=masq.test,192.0.2.40 \
            --host-record=masq.test,192.0.2.41 --local=/test/ 2>dnsmasq.log &
        # Whoever asks before it answers tries again.
        "$1/22_dns_question" -q masq.test 53 >asked
        getent ahostsv4 masq.test >known
        kill $!' sh "$BUILD" "$TOOLS" 3>&-
    sed -n 's/.* has the address //p' asked | sort -u >ours
    [ "$(xargs <ours)" = '192.0.2.40 192.0.2.41' ]
    diff ours <(cut -d ' ' -f 1 known | sort -u)
}

# ---- 23

# Clients that behave, and some that say nothing, never read, send a byte a
# second or leave in the middle: 73 in all.
mixed() {
    local silent
    exec {silent}<>"/dev/tcp/127.0.0.1/$port"
    crowd -n 60 -s 3 -v 6 -b 3 -r 2 >mixed.out || return
    exec {silent}>&-
    grep '^clients 63 answered 63 held 63 wrong 0 lost 0 ' mixed.out
}
ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
late() { python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" reads_late "$port" 3>&-; }

@test "23 serves all while some are silent, stuck, slow or gone, and rests in between" {
    need python3
    serve 23_epoll_server
    mixed
    late
    [ "$(ticks)" -le 100 ]
    kill -TERM "$pid"
    finish server 0
    [ "$(<server.out)" = '74 clients served' ]
    [ ! -s server.err ]
}

@test "23 out of descriptors keeps calm, and takes callers again" {
    local clients=() i
    port=$(free_port)
    start server bash -c 'ulimit -n 16 && exec "$@"' - "$BUILD/23_epoll_server" -q "$port"
    listening "$port" server
    pid=$(<server.pid)
    for i in {0..15}; do
        # shellcheck disable=SC1083,SC2093 # opens one, stays here
        exec {clients[i]}<>"/dev/tcp/127.0.0.1/$port"
    done
    await server '^No callers for 2 seconds$' server.err
    echo here >&"${clients[0]}"
    read -r -t "$PATIENCE" -u "${clients[0]}"
    for i in {0..14}; do
        # shellcheck disable=SC1083,SC2093 # closes one, stays here
        exec {clients[i]}>&-
    done
    echo there >&"${clients[15]}"
    read -r -t "$PATIENCE" -u "${clients[15]}"
    [ "$REPLY" = there ]
    # shellcheck disable=SC1083,SC2093 # closes one, stays here
    exec {clients[15]}>&-
    [ "$(ticks)" -le 20 ]
    kill -TERM "$pid"
    finish server 0
}

@test "23 that never waits for room, or leaves the listening socket on the list, is found out" {
    need python3
    without 23_epoll_server 's/ \? EPOLLOUT : EPOLLIN/ ? EPOLLIN : EPOLLIN/'
    serve 23_epoll_server
    fails late
    without 23_epoll_server 's/open != .patience == IDLE./!open/'
    port=$(free_port)
    start server bash -c 'ulimit -n 7 && exec ./23_epoll_server -q "$0"' "$port"
    listening "$port" server
    pid=$(<server.pid)
    : <>"/dev/tcp/127.0.0.1/$port"
    eventually spins
}
spins() { [ "$(ticks)" -ge 20 ]; }

# ---- 24

# meet: starts the server of $PROGRAMS at `path`, in this folder.
meet() {
    start server "${PROGRAMS:-$BUILD}/24_unix_server" "${1:-path}"
    pid=$(<server.pid)
    await server 'blocks until a client'
}

# read_on: a client whose file the server reads on.
read_on() {
    timeout "$PATIENCE" "$BUILD/24_unix_client" -q path >client.out 3>&- || return
    diff client.out - <<'END' || return
This line is read by the client.
65 bytes printed
We are at byte 98 of 98
END
    grep -A 1 '^These two are read by the server,$' server.out |
        grep -qx 'which begins where we stopped\.'
}

# descriptors: how many the server has open.
descriptors() { find "/proc/$pid/fd" -mindepth 1 | wc -l; }

@test "24 passes an open file on: the server reads where the client stopped, and takes its path away with it" {
    meet
    [ -S path ]
    read_on
    read_on
    kill -INT "$pid"
    finish server 0
    [ ! -e path ]
    run -0 "$BUILD/24_unix_pair" -q 3>&-
    [ "$output" = 'The child says: Nearly.' ]
}

@test "24 clears away the path of a server that was killed, that of no other, and no file" {
    local other
    meet
    run -1 --separate-stderr "$BUILD/24_unix_server" -q path 3>&-
    [ "$stderr" = 'bind: Address already in use' ]
    read_on # the first one still has its path
    kill -KILL "$pid"
    finish server 137
    run -1 --separate-stderr "$BUILD/24_unix_client" -q path 3>&-
    [ "$stderr" = 'connect: Connection refused' ]
    meet
    read_on
    echo thesis >file
    run -1 "$BUILD/24_unix_server" -q file 3>&-
    [ "$(<file)" = thesis ]
    ln -s path link
    other=$pid
    run -1 "$BUILD/24_unix_server" -q link 3>&-
    [ -L link ]
    kill -TERM "$other"
    finish server 0
    [ ! -e path ]
}

@test "24 that unlinks in any case, never, or without a look at the file is found out" {
    PROGRAMS=.
    variant 24_unix_server 's/&& errno == ECONNREFUSED//; s/connect\(sock, path, sizeof here\) == -1/true/'
    meet
    start second ./24_unix_server path
    await second 'blocks until a client'
    fails read_on
    kill -KILL "$pid" "$(<second.pid)"
    finish server
    variant 24_unix_server 's/&& cleared\(\)/\&\& false/'
    run -1 ./24_unix_server -q path 3>&-
    rm path
    variant 24_unix_server 's/&& S_ISSOCK\(file.st_mode\)//'
    echo thesis >file
    meet file
    [ ! -f file ]
}

@test "24's paths: one that is too long or empty is refused, one that leads nowhere is explained" {
    local long name
    need python3 strace
    long=$(printf 'x%.0s' {1..108})
    for name in server client; do
        run -2 "$BUILD/24_unix_$name" -q "$long" 3>&-
        [ "$output" = "$long is not a path of 1 to 107 bytes" ]
        run -2 "$BUILD/24_unix_$name" -q '' 3>&-
        run -2 "$BUILD/24_unix_$name" path 8888 3>&-
        [[ $output == *'"8888" is one word too many: a path expected'* ]]
        run -1 "$BUILD/24_unix_$name" "${long:9}/nowhere" 3>&-
        run -1 "$BUILD/24_unix_$name" no/path 3>&-
        [[ $output == *'= -1 ENOENT'*'That means: '* ]]
        touch file
        run -1 "$BUILD/24_unix_$name" file/path 3>&-
        [[ $output == *'= -1 ENOTDIR'*'is no folder'* ]]
    done
    run -1 "$BUILD/24_unix_client" file 3>&-
    [[ $output == *'= -1 ECONNREFUSED'*'the file is no'*socket* ]]
    python3 -c 'import socket
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind("datagrams")
socket.socket(socket.AF_UNIX).bind("left")'
    run -1 "$BUILD/24_unix_client" datagrams 3>&-
    # It has ended: so nobody listens, of whatever type it was.
    [[ $output == *'= -1 ECONNREFUSED'* ]]
    for name in EACCES EPERM; do
        run -1 strace -qq -o trace -e trace=unlink -e "inject=unlink:error=$name" \
            "$BUILD/24_unix_server" left 3>&-
        [[ $output == *'unlink("left") = -1 '"$name"*'That means: '*'Try: '*'bind: Address already in use' ]]
    done
}

@test "24's server outlives strange clients, loses no descriptor, and keeps nobody waiting" {
    need python3
    local before
    meet
    read_on
    before=$(descriptors)
    run -0 python3 "$BATS_TEST_DIRNAME/support/strange_passers.py" path 3 3>&-
    diff <(head -n 12 <<<"$output") - <<'END'
ends at once: nothing
no descriptor: nothing
two: 5 bytes printed
a hundred: 5 bytes printed
a pipe: I cannot read that
a folder: I cannot read that
a device: I cannot read that
only written: I cannot read that
an empty file: 0 bytes printed
an escape: 6 bytes printed
a large file: 4096 bytes printed
much besides: 5 bytes printed
END
    [ "$(descriptors)" -eq "$before" ]
    grep -qxF '\x1B[31m' server.out
    [ "$(grep -c '^More descriptors than we want' server.err)" -eq 3 ]
    # Two that say nothing cost two seconds, and no processor time.
    start silent python3 -c 'import signal, socket
peers = [socket.socket(socket.AF_UNIX) for _ in range(2)]
for peer in peers: peer.connect("path")
print("they say nothing", flush=True)
signal.pause()'
    await silent 'they say nothing'
    read_on
    [ "$(descriptors)" -eq "$before" ]
    [ "$(ticks)" -lt 50 ]
    kill -INT "$pid"
    finish server 0
}

@test "24 that takes the first descriptor alone, or believes that it is a file, is found out" {
    need python3
    PROGRAMS=.
    variant 24_unix_server 's/close\(passed\);/(void)passed;/'
    meet
    python3 "$BATS_TEST_DIRNAME/support/strange_passers.py" path >said
    [ "$(descriptors)" -gt 5 ]
    kill -KILL "$pid"
    finish server
    variant 24_unix_server 's/\|\| !S_ISREG\(about.st_mode\)//'
    meet
    fails timeout 5 python3 "$BATS_TEST_DIRNAME/support/strange_passers.py" path >said
    tail -n 1 said | grep -q 'a hundred'
}

@test "24 and socat: each is a client of the other, without a descriptor" {
    need socat
    meet
    run -0 socat -t 5 - UNIX-CONNECT:path <<<'hello' 3>&-
    [ -z "$output" ]
    grep -qx 'No descriptor came' server.err
    read_on
    kill -INT "$pid"
    finish server 0
    start socat socat -d -d UNIX-LISTEN:other SYSTEM:'head -n 1 >heard; echo nothing printed'
    await socat 'listening on' socat.err
    run -0 "$BUILD/24_unix_client" -q other 3>&-
    [ "${lines[1]}" = 'nothing printed' ]
    [ "${lines[2]}" = 'We are at byte 33 of 98' ]
    [ "$(<heard)" = 'Read on, please' ]
}
