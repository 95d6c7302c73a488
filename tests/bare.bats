# scripts/bare prints lessons without narration: one file that compiles
# alone and strictly, and makes the lesson's calls in the lesson's order.

load helper

setup_file() {
    local lesson name
    for lesson in "$BATS_TEST_DIRNAME"/../lessons/{0,1[0-2]}*.c; do
        name=$(basename "$lesson" .c)
        "$BATS_TEST_DIRNAME/../scripts/bare" "$name" \
            >"$BATS_FILE_TMPDIR/$name.c"
    done
}

# How many lessons there are to print: all but those that only look.
lessons() { ls "$BATS_FILE_TMPDIR"/*.c; }

@test "every lesson has its bare form, with no header of ours and no narration" {
    for file in $(lessons); do
        [ "$(grep -c '^int main(' "$file")" = 1 ]
        run -1 grep -nE '#include "|\b(begin|step|waits|result|show|note|hold|fail|carry_on|received)\(' "$file"
        run -1 grep -n '.\{73\}' "$file"
    done
}

@test "the bare lessons compile alone and strictly under each compiler" {
    for cc in gcc clang musl-gcc; do
        need $cc
        for file in $(lessons); do
            mkdir -p alone
            cp "$file" alone/main.c
            (cd alone && $cc -std=c11 -O1 -c -Wall -Wextra -Wpedantic -Wshadow \
                -Wconversion -Werror main.c)
        done
    done
}

# build NAME: the lesson's program without narration, and its bare form.
build() {
    cc -O1 -DNO_NARRATION "$ROOT/lessons/$1.c" -o "silent_$1"
    cc -O1 "$BATS_FILE_TMPDIR/$1.c" -o "bare_$1"
}

# traced NAME COMMAND...: start, with its calls in NAME.trace.
traced() {
    : >"$1.trace"
    start "$1" strace -qq -o "$1.trace" -s 9999 \
        -e trace=network,poll,fcntl,close "${@:2}"
}

# What was called, with what, and what came of it; the ports that the
# kernel chose, the addresses in memory and what the loader did differ.
calls() {
    sed -n '/^socket(/,$p' "$1" |
        sed -E '/^(---|\+\+\+|restart)/d; /unfinished|ERESTART/d
            s/htons\([0-9]*\)/PORT/; s/0x[0-9a-f]{6,}/POINTER/g'
}

# same ROLE LEAST: both forms did the same, and no fewer calls than that.
same() {
    calls "silent_$1.trace" >silent
    calls "bare_$1.trace" >bare
    diff -u silent bare
    [ "$(wc -l <bare)" -ge "$2" ]
}

# pair SERVER CALLS CLIENT CALLS: both forms talk with each other.
pair() {
    need strace
    build "$1"
    build "$3"
    for form in silent bare; do
        port=$(free_port)
        traced ${form}_server "./${form}_$1" 127.0.0.1 "$port"
        await ${form}_server '^\(listen(\|bind(.*SOCK_DGRAM\|bind(\).* = 0' \
            ${form}_server.trace
        case $1 in *udp*) ;; *)
            await ${form}_server '^listen(.* = 0' ${form}_server.trace ;;
        esac
        traced ${form}_client "./${form}_$3" 127.0.0.1 "$port"
        finish ${form}_client 0
        case $1 in
        09* | 10* | 11*) pkill -INT -P "$(cat ${form}_server.pid)" ;;
        esac
        finish ${form}_server
    done
    same server "$2"
    same client "$4"
}

@test "01 to 03 bare make the same calls" {
    need strace
    for lesson in 01_socket:1 02_bind:3 03_listen:4; do
        name=${lesson%:*}
        build "$name"
        for form in silent bare; do
            traced ${form}_server "./${form}_$name" 127.0.0.1 "$(free_port)"
            finish ${form}_server 0
        done
        same server "${lesson#*:}"
    done
}

@test "04 and 05 bare make the same calls" {
    pair 04_accept 5 05_connect 2
}

@test "both sides of 06 bare make the same calls" {
    pair 06_send_recv_server 8 06_send_recv_client 4
}

@test "both sides of 07 bare make the same calls" {
    pair 07_close_server 11 07_close_client 7
}

@test "both sides of 08 bare make the same calls" {
    pair 08_udp_receiver 6 08_udp_sender 6
}

@test "both sides of 09 bare make the same calls" {
    pair 09_greeting_server 9 09_greeting_client 5
}

@test "both sides of 10 bare make the same calls" {
    pair 10_echo_server 6 10_echo_client 4
}

@test "11 and 12 bare make the same calls" {
    pair 11_many_clients 8 12_names 8
}

@test "the bare 05 says what failed, and ends with 1" {
    cc "$BATS_FILE_TMPDIR/05_connect.c" -o bare
    run -1 --separate-stderr ./bare 127.0.0.1 "$(free_port)"
    [ "$stderr" = "connect: Connection refused" ]
    [ -z "$output" ]
    run -1 --separate-stderr ./bare nonsense
    [ "$stderr" = "nonsense is no address" ]
}

@test "scripts/bare takes a number, a role, a name; what it does not know it says" {
    bare=$ROOT/scripts/bare
    run -0 "$bare" 3
    [ "${lines[0]}" = "// 03_listen: the port starts to answer" ]
    run -0 "$bare" 06 client
    [[ ${lines[0]} == "// 06_send_recv_client: "* ]]
    run -0 "$bare" lessons/08_udp_sender.c
    [[ ${lines[0]} == "// 08_udp_sender: "* ]]
    for words in '' 13 06 '06 x' 99 abc -x '03 a b'; do
        # shellcheck disable=SC2086 # split on purpose
        run -2 --separate-stderr "$bare" $words
        [ -z "$output" ]
        [[ $stderr == "bare: "* ]]
    done
}
