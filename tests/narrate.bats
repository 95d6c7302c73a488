# The narrator: keys and cues, what the kernel holds, and that no program
# is disturbed; tried with tiny programs.

load helper
load narrate
load terminal

# ---- cues and keys

@test "cues: one a call, q or the end of cues ends it with 0" {
    printf '..' >cues
    LESSON_CUE=cues run timeout "$PATIENCE" "$BUILD/03_listen" 0 3>&-
    [ "$status" -eq 0 ]
    [ "$(grep -c '^cue ' <<<"$output")" -eq 3 ]
    [[ ${lines[-1]} =~ ^cue\ [0-9]+\ bind ]]
    printf '.q..' >cues
    LESSON_CUE=cues run timeout "$PATIENCE" "$BUILD/03_listen" 0 3>&-
    [ "$status" -eq 0 ]
    [[ ${lines[-1]} =~ ^cue\ [0-9]+\ setsockopt ]]
}

@test "a cue line names the line of the source" {
    : >cues
    LESSON_CUE=cues run timeout "$PATIENCE" "$BUILD/01_socket" 3>&-
    [[ ${lines[-1]} =~ ^cue\ ([0-9]+)\ socket ]]
    sed -n "${BASH_REMATCH[1]}p" "$ROOT/lessons/01_socket.c" |
        grep -q '= socket('
}

@test "a call that blocks says so under a cue, too" {
    printf '.....' >cues
    LESSON_CUE=cues start lesson "$BUILD/04_accept" 0
    await lesson '^cue [0-9]* waits'
    grep -B 2 '^cue [0-9]* waits' lesson.out | grep -q '5  accept(.* … blocks'
}

@test "at a hold a cue looks again, and the end of cues goes on" {
    printf '....' >cues
    LESSON_CUE=cues run timeout "$PATIENCE" "$BUILD/03_listen" 0 3>&-
    [ "$status" -eq 0 ]
    [[ ${lines[-1]} =~ ^cue\ [0-9]+\ hold ]]
    printf '......' >cues
    LESSON_CUE=cues run timeout "$PATIENCE" "$BUILD/03_listen" 0 3>&-
    [ "$status" -eq 0 ]
    [ "$(grep -c '^cue .* hold' <<<"$output")" -eq 3 ]
    [ "$(grep -c '^     kernel: fd 3  LISTEN' <<<"$output")" -eq 3 ]
}

@test "told, with cues or with -s, descriptors have the same numbers" {
    program numbers <<'EOF'
    int first = socket(AF_INET, SOCK_DGRAM, 0);
    printf("%d %d\n", first, socket(AF_INET, SOCK_DGRAM, 0));
EOF
    local plain
    plain=$(./numbers -q 3>&- 4>&-)
    run ./numbers 3>&- 4>&-
    [ "${lines[-1]}" = "$plain" ]
    printf '..' >cues
    LESSON_CUE=cues run ./numbers 3>&- 4>&-
    [ "${lines[-1]}" = "$plain" ]
    on_terminal '\n\n' './numbers -s'
    [[ ${lines[-1]} == *"$plain" ]]
}

@test "-s: Enter goes on, q ends, the end of the terminal's input ends" {
    on_terminal '\n\nq\n' "$BUILD/03_listen -s 0"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'next: ' <<<"$output")" -ge 3 ]
    [[ $output != *' = 0'*' = 0'* ]]
    on_terminal '\n' "$BUILD/03_listen -s 0"
    [ "$status" -eq 0 ]
}

@test "a lesson that stays: Enter asks the kernel again, q or the end goes on" {
    on_terminal '\n\nq\n' "NO_COLOR=1 $BUILD/03_listen 0"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'kernel: fd 3  LISTEN' <<<"$output")" -eq 3 ]
    on_terminal '' "NO_COLOR=1 $BUILD/03_listen 0"
    [ "$status" -eq 0 ]
    # As without narration, any other key ends the loop that waits.
    on_terminal '\nxy\n\n' "NO_COLOR=1 $BUILD/03_listen 0"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'kernel: fd 3  LISTEN' <<<"$output")" -eq 2 ]
}

# ---- what the kernel holds

