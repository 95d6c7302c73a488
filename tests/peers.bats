# Peers that are clumsy, hostile or gone: a lesson tells what happened,
# disturbs no terminal, ends with a sensible status and never hangs.

load helper

TCP_SERVERS='06_send_recv_server 07_close_server'
TCP_CLIENTS='06_send_recv_client 07_close_client'
# An escape sequence, a zero, bytes that are not UTF-8, a letter that is,
# a control of direction, a letter without width, an 8-bit control.
NASTY='\x1B[31m\x00\xFF\xC3\xA9\xE2\x80\xAE\xE2\x80\x8B\xC2\x9B\n'

setup_file() {
    cc -Wall -Wextra "$BATS_TEST_DIRNAME/peer.c" \
        -o "$BATS_FILE_TMPDIR/peer"
}

# against LESSON DEED...: starts the lesson, if it is a server, or else
# the peer; lets both end, the lesson with a status of 0 or 1.
against() {
    local port=$(free_port) lesson=$1
    shift
    case $lesson in
    *_server)
        start lesson "$BUILD/$lesson" "$port"
        await lesson 'waits for a caller'
        start peer "$BATS_FILE_TMPDIR/peer" connect "$port" "$@"
        ;;
    *_client)
        start peer "$BATS_FILE_TMPDIR/peer" listen "$port" "$@"
        await peer ready
        start lesson "$BUILD/$lesson" "$port"
        ;;
    *_receiver)
        start lesson "$BUILD/$lesson" "$port"
        await lesson 'waits for a'
        start peer "$BATS_FILE_TMPDIR/peer" send "$port" "$@"
        ;;
    *_sender)
        start peer "$BATS_FILE_TMPDIR/peer" wait "$port" "$@"
        await peer ready
        start lesson "$BUILD/$lesson" "$port"
        ;;
    esac
    finish lesson
    harmless lesson
}

# harmless NAME: no byte in its output could disturb a terminal, and its
# exit status, in $status, goes with what it said.
harmless() {
    # Of the bytes beyond ASCII those of the letter, and of our own
    # three dots, may stay.
    LC_ALL=C sed $'s/\xc3\xa9//g; s/\xe2\x80\xa6//g' "$1.out" "$1.err" |
        LC_ALL=C tr -d '\n\040-\176' >disturbing
    [ ! -s disturbing ]
    case $status in
    0) [ ! -s "$1.err" ] ;;
    1)
        grep -q '^    That means: ' "$1.err"
        grep -q '^    Try: ' "$1.err"
        ;;
    *) false ;;
    esac
}

@test "a peer that speaks one byte at a time is understood" {
    local lesson
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        against "$lesson" spell 'Hello, slowly\n' shut end
        [ "$status" -eq 0 ]
        grep -q '    received: "Hello, slowly\\n"' lesson.out
    done
}

@test "a peer that closes at once is told of as one that sent nothing" {
    local lesson
    for lesson in $TCP_SERVERS; do
        against "$lesson" close
        grep -q ') = 0$' lesson.out
        grep -q 'it has ended its side' lesson.out
        grep -q '    received: ""' lesson.out
    done
}

@test "a line without its newline counts when the peer ends" {
    local lesson
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        against "$lesson" say 'no newline' shut end
        [ "$status" -eq 0 ]
        grep -q '    received: "no newline"' lesson.out
    done
}

@test "two lines at once: the first one counts, or both are told" {
    local lesson
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        against "$lesson" say 'one\ntwo\n' shut end
        [ "$status" -eq 0 ]
        grep -q '    received: "one\\n' lesson.out
    done
}

@test "a mebibyte without a newline is bounded, and ends" {
    local lesson
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        against "$lesson" fill 1048576 shut end
        [ "$status" -eq 0 ]
        [ "$(grep '    received: ' lesson.out | tr -dc A | wc -c)" -eq 64 ]
    done
}

@test "bytes that would disturb a terminal are escaped" {
    local lesson
    for lesson in $TCP_SERVERS $TCP_CLIENTS; do
        against "$lesson" say "$NASTY" shut end
        [ "$status" -eq 0 ]
        grep -q -F 'received: "\x1B[31m\x00\xFFé\xE2\x80\xAE\xE2\x80\x8B\xC2\x9B\n"' \
            lesson.out
    done
    against 08_udp_receiver say "$NASTY" say "$NASTY"
    [ "$status" -eq 0 ]
    against 08_udp_sender say "$NASTY" hear say "$NASTY"
    [ "$status" -eq 0 ]
}

@test "with -q, too, they are escaped" {
    local port
    port=$(free_port)
    start peer "$BATS_FILE_TMPDIR/peer" listen "$port" say "$NASTY" shut end
    await peer ready
    start lesson "$BUILD/06_send_recv_client" -q "$port"
    finish lesson 0
    harmless lesson
    grep -q '^\\x1B\[31m' lesson.out
}


# ---- deeds that are done before the lesson's next step: by cues

