# Lesson 12 reaches a server by name, over IPv4 and IPv6, and explains
# what the resolver says. Names come from an /etc/hosts of the test's
# own, in a namespace of mounts.

load helper

# serve NAME ADDRESS PORT: starts lesson 11 there; returns when it is ready.
serve() {
    start "$1" "$BUILD/11_many_clients" "$2" "$3"
    await "$1" '  poll(.* … blocks'
}

# with_hosts LINE... -- COMMAND...: COMMAND sees these lines as
# /etc/hosts. The resolver looks there, and then does as $DNS says: asks
# nobody, or with `dns` a name server that does not exist. If $NETWORK is
# set, COMMAND has a network of its own, too.
with_hosts() {
    need unshare
    must_have localhost
    must_have mounts ${NETWORK:+network}
    # With -r, users who are not root can do it, too.
    local namespace=-m${NETWORK:+n}
    unshare "$namespace" true 2>&- || namespace=-rm${NETWORK:+n}
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

# The client has printed its own line, which the echo sent back.
answered() {
    grep -q '^     received: "Hello from the client!\\n"$' client.out
    grep -q '^The answer: Hello from the client!$' client.out
}

@test "an address of either kind needs no resolver" {
    local port address
    port=$(free_port)
    for address in 127.0.0.1 ::1; do
        serve "at$address" "$address" "$port"
        start client "$BUILD/12_names" "$address" "$port"
        finish client 0
        answered
        kill "$(cat "at$address.pid")"
        finish "at$address" 0
    done
}

@test "localhost is reached, and 10 answers as 11 does" {
    must_have localhost
    local port
    port=$(free_port)
    start server "$BUILD/10_echo_server" "$port"
    await server 'blocks until a client'
    start client "$BUILD/12_names" "$port"
    finish client 0
    grep -q 'getaddrinfo("localhost", "'"$port" client.out
    answered
}

@test "with -q it prints what came back and no more" {
    must_have localhost
    local port
    port=$(free_port)
    serve server 127.0.0.1 "$port"
    run --separate-stderr "$BUILD/12_names" -q localhost "$port"
    [ "$status" -eq 0 ]
    [ "$output" = 'The answer: Hello from the client!' ]
    [ -z "$stderr" ]
}

@test "where the first address refuses, the second is tried" {
    local port
    port=$(free_port)
    serve server 127.0.0.1 "$port"
    with_hosts '::1 twofold' '127.0.0.1 twofold' -- \
        "$BUILD/12_names" twofold "$port" >client.out 2>client.err
    grep -q "nothing listens at \[::1\]:$port" client.err
    run ! grep -e '^[^ ]' client.err # the lesson itself has lost nothing
    grep -q "^     1. \[::1\]:$port" client.out
    grep -q "^     2. 127.0.0.1:$port" client.out
    grep -q 'error is [0-9]*: ECONNREFUSED' client.out
    grep -q 'error is 0: none, so we are connected' client.out
    answered
}

@test "IPv6 comes first where both answer" {
    local port
    port=$(free_port)
    serve six ::1 "$port"
    serve four 127.0.0.1 "$port"
    with_hosts '127.0.0.1 twofold' '::1 twofold' -- \
        "$BUILD/12_names" twofold "$port" >client.out
    await six '^ *[0-9]*  close(6) = 0'
    [ "$(grep -c ' connect(' client.out)" -eq 1 ]
}

# silent_at ADDRESS: starts a server there, at $port, and fills its queue:
# whoever calls now gets no answer.
silent_at() {
    local caller
    start silent "$BUILD/10_echo_server" "$1" "$port"
    await silent 'blocks until a client'
    kill -STOP "$(cat silent.pid)"
    while [ "$(ss -Htln "sport = :$port" | awk '{ print $2 }')" -lt 6 ]; do
        # shellcheck disable=SC2034 # it need only stay open
        exec {caller}<>"/dev/tcp/$1/$port"
    done
}

@test "where an address is silent, the wait is bounded" {
    local port
    port=$(free_port)
    silent_at ::1
    serve server 127.0.0.1 "$port"
    with_hosts '::1 twofold' '127.0.0.1 twofold' -- \
        "$BUILD/12_names" twofold "$port" >client.out 2>client.err
    grep -q "^     1. \[::1\]:$port" client.out
    grep -q '  poll(.*3000) = 0$' client.out
    grep -q '^     The time is over: nothing is ready' client.out
    grep -q "nothing came back from \[::1\]:$port" client.err
    answered
}

@test "where the only address is silent, the error says that it is" {
    local port
    port=$(free_port)
    silent_at 127.0.0.1
    start client "$BUILD/12_names" 127.0.0.1 "$port"
    finish client 1
    [ "$(tail -n 1 client.err)" = '127.0.0.1: Connection timed out' ]
    grep -q 'Try: ping -c 3 127.0.0.1' client.err
}

@test "where the kernel has no IPv6, the address of IPv4 is tried, and answers" {
    local port nth
    need strace
    port=$(free_port)
    serve server 127.0.0.1 "$port"
    # The resolver makes sockets too: the one that must fail is the
    # first of ours.
    with_hosts '::1 twofold' '127.0.0.1 twofold' -- strace -qq -o trace \
        -e trace=socket "$BUILD/12_names" twofold "$port" >client.out
    nth=$(grep -n -m 1 'AF_INET6, SOCK_STREAM' trace | cut -d : -f 1)
    with_hosts '::1 twofold' '127.0.0.1 twofold' -- strace -qq -o trace \
        -e trace=socket -e "inject=socket:error=EAFNOSUPPORT:when=$nth" \
        "$BUILD/12_names" twofold "$port" >client.out 2>client.err
    grep -q 'socket(AF_INET6, .*) = -1 EAFNOSUPPORT' client.out
    answered
}

@test "where IPv6 is switched off, only the IPv4 address answers" {
    must_have localhost
    local port NETWORK=own
    port=$(free_port)
    # shellcheck disable=SC2016 # for the inner shell
    with_hosts '::1 twofold' '127.0.0.1 twofold' '::1 six' -- sh -c '
        ip link set lo up
        echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 || exit
        "$1/11_many_clients" -q "$2" & server=$!
        "$3/until" listens "$2"
        "$1/12_names" twofold "$2" >client.out 2>client.err
        echo $? >client.status
        "$1/12_names" six "$2" >six.out 2>six.err
        echo $? >six.status
        kill $server' - "$BUILD" "$port" "$TOOLS" || skip 'IPv6 cannot be switched off'
    [ "$(cat client.status)" -eq 0 ]
    answered
    [ "$(cat six.status)" -eq 1 ]
    grep -q '^six: [A-Z]' six.err
    grep -q '^     Try: ' six.err
}

@test "where nobody listens it says so, and what to try" {
    must_have localhost
    local port
    port=$(free_port)
    start client "$BUILD/12_names" "$port"
    finish client 1
    [ "$(tail -n 1 client.err)" = 'localhost: Connection refused' ]
    grep -q 'Try: start the server first' client.err
}

@test "an unknown name is explained" {
    with_hosts '127.0.0.1 localhost' -- "$BUILD/12_names" no.invalid \
        >client.out 2>client.err && return 1
    grep -q '^  1  getaddrinfo(.*) = EAI_NONAME$' client.out
    grep -q '^     Try: check the spelling' client.err
    [ "$(tail -n 1 client.err)" = 'no.invalid: Name or service not known' ]
}

@test "where even localhost is unknown, it says where that belongs" {
    with_hosts '192.0.2.1 other' -- "$BUILD/12_names" \
        >client.out 2>client.err && return 1
    grep -q '^  1  getaddrinfo("localhost", .*) = EAI_NONAME$' client.out
    tr -s '\n ' ' ' <client.err | grep -q 'localhost belongs in /etc/hosts'
    [ "$(tail -n 1 client.err)" = 'localhost: Name or service not known' ]
}

@test "a name server that is not there is explained" {
    export DNS=dns RES_OPTIONS='timeout:1 attempts:1'
    with_hosts '127.0.0.1 localhost' -- \
        "$BUILD/12_names" a.name.of.nobody >client.out 2>client.err &&
        return 1
    grep -q '^  1  getaddrinfo(.*) = EAI_AGAIN$' client.out ||
        tr -s '\n ' ' ' <client.out | grep -q ') = EAI_AGAIN $'
    grep -q '^     Try: ip -br addr' client.err
}

@test "each error of the resolver has its row" {
    local name
    # POSIX getaddrinfo, ERRORS; EAI_OVERFLOW is getnameinfo's alone.
    for name in AGAIN BADFLAGS FAIL FAMILY MEMORY NONAME SERVICE \
        SOCKTYPE SYSTEM; do
        grep -q "^{\"getaddrinfo\", EAI_$name," \
            "$ROOT/lessons/narrator/errors.h"
    done
}

@test "a word that is no name is refused" {
    local word
    for word in '' 'a b' $'a\nb' 'a/b' "$(printf 'x%.0s' {1..300})"; do
        run -1 --separate-stderr "$BUILD/12_names" "$word" 9000
        [[ $output == *' = EAI_NONAME' ]]
        [[ $stderr == *"
$word: Name"* ]]
    done
}
