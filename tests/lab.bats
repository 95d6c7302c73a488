# scripts/lab: several hosts, and what happens between them has the effect
# that was asked for, as the programs and the kernels see it.
load helper
load terminal

# shellcheck disable=SC2034 # helper.bash reads it
NEEDS='ip nft unshare ss awk'

lab() { timeout 60 "$ROOT/scripts/lab" "$@"; }

# run_lab WORD...: plays it; the file `said` has what was printed.
run_lab() {
    "${AS[@]}" timeout 60 "$ROOT/scripts/lab" run "$@" \
        >said 2>&1 3>&- || {
        cat said
        return 1
    }
}
AS=()

# said PATTERN: a line of what was printed matches.
said() {
    grep -qE -e "$1" said && return
    echo "# never said: $1"
    cat said
    return 1
}

# Prints the microseconds that connect took.
took() {
    sed -n 's/.* It took \([0-9.]*\) \(.*\)\.$/\1 \2/p' said |
        awk '{ printf "%d\n", $1 * ($2 == "s" ? 1000000 : $2 == "ms" ? 1000 : 1) }'
}

@test "the programs run on two hosts, each with its address" {
    must_have network
    run_lab 05
    said 'server.* kernel: fd 3  LISTEN  192\.0\.2\.2:8888'
    said 'client.*ESTABLISHED  192\.0\.2\.1:[0-9]+ <-> 192\.0\.2\.2:8888'
    said '^eth0.* 192\.0\.2\.2/24'
    said '^eth0.* 192\.0\.2\.1/24'
    [ "$(took)" -lt 20000 ]
}

# at_once PLAY...: plays the lab with the words of each PLAY, $AT_ONCE of them
# at a time, each to a file; all of them come to their end.
at_once() {
    local number=0 failed=0 play
    # shellcheck disable=SC2016 # for the other shell
    printf '%s\n' "$@" | awk '{ print NR, $0 }' |
        ROOT=$ROOT xargs -P "$AT_ONCE" -L 1 sh -c \
            'to=$0; exec "$ROOT/scripts/lab" run "$@" >"$to" 2>&1' \
            3>&- || failed=$?
    for play; do
        number=$((number + 1))
        grep -q '^== What has happened ==' $number && continue
        echo "# $play"
        cat $number
        return 1
    done
    return $failed
}

@test "every lesson of the lab is played, with a delay too" {
    must_have network
    local lessons=(5 06 07 08 09 10 11 14 15 16 17 18 19)
    AT_ONCE=4 at_once "${lessons[@]}" "${lessons[@]/%/ --delay 5ms}"
}

# bats test_tags=second
@test "every lesson that calls one host is played with the greatest loss" {
    must_have network
    local lessons=(05 06 07 08 09 10 11 14 15 16 17 18)
    AT_ONCE=12 at_once "${lessons[@]/%/ --loss 40%}"
}

@test "a delay: connect takes a round trip, and no less" {
    must_have network
    run_lab 05 --delay 120ms
    [ "$(took)" -ge 240000 ]
    [ "$(took)" -lt 350000 ]
    said 'the SYN took 120 ms there'
}

@test "loss: TCP has lost nothing, for its kernels have sent it again" {
    must_have network
    run_lab 06 --loss 30%
    said 'server.* received: "Hello from "'
    said 'server.* received: "the client!\\n"'
    said 'client.* received: "Hello from the server!\\n"'
    said '^TcpRetransSegs +[1-9]'
    said '^packets [1-9]'
    [ "$(took)" -ge 1000000 ]
}

@test "loss: UDP has lost a datagram, and nobody was told" {
    must_have network
    run_lab 08 --loss 30%
    said 'sender.* sendto\(3, .*'
    said 'sender.* = 22$'
    said 'sender.* recvfrom\(.* = -1 EAGAIN'
    said '^packets 1$'
    run ! grep -q received: said
}

