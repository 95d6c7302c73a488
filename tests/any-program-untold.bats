# scripts/narrate where telling is hard: odd programs, odd surroundings,
# and programs that cannot be told, of which it says why.

load helper
load any-program
load terminal

# ---- telling disturbs nothing

@test "signals interrupt calls as they do untold" {
    any
    told ./any signals 400000
    [ "$output" = rang ]
    told ./any interrupted
    [ "$output" = interrupted ]
    run -0 timeout "$PATIENCE" "$ROOT/scripts/narrate" ./any interrupted \
        3>&- 4>&-
}

@test "a signal interrupts each call, and its handler makes calls" {
    odd
    run -0 ./odd bells 3>&- 4>&-
    [ "$output" = interrupted ]
    told ./odd bells
    [ "$output" = interrupted ]
    # The calls that were interrupted, and none of the handler's.
    sed -n 's/^ *[0-9]*  \([a-z0-9_]*\)(.* = -1 EINTR$/\1/p' told.txt |
        paste -s -d ' ' >names
    [ "$(cat names)" = 'accept accept4 recv recvfrom recvmsg read readv poll'\
' ppoll select pselect epoll_wait epoll_pwait send sendto sendmsg write writev' ]
    run -0 --separate-stderr timeout "$PATIENCE" "$ROOT/scripts/narrate" \
        ./odd bells 3>&- 4>&-
    [ "$output" = interrupted ]
}

# A handler of signal(3) has SA_RESTART, but select, poll and a recv with a
# time limit are never restarted. signal(7).
@test "a signal ends a wait that is never restarted, even after many like it" {
    local wait
    # shellcheck disable=SC2016 # the program's own words
    for wait in 'select(sock + 1, &in, NULL, NULL, NULL)' \
        'poll(&watched, 1, -1)' 'recv(sock, b, sizeof b, MSG_PEEK)'; do
        faulty waits <<EOF
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>
    struct itimerval soon = {{0}, {0, 20000}};
    socklen_t size = sizeof here;
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    here.sin_family = AF_INET;
    bind(sock, (void *)&here, sizeof here);
    getsockname(sock, (void *)&here, &size);
    reach(sock, &here);
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){99, 0},
               sizeof(struct timeval));
    signal(SIGALRM, (void (*)(int))abs);
    for (int i = 0; i < 7; i++) {
        struct pollfd watched = {sock, POLLIN, 0};
        fd_set in;
        FD_ZERO(&in);
        FD_SET(sock, &in);
        if (i < 6)
            send(sock, "x", 1, 0);
        else
            setitimer(ITIMER_REAL, &soon, NULL);
        if ($wait == 1)
            recv(sock, b, sizeof b, 0);
    }
EOF
        run -0 timeout "$PATIENCE" "$ROOT/scripts/narrate" ./waits 3>&- 4>&-
        [[ $output == *' = -1 EINTR'* ]]
    done
}

@test "a short time limit is not stretched by waits of our own" {
    need strace
    faulty ticks <<'EOF'
    close(sock);
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){0, 1},
               sizeof(struct timeval));
    for (int i = 0; i < 9; i++) {
        fd_set in;
        FD_ZERO(&in);
        FD_SET(sock, &in);
        select(sock + 1, &in, NULL, NULL, &(struct timeval){0, 1});
        FD_SET(sock, &in);
        pselect(sock + 1, &in, NULL, NULL, &(struct timespec){0, 1}, NULL);
        recv(sock, b, sizeof b, 0);
    }
EOF
    run -0 timeout "$PATIENCE" strace -f -o trace.txt -e trace=ppoll \
        "$ROOT/scripts/narrate" ./ticks 3>&- 4>&-
    [[ $output == *' more recv(3)'* ]]
    run ! grep 'tv_nsec=50000000' trace.txt
}

