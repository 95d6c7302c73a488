# The stage, there and back: a lesson at every size, its steps forwards,
# backwards and by jumps, what is marked and asked.
load helper
load terminal
load stage

# ---- a lesson, at every size ------------------------------------------

play_04_at() {
    to_the_accept "$1"
    shows '(^|│)=> .* int sock = socket\('
    shows 'server: 04_accept, blocked in its call'
    shows 'accept\(3, .* … blocks until'
    step "client's turn:  connect\(.* 04:7\$"
    step "client's turn:  its program ends .* 04:8\$"
    shows "client's turn: 05_connect"
    shows ' 5  accept\(3, .* = 4'
    run ! grep -q 'accept(3, .* blocks' <(screen)
    shows 'fd 4  ESTABLISHED'
    shows ' 2  connect\(3, .* = 0'
    shows 'fd 3  ESTABLISHED'
    step ' 04:9$'
    step 'End of 04: one caller, one more socket; q ends +04$'
    # Only q ends it: after all these keys it is still there.
    press Enter n Space PageDown '?'
    shows 'Enter, Space, Page Down +the next step'
    press Enter
    shows 'End of 04: .* 04$'
    quits
}

@test "a lesson is played at 80 columns and 24 lines" {
    play_04_at 80x24
}

@test "a lesson is played at 100 columns and 30 lines" {
    play_04_at 100x30
}

@test "a lesson is played at 160 columns and 45 lines" {
    play_04_at 160x45
}

@test "a lesson is played at 200 columns and 60 lines" {
    play_04_at 200x60
}

# walks WORD...: runs tests/support/stage.py on the stage of this test.
walks() { python3 "$BATS_TEST_DIRNAME/support/stage.py" "terminal$TERMINALS" "$@"; }

# there_and_back SIZE LESSON: plays it to its end, back to its beginning
# and forwards again: each screen is as it was, ports and times too.
there_and_back() {
    need python3
    stage "$1" "$2"
    walks back "$2" >stops
    [ "$(cat stops)" -ge 20 ]
}

@test "back and forwards again, each step is as it was: 05, 80x24" {
    there_and_back 80x24 05
}

@test "back and forwards again, each step is as it was: 07, 100x30" {
    there_and_back 100x30 07
}

@test "back and forwards again, each step is as it was: 11, 160x45" {
    there_and_back 160x45 11
}

# together SIZE: after each of the 36 calls of 02 to 07 the call is seen
# with its result; what is filled in before a call, and the loops, are seen.
together() {
    local line
    need python3
    stage "$1" 02 03 04 05 06 07
    walks together 36 >seen
    for line in '02 .*sin_family = AF_INET' '02 .*sin_port = htons' \
        '02 .*inet_pton' '06 .*newline = memchr' '06 .*got += ' \
        '06 .*left -= '; do
        grep -q "^$line" seen || {
            echo "# not seen: $line"
            false
        }
    done
}

# bats test_tags=second
@test "each call is seen with its result, and what is filled in before it: 80x24" {
    together 80x24
}

@test "each call is seen with its result, and what is filled in before it: 100x30" {
    together 100x30
}

# bats test_tags=second
@test "each call is seen with its result, and what is filled in before it: 160x45" {
    together 160x45
}

@test "each call of programs of one's own is seen with its result: 80x24" {
    need python3 cc make readelf addr2line
    prepare
    cc -g -o server "$ROOT/tests/own/server.c"
    cc -g -o client "$ROOT/tests/own/client.c"
    in_terminal 80x24 "$ROOT/scripts/demo" --stage -- \
        ./server "$LESSON_PORT" :: ./client "$LESSON_PORT"
    walks together 15 >seen
    grep -q '^yours .*sin_port = htons' seen
}

# ---- the source, and the questions -------------------------------------

# In this order no step has been shown by another lesson already.
@test "every step of 01 to 12 marks the narrated call, each question comes once" {
    need python3
    stage 200x60 --questions 12 11 10 09 08 07 06 05 04 03 02 01
    walks marks "$ROOT" 190 >asked
    diff <(sort asked) <(questions '[(]|hold' '(any|0[1-9]|1[0-2])([ ,].*)?')
}

