# What a lesson makes of its command line.

load helper

LESSONS=$(cd "$BATS_TEST_DIRNAME/../lessons" && echo 0[1-8]*.c | sed 's/\.c//g')
SERVERS='02_bind 03_listen 04_accept 06_send_recv_server 07_close_server
    08_udp_receiver'
CLIENTS='05_connect 06_send_recv_client 07_close_client'

# refused WORD PATTERN ARGUMENT...: every lesson ends with status 2, and
# prints nothing but one line, which says after its name what WORD is not
# and what was expected.
refused() {
    local word=$1 pattern=$2 lesson
    shift 2
    for lesson in $LESSONS; do
        run timeout "$PATIENCE" "$BUILD/$lesson" "$@" 3>&-
        [ "$status" -eq 2 ]
        [[ ${lines[0]} != usage:* ]] || lines=("${lines[@]:1}")
        [ "${#lines[@]}" -eq 1 ]
        [[ ${lines[0]} == "$lesson: $word"* ]]
        [[ ${lines[0]} =~ $pattern ]]
    done
}

# prints PATTERN COMMAND...: before it blocks or ends, it prints a line
# that matches.
prints() {
    local pattern=$1
    shift
    start lesson "$@"
    await lesson "$pattern"
    kill "$(cat lesson.pid)" 2>&- || true
    finish lesson
}

# judged WORDS ARGUMENT...: every lesson that takes an address says this, and
# no more, by itself, and ends with status 2.
judged() {
    local lesson
    for lesson in $LESSONS; do
        [ "$lesson" != 01_socket ] || continue
        run --separate-stderr timeout "$PATIENCE" "$BUILD/$lesson" "${@:2}" 3>&-
        [ "$status" -eq 2 ]
        # shellcheck disable=SC2154 # bats sets it
        [ "$stderr" = "$1" ]
    done
}

@test "the lesson itself refuses a word that is no port" {
    local word
    for word in 65536 80x 99999999999 0x50; do
        judged "$word is not a port: 0 to 65535" "$word"
        judged "$word is not a port: 0 to 65535" 127.0.0.1 "$word"
    done
    judged '8. is not a port: 0 to 65535' 127.0.0.1 8.
    judged '-1 is not a port: 0 to 65535' -- -1
    judged '127.0.0.1 is not a port: 0 to 65535' 9000 127.0.0.1
    LESSON_PORT=12x judged '12x is not a port: 0 to 65535'
}

@test "the lesson itself refuses a word that is no IPv4 address" {
    local word
    for word in localhost 1.2.3 ::1 256.0.0.1 1.2.3.4x; do
        judged "$word is not an IPv4 address" "$word"
        judged "$word is not an IPv4 address" "$word" "$(free_port)"
    done
}

@test "one word too many, or an unknown option, brings the usage line" {
    refused '"c"' 'one word too many' 127.0.0.1 9000 c
    refused '"-z"' 'not an option' -z
    refused '"--verbose"' 'not an option' --verbose
    local lesson
    for lesson in $LESSONS; do
        run "$BUILD/$lesson" -z
        [ "${lines[0]}" = "usage: ./$lesson [-h] [-s] [-q] [-k] [ADDRESS] [PORT]" ]
    done
}

@test "what the user typed is escaped before it is shown" {
    refused '"\x1B[31m\xFF"' 'too many' 127.0.0.1 9000 $'\e[31m\xff'
    refused '"\xE2\x80\xAE1"' 'too many' 127.0.0.1 9000 $'\342\200\2561'
}

@test "nothing, a port, an address and both do what they say" {
    local port lesson
    port=$(free_port)
    for lesson in $SERVERS; do
        LESSON_PORT=$port prints "bind(3, 127.0.0.1:$port, 16) = 0" \
            "$BUILD/$lesson"
        prints "bind(3, 127.0.0.1:$port, 16) = 0" "$BUILD/$lesson" "$port"
        prints "bind(3, 127.0.0.2:$port, 16) = 0" \
            "$BUILD/$lesson" 127.0.0.2 "$port"
        LESSON_PORT=$port prints "bind(3, 127.0.0.2:$port, 16) = 0" \
            "$BUILD/$lesson" 127.0.0.2
    done
    # Whether 8888 is free on this machine does not matter here.
    prints 'bind(3, 127.0.0.1:8888, 16)' "$BUILD/02_bind"
    prints 'bind(3, 127.0.0.2:8888, 16)' "$BUILD/02_bind" 127.0.0.2
}

@test "LESSON_PORT is the port unless another is given" {
    local port other lesson
    port=$(free_port)
    other=$(free_port)
    for lesson in $CLIENTS; do
        LESSON_PORT=$port prints "connect(3, 127.0.0.1:$port, 16)" \
            "$BUILD/$lesson"
        LESSON_PORT=$port prints "connect(3, 127.0.0.1:$other, 16)" \
            "$BUILD/$lesson" "$other"
    done
    LESSON_PORT='' prints 'bind(3, 127.0.0.1:8888, 16)' "$BUILD/02_bind"
}

@test "a server given port 0 shows the port that the kernel chose" {
    local lesson port
    for lesson in $SERVERS; do
        start lesson "$BUILD/$lesson" 0
        await lesson 'kernel: .* 127.0.0.1:[1-9]'
        kill "$(cat lesson.pid)" 2>&- || true
        finish lesson
        grep -q 'bind(3, 127.0.0.1:0, 16) = 0' lesson.out
    done
    cued lesson "$BUILD/03_listen" 0
    cue lesson nnnn
    await lesson '^cue .* hold'
    port=$(sed -n 's/.*LISTEN  127.0.0.1:\([0-9]*\).*/\1/p' lesson.out)
    ss -Htln "sport = :$port" | grep -q LISTEN
}