# The time that the narrator itself waits before it tells counts as well.
@test "a time limit of more than a second is not stretched either" {
    need strace
    faulty long <<'EOF'
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
    /* Again and again, since a busy machine may be late with the call. */
    struct itimerval soon = {{0, 400000}, {0, 400000}}, never = {0};
    struct epoll_event event = {EPOLLIN};
    struct pollfd watched = {sock, POLLIN, 0};
    int e = epoll_create1(0);
    close(sock);
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    epoll_ctl(e, EPOLL_CTL_ADD, sock, &event);
    signal(SIGALRM, (void (*)(int))abs);
    for (int i = 0; i < 16; i++) {
        int last = i % 4 == 3;
        struct timeval limit = {last, 1};
        struct timespec exact = {last, 1000};
        fd_set in;
        FD_ZERO(&in);
        FD_SET(sock, &in);
        if (last)
            setitimer(ITIMER_REAL, &soon, NULL);
        if (i < 4)
            poll(&watched, 1, last ? 1001 : 0);
        else if (i < 8)
            epoll_wait(e, &event, 1, last ? 1001 : 0);
        else if (i < 12)
            select(sock + 1, &in, NULL, NULL, &limit);
        else
            pselect(sock + 1, &in, NULL, NULL, &exact, NULL);
        setitimer(ITIMER_REAL, &never, NULL);
    }
EOF
    run -0 timeout "$PATIENCE" strace -f -o trace.txt \
        -e trace=poll,epoll_wait,epoll_pwait,pselect6,select \
        "$ROOT/scripts/narrate" ./long 3>&- 4>&-
    [ "$(grep -c '1001) = -1 EINTR\|{1, 10*}.* = -1 EINTR' <<<"$output")" -eq 4 ]
    [ "$(grep -c '(ERESTART\|= -1 EINTR' trace.txt)" -le 4 ]
    run ! grep -e ', 1001' -e 'tv_sec=1,' trace.txt
}

# None of the 600 signals may wait long for what we do meanwhile.
@test "a timer that jumps out of a call again and again is not held up" {
    faulty jumps <<'EOF'
#include <setjmp.h>
#include <sys/time.h>
    static sigjmp_buf again;
    static volatile int left = 600;
    void jump(int number) { (void)number; siglongjmp(again, 1); }
    struct itimerval soon = {{0}, {0, 300}};
    close(sock);
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    signal(SIGALRM, jump);
    sigsetjmp(again, 1);
    while (left-- > 0) {
        setitimer(ITIMER_REAL, &soon, NULL);
        recv(sock, b, sizeof b, 0);
    }
EOF
    # Only without -o are calls counted, and made before they are told.
    run -0 --separate-stderr timeout "$PATIENCE" "$ROOT/scripts/narrate" \
        ./jumps 3>&- 4>&-
    # shellcheck disable=SC2154 # run sets it
    [[ $stderr == *'The end: '* ]]
}

@test "-s: a signal ends a program that waits for Enter, or is caught" {
    faulty steps <<'EOF'
    struct sigaction caught = {.sa_handler = (void (*)(int))abs};
    if (getenv("CATCH"))
        sigaction(SIGINT, &caught, NULL);
    bind(sock, (void *)&here, sizeof here);
EOF
    # The shell survives Ctrl-C, too, and prints the program's status.
    # shellcheck disable=SC2016
    in_terminal 90x24 sh -c 'trap : INT; "$0" -s ./steps
        echo "status $?"' "$ROOT/scripts/narrate"
    shows 'next: socket'
    press Enter
    shows 'next: bind'
    press C-c
    shows 'The end: SIGINT; 1 call;'
    shows 'status 130'
    in_terminal 90x24 env CATCH=1 "$ROOT/scripts/narrate" -s ./steps
    shows 'next: socket'
    press Enter
    shows 'next: bind'
    press C-c
    shows '\^C'
    press Enter
    shows 'The end: 2 calls;'
}

@test "a thread that is to be cancelled is not cancelled by the telling" {
    faulty cancelled <<'EOF'
#include <pthread.h>
    int client = socket(AF_INET, SOCK_STREAM, 0), taken;
    give(sock, &here);
    reach(client, &here);
    taken = accept(sock, NULL, NULL);
    close(client);
    pthread_cancel(pthread_self());
    shutdown(taken, SHUT_RDWR);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    puts("returned");
EOF
    [ "$output" = returned ]
    grep -q 'fd 5  CLOSED (the connection is over)' told.txt
    tail -n 1 told.txt | grep 'still open: 3, 5'
}

