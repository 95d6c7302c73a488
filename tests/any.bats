# scripts/narrate: any program, unchanged, is told as a lesson is.

load helper

# shellcheck disable=SC2034 # setup, in helper.bash, reads it
NEEDS='cc make readelf'
CALLS=network,read,write,readv,writev,close,dup,dup2,dup3,poll,ppoll
CALLS=$CALLS,select,pselect6,epoll_ctl,epoll_wait,epoll_pwait,sendfile

setup_file() { make -s -C "$BATS_TEST_DIRNAME/.." build/narrate.so; }

# any [FLAG...]: compiles tests/support/any.c.
any() { "${CC:-cc}" "$@" -pthread "$ROOT/tests/support/any.c" -o any; }

# told COMMAND...: runs it told; its lines in told.txt, one a call.
told() {
    run -"${STATUS:-0}" timeout "$PATIENCE" "$ROOT/scripts/narrate" \
        -o raw.txt "$@" 3>&- 4>&-
    joined raw.txt >told.txt
}

# traced_told COMMAND...: the same below strace.
traced_told() {
    need strace python3
    timeout "$PATIENCE" strace -f -y -s 9999 -o trace.txt \
        -e "trace=$CALLS" "$ROOT/scripts/narrate" -o raw.txt "$@" \
        >out.txt 2>err.txt 3>&- 4>&-
    run -0 python3 "$ROOT/tests/support/told.py" raw.txt trace.txt
}

# faulty NAME <<body: a program whose main has this body, told.
faulty() {
    {
        printf '#include <%s>\n' arpa/inet.h netinet/in.h signal.h \
            stdio.h stdlib.h string.h sys/socket.h unistd.h
        echo 'static int reach(int sock, const struct sockaddr_in *to)'
        echo '{ return connect(sock, (const void *)to, sizeof *to); }'
        echo 'static int give(int sock, struct sockaddr_in *at)'
        echo '{ socklen_t size = sizeof *at; at->sin_family = AF_INET;'
        echo ' at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);'
        echo ' return bind(sock, (void *)at, sizeof *at) |'
        echo ' listen(sock, 5) | getsockname(sock, (void *)at, &size); }'
        echo 'int main(void) { struct sockaddr_in here = {0}; char b[64];'
        echo 'int sock = socket(AF_INET, SOCK_STREAM, 0);'
        echo '(void)b, (void)here, (void)give, (void)reach;'
        cat
        echo 'return 0; }'
    } >"$1.c"
    "${CC:-cc}" -w "$1.c" -o "$1"
    told "./$1"
}

noted() {
    grep -F "Note: $1" told.txt && return
    cat told.txt
    return 1
}

# ---- what is told is what the program does

@test "every call of a fortified program is told, as strace sees it" {
    any -O2 -D_FORTIFY_SOURCE=3
    traced_told ./any calls 10
    grep -q 'recvfrom(5, buffer, 10, 0, NULL, NULL) = 5' raw.txt
    grep -q 'dup2(4, 3) = 3' raw.txt
    grep -q 'fcntl(4, F_GETFL) = O_RDWR' raw.txt
    grep -q 'ioctl(4, FIONREAD, &value) = 0' raw.txt
}

@test "select and epoll are told, as strace sees them" {
    any
    traced_told ./any select
    grep -q 'Ready: 5 (to read)' raw.txt
    traced_told ./any epoll
    grep -q 'Ready: EPOLLIN' raw.txt
}

@test "threads, children and programs that they execute are told" {
    any
    traced_told ./any threads 5000
    grep -q '^ \[thread 5\]' raw.txt
    traced_told ./any fork 5000
    grep -q '^ \[process [0-9]*\] .*close(' raw.txt
    traced_told ./any exec 5000
    grep -q '^ \[process [0-9]*\]  1  recv(0, buffer, 4096, 0)' raw.txt
    traced_told ./any vfork
}

