# Every lesson compiles alone, without a warning, with every compiler,
# and has the form that lessons have.

load helper

WARNINGS='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'

@test "a lesson compiles from another folder and by its absolute path" {
    local output=$PWD/x
    ${CC:-cc} -Werror "$ROOT/lessons/03_listen.c" -o "$output"
    (cd "$ROOT" && ${CC:-cc} -Werror lessons/03_listen.c -o "$output")
    run "$output" -h
    [[ ${lines[0]} == '03_listen: '* ]]
}

# narration.bats tests that a lesson compiles alone, and that each compiler
# is silent at -O0 and -O2 with all warnings: it builds every lesson that
# way.

# Writes all.c, which makes each call that narrate.h takes over: with it
# the whole narrator is compiled.
every_call() {
    cat >all.c <<'EOF'
#define _POSIX_C_SOURCE 200809L
#define TITLE "all"
#define PARTNER "none"
#include "narrate.h"
int main(void)
{
    struct sockaddr_in6 here = {.sin6_family = AF_INET6};
    struct sockaddr *at = (struct sockaddr *)&here;
    socklen_t size = sizeof here;
    struct iovec part = {NULL, 0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    struct pollfd one = {-1, POLLIN, 0};
    struct addrinfo *list = NULL;
    char bytes[9] = "";
    int on = 1, ends[2] = {-1, -1};
    int sock = socket(AF_INET6, SOCK_STREAM, 0);

    if (sock == -1)
        return 1;
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    getsockopt(sock, SOL_SOCKET, SO_ERROR, &on, &size);
    bind(sock, at, sizeof here);
    listen(sock, 5);
    connect(sock, at, sizeof here);
    send(sock, bytes, sizeof bytes, 0);
    sendto(sock, bytes, sizeof bytes, 0, at, sizeof here);
    sendmsg(sock, &message, 0);
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    unlink("path");
    recv(sock, bytes, sizeof bytes, 0);
    recvfrom(sock, bytes, sizeof bytes, 0, at, &size);
    recvmsg(sock, &message, 0);
    if (accept(sock, at, &size) == -1 || fcntl(sock, F_SETFL, 0) == -1 ||
        poll(&one, 1, 0) == -1 || pipe(ends) == -1)
        return 1;
    if (fork() == 0)
        return 0;
#ifdef __linux__
    struct epoll_event event = {.events = EPOLLIN};
    int watch = epoll_create1(0);
    if (epoll_ctl(watch, EPOLL_CTL_ADD, sock, &event) == -1 ||
        epoll_wait(watch, &event, 1, 0) == -1)
        return 1;
#endif
    waitpid(-1, NULL, WNOHANG);
    if (getaddrinfo("localhost", "1", NULL, &list) == 0)
        freeaddrinfo(list);
    on = (int)read(ends[0], bytes, sizeof bytes);
    shutdown(sock, SHUT_WR);
    close(ends[0]);
    close(ends[1]);
    close(sock);
    puts(bytes);
    return isatty(0) ? getchar() : on;
}
EOF
    # Every call that is taken over is there.
    sed -nE 's/^ *# *define ([a-z][a-z0-9_]*)\(.*/\1/p' "$ROOT"/lessons/narrate.h \
        "$ROOT"/lessons/narrator/*.h | sort -u >taken
    [ "$(wc -l <taken)" -ge 20 ]
    grep -oE '[a-z][a-z0-9_]*\(' all.c | tr -d '(' | sort -u | comm -23 taken - >left
    cat left
    [ ! -s left ]
}

# The packet sockets of 13 are Linux's own. What the narrator defines but
# does not use on another system shows only in a full compilation: of all.c.
@test "every lesson compiles silently, here and, without 13, as on another system" {
    local other="${CC:-cc} -U__linux__ -std=c11 $WARNINGS"
    local lessons=("$ROOT"/lessons/{0*,1[0124-9]*,2*}.c)
    [ ${#lessons[@]} -eq $(($(ls "$ROOT"/lessons/[0-9]*.c | wc -l) - 1)) ]
    # shellcheck disable=SC2086 # the flags are words
    $other -fsyntax-only "${lessons[@]}"
    # shellcheck disable=SC2086
    ${other/ -U__linux__/} -fsyntax-only "$ROOT"/lessons/[0-9]*.c
    every_call
    # shellcheck disable=SC2086
    $other -I "$ROOT/lessons" all.c -o other
}

@test "elsewhere than on Linux make leaves out 13 and 23, and says so" {
    run -0 make -n -B -C "$ROOT" MAKE_HOST=arm-apple-darwin
    [[ $output == *build/22_dns_answer* && $output != *build/13_* && $output != *build/23_* ]]
    run -2 make -B -C "$ROOT" MAKE_HOST=arm-apple-darwin build/23_epoll_server
    [[ $output == *'23_epoll_server needs Linux'* ]]
}

# bats test_tags=second
@test "each header of the narrator compiles silently with still more warnings" {
    local compiler form
    every_call
    for compiler in gcc 'clang -fsyntax-only' musl-gcc; do
        for form in NARRATE_PLAYER BY_HAND; do
            # shellcheck disable=SC2086 # the flags are words
            $compiler -std=c17 $WARNINGS -Wformat=2 -Wundef -Wvla -O2 \
                -D$form -I "$ROOT/lessons" -c all.c
        done
    done
}

# Of narrate.h, and of the narrator of any program, what stands above each
# layer, and that layer: it needs nothing that comes after it.
@test "a layer of the narrator needs only those before it" {
    local file line layers=0
    for file in "$ROOT"/lessons/{narrate.h,narrator/preload/preload.c}; do
        while IFS=: read -r line _; do
            {
                printf '#define TITLE "a trial"\n'
                head -n "$line" "$file" |
                    sed "s|#include \"|&${file%/*}/|"
                [ "${file##*/}" != narrate.h ] || echo '#endif'
            } >layer.c
            ${CC:-cc} -std=c11 -D_GNU_SOURCE -fsyntax-only \
                -Werror=implicit-function-declaration layer.c 2>words ||
                { grep error: words && false; }
            layers=$((layers + 1))
        done < <(grep -n '^#include ".*\.h"' "$file")
    done
    [ "$layers" -ge 30 ]
}

