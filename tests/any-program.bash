# shellcheck shell=bash disable=SC2034 # setup, in helper.bash, reads NEEDS
# For the tests of scripts/narrate, which runs programs told (narrated).

NEEDS='cc make readelf'
CALLS=network,read,write,readv,writev,close,dup,dup2,dup3,poll,ppoll
CALLS=$CALLS,select,pselect6,epoll_create1,epoll_ctl,epoll_wait,epoll_pwait
CALLS=$CALLS,sendfile,splice

# any [FLAG...], odd: compile tests/support/any_program.c, odd_program.c.
any() { "${CC:-cc}" "$@" -pthread "$ROOT/tests/support/any_program.c" -o any; }
odd() { "${CC:-cc}" -pthread "$ROOT/tests/support/odd_program.c" -o odd; }

setup_file() { make -s -C "$BATS_TEST_DIRNAME/.." build/narrate.so; }

# told COMMAND...: runs it told; told.txt then has a line for each call.
told() {
    run -"${STATUS:-0}" timeout "$PATIENCE" "$ROOT/scripts/narrate" \
        -o raw.txt "$@" 3>&- 4>&-
    joined raw.txt >told.txt
}

# traced_told COMMAND...: the same under strace; both must say the same.
traced_told() {
    need strace python3
    timeout "$PATIENCE" strace -f -y -s 9999 -o trace.txt \
        -e "trace=$CALLS" "$ROOT/scripts/narrate" -o raw.txt "$@" \
        >out.txt 2>err.txt 3>&- 4>&-
    run -0 python3 "$ROOT/tests/support/told.py" raw.txt trace.txt
}

# faulty NAME <<body: compiles a program with this main, and runs it told.
faulty() {
    {
        printf '#include <%s>\n' arpa/inet.h netinet/in.h signal.h \
            stdio.h stdlib.h string.h sys/resource.h sys/socket.h \
            sys/wait.h unistd.h
        echo 'static int reach(int sock, const struct sockaddr_in *to)'
        echo '{ return connect(sock, (const void *)to, sizeof *to); }'
        echo 'static int give(int sock, struct sockaddr_in *at)'
        echo '{ socklen_t size = sizeof *at; at->sin_family = AF_INET;'
        echo ' at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);'
        echo ' return bind(sock, (void *)at, sizeof *at) |'
        echo ' listen(sock, 5) | getsockname(sock, (void *)at, &size); }'
        echo 'int main(void) { struct sockaddr_in here = {0}; char b[64];'
        echo 'int sock = socket(AF_INET, SOCK_STREAM, 0);'
        echo '(void)b, (void)here, (void)give, (void)reach;'
        cat
        echo 'return 0; }'
    } >"$1.c"
    "${CC:-cc}" -w "$1.c" -o "$1"
    told "./$1"
}

noted() {
    grep -F "Note: $1" told.txt && return
    cat told.txt
    return 1
}

# refused STATUS PATTERN WORD...: narrate ends so; its last line matches.
# shellcheck disable=SC2030,SC2031
refused() {
    run -"$1" "$ROOT/scripts/narrate" "${@:3}"
    tail -n 1 <<<"$output" | grep "^narrate: .*$2"
}
