# scripts/demo and scripts/dev/record: both sides of each conversation in one
# terminal, in order, and nothing left behind.
load helper

demo() {
    "$ROOT/scripts/demo" "$@"
}

# Sets ALL to a file with the whole demo, played once for all tests.
whole() {
    ALL=$BATS_FILE_TMPDIR/all
    [ ! -e "$ALL" ] || return 0
    prepare
    demo >playing
    all_gone
    mv playing "$ALL"
}

@test "the demo plays every lesson that has a cue list, and ends with 0" {
    whole
    for lesson in $(cd "$ROOT/scripts/cues" && echo ??); do
        echo "# $lesson"
        grep -q "^== $lesson" "$ALL"
        for program in "$ROOT/lessons/$lesson"_*.c; do
            [ -e "$program" ] || continue
            name=$(basename "$program" .c)
            case $name in
            19_multicast_* | 24_unix_pair) # scenes of their own play these
                grep -qE "^(start|apart) .* $name$" "$ROOT/scripts/cues/$lesson-"* ;;
            *) grep -q "| $name: " "$ALL" ;;
            esac
        done
    done
}

@test "each line is a heading, or names its role by word and indent" {
    whole
    run -1 grep -vE '^(server|receiver|sender|program|  client|  sender|   other)\||^== .* ==$|^\(.*\)$|^$' "$ALL"
}

@test "no line of the demo is wider than 80 columns" {
    whole
    run -1 grep -E '^.{81,}' "$ALL"
}

@test "nobody is told to type what cannot be typed there" {
    whole
    run -1 grep -iE 'type q|terminal|run \./|Enter to' "$ALL"
    # What the program says beside that stays.
    grep -q '^server| The socket lasts as long as this program\.$' "$ALL"
    grep -A 1 "^  client| The server's line: Hello" "$ALL" |
        grep -q '^  client| The connection stands until'
    for lesson in 01 02 03 04 05 06; do
        grep -q $'^prompt\t.*\tType q and Enter to end\\.$' "$ROOT/docs/runs/$lesson"
    done
}

@test "on a terminal of 40 columns every line is broken at a space" {
    must_have locale
    need script
    prepare
    echo a >keys
    script -qefc "stty cols 40 rows 200; $ROOT/scripts/demo 01 02" \
        /dev/null <keys | sed 's/\x1b\[[0-9]*[mK]//g' | tr '\r' '\n' >out
    grep -q '^How to read this: .* is$' out
    grep -qx 'server| program.' out
    grep -q '^    terminal$' out
    grep -qx ' any key: lesson 02   a: all   q: end ' out
    LC_ALL=C.UTF-8 run -1 grep -E '^.{41,}' out
}

@test "what earlier lessons explain is left out by -k, and in the whole demo from 09 on" {
    whole
    sed -n '/^== 02/,/^== 09/p' "$ALL" | grep -q 'lowest free number'
    sed -n '/^== 09/,$p' "$ALL" >later
    run -1 grep -E 'no longer block this port|Our TCP socket is descriptor' later
    grep -q '| *kernel: fd 3  LISTEN' later
    # What is new is told: fork in 15, poll in 11.
    grep -q '| *Ready: ' later
    prepare
    demo 09 | grep -q 'Our TCP socket is descriptor'
    demo -k 09 >short
    run -1 grep 'Our TCP socket is descriptor' short
    grep -q '= 3$' short
}

@test "lines come in the order in which things happen" {
    prepare
    demo 04 >out
    waits=$(grep -n 'server|.*accept.* blocks' out | cut -d: -f1)
    connected=$(grep -n 'client|.*connect.* = 0' out | cut -d: -f1)
    accepted=$(grep -n 'server|.*accept.* = 4' out | cut -d: -f1)
    [ "$waits" -lt "$connected" ]
    [ "$connected" -lt "$accepted" ]
}

