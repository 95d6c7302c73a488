# What a lesson tells of calls that this machine really refuses.
# tests/errors.bats injects all other failures.
# shellcheck disable=SC2030,SC2031 # bats' $status, $output, $stderr
load helper
load errors

# like TEXT PATTERN: all of the text matches this shell pattern.
like() {
    # shellcheck disable=SC2254 # it is a pattern
    case $1 in $2) return ;; esac
    echo "# not like $2: $1" >&2
    return 1
}

# explained CALL ERRNO: the lesson that `run` ran has ended with status
# 1; it told the call's failure, what that means, what to try, and then
# the program said which call it was. $said is its standard error as one
# line.
explained() { # CALL ERRNO
    [ "$status" -eq 1 ]
    like "$(tr -s ' \n' ' ' <<<"$output")" "*$1(* = -1 $2*"
    like "${stderr_lines[0]}" "*That means: *"
    like "$stderr" "*     Try: *"
    like "${stderr_lines[-1]}" "$1: *"
    said=$(tr -s ' \n' ' ' <<<"$stderr")
}
lesson() { # NAME ARGUMENT...
    local name=$1
    shift
    run --separate-stderr "$BUILD/$name" "$@" </dev/null 3>&-
}

# told NAME CALL ERRNO: the same for a lesson that `start` has started.
told() {
    finish "$1" 1
    output=$(cat "$1.out")
    stderr=$(cat "$1.err")
    mapfile -t stderr_lines <"$1.err"
    explained "$2" "$3"
}

# held NAME COMMAND...: starts it with a standard input that stays open;
# `release` ends that with q and Enter.
held() {
    mkfifo hold
    # shellcheck disable=SC2016 # for the other shell
    start "$1" sh -c 'exec "$@" <hold' - "${@:2}"
    exec {HOLD}<>hold # so that neither end blocks
}
release() { echo q >&"$HOLD"; }

@test "an errno without a row has its name and the system's text" {
    need strace
    run --separate-stderr strace -qq -o trace -e inject=socket:error=EXDEV \
        "$BUILD/01_socket" 3>&-
    [ "$status" -eq 1 ]
    like "$output" "*socket(* = -1 EXDEV*"
    like "${stderr_lines[-1]}" "socket: Invalid cross-device link"
    run --separate-stderr strace -qq -o trace -e inject=socket:error=4000 \
        "$BUILD/01_socket" 3>&-
    [ "$status" -eq 1 ]
    like "$output" "*socket(* = -1 an unknown errno*"
}

@test "with -q a failed call is the program's own line alone" {
    lesson 05_connect -q "$(free_port)"
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [ "$stderr" = 'connect: Connection refused' ]
}

@test "EADDRINUSE says which process has the port, and its command shows it" {
    port=$(free_port)
    start first "$BUILD/04_accept" "$port"
    await first 'blocks until'
    lesson 03_listen "$port"
    explained bind EADDRINUSE
    like "$said" "*socket listens at 127.0.0.1:$port: process $(cat first.pid), *04_accept $port. *"
    like "$said" "*ss -tuanp 'sport = :$port' shows*"
    like "$said" "*take another port: ./03_listen 9000 *"
    ss -tuanp "sport = :$port" | grep -q "pid=$(cat first.pid)"

    port=$(free_port)
    start receiver "$BUILD/08_udp_receiver" "$port"
    await receiver 'blocks until'
    lesson 08_udp_receiver "$port"
    explained bind EADDRINUSE
    like "$said" "*is bound to 127.0.0.1:$port: process $(cat receiver.pid), *"
    ss -tuanp "sport = :$port" | grep -q "pid=$(cat receiver.pid)"
}

@test "EADDRINUSE from listen: two have bound one address, one can listen" {
    need strace
    port=$(free_port)
    : >trace
    # One is stopped once it has bound; then the other binds and listens.
    start late strace -qq -o trace -e trace=bind \
        -e inject=bind:signal=SIGSTOP "$BUILD/04_accept" "$port"
    await late 'stopped by SIGSTOP' trace
    start early "$BUILD/04_accept" "$port"
    await early 'blocks until'
    end_child CONT late
    told late listen EADDRINUSE
    like "$said" "*already listens at 127.0.0.1:$port: process $(cat early.pid), *"
}

# The server ends first; its connection stays in TIME-WAIT.
waits() { ss -Htan state time-wait "sport = :$port" | grep -q .; }
@test "EADDRINUSE says so where connections in TIME-WAIT alone have the port" {
    local peer
    port=$(free_port)
    start server "$BUILD/04_accept" "$port"
    await server 'blocks until'
    exec {peer}<>"/dev/tcp/127.0.0.1/$port"
    finish server 0
    exec {peer}>&-
    eventually waits
    variant 04_accept 's/SO_REUSEADDR/SO_KEEPALIVE/'
    BUILD=$PWD lesson 04_accept "$port"
    explained bind EADDRINUSE
    like "$said" "*nothing listens at 127.0.0.1:$port, but connections of an earlier server*, in TIME-WAIT.*"
    like "$said" "*Try: set SO_REUSEADDR before bind; or wait: in a minute they are gone *"
    BUILD=$PWD lesson 04_accept 0.0.0.0 "$port"
    explained bind EADDRINUSE
    like "$said" "*nothing listens at 127.0.0.1:$port, but*"
}

