# lessons/errors.h: what a lesson says of a failed call is right, and
# every failure has something to be said of it.
load helper

# Servers that are meant to live on.
LIVING='^(09|10|11)_.*(server|clients)$'

rows() {
    [ -x rows ] || cc -std=c11 -o rows "$ROOT/docs/rows.c"
    ./rows "$@"
}

# The calls that each lesson makes: lesson, call. What stands in strings
# and comments is none. The sockets of lesson 13 are of another family
# than the table's; only that it needs a right is said there.
lesson_calls() {
    local file
    for file in "$ROOT"/lessons/[0-9]*.c; do
        sed 's/"[^"]*"//g; s,//.*,,' "$file" |
            grep -owE "$(rows | cut -f 1 | tr ' ' '\n' | sort -u |
                grep -v inet_pton | paste -sd '|')" |
            sort -u | sed "s/^/$(basename "$file" .c)	/"
    done | grep -vE '^13_wiretap	(bind|recvfrom)$'
}

# The jobs for tests/provoke: each row with each lesson that makes one
# of its calls.
jobs_of() {
    rows >rows.tsv
    lesson_calls | awk -F '\t' -v OFS='\t' -v living="$LIVING" '
        NR == FNR {
            n = split($1, calls, " ")
            for (i = 1; i <= n; i++)
                rows[calls[i]] = rows[calls[i]] FNR " "
            error[FNR] = $2; then[FNR] = $3
            rest[FNR] = $4 OFS $5
            next
        }
        {
            n = split(rows[$2], of, " ")
            for (i = 1; i <= n; i++) {
                on = then[of[i]]
                if ($1 !~ living)
                    on = "ends"
                else if ($2 ~ /^(send|recv|shutdown|close)$/)
                    on = "carries on" # one client is not all
                print $1, $2, error[of[i]], on, rest[of[i]]
            }
        }' rows.tsv -
}

# The lessons, and one that has `own_port` set, so that it calls bind.
programs() {
    mkdir programs
    ln -s "$BUILD"/[0-9]* programs
    sed 's/own_port = 0;/own_port = 9000;/' \
        "$ROOT/lessons/08_udp_sender.c" >08_udp_sender.c
    cc -I "$ROOT/lessons" -o programs/08_udp_sender.bind 08_udp_sender.c
}

# provoke_all <JOBS: two at a time; whatever went wrong is shown, and
# the number of jobs done is in $provoked.
provoke_all() {
    local port worker workers=2
    port=$(free_port)
    cat >jobs.tsv
    for ((worker = 0; worker < workers; worker++)); do
        "$ROOT/tests/provoke" programs "$port" "$worker" "$workers" \
            <jobs.tsv >"provoked.$worker" 3>&- 4>&- &
        STARTED="$STARTED $!"
    done
    wait
    grep -hv ' provoked$' provoked.* >&2 && return 1
    provoked=$(awk '{ n += $1 } END { print n }' provoked.*)
}

# One line on stderr says what is wrong: for lists that shall be empty.
empty() { # WHAT
    local lines
    lines=$(cat)
    [ -z "$lines" ] && return
    echo "# $1:" >&2
    echo "$lines" >&2
    return 1
}

# pages: page, call, errno, of errors.pages; table: call, errno, pages.
pages() {
    grep -v '^#' "$BATS_TEST_DIRNAME/errors.pages" |
        awk -F ': ' -v OFS='\t' 'NF {
            n = split($2, calls, " "); m = split($3, errors, " ")
            for (i = 1; i <= n; i++)
                for (j = 1; j <= m; j++)
                    print $1, calls[i], errors[j]
        }'
}
table() {
    rows "$@" | awk -F '\t' -v OFS='\t' '{
        n = split($1, calls, " ")
        for (i = 1; i <= n; i++)
            print calls[i], $2, $6
    }'
}

@test "each errno that a manual page lists has a row, or a reason why not" {
    pages | cut -f 2,3 | sort -u >listed
    { table; table -s; } | cut -f 1,2 | sort >known
    [ "$(wc -l <listed)" -gt 150 ]
    comm -23 listed <(uniq known) | empty "listed, but neither row nor skipped"
    uniq -d known | empty "there twice"
}