@test "a server on 0.0.0.0 says that it is every address of this host" {
    prints 'every IPv4 address of this host' "$BUILD/03_listen" 0.0.0.0 \
        "$(free_port)"
}

# explained ERRNO LESSON ARGUMENT...: the lesson fails with that errno,
# and says what it means and what to try.
explained() {
    start lesson "$BUILD/$2" "${@:3}"
    finish lesson 1
    joined lesson.out | grep -q "= -1 $1$"
    grep -q '^     That means: ' lesson.err
    grep -q '^     Try: ' lesson.err
    # The lesson's own line, by perror, comes last.
    tail -n 1 lesson.err | grep -q '^[a-z]*: [A-Z][a-z]'
}

@test "a client given port 0 explains the kernel's answer" {
    local lesson
    for lesson in $CLIENTS; do
        explained ECONNREFUSED "$lesson" 0
    done
    explained EINVAL 08_udp_sender 0
}

@test "addresses that parse but lead nowhere: the kernel's answer, explained" {
    local lesson
    for lesson in $CLIENTS; do
        explained ENETUNREACH "$lesson" 255.255.255.255
        explained ECONNREFUSED "$lesson" 0.0.0.0 "$(free_port)"
    done
    # EACCES if there is a network, ENETUNREACH if there is none.
    explained '\(EACCES\|ENETUNREACH\)' 08_udp_sender 255.255.255.255
    # No host has an address that is reserved for examples (RFC 5737).
    for lesson in $SERVERS; do
        explained EADDRNOTAVAIL "$lesson" 203.0.113.7 "$(free_port)"
    done
}

@test "-h says what can be given, and ends with 0" {
    local lesson
    for lesson in $LESSONS; do
        run "$BUILD/$lesson" -h
        [ "$status" -eq 0 ]
        [[ ${lines[0]} == "$lesson: "* ]]
        [ "${lines[1]}" = "usage: ./$lesson [-h] [-s] [-q] [-k] [ADDRESS] [PORT]" ]
        [[ $output == *127.0.0.1* && $output == *8888* ]]
        [[ $output == *LESSON_PORT* && $output == *'exit status'* ]]
        LESSON_PORT=9123 run "$BUILD/$lesson" -h
        [[ $output == *9123* ]]
    done
}

@test "-q leaves only the program's own words" {
    local port
    port=$(free_port)
    # The narrated server says when the quiet client can connect.
    start server "$BUILD/06_send_recv_server" "$port"
    await server 'blocks until a client'
    start client "$BUILD/06_send_recv_client" -q "$port"
    finish client 0
    finish server 0
    [ "$(head -n 1 client.out)" = "The server's line: Hello from the server!" ]
    [ "$(wc -l <client.out)" -eq 3 ]
    run "$BUILD/01_socket" -q </dev/null
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = 'The socket lasts as long as this program.' ]
    [ "${#lines[@]}" -eq 2 ]
    run "$BUILD/05_connect" -q "$port"
    [ "$status" -eq 1 ]
    [ "$output" = 'connect: Connection refused' ]
}

@test "-s without a terminal is refused, and says so" {
    need setsid
    local lesson
    for lesson in $LESSONS; do
        start lesson setsid -w "$BUILD/$lesson" -s
        finish lesson 2
        [ ! -s lesson.out ]
        grep -q "^$lesson: -s .* terminal" lesson.err
    done
}

@test "a LESSON_CUE that cannot be read is refused by name" {
    LESSON_CUE=nothing run "$BUILD/01_socket"
    [ "$status" -eq 2 ]
    [[ $output == *LESSON_CUE*'"nothing"'*ENOENT*mkfifo* ]]
}

@test "the lesson keeps its name, whatever the executable is called" {
    cp "$BUILD/01_socket" a.out
    run ./a.out -z
    [[ ${lines[1]} == '01_socket: "-z"'* ]]
}

@test "a lesson may take IPv6 addresses, or host names, if it says so" {
    local -A good=(
        [IPV4]='127.0.0.2'
        [IPV4_OR_IPV6]='127.0.0.2 ::1 fe80::1'
        [HOST_NAME]='127.0.0.2 ::1 localhost 3com host-1.example.org fe80::1%eth0'
    ) alone=([IPV4]='127.0.0.1 80x' [IPV4_OR_IPV6]='127.0.0.1 80x'
        [HOST_NAME]='80x 8888')
    local kind word
    for kind in "${!good[@]}"; do
        printf '#define TITLE ""\n#define ADDRESSES %s\n%s\n%s\n' "$kind" \
            '#include "narrate.h"' 'int main(int argc, char *argv[])
            { printf("%d %s %s\n", argc, argv[1], argv[2]); return 0; }' >"$kind.c"
        ${CC:-cc} -I "$ROOT/lessons" "$kind.c" -o "$kind"
        for word in ${good[$kind]}; do
            run "./$kind" -q "$word" 9
            [ "$output" = "3 $word 9" ]
            run "./$kind" -q "$word"
            [ "$output" = "3 $word 8888" ]
        done
        # A host's name may begin like a number.
        run "./$kind" -q 80x
        [ "$output" = "3 ${alone[$kind]}" ]
    done
}
