# The lines that the narrator prints: what is in them, how wide they are,
# and what happens if they cannot be written.

load helper
load narrate
load terminal

# shown BYTES TEXT: BYTES (for printf) are shown as TEXT.
shown() {
    run ./receiver < <(printf %b "$1")
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = "     received: \"$2\"" ] && return
    echo "# $1 is shown as ${lines[-1]}, $2 expected"
    return 1
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
    char zeros[15] = "";
    send(pair[0], zeros, 14, 0);
    send(pair[0], zeros, 15, 0);
EOF
    ./parts 3>&- 4>&- | joined >out
    grep -q 'send(3, "12345678901234567890123456789012", 32, 0) = 32$' out
    grep -q 'send(3, "123456789012345678901234"\.\.\., 33, 0) = 33$' out
    [ "$(grep -c '€*"\.\.\., 3[5-8], 0) = ' out)" -eq 4 ]
    [ "$(grep -c ' send(3, "\(\\x00\)*", 14, 0) = 14$' out)" -eq 1 ]
    [ "$(grep -c ' send(3, "\(\\x00\)*"\.\.\., 15, 0) = 15$' out)" -eq 1 ]
    run ! grep 'x[^0]' out
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
        NARRATE_TEXT(t, NARRATE_ROOM);
        narrate_start();
        narrate_add(&t, "%.*s, éé é %.*s  end.", i, word, i, word);
        narrate_lines(NARRATE_CALL, t.text);
        narrate_lines(NARRATE_MEANS, t.text);
        narrate_lines(NARRATE_ERROR, t.text);
        narrate_end();
    }
EOF
    ./wide >out 2>&1
    [ "$(wc -L <out)" -le 70 ]
    [ "$(wc -L <out)" -ge 68 ]
    # Three times two words.
    [ "$(tr -cd x <out | wc -c)" -eq $((59 * 60 * 6 / 2)) ]
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

@test "what is told of a call leaves in one write, into a file and into a pipe" {
    need strace
    local trace='strace -s 4096 -e trace=write,writev -o'
    $trace file "$BUILD/02_bind" 0 >out </dev/null
    $trace pipe "$BUILD/02_bind" 0 </dev/null | cat >out
    $trace errors "$BUILD/05_connect" 1 2>err </dev/null | cat >out || true
    for trace in file pipe errors; do
        [ "$(grep -c '^write' "$trace")" -ge 4 ]
        # Each ends with a newline, and begins something new.
        grep '^write([12], " ' "$trace" >writes
        [ "$(wc -l <writes)" -ge 3 ]
        [ "$(wc -l <writes)" -le 4 ]
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
    grep -q '^  2  socket(AF_INET, SOCK_STREAM, 0)$' small
    grep -q '^         = ' small
    terminal kill-server
    in_terminal 80x24 ./narrow
    shows '^ended with 0'
    screen >large
    [ "$(wc -L <large)" -le 70 ]
    grep -q '^  2  socket(AF_INET, SOCK_STREAM, 0) = ' large
    [ "$(grep -c 'received: ".*"$' large)" -eq 1 ]
}

@test "-s: what comes next is asked in lines that fit" {
    on_terminal '\n\n' "$BUILD/08_udp_sender -s"
    [ "$status" -eq 0 ]
    [[ $output == *"     next: sendto("*$'\n         16)  [Enter]'* ]]
}

@test "Enter that came before it was asked for leaves each prompt its line" {
    on_terminal '\n\nq\n' "NO_COLOR=1 $BUILD/03_listen -s 0"
    [ "$(grep -c '^     next: .*\[Enter\] $' <<<"$output")" -eq 3 ]
    [ "$(grep -c '^  [12]  ' <<<"$output")" -eq 2 ]
    on_terminal '\n\nq\n' "NO_COLOR=1 $BUILD/03_listen 0"
    [ "$(grep -c '^     Enter asks the kernel again: $' <<<"$output")" -eq 3 ]
}

@test "a window made narrower while a call waits counts from then on" {
    prepare
    in_terminal 80x24 "$BUILD/04_accept" "$LESSON_PORT"
    shows 'blocks until a client connects: run'
    terminal resize-window -x 40
    start client "$BUILD/05_connect" "$LESSON_PORT"
    shows '^     127[0-9.:]*\.$'
}

@test "colour on a terminal only, and not where it is not wanted" {
    local esc=$'\e' lesson="$BUILD/01_socket"
    on_terminal '' "TERM=xterm $lesson"
    [ "$status" -eq 0 ]
    [[ $output == *"${esc}[1m  1  socket("*"${esc}[0m"* ]]
    [[ $output == *"${esc}[36m     kernel: "* ]]
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
    # A closed pipe as standard error does not end the program.
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

@test "a reset connection is over" {
    program reset <<'EOF'
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t length = sizeof here;
    struct linger hard = {1, 0};
    int (*end)(int) = close; // the library's
    int server = socket(AF_INET, SOCK_STREAM, 0);
    char byte;
    listen(server, 5);
    getsockname(server, (struct sockaddr *)&here, &length);
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    connect(sock, (struct sockaddr *)&here, sizeof here);
    int taken = accept(server, NULL, NULL);
    setsockopt(taken, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    end(taken);
    recv(sock, &byte, 1, 0);
EOF
    run ./reset 3>&- 4>&- 5>&-
    [[ $output == *'recv(4, &byte, 1, 0) = -1 ECONNRESET'* ]]
    joined <(printf '%s\n' "${lines[@]}") |
        grep 'fd 4  CLOSED (the connection is over)'
}