@test "05 is refused by 02, admitted by 03 and accepted by 04" {
    prepare
    demo 05 >out
    [ "$(grep -c 'connect.* = -1 ECONNREFUSED' out)" -eq 1 ]
    [ "$(grep -c 'client|.*connect.* = 0' out)" -eq 2 ]
    grep -q 'server|.*LISTEN.*1 waiting' out
    grep -q 'server|.*accept.* = 4' out
}

@test "named lessons alone are played, in the given order" {
    prepare
    run demo 06 01
    [ "$status" -eq 0 ]
    [ "$(echo "$output" | grep -c '^==')" -eq 2 ]
    [ "$(echo "$output" | grep -m 1 '^==' | cut -c1-5)" = '== 06' ]
}

@test "a step that another lesson has shown is named and not shown again" {
    prepare
    demo 03 04 >out
    grep -q 'server|   1 to 4  socket, setsockopt, bind, listen: as in' out
    [ "$(grep -c 'server|.*listen(.*) = 0' out)" -eq 1 ]
    demo 04 >out
    [ "$(grep -c 'server|.*listen(.*) = 0' out)" -eq 1 ]
}

@test "a port that is taken is said so, and another one is used" {
    prepare
    mkfifo cue
    exec 8<>cue
    LESSON_CUE=cue start holder "$BUILD/03_listen" "$LESSON_PORT"
    printf .... >&8
    await holder '^cue .* hold'
    run demo 04
    exec 8>&-
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" = "Port $LESSON_PORT is taken on this machine, so we use "* ]]
    echo "$output" | grep -q ' = 4$'
}

@test "an unknown lesson or option is refused with status 2" {
    prepare
    run --separate-stderr demo 99
    [ "$status" -eq 2 ]
    [[ "$stderr" = "demo: no lesson '99' to play; there are: 01 02"* ]]
    run --separate-stderr demo -x
    [ "$status" -eq 2 ]
    [[ "$stderr" = 'demo: -x is no option; scripts/demo -h tells'* ]]
    run --separate-stderr demo --stge
    [ "$status" -eq 2 ]
    [[ "$stderr" = 'demo: --stge is no option; scripts/demo -h tells'* ]]
    LESSON_PORT=80x run --separate-stderr demo 01
    [ "$status" -eq 2 ]
    [ "$stderr" = "demo: LESSON_PORT is '80x': 1 to 65535 expected" ]
}

@test "no play goes on that nobody can see" {
    [ -w /dev/full ] || skip 'no /dev/full'
    run -1 bash -c '"$0" 01 2>&1 >/dev/full' "$ROOT/scripts/demo"
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == 'demo: standard output cannot be written'* ]]
}

@test "no file is written, so none can be left behind" {
    prepare
    rmdir "$TMPDIR"
    run -0 demo 01
}

@test "without a terminal, -s is refused with status 2" {
    prepare
    run setsid "$ROOT/scripts/demo" -s 01 </dev/null
    [ "$status" -eq 2 ]
    [[ "$output" = *'there is none; without -s it needs none' ]]
}

# Plays 06 in a terminal of its own, one key per step, until both sides run
# and the client is about to connect. Keys go to descriptor 8.
stop_in_the_middle() {
    need script
    prepare
    mkfifo keys
    exec 8<>keys
    start demo sh -c "exec script -qefc '$ROOT/scripts/demo -s 06' /dev/null <keys"
    printf '\n\n\n\n\n\n' >&8
    await demo 'next: server: listen'
    await demo 'client|.* socket.* = 3'
}

# Prints the pid of the demo itself, the oldest of its processes.
demo_pid() {
    ours | sed -n 's,^\([0-9]*\) [^ ]*build/play demo .*,\1,p' | head -n 1
}

@test "with -s each call waits for Enter, and q ends" {
    stop_in_the_middle
    run ! grep -q 'accept.* = 4' demo.out
    echo q >&8
    finish demo
    [ "$status" -eq 0 ]
    all_gone
}

