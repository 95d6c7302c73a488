# scripts/classroom: the room as the lecturer and the class see it, and
# what hostile clients cannot do to it.
load helper
load terminal

NEEDS=ss
BOARD=("$ROOT"/scripts/room/{board,addresses,room,screen,letters}.c)

setup_file() {
    ${CC:-cc} -O1 "$BATS_TEST_DIRNAME/bench/crowd.c" \
        -o "$BATS_FILE_TMPDIR/crowd"
}

# room SIZE WORD...: the classroom, in a terminal of this size.
room() {
    prepare
    PORT=$LESSON_PORT
    in_terminal "$1" "$ROOT/scripts/classroom" "${@:2}"
    shows '^ 11_many_clients listens on '
}

# plain WORD...: the same without a terminal.
plain() {
    prepare
    PORT=$LESSON_PORT
    start room "$ROOT/scripts/classroom" "$@"
    await room '^type: '
}

# join: connects; the descriptor is in $client.
join() { exec {client}<>"/dev/tcp/127.0.0.1/$PORT"; }

# answered DESCRIPTOR TEXT: it says this, and this comes back.
answered() {
    printf '%s\n' "$2" >&"$1"
    read -r -t "$PATIENCE" -u "$1"
    [ "$REPLY" = "$2" ]
}

# The process that was called, in a terminal; that of the lesson, of the
# board or of the crowd.
called() { pgrep -P "$(terminal display-message -p '#{pane_pid}')"; }
part() { ours | awk -v name="/$1\$" '$2 ~ name { print $1; exit }'; }

# ---- who is here

@test "it says where it listens, what to type, and which clients come and go" {
    local name
    plain
    grep -q "listens on port $PORT of every IPv4 address of this machine\$" room.out
    grep -qE "^type: ./10_echo_client [0-9a-f.:]+ $PORT\$" room.out
    join
    name=$(ss -Htn "dport = :$PORT" | awk '{ print $4 }')
    await room "^joined $name, 1 here\$"
    answered "$client" secret
    exec {client}>&-
    await room "^left $name, 0 here\$"
    run ! grep secret room.out
    kill -INT "$(cat room.pid)"
    finish room 130
    [ "$(tail -n 1 room.out)" = '1 client served, 1 at once at most' ]
    all_gone
}

@test "what the clients say is shown on request only, and escaped" {
    room 80x24
    join
    shows '^1 here, 1 at most, 1 in all'
    # Escape, and an accent without a letter to stand on.
    answered "$client" $'se\ecret\u0301'
    shows '^1 here.* 1 message, 10 bytes a second'
    run ! grep -q '"' <(screen)
    press w
    shows '^127.0.0.1:[0-9]+ +[0-9a-z ]+  "se\\x1Bcret\?\\n"$'
    press w
    shows 'w shows what they say'
    run ! grep -q '"' <(screen)
    press '?'
    shows 'q, Ctrl-C  ends'
}

@test "a class of 200 is simulated, and marked as such" {
    room 80x24 --simulate 200
    shows '^200 here, 200 at most, 200 in all '
    shows '^200 of them simulated: [0-9]+ lines said, [0-9]+ answered$'
    shows '^127.0.0.1:[0-9]+ +simulated '
    # Only one who is not is not.
    join
    shows '^127.0.0.1:[0-9]+ +now '
    [ "$(screen | grep -c '^127.*simulated')" -gt 5 ]
    run ! grep -q missing <(screen)
    kill -KILL "$(part crowd)"
    shows 'simulated: it has ended'
    press q
    shows '^[0-9]+ clients served, 20[01] at once at most \(with'
    shows '^ended with 0'
    all_gone
}

@test "a simulated answer that does not come is noticed" {
    plain --simulate 5
    await room 'simulated: .* [1-9] answered'
    kill -STOP "$(part 11_many_clients)"
    await room 'simulated: .* [1-9] answers missing'
    kill -CONT "$(part 11_many_clients)"
    kill "$(cat room.pid)"
    finish room 143
    all_gone
}

@test "a client that is idle is disconnected, one that speaks stays" {
    local silent deadline
    plain --idle 3
    join
    silent=$client
    join
    await room ', 2 here'
    deadline=$((SECONDS + PATIENCE))
    until grep -q '^disconnected .*, 1 here' room.out; do
        [ "$SECONDS" -lt "$deadline" ]
        answered "$client" here
        read -r -t 0.3 -u "$client" || true
    done
    status=0
    read -r -t "$PATIENCE" -u "$silent" || status=$?
    [ "$status" -eq 1 ]
    answered "$client" here
}

