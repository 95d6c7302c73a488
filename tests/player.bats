# scripts/play, the player: pages and keys on a terminal, mistakes in cue
# lists, programs that die, and the scenes of the lecture notes.
load helper
load terminal

# demo_on SIZE WORD...: the demo on a terminal of this size.
demo_on() {
    prepare
    in_terminal "$1" "$ROOT/scripts/demo" "${@:2}"
}

# list LINE...: makes a folder `cues` with one list, 01, of these lines.
list() {
    mkdir -p cues
    printf '%s\n' "$@" >cues/01
}

listed() { "$ROOT/scripts/demo" --cues "$PWD/cues" 01; }

# ---- pages and keys

@test "on a terminal the first words say how to read the lines" {
    demo_on 80x24 01
    shows '^How to read this: '
    shows '^server\| 01_socket: '
}

@test "no line scrolls away unread: each page ends with a question" {
    local turns=0
    demo_on 80x24 03
    shows 'any key: more'
    screen >page
    [ "$(grep -c . page)" -ge 20 ]
    while ! screen | grep -q '^ended with'; do
        screen | grep -v 'any key' | grep . >>pages || true
        press x
        turns=$((turns + 1))
        [ "$turns" -lt 20 ]
        shows 'any key|^ended with'
    done
    screen | grep . >>pages
    NO_COLOR=1 "$ROOT/scripts/demo" 03 | sed 's/[0-9]\{5\}/#/g; s/took .*//' |
        grep . >whole
    sed 's/[0-9]\{5\}/#/g; s/took .*//; s/ *$//' pages >seen
    while IFS= read -r line; do
        grep -qxF -e "${line%"${line##*[! ]}"}" seen
    done <whole
}

@test "a page that waits does not hold up a program that measures time" {
    demo_on 80x24 20
    shows 'any key: more'
    eventually has_ended 20_options
}
has_ended() { [ -z "$(part "$1")" ]; }

@test "on a narrow terminal known steps are broken into lines like any call" {
    demo_on 40x200 03 04
    shows 'any key: lesson 04'
    press x
    shows '^server\|   1 to 4  socket, setsockopt,$'
    shows '^server\|          bind, listen: as in$'
}

@test "there is a pause after each lesson, and a shows all the rest" {
    demo_on 80x40 01 02
    shows 'That was lesson 01\..*lesson 02'
    run ! grep -q '== 02' <(screen)
    press a
    shows '^ended with 0'
    shows '^That was all'
    shows '^ +make && build/04_accept'
    shows '^ +build/05_connect'
    all_gone
}

@test "q ends with status 0, and nothing is left running" {
    demo_on 80x24 04
    shows 'any key: more'
    press q
    shows '^ended with 0'
    all_gone
}

@test "Ctrl-C at a pause gives the terminal back" { ended_by C-c 130; }

@test "Ctrl-\\ at a pause does, too" { ended_by "C-\\" 131; }

ended_by() {
    demo_on 80x24 04
    shows 'any key: more'
    press "$1"
    shows "^ended with $2"
    given_back
    all_gone
}

@test "after Ctrl-Z and fg a key leads on, without Enter" {
    away_and_back 'any key: more' "$ROOT/scripts/demo 04"
    press a
    shows '^That was all'
}

@test "after Ctrl-Z and fg -s says again what comes next" {
    away_and_back 'next: server: socket' "$ROOT/scripts/demo -s 01"
    press Enter
    shows 'socket\(.* = 3'
}

# away_and_back QUESTION COMMAND: it asks, and again after Ctrl-Z and fg.
away_and_back() {
    prepare
    in_terminal 80x24 env PS1='> ' bash --norc -i
    terminal send-keys -l "$2"
    press Enter
    shows "$1"
    press C-z
    shows 'Stopped'
    press f g Enter
    eventually asked_again "$1"
}
# Whether the question stands below the command fg.
asked_again() {
    screen | sed -n '/^> fg$/,$p' | grep -q "$1"
}

@test "kill -9 of the player leaves nothing running, and gives the terminal back" {
    demo_on 80x24 04
    shows 'any key: more'
    ours | grep -q build/04_accept
    kill -KILL "$(ours | sed -n 's,^\([0-9]*\) [^ ]*build/play demo .*,\1,p' |
        head -n 1)"
    shows '^ended with 137'
    all_gone
    given_back
}

