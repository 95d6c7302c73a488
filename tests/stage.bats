# scripts/stage: driven as a lecturer does, in a terminal that another
# tmux provides: by keys, and by what stands on the screen.
load helper

terminal() { tmux -S outer "$@"; }

# stage SIZE WORD...: starts it in a terminal of so many columns and
# lines. "ended with STATUS" stands there when it is over.
stage() {
    local size=$1
    shift
    need tmux
    prepare
    mkfifo never
    exec {NEVER}<>never
    # shellcheck disable=SC2016 # for the other shell
    env -u TMPDIR -u TMUX tmux -S outer -f /dev/null \
        new-session -d -x "${size%x*}" -y "${size#*x}" \
        sh -c 'env "TMPDIR=$1" "$2/scripts/stage" $3
            echo "ended with $?"; exec tail -f /dev/null' sh \
        "$TMPDIR" "$ROOT" "$*" 3>&- 4>&-
}

teardown() {
    terminal kill-server || true
} 2>&-

screen() { terminal capture-pane -p; }

press() { terminal send-keys "$@"; }

# shows PATTERN: returns as soon as a line of the screen matches.
shows() {
    local deadline=$((SECONDS + PATIENCE))
    until screen | grep -qE -e "$1"; do
        read -r -t 0.02 -u "$NEVER" _ || true
        [ "$SECONDS" -lt "$deadline" ] || {
            echo "# the screen never showed: $1"
            screen
            return 1
        }
    done
}

# step BAR: Enter, and the bar below shows that.
step() {
    press Enter
    shows "$1"
}

# The processes: what was called, the conductor inside its tmux, and the
# player that it has started.
called() { pgrep -P "$(terminal display-message -p '#{pane_pid}')"; }
conductor() {
    tmux -S "$TMPDIR"/stage.*/tmux display-message -p -t :.0 '#{pane_pid}'
}
player() { pgrep -P "$(conductor)" -f scripts/demo; }

# Plays 04 up to the waiting accept.
to_the_accept() {
    stage "${1:-80x24}" 04
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
    shows 'server: 04_accept, waits in its call'
    shows 'accept\(3, .* … waits for'
    step "client's turn:  connect\(.* 04 · 7\$"
    step "client's turn:  another look .* 04 · 8\$"
    shows "client's turn: 05_connect"
    shows ' 5  accept\(3, .* = 4'
    run ! grep -q 'accept(3, .* waits' <(screen)
    shows 'fd 4  ESTABLISHED'
    shows ' 2  connect\(3, .* = 0'
    shows 'fd 3  ESTABLISHED'
    step ' 04 · 9$'
    step 'End of 04.* 04 · 10$'
    press Enter
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

# The call that the last step() before a line tells of, as a pattern.
told_before() {
    head -n "$1" "$2" | sed -n 's/.*\<step("\([^"\\]*\).*/\1/p' | tail -n 1 |
        sed 's/[][(){}*+.^$|]/\\&/g; s/%[a-z]*/.*/g'
}

# In this order no step has been shown by another lesson already.
@test "the marked line is the narrated call, at every step of every lesson" {
    local bar before='' call name number text file deadline steps=0
    stage 200x60 12 11 10 09 08 07 06 05 04 03 02 01
    deadline=$((SECONDS + PATIENCE))
    while :; do
        screen >seen
        ! grep -q '^ended with' seen || break
        [ "$SECONDS" -lt "$deadline" ] || {
            cat seen
            false
        }
        bar=$(grep -E ' [0-9]+ · [0-9]+$' seen) || continue
        [ "$bar" != "$before" ] || continue
        if [[ $bar = *"'s turn:  "* ]]; then
            call=${bar#*"'s turn:  "} name=${call%%(*}
            [[ $call != 'another look'* ]] || name=hold
            number=$(sed -n 's/^=>  *\([0-9]*\) .*/\1/p' seen)
            text=$(sed -n 's/^=>  *[0-9]* //p' seen)
            file=$ROOT/$(sed -n 's/.*source: \([^ ]*\) .*/\1/p' seen)
            # What is painted first may not stand there yet.
            [[ $text =~ (^|[^A-Za-z_])$name\( ]] && [[ $text != *step\(* ]] &&
                [ "$(sed -n "${number}p" "$file" | tr -d ' ')" = \
                    "${text// /}" ] || continue
            [ "$name" = hold ] ||
                [[ $call =~ ^$(told_before "$number" "$file") ]] || continue
            steps=$((steps + 1))
        fi
        before=$bar
        deadline=$((SECONDS + PATIENCE))
        press Enter
    done
    shows '^ended with 0'
    [ "$steps" -gt 190 ]
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
    shows '^ended with 0'
    all_gone
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
    # shellcheck disable=SC2046 # one word each
    stage 80x24 --auto 0 $(yes 04 | head -n 20)
    PATIENCE=60 shows '^ended with 0'
    all_gone
}

@test "with --questions each step has its question, a line at most" {
    stage 80x24 --questions 1
    shows '^ Which number comes back, and has one packet left'
    step '^ What does the kernel hold now'
    run awk -F ' *[|] *' '
        !/^#/ && (NF != 3 || length($3) > 77) { print }
    ' "$ROOT/scripts/questions"
    [ "$output" = '' ]
}

@test "the questions are about calls that are played" {
    local lesson call _
    # shellcheck disable=SC2086 # a pattern
    grep -v '^#' "$ROOT/scripts/questions" | while IFS='|' read -r lesson call _; do
        lesson=${lesson% } call=${call# }
        call=${call%% *}
        [ "$lesson" != any ] || lesson='*'
        grep -qE "\b$call\(" "$ROOT"/lessons/$lesson.c || {
            echo "$lesson: $call"
            false
        }
    done
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
    [[ "$output" = *'server|  1  socket('* ]]
}

@test "wrong words are refused with status 2" {
    local words
    for words in 99 --auto '--auto soon' -x; do
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
