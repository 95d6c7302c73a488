# What narrate.h prints, tried with tiny programs of its own.

load helper

# program NAME <<body: a lesson whose main has this body.
program() {
    {
        printf '#define TITLE "a trial"\n%s\n' "${ADDRESSES-}"
        printf '#include "narrate.h"\nint main(int argc, char *argv[])\n{\n'
        printf 'const char *address = "127.0.0.1";\nuint16_t port = 8888;\n'
        printf 'begin(argc, argv, &address, &port);\n'
        cat
        printf 'return 0;\n}\n'
    } >"$1.c"
    ${CC:-cc} -std=c11 -I "$ROOT/lessons" "$1.c" -o "$1"
}

# Prints with `received` what it reads.
receiver() {
    program receiver <<'EOF'
    char bytes[4096];
    received(bytes, fread(bytes, 1, sizeof bytes, stdin));
EOF
}

# shown BYTES TEXT: with -q, BYTES (for printf) are shown as TEXT.
shown() {
    run ./receiver -q < <(printf "$1")
    [ "$status" -eq 0 ]
    [ "$output" = "$2" ] && return
    echo "# $1 is shown as $output, $2 expected"
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
    program parts <<'EOF'
    printf("%s\n", quoted("12345678901234567890123456789012", 32));
    printf("%s\n", quoted("123456789012345678901234567890123", 33));
    for (size_t i = 20; i < 24; i++) {
        char text[100] = "12345678901234567890123";
        strcpy(text + i, "\u20ac\u20ac\u20ac\u20ac\u20ac");
        printf("%s\n", quoted(text, i + 15));
    }
EOF
    run ./parts -q 3>&-
    [ "${lines[0]}" = '"12345678901234567890123456789012"' ]
    [ "${lines[1]}" = '"123456789012345678901234"...' ]
    [ "${#lines[@]}" -eq 6 ]
    run ! grep -F '\x' <<<"$output"
}

@test "all that was received is shown, in as many lines as it takes" {
    receiver
    head -c 1500 /dev/urandom >bytes
    ./receiver <bytes | sed -n 's/^    received: "\(.*\)"$/\1/p' >shown
    tr -d '\n' <shown >joined
    printf '%b' "$(sed 's/\\"/"/g' joined)" | cmp - bytes
    [ "$(wc -l <shown)" -gt 20 ]
    ./receiver -q <bytes >quiet
    [ "$(wc -l <quiet)" -eq 1 ]
}

# ---- lines

@test "no line is wider than 70 columns, and no word is lost" {
    program wide <<'EOF'
    char word[201];
    memset(word, 'x', 200);
    word[200] = '\0';
    for (int i = 1; i < 90; i++) {
        step("call(%.*s, %.*s)", i, word, i, word);
        waits("%.*s \u00e9\u00e9\u00e9 %.*s", i, word, i, word);
        result(0, "%.*s  end.", i, word);
        note("%.*s \u00e9 \u00e9 %.*s", i, word, 2 * i, word);
    }
EOF
    ./wide >out
    [ "$(wc -L <out)" -eq 70 ]
    grep -q '^ 1  call(x, x) = 0$' out
    # 2 words in a step, named twice, 2 + 3 letters, 1 + 2 words.
    [ "$(tr -cd x <out | wc -c)" -eq $((89 * 90 / 2 * 10)) ]
    run ! grep -nE ' $|^ *$' <(tail -n +3 out)
}

@test "where a line ends in a message, one space is left out and no more" {
    program blanks <<'EOF'
    note("Sent: %s", quoted("\1\1\1\1\1\1\1\1\1\1\1\1\1\1a     b\1\1\1\1\1", 25));
EOF
    run ./blanks 3>&-
    [ "${#lines[@]}" -eq 3 ]
    [[ ${lines[1]} == *'\x01a' ]]
    [[ ${lines[2]} == '        b\x01'* ]]
}

@test "what a call returned is printed once, and getaddrinfo has no errno" {
    program once <<'EOF'
    step("getaddrinfo(1)");
    errno = EPERM;
    result(-1, "a wrong flag");
    step("socket(1)");
    errno = EPERM;
    result(-1, "not this one");
    fail("socket");
EOF
    run ./once 3>&-
    [ "$status" -eq 1 ]
    [ "${lines[1]}" = ' 1  getaddrinfo(1) = -1' ]
    [ "$(grep -c 'socket(1)' <<<"$output")" -eq 1 ]
    [[ $output == *'socket: EPERM'*Try:* ]]
}

