# Ten slips of a second-week student: with narrate.h the compiler says at
# least what it says without it, of the same line, in the same words.

load helper

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

# own NAME <<source: writes this program of one's own, told and bare.
own() {
    printf '%s\n' '#define TITLE "a slip"' '#include "narrate.h"' \
        '#include <fcntl.h>' '#include <poll.h>' '#include <unistd.h>' >"$1.c"
    cat >>"$1.c"
    sed 's/^#define TITLE.*//; s/^#include "narrate.*//' "$1.c" >"$1.bare.c"
}

# tell NAME: compiles such a program; what it tells goes to ./told.
tell() {
    gcc -w -I "$ROOT/lessons" "$1.c" -o "$1"
    run -0 "./$1" </dev/null 3>&- 4>&-
    joined <<<"$output" >told
}

@test "a call that fails at once, for what it was given, is not said to block" {
    own args <<'    END'
    #include <sys/wait.h>
    int main(void)
    {
        struct sockaddr_in6 to = {.sin6_family = AF_INET6};
        struct sockaddr_in none = {0};
        struct pollfd no[] = {{40, POLLIN, 0}};
        char byte;
        int s = socket(AF_INET, SOCK_STREAM, 0);

        connect(s, (struct sockaddr *)&none, sizeof none);
        connect(s, (struct sockaddr *)&to, sizeof to);
        connect(s, NULL, sizeof none);
        none.sin_family = AF_INET;
        connect(s, (struct sockaddr *)&none, 4);
        s = socket(AF_INET6, SOCK_STREAM, 0);
        connect(s, (struct sockaddr *)&to, sizeof none);
        poll(no, 1, 1000);
        poll(NULL, 1, 1000);
        waitpid(-1, NULL, 0);
        if (fork() == 0)
            _exit(0);
        waitpid(1, NULL, WNOHANG);
        waitpid(-1, NULL, 0);
        waitpid(-1, NULL, 0);
        return 0;
    }
    END
    tell args
    [ "$(grep -c blocks told)" -eq 1 ]
    grep -q ' waitpid(-1, NULL, 0) … blocks until a child ends' told
    grep -q 'That is no child of ours' told
    # Linux sends a datagram to such an address.
    grep -qF 'connect(3, {family 0: AF_UNSPEC}, 16)' told
    [ "$(grep -c 'have no children any more' told)" -eq 2 ]
}