# What is told takes little of the stack. pthread_attr_setstacksize(3)
@test "threads with the smallest stacks that there are are told" {
    cat >small.c <<'EOF'
#define _GNU_SOURCE 1
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
static void *talk(void *unused)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t size = sizeof here;
    int server = socket(AF_INET, SOCK_STREAM, 0), one, other;
    char byte = 'x';
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(server, (struct sockaddr *)&here, size);
    listen(server, 5);
    getsockname(server, (struct sockaddr *)&here, &size);
    one = socket(AF_INET, SOCK_STREAM, 0);
    connect(one, (struct sockaddr *)&here, size);
    other = accept(server, NULL, NULL);
    for (int i = 0; i < 9; i++) {
        send(one, &byte, 1, 0);
        recv(other, &byte, 1, 0);
    }
    shutdown(one, SHUT_WR);
    recv(other, &byte, 1, 0);
    connect(one, (struct sockaddr *)&here, size); /* it fails */
    close(other);
    close(one);
    close(server);
    return unused;
}
int main(void)
{
    pthread_attr_t small;
    pthread_t threads[4];
    pthread_attr_init(&small);
    if (pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN) != 0)
        return 2;
    for (int i = 0; i < 4; i++)
        if (pthread_create(&threads[i], &small, talk, NULL) != 0)
            return 3;
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
EOF
    "${CC:-cc}" -w small.c -o small -pthread
    ./small
    told ./small
    [ "$(grep -c '= -1 EISCONN' told.txt)" -eq 4 ]
    tail -n 1 told.txt | grep 'no socket is open'
    run -0 timeout "$PATIENCE" "$ROOT/scripts/narrate" -v ./small 3>&- 4>&-
}

@test "a program that forbids itself system calls is told so far, and lives" {
    local how
    "${CC:-cc}" -w "$ROOT/tests/support/sealed_program.c" -o sealed
    ./sealed prctl >/dev/null || skip 'no filters of system calls here'
    for how in prctl syscall strict exec; do
        # Where there is a filter, as in a container, strict mode is refused.
        [ "$how" != strict ] || grep -qx 'Seccomp:.0' /proc/self/status || continue
        run -0 ./sealed "$how"
        [ "$output" = alive ]
        told ./sealed "$how"
        [ "$output" = alive ]
        grep '^ *1  socketpair' told.txt
        tail -n 1 told.txt |
            grep 'forbids itself system calls (seccomp).* nothing is told.$'
    done
    told ./sealed refused
    grep 'has refused that (EINVAL)' told.txt
    tail -n 1 told.txt | grep 'The end: 2 calls'
    told ./sealed asks
    run ! grep seccomp told.txt
}

# What is left of a connection is asked of sock_diag(7), and of our own
# descriptors only those are looked at that there have been.
@test "what a connection costs grows neither with the kernel's table nor ours" {
    need strace
    faulty many <<'EOF'
    close(sock);
    sock = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    for (int i = 0; i < 20; i++) {
        int one = socket(AF_INET, SOCK_STREAM, 0);
        reach(one, &here);
        int other = accept(sock, NULL, NULL);
        close(one);
        recv(other, b, sizeof b, 0);
        if (fork() == 0)
            _exit(0);
        wait(NULL);
        close(other);
    }
EOF
    timeout "$PATIENCE" strace -f -y -e trace=pread64,fstat,newfstatat \
        -o trace.txt "$ROOT/scripts/narrate" -o raw.txt ./many 3>&- 4>&-
    grep 'nothing is left of it' raw.txt
    run ! grep 'pread64(.*/net/tcp' trace.txt
    [ "$(grep -c 'fstat' trace.txt)" -lt $((20 * 300)) ]
}

