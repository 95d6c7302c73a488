# scripts/classroom: the room as the lecturer and the class see it.
load helper
load terminal
load classroom

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
    classroom 80x24
    join
    shows '^1 here, 1 at most, 1 in all'
    # Escape, and an accent without a letter to stand on.
    answered "$client" $'se\ecret\xcc\x81'
    shows '^1 here.* 1 message, 10 bytes a second'
    run ! grep -q '"' <(screen)
    press w
    shows '^127.0.0.1:[0-9]+ +[0-9a-z ]+  "se\\x1Bcret\?\\n"$'
    press w
    shows 'w shows what they say'
    run ! grep -q '"' <(screen)
    press '?'
    shows 'q, Ctrl-C  ends'
    shows '^disconnected: 0 clients so far\.'
}

@test "a class of 200 is simulated, and marked as such" {
    classroom 80x24 --simulate 200
    shows '^200 here, 200 at most, 200 in all '
    shows '^200 of them simulated: [0-9]+ lines said, [0-9]+ answered$'
    shows '^127.0.0.1:[0-9]+ +simulated '
    # A client that is not simulated is not marked as simulated.
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
    classroom 80x24
    for _ in {1..12}; do join; done
    shows '^127\.0\.0\.1: 12 connections, 12 in all, 0 bytes a second$'
}

# small CLIENTS [COMMAND]: starts the board alone, on a server whose table
# has CLIENTS places; the server's shell runs COMMAND first.
small() {
    prepare
    PORT=$LESSON_PORT
    variant 11_many_clients "s/CLIENTS = 4096/CLIENTS = $1/"
    make -s -C "$ROOT" build/board
    in_terminal 80x24 "$BUILD/board" -a 127.0.0.1 -p "$PORT" \
        sh -c "${2-:}; exec ./11_many_clients "'"$@"' sh
    shows '^0 here'
}

@test "a full table is said, and the client that waits gets in when there is room" {
    local first
    small 2
    join
    first=$client
    shows '^1 here'
    run ! grep -q 'Full:' <(screen)
    join
    join
    printf 'late\n' >&"$client"
    shows '^Full: no place in the table is free.'
    exec {first}>&-
    shows '^2 here, 2 at most, 3 in all'
    read -r -t "$PATIENCE" -u "$client"
    [ "$REPLY" = late ]
}

@test "too few descriptors are said" {
    local client
    small 4095 'ulimit -n 9'
    for _ in {1..9}; do join; done
    shows '^Full: accept fails with EMFILE.'
}

@test "what is said of a call, and what the lesson prints, may be worded otherwise" {
    changed narrator/connections.h 's/"Descriptor %d is for/"%d serves/' \
        narrator/bytes.h 's/"received: /"it says /' \
        narrator/call.h 's/"kernel: fd /"system: /' \
        narrator/others.h 's/"a descriptor is ready"/"a while"/' \
        11_many_clients.c 's/"Descriptor %d: no byte for/"%d: no word for/'
    make -s -C work build/board build/11_many_clients-idle-3
    plain --idle 3 --words
    join
    answered "$client" hello
    await room '^joined 127.0.0.1:[0-9]*, 1 here$'
    await room '^said 127.0.0.1:[0-9]* "hello\\n"$'
    await room '^disconnected 127.0.0.1:[0-9]*, 0 here$'
}

# ---- the log

# logged PATTERN: waits until a line of the log matches.
logged() { await room "$1" class.log; }

@test "--log: who joined and left, and when, for the owner alone; and it is said" {
    local name
    plain --log class.log
    grep -q '^logged in class.log: who joins and leaves' room.out
    [ "$(stat -c %a class.log)" = 600 ]
    join
    name=$(ss -Htn "dport = :$PORT" | awk '{ print $4 }')
    logged "^20[0-9-]* [0-9:]*  $name  joined\$"
    answered "$client" 'name: Ada Lovelace'
    logged "  $name  name: Ada Lovelace\$"
    answered "$client" 'my name: none'
    answered "$client" 'name: Jörg Łoś'
    logged "  $name  name: Jörg Łoś\$"
    exec {client}>&-
    logged "  $name  left\$"
    [ "$(wc -l <class.log)" -eq 4 ]
}

@test "--log: nobody who is simulated is logged" {
    plain --simulate 100 --log class.log
    await room '^joined .*, 100 here'
    kill "$(cat room.pid)"
    finish room 143
    [ ! -s class.log ]
}

@test "--log: a disk that is full is said, and ends it" {
    must_have mounts
    mkdir small
    # shellcheck disable=SC2016 # for the other shell
    printf '#!/bin/sh\nexec unshare -rm sh -c "%s" sh "%s" "$@"\n' \
        'mount -t tmpfs -o size=4k none small && yes | head -c 4090 >small/log
        exec \"\$@\"' "$CLASSROOM" >on_small
    chmod +x on_small
    CLASSROOM=./on_small plain --log small/log
    join
    finish room 1
    [ "$(<room.err)" = 'classroom: --log: small/log takes no more: '\
'No space left on device; free some space there, or name another file' ]
    all_gone
}

