# scripts/stage: driven as a lecturer does, in a terminal that another
# tmux provides: by keys, and by what stands on the screen.
load helper
load terminal

# stage SIZE WORD...: starts it in a terminal of so many columns and
# lines. THROUGH is a command that starts it, if one is needed.
stage() {
    local size=$1
    shift
    prepare
    # shellcheck disable=SC2086 # its words
    in_terminal "$size" ${THROUGH-} "$ROOT/scripts/stage" "$@"
}

teardown() {
    terminal kill-server || true
} 2>&-

# step BAR: Enter, and the bar below shows that.
step() {
    press Enter
    shows "$1"
}

# steps_to PATTERN: Enter, once for each change of the bar, until a line
# of the screen matches.
steps_to() {
    local bar before='' deadline=$((SECONDS + PATIENCE))
    while :; do
        screen >seen
        ! grep -qE -e "$1" seen || break
        [ "$SECONDS" -lt "$deadline" ] || {
            echo "# no step led to: $1"
            cat seen
            return 1
        }
        bar=$(grep -E ' [0-9]+ · [0-9]+$' seen) || continue
        [ "$bar" != "$before" ] || continue
        before=$bar
        press Enter
    done
}

# The processes: what was called, the conductor inside its tmux, and the
# player that it has started.
called() { pgrep -P "$(terminal display-message -p '#{pane_pid}')"; }
conductor() {
    tmux -S "$TMPDIR"/stage.*/tmux display-message -p -t :.0 '#{pane_pid}'
}
player() { pgrep -P "$(conductor)" -f scripts/demo; }

# Plays 04 up to the waiting accept. to_the_accept [SIZE [OPTION...]]
to_the_accept() {
    stage "${1:-80x24}" "${@:2}" 04
    shows "server's turn:  socket\(.* 04 · 1\$"
    step ' 04 · 2$'
    step ' 04 · 3$'
    step ' 04 · 4$'
    step "server's turn:  accept\(3, .* 04 · 5\$"
    step "client's turn:  socket\(.* 04 · 6\$"
}

play_04_at() {
    to_the_accept "$1"
    shows '^=> .* int sock = socket\('
    shows 'server: 04_accept, blocked in its call'
    shows 'accept\(3, .* … blocks until'
    step "client's turn:  connect\(.* 04 · 7\$"
    step "client's turn:  its program ends .* 04 · 8\$"
    shows "client's turn: 05_connect"
    shows ' 5  accept\(3, .* = 4'
    run ! grep -q 'accept(3, .* blocks' <(screen)
    shows 'fd 4  ESTABLISHED'
    shows ' 2  connect\(3, .* = 0'
    shows 'fd 3  ESTABLISHED'
    step ' 04 · 9$'
    step 'End of 04: one caller, one more socket; q ends .* 04 · 10$'
    # Only q ends it: after all these keys it is still there.
    press Enter n Space PageDown '?'
    shows 'Enter, Space, Page Down  the next step'
    press Enter
    shows '^=> '
    screen | tail -n 1 | grep -qx ' b again  p previous  q end  ? keys'
    screen | grep -q ' 04 · 10$'
    press q
    shows '^ended with 0'
    all_gone
}

@test "a lesson is played at 80 columns and 24 lines" {
    play_04_at 80x24
}

@test "a lesson is played at 120 columns and 40 lines" {
    play_04_at 120x40
}

@test "a lesson is played at 200 columns and 60 lines" {
    play_04_at 200x60
}