@test "curl, nc and a server in Python are told, as strace sees them" {
    need strace python3 nc curl
    local port
    port=$(free_port)
    start server strace -f -y -s 9999 -o server.trace -e "trace=$CALLS" \
        "$ROOT/scripts/narrate" -o server.txt \
        python3 -u -m http.server --bind 127.0.0.1 "$port"
    await server Serving
    traced_told curl -s -o page "http://127.0.0.1:$port/server.pid"
    cmp page server.pid
    traced_told nc -N 127.0.0.1 "$port" </dev/null
    # Each connection has a thread of its own; both are done.
    await server '\[thread 2\] .*close(.* = 0' server.txt
    await server '\[thread 3\] .*close(.* = 0' server.txt
    kill -TERM "$(pgrep -P "$(cat server.pid)")"
    finish server 143
    run -0 python3 "$ROOT/tests/support/told.py" server.txt server.trace
}

@test "the program's words, exit status and signals are its own" {
    any
    STATUS=7 told sh -c 'echo out; echo err >&2; exit 7'
    [ "$output" = "$(printf 'out\nerr')" ]
    [ ! -s raw.txt ]
    STATUS=141 told ./any sigpipe
    noted 'SIGPIPE ends the program here.'
    STATUS=143 told sh -c 'kill -TERM $$'
}

@test "signals interrupt calls as they do untold" {
    any
    told ./any signals 400000
    [ "$output" = rang ]
    told ./any interrupted
    [ "$output" = interrupted ]
    run -0 timeout "$PATIENCE" "$ROOT/scripts/narrate" ./any interrupted \
        3>&- 4>&-
}

@test "descriptors have the numbers that they have untold" {
    any
    run -0 ./any descriptors 3>&- 4>&-
    local untold=$output
    told ./any descriptors
    [ "$output" = "$untold" ]
}

@test "closed standard streams stay closed, whichever they are" {
    any
    local closed
    for closed in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' \
        '<&- >&- 2>&-'; do
        eval "'$ROOT/scripts/narrate' -o raw.txt ./any calls 3>&- 4>&- $closed"
        [ "$(grep -c '^ *[0-9]*  .*) = ' raw.txt)" -eq 34 ]
        eval "'$ROOT/scripts/narrate' ./any calls 3>&- 4>&- $closed" \
            2>err.txt
    done
}

@test "a full disk, or an environment without PATH, ends nothing" {
    any
    run -0 "$ROOT/scripts/narrate" -o /dev/full ./any calls
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *'cannot be written (ENOSPC)'* ]]
    "$ROOT/scripts/narrate" ./any calls 2>/dev/full
    run -0 env -i "$ROOT/scripts/narrate" "$PWD/any" calls 3>&- 4>&-
    [[ $output == *'The end: 34 calls; no socket is open.' ]]
}

@test "many like calls are counted, and FILE holds them all" {
    any
    run -0 "$ROOT/scripts/narrate" ./any fork 4096000 3>&- 4>&-
    [ "${#lines[@]}" -lt 200 ]
    [[ $output == *' more send('*' MB'* ]]
    [[ $output == *'The end: '*' calls; no socket is open.'* ]]
    told ./any fork 409600
    [ "$(grep -c '  send(4, .*= 4096$' told.txt)" -eq 100 ]
}

@test "a lesson is told once" {
    make -s -C "$ROOT" build/03_listen
    told "$BUILD/03_listen" 0 </dev/null
    [ "$(grep -c 'listen(3, 5) = 0' told.txt)" -eq 1 ]
    [[ $output != *'listen('* ]]
}

@test "a failure is one line, and explained where the program ends on it" {
    faulty good <<'EOF'
    here.sin_port = htons(1);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    reach(sock, &here);
EOF
    grep -q 'connect(3, 127.0.0.1:1, 16) = -1 ECONNREFUSED' told.txt
    run ! grep 'That means' told.txt
    sed -i 's/reach(sock, &here);/return -reach(sock, \&here);/' good.c
    cc -w good.c -o good
    STATUS=1 told ./good
    grep -q 'It ends after a failure, call 2: connect, ECONNREFUSED' told.txt
    grep -q 'That means: ' told.txt
    grep -q 'Try: ' told.txt
    run -1 "$ROOT/scripts/narrate" -v ./good
    [[ $output == *'That means'*'The end:'* ]]
}

# ---- remarks

@test "programs without a fault get no remark" {
    any
    local kind
    for kind in calls select epoll threads fork exec; do
        told ./any "$kind"
        run ! grep -F Note: told.txt
    done
}

