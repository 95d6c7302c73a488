# The stage with --wire: segments and datagrams, at every size, and what to
# do where nobody may see them.
load helper
load terminal
load stage

# need_network: skips unless a user may see the wire in their own network.
need_network() {
    need unshare ip
    must_have network
}

title='wire: lo, port [0-9]+; new:'

# The wire shows the handshake, in either form, with the sides' names for
# their ports; in a narrow pane without the port numbers.
shows_handshake() {
    local c='client( [0-9]+)?' s="server( $LESSON_PORT)?"
    shows "$title 3 "
    shows " $c > $s +SYN +seq 0 +payload 0"
    shows " $s > $c +SYN\+ACK seq 0 ack 1 +payload 0"
    shows " $c > $s +ACK +seq 1 ack 1 +payload 0"
}

handshake_at() {
    need_network
    to_the_accept "$1" --wire
    [ "$1" != 80x24 ] || press w
    shows "$title 0 "
    step "client's turn:  connect\(.* 04:7\$"
    shows 'Nothing has passed yet'
    press Enter
    shows ' 2  connect\(3, .* = 0'
    shows_handshake
}

@test "--wire: the handshake is there as connect returns, at 80 columns" {
    handshake_at 80x24
}

@test "--wire: the same at 120 columns and 40 lines" {
    handshake_at 120x40
    shows '^(──|>─) source'
}

@test "--wire: the same at 200 columns, beside the source" {
    handshake_at 200x60
    shows '^>─ source.*── wire'
}

# Lesson 13 beside it says how many frames there were.
@test "--wire: at the end of a scene all that passed was shown, once" {
    local count
    need_network
    cat >beside <<END
ip link set lo up
"$BUILD/13_wiretap" 127.0.0.1 \$LESSON_PORT >other.out &
: >>other.out
tail -n +1 -s 0.01 -f other.out | grep -m 1 -q 'ends this'
"\$@"
status=\$?
kill \$!
exit \$status
END
    THROUGH='unshare -Urn env STAGE_NETWORK=own sh beside' stage 200x60 --wire 07
    steps_to 'End of 07'
    shows ' FIN\+ACK '
    count=$(grep -c '^    IPv4 20: 127.0.0.1 > 127.0.0.1,' other.out)
    [ "$count" -ge 9 ]
    shows "[ │]$count [cs].* ACK"
    run ! grep -qE "[ │]$((count + 1)) [cs].* > " <(screen)
    [ "$(screen | grep -cE 'payload (11|23): "Hello from')" -eq 2 ]
    quits
}

@test "--wire: w puts the wire in the place of the source, and back" {
    need_network
    stage 80x24 --wire 05
    shows '^(──|>─) source: lessons/02_bind.c'
    shows ' 05:1$'
    shows '\? keys  w wire$'
    press w
    shows "^(──|>─) $title 0"
    shows '\? keys  w source$'
    run ! grep -qE '^(──|>─) source' <(screen)
    step ' 05:2$'
    press w
    steps_to 'its program ends'
    shows '\? keys  w wire \(2 new\)$'
    press w
    shows '\? keys  w source$'
    # The refused client never named its port, but it had called.
    shows '^ 1 client > server SYN '
    shows '^ 2 server > client RST\+ACK '
    step 'End of 05 against 02'
    press Enter # another scene, and a wire of its own
    shows 'Nothing has passed yet'
    press w
    shows '^(──|>─) source: lessons/'
    terminal resize-window -x 80 -y 30
    shows "^(──|>─) $title"
    screen | grep -qE '^(──|>─) source: lessons/'
}

payload_at() {
    need_network
    stage "$1" --wire 06
    shows '^=> '
    [ "$1" != 80x24 ] || press w
    steps_to "server's turn:  recv\(4, line \+ got, 53"
    shows '(^|│) 4 client > server PSH\+ACK seq 1 ack 1 +payload 11: "Hello from "'
    shows '(^|│) 5 server > client ACK +seq 1 ack 12 +payload 0'
}

@test "--wire: 80 columns show flags, size and payload" {
    payload_at 80x24
}

@test "--wire: 72 columns beside the source show flags, size and payload" {
    payload_at 145x40
}

@test "--wire: the end of a program has its question, and the segment answers it" {
    need_network
    stage 120x40 --wire --questions 03
    steps_to "client's turn:  its program ends"
    screen | sed -n 's/^ \(.*?\)$/\1/p' >asked
    step "server's turn:  its program ends"
    shows ' client [0-9]+ > server [0-9]+,? FIN\+ACK'
    screen | sed -n 's/^ \(.*?\)$/\1/p' >>asked
    step 'End of 03'
    shows ' server [0-9]+ > client [0-9]+,? RST\+ACK'
    diff <(sort asked) <(questions 'end$' '(any|03).*')
}

@test "without --wire w does nothing" {
    stage 80x24 03
    shows ' 03:1$'
    press w
    step ' 03:2$'
    screen | grep -qE '^(──|>─) source'
}

@test "--wire: an ordinary user sees it in a network of his own" {
    need_network
    ordinary_user
    THROUGH=${AS[*]}
    handshake_at 80x24
    quits
}

@test "--wire: where nothing allows it, it says which right and how to get it" {
    need setpriv
    mkdir bin
    printf '#!/bin/sh\nexit 1\n' >bin/unshare
    chmod +x bin/unshare
    THROUGH="env PATH=$PWD/bin:$PATH"
    [ "$(id -u)" -ne 0 ] ||
        THROUGH+=' setpriv --bounding-set=-net_raw --inh-caps=-net_raw'
    stage 80x24 --wire 05
    shows '^ended with 1'
    terminal capture-pane -p -J | grep -q "^demo: --wire: it needs\
 the right CAP_NET_RAW; try 'sudo scripts/demo --stage --wire', or a system"
    all_gone
}

@test "--wire: a lesson that has only begun names no source yet" {
    need_network
    stage 100x30 --wire 01
    shows ' 01:1$'
    for _ in {1..20}; do
        press r
        screen >>seen
    done
    run ! grep 'source: lessons/\.c' seen
    shows 'source: lessons/01_socket\.c'
}

@test "--wire: kill -9 leaves nothing running" {
    need_network
    handshake_at 80x24
    kill -KILL "$(called)"
    all_gone
}

# A third of the lessons in each of three terminals: mostly they wait.
# bats test_tags=second
@test "--wire goes with --auto and --questions, for every lesson" {
    local lessons part third last=() others=() PATIENCE=90
    need_network
    mapfile -t lessons < <(cd "$ROOT/scripts/cues" && printf '%s\n' ??)
    for part in 0 1 2; do
        third=()
        for ((i = part; i < ${#lessons[@]}; i += 3)); do
            third+=("${lessons[i]}")
        done
        stage 120x40 --wire --questions --auto 0 "${third[@]}"
        last+=("${third[-1]}")
        others+=("$(IFS='|' && echo "${third[*]::${#third[@]}-1}")")
    done
    for TERMINALS in 3 2 1; do # what is left is ended by teardown
        shows "  ${last[TERMINALS - 1]}(:[0-9.]+)?\$"
        shows "  (${others[TERMINALS - 1]})(:[0-9.]+)?\$" # all over again
        press q q
        shows '^ended with 0'
        terminal kill-server
    done
    all_gone
}
