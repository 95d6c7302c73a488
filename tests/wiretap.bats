# Lesson 13: what it prints of frames is what is on the wire, and no
# frame does it harm.
load helper

# in_a_network COMMAND...: in a network of our own, with all rights in it.
in_a_network() {
    local as_root=-r
    [ "$(id -u)" -ne 0 ] || as_root=
    unshare $as_root -n sh -c 'ip link set lo up && exec "$@"' sh "$@"
}

prepare() {
    need unshare ip
    must_have network
}

# bats test_tags=second
@test "a million damaged frames are read within their bounds, under ASan" {
    need_sanitizers gcc
    # The lesson as the plain program that it is.
    sed -e '/^#define TITLE /d' -e '/^#include "narrate.h"$/d' \
        "$ROOT/lessons/13_wiretap.c" >wiretap.c
    gcc -O1 -g -fsanitize=address,undefined -fno-sanitize-recover -I. \
        "$ROOT/tests/support/fuzz_wiretap.c" -o fuzz
    ./fuzz 500000 1 >one &
    ./fuzz 500000 2 >two
    wait $!
    # The fuzzer reaches the innermost layer of every kind.
    for layer in 'IPv4 20:' 'IPv4 24:' 'IPv6 40:' 'TCP 20:' 'TCP 24:' 'UDP 8:'; do
        grep -q "^ *$layer" one
    done
    [ "$(tr -d '[:print:]\n\200-\377' <one | wc -c)" -eq 0 ]
}

# frames_of PLAYS: runs PLAYS, shell commands that play lessons, beside the
# wiretap and tcpdump; `pair SERVER CLIENT` plays two. What these say of each
# segment goes to wiretap.txt and tcpdump.txt in one form: ports, flags,
# sequence number, acknowledgement, window, payload.
frames_of() {
    need tcpdump nc
    [ "$(id -u)" -eq 0 ] || skip 'tcpdump needs root'
    cat >both <<END
pair() {
    "$BUILD/\$1" >pair.out 2>&1 &
    server=\$!
    "$TOOLS/until" listens 8888
    "$BUILD/\$2" >>pair.out 2>&1
    wait \$server
}
# said PROGRAM FILE PATTERN: returns once the program has written that.
said() { "$TOOLS/until" line "\$2" "\$3" \$1; }
: >wiretap.out >tcpdump.out >tcpdump.err
"$BUILD/13_wiretap" >wiretap.out 2>wiretap.err &
wiretap=\$!
tcpdump -Z root -i lo -l -n -t -S --immediate-mode 'port 8888' \
    >tcpdump.out 2>tcpdump.err &
tcpdump=\$!
said \$tcpdump tcpdump.err 'listening on'
said \$wiretap wiretap.out Ctrl-C
$1
# A last datagram, after which all others have been seen by both.
printf last | nc -u -w 1 127.0.0.1 8888
said \$tcpdump tcpdump.out 'length 4\$'
said \$wiretap wiretap.out '"last"'
kill \$wiretap \$tcpdump
wait
END
    in_a_network timeout 60 sh ./both </dev/null
    tr -d ,: <wiretap.out |
        awk '/ TCP / { line = $3 " " $5 " " $6 " " $8 " " $10 " " $12 }
             / UDP / { line = $3 " " $5 " UDP" }
             / payload / { print line " " $2 }' >wiretap.txt
    sed -E 's/^IP6? [^ ]*\.([0-9]+) > [^ ]*\.([0-9]+): /\1 \2 /
        s/UDP, length ([0-9]+)/UDP \1/
        s/Flags \[([^]]*)\], seq ([0-9]+)(:[0-9]+)?,/\1 \2/
        s/Flags \[\.\], ack ([0-9]+)/. - ack \1/
        s/ ack ([0-9]+),/ \1/; s/ win ([0-9]+),/ \1/
        s/ options \[[^]]*\],//; s/ length ([0-9]+)/ \1/' tcpdump.out |
        awk 'NF { flags = $3
               gsub(/\./, "+ACK", flags); sub(/S/, "SYN", flags)
               sub(/^F/, "FIN", flags); sub(/^P/, "PSH", flags)
               sub(/^R/, "RST", flags); sub(/^\+/, "", flags)
               if ($3 != "UDP") $3 = flags
               if ($3 == "SYN") $0 = $1 " " $2 " SYN " $4 " 0 " $5 " " $6
               sub(/ ack /, " ")
               print }' >tcpdump.txt
}

@test "what it prints of TCP and UDP agrees with tcpdump on the same frames" {
    prepare
    frames_of "$BUILD/05_connect >refused.out 2>&1 # by nobody
        pair 04_accept 05_connect
        pair 07_close_server 07_close_client
        pair 08_udp_receiver 08_udp_sender"
    # tcpdump leaves out the sequence number of a bare ACK.
    awk 'NR == FNR { dump[NR] = $0; next }
         { split(dump[FNR], d, " "); if (d[4] == "-") $4 = "-"; print }' \
        tcpdump.txt wiretap.txt >compared.txt
    diff tcpdump.txt compared.txt
    [ "$(grep -c . tcpdump.txt)" -gt 20 ]
    grep -q 'SYN+ACK' compared.txt
    grep -q 'RST+ACK' compared.txt
    grep -q 'UDP 40' compared.txt
}

@test "each frame on lo is printed once" {
    prepare
    frames_of 'pair 07_close_server 07_close_client'
    [ "$(grep -c ' SYN, seq' wiretap.out)" -eq 1 ]
    [ "$(grep -c ' payload 11: "Hello from "$' wiretap.out)" -eq 1 ]
    [ "$(grep -c ' payload 12: "the client!\\x0A"$' wiretap.out)" -eq 1 ]
    # Of the calls for frames only the first is told.
    joined wiretap.out >told.txt
    [ "$(grep -c ' recvfrom(.*… blocks until a frame comes' told.txt)" -eq 1 ]
    [ "$(grep -c ' recvfrom(' told.txt)" -eq 2 ]
}

@test "without the right it says which one is missing and how to get it" {
    need setpriv
    local as=()
    [ "$(id -u)" -ne 0 ] || as=(setpriv --reuid 65534 --clear-groups)
    cp "$BUILD/13_wiretap" . && chmod 755 . 13_wiretap
    run --separate-stderr "${as[@]}" "$PWD/13_wiretap"
    [ "$status" -eq 1 ]
    [[ "$output" = *'socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) = -1 EPERM'* ]]
    [[ "$stderr" = *'sudo ./13_wiretap'* ]]
    [[ "$stderr" = *'unshare -Urn'* ]]
    [ "${stderr##*$'\n'}" = 'socket: Operation not permitted' ]
}

@test "an address that no interface has is refused with status 2" {
    prepare
    run --separate-stderr in_a_network timeout "$PATIENCE" \
        "$BUILD/13_wiretap" 192.0.2.77
    [ "$status" -eq 2 ]
    [[ "$stderr" = *'no interface of this host has the address 192.0.2.77'* ]]
}