# bats test_tags=second
@test "every step of 14 to 24 marks the narrated call, each question comes once" {
    need python3
    stage 200x60 --questions 24 23 22 21 20 19 18 17 16 15 14
    walks marks "$ROOT" 250 >asked
    questions '[(]|hold' '(.*, )?(1[4-9]|2[0-4])' >written
    [ "$(sort -u asked written | wc -l)" -eq "$(sort -u asked | wc -l)" ]
}

@test "no question speaks of another option, or denies a client that is there" {
    stage 80x24 --questions 14:8 20
    shows '^ What we wait for may never come'
    press g 2 0 : 1 . 1 2 Enter
    shows '^ A client is in the queue'
    press g 2 0 : 1 . 6 Enter
    shows '^ Must the kernel give us as many bytes'
}

# ---- there and back -------------------------------------------------------

@test "Space and Page Down step; keys without a meaning do nothing" {
    stage 80x24 03
    shows ' 03:1$'
    press x Up Escape C-z C-b c Tab F1 F12
    press Space
    shows ' 03:2$'
    press PageDown
    shows ' 03:3$'
    [ "$(screen | grep -cE '^(──|>─) ')" -eq 3 ]
}

@test "? shows the keys, and the next key does nothing but hide them" {
    stage 80x24 03
    shows ' 03:1$'
    press '?'
    shows 'Enter, Space, Page Down +the next step'
    shows '^   05:14 in the bar +lesson 05' # all of them, however small
    press Enter
    shows '^=> .*socket\('
    bar | grep -q ' 03:1$'
}

@test "b goes one step back and Home to the start, and the line of keys says so" {
    to_the_accept
    press b
    shows "server's turn:  accept\(3, .* 04:5\$"
    shows '^ Recorded: Enter forward '
    press PageUp
    shows ' 04:4$'
    press Home
    shows ' 04:1$'
    press b
    shows '^ this is the first step'
    press End
    shows "client's turn:  socket\(.* 04:6\$"
    shows '^ Enter step '
    step "client's turn:  connect\(.* 04:7\$"
}

@test "n and p go to the next and the previous lesson, which stays as it was" {
    stage 80x24 03 04
    shows ' 03:1$'
    step ' 03:2$'
    press n
    shows ' 04:1$'
    press p
    shows "server's turn:  socket.* 03:1\$"
    # The lesson that was left goes on where it was, in a new run.
    press End
    shows ' 03:2$'
    press Enter
    shows 'played anew up to here: other ports, other times'
    step ' 03:3$'
    press n n
    shows '^ this is the last lesson of the play'
    quits
}

@test "a lesson that was left before its first step is begun again" {
    stage 80x24 01 02 03
    shows ' 01:1$'
    press n n p
    shows "server's turn:  socket.* 02:1\$"
    press r n p End Enter
    shows "server's turn:  .* 02:[12]\$"
    quits
}

# A port that the kernel chose, in the pane of the client.
clients_port() {
    screen | sed -nE 's/.*ESTABLISHED  127.0.0.1:([0-9]+) <->.*/\1/p' |
        grep -vx "$LESSON_PORT" | tail -n 1
}

@test "r plays the lesson anew: with another port" {
    local port
    stage 100x30 04:8
    shows "client's turn:  its program ends .* 04:8\$"
    port=$(clients_port)
    press b Home b End
    shows ' 04:8$'
    [ "$(clients_port)" = "$port" ]
    press r
    shows ' 04:1$'
    press g
    shows 'Go to step'
    press 8 Enter
    shows ' 04:8$'
    shows 'fd 3  ESTABLISHED'
    [ "$(clients_port)" != "$port" ]
}