@test "with -s what was pressed too early leaves the lines as they are" {
    stop_in_the_middle
    [ "$(grep -c ' \[Enter] .$' demo.out)" -gt 3 ]
    run ! grep -q ' \[Enter] ..' demo.out
}

@test "Ctrl-C leaves nothing running" {
    stop_in_the_middle
    printf '\003' >&8
    finish demo
    [ "$status" -eq 130 ]
    all_gone
}

@test "SIGTERM leaves nothing running" {
    stop_in_the_middle
    kill -TERM "$(demo_pid)"
    finish demo
    [ "$status" -eq 143 ]
    all_gone
}

@test "kill -9 leaves nothing running" {
    stop_in_the_middle
    kill -KILL "$(demo_pid)"
    finish demo
    all_gone
}

@test "a closed terminal leaves nothing running" {
    stop_in_the_middle
    kill -KILL "$(cat demo.pid)"
    finish demo
    all_gone
}

@test "a demo whose reader goes away leaves nothing running" {
    prepare
    "$ROOT/scripts/demo" 2>err | head -n 40 >out
    [ "$(wc -l <out)" -eq 40 ]
    all_gone
}

# recorded LESSON: what was recorded again is what is committed; without
# the segments if the system allows no network of our own.
recorded() {
    local pattern='^$'
    networks || pattern='^segment'
    diff <(grep -v "$pattern" "$ROOT/docs/runs/$1") \
        <(grep -v "$pattern" "again/runs/$1")
}

networks() { unshare -rmn ip link set lo up; }

# Whether this machine can have what lesson 12 is recorded with: a name
# with an address of each family.
names() {
    unshare -rm true && ip -6 addr show dev lo | grep -q ' ::1/'
}

