# scripts/demo -- PROGRAM :: PROGRAM: programs of one's own, each stopped
# before each of its calls, in one terminal and on the stage.
load helper
load terminal
load stage

NEEDS='cc make readelf addr2line'
MARK=' yours(:[0-9]+)? *$' # for steps_to

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/.." build/narrate.so build/play
}

# own NAME [FLAG...]: compiles tests/own/NAME.c to ./NAME; as FILE with
# own NAME=FILE.
own() {
    "${CC:-cc}" -g "${@:2}" -pthread "$ROOT/tests/own/${1%=*}.c" \
        -o "${1#*=}"
}

# plays WORD...: without the stage; out.txt has what it prints.
plays() {
    run -0 timeout "$PATIENCE" "$ROOT/scripts/demo" "$@" 3>&- 4>&-
    printf '%s\n' "$output" >out.txt
}

on_stage() {
    in_terminal "$1" "$ROOT/scripts/demo" --stage "${@:2}"
}

# The run without what differs each time: ports, times, processes.
masked() {
    sed -E 's/127\.0\.0\.1:[0-9]+/A/g; s/It took .*/It took T/
        s/fork\(\) = [0-9]+/fork() = P/; s/process [0-9]+/process P/' out.txt
}

@test "own: both sides are played, and how they end is said" {
    prepare
    own server
    own client
    plays --save run.txt -- ./server "$LESSON_PORT" :: ./client "$LESSON_PORT"
    grep -q '^server|   5  accept(3, NULL, NULL) … blocks' out.txt
    grep -q '^  client|      received: "hello\\n"' out.txt
    grep -q '^  client| It has ended with exit status 3' out.txt
    grep -q '^server| It has ended with exit status 0' out.txt
    all_gone
    "$BUILD/play" show "$ROOT" run.txt | diff out.txt -
    sed -n $'s/^source\t\tclient\t[\t0-9]*\t//p' run.txt |
        diff "$ROOT/tests/own/client.c" -
}

@test "own: a lesson among them is told once; the run is saved as a page" {
    prepare
    need pandoc
    own server
    make -s -C "$ROOT" build/05_connect
    plays --save my.run.html -- ./server "$LESSON_PORT" :: \
        "$ROOT/build/05_connect" "$LESSON_PORT"
    [ "$(grep -c '^  05_connect| .*  socket(.*) = ' out.txt)" -eq 1 ]
    grep -q '^  05_connect|   2  connect(.*) = 0' out.txt
    grep -q '<h1>server, 05_connect</h1>' my.run.html
    grep -q '"name":"my.run"' my.run.html
    for text in '/\* An echo server for one client' 'perror.*connect'; do
        grep -q "^runSteps.*$text" my.run.html
    done
}

@test "own: a source is compiled; one that is newer is named" {
    prepare
    own client
    cp "$ROOT/tests/own/client.c" .
    touch -d '1 minute' client.c
    plays -- "$ROOT/tests/own/server.c" "$LESSON_PORT" :: \
        ./client "$LESSON_PORT"
    grep -q '^  client| ./client.c is newer than ./client: compile it' out.txt
    grep -q '^server| It has ended with exit status 0' out.txt
}

# one_text SERVER PATTERN: three runs of it with two clients are the same,
# and show PATTERN.
one_text() {
    prepare
    own "$1"
    own client
    for n in 1 2 3; do
        plays -- "./$1" "$LESSON_PORT" :: ./client "$LESSON_PORT" :: \
            ./client "$LESSON_PORT"
        masked >"run$n"
    done
    grep -q "$2" run1
    diff run1 run2
    diff run2 run3
}

@test "own: three runs of a server with children give one text" {
    one_text forking 'child 2\] *12  send(4'
}

# bats test_tags=second
@test "own: three runs of a server with threads give one text" {
    one_text threads '\[thread 3\] *1  recv(5'
}

@test "own: a forgotten htons is found, and both waiting in recv" {
    prepare
    own server
    own client=swapped -DPORT=port
    own client=silent -DSILENT
    plays -- ./server "$LESSON_PORT" :: ./swapped "$LESSON_PORT"
    grep -q 'with its two bytes swapped: does one side lack' out.txt ||
        grep -q 'swapped' out.txt
    grep -q '^server waits in accept, and no other program here' out.txt
    plays -- ./server "$LESSON_PORT" :: ./silent "$LESSON_PORT"
    grep -q '^All wait, nobody can go on: server in recv for bytes, silent in recv for bytes\.$' out.txt
}

@test "own: without memory for the cues it says so and ends with 1" {
    need strace
    prepare
    own client
    run -1 strace -f -qq -o /dev/null -e inject=ftruncate:error=ENOSPC \
        "$ROOT/scripts/demo" -- ./client "$LESSON_PORT"
    [ "$output" = 'demo: no memory to share with the programs: No space left on device' ]
}