@test "MSG_TRUNC: more is returned than the buffer holds" {
    faulty lengths <<'EOF'
    socklen_t length = sizeof here;
    int client = socket(AF_INET, SOCK_STREAM, 0), taken;
    give(sock, &here);
    reach(client, &here);
    taken = accept(sock, NULL, NULL);
    send(client, "dropped, kept", 13, 0);
    printf("%zd\n", recv(taken, NULL, 9, MSG_TRUNC));
    recv(taken, b, sizeof b, 0);
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    here.sin_port = htons(0);
    bind(sock, (void *)&here, sizeof here);
    getsockname(sock, (void *)&here, &length);
    sendto(sock, "twelve bytes", 12, 0, (void *)&here, sizeof here);
    printf("%zd\n", recv(sock, NULL, 0, MSG_PEEK | MSG_TRUNC));
    printf("%zd\n", recv(sock, b, 3, MSG_TRUNC));
EOF
    [ "$output" = $'9\n12\n12' ]
    grep -A 2 'recv(5, NULL, 9, MSG_TRUNC) = 9' raw.txt >lines.txt
    run ! grep 'received\|buffer is full' lines.txt
    grep -q 'received: "kept"' told.txt
    grep -q 'received: "twe"' told.txt
}

@test "descriptors have the numbers that they have untold" {
    any
    run -0 ./any descriptors 3>&- 4>&-
    local untold=$output
    told ./any descriptors
    [ "$output" = "$untold" ]
}