@test "remark: a port that was not turned round" {
    faulty port <<'EOF'
    here.sin_port = 8888;
    give(sock, &here);
EOF
    noted 'port 47138 is 8888 with its two bytes swapped: sin_port wants'
}

@test "remarks: bind that failed or is missing, an address never filled" {
    faulty bound <<'EOF'
    int other = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    give(other, &here);
EOF
    noted 'bind had failed (EADDRINUSE) and the program went on'
    faulty unbound <<'EOF'
    listen(sock, 5);
EOF
    noted 'this socket was never bound: the kernel chose port'
    faulty empty <<'EOF'
    bind(sock, (void *)&here, sizeof here);
EOF
    noted 'the address has family 0: it was never filled.'
}

@test "remarks: the listening socket, wrong lengths, the rest of an array" {
    faulty wrong <<'EOF'
    struct sockaddr_in peer;
    socklen_t length = 0;
    char text[64] = "hello";
    int client = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    connect(client, (void *)&here, 8);
    reach(client, &here);
    accept(sock, (void *)&peer, &length);
    recv(sock, b, sizeof b, 0);
    send(client, text, sizeof text, 0);
EOF
    noted '8 is not the length of this address: it has 16 bytes'
    noted 'length held 0 before the call'
    noted '3 is the listening socket; bytes go through the one that'
    noted 'after 5 bytes of text come 59 zeros'
}

@test "remarks: unread bytes, closed twice, never closed, one accept" {
    faulty ends <<'EOF'
    int client[3], taken;
    give(sock, &here);
    for (int i = 0; i < 3; i++) {
        client[i] = socket(AF_INET, SOCK_STREAM, 0);
        reach(client[i], &here);
    }
    taken = accept(sock, NULL, NULL);
    send(client[0], "hello", 5, 0);
    recv(taken, b, 2, 0);
    close(taken);
    close(taken);
    close(sock);
EOF
    noted '3 bytes that we had not read'
    noted 'descriptor 7 was closed in call'
    noted '2 more had called and were not served: accept was called once'
    faulty never <<'EOF'
    int client, taken[2];
    give(sock, &here);
    for (int i = 0; i < 2; i++) {
        client = socket(AF_INET, SOCK_STREAM, 0);
        reach(client, &here);
        taken[i] = accept(sock, NULL, NULL);
        close(client);
    }
EOF
    noted 'never closed, though the peer had left: 5, 4.' ||
        noted 'never closed, though the peer had left: 5, 6.'
}

# ---- what cannot be told

# refused STATUS PATTERN WORD...: narrate says so in its last line.
# shellcheck disable=SC2030,SC2031
refused() {
    run -"$1" "$ROOT/scripts/narrate" "${@:3}"
    tail -n 1 <<<"$output" | grep "^narrate: .*$2"
}

@test "a wrong command is refused in a line that says why" {
    refused 2 'PROGRAM to run is missing'
    refused 2 '-x is not an option' -x true
    refused 2 'needs a FILE' -o
    refused 2 'cannot be written' -o /no/such/file true
    refused 127 'there is no program no-such' no-such
    refused 127 'there is no program ./no-such' ./no-such
    echo 'int main(void) { return 0; }' >text.c
    refused 126 'not executable' ./text.c
    refused 126 'is not a file' ./
    printf '#!/no/such/interpreter\n' >script
    chmod +x script
    refused 126 'begins with #!/no/such/interpreter' ./script
}

@test "without a compiler it says what is needed" {
    local tool
    mkdir bin copy
    cp -R "$ROOT"/{Makefile,lessons,scripts} copy
    for tool in sh make dirname uname id find sed; do
        ln -s "$(command -v "$tool")" bin
    done
    PATH=$PWD/bin run -2 copy/scripts/narrate sed
    [[ $output == 'narrate: make and a C compiler (cc) are needed once'* ]]
}

@test "a program that nothing can be loaded into is named as such" {
    echo 'int main(void) { return 0; }' >text.c
    cc -static text.c -o fixed || skip 'there is no static C library'
    refused 2 'linked statically' ./fixed
}

@test "a program under a sanitizer is named as such" {
    need_sanitizers "${CC:-cc}"
    echo 'int main(void) { return 0; }' >text.c
    "${CC:-cc}" -fsanitize=address text.c -o clean
    refused 2 'built with a sanitizer' ./clean
}