@test "each row and each skipped errno is listed by a page" {
    pages | sort >listed
    { table; table -s; } | awk -F '\t' -v OFS='\t' '
        NR == FNR { on[$1, $2, $3] = listed[$2, $3] = 1; next }
        $2 == "-" { next } # inet_pton: no errno
        !(($1, $2) in listed) { print $1, $2, "no page lists it" }
        $3 != "" {
            ok = 0
            n = split($3, names, ", ")
            for (i = 1; i <= n; i++)
                ok += (names[i], $1, $2) in on
            if (!ok)
                print $1, $2, "not on the pages named: " $3
        }' listed - | empty "without a page"
}

@test "a page that a row names lists its errno for one of the row's calls" {
    rows | awk -F '\t' -v OFS='\t' '
        NR == FNR { on[$1, $2, $3] = 1; next }
        $2 != "-" {
            n = split($6, names, ", "); m = split($1, calls, " ")
            for (i = 1; i <= n; i++) {
                ok = 0
                for (j = 1; j <= m; j++)
                    ok += (names[i], calls[j], $2) in on
                if (!ok)
                    print $1, $2, names[i]
            }
        }' <(pages) - | empty "not on that page"
}

@test "every errno of this system has its own name" {
    rows -n | cut -f 2 | sort >named
    echo '#include <errno.h>' | cc -E -dM - |
        awk '$2 ~ /^E[A-Z0-9]+$/ { print $2 }' | sort >defined
    [ "$(wc -l <defined)" -gt 100 ]
    # The others are second names: EAGAIN, EOPNOTSUPP, EDEADLK come first.
    comm -13 named defined | grep -vxE 'EWOULDBLOCK|ENOTSUP|EDEADLOCK' |
        empty "without a name"
    comm -23 named defined | empty "not of this system"
}

@test "every row in every lesson that makes the call: it ends with status 1 and says what that means, or carries on" {
    need strace
    programs
    # Injected it would be a lie: lesson 12 waits for the handshake. And
    # where a signal interrupts its recv, it calls again.
    jobs_of | grep -vE '^12_names	(connect	EINPROGRESS|recv	EINTR)' >all.tsv
    [ "$(wc -l <all.tsv)" -gt 1000 ]
    provoke_all <all.tsv
    [ "$provoked" -eq "$(wc -l <all.tsv)" ]
}

# like TEXT PATTERN, unlike TEXT PATTERN: a shell pattern for all of it.
like() {
    # shellcheck disable=SC2254 # it is a pattern
    case $1 in $2) return ;; esac
    echo "# not like $2: $1" >&2
    return 1
}
unlike() { ! like "$@" 2>&-; }

# explained CALL ERRNO: the lesson that `run` ran has ended with status
# 1, its stderr names both, with a meaning and something to try.
explained() { # CALL ERRNO
    [ "$status" -eq 1 ]
    like "${stderr_lines[0]}" "[01]*: $1: $2 (*)"
    like "${stderr_lines[1]}" "    That means: *"
    like "$stderr" "*    Try: *"
}
lesson() { # NAME ARGUMENT...
    local name=$1
    shift
    run --separate-stderr "$BUILD/$name" "$@" </dev/null 3>&-
}

@test "an errno without a row has its name and the system's text" {
    need strace
    run --separate-stderr strace -qq -o trace -e inject=socket:error=EXDEV \
        "$BUILD/01_socket" 3>&-
    explained socket EXDEV
    like "${stderr_lines[0]}" "*(Invalid cross-device link)"
    like "$stderr" "*Try: man 2 socket"
    like "$output" "* = -1 EXDEV"
    run --separate-stderr strace -qq -o trace -e inject=socket:error=4000 \
        "$BUILD/01_socket" 3>&-
    explained socket "an unknown errno"
    # A function of the library has its page in another section.
    cat >library.c <<'END'
#include "errors.h"
int main(void)
{
    struct error_place place = {"13_wiretap", "", "127.0.0.1", 8888};
    error_explain(stdout, "getifaddrs", EXDEV, &place);
}
END
    cc -I "$ROOT/lessons" -o library library.c
    ./library | grep -q 'Try: man 3 getifaddrs$'
}

