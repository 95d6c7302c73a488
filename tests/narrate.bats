# What the narrator prints, tried with tiny programs of its own.

load helper
load terminal

# program NAME [FLAG...] <<body: a program whose main has this body, told.
# FRONT stands before main, DEFINES before the include.
program() {
    {
        printf '%s\n' "${TITLE-#define TITLE \"a trial\"}" "${DEFINES-}" \
            '#include "narrate.h"' '#include <pthread.h>' \
            '#include <sys/wait.h>' "${FRONT-}" \
            'int main(int argc, char *argv[])' '{' '(void)argc, (void)argv;'
        cat
        printf 'return 0;\n}\n'
    } >"$1.c"
    ${CC:-cc} -std=c11 -Wall -Wextra -I "$ROOT/lessons" "$1.c" -o "$1" \
        -pthread "${@:2}"
}

# Two sockets that are connected; of UNIX, so that no kernel line comes.
PAIR='int pair[2]; if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return 9;'

# Receives in one call what it reads from standard input.
receiver() {
    program receiver <<EOF
    static char bytes[4096], got[4096];
    $PAIR
    size_t n = fread(bytes, 1, sizeof bytes, stdin);
    if (write(pair[1], bytes, n) != (ssize_t)n)
        return 9;
    recv(pair[0], got, sizeof got, 0);
EOF
}

# shown BYTES TEXT: BYTES (for printf) are shown as TEXT.
shown() {
    run ./receiver < <(printf "$1")
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = "     received: \"$2\"" ] && return
    echo "# $1 is shown as ${lines[-1]}, $2 expected"
    return 1
}

# on_terminal INPUT COMMAND: runs it on a terminal on which INPUT (for
# printf) is typed and then ended; what it printed is in $output.
on_terminal() {
    need python3
    run timeout "$PATIENCE" python3 -c '
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", sys.argv[2]])
os.write(fd, sys.argv[1][:-1].encode() + b"\4\4")
shown = b""
try:
    while True:
        more = os.read(fd, 4096)
        if not more:
            break
        shown += more
except OSError:
    pass
sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
' "$(printf "${1}_")" "$2" 3>&- 4>&-
}

# ---- bytes from outside

@test "letters stay, controls and the two signs of C strings do not" {
    receiver
    shown 'abc ~ 09' 'abc ~ 09'
    shown 'a"b\\c' 'a\"b\\c'
    shown 'a\nb\tc' 'a\nb\tc'
    shown '\033[2J\r\a\177' '\x1B[2J\x0D\x07\x7F'
    shown 'a\0b' 'a\x00b'
    shown 'é€😀ü\302\240.' $'é€😀ü\302\240.'
    shown '\302\233' '\xC2\x9B'
    shown '\036secret\ttitle' '\x1Esecret\ttitle'
}

@test "what is no UTF-8 is shown byte by byte" {
    receiver
    shown '\200' '\x80'
    shown '\303(' '\xC3('
    shown 'a\342\202' 'a\xE2\x82'
    shown '\300\257' '\xC0\xAF'
    shown '\340\200\257' '\xE0\x80\xAF'
    shown '\340\237\277' '\xE0\x9F\xBF'
    shown '\360\200\200\257' '\xF0\x80\x80\xAF'
    shown '\360\217\277\277' '\xF0\x8F\xBF\xBF'
    shown '\355\240\200' '\xED\xA0\x80'
    shown '\364\220\200\200' '\xF4\x90\x80\x80'
    shown '\365\200\200\200' '\xF5\x80\x80\x80'
    shown '\370\210\200\200\200' '\xF8\x88\x80\x80\x80'
    shown '\376\377' '\xFE\xFF'
}

@test "letters that turn or hide others are shown byte by byte" {
    receiver
    shown '\342\200\256' '\xE2\x80\xAE'         # right-to-left override
    shown '\342\201\246' '\xE2\x81\xA6'         # left-to-right isolate
    shown '\342\200\217' '\xE2\x80\x8F'         # right-to-left mark
    shown '\330\234' '\xD8\x9C'                 # Arabic letter mark
    shown '\342\200\213' '\xE2\x80\x8B'         # zero width space
    shown '\342\200\215' '\xE2\x80\x8D'         # zero width joiner
    shown '\357\273\277' '\xEF\xBB\xBF'         # byte order mark
    shown '\302\255' '\xC2\xAD'                 # soft hyphen
    shown '\342\200\250' '\xE2\x80\xA8'         # line separator
    shown '\357\270\217' '\xEF\xB8\x8F'         # variation selector
    shown '\356\200\200' '\xEE\x80\x80'         # private use
    shown '\363\240\200\201' '\xF3\xA0\x80\x81' # language tag
}

