# Peers that are clumsy, hostile or gone: a lesson tells what happened,
# disturbs no terminal, ends with a sensible status and never hangs.

load helper

TCP_SERVERS='06_send_recv_server 07_close_server'
TCP_CLIENTS='06_send_recv_client 07_close_client'
# An escape sequence, a zero, bytes that are not UTF-8, a letter that is,
# a control of direction, a letter without width, an 8-bit control.
NASTY='\x1B[31m\x00\xFF\xC3\xA9\xE2\x80\xAE\xE2\x80\x8B\xC2\x9B\n'

# against LESSON DEED...: plays the lesson against a peer that does the
# deeds, the server first; both end, the lesson with status 0 or 1.
against() {
    local port lesson=$1
    port=$(free_port)
    shift
    case $lesson in
    *_server)
        start lesson "$BUILD/$lesson" "$port"
        await lesson 'blocks until a client'
        start peer "$TOOLS/peer" connect "$port" "$@"
        ;;
    *_client)
        start peer "$TOOLS/peer" listen "$port" "$@"
        await peer ready
        start lesson "$BUILD/$lesson" "$port"
        ;;
    *_receiver)
        start lesson "$BUILD/$lesson" "$port"
        await lesson 'blocks until a'
        start peer "$TOOLS/peer" send "$port" "$@"
        ;;
    *_sender)
        start peer "$TOOLS/peer" wait "$port" "$@"
        await peer ready
        start lesson "$BUILD/$lesson" "$port"
        ;;
    esac
    finish lesson
    harmless lesson
}

# harmless NAME: no byte in its output could disturb a terminal, and its
# exit status, in $status, agrees with what it said.
harmless() {
    # Beyond ASCII, only the é and our own … and µ may be there.
    LC_ALL=C sed $'s/\xc3\xa9//g; s/\xe2\x80\xa6//g; s/\xc2\xb5//g' \
        "$1.out" "$1.err" |
        LC_ALL=C tr -d '\n\040-\176' >disturbing
    [ ! -s disturbing ]
    case $status in
    0) [ ! -s "$1.err" ] ;;
    1)
        grep -q '^     That means: ' "$1.err"
        grep -q '^     Try: ' "$1.err"
        ;;
    *) false ;;
    esac
}

# The bytes that came, as the narrator quoted them.
quoted() {
    sed -n 's/^     received: "\(.*\)"$/\1/p' lesson.out | tr -d '\n'
}

# line TEXT: the lesson has printed this as its peer's line, and nothing
# else of what came.
line() {
    grep -q -x -F -e "The client's line: $1" -e "The server's line: $1" \
        lesson.out
    run ! grep -e '^No newline' -e '^The .* ended its side' lesson.out
}

@test "a peer that speaks one byte at a time is understood" {
    local lesson
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        against "$lesson" spell 'Hello, slowly\n' shut end
        [ "$status" -eq 0 ]
        line 'Hello, slowly'
        [ "$(quoted)" = 'Hello, slowly\n' ]
    done
}

@test "a peer that closes at once is told of as one that sent nothing" {
    local lesson
    for lesson in $TCP_SERVERS; do
        against "$lesson" close
        grep -q ') = 0$' lesson.out
        grep -q '0 is the end: the peer has ended its side' lesson.out
        grep -q '^The client ended its side before the newline: $' lesson.out
        run ! grep 'received: ' lesson.out
    done
}

@test "a line without its newline is told as one when the peer ends" {
    local lesson
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        against "$lesson" say 'no newline' shut end
        [ "$status" -eq 0 ]
        grep -q '^The [a-z]* ended its side before the newline: no newline$' \
            lesson.out
        [ "$(quoted)" = 'no newline' ]
    done
}

@test "two lines at once: the first is the line, the rest is told" {
    local lesson
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        against "$lesson" say 'one\ntwo\n' shut end
        [ "$status" -eq 0 ]
        line one
        grep -q '^Bytes after the newline: 4$' lesson.out
        [ "$(quoted)" = 'one\ntwo\n' ]
    done
}

@test "a mebibyte without a newline is bounded, and ends" {
    local lesson
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        against "$lesson" fill 1048576 shut end
        [ "$status" -eq 0 ]
        [ "$(grep -c '^No newline, and no room for more: A*$' lesson.out)" -eq 1 ]
        [ "$(grep '^No newline' lesson.out | tr -dc A | wc -c)" -eq 64 ]
        run ! grep "line: " lesson.out
    done
}

@test "a second part finds the room that the first has left, and no more" {
    local lesson
    mkfifo more
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        rm -f lesson.out
        { until_it line lesson.out 'received: "abc"' && : >./more; } &
        against "$lesson" say abc await more fill 1000 shut end
        wait $!
        [ "$status" -eq 0 ]
        grep -q '^No newline, and no room for more: abcA*$' lesson.out
        [ "$(grep '^No newline' lesson.out | tr -dc A | wc -c)" -eq 61 ]
    done
}

