# What hostile clients, signals and ends cannot do to scripts/classroom.
load helper
load terminal
load classroom

# ---- hostile clients

# Prints what could harm the terminal in what was written to it: all but
# the sequences that the board uses, and characters without any effect.
harmless() {
    LC_ALL=C sed -E 's/\x1b\[([0-9]+;1H|0?(;[0-9;]*)?m|\?(1049|25|7)[hl]|H|2J)//g' |
        LC_ALL=C tr -d '\n\r\200-\377 -~' | od -c
}

@test "300 at once, 30 of them hostile: the others are answered, the board is right" {
    local here since=$SECONDS
    classroom 120x40 --words
    terminal pipe-pane 'exec cat >written'
    start pranks python3 "$BATS_TEST_DIRNAME/support/hostile_clients.py" "$PORT"
    await pranks ready
    shows '"[^"]*\\x1B\[2J'
    start crowd "$TOOLS/crowd" -n 250 -b 20 -r 3 -t "$PATIENCE" \
        -k "$PORT"
    await crowd '^clients 270 answered 270 held 270 wrong 0 lost 0 '
    shows '^(29[0-9]|30[0-9]) here, '
    shows '^127\.0\.0\.1: [0-9]+ connections, [0-9]+ in all, [0-9]+\.[0-9] [kM]B a second$'
    # They are stopped, so the kernel's count stays: the board must show it.
    kill -STOP "$(cat pranks.pid)"
    here=$(ss -Htn state established "sport = :$PORT" | wc -l)
    [ "$here" -ge 296 ]
    shows "^$here here, "
    kill -KILL "$(cat pranks.pid)" "$(cat crowd.pid)"
    shows '^0 here, '
    run ! grep -q '6\.6\.6\.6' <(screen)
    shows '^ 11_many_clients listens on '
    press q
    shows '^ended with 0'
    all_gone
    grep -qF '\x1B[2J' written
    [ "$(grep -aoF $'\e[1;1H' written | wc -l)" -le $((5 * (SECONDS - since) + 5)) ]
    run harmless <written
    [ "$output" = 0000000 ]
    run ! grep -q $'\xe2\x80\xae' written
}

# bats test_tags=second
@test "a terminal that takes nothing does not keep the class waiting" {
    local tmux since good=yes
    classroom 200x60 --simulate 200
    shows '^200 here'
    tmux=$(terminal display-message -p '#{pid}')
    kill -STOP "$tmux"
    # The kernel takes what is painted for a few seconds, and then no more.
    since=$SECONDS
    while [ $((SECONDS - since)) -lt 6 ] && [ "$good" = yes ]; do
        "$TOOLS/crowd" -n 100 -r 5 -t 10 "$PORT" >result
        grep -q '^clients 100 answered 100 held 100 wrong 0 ' result ||
            good=no
    done
    kill -CONT "$tmux"
    cat result
    [ "$good" = yes ]
    press w
    shows 'w hides what they say'
}

# ---- every end

@test "Ctrl-C ends it and gives the terminal back" {
    classroom 80x24 --simulate 20
    shows '^20 here'
    press C-c
    shows '^2[0-9] clients served, 20 at once at most'
    shows '^ended with 130'
    given_back
    all_gone
}

@test "keys that mean nothing do nothing" {
    classroom 80x24
    # shellcheck disable=SC1003 # that is the key
    press C-z C-s 'C-\' Up F1 x Enter
    press w
    shows 'w hides what they say'
    press W
    shows 'w shows what they say'
}

@test "SIGTERM ends it in order" {
    classroom 80x24 --simulate 20
    shows '^20 here'
    kill "$(called)"
    shows '^ended with 143'
    all_gone
}

@test "kill -9 leaves nothing running, and gives the terminal back" {
    classroom 80x24 --simulate 20
    shows '^20 here'
    kill -KILL "$(called)"
    all_gone
    shows '^2[0-9] clients served'
    given_back
}

@test "kill -9 of the board is said, and leaves nothing running" {
    classroom 80x24 --simulate 20
    shows '^20 here'
    kill -KILL "$(part board)"
    shows '^classroom: the board has ended with status 137'
    shows '^ended with 1'
    given_back
    all_gone
}

@test "kill -9 of the server is said, and leaves nothing running" {
    classroom 80x24 --simulate 20
    shows '^20 here'
    kill -KILL "$(part 11_many_clients)"
    shows '^classroom: the server has ended with status 137'
    shows '^ended with 1'
    all_gone
}

@test "a closed terminal leaves nothing running" {
    classroom 80x24 --simulate 20
    shows '^20 here'
    terminal kill-server
    all_gone
}