@test "a long message is quoted in part, and no letter of it is cut" {
    program parts <<EOF
    $PAIR
    send(pair[0], "12345678901234567890123456789012", 32, 0);
    send(pair[0], "123456789012345678901234567890123", 33, 0);
    for (size_t i = 20; i < 24; i++) {
        char text[100] = "12345678901234567890123";
        strcpy(text + i, "€€€€€");
        send(pair[0], text, i + 15, 0);
    }
EOF
    ./parts 3>&- 4>&- | joined >out
    grep -q 'send(3, "12345678901234567890123456789012", 32, 0) = 32$' out
    grep -q 'send(3, "123456789012345678901234"\.\.\., 33, 0) = 33$' out
    [ "$(grep -c '€*"\.\.\., 3[5-8], 0) = ' out)" -eq 4 ]
    run ! grep -F '\x' out
}

@test "all that was received is shown, in as many lines as it takes" {
    receiver
    head -c 1500 /dev/urandom >bytes
    ./receiver <bytes | sed -n 's/^     received: "\(.*\)"$/\1/p' >shown
    tr -d '\n' <shown >joined
    printf '%b' "$(sed 's/\\"/"/g' joined)" | cmp - bytes
    [ "$(wc -l <shown)" -gt 20 ]
    run ./receiver -q <bytes
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

# ---- lines

@test "no line is wider than 70 columns, and no word is lost" {
    program wide <<'EOF'
    char word[201];
    memset(word, 'x', 200);
    word[200] = '\0';
    for (int i = 1; i < 60; i++) {
        struct narrate_text t;
        narrate_clear(&t);
        narrate_add(&t, "%.*s, éé é %.*s  end.", i, word, i, word);
        narrate_lines(NARRATE_CALL, 0, NARRATE_INDENT, t.text);
        narrate_lines(NARRATE_MEANS, NARRATE_MARGIN, NARRATE_MARGIN, t.text);
        narrate_lines(NARRATE_ERROR, NARRATE_MARGIN, NARRATE_MARGIN + 2, t.text);
    }
EOF
    ./wide >out 2>&1
    [ "$(wc -L <out)" -le 70 ]
    [ "$(wc -L <out)" -ge 68 ]
    # Three times two words.
    [ "$(tr -cd x <out | wc -c)" -eq $((59 * 60 / 2 * 6)) ]
    [ "$(tr -cd é <out | wc -m)" -eq $((59 * 3 * 3)) ]
    run ! grep -nE ' $|^ *$' <(tail -n +3 out)
}

@test "the narration begins with a blank, the program's words do not" {
    program words <<'EOF'
    socket(AF_INET, SOCK_STREAM, 0);
    puts("a word of the program's");
    if (connect(3, NULL, 0) == -1)
        perror("connect");
EOF
    ./words >out 2>err 3>&- 4>&-
    [ "$(grep -c '^[^ ]' out)" -eq 2 ] # the title is the other
    grep -q '^a word' out
    [ "$(grep -c '^[^ ]' err)" -eq 1 ]
    grep -q '^connect: ' err
}

@test "lines after the first are indented: 9 for a call, 5, 13, 7" {
    program indent <<'EOF'
    int sock = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 here = {.sin6_family = AF_INET6};
    here.sin6_port = htons(1);
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){1, 0},
               sizeof(struct timeval));
    bind(sock, (struct sockaddr *)&here, sizeof here);
    listen(sock, 5);
    here.sin6_addr.s6_addr[15] = 1;
    here.sin6_port = 0;
    memset(&here.sin6_addr, 0xFD, 16);
    connect(sock, (struct sockaddr *)&here, sizeof here);
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(2)};
    sock = socket(AF_INET, SOCK_STREAM, 0);
    connect(sock, (struct sockaddr *)&peer, sizeof peer);
