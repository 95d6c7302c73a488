# The remarks of scripts/narrate: what is likely to be a fault is named
# where it shows, and a program that is right gets no remark, however much
# it looks like the one with the fault. tests/support/remarks.c has both.

load helper
load any-program

# case_told CASE N [WORD]: runs the program of remarks.c told; told.txt has
# it in one line, without the numbers of processes. It does what
# scripts/narrate does last: the rest would take longer than the programs.
case_told() {
    # shellcheck disable=SC2086 # a word, or none
    timeout "$PATIENCE" env NARRATE_OUT=- LD_PRELOAD="$BUILD/narrate.so" \
        ./remarks "$1" "$2" ${3-} >out.txt 2>raw.txt 3>&- 4>&- ||
        [ $? -ne 77 ] || return 77
    sed 's/^ \[process [0-9]*\]//' raw.txt | tr -s ' \n' ' ' >told.txt
}

wrong() {
    echo "# $1:" && cat raw.txt
    failed=1
}

@test "each remark is made of its fault, and not of what looks like it" {
    local failed='' name rights words right_words remark n
    need python3
    "${CC:-cc}" -pthread "$ROOT/tests/support/remarks.c" -o remarks
    while IFS=$'\x1f' read -r name rights words right_words remark; do
        if case_told "$name" 0 "$words"; then
            # shellcheck disable=SC2053 # a pattern: * is what varies
            [[ $(<told.txt) == *"Note: "$remark* ]] || wrong "$name"
            cat told.txt >>noted.txt
        fi
        for ((n = 1; n <= rights; n++)); do
            case_told "$name" "$n" "$right_words" || continue
            ! grep -qF Note: told.txt || wrong "$name, right one $n"
        done
    done < <(./remarks | tr '\t' '\37')
    [ -z "$failed" ]
    # Nor is a connection that was reset taken for the listening socket.
    told ./remarks no-connection 2
    run ! grep 'still listens' told.txt
    # Every remark in the sources, with any text where a value stands, is
    # among those that were made.
    run -0 python3 - noted.txt "$ROOT"/lessons/narrator/preload/*.h <<'PYTHON'
import re
import sys
noted, *sources = (open(name, encoding="utf-8").read() for name in sys.argv[1:])
call = r'narrate_(?:note|fault)\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)'
formats = ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', found))
           for found in re.findall(call, "".join(sources))]
assert len(formats) > 25, formats
for form in formats:
    parts = re.split("%[a-z]+", form)
    if not re.search("Note: " + ".*".join(map(re.escape, parts)), noted):
        sys.exit("no case makes this remark: " + form)
PYTHON
}

@test "programs without a fault get no remark" {
    any
    local kind
    for kind in calls select epoll threads fork exec; do
        told ./any "$kind"
        run ! grep -F Note: told.txt
    done
}

@test "remarks: accept on the socket of the last caller, open or closed" {
    for close in '' 'close(sock);'; do
        faulty astray <<EOF
    give(sock, &here);
    for (int i = 0; i < 2; i++)
        reach(socket(AF_INET, SOCK_STREAM, 0), &here);
    while ((sock = accept(sock, NULL, NULL)) != -1) { $close }
EOF
        [ -n "$close" ] || noted '6 is a connected socket'
        [ -z "$close" ] || noted 'descriptor 6 was closed in call 10.'
        run -1 grep 'accept was called once' told.txt
    done
}

@test "remark: an address larger than its room, which is not told" {
    grep -qs . /proc/net/if_inet6 || skip 'there is no IPv6'
    faulty cut <<'EOF'
    struct sockaddr_in6 at = {0};
    struct sockaddr_in from;
    struct iovec into = {b, sizeof b};
    struct msghdr message = {&from, sizeof from, &into, 1};
    socklen_t length = sizeof at;
    int client = socket(AF_INET6, SOCK_STREAM, 0);
    close(sock);
    sock = socket(AF_INET6, SOCK_STREAM, 0);
    at.sin6_family = AF_INET6;
    at.sin6_addr = in6addr_loopback;
    bind(sock, (void *)&at, sizeof at);
    listen(sock, 5);
    getsockname(sock, (void *)&at, &length);
    connect(client, (void *)&at, sizeof at);
    length = sizeof from;
    accept(sock, (void *)&from, &length);
    sock = socket(AF_INET6, SOCK_DGRAM, 0);
    bind(sock, (void *)&at, sizeof at);
    for (int i = 0; i < 3; i++)
        sendto(sock, "six", 3, 0, (void *)&at, sizeof at);
    length = sizeof from;
    recvfrom(sock, b, sizeof b, 0, (void *)&from, &length);
    recvmsg(sock, &message, 0);
    length = sizeof at;
    recvfrom(sock, b, sizeof b, 0, (void *)&at, &length);
EOF
    noted "length held 16 before the call, so the address was cut: a struct"
    noted "length held 16 before the call, so the sender's address was cut"
    # The one call whose buffer had room for the address.
    [ "$(grep -c 'From \[' told.txt)" -eq 1 ]
    run ! grep 'From \[::\]' told.txt
}

@test "a loop that looks at no failure is counted, and said to be one" {
    faulty loop <<'EOF'
    int client = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    reach(client, &here);
    shutdown(client, SHUT_WR);
    close(sock);
    for (int i = 0; i < 3000; i++) {
        accept(sock, NULL, NULL);
        close(sock);
    }
    for (int i = 0; i < 3000; i++)
        send(sock, "x", 1, MSG_NOSIGNAL);
EOF
    run ! grep -F 'accept(3, NULL, NULL) … blocks' told.txt
    run -0 "$ROOT/scripts/narrate" ./loop 3>&- 4>&-
    [ "${#lines[@]}" -lt 90 ]
    tr -s ' \n' ' ' <<<"$output" >told.txt
    noted 'accept(3) has failed with EBADF 1000 times in a row'
    noted 'send(3) has failed with EBADF 1000 times in a row'
    grep -q 'more accept(3) = -1 EBADF; ' told.txt
    grep -q 'The end: 9008 calls' told.txt
}

@test "a loop at the end is said to be one, and empty datagrams are not" {
    faulty over <<'EOF'
    int client = socket(AF_INET, SOCK_STREAM, 0), taken;
    give(sock, &here);
    reach(client, &here);
    taken = accept(sock, NULL, NULL);
    close(client);
    for (int i = 0; i < 3000; i++)
        recv(taken, b, sizeof b, 0);
EOF
    run -0 "$ROOT/scripts/narrate" ./over 3>&- 4>&-
    tr -s ' \n' ' ' <<<"$output" >told.txt
    noted 'recv(5) has returned 0, the end, 1000 times in a row'
    faulty empty <<'EOF'
    int ends[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    for (int i = 0; i < 3000; i++) {
        send(ends[0], "", 0, 0);
        recv(ends[1], b, sizeof b, 0);
    }
EOF
    run -0 "$ROOT/scripts/narrate" ./empty 3>&- 4>&-
    [[ $output == *' more send(4); '*' more recv(5)'* ]]
    [[ $output != *Note:* ]]
}

@test "shutdown: a FIN for TCP alone, and what SHUT_RD is" {
    faulty ways <<'EOF'
    int client = socket(AF_INET, SOCK_STREAM, 0), taken, ends[2];
    give(sock, &here);
    reach(client, &here);
    taken = accept(sock, NULL, NULL);
    send(client, "one", 3, 0);
    shutdown(taken, SHUT_RD);
    recv(taken, b, sizeof b, 0);
    recv(taken, b, sizeof b, 0);
    send(client, "two", 3, 0);
    recv(taken, b, 3, 0);
    shutdown(sock, SHUT_RDWR);
    accept(sock, NULL, NULL);
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    shutdown(ends[0], SHUT_WR);
    recv(ends[1], b, 1, 0);
    shutdown(ends[0], SHUT_RDWR);
    close(sock);
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    reach(sock, &here);
    shutdown(sock, SHUT_WR);
    sock = socket(AF_UNIX, SOCK_STREAM, 0);
    here.sin_family = AF_UNIX;
    bind(sock, (void *)&here, sizeof here.sin_family);
    listen(sock, 1);
    shutdown(sock, SHUT_RD);
    accept(sock, NULL, NULL);
EOF
    run ! grep 'accept.*blocks' <(grep -v 'accept(3' told.txt)
    run ! grep 'recv(5.*blocks' told.txt
    grep -q 'accept([0-9]*, NULL, NULL) = -1 EINVAL' told.txt
    [ "$(grep -c 'recv(5, buffer, [0-9]*, 0) = 3' told.txt)" -eq 2 ]
    grep -q 'Nothing is there, and shutdown has ended receiving here' told.txt
    grep -qF 'shutdown(3, SHUT_RDWR) = 0' told.txt
    grep -q 'It takes no callers any more' told.txt
    [ "$(grep -c 'Nothing more can be sent here. We can' told.txt)" -eq 2 ]
    [ "$(grep -c '0 is the end: the peer' told.txt)" -eq 1 ]
    run ! grep -e 'FIN follows' -e 'call listen first' told.txt
}