@test "when nobody reads its lines any more, it ends" {
    prepare
    PORT=$LESSON_PORT
    run bash -c '"$0" | head -n 1' "$ROOT/scripts/classroom"
    [[ $output == *listens* ]]
    all_gone
}

# ---- the programs

# sanitized_board TARGET...: makes CLASSROOM a copy, for all of this file,
# whose board and TARGETs are compiled with sanitizers.
sanitized_board() {
    need_sanitizers gcc
    cd "$BATS_FILE_TMPDIR" || return
    compiled 'gcc -g -fsanitize=address,undefined -fno-sanitize-recover=all' \
        build/board "$@"
    cd "$BATS_TEST_TMPDIR" || return
    CLASSROOM=$BATS_FILE_TMPDIR/$CLASSROOM
}

# bats test_tags=second
@test "clean under the sanitizers, the lesson as well, in a hostile room" {
    sanitized_board build/crowd build/11_many_clients{,-idle-60}
    classroom 80x24 --words --simulate 50 --idle 60
    start pranks python3 "$BATS_TEST_DIRNAME/support/hostile_clients.py" "$PORT"
    await pranks ready
    "$TOOLS/crowd" -n 100 -t "$PATIENCE" "$PORT" >result
    grep -q '^clients 100 answered 100 ' result
    press w
    press '?'
    terminal resize-window -x 30 -y 8
    shows 'w shows'
    terminal resize-window -x 200 -y 60
    shows '^       *███'
    kill "$(cat pranks.pid)"
    press q
    shows '[0-9] clients served' # after its resizing tmux puts it anywhere
    shows '^ended with 0'
    run ! grep -E 'ERROR|runtime error' <(screen)
}

# record_class SIZE: writes what the lesson tells of a hostile room to `said`
# (SIZE bytes at most), and that with random bytes changed to `garbled`.
# ./teller tells a file to the board; it ends after ./noise, the crowd, has.
record_class() {
    PORT=$(free_port)
    NARRATE_SECRET=s3 start server "$BUILD/11_many_clients" "$PORT"
    await server 'blocks.*poll'
    start pranks python3 "$BATS_TEST_DIRNAME/support/hostile_clients.py" "$PORT"
    await pranks ready
    "$TOOLS/crowd" -n 50 -v 20 -b 5 -r 0 "$PORT"
    kill "$(cat pranks.pid)"
    kill "$(cat server.pid)"
    finish server 0
    head -c "$1" server.out >said
    python3 -c 'if True:
        import random, sys
        random.seed(7)
        said = bytearray(open("said", "rb").read())
        for _ in range(len(said) // 40):
            said[random.randrange(20000, len(said))] = random.choice(
                b"0123456789 -().:;\n\n\t\t\0\x80\xff" + b"E=[]")
        open("garbled", "wb").write(said)'
    mkfifo through
    cat >teller <<'END'
#!/bin/sh
LC_ALL=C sed "s/\x1es3\t/\x1e$NARRATE_SECRET\t/" "$1"
read -r _ <through
END
    cat >noise <<'END'
#!/bin/sh
cat "$1"
echo >through
END
    chmod +x teller noise
}

# bats test_tags=second
@test "no narration harms the board, however garbled" {
    record_class 20000000
    sanitized_board
    for file in said garbled; do
        for crowd in /bin/sh "$file"; do
            "${CLASSROOM%/scripts/*}/build/board" -a 127.0.0.1 -p 1 -w \
                -n "$crowd" -c ./noise ./teller "$file" >out
            grep -q 'joined ' out
        done
    done
    run -1 "${CLASSROOM%/scripts/*}/build/board" -a 127.0.0.1 -p 1 cat /bin/sh
}

# bats test_tags=second
@test "the board and the crowd are clean under valgrind" {
    need valgrind
    record_class 300000
    make -s -C "$ROOT" build/board build/crowd 3>&-
    run -0 valgrind -q --error-exitcode=9 --leak-check=full \
        "$BUILD"/board -a 127.0.0.1 -p 1 -w -n said -c ./noise ./teller said
    [[ $output == *'joined '* ]]
    [[ $output != *==* ]]
    PORT=$(free_port)
    start server "$BUILD/11_many_clients" -q "$PORT"
    start class valgrind -q --log-file=valgrind.log "$BUILD"/crowd 20 \
        127.0.0.1 "$PORT"
    await class ' [1-9][0-9] answered'
    kill "$(cat class.pid)"
    finish class 143
    [ ! -s valgrind.log ]
}