@test "an output that takes nothing is named" {
    for to in '>/dev/full' '>&-'; do
        run -1 timeout "$PATIENCE" bash -c "'$CLASSROOM' 127.0.0.1 $(free_port) $to"
        [[ $output == 'classroom: standard output cannot be written'* ]]
    done
}

@test "--log: the board says that it logs" {
    classroom 80x24 --log "$PWD/class.log"
    shows '^ Who joins and leaves, and names given as  name: \.\.\.  are logged in /'
    # With these lines, too, all of the help fits at this size.
    for _ in {1..12}; do join; done
    shows '^127.0.0.1: 12 connections'
    press '?'
    shows '^disconnected: 0 clients so far\.'
}

@test "--log: a flood of names is one line a second, and the last name counts" {
    local since=$SECONDS
    plain --log class.log
    join
    for i in {1..300}; do answered "$client" "name: flood $i"; done
    answered "$client" 'name: the last'
    exec {client}>&-
    logged '  left$'
    [ "$(wc -l <class.log)" -le $((SECONDS - since + 2)) ]
    [ "$(grep 'name:' class.log | tail -n 1 | sed 's/.*: //')" = 'the last' ]
}

@test "--log: a name is harmless to the terminal of whoever reads the log" {
    plain --log class.log
    join
    answered "$client" $'name: a\e[2Jb\xe2\x80\xaec\td'
    logged 'name: a\\x1B\[2Jb?c\\td$'
}

@test "--log: a name has no carriage return at its end, nor spaces" {
    plain --log class.log
    join
    answered "$client" $'name: Ada Lovelace \r'
    logged 'name: Ada Lovelace$'
}

@test "--log: a file that cannot be written is said, and so is a link" {
    prepare
    run -1 "$ROOT/scripts/classroom" --log nowhere/class.log
    [[ $output == 'classroom: --log: nowhere/class.log cannot be written'* ]]
    ln -s elsewhere class.log
    run -1 "$ROOT/scripts/classroom" --log class.log
    [[ $output == *'symbolic link'* ]]
    [ ! -e elsewhere ]
    all_gone
}

@test "--words: one client prints a line a second, however much it says" {
    local since=$SECONDS
    plain --words
    join
    for i in {1..200}; do answered "$client" "line $i"; done
    exec {client}>&-
    await room '^left '
    [ "$(grep -c '^said ' room.out)" -le $((SECONDS - since + 2)) ]
}

# ---- where it listens

# alone COMMAND: runs it, and then the classroom, in a network of their own
# without a way out.
alone() {
    need unshare ip
    must_have network
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

# inside COMMAND...: runs it in that network, by the words in `enter`.
inside() {
    enter=(nsenter -t "$(cat room.pid)" -U -n --preserve-credentials)
    "${enter[@]}" "$@"
}

@test "half-open connections take nobody's place" {
    need nft nsenter
    # The kernel's answers to 127.0.0.66 are dropped, so that handshakes
    # from there stop half-way.
    alone 'nft add table ip half
        nft add chain ip half out "{ type filter hook output priority 0; }"
        nft add rule ip half out ip saddr 127.0.0.1 ip daddr 127.0.0.66 drop'
    inside true
    start half "${enter[@]}" python3 -c "if True:
        import signal, socket
        calls = [socket.socket() for _ in range(200)]
        for call in calls:
            call.setblocking(False)
            call.bind(('127.0.0.66', 0))
            call.connect_ex(('127.0.0.1', $PORT))
        print('ready', flush=True)
        signal.pause()"
    await half ready
    [ "$(inside ss -Htn state syn-recv | wc -l)" -ge 100 ]
    inside "$TOOLS/crowd" -n 100 -t "$PATIENCE" "$PORT" >result
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
    [[ $output == *'no.such is not an IP address'* ]]
}

@test "a taken port: the next one is used, and that is said" {
    classroom 80x24
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
        '--idle 1s' '--idle 86401' --log 0 65536 word '127.0.0.1 8888 9' \
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

# big COLUMNS ROWS WORDS: prints the words in the board's big letters.
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
    [ -x big ] || ${CC:-cc} -I "$ROOT/scripts/class" big.c \
        "$ROOT/scripts/class/letters.c" -o big
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

# whole COLUMNS ROWS BIG ACROSS: the board fills the terminal: its bar at
# the top, big letters in BIG rows at most, the counts, lines of ACROSS
# clients as far as there is room, the keys at the bottom.
whole() {
    classroom "$1x$2" --simulate 200 127.0.0.1
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
    classroom 80x24
    terminal resize-window -x 120 -y 40
    shows '^       ██    █      ██ '
    terminal resize-window -x 40 -y 10
    shows '^./10_echo_client [0-9]'
    terminal resize-window -x 80 -y 24
    shows '^    █ ▄█  ▄▀▀▄ '
}

@test "without UTF-8 the letters are bold, with NO_COLOR without colour" {
    export LC_ALL=C NO_COLOR=1
    classroom 80x24 --simulate 12
    shows '^12 here'
    shows "^./10_echo_client [0-9a-f.:]+ $PORT\$"
    run ! grep -q '[0-9]m.*38;5' <(terminal capture-pane -p -e)
    run ! grep -q $'[\x80-\xff]' <(screen)
}