@test "what this machine refuses really is explained: addresses and ports" {
    lesson 02_bind 192.0.2.1
    explained bind EADDRNOTAVAIL
    like "$said" "*192.0.2.1 does not belong to this host*"
    lesson 19_multicast_receiver 192.0.2.1
    explained setsockopt ENODEV
    lesson 19_multicast_sender 192.0.2.1
    explained setsockopt EADDRNOTAVAIL
    port=$(free_port)
    lesson 05_connect "$port"
    explained connect ECONNREFUSED
    like "$said" "*nothing listens at 127.0.0.1:$port:*"
    like "$said" "*./04_accept $port. If it runs already*"
    lesson 05_connect 127.0.0.2 "$port"
    explained connect ECONNREFUSED
    like "$said" "*./04_accept 127.0.0.2 $port. If*"
    lesson 08_udp_sender 0.0.0.0 "$port"
    explained recvfrom EAGAIN
    like "$said" "*./08_udp_receiver $port runs*this one again *"
    lesson 05_connect 255.255.255.255
    explained connect ENETUNREACH
    lesson 08_udp_sender 0
    explained sendto EINVAL
    lesson 08_udp_sender 127.255.255.255
    explained sendto EACCES
}

@test "what this machine refuses really is explained: root's ports" {
    # In a container any user may bind port 80; a network of our own has
    # the kernel's default. Where we cannot have one, the test is skipped.
    command=("$BUILD/02_bind" 0.0.0.0 80)
    if [ "$(id -u)" -eq 0 ]; then
        drop=(setpriv --bounding-set=-net_bind_service)
        "${drop[@]}" true || skip 'no right may be dropped here'
        command=("${drop[@]}" "${command[@]}")
    fi
    if [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -le 80 ]; then
        unshare -n true ||
            skip 'any user may have port 80, and none a network here'
        command=(unshare -n "${command[@]}")
    fi
    run --separate-stderr "${command[@]}" 3>&-
    explained bind EACCES
    like "$said" "*Try: take a port from 1024 up: ./02_bind 8888 *"
}

@test "what this machine refuses really is explained: too many descriptors" {
    need prlimit
    port=$(free_port)
    start server "$BUILD/09_greeting_server" "$port"
    await server 'accept(.* blocks until'
    # The accept that blocks has its descriptor already, the next gets none.
    prlimit --pid "$(cat server.pid)" --nofile=4:1024
    lesson 09_greeting_client "$port"
    await server 'accept(.* = -1 EMFILE'
    await server '^No callers for 2 seconds' server.err
    grep -q 'The caller stays in the queue' server.err
    prlimit --pid "$(cat server.pid)" --nofile=1024:1024
    lesson 09_greeting_client "$port"
    [ "$status" -eq 0 ]
}

@test "what this machine refuses really is explained: a time limit is over" {
    start sender "$BUILD/08_udp_sender" "$(free_port)"
    told sender recvfrom EAGAIN
    like "$said" "*the time limit that SO_RCVTIMEO sets. Nobody*"
}

@test "what this machine refuses really is explained: a peer that resets" {
    port=$(free_port)
    held server "$BUILD/04_accept" "$port"
    await server 'blocks until'
    start client "$BUILD/06_send_recv_client" "$port"
    await client 'recv(.* blocks until'
    release # the server leaves without having read
    finish server 0
    told client recv ECONNRESET
}

@test "what this machine refuses really is explained: an address without a family" {
    port=$(free_port)
    start server "$BUILD/06_send_recv_server" "$port"
    await server 'blocks until'
    # sin_family stays 0, AF_UNSPEC: connect says 0 and connects nothing.
    variant 06_send_recv_client /sin_family/d
    run --separate-stderr ./06_send_recv_client "$port" </dev/null 3>&-
    explained send EPIPE
    like "$said" "*with 0 (AF_UNSPEC) connect returns 0*"

    variant 02_bind /sin_family/d
    run --separate-stderr ./02_bind "$port" </dev/null 3>&-
    explained bind EAFNOSUPPORT
    like "$said" "*It is 0 (AF_UNSPEC) if sin_family was never set.*"
}

# ---- getaddrinfo

@test "every error of the resolver is told by its name, with what to try" {
    # This getaddrinfo replaces the system's, and fails as asked.
    cat >resolver.c <<'END'
#include <netdb.h>
#include <stdlib.h>
int getaddrinfo(const char *name, const char *service,
                const struct addrinfo *hints, struct addrinfo **list)
{
    (void)name, (void)service, (void)hints, (void)list;
    return atoi(getenv("RESOLVER_SAYS"));
}
END
    cc -shared -fPIC -o resolver.so resolver.c
    cat >numbers.c <<END
#define main rows_main
#include "$ROOT/docs/error-rows.c"
#undef main
int main(void)
{
    for (int error = -200; error < 200; error++)
        if (narrate_resolver_error(error) != NULL)
            printf("%s %d\n", narrate_resolver_name(error), error);
}
END
    cc -o numbers numbers.c
    ./numbers >numbers.list
    [ "$(wc -l <numbers.list)" -eq "$(rows | grep -c '^getaddrinfo')" ]
    local name number
    while read -r name number; do
        export RESOLVER_SAYS=$number
        LD_PRELOAD=$PWD/resolver.so lesson 12_names no.invalid
        [ "$status" -eq 1 ]
        like "$output" "*getaddrinfo(*$name*"
        like "$stderr" "*That means: *"
        like "$stderr" "*     Try: *"
    done <numbers.list
}