@test "lines after the first are indented: 8 for a call, 4, 12" {
    program indent <<'EOF'
    step("call(%060d)", 1);
    result(0, "%060d %d", 1, 2);
EOF
    run ./indent 3>&-
    [ "${lines[1]}" = " 1  call($(printf %060d 1))" ]
    [ "${lines[2]}" = '        = 0' ]
    [ "${lines[3]}" = "    $(printf '%060d 2' 1)" ]
    program kernel <<'EOF'
    int sock = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 here = {.sin6_family = AF_INET6};
    bind(sock, (struct sockaddr *)&here, sizeof here);
    listen(sock, 5);
    show(sock);
EOF
    run ./kernel 3>&-
    [[ ${lines[1]} == '    kernel: fd 3  LISTEN  every address'* ]]
    [[ ${lines[2]} == '            '[^\ ]* ]]
}

@test "each line leaves in one write, into a file and into a pipe" {
    need strace
    local trace='strace -s 4096 -e trace=write,writev -o'
    $trace file "$BUILD/02_bind" 0 >out
    $trace pipe "$BUILD/02_bind" 0 | cat >out
    $trace errors "$BUILD/05_connect" 1 2>err | cat >out
    for trace in file pipe errors; do
        [ "$(grep -c '^write' "$trace")" -ge 7 ]
        # Each ends with a newline and holds no other.
        grep '^write' "$trace" | tr -d '[]' >writes
        run ! grep -v '\\n"' writes
        run ! grep '\\n.*\\n"' writes
    done
}

@test "colour on a terminal only, and not where it is not wanted" {
    local esc=$'\e' lesson="$BUILD/01_socket"
    on_terminal '' "TERM=xterm $lesson"
    [ "$status" -eq 0 ]
    [[ $output == *"$esc[1m 1  socket("*"$esc[0m"* ]]
    [[ $output == *"$esc[36m    kernel: "* ]]
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

@test "an output that cannot be written ends the lesson with a line" {
    [ -w /dev/full ] || skip "no /dev/full"
    local option
    for option in '' -h; do
        run bash -c '"$0" $1 0 2>&1 >/dev/full' "$BUILD/03_listen" "$option"
        [ "$status" -eq 1 ]
        [ "$output" = "03_listen: standard output: No space left on device" ]
    done
}

# ---- cues and keys

@test "cues: one a step, q or the end of cues ends it with 0" {
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
    sed -n "${BASH_REMATCH[1]}p" "$ROOT/lessons/01_socket.c" | grep -q 'step("'
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
    [ "$(grep -c '^    kernel: fd 3  LISTEN' <<<"$output")" -eq 3 ]
}

@test "with cues or -s the lesson's descriptors have the same numbers" {
    program numbers <<'EOF'
    step("socket");
    int first = socket(AF_INET, SOCK_DGRAM, 0);
    printf("%d ", first);
    printf("%d\n", socket(AF_INET, SOCK_DGRAM, 0));
EOF
    local plain
    plain=$(./numbers -q 3>&- 4>&-)
    printf '.' >cues
    LESSON_CUE=cues run ./numbers -q 3>&- 4>&-
    [ "${lines[-1]}" = "$plain" ]
    on_terminal '\n' './numbers -q -s'
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

@test "a hold on a terminal: Enter looks again, q or the end goes on" {
    on_terminal '\n\nq\n' "NO_COLOR=1 $BUILD/03_listen 0"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'kernel: fd 3  LISTEN' <<<"$output")" -eq 3 ]
    on_terminal '' "NO_COLOR=1 $BUILD/03_listen 0"
    [ "$status" -eq 0 ]
}

@test "with standard input closed the socket is descriptor 0, explained" {
    run bash -c '"$0" <&-' "$BUILD/01_socket" 3>&-
    [ "$status" -eq 0 ]
    [[ $output == *'SOCK_STREAM, 0) = 0'*'0 was free'*'kernel: fd 0 '* ]]
}

# ---- what the kernel holds

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
    show(sock);
    close(sock);
    sock = socket(AF_INET, SOCK_STREAM, 0);
    show(sock);
EOF
    run ./reused 3>&- 4>&-
    [[ ${lines[1]} == *'fd 4  ESTABLISHED  127.0.0.1:'*' <-> 127.0.0.1:'* ]]
    [ "${lines[2]}" = \
        '    kernel: fd 4  CLOSED (no connection yet)  no address yet' ]
}