@test "what the kernel holds is told when it differs from what was told" {
    program differs <<'EOF'
    struct sockaddr_in here = {.sin_family = AF_INET};
    int on = 1, sock = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(sock, (struct sockaddr *)&here, sizeof here);
    listen(sock, 5);
    listen(sock, 5);
    listen(sock, 4);
EOF
    run ./differs 3>&- 4>&-
    [ "$(grep -c '^     kernel: ' <<<"$output")" -eq 4 ]
    [ "$(grep -c 'kernel: .*backlog 5$' <<<"$output")" -eq 1 ]
    [ "$(grep -c 'kernel: .*backlog 4$' <<<"$output")" -eq 1 ]
}

@test "a descriptor that a new socket has got does not keep the old one's peer" {
    program reused <<'EOF'
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t length = sizeof here;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(server, (struct sockaddr *)&here, sizeof here);
    listen(server, 5);
    getsockname(server, (struct sockaddr *)&here, &length);
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    connect(sock, (struct sockaddr *)&here, sizeof here);
    close(sock);
    sock = socket(AF_INET, SOCK_STREAM, 0);
EOF
    run ./reused 3>&- 4>&-
    [[ $output == *'fd 4  ESTABLISHED  127.0.0.1:'*' <-> 127.0.0.1:'* ]]
    [ "${lines[-1]}" = \
        '     kernel: fd 4  CLOSED (no connection yet)  no address yet' ]
}

@test "TIME-WAIT is found after close, over IPv4 and IPv6" {
    local any type family sin
    for any in sockaddr_in:AF_INET:sin sockaddr_in6:AF_INET6:sin6; do
        IFS=: read -r type family sin <<<"$any"
        program wait <<EOF
    struct $type here = {.${sin}_family = $family};
    socklen_t length = sizeof here;
    int server = socket($family, SOCK_STREAM, 0);
    if (inet_pton($family, $family == AF_INET ? "127.0.0.1" : "::1",
                  &here.${sin}_addr) != 1
        || bind(server, (struct sockaddr *)&here, sizeof here) == -1)
        return 3;
    listen(server, 5);
    getsockname(server, (struct sockaddr *)&here, &length);
    int sock = socket($family, SOCK_STREAM, 0);
    connect(sock, (struct sockaddr *)&here, sizeof here);
    int connected = accept(server, NULL, NULL);
    for (int i = 0; i < 64; i++) // more of them than one read has
        listen(socket($family, SOCK_STREAM, 0), 1);
    shutdown(sock, SHUT_WR);
    char byte;
    if (recv(connected, &byte, 1, 0) != 0)
        return 4;
    close(connected);
    if (recv(sock, &byte, 1, 0) != 0)
        return 5;
    close(sock);
    close(server);
EOF
        ./wait >out 3>&- 4>&- && status=0 || status=$?
        [ "$status" -ne 3 ] || skip "no $family here"
        [ "$status" -eq 0 ]
        finds_them
    done
    # The same from /proc, where there is no sock_diag(7).
    need strace
    strace -o trace.txt -e trace=socket,pread64 \
        -e inject=socket:error=EPROTONOSUPPORT:when=1 ./wait >out 3>&- 4>&-
    grep 'AF_NETLINK.*INJECTED' trace.txt
    grep 'pread64.*local_address' trace.txt
    finds_them
    strace -o trace.txt -e trace=pread64 ./wait >out 3>&- 4>&-
    run ! grep 'pread64.*local_address' trace.txt
}

# For the test above: does ./out have the states of both sides?
finds_them() {
    joined out | grep '^     kernel: ' >kernel
    grep -q 'fd 4  ESTABLISHED .* <-> ' kernel
    grep -q 'fd 5  CLOSE-WAIT .* <-> ' kernel
    grep -q 'fd 4  TIME-WAIT .* <-> ' kernel
    grep -q 'fd 4  closed  TIME-WAIT .* <-> ' kernel
    tail -n 1 kernel | grep -q 'fd 3  closed  nothing is left of it$'
}

