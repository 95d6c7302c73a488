# Lesson 12 reaches a server by name, over IPv4 and IPv6, and explains
# what the resolver says. Names come from an /etc/hosts of the test's
# own, in a namespace of mounts.

load helper

# serve NAME ADDRESS PORT: lesson 11 there, and ready.
serve() {
    start "$1" "$BUILD/11_many_clients" "$2" "$3"
    await "$1" 'waits for a caller'
}

# with_hosts LINE... -- COMMAND...: COMMAND sees these lines as
# /etc/hosts. The resolver looks there, and then asks whom $DNS says:
# nobody, or with `dns` a name server that is not there.
with_hosts() {
    need unshare
    local namespace=-m # with -r also for those who are not root
    unshare "$namespace" true 2>&- || namespace=-rm
    unshare "$namespace" true 2>unshare.err || skip "$(cat unshare.err)"
    : >hosts
    while [ "$1" != -- ]; do
        echo "$1" >>hosts
        shift
    done
    shift
    echo 'nameserver 127.0.0.9' >resolv.conf
    echo "hosts: files $DNS" >nsswitch.conf
    # shellcheck disable=SC2016 # for the inner shell
    unshare "$namespace" sh -c '
        for file in hosts resolv.conf nsswitch.conf; do
            [ ! -e /etc/$file ] ||
                mount --bind $file "$(readlink -f /etc/$file)" || exit
        done
        exec "$@"' - "$@"
}

@test "an address of either kind needs no resolver" {
    local port address
    port=$(free_port)
    for address in 127.0.0.1 ::1; do
        serve "at$address" "$address" "$port"
        start client "$BUILD/12_names" "$address" "$port"
        finish client 0
        grep -q 'received: "Hello from the client!\\n"' client.out
        kill "$(cat "at$address.pid")"
        finish "at$address" 0
    done
}

@test "localhost is reached, and 10 answers as 11 does" {
    local port
    port=$(free_port)
    start server "$BUILD/10_echo_server" "$port"
    await server 'waits for a caller'
    start client "$BUILD/12_names" "$port"
    finish client 0
    grep -q 'getaddrinfo("localhost", "'"$port" client.out
    grep -q 'received: "Hello from the client!\\n"' client.out
}

@test "with -q it prints what came back and no more" {
    local port
    port=$(free_port)
    serve server 127.0.0.1 "$port"
    run --separate-stderr "$BUILD/12_names" -q localhost "$port"
    [ "$status" -eq 0 ]
    [ "$output" = 'Hello from the client!' ]
    [ -z "$stderr" ]
}

@test "where the first address refuses, the second is tried" {
    local port
    port=$(free_port)
    serve server 127.0.0.1 "$port"
    with_hosts '::1 twofold' '127.0.0.1 twofold' -- \
        "$BUILD/12_names" twofold "$port" >client.out
    grep -q "^    1. \[::1\]:$port" client.out
    grep -q "^    2. 127.0.0.1:$port" client.out
    grep -q 'error is [0-9]*: ECONNREFUSED' client.out
    grep -q 'error is 0: we are connected' client.out
    grep -q 'received: "Hello from the client!\\n"' client.out
}

@test "IPv6 comes first where both answer" {
    local port
    port=$(free_port)
    serve six ::1 "$port"
    serve four 127.0.0.1 "$port"
    with_hosts '127.0.0.1 twofold' '::1 twofold' -- \
        "$BUILD/12_names" twofold "$port" >client.out
    await six 'Served'
    [ "$(grep -c ' connect(' client.out)" -eq 1 ]
}

@test "where an address is silent, the wait is bounded" {
    local caller port
    port=$(free_port)
    # A queue that is full: whoever calls now gets no answer.
    start silent "$BUILD/10_echo_server" ::1 "$port"
    await silent 'waits for a caller'
    kill -STOP "$(cat silent.pid)"
    while [ "$(ss -Htln "sport = :$port" | awk '{ print $2 }')" -lt 6 ]; do
        # shellcheck disable=SC2034 # it need only stay open
        exec {caller}<>"/dev/tcp/::1/$port"
    done
    serve server 127.0.0.1 "$port"
    with_hosts '::1 twofold' '127.0.0.1 twofold' -- \
        "$BUILD/12_names" twofold "$port" >client.out
    grep -q "^    1. \[::1\]:$port" client.out
    grep -q 'Nobody answers there' client.out
    grep -q 'received: "Hello from the client!\\n"' client.out
}

@test "where nobody listens it says so, and what to try" {
    local port
    port=$(free_port)
    start client "$BUILD/12_names" "$port"
    finish client 1
    grep -q 'connect: ECONNREFUSED' client.err
    grep -q 'Try: start the server first' client.err
}

@test "an unknown name is explained" {
    with_hosts '127.0.0.1 localhost' -- "$BUILD/12_names" no.invalid \
        >client.out 2>client.err && return 1
    grep -q 'getaddrinfo: EAI_NONAME' client.err
    grep -q 'Try: look at the spelling' client.err
    grep -q ' = -[0-9]*$' client.out
}

@test "a name server that is not there is explained" {
    export DNS=dns RES_OPTIONS='timeout:1 attempts:1'
    with_hosts '127.0.0.1 localhost' -- \
        "$BUILD/12_names" a.name.of.nobody >client.out 2>client.err &&
        return 1
    grep -q 'getaddrinfo: EAI_AGAIN' client.err
    grep -q 'Try: ip addr' client.err
}

@test "each error of the resolver has its row" {
    local name
    # POSIX getaddrinfo, ERRORS; EAI_OVERFLOW is getnameinfo's alone.
    for name in AGAIN BADFLAGS FAIL FAMILY MEMORY NONAME SERVICE \
        SOCKTYPE SYSTEM; do
        grep -q "{EAI_$name, \"EAI_$name\"," "$ROOT/lessons/12_names.c"
    done
}

@test "a word that is no name is refused" {
    local word
    for word in '' 'a b' $'a\nb' 'a/b' "$(printf 'x%.0s' {1..300})"; do
        run --separate-stderr "$BUILD/12_names" "$word" 9000
        [ "$status" -eq 2 ]
        [ -n "$stderr" ]
    done
}