@test "an address with many connections is named" {
    local client
    room 80x24
    for _ in {1..12}; do join; done
    shows '^127\.0\.0\.1: 12 connections, 12 in all, 0 bytes a second$'
}

# small CLIENTS [COMMAND]: a server whose table has so few places, and
# the board alone; COMMAND goes before the server's.
small() {
    prepare
    PORT=$LESSON_PORT
    sed "s/CLIENTS = 4096/CLIENTS = $1/" "$ROOT/lessons/11_many_clients.c" >few.c
    ${CC:-cc} -I "$ROOT/lessons" few.c -o few
    ${CC:-cc} "${BOARD[@]}" -o board
    in_terminal 80x24 sh -c "{ ${2-:}; ./few $PORT; } 2>&1 |
        ./board -a 127.0.0.1 -p $PORT 3<&0 </dev/tty"
    shows '^0 here'
}

@test "a full table is said, and the client that waits gets in when there is room" {
    local first
    small 2
    join
    first=$client
    shows '^1 here'
    run ! grep -q 'No room' <(screen)
    join
    join
    printf 'late\n' >&"$client"
    shows '^No room: the table is full.'
    exec {first}>&-
    shows '^2 here, 2 at most, 3 in all'
    read -r -t "$PATIENCE" -u "$client"
    [ "$REPLY" = late ]
}

@test "too few descriptors are said" {
    local client
    small 4096 'ulimit -n 9'
    for _ in {1..9}; do join; done
    shows '^No room: accept fails with EMFILE.'
}

# ---- where it listens

# alone COMMAND: runs it in a network of its own, without a way out; $1
# is the classroom.
alone() {
    need unshare ip
    unshare -rn true || skip 'this system lets us make no network'
    prepare
    PORT=$LESSON_PORT
    start room unshare -rn sh -c "ip link set lo up; $1"'
        exec "$0"' "$ROOT/scripts/classroom"
    await room '^type: '
}

@test "the address that others would use comes first" {
    alone 'ip link add far type veth peer name near
        ip addr add 10.1.2.3/24 dev near && ip link set near up
        ip addr add 192.168.1.20/24 dev far && ip link set far up
        ip route add default via 192.168.1.1 dev far'
    grep -q "^type: ./10_echo_client 192.168.1.20 $PORT\$" room.out
}

# inside COMMAND...: runs it in that network; `enter` is what does.
inside() {
    enter=(nsenter -t "$(cat room.pid)" -U -n --preserve-credentials)
    "${enter[@]}" "$@"
}

@test "half-open connections take nobody's place" {
    need nft nsenter
    # What the kernel answers to 127.0.0.66 is lost, so that handshakes
    # from there stop half-way.
    alone 'nft add table ip half
        nft add chain ip half out "{ type filter hook output priority 0; }"
        nft add rule ip half out ip saddr 127.0.0.1 ip daddr 127.0.0.66 drop'
    inside true
    start half "${enter[@]}" python3 -c "if True:
        import socket, time
        calls = [socket.socket() for _ in range(200)]
        for call in calls:
            call.setblocking(False)
            call.bind(('127.0.0.66', 0))
            call.connect_ex(('127.0.0.1', $PORT))
        print('ready', flush=True)
        time.sleep(60)"
    await half ready
    [ "$(inside ss -Htn state syn-recv | wc -l)" -ge 100 ]
    inside "$BATS_FILE_TMPDIR/crowd" -n 100 -t "$PATIENCE" "$PORT" >result
    grep -q '^clients 100 answered 100 held 100 wrong 0 ' result
    [ "$(inside ss -Htn state syn-recv | wc -l)" -ge 100 ]
    await room ', 100 here'
    run ! grep -F 127.0.0.66 room.out
}

@test "without a network it says so" {
    alone ''
    grep -q "^type: ./10_echo_client 127.0.0.1 $PORT\$" room.out
    grep -q 'no address but the loopback' room.out
}