# qemu's user mode fills in the first four bytes of TCP_INFO.
@test "what TCP_INFO does not fill in is not told" {
    cat >short.c <<'EOF'
#define _GNU_SOURCE 1
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
int getsockopt(int sock, int level, int option, void *value,
               socklen_t *length)
{
    long result =
        syscall(SYS_getsockopt, sock, level, option, value, length);
    if (result == 0 && level == IPPROTO_TCP && option == TCP_INFO) {
        memset((char *)value + 4, '.', *length - 4);
        *length = 4;
    }
    return (int)result;
}
EOF
    ${CC:-cc} -shared -fPIC short.c -o short.so
    LD_PRELOAD=$PWD/short.so run -0 timeout "$PATIENCE" \
        "$BUILD/03_listen" 0 3>&- 4>&-
    [[ $output == *' LISTEN '* ]]
    [[ $output != *waiting* ]]
}

# ---- known texts

@test "-k leaves out what an earlier lesson explains, and nothing else" {
    local lesson=06_send_recv_server
    printf '%s\n' 'int main(void)' '{' \
        'int sock = socket(AF_INET, SOCK_STREAM, 0);' \
        'int on = 1;' \
        'setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);' \
        'listen(sock, 5);' 'listen(-1, 5);' 'return 0;' '}' >body
    printf '#define TITLE "known"\n#include "narrate.h"\n' | cat - body >03_x.c
    printf '#define TITLE "known"\n#include "narrate.h"\n' | cat - body >01_x.c
    for lesson in 01_x 03_x; do
        ${CC:-cc} -I "$ROOT/lessons" "$lesson.c" -o "$lesson"
        ./"$lesson" >full 2>full.err 3>&- 4>&-
        ./"$lesson" -k >"$lesson.out" 2>known.err 3>&- 4>&-
        cmp full.err known.err
        grep -q 'Our TCP socket is descriptor 3' full
        diff <(grep '^ *[0-9]  \|kernel:' full | sed 's/port [0-9]*//') \
            <(grep '^ *[0-9]  \|kernel:' "$lesson.out" | sed 's/port [0-9]*//')
    done
    # Lesson 03 explains listen; 01 and 02 have explained the rest.
    grep -q 'It does not block' 03_x.out
    run ! grep -qE 'Our TCP socket|Old connections' 03_x.out
    grep -q 'Our TCP socket' 01_x.out
}

# ---- the program is not disturbed

@test "no call that is told changes errno, but for one that fails" {
    local FRONT='#include <netdb.h>
        #include <sys/resource.h>'
    program errors <<EOF
    $PAIR
    char byte;
    errno = EXDEV;
    send(pair[0], "a", 1, 0);
    if (errno != EXDEV)
        return 2;
    recv(pair[1], &byte, 1, 0);
    if (errno != EXDEV)
        return 3;
    close(pair[0]);
    if (errno != EXDEV)
        return 4;
    int on = 1, sock = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (errno != EXDEV)
        return 5;
    if (listen(-1, 5) != -1 || errno != EBADF)
        return 6;
    if (listen(0, 5) != -1 || errno != ENOTSOCK)
        return 7;
    struct addrinfo *list;
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){3, 3});
    if (!getaddrinfo("nobody.test", "1", NULL, &list) || errno != EMFILE)
        return 8;
EOF
    run ./errors </dev/null
    [ "$status" -eq 0 ]
    [[ $output == *'= -1 EBADF'* ]]
    [[ $output == *'= -1 ENOTSOCK'* ]]
}

@test "a call on a closed socket's number is told, as one that fails at once" {
    program twice <<'EOF'
    char byte;
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    close(dup(1));
    close(sock);
    close(sock);
    recv(sock, &byte, 1, 0);
    accept(-1, NULL, NULL);
EOF
    run -0 ./twice 3>&- 4>&-
    [ "$(grep -c '  close(3) = -1 EBADF$' <<<"$output")" -eq 1 ]
    [ "$(grep -c '= -1 EBADF$' <<<"$output")" -eq 3 ]
    [[ $output != *blocks* ]]
}

