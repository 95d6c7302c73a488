# What a lesson makes of its command line.

load helper

LESSONS=$(cd "$BATS_TEST_DIRNAME/../lessons" && echo 0[1-8]*.c | sed 's/\.c//g')
SERVERS='02_bind 03_listen 04_accept 06_send_recv_server 07_close_server
    08_udp_receiver'
CLIENTS='05_connect 06_send_recv_client 07_close_client'

# refused WORD PATTERN ARGUMENT...: every lesson ends with status 2, has
# printed nothing else, and says in one line after its name what WORD is not
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

# prints PATTERN COMMAND...: what it prints before it waits or ends has
# a line that matches.
prints() {
    local pattern=$1
    shift
    start lesson "$@"
    await lesson "$pattern"
    kill "$(cat lesson.pid)" 2>&- || true
    finish lesson
}

@test "a word that is no port is refused by name" {
    local word
    for word in 65536 -1 80x '' 00080 99999999999 +80 ' 80' 0x50 8.; do
        [ "$word" = 8. ] || refused "\"$word\"" '0 to 65535 expected' "$word"
        refused "\"$word\"" '0 to 65535 expected' 127.0.0.1 "$word"
    done
    refused '"abc"' '0 to 65535 expected' abc
    refused '"-1"' '0 to 65535 expected' -- -1
}

@test "a word that is no IPv4 address is refused by name" {
    local word
    for word in localhost 1.2.3 ::1 1.2.3.4.5 256.0.0.1 1.2.3.4x; do
        refused "\"$word\"" 'not an IPv4 address.* four numbers .* lesson 12' \
            "$word"
        refused "\"$word\"" 'not an IPv4 address.* four numbers .* lesson 12' \
            "$word" 9000
    done
    refused '"9000"' 'not an IPv4 address' 9000 127.0.0.1
    refused '""' 'not an IPv4 address' '' 9000
}

@test "one word too many, or an unknown option, brings the usage line" {
    refused '"c"' 'one word too many' 127.0.0.1 9000 c
    refused '"-z"' 'no option' -z
    refused '"--help"' 'no option' --help
    local lesson
    for lesson in $LESSONS; do
        run "$BUILD/$lesson" -z
        [ "${lines[0]}" = "usage: ./$lesson [-h] [-s] [-q] [ADDRESS] [PORT]" ]
    done
}

@test "what the user typed is escaped before it is shown" {
    refused '"\x1B[31m\xFF"' 'is no' $'\e[31m\xff'
    refused '"\xE2\x80\xAE1"' 'is no' $'\342\200\2561'
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

@test "LESSON_PORT is the port unless another is given, and is checked" {
    local port other lesson
    port=$(free_port)
    other=$(free_port)
    for lesson in $CLIENTS; do
        LESSON_PORT=$port prints "connect(3, 127.0.0.1:$port, 16)" \
            "$BUILD/$lesson"
        LESSON_PORT=$port prints "connect(3, 127.0.0.1:$other, 16)" \
            "$BUILD/$lesson" "$other"
    done
    LESSON_PORT= prints 'bind(3, 127.0.0.1:8888, 16)' "$BUILD/02_bind"
    export LESSON_PORT=12x
    refused 'LESSON_PORT="12x"' '0 to 65535 expected'
    refused 'LESSON_PORT="12x"' '0 to 65535 expected' "$port"
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

# explained ERRNO LESSON ARGUMENT...: it fails with that answer of the
# kernel, and says what it means and what to try.
explained() {
    start lesson "$BUILD/$2" "${@:3}"
    finish lesson 1
    tr -s '\n ' ' ' <lesson.out | grep -q "= -1 $1 $"
    grep -q "^$2: [a-z]*: $1 (" lesson.err
    grep -q '^    That means: ' lesson.err
    grep -q '^    Try: ' lesson.err
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
    # EACCES where there is a network at all.
    explained '\(EACCES\|ENETUNREACH\)' 08_udp_sender 255.255.255.255
    # An address that is only for examples is no host's (RFC 5737).
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
        [ "${lines[1]}" = "usage: ./$lesson [-h] [-s] [-q] [ADDRESS] [PORT]" ]
        [[ $output == *127.0.0.1* && $output == *8888* ]]
        [[ $output == *LESSON_PORT* && $output == *'exit status'* ]]
        LESSON_PORT=9123 run "$BUILD/$lesson" -h
        [[ $output == *9123* ]]
    done
}

@test "-q leaves only what was received" {
    local port
    port=$(free_port)
    # The narrating server tells when the quiet client may come, and
    # the other way round: connect waits for nobody's words.
    start server "$BUILD/06_send_recv_server" "$port"
    await server 'waits for a caller'
    start client "$BUILD/06_send_recv_client" -q "$port"
    finish client 0
    finish server 0
    [ "$(cat client.out)" = 'Hello from the server!' ]
    for lesson in 01_socket 02_bind 03_listen; do
        run "$BUILD/$lesson" -q "$port"
        [ "$status" -eq 0 ]
        [ -z "$output" ]
    done
    run "$BUILD/05_connect" -q "$port"
    [ "$status" -eq 1 ]
    [[ ${lines[0]} == '05_connect: connect: ECONNREFUSED ('* ]]
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

@test "a closed standard output or error is refused" {
    run bash -c '"$0" >&-' "$BUILD/01_socket"
    [ "$status" -eq 2 ]
    run bash -c '"$0" 2>&-' "$BUILD/01_socket"
    [ "$status" -eq 2 ]
}

@test "the lesson keeps its name, whatever the executable is called" {
    cp "$BUILD/01_socket" a.out
    run ./a.out x
    [[ $output == '01_socket: "x"'* ]]
}
