# The lessons in Python talk to those in C and to each other, are told by
# scripts/narrate, and what the handout says of both is true.

load helper

# shellcheck disable=SC2034 # setup, in helper.bash, reads it
NEEDS='cc make readelf python3'
PYTHON=$BATS_TEST_DIRNAME/../lessons/python

setup_file() { make -s -C "$BATS_TEST_DIRNAME/.." build/narrate.so; }

# in_python LESSON, in_c LESSON: sets $program, the command that runs it.
in_python() { program=(python3 -u -W error "$PYTHON/$1.py"); }
in_c() { program=("$BUILD/$1"); }

# serving NAME IN LESSON [ADDRESS]: starts the lesson, told, and returns
# when it is ready; its calls are in NAME.told. IN is in_python or in_c.
serving() {
    port=$(free_port)
    "$2" "$3"
    : >"$1.told"
    start "$1" "$ROOT/scripts/narrate" -o "$1.told" "${program[@]}" \
        "${4:-127.0.0.1}" "$port"
    await "$1" '\(accept4\?\|recv\(msg\|from\)\)(.*blocks' "$1.told"
}

# between SERVER_IN SERVER CLIENT_IN CLIENT: one conversation; what each
# says is in server.out and client.out. Servers that live on are ended.
between() {
    serving server "$1" "$2"
    "$3" "$4"
    start client "${program[@]}" 127.0.0.1 "$port"
    finish client 0
    case $2 in
    09* | 14*)
        # The client may be done before the server has said so.
        await server '^Clients so far: 1$\|: refused$' server.err
        kill -INT "$(<server.pid)"
        finish server 130
        ;;
    *) finish server 0 ;;
    esac
    run ! grep -vE '^(Clients so far: 1|A message of .*)$' server.err
    run ! grep -vE '^(recv: |     )' client.err
}

# everywhere SERVER CLIENT SERVER_SAYS CLIENT_SAYS: C and Python, each
# with the other, and Python with itself.
everywhere() {
    local languages
    for languages in 'in_c in_python' 'in_python in_c' 'in_python in_python'; do
        # shellcheck disable=SC2086 # two words
        set -- "$1" "$2" "$3" "$4" $languages
        between "$5" "$1" "$6" "$2"
        cat server.out server.err | grep -q "$3"
        grep -q "$4" client.out
    done
}

# refused LESSON: where nobody listens, it says so in Python's words.
refused() {
    run --separate-stderr python3 "$PYTHON/$1.py" 127.0.0.1 \
        "$(free_port)" 3>&-
    [ "$status" -eq 1 ]
    # shellcheck disable=SC2154 # run sets it
    [ "$stderr" = "$1.py: [Errno 111] Connection refused" ]
}

@test "05 in Python reaches 04" {
    serving server in_c 04_accept
    run -0 python3 -W error "$PYTHON/05_connect.py" 127.0.0.1 "$port" 3>&-
    [ "$output" = Connected. ]
    finish server 0
}

@test "refused, connect and connect_ex in Python end in one line" {
    refused 05_connect
    refused 06_send_recv_client
}

@test "06 in C and in Python understand each other" {
    everywhere 06_send_recv_server 06_send_recv_client \
        "client's line: .*Hello from the client!" "server's line: .*Hello from the server!"
}

@test "07 in C and in Python understand each other" {
    everywhere 07_close_server 07_close_client \
        "client's line: .*Hello from the client!" "server's line: .*Hello from the server!"
}

@test "08 in C and in Python understand each other" {
    everywhere 08_udp_receiver 08_udp_sender \
        'rest is lost' 'The answer: .*Hello from the receiver!'
    # A datagram ends by itself: 22, 24 and 40 bytes, and no newline.
    between in_python 08_udp_receiver in_python 08_udp_sender
    grep -q "^From 127.0.0.1, port [0-9]*: b'Hello from the sender!'$" server.out
    joined server.told | grep -q 'sendto(.*, 24, .*) = 24$'
}

@test "08's sender in Python drops a stranger's datagram and pairs rightly" {
    port=$(free_port)
    start strange python3 "$BATS_TEST_DIRNAME/support/stranger.py" "$port"
    await strange ready
    run -0 python3 -u "$PYTHON/08_udp_sender.py" 127.0.0.1 "$port" 3>&-
    [ "${lines[0]}" = 'A datagram from somebody else: dropped' ]
    [ "${lines[1]}" = "The answer: b'to Hello from the sender!'" ]
    [ "${lines[2]}" = "The answer: b'to A datagram that is longer than 32 bytes.'" ]
    finish strange 0
}

