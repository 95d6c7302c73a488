# The lessons without the lines by which they are told: each is one file
# that compiles alone and strictly, makes the calls of the told lesson,
# and prints what that prints with -q.

load helper
load plays

setup_file() {
    local lesson name
    mkdir "$BATS_FILE_TMPDIR/bare"
    for lesson in "$BATS_TEST_DIRNAME"/../lessons/[0-9]*.c; do
        name=$(basename "$lesson" .c)
        "$BATS_TEST_DIRNAME/../scripts/bare" "$name" \
            >"$BATS_FILE_TMPDIR/bare/$name.c"
    done
}

# strictly COMPILER FLAG: compiles all bare lessons without a warning, in
# the compiler's own dialect and in that of the standard, C11.
strictly() {
    local warnings='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'
    need "$1"
    cp "$BATS_FILE_TMPDIR"/bare/*.c .
    [ "$(ls ./*.c | wc -l)" -eq "$(ls "$ROOT"/lessons/[0-9]*.c | wc -l)" ]
    # shellcheck disable=SC2086 # the flags are words
    "$1" $warnings -fsyntax-only ./*.c
    # shellcheck disable=SC2086
    "$1" $warnings -std=c11 -O1 "$2" ./*.c
}

@test "the lines taken out are those by which a lesson is told, no others" {
    local lesson
    for lesson in "$ROOT"/lessons/[0-9]*.c; do
        # shellcheck disable=SC2016 # a pattern
        diff "$lesson" "$BATS_FILE_TMPDIR/bare/$(basename "$lesson")" |
            grep '^[<>]' | grep -vxE \
            '< #(define (TITLE|PARTNER) ".*"|define ADDRESSES [A-Z0-9_]*|define FILTER|include "narrate.h")' \
            >others || true
        cat others
        [ ! -s others ]
    done
}

@test "no lesson holds a statement of narration, or a header of ours" {
    run -1 grep -nE '\b(begin|step|waits|result|show|note|hold|fail|carry_on|received|narrat[a-z_]*)\(|NARRAT|#include "' \
        "$BATS_FILE_TMPDIR"/bare/*.c
}

@test "a program of the second part has at most 120 lines of C, of a real protocol no more than 11, 23 a tenth more" {
    local lesson lines most=120
    cd "$BATS_FILE_TMPDIR/bare"
    for lesson in 1[4-9]_*.c 20_*.c 11_*.c 2[1-9]_*.c; do
        lines=$(grep -vcE '^ *(//.*)?$' "$lesson")
        echo "$lesson: $lines"
        [[ $lesson != 11_* ]] || most=$lines
        [ "$lines" -le $((most + (${lesson:0:2} == 23 ? most / 10 : 0))) ]
    done
}

@test "the bare lessons compile alone and strictly under gcc" {
    strictly gcc -c
}

# bats test_tags=second
@test "the bare lessons compile alone and strictly under clang" {
    strictly clang -fsyntax-only
}

# bats test_tags=second
@test "the bare lessons compile alone and strictly under musl-gcc" {
    strictly musl-gcc -c
}

# calls NAME: prints its calls, their arguments and results, from its first
# socket on. Ports and addresses in memory differ from run to run, and 13
# sees any frame, so these are masked. A call that the kernel restarts is
# one call.
calls() {
    sed -E -n '/^socket(pair)?\(AF_[A-Z0-9]+, SOCK_[A-Z]+, /,$p' "$1.trace" | sed -E '
        /^(---|\+\+\+|restart)/d
        s/htons\([0-9]+\)/PORT/g; s/(Host: 127.0.0.1:)[0-9]+/\1PORT/g; s/0x[0-9a-f]{6,}/POINTER/g; s,/tmp/lesson\.\w{6},NEW,; s/pid=[0-9]+/PID/
        s/^(recvfrom\(3, ).*AF_PACKET.*/\1FRAME/' |
        awk '{ call = $0; sub(/[,)].*/, "", call) }
            held != "" && call != of { print held }
            { held = / = \? ERESTARTSYS/ ? $0 : ""; of = call }
            held == "" { print }
            END { if (held != "") print held }'
}

