# The stage: its panes, its size, its options, and every end.
load helper
load terminal
load stage

# ---- the panes ------------------------------------------------------------

@test "Tab chooses a pane, the arrows scroll it, a step brings it back" {
    to_the_accept
    shows '^>─ source, next: .* below ──$'
    press Tab
    shows '^>─ server: 04_accept.* above ──$'
    run ! grep -q 'Our TCP socket is descriptor 3' <(screen)
    for _ in {1..30}; do press Up; done
    shows '^>─ server: .* below ──$'
    shows '^     Our TCP socket is descriptor 3'
    press Down
    shows '^>─ server: .* 1 above, '
    press Enter
    shows '^>─ server: .* [0-9]+ above ──$'
    press BTab
    shows '^>─ source'
}

# rows PATTERN: prints how many rows the pane with this title has, title too.
rows() {
    screen | awk -v title="$1" '/^(──|>─| .*turn:)/ { on = $0 ~ title }
        on { n++ } END { print n }'
}

has_rows() { [ "$(rows "$1")" -eq "$2" ]; }

is_empty() { ! screen | grep -q .; }

@test "+ gives a pane rows, - takes them, and the least stays" {
    local before
    to_the_accept
    before=$(rows source)
    press + + +
    shows '^=> '
    eventually has_rows source $((before + 3))
    for _ in {1..30}; do press -; done
    eventually has_rows source 3
    for _ in {1..60}; do press +; done
    eventually has_rows source 16
    [ "$(rows 'server')" -ge 3 ]
    [ "$(rows 'client')" -ge 3 ]
}

@test "three dots, whole, stand for the remarks that have no room" {
    stage 80x24 11:20
    shows "server's turn: .* 11:20\$"
    shows '^     The two kernels agree\. .* for our end\. \.\.\.$'
}

@test "another size of the terminal: all is laid out anew" {
    to_the_accept
    terminal resize-window -x 200 -y 60
    shows '.{60}client.s turn: 05_connect'
    terminal resize-window -x 80 -y 24
    shows "^── client's turn: 05_connect"
    step "client's turn:  connect\(.* 04:7\$"
}

@test "too small is said, and what is needed; larger, the play goes on" {
    stage 79x24 04
    shows '^Too small: 79x24, needs 80x24:'
    terminal resize-window -x 30 -y 5
    shows '^Too small: 30x5, needs 80x24:'
    press Tab
    terminal resize-window -x 80 -y 24
    shows "server's turn:  socket\(.* 04:1\$"
    terminal resize-window -x 79 -y 24
    shows '^Too small: 79x24'
    press q
    shows '^ended with 0'
    all_gone
}

@test "a locale without UTF-8 changes nothing: the lessons' words are UTF-8" {
    must_have locale
    LC_ALL=C.UTF-8 THROUGH='env LC_ALL=C' stage 80x24 04:6
    shows 'accept\(3, .* … blocks until'
}

@test "a dot empties the screen until the next key" {
    to_the_accept
    press .
    eventually is_empty
    press b
    shows "client's turn:  socket\(.* 04:6\$"
}