@test "64 bytes are a line, if the last of them is the newline" {
    local lesson words
    words=$(printf 'x%.0s' {1..63})
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        against "$lesson" say "$words\\n" shut end
        [ "$status" -eq 0 ]
        line "$words"
        against "$lesson" say "${words}x" shut end
        [ "$status" -eq 0 ]
        grep -q -x "No newline, and no room for more: ${words}x" lesson.out
    done
}

@test "bytes that would disturb a terminal are escaped" {
    local lesson
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        against "$lesson" say "$NASTY" shut end
        [ "$status" -eq 0 ]
        [ "$(quoted)" = '\x1B[31m\x00\xFFé\xE2\x80\xAE\xE2\x80\x8B\xC2\x9B\n' ]
        line '\x1B[31m\x00\xFF\xC3\xA9\xE2\x80\xAE\xE2\x80\x8B\xC2\x9B'
    done
    against 08_udp_receiver say "$NASTY" say "$NASTY"
    [ "$status" -eq 0 ]
    against 08_udp_sender say "$NASTY" hear say "$NASTY"
    [ "$status" -eq 0 ]
}

@test "with -q, too, they are escaped" {
    local port
    port=$(free_port)
    start peer "$TOOLS/peer" listen "$port" say "$NASTY" shut end
    await peer ready
    start lesson "$BUILD/06_send_recv_client" -q "$port"
    finish lesson 0
    harmless lesson
    grep -q "^The server's line: "'\\x1B\[31m' lesson.out
}

# ---- deeds that are done before the lesson's next step: by cues

# before STEP LESSON CUES DEED...: gives the lesson cues until it stands
# before that step; the peer does its deeds and ends; the lesson goes on.
before() {
    local step=$1 lesson=$2 cues=$3 port
    port=$(free_port)
    shift 3
    case $lesson in
    *_server)
        cued lesson "$BUILD/$lesson" "$port"
        cue lesson nnnnn
        await lesson 'blocks until a client'
        start peer "$TOOLS/peer" connect "$port" "$@"
        ;;
    *_client)
        start peer "$TOOLS/peer" listen "$port" "$@"
        await peer ready
        cued lesson "$BUILD/$lesson" "$port"
        ;;
    esac
    cue lesson "$cues"
    await lesson "^cue [0-9]* $step"
    finish peer 0
    cue lesson nnnnnnnnnnnnnnnnq
    finish lesson
    harmless lesson
}

# failed CALL ERRNO: the lesson ended at that call, with status 1, and
# was not ended by a signal. After the call no more is told than what the
# kernel holds; the lesson's own words come last.
failed() {
    local -A words=(
        [EAGAIN]='Resource temporarily unavailable'
        [ECONNRESET]='Connection reset by peer'
        [ENOTCONN]='Transport endpoint is not connected'
        [EPIPE]='Broken pipe'
    )
    [ "$status" -eq 1 ]
    tr -s '\n ' ' ' <lesson.out |
        grep -q " $1([^)]*) = -1 $2 \(kernel: [^=]*\)\?$"
    [ "$(tail -n 1 lesson.err)" = "$1: ${words[$2]}" ]
}

@test "a peer that resets before a word: recv fails, and says why" {
    local lesson
    for lesson in $TCP_SERVERS; do
        before recv "$lesson" '' reset
        failed recv ECONNRESET
    done
}

@test "a peer that resets instead of answering: recv fails, and says why" {
    before recv 06_send_recv_client nnnn hear hear reset
    failed recv ECONNRESET
}

@test "a peer that resets before our half-close: shutdown fails, and says why" {
    before shutdown 07_close_client nnnn hear hear reset
    failed shutdown ENOTCONN
}

@test "a peer that resets before we send: send fails, and says why" {
    local lesson
    for lesson in $TCP_CLIENTS; do
        before send "$lesson" nn reset
        failed send ECONNRESET
    done
    before send 06_send_recv_server n say 'Hi\n' reset
    failed send ECONNRESET
}

@test "a peer that ended, and is gone before we send: no death by SIGPIPE" {
    local lesson
    for lesson in $TCP_CLIENTS; do
        before send "$lesson" nn shut reset
        failed send EPIPE
    done
    before send 06_send_recv_server n say 'Hi\n' shut reset
    failed send EPIPE
    before send 07_close_server nn say 'Hi\n' shut reset
    failed send EPIPE
}