@test "loss: a lost message and a lost answer are told apart, and acted on once" {
    must_have network
    run_lab 18 --loss 30%
    said 'sender.* recv\(.* = -1 EAGAIN'
    said '^packets [1-9]'
    sed -n 's/^receiver| \(Message.*\)/\1/p' said >acted
    # The first try was lost, then the answer to the second.
    head -n 2 acted | diff - <(echo 'Message 1, try 2: new
Message 1, try 3: known, answered again')
    [ "$(grep -c ': new$' acted)" -eq 5 ]
    [ "$(grep -c '^  sender| Message [1-5] is answered' said)" -eq 5 ]
}

@test "a host that vanishes: only the time limit tells, and sends succeed" {
    must_have network
    run_lab 17 --vanish
    said 'server.* recv\(4, .* = -1 EAGAIN'
    [ "$(grep -c 'server| .* send(4, .* = \(15\|21\)$' said)" -eq 2 ]
    said '^FIN-WAIT-1 +0 +37 .*192\.0\.2\.2:8888 .*timer:\(on,'
    run ! grep -qE '^ *server\|.*(recv.* = 0|ECONNRESET|EPIPE)' said
}

@test "three hosts: one datagram reaches both of the others" {
    must_have network
    run_lab 19
    said 'sendto\(3, .* 192\.0\.2\.255:8888, 16\) = 17'
    for role in receiver '   other'; do
        said "^$role\\| From 192\\.0\\.2\\.1, port [0-9]+: Hello, everybody!"
    done
    [ "$(grep -c '^IpExt\(Out\|In\)BcastPkts *1 ' said)" -eq 3 ]
    for number in 1 2 3; do
        said "^eth0.* 192\\.0\\.2\\.$number/24"
    done
}

@test "four ways not to get through, and their errors" {
    must_have network
    run_lab 05 --no-route
    said 'connect\(3, 198\.51\.100\.2:8888, 16\) = -1 ENETUNREACH'
    run_lab 05 --unreachable
    said 'connect\(3, 192\.0\.2\.3:8888, 16\) = -1 EHOSTUNREACH'
    said '^192\.0\.2\.3 dev eth0 +FAILED'
    run_lab 05 --firewall drop
    said 'connect\(3, 192\.0\.2\.2:8888, 16\) = -1 ETIMEDOUT'
    said 'counter packets [2-9] .* drop'
    run_lab 05 --firewall reject
    said 'connect\(3, 192\.0\.2\.2:8888, 16\) = -1 ECONNREFUSED'
    said '^LISTEN .* 192\.0\.2\.2:8888'
    said 'counter packets 1 .* reject with tcp reset'
}

@test "the same for a datagram: only a missing route is told" {
    must_have network
    run_lab 08 --no-route
    said ' = -1 ENETUNREACH|16\) = -1 ENETUNREACH'
    run_lab 08 --unreachable
    said 'recvfrom\(.* = -1 EAGAIN'
    run_lab 08 --firewall drop
    said 'recvfrom\(.* = -1 EAGAIN'
    said 'counter packets 1 .* drop'
    run_lab 08 --firewall reject
    said 'recvfrom\(.* = -1 EAGAIN'
    said '^counter packets 1 .* reject$'
}

@test "a connected socket hears of the firewall, from its next call" {
    must_have network
    run_lab 18 --firewall reject
    said ' send\(3, .* = 8$'
    [ "$(grep -c ' recv(3, .* = -1 ECONNREFUSED' said)" -eq 3 ]
    said '^counter packets 3 .* reject$'
    run_lab 18 --unreachable # of this it hears nothing
    [ "$(grep -c ' recv(3, .* = -1 EAGAIN' said)" -eq 3 ]
    run ! grep -q EHOSTUNREACH said
}

@test "a pulled cable: what was sent arrives once it is in again" {
    must_have network
    run_lab 10 --cut
    said '^eth0.*NO-CARRIER'
    said '^ESTAB +0 +9 .*192\.0\.2\.2:8888'
    [ "$(awk '/link set eth0 up/ { up = NR }
        /client.*received: "And now/ { print (up && NR > up) }' said)" = 1 ]
}

@test "a small MTU: the bytes of one send pass in several segments" {
    must_have network
    run_lab 10 --mtu 128
    said 'send\(3, .* 180, MSG_NOSIGNAL\) = 180'
    run grep -oE 'payload [1-9][0-9]*' said
    [ "$output" = 'payload 76
payload 76
payload 28' ]
    run_lab 10 --mtu 231
    run grep -oE 'payload [1-9][0-9]*' said
    [ "$output" = 'payload 179
payload 1' ]
}

@test "root is not needed" {
    must_have network
    ordinary_user
    run_lab 05 --firewall reject
    said ' = -1 ECONNREFUSED'
    run_lab 06 --loss 30%
    said '^TcpRetransSegs +[1-9]'
}

# ended SIGNAL CALL LESSON: starts a play that takes its time, sends it SIGNAL
# as soon as CALL blocks, and sees that nothing is left.
ended() {
    must_have network
    prepare
    start lab "$ROOT/scripts/lab" run "$3" --delay 499ms
    await lab "$2(3, .* blocks"
    kill "-$1" "$(<lab.pid)"
    finish lab
    all_gone
}

@test "Ctrl-C leaves nothing running" { ended INT connect 05; }

@test "SIGTERM leaves nothing running" { ended TERM connect 05; }

@test "kill -9 leaves nothing running" { ended KILL connect 05; }

@test "kill -9 leaves nothing running on three hosts" { ended KILL recvfrom 19; }

# Killed at each call by which it waits for the program that is the cable.
@test "kill -9 leaves nothing running, while the cable is being laid" {
    must_have network
    local call
    need strace
    prepare
    for call in 1 2 3; do
        strace -qq -o trace -P /run/lab/ready -e trace=openat,read \
            -e inject=openat,read:signal=KILL:when=$call \
            "$ROOT/scripts/lab" run 19 >said 2>&1 3>&- || true
        grep -q 'killed by SIGKILL' trace
        run ! grep -q . said
    done
    all_gone
}

@test "step by step, in a terminal: q ends it" {
    must_have network
    need script
    prepare
    mkfifo keys
    start lab sh -c \
        "exec script -qefc '$ROOT/scripts/lab run -s 05 --no-route' /dev/null <keys"
    exec 8<>keys
    await lab 'next: server: accept'
    echo >&8
    await lab 'next: client: socket'
    echo q >&8
    finish lab 0
    run ! grep -q ENETUNREACH lab.out
    all_gone
}

@test "one shell for both hosts; what it leaves running ends with it" {
    must_have network
    prepare
    # shellcheck disable=SC2016 # for the other shell
    echo 'server ip -br -4 address; client ip -br -4 address
        client ./05_connect -q 192.0.2.2
        server ./10_echo_server 192.0.2.2 >"$TMPDIR/out" &
        "$TOOLS/until" line "$TMPDIR/out" "accept(.*blocks"
        echo hello | client ./10_echo_client -q 192.0.2.2
        ../scripts/lab run 05 --no-route; client ip -br -4 address' |
        (cd "$TMPDIR" && TOOLS=$TOOLS SHELL=/bin/bash lab shell) >said 2>&1 || true
    said '^eth0.* 192\.0\.2\.2/24'
    said '^connect: Connection refused'
    said '^hello$'
    said 'connect\(3, .* = -1 ENETUNREACH'
    [ "$(grep -c '^eth0.* 192\.0\.2\.1/24' said)" -eq 2 ]
    rm "$TMPDIR/out"
    all_gone
}

# The numbers are masked: each run has others.
@test "the plays that the handout shows are played again as recorded" {
    must_have network
    local play sections
    [ "$(id -u)" -eq 0 ] || lacking root
    need strace tcpdump nc
    sections=$(cd "$ROOT/docs/transcripts" && echo look-lab-*.txt |
        sed 's/look-//g; s/\.txt//g')
    # shellcheck disable=SC2086 # one word each
    "$ROOT/scripts/dev/recording/look" -o . $sections
    for play in $sections; do
        diff <(sed 's/[0-9][0-9]*/#/g' "$ROOT/docs/transcripts/look-$play.txt") \
            <(sed 's/[0-9][0-9]*/#/g' "look-$play.txt")
    done
}

# A lesson blocks in the server's terminal, and the client's calls it.
two_terminals() {
    prepare
    in_terminal 80x24 "$ROOT/scripts/lab" shell --delay 20ms
    shows '^client[$#]'
    press './04_accept 192.0.2.2' Enter
    shows 'accept\(3, .* blocks'
    press C-b
    press o
    press './05_connect 192.0.2.2' Enter
    shows 'ESTABLISHED  192\.0\.2\.1:[0-9]+ <-> 192\.0\.2\.2:8888'
    shows 'It took [4-9][0-9] ms'
}

@test "a terminal on each host; what runs there ends with them" {
    must_have network
    two_terminals
    press q Enter
    press 'nohup tail -f /dev/null &' Enter
    press exit Enter
    shows '^server 192|^── server'
    press q Enter
    press exit Enter
    shows '^ended with 0'
    all_gone
}

@test "kill -9 of the lab ends its terminals, and all that runs there" {
    must_have network
    two_terminals
    kill -KILL "$(children "$(terminal display-message -p '#{pane_pid}')")"
    all_gone
}

@test "SIGTERM to the lab ends its terminals" {
    must_have network
    two_terminals
    kill "$(children "$(terminal display-message -p '#{pane_pid}')")"
    shows '^ended with 1[34]'
    all_gone
}

@test "with -s, Enter pressed while connect waits steps nothing later" {
    must_have network
    need script
    prepare
    mkfifo keys
    start lab sh -c \
        "exec script -qefc '$ROOT/scripts/lab run -s 06 --loss 30%' /dev/null <keys"
    exec 8<>keys
    printf '\n\n\n\n' >&8
    await lab 'connect(3, .* blocks'
    printf '\n\n\n' >&8
    await lab 'It took 2'
    await lab 'next: client: send'
    printf 'q\n' >&8
    finish lab 0
    run ! grep -q 'send(3.* = 11' lab.out
    all_gone
}

# This kernel may have no netem; a fake tc notes what it would be told.
@test "where there is netem, it makes the delay" {
    must_have network
    mkdir bin
    cat >bin/tc <<'END'
#!/bin/sh
echo "tc $*" >>calls
END
    chmod +x bin/tc
    PATH=$PWD/bin:$PATH run_lab 05 --delay 200ms
    [ "$(cat calls)" = 'tc qdisc add dev lo root netem delay 1ms
tc qdisc del dev lo root
tc -n client qdisc add dev eth0 root netem delay 200ms
tc -n server qdisc add dev eth0 root netem delay 200ms' ]
}

@test "without the right it says which ways there are" {
    mkdir bin
    printf '#!/bin/sh\necho "unshare: no" >&2\nexit 1\n' >bin/unshare
    chmod +x bin/unshare
    PATH=$PWD/bin:$PATH run -1 lab run 05
    [[ "$output" = 'lab: this system lets us make no network: unshare: no'* ]]
    [[ "$output" = *'sudo scripts/lab'* ]]
}

# cc and unshare are fakes: nothing is compiled, and there is no network.
@test "that it compiles is said once" {
    mkdir bin copy
    cp -R "$ROOT"/{Makefile,lessons,scripts} copy
    printf '#!/bin/sh\n' >bin/unshare
    cat >bin/cc <<'END'
#!/bin/sh
while [ "$1" != -o ]; do shift; done
: >"$2"
END
    chmod +x bin/*
    PATH=$PWD/bin:$PATH
    run -0 copy/scripts/lab run 05
    [ "$output" = 'lab: compiling the lessons and the player, once' ]
    run -0 copy/scripts/lab run 05
    [ -z "$output" ]
}

@test "without a tool it says how to get it" {
    mkdir bin
    ln -s /usr/bin/* /bin/* bin 2>&- || true
    rm -f bin/unshare
    PATH=$PWD/bin run -1 lab run 05
    [ "$output" = 'lab: unshare is missing; "scripts/dev/setup lab" installs it' ]
}

# If it were not refused, it would hide the /run of its caller's namespace.
@test "the word by which it calls itself is refused to others, who keep their /run" {
    must_have network
    local as_root=-r
    [ "$(id -u)" -ne 0 ] || as_root=
    # shellcheck disable=SC2016,SC2086 # for the other shell; a word or none
    run -2 unshare $as_root -nm sh -c '"$0" inside "net:[1]" run 05 --no-route
        status=$?; [ ! -d /run/lab ] || echo gone; exit $status' "$ROOT/scripts/lab"
    [ "$output" = 'lab: only this script itself calls scripts/lab inside' ]
}

@test "wrong words are refused with status 2" {
    local words
    while IFS= read -r words; do
        # shellcheck disable=SC2086 # split on purpose
        run -2 lab $words
        [[ "$output" = 'lab: '* ]]
        [ "${#lines[@]}" -eq 1 ]
    done <<'END'

fly 05
run
run 04
run 05 06
run 05 --delay
run 05 --delay soon
run 05 --delay 200
run 05 --delay 500ms
run 05 --delay 1ms --delay 2ms
run 05 --loss 41%
run 05 --loss 30
run 10 --mtu 232
run 10 --cut --cut
run 10 --vanish
run 17 --cut
run 19 --loss 5%
run 19 --no-route
run 12
run 13
run 20
run -s
shell -s
inside
inside /tmp run 05
run 10 --mtu 20
run 06 --mtu 200
run 05 --cut
run 10 --cut --loss 5%
run 05 --delay 10ms --loss 5%
shell --cut
shell --vanish
shell --no-route
run 05 --firewall
run 05 --firewall maybe
run 05 --no-route --unreachable
run 05 --bogus
shell 05
END
}