@test "each lesson is the same program without being told" {
    local file name
    mkdir bare told quiet
    for file in "$BATS_FILE_TMPDIR"/bare/*.c; do
        name=$(basename "$file" .c)
        ${CC:-cc} "$file" -o "bare/$name"
    done
    (cd bare && play "$PWD")
    (cd quiet && play "$BUILD" -q)
    diff bare/ends quiet/ends
    [ "$(wc -l <bare/ends)" -ge 20 ]
    for file in bare/*.trace; do
        name=$(basename "$file" .trace)
        (cd bare && calls "$name") >bare.calls
        (cd quiet && calls "$name") >quiet.calls
        [ -s bare.calls ]
        diff -u bare.calls quiet.calls
        [ "$name" != 13_wiretap ] || continue
        # The two plays differ in their ports, and in the times of 20.
        for end in out err; do
            sed -E 's/(port|took|Host: [0-9.]*:) ?[0-9]+/\1 N/' "bare/$name.$end" >bare.text
            sed -E 's/(port|took|Host: [0-9.]*:) ?[0-9]+/\1 N/' "quiet/$name.$end" >quiet.text
            cmp bare.text quiet.text
        done
    done
}

# alike LESSON ARGUMENT...: it fails in both forms with the same words.
alike() {
    ${CC:-cc} "$BATS_FILE_TMPDIR/bare/$1.c" -o bare
    run -1 --separate-stderr ./bare "${@:2}" 3>&-
    printf '%s\n' "$output" "$stderr" >bare.text
    [ -n "$stderr" ]
    run -1 --separate-stderr "$BUILD/$1" -q "${@:2}" 3>&-
    printf '%s\n' "$output" "$stderr" >quiet.text
    diff bare.text quiet.text
}

@test "bare or told with -q, a lesson fails in the same words" {
    local port
    port=$(free_port)
    alike 02_bind 203.0.113.7 "$port"
    alike 05_connect 127.0.0.1 "$port"
    grep -qx 'connect: Connection refused' bare.text
    alike 08_udp_sender 127.0.0.1 "$port"
    alike 10_echo_client ::1 "$port"
    alike 11_many_clients 203.0.113.7 "$port"
    alike 12_names localhost "$port"
}

@test "a bare lesson says which word is wrong" {
    ${CC:-cc} "$BATS_FILE_TMPDIR/bare/05_connect.c" -o bare
    run -2 --separate-stderr ./bare nonsense
    [ "$stderr" = "nonsense is not an IPv4 address" ]
    run -2 --separate-stderr ./bare 127.0.0.1 80x
    [ "$stderr" = "80x is not a port: 0 to 65535" ]
    [ -z "$output" ]
}

@test "scripts/bare takes a number, a role, a name; what it does not know it says" {
    local bare=$ROOT/scripts/bare words
    run -0 "$bare" 3
    [ "${lines[0]}" = '// # 03 `listen`' ]
    run -0 "$bare" 06 client
    [[ ${lines[0]} == "// # 06 "*", the client" ]]
    run -0 "$bare" lessons/08_udp_sender.c
    [[ ${lines[0]} == "// # 08 "*", the sender" ]]
    run -0 make -s -C "$ROOT" bare LESSON=13
    [[ ${lines[0]} == "// # 13 "* ]]
    for words in '' 06 '06 x' 99 abc -x '03 a b'; do
        # shellcheck disable=SC2086 # split on purpose
        run -2 --separate-stderr "$bare" $words
        [ -z "$output" ]
        [[ $stderr == "bare: "* ]]
    done
    run -2 "$bare" 06 x
    [[ $output == "bare: there is no lesson '06 x'; there are: "* ]]
}
