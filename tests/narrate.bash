# shellcheck shell=bash
# For tests of the narrator: they make tiny programs, and have them told.

# program NAME [FLAG...] <<body: compiles a told program whose main has
# this body. $FRONT comes before main, $DEFINES before the include.
program() {
    {
        printf '%s\n' "${TITLE-#define TITLE \"a trial\"}" "${DEFINES-}" \
            '#include "narrate.h"' '#include <pthread.h>' \
            '#include <sys/wait.h>' "${FRONT-}" \
            'int main(int argc, char *argv[])' '{' '(void)argc, (void)argv;'
        cat
        printf 'return 0;\n}\n'
    } >"$1.c"
    ${CC:-cc} -DNARRATE_PLAYER -std=c11 -Wall -Wextra \
        -I "$ROOT/lessons" "$1.c" -o "$1" -pthread "${@:2}"
}

# Two connected sockets; AF_UNIX, so that there are no kernel lines.
PAIR='int pair[2]; if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return 9;'

# Compiles a program that receives, in one call, its standard input.
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

# on_terminal INPUT COMMAND: runs it on a terminal where INPUT (escapes as
# in printf) and Ctrl-D are typed; what it printed is in $output.
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
' "$(printf %b "${1}_")" "$2" 3>&- 4>&-
}