@test "a socket whose connect failed has no port, whatever getsockname says" {
    program refused <<'EOF'
    struct sockaddr_in at = {.sin_family = AF_INET};
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(1);
    connect(sock, (struct sockaddr *)&at, sizeof at);
    send(sock, "a", 1, MSG_NOSIGNAL);
    at.sin_port = 0;
    bind(sock, (struct sockaddr *)&at, sizeof at);
EOF
    run -0 ./refused 3>&- 4>&-
    [[ $output == *'-1 ECONNREFUSED'*'-1 EPIPE'* ]]
    [ "$(grep -c 'kernel: .*no address yet$' <<<"$output")" -eq 1 ]
    [ "$(grep -c '^     kernel: ' <<<"$output")" -eq 2 ]
    [[ $output == *'kernel: fd 3  CLOSED (no connection yet)  127.0.0.1:'* ]]
}

@test "a pointer to a call that is told still works" {
    FRONT='static int (*make)(int, int, int) = socket;
static ssize_t (*put)(int, const void *, size_t, int) = send;' \
        program pointers <<EOF
    $PAIR
    int sock = make(AF_INET, SOCK_STREAM, 0);
    if (sock == -1 || put(pair[0], "ab", 2, 0) != 2)
        return 2;
    if ((close)(sock) != 0)
        return 3;
    close(pair[0]);
    int (*end)(int) = close;
    return end(pair[1]) != 0;
EOF
    run ./pointers
    [ "$status" -eq 0 ]
    [[ $output == *'close('* ]]
}

@test "an address of UNIX is told as its path" {
    FRONT='#include <sys/un.h>' program local <<EOF
    struct sockaddr_un here = {AF_UNIX, "here"};
    struct sockaddr *at = (struct sockaddr *)&here;
    int sock = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(sock, at, sizeof here);
    here.sun_path[0] = 0; /* a name that is no file's */
    connect(sock, at, sizeof here.sun_family + 4);
    connect(sock, at, sizeof here.sun_family);
EOF
    run ./local
    [ "$status" -eq 0 ]
    [[ $output == *', "here", 110) = 0'* ]]
    [[ $output == *', "\x00ere", 6) = -1'* ]]
    [[ $output == *', {family 1}, 2) = -1'* ]]
}

@test "advice is about the host that was asked, and about no port of UNIX" {
    FRONT='#include <sys/un.h>' program advice <<'EOF'
    struct addrinfo *list;
    struct sockaddr_un here = {.sun_family = AF_UNIX, .sun_path = "nobody"};
    int sock = socket(AF_UNIX, SOCK_STREAM, 0);
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST};
    if (getaddrinfo("no[where", "1", &hints, &list) == 0
        || getaddrinfo("nowhere", "1", &hints, &list) == 0)
        return 2;
    bind(sock, (struct sockaddr *)&here, sizeof here);
    if (connect(sock, (struct sockaddr *)&here, sizeof here) != -1)
        return 3;
    recv(STDIN_FILENO, &here, 1, 0);
    fcntl(99, F_SETFL, O_NONBLOCK);
EOF
    run -0 ./advice </dev/null
    output=$(joined <<<"$output")
    [[ $output == *'getaddrinfo("no[where", "1", &hints, &list) = EAI_NONAME'* ]]
    [[ $output == *'getent ahosts ADDRESS asks'*'getent ahosts nowhere asks'* ]]
    [[ $output != *127.0.0.1* ]]
    [[ $output != *'recv(0, &here, 1, 0) … blocks'* ]]
    [[ $output == *'fcntl(99, F_SETFL, O_NONBLOCK) = -1 EBADF'* ]]
}

@test "a UDP socket that has been disconnected has no peer" {
    program nobody <<'EOF'
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(9)};
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1)
        return 2;
    peer.sin_family = AF_UNSPEC;
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1)
        return 3;
EOF
    run -0 ./nobody 3>&- 4>&-
    [ "$(grep -c 'kernel: .* <-> 127.0.0.1:9' <<<"$output")" -eq 1 ]
    [[ $output == *'kernel: fd 3  UDP  no address yet' ]]
}