# A connection with both its ends in one process; the other end is silent.
PAIR='
    static int listener, here, there;
    static struct sockaddr_in at;
    static void pair(void)
    {
        socklen_t length = sizeof at;

        narrator.telling = 0;
        listener = socket(AF_INET, SOCK_STREAM, 0);
        listen(listener, 1);
        getsockname(listener, (struct sockaddr *)&at, &length);
        here = socket(AF_INET, SOCK_STREAM, 0);
        narrator.telling = 1;
        connect(here, (struct sockaddr *)&at, length);
        narrator.telling = 0;
        there = accept(listener, NULL, NULL);
        narrator.telling = 1;
    }
    static void reset(void)
    {
        struct linger now = {1, 0};

        narrator.telling = 0;
        setsockopt(there, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(there);
        narrator.telling = 1;
    }'

@test "after shutdown and after a reset nothing is told that is over" {
    own over <<<"$PAIR"'
    int main(void)
    {
        char byte;
        int error;
        socklen_t size = sizeof error;
        struct timeval soon = {0, 8000};

        pair();
        recv(here, &byte, 1, MSG_OOB);
        setsockopt(here, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
        recvfrom(here, &byte, 1, 0, NULL, NULL);
        shutdown(here, SHUT_RD);
        recv(here, &byte, 1, 0);
        shutdown(here, SHUT_WR);
        shutdown(here, SHUT_WR);
        (close)(there);
        shutdown(here, SHUT_WR);
        pair();
        (send)(there, "hello", 5, 0);
        reset();
        close(here);
        pair();
        reset();
        recv(here, &byte, 1, MSG_DONTWAIT);
        getsockopt(here, SOL_SOCKET, SO_ERROR, &error, &size);
        return 0;
    }'
    tell over
    run ! grep 'recv(.*blocks' told
    run ! grep datagram told
    [ "$(grep -c 'A FIN follows our last byte' told)" -eq 1 ]
    run ! grep 'We can still receive' told
    grep -q 'both sides have ended it' told
    run ! grep 'that we had not read' told
    grep -q 'recv(.* = -1 ECONNRESET' told
    grep -q 'Its error is 0: none\.' told
}

@test "a socket that another descriptor holds does not end with a close" {
    own copies <<<"$PAIR"'
    int main(void)
    {
        int copy, one = socket(AF_INET, SOCK_STREAM, 0);

        listen(one, 1);
        copy = dup(one);
        close(one);
        close(copy);
        pair();
        copy = dup(here);
        close(here);
        close(copy);
        return 0;
    }'
    tell copies
    [ "$(grep -c 'Another descriptor still holds this socket, so nothing ends' told)" -eq 2 ]
    [ "$(grep -c 'From now on callers are refused' told)" -eq 1 ]
    [ "$(grep -c 'kernel: fd .  closed' told)" -eq 2 ]
    run ! grep 'closed  ESTABLISHED' told
}

@test "recv that returns 0 after a reset: the peer has not ended in order" {
    own reset <<<"$PAIR"'
    int main(void)
    {
        char byte;

        pair();
        reset();
        recv(here, &byte, 1, 0);
        recv(here, &byte, 1, 0);
        return 0;
    }'
    tell reset
    grep -q 'recv(.* = -1 ECONNRESET' told
    grep -q 'Nothing more can come here: that gives 0' told
    run ! grep '0 is the end' told
}

@test "a caller who has reset the connection before accept had one" {
    own early <<<"$PAIR"'
    int main(void)
    {
        pair();
        reset();
        narrator.telling = 0;
        connect(here = socket(AF_INET, SOCK_STREAM, 0), (void *)&at, sizeof at);
        there = here;
        reset();
        narrator.telling = 1;
        recv(accept(listener, NULL, NULL), &at, 1, 0);
        return 0;
    }'
    tell early
    grep -q 'is for this one peer, which has reset the connection' told
    grep -q 'kernel: fd .  CLOSED (the connection is over)' told
    grep -q 'recv(.* = -1 ECONNRESET' told
}

@test "a socket whose connect and then bind failed has no port" {
    own neither <<'    END'
    int main(void)
    {
        struct sockaddr_in at = {.sin_family = AF_INET};
        int sock = socket(AF_INET, SOCK_STREAM, 0);

        connect(sock, (struct sockaddr *)&at, sizeof at);
        bind(sock, (struct sockaddr *)&at, 4);
        return 0;
    }
    END
    tell neither
    grep -q 'connect(.* = -1 ECONNREFUSED' told
    grep -q 'bind(.* = -1 EINVAL' told
    run ! grep 'kernel: .* port' told
}

@test "recv without room and send without a byte: nothing came or goes" {
    own none <<<"$PAIR"'
    int main(void)
    {
        char line[9] = "";

        pair();
        (send)(there, "hello", 5, 0);
        recv(here, line, strlen(line), 0);
        send(here, line, strlen(line), 0);
        return 0;
    }'
    tell none
    grep -q 'There was room for no byte: that gives 0' told
    grep -q 'There was no byte to send: nothing is sent' told
    [ "$(grep -c 'Our kernel took' told)" -eq 1 ]
    run ! grep '0 is the end' told
}

@test "getaddrinfo asks nobody, and so does not block, where it gets no name" {
    own numbers <<'    END'
    int main(void)
    {
        struct addrinfo *list;

        getaddrinfo("127.0.0.1", "8888", NULL, &list);
        getaddrinfo("::1", "8888", NULL, &list);
        getaddrinfo(NULL, "8888", NULL, &list);
        getaddrinfo("localhost", "8888", NULL, &list);
        return 0;
    }
    END
    tell numbers
    [ "$(grep -c 'getaddrinfo(.* = 0' told)" -eq 4 ]
    [ "$(grep -c blocks told)" -eq 1 ]
}

@test "an option that this socket has no use for is not said to do anything" {
    own options <<'    END'
    int main(void)
    {
        int on = 1, udp = socket(AF_INET, SOCK_DGRAM, 0);
        int tcp = socket(AF_INET, SOCK_STREAM, 0);
        struct linger now = {1, 0};
        struct timeval soon = {0, 8000};

        setsockopt(udp, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        setsockopt(udp, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        setsockopt(tcp, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
        listen(tcp, 1);
        setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        setsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
        accept(tcp, NULL, NULL);
        return 0;
    }
    END
    tell options
    [ "$(grep -c 'setsockopt(.* = 0' told)" -eq 5 ]
    run ! grep -E 'silent peer|will reset|all hosts|no longer block' told
    grep -q 'until a client connects, 8 ms at most' told
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