@test "with no answer, 08's sender in Python says what to look for" {
    start silent python3 -c 'import socket, sys
s = socket.socket(type=socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
s.recv(1), s.recv(1)'
    await silent '[0-9]'
    run -1 python3 "$PYTHON/08_udp_sender.py" 127.0.0.1 "$(cat silent.out)" 3>&-
    [ "$output" = 'No answer within 2 seconds: does the receiver run?' ]
}

@test "09 in C and in Python understand each other" {
    everywhere 09_greeting_server 09_greeting_client \
        'so far: 1' 'Hello from the server!'
}

@test "10 in C and in Python give a file back to each other" {
    local server client
    head -c 1M /dev/urandom >sent
    for server in in_c in_python; do
        serving server "$server" 10_echo_server
        for client in in_c in_python; do
            "$client" 10_echo_client
            "${program[@]}" 127.0.0.1 "$port" <sent >came 3>&-
            cmp sent came
        done
        kill -INT "$(<server.pid)"
        finish server 130
    done
}

@test "14 in C and in Python understand each other" {
    everywhere 14_framing_server 14_framing_client \
        '^A message of 4294967295 bytes: refused$' '^Back came 9 bytes: .*in pieces'
    grep -qF "Back came 7 bytes: b'one\ntwo'" client.out
    [ "$(grep -c '^A message of' server.err)" -eq 5 ]
}

@test "18 in C and in Python understand each other" {
    everywhere 18_udp_retry_receiver 18_udp_retry_sender \
        '^Message 4, try 2: known' '^Message 4 is answered, late$'
    [ "$(grep -c 'again: dropped$' client.out)" -eq 2 ]
    [ "$(grep -c '^recv: timed out$' client.err)" -eq 2 ]
}

@test "21 in C and in Python say the same, to each other and to anybody" {
    local server client get='GET / HTTP/1.1\r\nHost: x\r\n'
    for server in in_c in_python; do
        serving server "$server" 21_http_server
        for client in in_c in_python; do
            "$client" 21_http_client
            [ "$client" = in_python ] || program+=(-q)
            "${program[@]}" 127.0.0.1 "$port" >"$client.said" 3>&-
        done
        diff in_c.said in_python.said
        grep -qx '<p>Caf\\xC3\\xA9 cr\\xC3\\xA8me, served by .*' in_c.said
        while read -r requests; do
            # shellcheck disable=SC2016 # it is for another shell to expand
            timeout "$PATIENCE" bash -c 'exec 5<>"/dev/tcp/127.0.0.1/$0"
                printf "$1" >&5; cat <&5' "$port" "$requests" 3>&-
        done >"$server.answers" <<END
$get\r\n${get}hOST:y\r\n\r\n${get}CONNECTION: Close\r\n\r\n
HEAD /favicon.ico HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\n\r\n
GET / HTTP/1.1\r\n\r\n$get\r\n
GET /\033 HTTP/1.1\r\nHost: x\r\n\r\n
POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody
${get}Content-Length: 1\r\n\r\nx
GET /$(printf '%8300s' '' | tr ' ' x)
END
        kill -INT "$(<server.pid)"
        finish server 130
    done
    [ "$(grep -c '^HTTP/1.1 [2-5]' in_c.answers)" -eq 10 ]
    diff <(sed 's/94/99/; s/by C/by Python/' in_c.answers) in_python.answers
}

@test "22 in C and in Python say the same, and ask each other" {
    local server client name
    for server in in_c in_python; do
        serving server "$server" 22_dns_answer
        for client in in_c in_python; do
            "$client" 22_dns_question
            [ "$client" = in_python ] || program+=(-q)
            for name in localhost www.lesson.test forged.lesson.test nobody.test; do
                "${program[@]}" "$name" "$port" 3>&- || [ "$name" = nobody.test ]
            done >"$client.said" 2>&1
        done
        diff in_c.said in_python.said
        [ "$(grep -c 'has the address' in_c.said)" -eq 3 ]
        kill -INT "$(<server.pid)"
        finish server 130
    done
}

@test "10 in Python takes IPv6, 09 says that it does not" {
    serving server in_python 10_echo_server ::1
    [ "$(echo six | "$BUILD/10_echo_client" ::1 "$port" 3>&-)" = six ]
    run -2 python3 "$PYTHON/09_greeting_client.py" ::1 3>&-
    [[ $output == *"argument address: "*"'::1'"* ]]
}

@test "the servers in Python survive every way in which a client can leave" {
    local lesson way
    for lesson in 09_greeting_server 10_echo_server 14_framing_server \
        21_http_server; do
        serving server in_python "$lesson"
        for way in closes resets speaks_and_resets rushes; do
            python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" "$way" "$port" 3>&-
        done
        echo Hello | timeout "$PATIENCE" \
            "$BUILD/${lesson%server}client" -q "$port" >said 3>&-
        grep -q '^Hello\|^Back came 9\|^<h1>It works' said
        # Python misses a signal that comes just before a call blocks.
        eventually grep -q '^State:.S' "/proc/$(<server.pid)/status"
        kill -INT "$(<server.pid)"
        finish server 130
        run ! grep -vE '^(Clients so far|A message of|[0-9]+ bytes of a message|A client is lost: (\[Errno|timed out$)|(HEAD|GET) / |(Host|Connection): |Answered: (200|431) )' \
            server.err
    done
}

@test "wrong arguments: what was wrong, and exit status 2" {
    local words
    for words in '127.0.0.1 65536' '127.0.0.1 1 3' localhost 127.0.0.256 -x; do
        # shellcheck disable=SC2086 # several words
        run -2 python3 "$PYTHON/06_send_recv_client.py" $words 3>&-
        grep -qF -- "${words##* }" <<<"$output"
    done
    run -0 each_lesson 2 127.0.0.1 65536
    [ "$(grep -c "'65536' is not a port: 0 to 65535$" <<<"$output")" -eq \
        "$(ls "$PYTHON"/*.py | wc -l)" ]
}

# each_lesson STATUS WORD...: all end with STATUS, called with these words.
# One isolated Python (-I) runs one after another.
each_lesson() {
    python3 -I -W error - "$PYTHON" "$@" 3>&- <<'END'
import pathlib, runpy, sys
folder, status, *words = sys.argv[1:]
for lesson in sorted(pathlib.Path(folder).glob("*.py")):
    sys.argv = [lesson.name, *words]
    try:
        runpy.run_path(str(lesson), run_name="__main__")
        sys.exit(f"{lesson.name} just ends")
    except SystemExit as end:
        if end.code != int(status):
            raise
END
}

@test "each lesson in Python stands alone, on the standard library" {
    each_lesson 0 -h >said
    [ "$(grep -c '^usage: ' said)" -eq "$(ls "$PYTHON"/*.py | wc -l)" ]
}

@test "bytes from outside are escaped by the lessons in Python" {
    serving server in_python 06_send_recv_server
    printf '\033[2Jx\302\233\n' | "$BUILD/10_echo_client" "$port" >answer 2>&1 3>&- || true
    finish server 0
    [ "$(cat server.out)" = "The client's line: b'\\x1b[2Jx\\xc2\\x9b\\n'" ]
}

@test "what Python does on its own is told as such" {
    serving server in_python 08_udp_receiver
    run -0 "$ROOT/scripts/narrate" -o told python3 "$PYTHON/08_udp_sender.py" \
        127.0.0.1 "$port" 3>&-
    finish server 0
    joined told >calls
    grep -A 5 'socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0) = 3' calls |
        grep -q 'Python itself: .*SOCK_CLOEXEC'
    grep -A 1 'ioctl(3, FIONBIO, ' calls | grep -q 'Python itself: settimeout'
    [ "$(grep -c 'Python itself: after settimeout it waits by poll' calls)" -eq 1 ]
    # A C program that does the same is not told that way.
    printf '%s\n' '#include <poll.h>' '#include <sys/ioctl.h>' \
        '#include <sys/socket.h>' 'int main(void) { int on = 1, s =' \
        'socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); struct pollfd w =' \
        '{s, POLLIN, 0}; ioctl(s, FIONBIO, &on); poll(&w, 1, 10); }' >same.c
    "${CC:-cc}" -D_GNU_SOURCE same.c -o same
    run -0 "$ROOT/scripts/narrate" ./same 3>&-
    [[ $output == *'poll('* ]]
    [[ $output != *itself* ]]
}

@test "the handout's table of C and Python is what scripts/dev/compare prints" {
    make -s -C "$ROOT" build/play
    compared() {
        timeout 60 "$ROOT/scripts/dev/compare" >again 3>&-
        diff -u "$ROOT/docs/transcripts/c-and-python.md" again
    }
    # Once more, in case the machine was only busy: 14 and 18 pause.
    compared || compared
}

# servers: whether a lesson runs that was started with our MARK.
servers() {
    [ -n "$(pgrep -f "$ROOT/build/0[4-9]_.*[0-9]" |
        sed 's,.*,/proc/&/environ,' | xargs -r grep -slz "^MARK=$MARK")" ]
}

@test "scripts/dev/compare, ended, leaves no program behind" {
    export MARK=$BATS_TEST_TMPDIR
    start compare "$ROOT/scripts/dev/compare"
    eventually servers
    kill "$(<compare.pid)"
    finish compare 1
    run ! servers
}

@test "scripts/dev/compare where nothing can be loaded says so in one line" {
    mkdir 'a b'
    ln -s "$ROOT"/{scripts,build,lessons,Makefile} 'a b'
    run -1 'a b/scripts/dev/compare'
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *'takes no blank or colon in a path'* ]]
}