# told CALL LINE: this line of the source makes the call that was told. Its
# constants stand in the call, and the call's buffer in the line.
told() {
    local name=${1%%(*} word
    [[ $2 =~ (^|[^A-Za-z_])$name\( ]] || return
    for word in $(grep -oE '\<[A-Z]+_[A-Z]+\>' <<<"${2#*"$name("}"); do
        [[ $1 = *"$word"* ]] || return
    done
    [[ $name != recv && $name != recvfrom ]] ||
        [[ $2 = *"$(cut -d , -f 2 <<<"$1"),"* ]]
}

# questions PATTERN: those in the file whose step matches, in order.
questions() {
    awk -F ' *[|] *' -v step="$1" '!/^#/ && $2 ~ step { print $3 }' \
        "$ROOT/scripts/questions" | sort -u
}

# What the stage has told its tmux to show as the question.
question() {
    tmux -S "$TMPDIR"/stage.*/tmux show-options -v @bar_1 |
        sed 's/^#\[bold\] //; s/##/#/g'
}

# In this order no step has been shown by another lesson already.
@test "every step of every lesson marks the narrated call, and has a question" {
    local bar before='' call name number text file deadline steps=0
    stage 200x60 --questions 12 11 10 09 08 07 06 05 04 03 02 01
    deadline=$((SECONDS + PATIENCE))
    while :; do
        screen >seen
        ! grep -q '; q ends ' seen || break
        [ "$SECONDS" -lt "$deadline" ] || {
            cat seen
            false
        }
        bar=$(grep -E ' [0-9]+ · [0-9]+$' seen) || continue
        [ "$bar" != "$before" ] || continue
        if [[ $bar = *"'s turn:  "* ]]; then
            call=${bar#*"'s turn:  "} name=${call%%(*}
            case $call in # the end: where the program has stopped
            'another look'*) name=getchar call='' ;;
            'its program ends'*) name='[a-z]+' call='' ;;
            esac
            number=$(sed -n 's/^=>  *\([0-9]*\) .*/\1/p' seen)
            text=$(sed -n 's/^=>  *[0-9]* //p' seen)
            file=$ROOT/$(sed -n 's/.*source: \([^ ]*\) .*/\1/p' seen)
            # What is painted first may not stand there yet.
            [[ $text =~ (^|[^A-Za-z_])$name\( ]] &&
                [ "$(sed -n "${number}p" "$file" | tr -d ' ')" = \
                    "${text// /}" ] || continue
            [ -z "$call" ] || told "$call" "$text" || continue
            text=$(sed -n '/ · [0-9]*$/{n;s/^ //;p}' seen)
            [ "$text" = "$(question)" ] || continue
            steps=$((steps + 1))
            echo "$text" >>asked
            [ "$name" = '[a-z]+' ] || [ -n "$text" ]
        fi
        before=$bar
        deadline=$((SECONDS + PATIENCE))
        press Enter
    done
    press q
    shows '^ended with 0'
    [ "$steps" -gt 190 ]
    diff <(grep . asked | sort -u) <(questions '[(]|hold')
}

@test "Space and Page Down step; keys without a meaning do nothing" {
    stage 80x24 03
    shows ' 03 · 1$'
    press x Up Escape C-z C-b c Tab F1
    press Space
    shows ' 03 · 2$'
    press PageDown
    shows ' 03 · 3$'
    run screen
    [ "$(grep -c '^── ' <<<"$output")" -eq 3 ]
}

@test "? shows the keys, and the next key does nothing but hide them" {
    stage 80x24 03
    shows ' 03 · 1$'
    press '?'
    shows 'Enter, Space, Page Down  the next step'
    shows '03 · 1  in the bar: lesson 03, and its key number 1 comes next'
    press Enter
    shows '^=> .*socket\('
    screen | grep -q ' 03 · 1$'
}

@test "b begins the lesson again; n and p go to the next and the previous" {
    stage 80x24 03 04
    shows ' 03 · 1$'
    step ' 03 · 2$'
    press b
    shows ' 03 · 1$'
    step ' 03 · 2$'
    press n
    shows ' 04 · 1$'
    press p
    shows "server's turn:  socket.* 03 · 1\$"
    press n
    shows ' 04 · 1$'
    press n
    step ' 04 · 2$'
    press q
    shows '^ended with 0'
    all_gone
}

@test "a scene is named before it, and what it shows is told at its end" {
    stage 120x40 05
    shows "^ 05 against 02: server's turn:  socket\("
    step "^ server's turn:  setsockopt\("
    steps_to 'End of 05 against 02: nobody listens, .*; next: 05 against 03 '
    shows '^ Enter next scene  b again'
    step "^ 05 against 03: server's turn:  socket\("
    terminal resize-window -x 80 -y 24
    steps_to 'End of 05 against 03: admitted, though nobody accepts '
    run ! grep -q 'accepted' <(screen)
}

@test "a hold is another look or the end, and the bar says which" {
    stage 80x24 03
    steps_to "server's turn:  another look at what the kernel holds .* 03 · 7\$"
    step "client's turn:  its program ends .* 03 · 8\$"
    shows '1 waiting, backlog 5'
    step "server's turn:  its program ends .* 03 · 9\$"
    shows '^── client: 05_connect, has ended'
}

@test "another size of the terminal: all is laid out anew" {
    to_the_accept
    terminal resize-window -x 200 -y 60
    shows '.{60}client.s turn: 05_connect'
    terminal resize-window -x 80 -y 24
    shows "^── client's turn: 05_connect"
    step "client's turn:  connect\(.* 04 · 7\$"
}

@test "Ctrl-C ends it and leaves nothing running" {
    to_the_accept
    press C-c
    shows '^ended with 130'
    all_gone
}

@test "q ends it and leaves nothing running" {
    to_the_accept
    press q
    shows '^ended with 0'
    all_gone
}

@test "SIGTERM leaves nothing running" {
    to_the_accept
    kill "$(called)"
    shows '^ended with 143'
    all_gone
}

@test "kill -9 leaves nothing running" {
    to_the_accept
    kill -KILL "$(called)"
    all_gone
}

@test "kill -9 of the conductor leaves nothing running" {
    to_the_accept
    kill -KILL "$(conductor)"
    shows '^ended with 1'
    all_gone
}

@test "kill -9 of its tmux leaves nothing running" {
    to_the_accept
    ours | grep '[ /]tmux ' | cut -d ' ' -f 1 | xargs kill -KILL
    shows '^ended with 1'
    all_gone
}

@test "a play that takes another way, a time limit being over, begins again" {
    to_the_accept
    kill -KILL "$(ours | awk '/\/04_accept/ { print $1; exit }')"
    steps_to '04 has taken another way; was a time limit over\?'
    press Enter
    shows ' 04 · 1$'
    press q
    shows '^ended with 0'
    all_gone
}

@test "kill -9 of the player is said, and leaves nothing running" {
    to_the_accept
    kill -KILL "$(player)"
    press Enter
    shows '^stage: lesson 04'
    shows '^ended with 1'
    all_gone
}

@test "a closed terminal leaves nothing running" {
    to_the_accept
    terminal kill-server
    all_gone
}

@test "with --auto a lesson plays by itself, twenty times in a row" {
    local deadline
    # shellcheck disable=SC2046 # one word each
    stage 80x24 --auto 0 $(yes 04 | head -n 20) 05
    PATIENCE=60 shows ' 05 · [0-9]+$'
    # bash 5.2 may spoil its mask of signals, and be deaf to its end then.
    # Of its own accord it blocks signals for a moment only.
    deadline=$((SECONDS + PATIENCE))
    until grep -q '^SigBlk:.*0000000000000000$' "/proc/$(conductor)/status"; do
        [ "$SECONDS" -lt "$deadline" ]
    done
    press q
    shows '^ended with 0'
    all_gone
}

@test "with --auto the first lesson follows the last, all of it" {
    stage 80x24 --auto 0.2 04 03
    shows ' 03 · 1$'
    shows "server's turn:  listen.* 04 · 4\$" # not "as in 03"
    press q
    shows '^ended with 0'
}

@test "with --questions each step has its question, a line at most" {
    stage 80x24 --questions 1
    shows '^ Which number will this return, and why that one[?]$'
    # What the end of a program does only the wire shows.
    step "server's turn:  its program ends"
    run ! grep -qE '\?$' <(screen | tail -n 2 | head -n 1)
    run awk -F ' *[|] *' '
        !/^#/ && (NF != 3 || length($3) > 77) { print }
    ' "$ROOT/scripts/questions"
    [ "$output" = '' ]
}

@test "with NO_COLOR there is no colour" {
    export NO_COLOR=1
    to_the_accept
    run terminal capture-pane -p -e
    [[ "$output" = *$'\e[1m'* ]]
    [[ "$output" != *[\;[]'38;'* ]]
    [[ "$output" != *[\;[]'48;'* ]]
}

@test "without tmux it says how to get it, and plays in one terminal" {
    need tmux
    mkdir bin
    ln -s /usr/bin/* /bin/* bin 2>&- || true
    rm bin/tmux
    prepare
    PATH=$PWD/bin run "$ROOT/scripts/stage" --auto 1 01
    [ "$status" -eq 0 ]
    [[ "$output" = *'"scripts/setup stage" installs it'* ]]
    [[ "$output" = *'server|   1  socket('* ]]
}

@test "wrong words are refused with status 2" {
    local words
    for words in 99 --auto '--auto soon' -x '--wire 99'; do
        # shellcheck disable=SC2086 # split on purpose
        run -2 "$ROOT/scripts/demo" --stage $words
        [[ "$output" = 'stage: '* ]]
    done
    need tmux
    run -2 "$ROOT/scripts/demo" --stage 01 </dev/null
    [[ "$output" = *'needs a terminal'* ]]
    stage 79x24 01
    shows '^ended with 2'
}

# ---- the wire ------------------------------------------------------------

# need_network: a user may see the wire in a network of his own.
need_network() {
    need unshare ip
    unshare -Urn true || skip 'this system lets nobody make a network'
}

wiretap() { pgrep -P "$(conductor)" -f build/13_wiretap; }

title='wire: lo, port [0-9]+, as 13_wiretap shows it; new frames:'

# The handshake, with the names that belong to the ports, in either form;
# in a narrow pane without the ports.
shows_handshake() {
    local c='client( [0-9]+)?' s="server( $LESSON_PORT)?"
    shows "$title 3 "
    shows " $c > $s,? SYN,? +seq"
    shows " $s > $c,? SYN\+ACK,? +seq"
    shows " $c > $s,? ACK,? +seq"
}

handshake_at() {
    need_network
    to_the_accept "$1" --wire
    [ "$1" != 80x24 ] || press w
    shows "$title 0 "
    step "client's turn:  connect\(.* 04 · 7\$"
    shows 'No frame has passed yet'
    press Enter
    shows ' 2  connect\(3, .* = 0'
    shows_handshake
}

@test "--wire: the handshake is there as connect returns, at 80 columns" {
    handshake_at 80x24
}

@test "--wire: the same at 120 columns and 40 lines" {
    handshake_at 120x40
    shows '^── source'
}

@test "--wire: the same at 200 columns, each layer inside the other" {
    handshake_at 200x60
    shows '^── source.*── wire'
    shows '│ 3 frame 14: .* 66 bytes in all'
    shows '│    IPv4 20: 127.0.0.1 > 127.0.0.1, TTL 64'
    shows '│        payload 0'
}

# Held up, it prints the frames later than the lesson its result.
@test "--wire: no result is shown before the frames that belong to it" {
    local pid
    need_network
    to_the_accept 200x60 --wire
    step "client's turn:  connect\(.* 04 · 7\$"
    pid=$(wiretap)
    kill -STOP "$pid"
    press Enter
    read -r -t 0.3 -u "$NEVER" _ || true
    screen >seen
    kill -CONT "$pid"
    run ! grep -q 'connect(3, .* = 0' seen
    shows 'connect\(3, .* = 0'
    shows_handshake
}

# A wiretap of our own beside it says how many there were.
@test "--wire: at the end of a scene all its frames were shown, once" {
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
    run ! grep -qF 127.0.0.9 <(screen)
    press q
    shows '^ended with 0'
    all_gone
}

@test "--wire: w puts the wire in the place of the source, and back" {
    need_network
    stage 80x24 --wire 05
    shows '^── source: lessons/02_bind.c'
    shows '\? keys  w wire$'
    press w
    shows "^── $title 0"
    shows '\? keys  w source$'
    run ! grep -q '^── source' <(screen)
    step ' 05 · 2$'
    press w
    steps_to 'its program ends'
    shows '\? keys  w wire \(2 new\)$'
    press w
    shows '\? keys  w source$'
    # Refused, the client has never named its port; but it had called.
    shows '^ 1 client > server SYN '
    shows '^ 2 server > client RST\+ACK '
    step 'End of 05 against 02'
    press Enter # another scene, and frames of its own
    shows 'No frame has passed yet'
    press w
    shows '^── source: lessons/'
    terminal resize-window -x 80 -y 30
    shows "^── $title"
    screen | grep -q '^── source: lessons/'
}

payload_at() {
    need_network
    stage "$1" --wire 06
    shows '^=> '
    [ "$1" != 80x24 ] || press w
    steps_to "server's turn:  recv\(4, line \+ got, 53"
    shows '(^|│) 4 client > server PSH\+ACK payload 11: "Hello from "'
    shows '(^|│) 5 server > client ACK +seq [0-9]+ +ack [0-9]+ +payload 0'
}

@test "--wire: 80 columns show flags, size and payload" {
    payload_at 80x24
}

@test "--wire: so do 72, beside the source" {
    payload_at 145x40
}

@test "--wire: the end of a program has its question, and the frame answers it" {
    need_network
    stage 120x40 --wire --questions 03
    steps_to "client's turn:  its program ends"
    screen | sed -n 's/^ \(.*?\)$/\1/p' >asked
    step "server's turn:  its program ends"
    shows ' client [0-9]+ > server [0-9]+,? FIN\+ACK'
    screen | sed -n 's/^ \(.*?\)$/\1/p' >>asked
    step 'End of 03'
    shows ' server [0-9]+ > client [0-9]+,? RST\+ACK'
    diff <(sort asked) <(questions 'end$')
}

@test "without --wire w does nothing" {
    stage 80x24 03
    shows '\? keys$'
    press w
    step ' 03 · 2$'
    screen | grep -q '^── source'
}

@test "--wire: an ordinary user sees it in a network of his own" {
    need_network
    ordinary_user
    THROUGH=${AS[*]}
    handshake_at 80x24
    press q
    shows '^ended with 0'
    all_gone
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
    terminal capture-pane -p -J | grep -q "^stage: --wire: the right\
 CAP_NET_RAW is missing; try 'sudo scripts/demo --stage --wire', or a system"
    all_gone
}

@test "--wire: without 13_wiretap the play goes on, and says so" {
    need_network
    handshake_at 120x40
    kill -KILL "$(wiretap)"
    step '^ 13_wiretap has ended: the wire is no longer shown'
    shows '^── wire: 13_wiretap has ended '
    shows '^The wire is not watched any more: 13_wiretap has ended\.'
    step 'End of 04.* 04 · 10$'
    press b
    shows "^── $title 0 "
    shows ' 04 · 1$'
}

@test "--wire: a 13_wiretap that is stuck does not hold up the play" {
    need_network
    handshake_at 120x40
    kill -STOP "$(wiretap)"
    step '^ 13_wiretap does not answer: the wire is no longer shown'
    shows '^The wire is not watched any more: 13_wiretap does not answer\.'
    step 'End of 04.* 04 · 10$'
    press q
    shows '^ended with 0'
    all_gone
}

@test "--wire: the next scene tries 13_wiretap again, and shows no false word" {
    need_network
    stage 120x40 --wire 05
    shows "^── $title 0 "
    kill -STOP "$(wiretap)"
    steps_to '^The wire is not watched any more: 13_wiretap does not answer'
    run ! grep -q 'No frame has passed' <(screen)
    steps_to 'End of 05 against 02'
    step ' 05 · 8$'
    shows "^── $title 0 "
    shows 'No frame has passed yet'
}

@test "--wire: kill -9 leaves nothing running" {
    need_network
    handshake_at 80x24
    kill -KILL "$(called)"
    all_gone
}

@test "--wire: kill -9 of the conductor leaves nothing running" {
    need_network
    handshake_at 80x24
    kill -KILL "$(conductor)"
    shows '^ended with 1'
    all_gone
}

@test "--wire goes with --auto and --questions, for every lesson" {
    need_network
    stage 120x40 --wire --questions --auto 0
    PATIENCE=60 shows ' 12 · [0-9]+$'
    shows ' 01 · [0-9]+$' # all over again
    press q
    shows '^ended with 0'
    all_gone
}
