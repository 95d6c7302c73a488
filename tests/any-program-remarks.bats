# The remarks of scripts/narrate: beginners' mistakes are named where they
# show, and programs that are right get none.

load helper
load any-program

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
    grep -qF 'bind(3, {family 0: AF_UNSPEC}, 16)' told.txt
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
    noted 'after 5 bytes of text come 59 zeros: are they meant?'
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

@test "remarks: what is left of an earlier message, a full buffer" {
    faulty left <<'EOF'
    char text[64] = "";
    int client = socket(AF_INET, SOCK_STREAM, 0), taken;
    give(sock, &here);
    reach(client, &here);
    taken = accept(sock, NULL, NULL);
    send(client, "hello world", 11, 0);
    recv(taken, text, sizeof text, 0);
    send(taken, text, strlen(text), 0);
    send(client, "hi", 2, 0);
    recv(taken, text, sizeof text, 0);
    send(taken, text, strlen(text), 0);
EOF
    noted 'the last recv gave 2 bytes; the other 9 that are sent are left'
    # A program that appends its own words to what came is right.
    sed 's/send(taken, text, strlen/strcpy(text + 2, "llo, too"); &/' left.c >own.c
    cc -w own.c -o own
    told ./own
    run ! grep 'left from an earlier' told.txt
    faulty datagram <<'EOF'
    socklen_t length = 0;
    struct sockaddr_in peer;
    close(sock);
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    here.sin_port = htons(0);
    bind(sock, (void *)&here, sizeof here);
    length = sizeof here;
    getsockname(sock, (void *)&here, &length);
    sendto(sock, "0123456789", 10, 0, (void *)&here, sizeof here);
    length = 0;
    recvfrom(sock, b, 4, 0, (void *)&peer, &length);
EOF
    noted "length held 0 before the call, so the sender's address was cut"
    noted 'the buffer is full: of a longer datagram the rest is lost'
    # recv and read show it, too. After MSG_PEEK nothing is lost.
    local call
    for call in 'recv(sock, b, 4, 0)' 'read(sock, b, 4)'; do
        sed "s/recvfrom(.*/$call;/" datagram.c >other.c
        cc -w other.c -o other
        told ./other
        noted 'the buffer is full: of a longer datagram the rest is lost'
    done
    for call in MSG_PEEK 'MSG_PEEK | MSG_TRUNC'; do
        sed "s/recvfrom(.*/recvfrom(sock, b, 4, $call, NULL, NULL);/" \
            datagram.c >looks.c
        cc -w looks.c -o looks
        told ./looks
        run ! grep 'buffer is full\|longer than the buffer' told.txt
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

@test "remarks: select's first argument, a port that nobody knows" {
    STATUS=142 faulty chosen <<'EOF'
    fd_set in;
    int client = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval soon = {0, 1000};
    here.sin_family = AF_INET;
    here.sin_port = htonl(8888);
    bind(sock, (void *)&here, sizeof here);
    listen(sock, 5);
    FD_ZERO(&in);
    FD_SET(client, &in);
    FD_SET(sock, &in);
    select(sock + 1, &in, NULL, NULL, &soon);
    alarm(1);
    accept(sock, NULL, NULL);
EOF
    [ "$status" -eq 142 ]
    noted '4 is in a set too, but select looks only at descriptors below 4'
    noted 'bind was given port 0, so the kernel chose '
    grep -q 'The end: SIGALRM; 6 calls' told.txt
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

@test "remark: a length that is a pointer's" {
    faulty pointer <<'EOF'
    char *to = b;
    int client = socket(AF_INET, SOCK_STREAM, 0), taken;
    give(sock, &here);
    reach(client, &here);
    taken = accept(sock, NULL, NULL);
    send(client, "hello, you two and you too", 26, 0);
    recv(taken, to, sizeof to, 0);
EOF
    noted "the length given was $(($(getconf LONG_BIT) / 8)), the size of a"
    sed 's/recv(taken.*/& close(taken);/' pointer.c >closed.c
    cc -w closed.c -o closed
    told ./closed
    noted "the length given was $(($(getconf LONG_BIT) / 8)), the size of a"
    # A buffer of eight bytes is right if the program reads on.
    sed 's/recv(taken.*/close(client); while (recv(taken, b, 8, 0) > 0) ;/' \
        pointer.c >small.c
    cc -w small.c -o small
    told ./small
    run ! grep 'size of a pointer' told.txt
    # Eight bytes that hold the length of what follows are sent on purpose.
    sed 's/"hello, y/"0000001a/' pointer.c >number.c
    cc -w number.c -o number
    told ./number
    run ! grep 'size of a pointer' told.txt
}

@test "remark: an answer that unread bytes may cost" {
    faulty lost <<'EOF'
    int client = socket(AF_INET, SOCK_STREAM, 0), taken;
    give(sock, &here);
    reach(client, &here);
    taken = accept(sock, NULL, NULL);
    send(client, "hello", 5, 0);
    send(taken, "bye", 3, 0);
    close(taken);
EOF
    noted 'what was sent before may be lost with it.'
    run ! grep ioctl told.txt
    sed 's/send(taken/0 \&\& &/' lost.c >silent.c
    cc -w silent.c -o silent
    told ./silent
    run ! grep 'may be lost' told.txt
    noted '5 bytes that we had not read'
    # AF_UNIX keeps what was sent.
    faulty kept <<'EOF'
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    send(ends[0], "hello", 5, 0);
    send(ends[1], "bye", 3, 0);
    close(ends[1]);
    printf("%zd\n", recv(ends[0], b, sizeof b, 0));
EOF
    [ "$output" -eq 3 ]
    run ! grep 'may be lost' told.txt
}

# left NAME PARENT CHILD: a server leaves a connection to a child, which does
# CHILD and ends. The parent does PARENT before it accepts the next one.
left() {
    faulty "$1" <<EOF
    int client = socket(AF_INET, SOCK_STREAM, 0), next, taken;
    pid_t child;
    next = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    reach(client, &here);
    taken = accept(sock, NULL, NULL);
    child = fork();
    if (child == 0) {
        $3
        exit(0);
    }
    $2
    reach(next, &here);
    accept(sock, NULL, NULL);
    send(client, "4", 1, 0);
    waitpid(child, NULL, 0);
EOF
    sed 's/^ \[process [0-9]*\]//' raw.txt | tr -s ' \n' ' ' >told.txt
}

@test "remark: a connection that the parent keeps open, in either order" {
    local wait='send(client, "3", 1, 0); waitpid(child, NULL, 0);'
    left first "$wait" 'recv(taken, b, 1, 0); close(taken);'
    noted '6 is still open here, though the child has closed it: the'
    left last '' 'recv(taken, b, 1, 0); close(taken);'
    grep -q 'still holds this connection as 6 and has gone on to' told.txt
    left ends '' 'recv(taken, b, 1, 0);'
    grep -q 'still holds this connection as 6 and has gone on to' told.txt
}

@test "programs that fork without a fault get no remark" {
    local wait='send(client, "3", 1, 0); waitpid(child, NULL, 0);'
    left right "$wait close(taken);" 'recv(taken, b, 1, 0); close(taken);'
    run ! grep -F Note: told.txt
    # The parent still uses the connection, or the child never did.
    left shares "$wait send(taken, \"5\", 1, 0); recv(client, b, 1, 0);" \
        'recv(taken, b, 1, 0); close(taken);'
    run ! grep -F Note: told.txt
    left helps 'waitpid(child, NULL, 0);' 'close(taken);'
    run ! grep -F Note: told.txt
    # A child says nothing of what its parent has not done yet.
    faulty inherits <<'EOF'
    int client[2], taken[2];
    give(sock, &here);
    for (int i = 0; i < 2; i++) {
        client[i] = socket(AF_INET, SOCK_STREAM, 0);
        reach(client[i], &here);
    }
    taken[0] = accept(sock, NULL, NULL);
    if (fork() == 0) {
        close(sock);
        exit(0);
    }
    wait(NULL);
    taken[1] = accept(sock, NULL, NULL);
    close(client[0]);
    close(client[1]);
    if (fork() == 0) {
        close(sock);
        exit(0);
    }
    wait(NULL);
    close(taken[0]);
    close(taken[1]);
EOF
    run ! grep -F Note: told.txt
}