@test "own: what is refused, and the words for it" {
    own client
    refused() {
        run "-$1" timeout "$PATIENCE" "$ROOT/scripts/demo" "${@:3}"
        grep -qE -e "$2" <<<"$output"
    }
    refused 127 'demo: there is no program ./no; check' -- ./no
    refused 2 "a program is missing before '::'" -- :: ./client
    refused 2 "program is missing after '::'" -- ./client ::
    refused 2 "program is missing after '--'" --
    refused 2 'is program 5; at most 4' -- ./client :: ./client :: \
        ./client :: ./client :: ./client
    refused 2 'lesson 05, or programs of your own' 05 -- ./client
    refused 2 '--save keeps a run of programs of your own' --save x.txt 05
    refused 2 '--save no/x.txt cannot be written: No such' --save no/x.txt \
        -- ./client
    echo 'int main(void) { return x; }' >wrong.c
    refused 2 'wrong.c does not compile' -- wrong.c
    chmod -x client
    refused 126 'client is not executable; try: chmod' -- ./client
    printf 'int main(void) { return 0; }' >still.c
    "${CC:-cc}" -static still.c -o still 2>/dev/null || skip 'no static libc'
    refused 2 'still is linked statically' -- ./still
}

@test "own: on stage each stands at its line, and a digit moves one alone" {
    prepare
    own server
    own client
    on_stage 100x30 -- ./server "$LESSON_PORT" :: ./client "$LESSON_PORT"
    shows '^=> +[0-9]+ .*sock = socket\(AF_INET'
    shows '^ \[1\] server: socket +2  client: socket'
    press 2
    shows '^  1  socket\(AF_INET, SOCK_STREAM, 0\) = 3'
    shows '^  1  server: socket +\[2\] client: connect'
    shows '^=> .*connect\(sock'
    press 1
    shows '^ \[1\] server: setsockopt +2  client: connect'
    steps_to 'server waits in accept|6 bytes came'
    quits
}