EOF
    ./indent >out 2>err 3>&- || true
    [[ $(sed -n '/^  5  connect/{n;p;q}' out) == '         '[^\ ]* ]]
    [[ $(sed -n '/^     Our TCP/{n;p}' out) == '     '[^\ ]* ]]
    [[ $(sed -n '/^     kernel: .*LISTEN/{n;p}' out) == '             '[^\ ]* ]]
    [ "$(grep -c '^     \(That means\|Try\): ' err)" -ge 2 ]
    grep -q '^       [^ ]' err
    run ! grep -vE '^ {5}(That|Try)|^ {7}[^ ]' err
}

@test "each thing told leaves in one write, into a file and into a pipe" {
    need strace
    local trace='strace -s 4096 -e trace=write,writev -o'
    $trace file "$BUILD/02_bind" 0 >out </dev/null
    $trace pipe "$BUILD/02_bind" 0 </dev/null | cat >out
    $trace errors "$BUILD/05_connect" 1 2>err </dev/null | cat >out || true
    for trace in file pipe errors; do
        [ "$(grep -c '^write' "$trace")" -ge 7 ]
        # Each ends with a newline, and begins something new.
        grep '^write([12], " ' "$trace" >writes
        [ "$(wc -l <writes)" -ge 5 ]
        run ! grep -v '\\n", [0-9]*) *= ' writes
        run ! grep '^write([12], " \{7,\}' writes
    done
}

@test "in a terminal of 40 columns, and of 80, every line fits" {
    prepare
    FRONT='static const char text[] = "Every line of this is told, and not one is wider.\n";' \
        program narrow <<EOF
    $PAIR
    socket(AF_INET, SOCK_STREAM, 0);
    send(pair[0], text, sizeof text - 1, 0);
    char bytes[100];
    recv(pair[1], bytes, sizeof bytes, 0);
EOF
    in_terminal 40x50 ./narrow
    shows '^ended with 0'
    screen >small
    [ "$(wc -L <small)" -le 39 ]
    [ "$(grep -c 'received: ".*"$' small)" -ge 2 ]
    grep -q '^  1  socket(AF_INET, SOCK_STREAM, 0)$' small
    grep -q '^         = ' small
    terminal kill-server
    rm never
    in_terminal 80x24 ./narrow
    shows '^ended with 0'
    screen >large
    [ "$(wc -L <large)" -le 70 ]
    grep -q '^  1  socket(AF_INET, SOCK_STREAM, 0) = ' large
    [ "$(grep -c 'received: ".*"$' large)" -eq 1 ]
}

@test "colour on a terminal only, and not where it is not wanted" {
    local esc=$'\e' lesson="$BUILD/01_socket"
    on_terminal '' "TERM=xterm $lesson"
    [ "$status" -eq 0 ]
    [[ $output == *"$esc[1m  1  socket("*"$esc[0m"* ]]
    [[ $output == *"$esc[36m     kernel: "* ]]
    # No line leaves a colour on.
    run ! grep -vE "^[^$esc]*($esc\[[0-9]+m[^$esc]+$esc\[0m)?\$" <<<"$output"
    on_terminal '' "NO_COLOR= TERM=xterm $lesson"
    [[ $output == *"$esc"* ]]
    local setting
    for setting in 'NO_COLOR=1 TERM=xterm' 'TERM=dumb'; do
        on_terminal '' "$setting $lesson"
        [[ $output == *'1  socket('* ]]
        [[ $output != *"$esc"* ]]
    done
    on_terminal '' "TERM=xterm $lesson | cat"
    [[ $output == *'1  socket('* ]]
    [[ $output != *"$esc"* ]]
}

# ---- what can go wrong with the output

@test "an output that cannot be written ends the program with a line" {
    [ -w /dev/full ] || skip "no /dev/full"
    run bash -c '"$0" 0 2>&1 >/dev/full' "$BUILD/03_listen"
    [ "$status" -eq 1 ]
    [ "$output" = "03_listen: standard output: ENOSPC" ]
    run bash -c '"$0" -h 2>&1 >/dev/full' "$BUILD/03_listen"
    [ "$status" -eq 1 ]
}

