# Lesson 11 keeps a whole class connected at once, whatever some of it
# does. `crowd` is the class: one process with many connections.

# shellcheck disable=SC2086 # CC may be words
load helper

# serve [COMMAND...]: lesson 11, or COMMAND, at $PORT, and ready.
# $EMPTY is the number of descriptors that it has without a client.
serve() {
    PORT=$(free_port)
    [ $# -gt 0 ] || set -- "$BUILD/11_many_clients"
    start server "$@" "$PORT"
    listening "$PORT" server
    # The last descriptor that it opens is the second end of its pipe.
    [ "$1" != "$BUILD/11_many_clients" ] || eventually has_pipe
    EMPTY=$(descriptors)
}
has_pipe() {
    [ "$(find "/proc/$(<server.pid)/fd" -lname 'pipe:*' | wc -l)" -ge 2 ]
}

# crowd OPTION...: the class arrives; what became of it is in $result.
crowd() {
    result=$("$TOOLS/crowd" -p "$(<server.pid)" "$@" "$PORT")
    echo "$result"
}

# told WORD: prints the number after a word of crowd's line.
told() {
    local rest=${result#*" $1 "}
    echo "${rest%% *}"
}

# all N: N clients were answered and could stay, and no answer was wrong.
all() {
    [[ $result == "clients $1 answered $1 held $1 wrong 0 lost 0 "* ]]
}

# ends SIGNAL [N]: the server ends in order, having served N clients.
ends() {
    kill -s "$1" "$(<server.pid)"
    finish server 0
    tail -n 1 server.out | grep -q "^${2-.*} served\$"
}

# descriptors [N]: how many the server has open, of those below N.
descriptors() {
    find "/proc/$(cat server.pid)/fd" -type l -printf '%f\n' |
        awk -v n="${1-1000000}" '$1 < n' | wc -l
}

# here N: waits until N clients are connected.
here() { eventually has "$1"; }
has() { [ "$(descriptors)" -eq $((EMPTY + $1)) ]; }

# bats test_tags=second
@test "1,000 at once, 150 of whom misbehave: all others are answered" {
    echo "# ulimit -n allows $(ulimit -n), and up to $(ulimit -Hn)" >&3
    serve
    crowd -n 850 -s 50 -v 50 -b 50 -r 3 -t 30
    all 900
    [ "$(told stuck)" -eq 50 ]
    [ "$(told rss)" -le 32768 ]
    here 0
    ends TERM '1000 clients'
}

@test "with -q it says only how many it has served" {
    serve "$BUILD/11_many_clients" -q
    crowd -n 100 -v 10
    all 100
    ends INT '110 clients'
    [ "$(cat server.out server.err)" = '110 clients served' ]
}

@test "Ctrl-C ends it in order while clients are connected" {
    serve
    exec {client}<>"/dev/tcp/127.0.0.1/$PORT"
    here 1
    ends INT '1 client'
    ended "$client"
    exec {client}>&-
}

@test "a signal that comes in the moment before poll is not missed" {
    local calls
    need strace
    # strace delays the call, and the signal comes meanwhile.
    serve strace -qq -o trace -e trace=poll \
        -e inject=poll:delay_enter=300000:when=1 "$BUILD/11_many_clients"
    await server '  poll(.* … blocks'
    end_child TERM server
    finish server 0
    calls=$(grep -c 'poll(' trace)
    [ "$calls" -le 2 ]
}

@test "out of descriptors it keeps calm, and recovers" {
    local failed free ticks
    serve bash -c 'ulimit -n 24 && exec "$@"' - "$BUILD/11_many_clients"
    await server '  poll(.* … blocks'
    free=$((24 - $(descriptors 24)))
    crowd -n 60 -t 4
    [ "$(told answered)" -eq "$free" ]
    [ "$(told wrong)" -eq 0 ]
    failed=$(grep -c ' = -1 EMFILE' server.out)
    [ "$failed" -ge 2 ]
    [ "$failed" -le 4 ]
    ticks=$(awk '{ print $14 + $15 }' "/proc/$(cat server.pid)/stat")
    [ "$ticks" -le 50 ]
    crowd -n 10 -t "$PATIENCE"
    all 10
    crowd -n 60 -t 2
    [ "$(grep -c '^No callers for 2 seconds$' server.err)" -ge 3 ]
    [ "$(grep -c '^accept: Too many open files$' server.err)" -ge 3 ]
    ends TERM
}

# Prints call, descriptor and result, from what a lesson tells or from
# strace's lines. Left out are calls that a signal ends, which the two
# show differently, and those of the narrator itself: F_GETFL, and what
# comes before the first socket of the lesson.
calls() {
    joined | sed -n '/socket(AF_INET/,$p' | grep -v F_GETFL | sed -nE 's/^ *[0-9]+  //; s/^recvfrom/recv/; s/^sendto/send/
        s/^([a-z]+)\(([0-9]*).* = (-?[0-9]+( E[A-Z]+)?).*/\1 \2 \3/p' |
        grep -v -e EINTR -e ^pipe
}

@test "what it says it has called, it has called, with that result" {
    need strace
    local traced=socket,setsockopt,bind,listen,accept,recvfrom,sendto
    serve strace -qq -o trace -e signal=none \
        -e trace=$traced,close,fcntl,poll \
        "$BUILD/11_many_clients"
    crowd -n 50 -v 5
    all 50
    here 0
    end_child TERM server
    finish server 0
    calls <server.out >said
    calls <trace >did
    [ "$(wc -l <said)" -ge 400 ]
    diff said did
}

@test "calls that fail for a moment harm no client" {
    need strace
    serve strace -f -qq -o trace \
        -e trace=poll,accept,recvfrom,sendto \
        -e inject=poll:error=EINTR:when=2+5 \
        -e inject=accept:error=ECONNABORTED:when=1+4 \
        -e inject=recvfrom:error=EAGAIN:when=1+3 \
        -e inject=sendto:error=EAGAIN:when=1+3 "$BUILD/11_many_clients"
    crowd -n 100 -t "$PATIENCE"
    all 100
    for call in poll accept recvfrom sendto; do
        grep -q "$call.*(INJECTED)" trace
    done
    end_child TERM server
    finish server 0
    [ "$(tail -n 1 server.out)" = '100 clients served' ]
}

@test "a call that fails for one client ends that client alone" {
    need strace
    serve strace -f -qq -o trace -e trace=recvfrom,sendto \
        -e inject=recvfrom:error=ECONNRESET:when=5 \
        -e inject=sendto:error=EPIPE:when=5 "$BUILD/11_many_clients"
    crowd -n 100 -t "$PATIENCE" || true
    [ "$(told held)" -eq 98 ]
    [ "$(told lost)" -eq 2 ]
    [ "$(told wrong)" -eq 0 ]
    [ "$(joined server.out | grep -c ' recv(.*) = -1 ECONNRESET$')" -eq 1 ]
    [ "$(joined server.out | grep -c ' send(.*) = -1 EPIPE$')" -eq 1 ]
}

@test "all clients that wait are accepted before the next poll" {
    local i callers=()
    serve
    await server '  poll(.* … blocks'
    kill -STOP "$(<server.pid)"
    for i in {0..19}; do
        # shellcheck disable=SC1083,SC2093 # opens one, stays here
        exec {callers[i]}<>"/dev/tcp/127.0.0.1/$PORT"
    done
    kill -CONT "$(<server.pid)"
    here 20
    await server '  accept(.* = -1 EAGAIN'
    # The calls up to the second poll: one poll, an accept for each caller,
    # and one that finds no more.
    calls <server.out | awk '$1 == "poll" && n++ { exit } n' >round
    [ "$(grep -c '^accept 3 [0-9]*$' round)" -eq 20 ]
    [ "$(tail -n 1 round)" = 'accept 3 -1 EAGAIN' ]
    answered "${callers[19]}"
    ends TERM '20 clients'
}

@test "a client whose socket cannot be set up is disconnected, and nobody else" {
    local before failing
    need strace
    serve strace -qq -o trace -e trace=fcntl,poll "$BUILD/11_many_clients" -q
    await server poll trace
    before=$(grep -c '^fcntl' trace)
    end_child TERM server
    finish server 0
    # The first client's F_GETFL fails, or its F_SETFL.
    for failing in 1 2; do
        serve strace -qq -o trace -e trace=fcntl \
            -e "inject=fcntl:error=ENOMEM:when=$((before + failing))" \
            "$BUILD/11_many_clients" -q
        exec {refused}<>"/dev/tcp/127.0.0.1/$PORT"
        ended "$refused"
        exec {client}<>"/dev/tcp/127.0.0.1/$PORT"
        answered "$client"
        exec {client}>&- {refused}>&-
        [ "$(cat server.err)" = 'a new client: Cannot allocate memory' ]
        end_child TERM server
        finish server 0
        [ "$(cat server.out)" = '1 client served' ]
    done
}

@test "a failed accept: a shortage pauses, one caller's fault does not" {
    need strace
    local error fatal shortage passing
    fatal='EBADF EFAULT EINVAL ENOTSOCK'
    shortage='EMFILE ENFILE ENOBUFS ENOMEM'
    passing='ECONNABORTED EINTR EPERM EPROTO ENETDOWN EHOSTUNREACH EOPNOTSUPP'
    for error in $fatal $shortage $passing; do
        PORT=$(free_port)
        start "$error" strace -qq -o "$error.trace" -e trace=accept,poll \
            -e "inject=accept:error=$error:when=1" \
            "$BUILD/11_many_clients" -q "$PORT"
        listening "$PORT" "$error"
        exec {caller}<>"/dev/tcp/127.0.0.1/$PORT"
        echo "$caller" >"$error.caller"
    done
    for error in $fatal; do
        finish "$error" 1
        [ "$(grep -c . "$error.err")" -eq 1 ]
    done
    for error in $shortage $passing; do
        answered "$(cat "$error.caller")"
    done
    for error in $shortage; do
        [ "$(sed 1d "$error.err")" = 'No callers for 2 seconds' ]
        # It polls without asking for callers, and later asks for them again.
        grep -q 'events=0}.*2000) *= 0' "$error.trace"
    done
    for error in $passing; do
        [ "$(grep -c . "$error.err")" -eq 1 ]
        run ! grep 2000 "$error.trace"
    done
}

@test "it goes on where it was after Ctrl-Z and fg" {
    serve
    "$TOOLS/crowd" -n 200 -b 5 -t "$PATIENCE" "$PORT" >crowd.out &
    here 205
    kill -STOP "$(<server.pid)"
    kill -CONT "$(<server.pid)"
    wait $!
    result=$(cat crowd.out)
    all 205
    ends TERM '205 clients'
}

@test "a client that neither sends nor takes a byte is disconnected, others stay" {
    local deadline
    variant 11_many_clients 's/IDLE = [0-9]*,/IDLE = 3,/'
    serve ./11_many_clients
    exec {silent}<>"/dev/tcp/127.0.0.1/$PORT"
    # One that sends as much as it can and reads nothing.
    head -c 100000000 /dev/zero >"/dev/tcp/127.0.0.1/$PORT" 2>/dev/null &
    # One that speaks three times a second until both are gone.
    exec {speaks}<>"/dev/tcp/127.0.0.1/$PORT"
    here 3
    deadline=$((SECONDS + PATIENCE))
    until [ "$(descriptors)" -eq $((EMPTY + 1)) ]; do
        [ "$SECONDS" -lt "$deadline" ]
        answered "$speaks"
        read -r -t 0.3 -u "$speaks" || true
    done
    [ "$(grep -c '^Descriptor [0-9]*: no byte for 3 seconds$' server.err)" -eq 2 ]
    run -1 wait $!
    ended "$silent"
    # The last has another place in the table now, and may stay.
    exec {other}<>"/dev/tcp/127.0.0.1/$PORT"
    here 2
    answered "$speaks"
    # Both fall silent: nothing happens any more, and both are disconnected.
    here 0
    ended "$speaks"
    ended "$other"
    ends TERM '4 clients'
}

# answered DESCRIPTOR: a line sent there comes back.
answered() {
    echo here >&"$1"
    read -r -t "$PATIENCE" -u "$1"
    [ "$REPLY" = here ]
}

# ended DESCRIPTOR: the server has ended the conversation; our read has
# not just timed out.
ended() {
    local status=0
    read -r -t "$PATIENCE" -u "$1" || status=$?
    [ "$status" -eq 1 ]
}

@test "10's client talks to it, over IPv4 and IPv6" {
    serve
    printf 'one\n\nthree' >sent
    "$BUILD/10_echo_client" "$PORT" <sent >copy
    cmp sent copy
    ends TERM '1 client'
    serve "$BUILD/11_many_clients" ::1
    "$BUILD/10_echo_client" ::1 "$PORT" <sent >copy
    cmp sent copy
    grep -q 'for this one peer, \[::1\]:' server.out
}

@test "20 MiB of random bytes come back as they were" {
    serve "$BUILD/11_many_clients" -q
    head -c 20971520 /dev/urandom >sent
    "$BUILD/10_echo_client" "$PORT" <sent >copy
    cmp sent copy
}

# bats test_tags=second
@test "clean under the sanitizers" {
    sanitized 11_many_clients
    serve "$BUILD/sanitized/11_many_clients"
    crowd -n 300 -s 5 -v 20 -b 5 -t "$PATIENCE"
    all 305
    ends INT '330 clients'
    run ! grep -v '^     ' server.err # all of it is told
}

# bats test_tags=second
@test "clean under valgrind, and nothing is left open" {
    need valgrind
    serve valgrind -q --leak-check=full \
        --show-leak-kinds=all --track-fds=yes --log-file=valgrind.log \
        "$BUILD/11_many_clients"
    crowd -n 50 -s 2 -v 10 -b 2 -t "$PATIENCE"
    all 52
    ends TERM '64 clients'
    # Not by exit status: newer versions count what bats left open, too.
    run grep -E 'AF_INET|lost|reachable|Invalid|uninit|Mismatched' valgrind.log
    [ "$status" -eq 1 ]
}

@test "what it prints into a file or a pipe is whole and in order" {
    serve
    crowd -n 200 -v 10
    all 200
    ends TERM '210 clients'
    in_order <server.out
    serve bash -c '"$@" | cat' - "$BUILD/11_many_clients"
    crowd -n 200 -v 10
    all 200
    pkill -TERM -P "$(<server.pid)" 11_many_clients
    finish server 0
    [ "$(tail -n 1 server.out)" = '210 clients served' ]
    in_order <server.out
}

# Each step has the number after the last one's, or the same again if
# that one blocked; no line is longer than a line may be.
in_order() {
    awk '
        /^ *[0-9]+  [a-z]/ && $1 != last && $1 != ++last { exit bad = 1 }
        length > 80 { exit bad = 1 }
        END { exit bad || last < 1000 }'
}