# What a call with a time limit waits for has always been sent before.
@test "whoever presses the keys may take their time: no call times out" {
    local lesson
    # shellcheck disable=SC2034 # helper.bash reads it
    local PATIENCE=60 port=([8]="$(free_port)" [9]="$(free_port)")
    need script
    prepare
    export -f rest
    for lesson in '08 2.1' '09 1.1'; do
        LESSON_PORT=${port[${lesson:1:1}]} start "demo${lesson% *}" bash -c "
            while rest ${lesson#* }; do echo; done |
            script -qefc '$ROOT/scripts/demo -s ${lesson% *}' /dev/null"
    done
    for lesson in 08 09; do
        finish "demo$lesson" 0
        run ! grep -q -e '-1 EAGAIN' "demo$lesson.out"
    done
    all_gone
}

@test "without /proc the demo goes on, and tells nothing that only it has" {
    must_have mounts
    prepare
    run -0 timeout "$PATIENCE" unshare -rm sh -c \
        'mount -t tmpfs none /proc && exec "$@"' sh \
        "$ROOT/scripts/demo" 15
    [[ $output != *'From now on callers are refused'* ]]
    # What is left of a connection the kernel itself can say, sock_diag(7).
    [[ $output == *'closed  nothing is left of it'* ]]
    all_gone
}

@test "too few descriptors for a play: that is said, and no lesson is blamed" {
    run -1 bash -c 'ulimit -n 63; exec "$1" 01' - "$ROOT/scripts/demo"
    [[ $output == 'demo: a process may have 63 descriptors here'* ]]
}

@test "a run recorded again is the committed one, and so is its transcript" {
    must_have localhost # a record puts its own file in the place of /etc/hosts
    prepare
    unset LESSON_PORT
    local lesson wrong="" at_once=1
    ! networks || at_once=3 # each has its ports for itself
    (cd "$ROOT/scripts/cues" && echo *) |
        xargs -n 4 -P "$at_once" "$ROOT/scripts/dev/record" -o again
    for lesson in again/runs/*; do
        lesson=$(basename "$lesson")
        [ "$lesson" != 12 ] || names || continue
        recorded "$lesson" && continue
        # Once more, in case the machine was only busy.
        "$ROOT/scripts/dev/record" -o again "$lesson"
        recorded "$lesson" || wrong="$wrong $lesson"
    done
    [ -z "$wrong" ]
    all_gone
}

@test "a run has what each segment says, between the calls that it belongs to" {
    must_have network
    awk -F '\t' '$1 == "segment" { print $8 } $1 == "call" { print $8, $10 }' \
        "$ROOT/docs/runs/04" >order
    [ "$(tr '\n' ' ' <order)" = 'socket 3 setsockopt 0 bind 0 listen 0 '\
'socket 3 SYN SYN|ACK ACK connect 0 accept 4 FIN|ACK ACK FIN|ACK ACK ' ]
    awk -F '\t' '$1 == "segment" && $17 > 0 { print $8, $9, $17 }' \
        "$ROOT/docs/runs/06" >bytes
    [ "$(cat bytes)" = 'PSH|ACK seq 1 ack 1 11
PSH|ACK seq 12 ack 1 12
PSH|ACK seq 1 ack 24 23' ]
}

@test "no scene has a call wait, for less than five minutes, for what somebody else does at a key" {
    awk -F '\t' '
        $1 == "blocks" && match($0, /[0-9]+ seconds? at most/) {
            who = substr($0, RSTART) + 0 < 300 ? $2 : ""
            next
        }
        $1 == "call" { if (who != "" && $2 != who) print FILENAME ": " who; who = "" }
    ' "$ROOT"/docs/runs/* >impatient
    [ ! -s impatient ]
}

@test "the segments of the twentieth connection are numbered like the first's" {
    must_have localhost
    must_have network
    prepare
    mkdir house
    cp -Rp "$ROOT"/{Makefile,build,lessons,scripts} house
    {
        echo 'scene 05-often: refused, again and again'
        printf '%s\n' 'start client 05_connect' 'step client socket' 'fail client connect' |
            awk '{ list = list $0 "\n" } END { while (n++ < 20) printf "%s", list }'
    } >house/scripts/cues/05-often
    house/scripts/dev/record -o again 05-often
    awk -F '\t' '$1 == "segment" { print $8, $9 }' again/runs/05-often |
        sort | uniq -c | tr -s ' ' >seen
    [ "$(cat seen)" = ' 20 RST|ACK seq 0 ack 1
 20 SYN seq 0' ]
}

@test "a run is shown as it was played; a damaged one is named by its line" {
    local port
    port=$(free_port)
    prepare
    # Lines may break elsewhere: the port was longer.
    LESSON_PORT=$port "$ROOT/scripts/demo" 03 </dev/null |
        awk -v port="$port" -f "$ROOT/scripts/dev/recording/mask.awk" |
        sed 's/^ *[a-z]*|//' | tr -s ' \n' '\n' >played
    "$BUILD/play" show "$ROOT" "$ROOT/docs/runs/03" |
        sed 's/^ *[a-z]*|//' | tr -s ' \n' '\n' | diff - played
    [ "$(wc -l <played)" -gt 200 ]
    sed '3s/^[a-z]*/nothing/' "$ROOT/docs/runs/03" >damaged
    run -2 "$BUILD/play" show "$ROOT" damaged
    [[ $output == 'show: damaged, line 3: '* ]]
    run -2 "$BUILD/play" show "$ROOT" missing
    [[ $output == 'show: missing: '* ]]
}

@test "without a network of its own, the play is recorded without segments" {
    prepare
    mkdir bin
    printf '#!/bin/sh\nexit 1\n' >bin/unshare
    chmod +x bin/unshare
    PATH=$PWD/bin:$PATH run -0 --separate-stderr "$ROOT/scripts/dev/record" \
        -o again 03
    [[ $stderr == 'record: this system lets us make no network'* ]]
    diff <(grep -v '^segment' "$ROOT/docs/runs/03") again/runs/03
}