# held_of PROCESS...: what the kernel holds of their sockets: descriptors,
# ends, state and queues.
held_of() {
    local process at inode
    for process; do
        for at in "/proc/$process/fd"/*; do
            inode=$(readlink "$at")
            [[ $inode == socket:* ]] || continue
            echo "$at"
            awk -v inode="${inode//[^0-9]/}" '$10 == inode {
                print $2, $3, $4, $5 }' "/proc/$process/net/tcp"
        done
    done
}

@test "own: a digit changes nothing that the kernel holds of the others" {
    prepare
    local one server child
    own forking
    own client
    on_stage 80x34 -- ./client "$LESSON_PORT" :: ./forking "$LESSON_PORT"
    shows '^ \[1\] client: socket'
    press 2
    shows '^ \[2\] forking: setsockopt'
    press f
    shows '^  2  forking blocked in accept'
    for call in connect send recv; do
        step "^ \[1\] client: $call"
    done
    press 2
    shows "^  3  forking's child 1: close"
    one=$(part client) server=$(part forking) child=$(children "$server")
    held_of "$one" "$child" >others
    held_of "$server" >before
    grep -q ':0*6$' others # the bytes that the child will receive
    press 2
    shows '^ \[2\] forking: accept'
    held_of "$one" "$child" | diff others -
    held_of "$server" | run ! diff -q before -
    held_of "$server" "$one" >others
    press 3
    shows "^ \[3\] forking's child 1: recv"
    held_of "$server" "$one" | diff others -
    quits
}

@test "own: --auto plays by itself, and begins again at the end" {
    prepare
    own client
    on_stage 80x24 --auto 0.7 -- ./client "$LESSON_PORT"
    shows 'connect\(3, .* = -1 ECONNREFUSED'
    shows '^ \[1\] client: socket'
    shows 'connect\(3, .* = -1 ECONNREFUSED'
    quits
}

@test "own: a stopped thread makes no call" {
    prepare
    need strace
    own server
    own client
    on_stage 100x30 -- strace -f -o trace.txt -e trace=network ./server \
        "$LESSON_PORT"
    shows "strace's child [1-9]: socket"
    run ! grep -q 'socket(AF_INET' trace.txt
    press Enter
    shows 'child [1-9]: setsockopt'
    grep -c 'socket(AF_INET' trace.txt | grep -qx 1
    run ! grep -q 'setsockopt(' trace.txt
    quits
}

@test "own: back and forward show each screen as it was" {
    prepare
    local i
    own server
    own client
    on_stage 80x24 -- ./server "$LESSON_PORT" :: ./client "$LESSON_PORT"
    shows ' yours:1 *$'
    for i in {2..9}; do
        step " yours:$i *\$"
        screen | sed '/^ Enter\|^ Recorded/d' >"there$i"
    done
    for i in {8..2}; do
        press b
        shows " yours:$i *\$"
        screen | sed '/^ Enter\|^ Recorded/d' >"back$i"
        diff "there$i" "back$i"
    done
    for i in {3..9}; do
        step " yours:$i *\$"
        screen | sed '/^ Enter\|^ Recorded/d' | diff "there$i" -
    done
    press 1
    shows ' yours:10 *$'
    quits
}

@test "own: two sources stand side by side from 145 columns on" {
    prepare
    own server
    own client
    on_stage 145x34 -- ./server "$LESSON_PORT" :: ./client "$LESSON_PORT"
    steps_to "client's turn:  send"
    shows 'source.*: server\.c .*│.*source.*: client\.c '
    shows '^<= .* accept\('
    shows '│=> .* send\('
    steps_to "server's turn:  recv"
    shows 'source, next: server\.c .*│.*source, made: client\.c '
    press b
    shows 'source, made: server\.c .*│.*source, next: client\.c '
    terminal resize-window -x 144 -y 34
    shows '^>─ source[^│]*: client\.c '
    run ! grep -q 'server\.c .*│' <(screen)
    quits
}

@test "own: f lets one run until it blocks" {
    prepare
    own server
    on_stage 80x24 -- ./server "$LESSON_PORT"
    shows '^ \[1\] server: socket'
    press f
    shows '^ +1  server blocked in accept\(3, NULL, NULL\)'
    shows '^  5  accept\(3, NULL, NULL\) … blocks'
    shows 'server waits in accept, and no other program here can end that'
    step 'server waits in accept, and no other program here can end that'
    press t
    shows '^ no program reads its input now'
    press '?'
    shows '^   f +the next one runs until it blocks'
    run ! grep -E '^   (n, p|[0-9:]+ in the bar)|lesson' <(screen)
    press '?'
    press g 1 Enter
    shows ' yours:1 *$'
    press 1
    shows '^ this is recorded: End goes to where the programs are'
    quits
}

@test "own: a prompt is shown before it is answered; t types, also into poll" {
    prepare
    own server
    own chat
    on_stage 100x34 -- ./server "$LESSON_PORT" :: ./chat "$LESSON_PORT"
    steps_to '^your name\?'
    shows 'chat reads its input \(t types\)'
    press t
    press Ada
    shows 'then Enter; Ctrl-D ends its input: Ada_'
    press Enter
    shows '^Ada'
    steps_to 'chat blocked in poll'
    press t hello Enter
    steps_to 'send\(3, "hello\\n", 6, 0\) = 6'
    steps_to 'exit status 3' # three terminals
    quits
}

@test "own: a time limit waits while one thinks, and a digit lets it pass" {
    prepare
    own server=limited -DLIMIT=2
    own client
    on_stage 100x30 -- ./limited "$LESSON_PORT" :: ./client "$LESSON_PORT"
    shows '^ \[1\] limited: socket'
    press f
    shows ' 1  limited blocked in accept'
    press 2
    shows '2\] client: connect'
    press 2
    shows ' 1  limited: setsockopt'
    press 1
    shows '1\] limited: recv'
    press 1
    shows ' 1  limited blocked in recv.*, its time waits'
    rest 3
    run ! grep -q 'recv(4, .*EAGAIN' <(screen)
    press 2
    shows 'received: "hello'
    press 1
    shows '1\] limited: recv'
    press 1
    shows ' 1  limited blocked in recv.*, its time waits'
    press 1
    shows 'recv\(4, .* = -1 EAGAIN'
    quits
}

@test "own: a connect whose SYN is repeated is told, until the queue has room" {
    prepare
    own server=full -DBACKLOG=0
    own client
    on_stage 120x40 -- ./full "$LESSON_PORT" :: ./client "$LESSON_PORT" :: \
        ./client "$LESSON_PORT"
    shows '^ \[1\] full: socket'
    for call in setsockopt bind listen accept; do
        step "^ \[1\] full: $call"
    done
    for key in 2 3; do
        press "$key"
        shows "^ \[$key\] client.*: connect"
        press "$key"
        shows "client( 2)?: send|client 2 blocked in connect"
    done
    shows '^ +3  client 2 blocked in connect.*, its SYN is repeated'
    shows 'Is the queue of the listening socket full'
    press 1
    shows '^ +3  client 2: send'
    quits
}

@test "own: nothing is left, however it ends" {
    prepare
    own runaway
    own server
    on_stage 80x24 -- ./runaway :: ./server "$LESSON_PORT"
    shows '^ \[1\] runaway: socket'
    press Enter
    shows ': fork'
    press Enter
    shows "runaway's child 1"
    quits
    on_stage 80x24 -- ./runaway :: ./server "$LESSON_PORT"
    shows '^ \[1\] runaway: socket'
    press f
    shows 'runaway.* has ended'
    kill -KILL "$(called)"
    all_gone
}

@test "own: Python's own lines are shown" {
    prepare
    need python3
    printf '%s\n' 'import socket' 's = socket.socket()' \
        's.close()' >talk.py
    on_stage 80x24 -- python3 talk.py
    shows '^=> +2 s = socket.socket'
    step '^=> +3 s.close'
    quits
}

@test "own: without -g the play goes on, and says how to see lines" {
    prepare
    own server -g0
    on_stage 80x24 -- ./server "$LESSON_PORT"
    shows '^ \[1\] server: socket' # an earlier Enter would be lost
    shows 'No line is known: compile the program with -g'
    step ' server: setsockopt'
    quits
}