@test "a program that closes all descriptors is told on" {
    local way
    for way in 'closefrom(3)' 'close_range(3, ~0U, 0)' \
        'close_range(3, 2000, 0)'; do
        faulty closes <<EOF
    extern void closefrom(int) __attribute__((weak));
    extern int close_range(unsigned, unsigned, int) __attribute__((weak));
    for (int i = 3; i < 90; i++)
        dup2(sock, i);
    if (!${way%%(*})
        return puts("none"), 0;
    $way;
    for (int i = 3; i < 90; i++)
        if (close(i) == 0)
            printf("%d is open\n", i);
    socket(AF_INET, SOCK_DGRAM, 0);
    puts("closed");
EOF
        [ "$output" != none ] || continue # the library has no such call
        [ "$output" = closed ]
        grep -q 'socket(AF_INET, SOCK_DGRAM, 0) = 3' told.txt
    done
}

@test "sockets that are closed in a row are told by a line, and forgotten" {
    local way
    for way in 'closefrom(3)' 'close_range(3, ~0U, 0)'; do
        faulty row <<EOF
    extern void closefrom(int) __attribute__((weak));
    extern int close_range(unsigned, unsigned, int) __attribute__((weak));
    int client = socket(AF_INET, SOCK_STREAM, 0), ends[2];
    if (!${way%%(*})
        return puts("none"), 0;
    give(sock, &here);
    reach(client, &here);
    shutdown(client, SHUT_RD);
    if (close_range)
        close_range(3, ~0U, 4); /* when it executes another */
    accept(sock, NULL, NULL);
    if (vfork() == 0) {
        $way;
        _exit(0);
    }
    $way;
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    shutdown(ends[0], SHUT_WR);
    recv(ends[1], b, 1, 0);
    close(ends[0]);
    close(ends[1]);
    recv(5, b, 1, 0);
EOF
        [ "$output" != none ] || continue
        grep -q "^ \[process [0-9]*\] .* ${way%%(*}(3" told.txt
        grep -q '0 is the end: the peer' told.txt
        noted 'descriptor 5 was closed in call'
        tail -n 1 told.txt | grep 'no socket is open'
    done
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

@test "a program that changes its root is told on" {
    [ "$(id -u)" -eq 0 ] || skip 'only root may change its root'
    odd
    told ./odd chroot
    [ "$output" = rooted ]
    tail -n 1 told.txt | grep 'The end: 12 calls; no socket is open'
}

@test "standard error may be a socket" {
    any
    odd
    NARRATE_SCRIPT="$ROOT/scripts/narrate" run -0 ./odd loud 3>&- 4>&-
    [[ $output == *'The end: 34 calls; no socket is open.' ]]
}

@test "64 MiB through a told client and a told server are the same bytes" {
    any -O2
    # Each byte is compared.
    run -0 --separate-stderr timeout 60 "$ROOT/scripts/narrate" ./any fork \
        $((64 << 20)) 3>&- 4>&-
    # shellcheck disable=SC2154 # run sets it
    [[ $stderr == *'more send('*' MB'* ]]
}

# bats test_tags=second
@test "a million calls are told in no more memory than a thousand" {
    odd
    local few
    run -0 --separate-stderr "$ROOT/scripts/narrate" ./odd counts 1000 3>&- 4>&-
    few=$output
    run -0 --separate-stderr timeout 120 "$ROOT/scripts/narrate" \
        ./odd counts 1000000 3>&- 4>&-
    # shellcheck disable=SC2154
    [[ $stderr == *'The end: 1000001 calls'* ]]
    [ "$output" -le $((few + 512)) ]
    run -0 "$ROOT/scripts/narrate" -o /dev/null ./odd counts 100000 3>&- 4>&-
    [ "$output" -le $((few + 512)) ]
}

@test "what the book shows of told programs is what they show" {
    need unshare ip nft ss nc strace tcpdump tmux curl python3
    [ "$(id -u)" -eq 0 ] || skip 'root is needed for a network of its own'
    must_have network
    local section
    "$ROOT/scripts/dev/recording/look" -o . quote parrot page own python \
        3>&- 4>&-
    for section in quote parrot page own python; do
        diff "$ROOT/docs/transcripts/look-$section.txt" "look-$section.txt"
    done
}

# ---- what cannot be told

@test "a wrong command is refused in a line that says why" {
    refused 2 'PROGRAM to run is missing'
    refused 2 '-x is not an option' -x true
    refused 2 'needs a FILE' -o
    refused 2 'cannot be written' -o /no/such/file true
    refused 127 'there is no program no-such' no-such
    refused 127 'there is no program ./no-such' ./no-such
    echo 'int main(void) { return 0; }' >text.c
    refused 126 'not executable; try: cc ./text.c -o ./text' ./text.c
    echo 'import socket' >text.py
    refused 126 'try: scripts/narrate python3 ./text.py' ./text.py
    : >text
    refused 126 'try: chmod +x ./text' ./text
    refused 126 'is not a file' ./
    printf '#!/no/such/interpreter\n' >script
    chmod +x script
    refused 126 'begins with #!/no/such/interpreter' ./script
    ln -s "$ROOT" 'a b'
    ROOT='a b' refused 2 'no blank or colon in a path' true
    ln -s "$ROOT" "it's a b"
    ROOT=$PWD/"it's a b" refused 2 'make a link, ln -s ' true
    output=${output#*make a link, }
    HOME=$PWD eval "${output%, and call*}"
    [ sockets -ef "$ROOT" ]
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

@test "FILE is there at once, and compiling is said once" {
    local first='narrate: compiling the narrator, once'
    mkdir copy
    cp -R "$ROOT"/{Makefile,lessons,scripts} copy
    sed -i.whole 's/^CC = .*/CC = false/' copy/Makefile
    run -2 copy/scripts/narrate -o early.txt true
    [ "${lines[0]}" = "$first" ]
    [ -e early.txt ]
    sed 's/-O2/-O0/' copy/Makefile.whole >copy/Makefile
    run -0 copy/scripts/narrate true
    [ "$output" = "$first" ]
    run -0 copy/scripts/narrate true
    [ -z "$output" ]
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

@test "a setuid or setgid program is named as such" {
    [ "$(id -u)" -eq 0 ] || skip 'only root can make such a program'
    cp /bin/true other
    chown 65534:65534 other
    told ./other
    chmod 4755 other
    refused 2 'is setuid or setgid' ./other
    chmod 2755 other
    refused 2 'is setuid or setgid' ./other
}

@test "a program that makes its system calls itself is named as such" {
    # Go leaves this section in what it links.
    printf '%s\n' '__attribute__((section(".note.go.buildid")))' \
        'const char build[] = "id";' 'int main(void) { return 0; }' >go.c
    cc go.c -o go
    refused 2 'is a Go program' ./go
}

@test "a call that a program makes by its number is told by its name" {
    odd
    told ./odd number
    grep -q ' socket(AF_INET, SOCK_STREAM, 0) = 3' told.txt
    grep -q 'close(3) = 0' told.txt
}

@test "a program with another C library is named as such" {
    need musl-gcc
    echo 'int main(void) { return 0; }' >text.c
    musl-gcc text.c -o other
    refused 2 'uses another C library (musl)' ./other
}