@test "an address narrows it, and the lesson explains what fails" {
    plain 127.0.0.1
    grep -q 'of 127.0.0.1, for this machine alone$' room.out
    [ "$(ss -Htln "sport = :$PORT" | awk '{ print $4 }')" = "127.0.0.1:$PORT" ]
    run -1 "$ROOT/scripts/classroom" 192.0.2.77 "$(free_port)"
    [[ $output == *'bind(3, 192.0.2.77:'*' = -1 EADDRNOTAVAIL'*Try:* ]]
    run -1 "$ROOT/scripts/classroom" "$PORT"
    [[ $output == *'EADDRINUSE'*Try:* ]]
    run -2 "$ROOT/scripts/classroom" no.such
    [[ $output == *'not an IPv4 or IPv6 address'* ]]
}

@test "a taken port: the next one is used, and that is said" {
    room 80x24
    join
    LESSON_PORT=$PORT start second "$ROOT/scripts/classroom"
    await second "^port $PORT is taken"
    run ! grep -q "on port $PORT " second.out
    kill "$(cat second.pid)"
    finish second 143
}

@test "wrong words: a line that says what is expected, and status 2" {
    local words
    for words in --simulate '--simulate 0' '--simulate 4001' --idle=0 \
        '--idle 1s' '--idle 86401' 0 65536 word '127.0.0.1 8888 9' \
        '127.0.0.1 127.0.0.1' --what; do
        # shellcheck disable=SC2086 # words
        run -2 "$ROOT/scripts/classroom" $words
        [[ $output == 'classroom: '* ]]
        [ "${#lines[@]}" -eq 1 ]
    done
    run -2 bash -c 'ulimit -n 64; "$0" --simulate 200' "$ROOT/scripts/classroom"
    [[ $output == *'64 descriptors'* ]]
    LESSON_PORT=none run -2 "$ROOT/scripts/classroom"
    [[ $output == *LESSON_PORT* ]]
    run -0 "$ROOT/scripts/classroom" -h
    [[ $output == *'every'*'address of this machine'* ]]
}

# ---- the board at every size

# big COLUMNS ROWS WORDS: the big letters, as they should stand there.
big() {
    cat >big.c <<'END'
#include "letters.h"
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char *argv[])
{
    static struct big big;
    if (argc != 4 || !draw(&big, argv[3], atoi(argv[1]), atoi(argv[2])))
        return 1;
    for (int row = 0; row < big.rows; row++)
        puts(big.text[row]);
}
END
    [ -x big ] || ${CC:-cc} -I "$ROOT/scripts/room" big.c \
        "$ROOT/scripts/room/letters.c" -o big
    ./big "$@" | sed 's/ *$//'
}

@test "the big letters can be read" {
    big 80 12 './10_echo_client 192.168.1.20' >drawn
    diff drawn - <<'END'
    █ ▄█  ▄▀▀▄                █                   █  ▀            █
   █   █  █  █      ▄▀▀▄ ▄▀▀▄ █▀▀▄ ▄▀▀▄      ▄▀▀▄ █  █ ▄▀▀▄ █▀▀▄ ▀█▀
  ▄▀   █  █  █      █▀▀▀ █  ▄ █  █ █  █      █  ▄ █  █ █▀▀▀ █  █  █
▀ ▀   ▀▀▀  ▀▀  ▀▀▀▀  ▀▀▀  ▀▀  ▀  ▀  ▀▀  ▀▀▀▀  ▀▀   ▀ ▀  ▀▀▀ ▀  ▀   ▀

▄█  ▄▀▀▄ ▄▀▀▄   ▄█  ▄▀▀  ▄▀▀▄   ▄█    ▄▀▀▄ ▄▀▀▄
 █  ▀▄▄█   ▄▀    █  █▄▄  ▀▄▄▀    █      ▄▀ █  █
 █     █ ▄▀      █  █  █ █  █    █    ▄▀   █  █
▀▀▀  ▀▀  ▀▀▀▀ ▀ ▀▀▀  ▀▀   ▀▀  ▀ ▀▀▀ ▀ ▀▀▀▀  ▀▀
END
    # A longer address has room as well, with a port in a third line.
    [ "$(big 80 14 './10_echo_client 192.168.200.200 65535' | wc -l)" -eq 14 ]
    run -1 ./big 80 14 './10_echo_client 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff'
}