@test "recv that returns 0 after our own SHUT_RD: the peer has ended nothing" {
    program deaf <<'EOF'
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t length = sizeof here;
    char byte;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&here, length) == -1
        || listen(listener, 1) == -1
        || getsockname(listener, (struct sockaddr *)&here, &length) == -1)
        return 2;
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(sock, (struct sockaddr *)&here, length) == -1
        || shutdown(sock, SHUT_RD) == -1 || recv(sock, &byte, 1, 0) != 0)
        return 3;
EOF
    run -0 ./deaf
    [[ $output == *'Nothing is there, and shutdown has ended'* ]]
    [[ $output != *'the peer has ended its side and sends'* ]]
}

@test "a raw socket is not called UDP" {
    [ "$(id -u)" -eq 0 ] || skip "only root may make one"
    program raw <<<'return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) == -1;'
    run -0 ./raw 3>&- 4>&-
    [[ $output == *'socket(AF_INET, SOCK_RAW, 1) = 3'* ]]
    [[ $output != *UDP* ]]
}

@test "what is sent in parts is told with the size of all" {
    program parts <<EOF
    $PAIR
    struct iovec part[] = {{"ab", 2}, {"cde", 3}};
    struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};
    if (sendmsg(pair[0], &message, 0) != 5)
        return 2;
EOF
    run -0 ./parts
    [[ $output == *'{"ab", in all 5 bytes}, 0) = 5'* ]]
}

@test "a wrong pointer is passed on, and the kernel refuses it" {
    program wrong <<EOF
    $PAIR
    struct sockaddr *nowhere = (struct sockaddr *)8;
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(sock, nowhere, 16) != -1 || errno != EFAULT)
        return 2;
    if (connect(sock, NULL, 16) != -1 || errno != EFAULT)
        return 3;
    if (send(pair[0], nowhere, 4, 0) != -1 || errno != EFAULT)
        return 4;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, NULL, 4) != -1)
        return 5;
    if (sendmsg(pair[0], (struct msghdr *)8, 0) != -1)
        return 6;
    if (poll((struct pollfd *)8, 1, 0) != -1)
        return 7;
    struct msghdr parts = {.msg_iov = (struct iovec *)8, .msg_iovlen = 2};
    if (sendmsg(pair[0], &parts, 0) != -1 || errno != EFAULT)
        return 8;
    parts.msg_iov = NULL;
    if (recvmsg(pair[0], &parts, 0) != -1 || errno != EFAULT)
        return 9;
EOF
    run ./wrong
    [ "$status" -eq 0 ]
    [ "$(grep -c -- '= -1 EFAULT' <<<"$output")" -ge 5 ]
}

# ---- what the compiler says

# refused_because TEXT FILE: it does not compile, and TEXT says why.
refused_because() {
    run ${CC:-cc} -I "$ROOT/lessons" -c "${@:2}" -o x.o
    [ "$status" -ne 0 ]
    [[ $output == *"$1"* ]]
}

@test "narrate.h says what is missing: its place, TITLE, a return" {
    printf '#include <stdio.h>\n#define TITLE ""\n#include "narrate.h"\n' >late.c
    refused_because 'include narrate.h before' late.c
    printf '#include "narrate.h"\nint main(void) { return 0; }\n' >title.c
    refused_because 'defines TITLE before' title.c
    printf '#define TITLE ""\n#include "narrate.h"\n%s\n' \
        'int main(void) { socket(AF_INET, SOCK_STREAM, 0); }' >return.c
    refused_because 'return-type' return.c
}

@test "both forms of main are taken, and -q and -h of both" {
    printf '#define TITLE "short"\n#include "narrate.h"\n%s\n' \
        'int main(void) { puts("here"); return 7; }' >short.c
    ${CC:-cc} -Wall -Wextra -Werror -I "$ROOT/lessons" short.c -o short
    run -7 ./short -q
    [ "$output" = here ]
    run -0 ./short -h
    [[ ${lines[0]} == 'short: short' ]]
}

@test "on a system other than Linux, the narrator says less of the kernel" {
    program other -U__linux__ <<EOF
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    listen(sock, 5);
    close(sock);
EOF
    run ./other 3>&- 4>&-
    [ "$status" -eq 0 ]
    [[ $output == *'listen(3, 5) = 0'*'kernel: fd 3  TCP '* ]]
}
