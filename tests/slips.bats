# Ten slips of a second-week student: with narrate.h the compiler says at
# least what it says without it, of the same line, in the same words.

load helper
load slips

# slip NAME SED [LESSON]: writes that lesson with the slip, told to NAME.c
# and, with as many lines, bare to NAME.bare.c.
slip() {
    sed -E "$2" "$ROOT/lessons/${3-02_bind}.c" >"$1.c"
    run ! cmp -s "$1.c" "$ROOT/lessons/${3-02_bind}.c"
    sed -E 's/^#(define (TITLE|PARTNER)|include "narrate).*//' "$1.c" \
        >"$1.bare.c"
}

# said COMPILER FILE: the errors and warnings, each with its line. Notes
# that point to a header are left out: a told call is declared elsewhere.
said() {
    LC_ALL=C "$1" -std=c11 -Wall -Wextra -I "$ROOT/lessons" -c "$2" -o x.o 2>&1 |
        sed -nE "s/^$2:([0-9]+):[0-9]+: (error|warning): /\1 /p" |
        sed -E 's/^(.*) \[-W(error=)?(.*)\]$/\1 \3/' | sort -u
}

# alike NAME [WORDS]: gcc and clang say the same of both, and something
# with these words.
alike() {
    local compiler
    for compiler in gcc clang; do
        command -v "$compiler" >&- 2>&- || continue
        said "$compiler" "$1.bare.c" >bare
        said "$compiler" "$1.c" >told
        [ -z "${2-}" ] || grep -qE "$2" bare
        # Told, a main without return is one more error.
        diff bare told >differ || [ "$1" = return ] || {
            echo "# $compiler on $1, bare and told:"
            cat differ
            return 1
        }
    done
}

@test "no cast: the argument's number and its type are named" {
    slip cast 's/\(struct sockaddr \*\)&here/\&here/'
    alike cast "(passing argument 2 of 'bind' from incompatible|incompatible pointer types passing)"
}

@test "an argument is missing, or there is one too many" {
    slip few 's/socket\(AF_INET, SOCK_STREAM, 0\)/socket(AF_INET, SOCK_STREAM)/'
    alike few "(too few arguments to function 'socket'|too few arguments to function call)"
    slip many 's/listen\(sock, BACKLOG\)/listen(sock, BACKLOG, 0)/' 03_listen
    alike many "(too many arguments to function 'listen'|too many arguments to function call)"
}

@test "a call is misspelt" {
    slip spelling 's/listen\(sock, B/lisen(sock, B/' 03_listen
    alike spelling "(implicit declaration of function 'lisen'|'lisen' is invalid)"
}

@test "main takes nothing, but its arguments are used" {
    slip nothing 's/int main\(.*/int main(void)/'
    alike nothing "'arg[cv]'|identifier 'arg[cv]'"
}

@test "main returns nothing: told, that is an error" {
    slip return '/^    return 0;/d'
    alike return
    run gcc -I "$ROOT/lessons" -c return.c -o x.o
    [ "$status" -ne 0 ]
    [[ $output == *'return-type'* ]]
}

@test "no htons: no compiler says anything, told or not" {
    slip order 's/htons\(\(uint16_t\)port\)/(uint16_t)port/'
    alike order
    [ ! -s told ]
    # The narrator shows which port the kernel was given.
    gcc -I "$ROOT/lessons" order.c -o order
    run ./order 127.0.0.1 $((0x2011)) </dev/null 3>&-
    [[ $output == *"bind(3, 127.0.0.1:$((0x1120)), 16)"* ]]
}

@test "= for == in a condition" {
    slip equals 's/if \(sock == -1\)/if (sock = -1)/'
    alike equals '(suggest parentheses around assignment|using the result of an assignment)'
}

@test "what accept returned is not looked at, or not kept" {
    slip unchecked '/if \(connected == -1\)/,/^    }/d' 04_accept
    alike unchecked "(unused variable 'connected'|variable 'connected' set but not used)"
    slip dropped 's/int connected = accept/accept/; /connected == -1/,/^    }/d' \
        04_accept
    alike dropped
}