@test "a reader that goes ends the program as SIGPIPE would, no more" {
    program gone <<EOF
    struct stat file;
    $PAIR
    send(pair[0], "a", 1, 0);
    if (argc > 1 && poll(&(struct pollfd){1, 0, 0}, 1, 5000) != 1)
        return 9;
    send(pair[0], "b", 1, 0);
    return fstat(0, &file);
EOF
    run bash -c 'set -o pipefail; "$0" | head -n 1' ./gone
    [ "$status" -eq 141 ]
    # A closed pipe for errors is no reason to end: the program goes on.
    program complains <<'EOF'
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    poll(&(struct pollfd){2, 0, 0}, 1, 5000);
    listen(-1, 5);
    puts("still here");
    return sock == -1;
EOF
    mkfifo errors
    head -n 0 <errors &
    run bash -c 'exec 2>errors; "$0"' ./complains
    [ "$status" -eq 0 ]
    [[ $output == *'still here'* ]]
}

@test "a descriptor that is no socket is neither told nor touched" {
    program plain <<'EOF'
    int ends[2];
    if (pipe(ends) == -1)
        return 9;
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) == -1 || close(ends[1]) == -1)
        return 9;
    close(ends[0]);
    close(1000);
EOF
    run ./plain
    [ "$status" -eq 0 ]
    [ "$(grep -c '^ *[0-9]  ' <<<"$output")" -eq 1 ]
    [[ $output == *'  1  pipe(ends) = 0'* ]]
}

@test "a closed standard output or error is refused, with -q it is not" {
    run bash -c '"$0" >&-' "$BUILD/01_socket"
    [ "$status" -eq 2 ]
    run bash -c '"$0" 2>&-' "$BUILD/01_socket"
    [ "$status" -eq 2 ]
    run bash -c '"$0" -q 2>&- </dev/null' "$BUILD/01_socket"
    [ "$status" -eq 0 ]
}

@test "with standard input closed the socket is descriptor 0, explained" {
    run bash -c '"$0" <&-' "$BUILD/01_socket" 3>&- 4>&-
    [ "$status" -eq 0 ]
    [[ $output == *'SOCK_STREAM, 0) = 0'*'0 was free'*'kernel: fd 0 '* ]]
}

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

@test "a lesson that stays: Enter looks again, q or the end goes on" {
    on_terminal '\n\nq\n' "NO_COLOR=1 $BUILD/03_listen 0"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'kernel: fd 3  LISTEN' <<<"$output")" -eq 3 ]
    on_terminal '' "NO_COLOR=1 $BUILD/03_listen 0"
    [ "$status" -eq 0 ]
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