# compiling WORD...: a demo whose compiler is at work and never done; the
# files that it has made by then are in TMPDIR and in build.
compiling() {
    need gcc
    make -s -C "$ROOT" build/play build/01_socket 3>&-
    mkdir -p house/build stuck
    cp -a "$ROOT/scripts" "$ROOT/lessons" "$ROOT/Makefile" house
    cp -a "$BUILD"/{play*,common,01_socket} house/build
    printf '#!/bin/sh\nexec gcc -B%s/ "$@"\n' "$PWD/stuck" >stuck/cc
    printf '#!/bin/sh\nexec tail -f /dev/null\n' >stuck/as
    chmod +x stuck/*
    prepare
    in_terminal 80x24 env PATH="$PWD/stuck:$PATH" house/scripts/demo "$@"
    eventually assembles
    [ -n "$(ls "$TMPDIR")" ]
}
assembles() { ours | grep -q '^[0-9]* tail -f'; }

@test "ended while it compiles: no process is left, and no file" {
    local ends
    for ends in 'q' 'C-c' '-TERM' '-KILL'; do
        compiling 01 02
        shows 'any key: '
        case $ends in
        -*) kill "$ends" "$(part play)" ;;
        *) press "$ends" ;;
        esac
        shows '^ended with'
        all_gone
    done
    compiling --stage 02
    press q q
    shows '^ended with 0'
    all_gone
}

@test "without a terminal nothing is added and nothing is asked" {
    prepare
    "$ROOT/scripts/demo" 01 02 </dev/null >out
    run ! grep -qE 'any key|How to read|That was all' out
}

# ---- programs that die

@test "a program that is killed is named as killed, and all end" {
    need script
    prepare
    mkfifo keys
    exec 8<>keys
    start demo sh -c "exec script -qefc '$ROOT/scripts/demo -s 04' /dev/null <keys"
    printf '\n\n\n\n\n' >&8
    await demo 'next: client: socket'
    kill -KILL "$(ours | awk '$2 ~ /04_accept$/ { print $1 }')"
    printf '\n\n' >&8
    await demo '04_accept was killed by SIGKILL'
    printf '\n\n\n\n' >&8
    finish demo 1
    all_gone
}

@test "a reader that has gone ends the play without a word" {
    prepare
    run -0 bash -c '"$0" 2>err | head -n 3' "$ROOT/scripts/demo"
    [ ! -s err ]
    all_gone
}

# ---- cue lists

@test "a mistake in a cue list is one line that names file and line" {
    local wrong
    prepare
    while IFS= read -r wrong; do
        list 'scene one' 'start server 03_listen' "$wrong"
        run -2 listed
        echo "# $wrong: $output"
        [ "${#lines[@]}" -eq 1 ]
        [[ $output == "demo: $PWD/cues/01, line 3: "* ]]
    done <<'END'
stpe server
step
step client
step server
step server 2 3
end server bind, listen
step server bind,
step server ,bind
wait server
wait server accept, recv
known server 02_bind
start client 99_nothing
start client
start client/../.. 03_listen
scene
type other Hello
pause soon
shell
until server
until server nothing
take
take cues/nobody
take cues/05 middle
say @NOBODY@
END
    run -2 listed <<<''
    list '# nothing'
    run -2 listed
    [[ $output == *'there is no verb'* ]]
}

@test "a record is waited for by kind, call and result" {
    prepare
    list 'scene one' 'start server 02_bind' 'step server socket, setsockopt' \
        'until server call bind 0' 'say now' 'until server kernel bind 0' \
        'drop server'
    run -0 listed
    [[ $output == *'bind(3, '*' = 0'$'\n''now'$'\n'*'Port '*'kernel: '* ]]
    list 'scene one' 'start client 05_connect' 'step client socket' \
        'until client call connect 0'
    run -1 --separate-stderr listed
    [[ $stderr == 'demo: 05_connect ended with status 1, not at that record'* ]]
    list 'scene one' 'start client 05_connect' 'step client socket' \
        'until client error connect ECONNREFUSED' 'say refused' 'drop client'
    run -0 listed
    [[ $output == *refused ]]
    all_gone
}

@test "a list takes parts of others, and lines under a condition" {
    prepare
    list 'scene @WHAT@' 'if one say this' 'if two say that @NOBODY@' \
        'if two pause soon' 'take cues/05 opening' 'say up to here'
    run -0 "$ROOT/scripts/demo" --cues "$PWD/cues" --let one \
        --let 'WHAT=all of it' 01
    [[ $output == *'== all of it =='$'\n''this'$'\n''server| 04_accept'* ]]
    [[ $output == *'client| 05_connect: '*'up to here' ]]
    run ! grep -qE 'that|02_bind|client\| {2,}[0-9]' <<<"$output"
}

@test "a list that the program does not follow says where it went astray" {
    prepare
    list 'scene one' 'start server 03_listen' 'wait server socket'
    run -1 --separate-stderr listed
    [[ $stderr == "demo: socket did not block; did others call port $LESSON_PORT? 03_listen is at setsockopt("*') ('*'/cues/01, line 3)' ]]
    all_gone
    list 'scene one' 'start server 03_listen' 'step server socket, bind'
    run -1 --separate-stderr listed
    [[ $stderr == 'demo: 03_listen is at setsockopt('*', not at bind ('*'/cues/01, line 3)' ]]
    all_gone
    list 'scene one' 'start client 05_connect' 'step client socket, connect'
    run -1 --separate-stderr listed
    [[ $stderr == 'demo: 05_connect ended with status 1, '*'line 3)' ]]
    all_gone
}

@test "what lacks the secret is the program's own word" {
    prepare
    cp -r "$ROOT"/{Makefile,lessons,scripts} .
    sed 's|puts("The socket lasts.*|puts("\\x1E" "'"$(printf '%032d' 0)"'\\tcall\\t1\\t1\\t1\\t1\\t1\\tbind");|' \
        lessons/01_socket.c >forged
    run ! cmp -s forged lessons/01_socket.c
    cp forged lessons/01_socket.c
    run -0 scripts/demo 01
    [[ $output == *'server| \x1E0'*'call'* ]]
    [[ $output != *' bind(3'* ]]
}

@test "words that ask for a key are none of the play, however late the program waits" {
    prepare
    cp -r "$ROOT"/{Makefile,lessons,scripts} .
    sed -i 's|^    puts("Type q.*|&\n    nanosleep(\&(struct timespec){0, 400000000}, NULL);|' \
        lessons/01_socket.c
    run ! cmp -s lessons/01_socket.c "$ROOT/lessons/01_socket.c"
    run -0 scripts/demo 01
    [[ $output == *'server| The socket lasts as long as this program.'* ]]
    [[ $output != *'Type q'* ]]
}

@test "where localhost is unknown, lesson 12 takes an address and says so" {
    must_have localhost
    must_have mounts
    prepare
    : >hosts
    echo 'hosts: files' >nsswitch
    run -0 unshare -rm sh -c 'mount --bind hosts /etc/hosts &&
        mount --bind nsswitch /etc/nsswitch.conf &&
        exec "$0" 12' "$ROOT/scripts/demo"
    [[ $output == *'(This machine knows no localhost: we take 127.0.0.1.)'* ]]
    [[ $output == *'The answer: Hello from the client!'* ]]
}

# ---- the code

# compile.bats compiles each of its files alone, with each compiler.
# bats test_tags=second
@test "the player compiles clean, here and as another system would" {
    local compiler
    # At -O2 it is compiled by compile.bats.
    for compiler in 'cc -fsyntax-only' 'cc -U__linux__'; do
        # shellcheck disable=SC2086 # a compiler and its flag
        $compiler -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
            -Werror "$ROOT"/scripts/{play,stage,common}/*.c -o play
    done
}

# ---- scenes

@test "the seventh caller is neither admitted nor refused" {
    prepare
    run -0 "$ROOT/scripts/demo" 03-queue
    [[ $output == *'6 waiting, backlog 5'* ]]
    [[ $output == *'7th|   2  connect('*' blocks '* ]]
    run ! grep -q '7th|.* = \(0\|-1\)' <<<"$output"
    all_gone
}

@test "23 bytes wait in the kernel before accept" {
    prepare
    run -0 "$ROOT/scripts/demo" 06-unread
    [[ $output == *'23 bytes unread'* ]]
}

@test "a restart succeeds with SO_REUSEADDR and fails without" {
    prepare
    run -0 "$ROOT/scripts/demo" 07-restart
    [ "$(grep -c 'bind(.* = 0$' <<<"$output")" -eq 2 ]
    [ "$(grep -c 'bind(.* = -1 EADDRINUSE$' <<<"$output")" -eq 1 ]
}

@test "a lonely sender learns only that nothing came" {
    prepare
    run -0 "$ROOT/scripts/demo" 08-alone
    [[ $output == *'= 22'*'recvfrom('*'= -1 EAGAIN'* ]]
}