@test "a jump goes to a step of any lesson, back and ahead" {
    stage 80x24 05:14
    shows ' 05:14$'
    shows '^=> '
    press g
    shows 'Go to step, such as 14 or 05:14, then Enter: _$'
    press 3
    shows 'then Enter: 3_$'
    press Enter
    shows ' 05:3$'
    press g 0 7 : 1 5 BSpace 4 Enter
    shows ' 07:14$'
    press g 5 : 1 4 Enter
    shows ' 05:14$'
    press g Escape
    shows '^ Recorded'
    press g 9 9 Enter
    shows "^ '99' is no step: lesson 05 has 1 to [0-9]+\$"
    press g 1 : . Enter
    shows "^ '1:\.' is no step: lesson 01 has 1 to 2\$"
    quits
}

@test "the number of a step does not depend on what was played before" {
    local before call
    stage 80x24 04:7
    shows ' 04:7$'
    bar | sed "s/$LESSON_PORT/PORT/" >alone
    terminal kill-server
    all_gone
    stage 80x24 03 04
    steps_to 'End of 03'
    step ' 04:5$' # 1 to 4 are known from 03
    shows '1 to 4  socket, setsockopt, bind, listen: as in 03_listen'
    steps_to ' 04:7$'
    bar | sed "s/$LESSON_PORT/PORT/" | diff alone -
}

@test "a jump to a known step lands where it lands in a lesson played alone" {
    stage 120x40 03 04 05
    steps_to 'End of 03'
    step ' 04:5$' # 1 to 4 are known from 03
    press g 2 Enter
    shows "server's turn:  setsockopt\(.* 04:2\$"
    shows '^ played anew up to here'
    # From now on this lesson has all its steps; 05 has been neither
    # played nor reached.
    press Home
    shows "server's turn:  socket\(.* 04:1\$"
    press g 0 5 : 1 9 Enter
    shows "server's turn:  listen\(.* 05:19\$"
    run ! grep 'played anew' <(screen)
    # A step that was not left out is not played anew.
    press g 1 8 Enter
    shows ' 05:18$'
    shows '^ Recorded: '
}

@test "a scene is named before it, and what it shows is told at its end" {
    stage 120x40 05
    shows "^ 05 against 02: server's turn:  socket\("
    step "^ server's turn:  setsockopt\("
    steps_to 'End of 05 against 02: nobody listens, .*; next: 05 against 03 '
    shows '^ Enter next scene  b back'
    step "^ 05 against 03: server's turn:  socket\("
    terminal resize-window -x 80 -y 24
    steps_to 'End of 05 against 03: admitted, though nobody accepts '
    run ! grep -q 'accepted' <(screen)
}

@test "where two scenes have the name of the lesson, the next one's words are told" {
    stage 120x40 18
    steps_to 'End of 18: nobody there, .*; next: lost, doubled, late '
}

@test "a hold is another look or the end, and the bar says which" {
    stage 80x24 03
    steps_to "server's turn:  another look at the kernel .* 03:7\$"
    step "client's turn:  its program ends .* 03:8\$"
    shows '1 waiting, backlog 5'
    step "server's turn:  its program ends .* 03:9\$"
    shows '^── client: 05_connect, has ended'
}

# ---- the lecture -------------------------------------------------------

@test "another period than the four is refused" {
    run -2 "$ROOT/scripts/demo" --period 4
    [ "$output" = "demo: --period '4': 1, 2, 3 or short expected" ]
}

# Lists that only name themselves are played at once.
@test "a double period plays the scenes that the lecture notes have, in their order" {
    local list period
    prepare
    mkdir cues
    for list in "$ROOT/scripts/cues"/*; do
        echo "scene ${list##*/}" >"cues/${list##*/}"
    done
    for period in 1 2 3 short; do
        "$ROOT/scripts/demo" --cues cues --period "$period" >played
        [ "$(planned "$period" | wc -l)" -ge 4 ]
        diff <(planned "$period" | cut -d ' ' -f 1) <(sed -n 's/^== \(.*\) ==$/\1/p' played)
    done
}

# bats test_tags=second
@test "a double period is as the lecture notes have it: its scenes, and the keys of each" {
    need python3
    local period
    for period in 1 2 3 short; do
        stage 100x30 --period "$period"
        walks keys >"keys-$period"
        press q q
        diff <(planned "$period") "keys-$period"
    done
}