# whole COLUMNS ROWS BIG: the board fills the terminal: its bar at the
# top, the big letters, the counts, as many clients as there is room for,
# the keys at the bottom, and no line too long.
whole() {
    room "$1x$2" --simulate 200 127.0.0.1
    shows '^200 here, 200 at most, 200 in all '
    screen >seen
    [ "$(wc -l <seen)" -eq "$2" ]
    sed -n 1p seen | grep -qE "^ 11_many_clients listens on port $PORT of .*[a-z]\$"
    sed -n 2p seen | grep -q '^ Type, where your programs are:$'
    big "$1" "$3" "./10_echo_client 127.0.0.1 $PORT" >expected
    [ "$(wc -l <expected)" -ge 9 ]
    sed -n "3,$(($(wc -l <expected) + 2))p" seen | diff - expected
    grep -q "^ nc 127.0.0.1 $PORT does as well\.\$" seen
    grep -qE '^200 here, .* messages?, .* a second$' seen
    tail -n 1 seen | grep -qF '? keys'
    # From the first client down every line but the last is full.
    sed -n '/^127/,$p' seen | sed '$d' >clients
    [ "$(wc -l <clients)" -ge 5 ]
    run ! grep -vE "^(127\.0\.0\.1:[0-9]+ +simulated +[0-9a-z]+ ?[a-z]*( +|\$)){$4}\$" clients
}

@test "the board at 80 columns and 24 lines" { whole 80 24 14 2; }

@test "the board at 120 columns and 40 lines" { whole 120 40 20 3; }

@test "the board at 200 columns and 60 lines" { whole 200 60 30 5; }

@test "another size: the board is laid out anew" {
    room 80x24
    terminal resize-window -x 120 -y 40
    shows '^       ██    █      ██ '
    terminal resize-window -x 40 -y 10
    shows '^./10_echo_client [0-9]'
    terminal resize-window -x 80 -y 24
    shows '^    █ ▄█  ▄▀▀▄ '
}

@test "without UTF-8 the letters are bold, with NO_COLOR without colour" {
    export LC_ALL=C NO_COLOR=1
    room 80x24 --simulate 12
    shows '^12 here'
    shows "^./10_echo_client [0-9a-f.:]+ $PORT\$"
    run ! grep -q '[0-9]m.*38;5' <(terminal capture-pane -p -e)
    run ! grep -q $'[\x80-\xff]' <(screen)
}

# ---- hostile clients

# Takes out of what was written to the terminal the sequences that the
# board uses; what is left must be harmless.
harmless() {
    LC_ALL=C sed -E 's/\x1b\[([0-9]+;1H|0?(;[0-9;]*)?m|\?(1049|25|7)[hl]|H|2J)//g' |
        LC_ALL=C tr -d '\n\r\200-\377 -~' | od -c
}

@test "300 at once, 30 of them hostile: the others are answered, the board is right" {
    local here since=$SECONDS
    room 120x40 --words
    terminal pipe-pane 'exec cat >written'
    start pranks python3 "$BATS_TEST_DIRNAME/pranks.py" "$PORT"
    await pranks ready
    shows '"[^"]*\\x1B\[2J'
    start crowd "$BATS_FILE_TMPDIR/crowd" -n 250 -b 20 -r 3 -t "$PATIENCE" \
        -k "$PORT"
    await crowd '^clients 270 answered 270 held 270 wrong 0 lost 0 '
    shows '^(29[0-9]|30[0-9]) here, '
    shows '^127\.0\.0\.1: [0-9]+ connections, [0-9]+ in all, .* MB a second$'
    # They stop where they are: now the kernel's count is the board's.
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
    run ! grep -q $'\u202e' written
}