@test "a peer that closes takes the first send, and the second fails" {
    local lesson
    for lesson in $TCP_CLIENTS; do
        before send "$lesson" nn close
        # Our kernel took the bytes; the other side answered with an RST.
        grep -q 'send(3, .*) = 11$' lesson.out
        failed send EPIPE
    done
    # A server's only send succeeds, although nobody will read it.
    before send 06_send_recv_server n say 'Hi\n' close
    [ "$status" -eq 0 ]
    grep -q 'send(4, .*) = 23$' lesson.out
}

@test "a second client waits its turn while one is served" {
    local lesson port
    for lesson in $TCP_SERVERS; do
        port=$(free_port)
        mkfifo "go.$lesson"
        start lesson "$BUILD/$lesson" "$port"
        await lesson 'blocks until a client'
        start first "$TOOLS/peer" connect "$port" \
            await "go.$lesson" say 'First\n' shut end
        await lesson 'blocks until bytes'
        start second "$TOOLS/peer" connect "$port" \
            say 'Second\n' shut end
        await second shut
        : >"go.$lesson"
        finish lesson 0
        finish first 0
        finish second 0
        harmless lesson
        line First
        run ! grep -q Second lesson.out
    done
}

@test "a peer that never speaks is waited for, and Ctrl-C ends that" {
    local lesson port
    mkfifo go
    for lesson in $TCP_SERVERS; do
        port=$(free_port)
        start lesson "$BUILD/$lesson" "$port"
        await lesson 'blocks until a client'
        start peer "$TOOLS/peer" connect "$port" await go
        await lesson 'blocks until bytes'
        kill -INT "$(<lesson.pid)"
        finish lesson 130
        : >go
        finish peer 0
    done
}

# Both run at the same time: the FIN may be acknowledged already.
@test "07's half-close is seen by hand, on both sides" {
    local i port
    for i in 1 2 3; do
        port=$(free_port)
        start server "$BUILD/07_close_server" "$port"
        await server 'blocks until a client'
        start client "$BUILD/07_close_client" "$port"
        finish client 0
        finish server 0
        sed -n '/ shutdown(3, SHUT_WR) = 0$/,/ recv(/p' client.out |
            grep -q '^     kernel: fd 3  FIN-WAIT-[12]  127'
        sed '/ send(/,$d' server.out | grep -q '^     kernel: fd 4  CLOSE-WAIT'
    done
}

# ---- datagrams

@test "a datagram of no bytes and one of 65,507 are both told truly" {
    against 08_udp_receiver say '' fill 65507
    [ "$status" -eq 0 ]
    grep -q '^     From 127.0.0.1:[0-9]*: 0 bytes\.$' lesson.out
    grep -q '^From 127.0.0.1, port [0-9]*: $' lesson.out
    [ "$(grep -c '^It was longer than 32 bytes: the rest is lost$' lesson.out)" -eq 1 ]
    [ "$(grep -c 'The datagram was longer' lesson.out)" -eq 1 ]
    grep -q '^  5  recvmsg(.*) = 32$' lesson.out
    against 08_udp_sender fill 65507 hear say ''
    [ "$status" -eq 0 ]
    [ "$(grep -c 'recvfrom(.*) = \(64\|0\)$' lesson.out)" -eq 2 ]
}

@test "a datagram of 32 bytes is whole, one of 33 is cut" {
    against 08_udp_receiver fill 32 fill 33
    [ "$status" -eq 0 ]
    [ "$(grep -c '^From 127.0.0.1, port [0-9]*: A\{32\}$' lesson.out)" -eq 2 ]
    [ "$(grep -c 'longer than' lesson.out)" -eq 2 ] # the narrator, the lesson
    sed -n '1,/^  4  sendto/p' lesson.out >first.out
    run ! grep 'longer than' first.out
}

@test "a stranger's datagram is not taken for the answer" {
    against 08_udp_sender strange 'Psst' say 'Yes' hear say 'Yes'
    [ "$status" -eq 0 ]
    [ "$(grep -c '^A datagram from somebody else: dropped$' lesson.out)" -eq 1 ]
    [ "$(grep -c '^The answer: Yes$' lesson.out)" -eq 2 ]
    run ! grep '^The answer: Psst' lesson.out
}

@test "strangers cannot keep the sender waiting for ever" {
    local strangers=()
    for _ in {1..8}; do strangers+=(strange 'Psst'); done
    against 08_udp_sender "${strangers[@]}" hear say 'Yes'
    [ "$status" -eq 0 ]
    grep -q '^8 datagrams, none from the receiver$' lesson.out
    grep -q '^The answer: Yes$' lesson.out
}

@test "a datagram to nobody succeeds, and the answer is not awaited for ever" {
    start lesson "$BUILD/08_udp_sender" "$(free_port)"
    finish lesson
    tr -s '\n ' ' ' <lesson.out | grep -q ' sendto([^)]*) = 22 '
    failed recvfrom EAGAIN
}