@test "EADDRINUSE says whose address it is, and its command shows who" {
    port=$(free_port)
    start first "$BUILD/04_accept" "$port"
    await first 'waits for'
    lesson 03_listen "$port"
    explained bind EADDRINUSE
    like "$stderr" "*already has 127.0.0.1:$port;*"
    like "$stderr" "*ss -tuanp 'sport = :$port'*"
    ss -tuanp "sport = :$port" | grep -q "pid=$(cat first.pid)"

    port=$(free_port)
    start receiver "$BUILD/08_udp_receiver" "$port"
    await receiver 'waits for'
    lesson 08_udp_receiver "$port"
    explained bind EADDRINUSE
    ss -tuanp "sport = :$port" | grep -q "pid=$(cat receiver.pid)"
}

# told NAME CALL ERRNO: as explained, of a lesson that was started.
told() {
    finish "$1" 1
    stderr=$(cat "$1.err")
    mapfile -t stderr_lines <"$1.err"
    explained "$2" "$3"
}

@test "EADDRINUSE from listen: two have bound one address, one can listen" {
    port=$(free_port)
    for name in early late; do
        cued $name "$BUILD/03_listen" "$port"
        cue $name nnn
        await $name '^cue [0-9]* listen'
    done
    cue early n
    await early '^cue [0-9]* hold'
    cue late n
    told late listen EADDRINUSE
    cue early q
    finish early 0
}

@test "what this machine refuses really is explained: addresses and ports" {
    lesson 02_bind 192.0.2.1
    explained bind EADDRNOTAVAIL
    like "$stderr" "*192.0.2.1 is not an address of this host*"
    port=$(free_port)
    lesson 05_connect "$port"
    explained connect ECONNREFUSED
    like "$stderr" "*./04_accept $port *"
    lesson 05_connect 127.0.0.2 "$port"
    explained connect ECONNREFUSED
    like "$stderr" "*./04_accept 127.0.0.2 $port *"
    lesson 08_udp_sender 0.0.0.0 "$port"
    explained recvfrom EAGAIN
    like "$stderr" "*./08_udp_sender $port"
    lesson 05_connect 255.255.255.255
    explained connect ENETUNREACH
    lesson 08_udp_sender 0
    explained sendto EINVAL
    lesson 08_udp_sender 127.255.255.255
    explained sendto EACCES
}

@test "what this machine refuses really is explained: root's ports" {
    # In a container any user may have port 80; a network of its own has
    # the kernel's default. Where neither can be, the injected one stands.
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
    like "$stderr" "*Try: take a port from 1024 up: ./02_bind 8888"
}

@test "what this machine refuses really is explained: too many descriptors" {
    port=$(free_port)
    # shellcheck disable=SC2016 # $0 is for the other shell
    start server sh -c 'ulimit -n 4 && exec "$0" "$@"' \
        "$BUILD/04_accept" "$port"
    await server 'waits for'
    lesson 05_connect "$port"
    told server accept EMFILE
}

@test "what this machine refuses really is explained: nobody answers" {
    start sender "$BUILD/08_udp_sender" "$(free_port)"
    told sender recvfrom EAGAIN
    grep -q "the time that SO_RCVTIMEO allows" sender.err
}

@test "what this machine refuses really is explained: a peer that resets" {
    port=$(free_port)
    cued server "$BUILD/04_accept" "$port"
    cue server nnnnn
    await server 'waits for'
    start client "$BUILD/06_send_recv_client" "$port"
    await client 'recv.* waits for'
    await server '^cue [0-9]* hold'
    cue server q # it leaves without having read
    told client recv ECONNRESET
}

@test "inet_pton fails without an errno, and no step is blamed for it" {
    sed 's/127\.0\.0\.1/1.2.3/' "$ROOT/lessons/02_bind.c" >02_bind.c
    cc -I "$ROOT/lessons" -o 02_bind 02_bind.c
    run --separate-stderr ./02_bind 3>&-
    [ "$status" -eq 1 ]
    like "$stderr" "02_bind: inet_pton: failed, without an errno*"
    like "$stderr" "*That means: the text is not an IPv4 address*"
    like "$stderr" "*./02_bind 127.0.0.1 8888"
    unlike "$output" "* = -1*"
}