@test "with NO_COLOR there is no colour, and the turn is still to be seen" {
    export NO_COLOR=1
    to_the_accept
    run terminal capture-pane -p -e
    [[ "$output" = *$'\e[1m'* ]]
    [[ "$output" != *[\;[]'38;'* ]]
    [[ "$output" != *[\;[]'48;'* ]]
    shows "^── client's turn: 05_connect"
}

# ---- every end --------------------------------------------------------------

@test "q asks once; another key goes on" {
    to_the_accept
    press q
    shows 'End the play\? q again ends it; any other key goes on'
    press Enter
    shows '^ Enter step '
    bar | grep -q ' 04:6$'
    quits
}

@test "Ctrl-C ends it and leaves nothing running" {
    to_the_accept
    press C-c
    shows '^ended with 130'
    all_gone
}

@test "SIGTERM leaves nothing running" {
    to_the_accept
    kill "$(called)"
    shows '^ended with 143'
    all_gone
}

@test "kill -9 leaves nothing running, and gives the terminal back" {
    to_the_accept
    kill -KILL "$(called)"
    all_gone
    eventually given_back
}

@test "a program that was killed is named, at once, and its peer goes on" {
    to_the_accept
    kill -KILL "$(part 04_accept)"
    shows '^── server: 04_accept, was killed'
    shows '^\(04_accept was killed by SIGKILL\)'
    shows "client's turn:  socket\(.* 04:6\$"
    step "client's turn:  connect\(.* 04:7\$"
    press Enter
    shows '^ Broken off: 04_accept was killed by SIGKILL'
    shows '^  2  connect\(3, .* = -1 ECONNREFUSED'
    shows '^── client: 05_connect, has ended'
    press b
    shows "client's turn:  connect\(.* 04:7\$"
    press End
    shows '^ Enter the lesson again'
    press Enter
    shows ' 04:1$'
    quits
}

@test "after a server was killed, a client that waits for it sees the end" {
    stage 80x24 06:13
    shows "server's turn:  send\(.* 06:13\$"
    kill -KILL "$(part 06_send_recv_server)"
    shows '^  5  recv\(3, .* = 0'
    press Enter
    shows "client's turn:  its program ends .* 06:13\$"
    step '^ Broken off: 06_send_recv_server was killed'
    quits
}

@test "while a stranger's client keeps the server busy, r begins the lesson anew" {
    stage 80x24 06
    steps_to ' 06:6$'
    start late "$TOOLS/peer" connect "$LESSON_PORT" end
    await late ready
    steps_to '^ Under way, [5-9] s; r begins anew'
    press r
    shows ' 06:1$'
    # One who is in the queue before accept is called: it cannot block.
    steps_to ' 06:5$'
    start early "$TOOLS/peer" connect "$LESSON_PORT" end
    await early ready
    step "^ Broken off: accept did not block; did others call port ${LESSON_PORT}[?]"
    shows '^ Enter the lesson again'
    press r
    shows ' 06:1$'
    quits
}

@test "a closed terminal leaves nothing running" {
    to_the_accept
    terminal kill-server
    all_gone
}

# bats test_tags=second
@test "with --auto a lesson plays by itself, twenty times in a row" {
    # shellcheck disable=SC2046 # one word each
    stage 80x24 --auto 0 $(yes 04 | head -n 20) 05
    PATIENCE=60 shows ' 05(:[0-9]+)?$'
    quits
}

@test "with --auto the first lesson follows the last, all of it" {
    stage 80x24 --auto 0.2 04 03
    shows ' 03:1$'
    shows "server's turn:  listen.* 04:4\$" # not "as in 03"
    quits
}

@test "with --auto a lesson that breaks off says why before it begins again" {
    printf 'build/02_bind: never\nnever:\n\tfalse\n' >never.mk
    THROUGH="env MAKEFILES=$PWD/never.mk" stage 80x24 --auto 0 02
    shows '^ Broken off: the lessons do not compile'
    quits
}

# ---- options -----------------------------------------------------------------

@test "with --questions each step has its question, a line at most" {
    stage 80x24 --questions 1
    shows '^ Which number will this return, and why that one[?]$'
    # What the end of a program does only the wire shows.
    step "server's turn:  its program ends"
    run ! grep -qE '\?$' <(screen | tail -n 2 | head -n 1)
    questions . | grep '.\{79\}' >long || true
    diff /dev/null long
}

@test "a port that is taken is named in the bar, and the question follows it" {
    local taken
    prepare
    taken=$LESSON_PORT
    start holder python3 -c "import signal, socket
s = socket.create_server(('127.0.0.1', $taken))
print('ready', flush=True)
signal.pause()"
    await holder ready
    in_terminal 80x24 env "LESSON_PORT=$taken" "$ROOT/scripts/demo" --stage \
        --questions 02:3
    shows "  port [0-9]+, $taken is taken\$"
    LESSON_PORT=$(screen | sed -nE 's/.* port ([0-9]+), .* taken$/\1/p')
    [ "$LESSON_PORT" != "$taken" ]
    shows "bind\(3, 127.0.0.1:$LESSON_PORT, 16\) +02:3\$"
    shows "^ Port $LESSON_PORT: which two bytes"
}

# lab_on_stage WORD...: starts the lab on stage, in a terminal.
lab_on_stage() {
    need ip tc nft unshare setpriv nstat
    must_have network
    prepare
    in_terminal 100x30 "$ROOT/scripts/lab" run --stage "$@"
}

@test "the lab on stage: what to expect, the play, what has happened" {
    lab_on_stage 05 --delay 20ms
    shows '^>─ what the play says; Enter goes on '
    shows '^client 192.0.2.1 =+ 192.0.2.2 server$'
    steps_to "Lesson 05 --delay 20ms: server's turn:  accept"
    step "client's turn:  socket"
    shows '^(>─|──) source(, next)?: lessons/05_connect.c'
    steps_to 'End of What has happened; q ends'
    shows '^connect has returned after one round trip: the SYN took 20 ms'
    quits
}

@test "the lab on stage, again: the cable that was pulled out is in" {
    lab_on_stage 10 --cut
    steps_to ' 10:17$'
    press r
    shows ' 10:5$'
    steps_to ' 10:12$'
    quits
}

@test "the lab on stage, again: the same packets are lost" {
    lab_on_stage 08 --loss 30%
    steps_to 'End of What has happened'
    screen | grep '^packets' >first
    press r
    shows ' 08:1$'
    steps_to 'End of What has happened'
    screen | grep '^packets' | diff first -
    quits
}

@test "wrong words are refused by name, with status 2" {
    local words
    for words in 99 --auto '--auto soon' '--auto -1' -x --stge '--wire 99' \
        04:99 04:x '-s'; do
        # shellcheck disable=SC2086 # split on purpose
        in_terminal 80x24 "$ROOT/scripts/demo" --stage $words
        shows '^ended with 2'
        screen >said
        grep -q '^demo: ' said
        grep -qF -- "${words##* }" said || {
            cat said
            false
        }
        terminal kill-server
    done
    run -2 "$ROOT/scripts/demo" --stage 01 </dev/null
    [[ "$output" = 'demo: --stage needs a terminal'*'; without'*' it needs none' ]]
    run -2 "$ROOT/scripts/demo" -s --questions 01 </dev/null
    [[ "$output" = *'-s steps in one terminal, and --questions is for the stage'* ]]
}