# before STEP LESSON CUES DEED...: gives the lesson cues until it stands
# before that step; the peer does its deeds and ends; the lesson goes on.
before() {
    local step=$1 lesson=$2 cues=$3 port=$(free_port)
    shift 3
    case $lesson in
    *_server)
        cued lesson "$BUILD/$lesson" "$port"
        cue lesson nnnnn
        await lesson 'waits for a caller'
        start peer "$BATS_FILE_TMPDIR/peer" connect "$port" "$@"
        ;;
    *_client)
        start peer "$BATS_FILE_TMPDIR/peer" listen "$port" "$@"
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

@test "a peer that resets before a word: recv fails, and says why" {
    local lesson
    for lesson in $TCP_SERVERS; do
        before recv "$lesson" '' reset
        [ "$status" -eq 1 ]
        grep -q 'recv(4, .*) = -1 ECONNRESET' lesson.out
        grep -q "^$lesson: recv: ECONNRESET" lesson.err
    done
}

# failed CALL ERRNO: the lesson ended at that call, with status 1, and
# was not ended by a signal.
failed() {
    [ "$status" -eq 1 ]
    tr -s '\n ' ' ' <lesson.out | grep -q " $1([^)]*) = -1 $2 $"
    grep -q ": $1: $2 (" lesson.err
}

@test "a peer that resets instead of answering: recv fails, and says why" {
    before recv 06_send_recv_client nnn hear reset
    failed recv ECONNRESET
}

@test "a peer that resets before our half-close: shutdown fails, and says why" {
    before shutdown 07_close_client nnn hear reset
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

@test "a peer that closes at once, before we send" {
    local lesson
    for lesson in $TCP_CLIENTS; do
        before send "$lesson" nn close
        # Our kernel takes the bytes; the RST that answers them comes
        # before recv is called, or after.
        grep -q 'send(3, .*) = 23' lesson.out
    done
}

@test "a second client waits its turn while one is served" {
    local lesson port
    for lesson in $TCP_SERVERS; do
        port=$(free_port)
        mkfifo "go.$lesson"
        start lesson "$BUILD/$lesson" "$port"
        await lesson 'waits for a caller'
        start first "$BATS_FILE_TMPDIR/peer" connect "$port" \
            await "go.$lesson" say 'First\n' shut end
        await lesson 'waits for bytes'
        start second "$BATS_FILE_TMPDIR/peer" connect "$port" \
            say 'Second\n' shut end
        await second shut
        : >"go.$lesson"
        finish lesson 0
        finish first 0
        finish second 0
        harmless lesson
        grep -q 'received: "First\\n"' lesson.out
        run ! grep -q Second lesson.out
    done
}

@test "a peer that never speaks is waited for, and Ctrl-C ends that" {
    local lesson port
    mkfifo go
    for lesson in $TCP_SERVERS; do
        port=$(free_port)
        start lesson "$BUILD/$lesson" "$port"
        await lesson 'waits for a caller'
        start peer "$BATS_FILE_TMPDIR/peer" connect "$port" await go
        await lesson 'waits for bytes'
        kill -INT "$(cat lesson.pid)"
        finish lesson 130
        : >go
        finish peer 0
    done
}

# ---- datagrams

@test "a datagram of no bytes and one of 65,507 are both told truly" {
    against 08_udp_receiver say '' fill 65507
    [ "$status" -eq 0 ]
    grep -q "Of the datagram's 0 bytes we have 0, all" lesson.out
    grep -q 'MSG_TRUNC, &peer, &length) = 65507' lesson.out
    grep -q "Of the datagram's 65507 bytes we have 32;" lesson.out
    against 08_udp_sender fill 65507 hear say ''
    [ "$status" -eq 0 ]
    [ "$(grep -c 'recvfrom(.*) = \(64\|0\)$' lesson.out)" -eq 2 ]
}

@test "a stranger's datagram is not taken for the answer" {
    against 08_udp_sender strange 'Psst\n' say 'Yes\n' hear say 'Yes\n'
    [ "$status" -eq 0 ]
    grep -q 'whom we did not ask' lesson.out
    run ! grep -q 'received: "Psst' lesson.out
    grep -q 'received: "Yes\\n"' lesson.out
}

@test "strangers cannot keep the sender waiting for ever" {
    local strangers=()
    for _ in {1..8}; do strangers+=(strange 'Psst\n'); done
    against 08_udp_sender "${strangers[@]}" hear say 'Yes\n'
    [ "$status" -eq 0 ]
    grep -q '8 datagrams from others, none from 127.0.0.1:[0-9]*: we wait' lesson.out
    grep -q 'received: "Yes\\n"' lesson.out
}

@test "a datagram to nobody succeeds, and the answer is not awaited for ever" {
    start lesson "$BUILD/08_udp_sender" "$(free_port)"
    finish lesson
    tr -s '\n ' ' ' <lesson.out | grep -q ' sendto([^)]*) = 23 '
    failed recvfrom EAGAIN
}