@test "TIME-WAIT is found after close, over IPv4 and IPv6" {
    local any
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
    show(sock);
    shutdown(sock, SHUT_WR);
    char byte;
    if (recv(connected, &byte, 1, 0) != 0)
        return 4;
    close(connected);
    if (recv(sock, &byte, 1, 0) != 0)
        return 5;
    show(sock);
    close(sock);
    show(sock);
    close(server);
    show(server);
EOF
        run ./wait 3>&- 4>&-
        [ "$status" -ne 3 ] || skip "no $family here"
        [ "$status" -eq 0 ]
        [[ ${lines[1]} == *'fd 4  ESTABLISHED '*' <-> '* ]]
        [[ ${lines[2]} == *'fd 4  TIME-WAIT '*' <-> '* ]]
        [[ "${lines[3]} ${lines[4]}" == *'fd 4 closed  TIME-WAIT '*' <-> '* ]]
        [[ ${lines[-1]} == *'fd 3 closed  nothing is left of it' ]]
    done
}

@test "text_of knows each kind of address by the pointer's type" {
    program kinds <<'EOF'
    struct sockaddr_in v4 = {0};
    struct sockaddr_in6 v6 = {0};
    struct sockaddr_storage any = {0};
    v4.sin_port = v6.sin6_port = htons(80);
    v6.sin6_addr.s6_addr[15] = 1;
    const struct sockaddr_in6 *constant = &v6;
    printf("%s %s\n", text_of(&v4), text_of(constant));
    v4.sin_family = AF_INET;
    v6.sin6_family = AF_INET6;
    memcpy(&any, &v4, sizeof v4);
    printf("%s ", text_of(&any));
    memcpy(&any, &v6, sizeof v6);
    printf("%s %s\n", text_of(&any), text_of((struct sockaddr *)&any));
EOF
    run ./kinds -q 3>&-
    [ "${lines[0]}" = '0.0.0.0:80 [::1]:80' ]
    [ "${lines[1]}" = '0.0.0.0:80 [::1]:80 [::1]:80' ]
}

# ---- the rest

@test "no statement changes errno" {
    program errors <<'EOF'
    errno = EXDEV;
    show(0);
    errno += errno == EXDEV ? 0 : 1000;
    result(-1, "%s, %s", count(1, "byte"), which_number(5));
    errno += errno == EXDEV ? 0 : 2000;
    carry_on("call", "%s", other_side());
    printf("%d\n", errno == EXDEV);
EOF
    run ./errors 3>&-
    [ "${lines[-1]}" = 1 ]
    [[ $output == *'= -1 EXDEV'* ]]
}

@test "a lesson may take IPv6 addresses, or host names, if it says so" {
    local -A good=(
        [IPV4]='127.0.0.2'
        [IPV4_OR_IPV6]='127.0.0.2 ::1 fe80::1'
        [HOST_NAME]='127.0.0.2 ::1 localhost 3com host-1.example.org fe80::1%eth0'
    ) bad=(
        [IPV4]='::1 localhost 1.2.3'
        [IPV4_OR_IPV6]='localhost 1.2.3 :::: [::1]'
        [HOST_NAME]='a/b a.b! ü.org'
    )
    local kind word
    for kind in "${!good[@]}"; do
        ADDRESSES="#define ADDRESSES $kind" program "$kind" \
            <<<'printf("%s %u\n", address, (unsigned)port);'
        for word in ${good[$kind]}; do
            run "./$kind" -q "$word" 9
            [ "$output" = "$word 9" ]
            run "./$kind" -q "$word"
            [ "$output" = "$word 8888" ]
        done
        for word in ${bad[$kind]}; do
            run "./$kind" -q "$word" 9
            [ "$status" -eq 2 ]
            [[ $output == "$kind: \"$word\" is not a"*expected* ]]
        done
        run "./$kind" -q 80- # in a lesson without host names, 80x too
        [ "$status" -eq 2 ]
    done
}