# The narrator once, and each lesson without it: the analyzer knows what the
# plain calls return. The whole narrator is too much for it: it gives up
# after a quarter of the functions. With call summaries it gets to the end,
# but does not know which variables a call has set. A second look at the
# narrator, for these, follows only one path through each point.
# bats test_tags=second
@test "gcc's analyzer finds nothing" {
    local narrator=(all.c "$ROOT/lessons/narrator/preload/preload.c")
    local look=(gcc -std=gnu11 -DNARRATE_PLAYER -O1 -Wall -Wextra -Werror
        -fanalyzer -I "$ROOT/lessons" -c)
    need gcc
    for lesson in "$ROOT"/lessons/[0-9]*.c; do
        "$ROOT/scripts/bare" "$lesson" >"$(basename "$lesson")"
    done
    "${look[@]}" ./*.c
    every_call
    run -0 "${look[@]}" "${narrator[@]}" -fanalyzer-call-summaries \
        --param analyzer-min-snodes-for-call-summary=2 \
        -Wno-analyzer-use-of-uninitialized-value \
        -Wanalyzer-too-complex -Wno-error=analyzer-too-complex
    [[ $output == *'terminating analysis for this program point'* ]]
    [[ $output != *'bailed out'* ]]
    "${look[@]}" "${narrator[@]}" \
        --param analyzer-max-enodes-per-program-point=1 \
        --param analyzer-bb-explosion-factor=2
}

# musl-gcc does not find the headers of Linux.
# bats test_tags=second
@test "the scripts' own programs: no compiler finds anything" {
    need clang musl-gcc
    # shellcheck disable=SC2086 # the flags are words
    clang -std=c11 $WARNINGS -fsyntax-only "$ROOT"/scripts/{*,*/*}/*.c
    # shellcheck disable=SC2086
    grep -L '^#include <linux/' "$ROOT"/scripts/{*,*/*}/*.c |
        xargs musl-gcc -std=c11 $WARNINGS -fsyntax-only
}

# gcc would split functions, and its analyzer does not see that only one
# half calls the other: hence -fno-partial-inlining.
# bats test_tags=second
@test "the scripts' own programs: gcc finds nothing, nor does its analyzer" {
    local file
    need gcc
    for file in "$ROOT"/scripts/{*,*/*}/*.c; do
        # shellcheck disable=SC2086 # the flags are words
        gcc -std=c11 $WARNINGS -O2 -fanalyzer -fno-partial-inlining \
            -c "$file" -o gcc.o
    done
}

# ---- the form of a lesson

@test "no line of a lesson is wider than 72 columns, nor has a tab" {
    LC_ALL=C run awk '
        { s = $0; gsub(/[\200-\277]/, "", s) }
        length(s) > 72 || /\t/ { print FILENAME ": " FNR ": " $0 }
    ' "$ROOT"/lessons/[0-9]*.c "$ROOT"/lessons/*.h \
        "$ROOT"/lessons/narrator/{,preload/}*.*
    [ -z "$output" ]
}

@test "the first socket call of a core lesson comes within 36 lines of C" {
    run awk '
        FNR == 1 { seen = lines = 0 }
        NF && !/^ *\/\// { lines++ }
        !seen && !/^ *\/\// && / socket\(/ {
            seen = 1
            calls++
            if (lines > 36 || FNR > 35 && FILENAME ~ /0[1-5]_/)
                print FILENAME ": " FNR
        }
        END { if (calls != ARGC - 1) print calls " of " ARGC - 1 " call it" }
    ' "$ROOT"/lessons/0[1-8]*.c
    [ -z "$output" ]
}

# 24 asks who the peer is, and POSIX has no call for that.
@test "a lesson holds no #ifdef, but one of 24, and names itself in its first line" {
    local file number
    for file in "$ROOT"/lessons/[0-9]*.c; do
        run grep -E '^ *# *(if|el|endif)' "$file"
        if [[ $file == */24_unix_server.c ]]; then
            [ "$output" = $'#ifdef SO_PEERCRED\n#else\n#endif' ]
        else
            [ -z "$output" ]
        fi
        number=$(basename "$file" | cut -c 1-2)
        head -n 1 "$file" | grep -q "^// # $number "
        grep -q '^#define TITLE "' "$file"
    done
}