@test "two descriptors are mixed up: the narrator shows which it was" {
    slip mixed 's/recv\(connected,/recv(sock,/' 06_send_recv_server
    alike mixed
    gcc -I "$ROOT/lessons" mixed.c -o mixed
    local port
    port=$(free_port)
    start server ./mixed "$port"
    await server 'blocks until a client'
    start client "$BUILD/06_send_recv_client" "$port"
    finish server 1
    grep -q 'recv(3, line + got, 64, 0) = -1 ENOTCONN' server.out
    grep -q '^     Try: ' server.err
    run ! grep 'recv(.*blocks' server.out
}

@test "a call that cannot block, for a call before it is missing or too many, is not said to" {
    variant 04_accept '/^    if \(listen\(/,/^    }/d'
    run ./04_accept 0 3>&- 4>&-
    [[ $output == *'  4  accept(3, &peer, &length) = -1 EINVAL'* ]]
    [[ $output != *blocks* ]]
    variant 05_connect 's/^    if \((connect\(.*) == -1\) \{/    \1;\n&/'
    start server "$BUILD/04_accept" 0
    await server 'blocks until a client'
    run ./05_connect "$(sed -n 's/.*it chose \(.*\)\.$/\1/p' server.out)" 3>&- 4>&-
    [[ $output == *'  3  connect('*' = -1 EISCONN'* ]]
    [ "$(grep -c 'blocks' <<<"$output")" -eq 1 ]
}

@test "a semicolon is missing before a call" {
    local compiler
    own semicolon <<<'int main(void) { close(3)
        close(4);
        return 0; }'
    for compiler in gcc clang; do
        command -v "$compiler" >&- 2>&- || continue
        said "$compiler" semicolon.bare.c >bare
        said "$compiler" semicolon.c >told
        [[ $(<bare) == *"expected ';'"* ]]
        [[ $(<told) == *"expected ';'"* ]]
        [ "$(wc -l <told)" -eq 1 ]
        run ! "$compiler" -std=gnu99 -I "$ROOT/lessons" -c semicolon.c -o x.o
        [[ $output == *'expected '?';'* ]]
    done
    # How a told call begins brings no warning to the program's own lines.
    own right <<<'int main(void) { return close(3); }'
    command -v clang >&- 2>&- || return 0
    run clang -std=c99 -Wpedantic -I "$ROOT/lessons" -c right.c -o x.o
    [[ $output != *'right.c:6:'* ]]
}

@test "main is void: told, that is an error" {
    own void <<<'void main(void) { }'
    said gcc void.bare.c >bare
    grep -q "return type of 'main' is not 'int'" bare
    said gcc void.c >told
    grep -q "conflicting types for 'narrate_main'" told
}

@test "fcntl is given too little, or something else than a descriptor" {
    own few <<<'int main(void) { int flags = fcntl(3); return flags; }'
    own other <<<'int main(void) { return fcntl("3", F_GETFL); }'
    alike few 'too few arguments to function'
    alike other "(passing argument 1 of 'fcntl' makes|incompatible pointer to integer)"
}

@test "a buffer is smaller than a call is told" {
    own buffer <<<'int main(void) { char b[10]; struct pollfd p[1] = {{0, 0, 0}};
        return (int)read(0, b, 100) + poll(p, 2, 0); }'
    said gcc buffer.bare.c >bare
    [ "$(grep -c stringop-overflow bare)" -eq 2 ]
    run -0 env LC_ALL=C gcc -I "$ROOT/lessons" -c buffer.c -o x.o
    [[ $output == *"inlined from 'narrate_main' at buffer.c:7:"*"inlined from 'narrate_main' at buffer.c:7:"* ]]
    [ "$(grep -c stringop-overflow <<<"$output")" -eq 2 ]
    run -0 env LC_ALL=C gcc -O2 -I "$ROOT/lessons" -c buffer.c -o x.o
    [[ $output == *"'narrate_told_read' writing 100 bytes"* ]]
    [[ $output == *"'narrate_told_poll' writing 16 bytes"* ]]
}

@test "a compiler for C++ is told that this is C" {
    own plus <<<'int main() { return 0; }'
    # Their own headers differ; that macro says which language it is.
    run -1 env LC_ALL=C gcc -D__cplusplus=201703L -E -I "$ROOT/lessons" plus.c
    [ "$(grep -c ' error: ' <<<"$output")" -eq 1 ]
    [[ $output == *'narrate.h is for C'* ]]
}

# narrate.h includes headers itself, so that only the bare form tells.
@test "a missing include is found in the bare form" {
    slip include '/sys\/socket.h|netinet|arpa/d'
    said gcc include.bare.c >bare
    grep -q "'socket'" bare
}