@test "a terminal that takes nothing does not keep the class waiting" {
    local tmux since good=yes
    room 200x60 --simulate 200
    shows '^200 here'
    tmux=$(terminal display-message -p '#{pid}')
    kill -STOP "$tmux"
    # The kernel takes what is painted in a few seconds, and then no more.
    since=$SECONDS
    while [ $((SECONDS - since)) -lt 6 ] && [ "$good" = yes ]; do
        "$BATS_FILE_TMPDIR/crowd" -n 100 -r 5 -t 10 "$PORT" >result
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

# The terminal is as it was: the usual screen, a cursor, echo.
given_back() {
    terminal display-message -p '#{alternate_on} #{cursor_flag}' |
        grep -qx '0 1'
    stty -a -F "$(terminal display-message -p '#{pane_tty}')" >modes
    ! grep -qE -e '-(icanon|echo|isig|ixon) ' modes
}

@test "Ctrl-C ends it and gives the terminal back" {
    room 80x24 --simulate 20
    shows '^20 here'
    press C-c
    shows '^2[0-9] clients served, 20 at once at most'
    shows '^ended with 130'
    given_back
    all_gone
}

@test "keys that mean nothing do nothing" {
    room 80x24
    press C-z C-s 'C-\' Up F1 x Enter
    press w
    shows 'w hides what they say'
    press W
    shows 'w shows what they say'
}

@test "SIGTERM ends it in order" {
    room 80x24 --simulate 20
    shows '^20 here'
    kill "$(called)"
    shows '^ended with 143'
    all_gone
}

@test "kill -9 leaves nothing running, and gives the terminal back" {
    room 80x24 --simulate 20
    shows '^20 here'
    kill -KILL "$(called)"
    all_gone
    shows '^2[0-9] clients served'
    given_back
}

@test "kill -9 of the board is said, and leaves nothing running" {
    room 80x24 --simulate 20
    shows '^20 here'
    kill -KILL "$(part board)"
    shows '^classroom: the board has ended with status 137'
    shows '^ended with 1'
    given_back
    all_gone
}

@test "kill -9 of the server is said, and leaves nothing running" {
    room 80x24 --simulate 20
    shows '^20 here'
    kill -KILL "$(part 11_many_clients)"
    shows '^classroom: the server has ended with status 137'
    shows '^ended with 1'
    all_gone
}

@test "a closed terminal leaves nothing running" {
    room 80x24 --simulate 20
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

@test "clean under the sanitizers, the lesson as well, in a hostile room" {
    need_sanitizers gcc
    export CC='gcc -g -fsanitize=address,undefined -fno-sanitize-recover=all'
    room 80x24 --words --simulate 50 --idle 60
    start pranks python3 "$BATS_TEST_DIRNAME/pranks.py" "$PORT"
    await pranks ready
    "$BATS_FILE_TMPDIR/crowd" -n 100 -t "$PATIENCE" "$PORT" >result
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

# The narration of a hostile room, and that with bytes changed at random.
record_narration() {
    PORT=$(free_port)
    start server "$BUILD/11_many_clients" "$PORT"
    await server 'poll(.* blocks'
    start pranks python3 "$BATS_TEST_DIRNAME/pranks.py" "$PORT"
    await pranks ready
    "$BATS_FILE_TMPDIR/crowd" -n 50 -v 20 -b 5 -r 0 "$PORT"
    kill "$(cat pranks.pid)"
    kill "$(cat server.pid)"
    finish server 0
    head -c "$1" server.out >said
    python3 -c 'if True:
        import random, sys
        random.seed(7)
        said = bytearray(open("said", "rb").read())
        for _ in range(len(said) // 20):
            said[random.randrange(len(said))] = random.choice(
                b"0123456789 -().:;\n\n\0\x80\xff" + b"E=[]")
        open("garbled", "wb").write(said)'
}

@test "no narration harms the board, however garbled" {
    need_sanitizers gcc
    record_narration 20000000
    gcc -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
        "${BOARD[@]}" -o board
    for file in said garbled /bin/sh; do
        run ./board -a 127.0.0.1 -p 1 -w 3<"$file"
        [ "$status" -eq 3 ]
        run ./board -a 127.0.0.1 -p 1 -c 3</bin/sh 4<"$file"
        [ "$status" -eq 3 ]
    done
}

@test "the board and the crowd are clean under valgrind" {
    need valgrind
    record_narration 300000
    ${CC:-cc} -g "${BOARD[@]}" -o board
    run -3 valgrind -q --error-exitcode=9 --leak-check=full \
        ./board -a 127.0.0.1 -p 1 -w 3<said
    [[ $output != *==* ]]
    ${CC:-cc} -g "$ROOT/scripts/room/crowd.c" -o class
    PORT=$(free_port)
    start server "$BUILD/11_many_clients" -q "$PORT"
    start class valgrind -q --log-file=valgrind.log ./class 20 127.0.0.1 "$PORT"
    await class ' [1-9][0-9] answered'
    kill "$(cat class.pid)"
    finish class 143
    [ ! -s valgrind.log ]
}