@test "a number that another socket has now has no peer of before" {
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
        joined out | grep '^     kernel: ' >kernel
        grep -q 'fd 4  ESTABLISHED .* <-> ' kernel
        grep -q 'fd 5  CLOSE-WAIT .* <-> ' kernel
        grep -q 'fd 4  TIME-WAIT .* <-> ' kernel
        grep -q 'fd 4  closed  TIME-WAIT .* <-> ' kernel
        tail -n 1 kernel | grep -q 'fd 3  closed  nothing is left of it$'
    done
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
EOF
    run ./errors </dev/null
    [ "$status" -eq 0 ]
    [[ $output == *'= -1 EBADF'* ]]
    [[ $output == *'= -1 ENOTSOCK'* ]]
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

@test "a wrong pointer is the kernel's to refuse" {
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
EOF
    run ./wrong
    [ "$status" -eq 0 ]
    [ "$(grep -c -- '= -1 EFAULT' <<<"$output")" -ge 5 ]
}

# ---- what the compiler says

# refused_because TEXT FILE...: it does not compile, and TEXT is why.
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

@test "where the system is not Linux, the looking is left out" {
    program other -U__linux__ <<EOF
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    listen(sock, 5);
    close(sock);
EOF
    run ./other 3>&- 4>&-
    [ "$status" -eq 0 ]
    [[ $output == *'listen(3, 5) = 0'*'kernel: fd 3  TCP '* ]]
}

# ---- records

# recorded COMMAND...: run by a player, whose secret is s3; all that it
# wrote is in `all`, its records without the secret in `records`.
recorded() {
    NARRATE_SECRET=s3 NARRATE_CUE=7 "$@" 7</dev/zero >all 2>err 3>&- 4>&-
    LC_ALL=C sed -n $'s/^.*\x1es3\t//p' all >records
}

# field N: of each record, the number of which is in N, from 1.
fields() { cut -f "$1" records; }

@test "a record has its fields, 17 behind the secret, whatever it is" {
    program told <<EOF
    $PAIR
    char bytes[10];
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    send(pair[0], "a\tb\n", 4, 0);
    recv(pair[1], bytes, sizeof bytes, 0);
    listen(sock, 5);
    listen(-1, 5);
EOF
    recorded ./told
    [ "$(awk -F '\t' '{ print NF }' records | sort -u)" = 17 ]
    # Nothing else is in the output, on either stream.
    [ "$(wc -l <all)" -eq "$(wc -l <records)" ]
    [ ! -s err ]
    [ "$(fields 1 | sort -u | tr '\n' ' ')" = \
        'before blocks call came error kernel means title ' ]
    [ "$(fields 2 | sort -u | wc -l)" -eq 1 ] # process
    [ "$(fields 3 | sort -u)" = 1 ]           # thread
    diff <(fields 4) <(seq "$(wc -l <records)")
    awk -F '\t' '$1 == "call" && $7 == "socket"' records |
        cut -f 5,6,7,8,9,10 >socket
    [ "$(cat socket)" = "$(printf '1\t%d\tsocket\tAF_INET, SOCK_STREAM, 0\t5\t' \
        "$(grep -n 'int sock' told.c | cut -d : -f 1)")" ]
    [ "$(awk -F '\t' '$1 == "call" && $7 == "send" { print $8 }' records)" = \
        '3, "a\tb\n", 4, 0' ]
    [ "$(awk -F '\t' '$1 == "came" { print $11, $16, $17 }' records)" = \
        '4 4 received: "a\tb\n"' ]
    [ "$(awk -F '\t' '$1 == "call" && $9 == -1 { print $7, $10 }' records)" = \
        'listen EBADF' ]
    [ "$(awk -F '\t' '$1 == "kernel" && $7 == "listen" { print $11, $12, $15 }' \
        records)" = '5 LISTEN 0 waiting, backlog 5' ]
    awk -F '\t' '$1 == "error" { print $17 }' records | grep -q '^That means: '
}

@test "tabs, newlines and separators in a record are escaped" {
    TITLE='#define TITLE "a\ttab\na line\036s3\tforged"' program odd <<<''
    recorded ./odd
    [ "$(wc -l <all)" -eq 1 ]
    [ "$(fields 17)" = 'odd: a\x09tab\x0Aa line\x1Es3\x09forged' ]
}

@test "a record may follow a prompt, and a forged one lacks the secret" {
    program forged <<EOF
    printf("prompt> ");
    socket(AF_INET, SOCK_STREAM, 0);
    printf("\036guess\tcall\t1\t1\t1\t1\t1\tsocket\n");
    printf("\036\tcall\t1\t1\t1\t1\t1\tsocket\n");
    puts(getenv("NARRATE_SECRET") == NULL ? "no secret" : "");
EOF
    recorded ./forged
    LC_ALL=C grep -q $'^prompt> \x1es3\tbefore\t' all
    [ "$(LC_ALL=C grep -c $'\x1e' all)" -eq "$(($(wc -l <records) + 2))" ]
    # The program itself cannot learn it.
    grep -qx 'no secret' all
}

@test "two processes and two threads are told apart, in records and lines" {
    FRONT='static void *work(void *unused)
{
    close(socket(AF_INET, SOCK_STREAM, 0));
    return unused;
}' program both <<'EOF'
    pthread_t thread;
    work(NULL);
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
    pid_t child = fork();
    if (child == 0) {
        work(NULL);
        return 0;
    }
    waitpid(child, NULL, 0);
    printf("child %ld\n", (long)child);
EOF
    recorded ./both
    child=$(sed -n 's/^child //p' all)
    [ "$(fields 2 | uniq | wc -l)" -eq 2 ]
    [ "$(fields 2 | tail -n 1)" = "$child" ]
    [ "$(fields 3 | uniq | tr '\n' ' ')" = '1 2 1 ' ]
    ./both >out 3>&- 4>&-
    child=$(sed -n 's/^child //p' out)
    grep -q '^ \[thread 2\]  3  socket(' out
    grep -q "^ \[process $child\]  5  socket(" out
    grep -q '^  1  socket(' out
}

@test "NARRATE_CUE that is no open descriptor, or has no secret, is refused" {
    NARRATE_CUE=77 NARRATE_SECRET=x run -2 "$BUILD/01_socket"
    [[ $output == *NARRATE_CUE*'"77"'*descriptor* ]]
    NARRATE_CUE=0 run -2 "$BUILD/01_socket"
    [[ $output == *NARRATE_SECRET* ]]
}
