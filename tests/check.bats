# scripts/check and scripts/reset; and the judge, which ends in time and
# leaves nothing running, whatever a program does.

load helper
load terminal

NEEDS='getopt prlimit unshare'

setup_file() {
    export JUDGE=$ROOT/build/judge/01_endless_echo
    "$ROOT/scripts/judge/build" 01_endless_echo
}

# hostile NAME CODE: compiles a program that does CODE in main.
hostile() {
    cat >"$1.c" <<END
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(void)
{
    prctl(PR_SET_NAME, "hostile$$");
    $2
}
END
    cc -w -o "$1" "$1.c"
}

# timed NAME [OPTION]: judges it. Prints how many milliseconds that took, the
# arguments and the verdict.
timed() {
    local begun=${EPOCHREALTIME/[.,]/} verdict=0
    "$JUDGE" "${@:2}" "$1" >"$1${2-}.report" 2>&1 3>&- || verdict=$?
    echo "$(((${EPOCHREALTIME/[.,]/} - begun) / 1000)) $* verdict $verdict"
}

# reports NAME WORDS: one of five reports on NAME has these words: a busy
# machine may be too slow for a program to do its worst every time.
reports() {
    for try in 1 2 3 4 5; do
        grep -q "$2" "$1.report" && return
        "$JUDGE" "$1" >"$1.report" 3>&- || true
    done
    cat "$1.report"
    return 1
}

# bats test_tags=second
@test "whatever a program does, the judge ends within 10 seconds and leaves nothing" {
    hostile loop 'for (;;) ;'
    hostile flood 'for (;;) puts("mended.");'
    hostile complain 'for (;;) fputs("mended.", stderr);'
    hostile bomb 'for (;;) fork();'
    hostile memory 'for (;;) *(volatile char *)malloc(1 << 20) = 1;'
    hostile many 'fork(), fork(), fork(), fork();
        for (;;) mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);'
    hostile parricide 'for (;;) kill(getppid(), SIGKILL);'
    hostile amok 'for (;;) kill(-1, SIGKILL);'
    hostile daemon 'for (int i = 0; i < 3; i++)
            if (fork()) return 0; else setsid();
        for (int s = 1; s < 65; s++) signal(s, SIG_IGN);
        for (;;) pause();'
    hostile deaf 'for (int s = 1; s < 65; s++) signal(s, SIG_IGN);
        for (;;) pause();'
    hostile stopped 'raise(SIGSTOP);'
    hostile disk 'FILE *f = tmpfile();
        for (;;) fputs("more and more", f);'
    for name in loop flood complain bomb memory many parricide amok daemon \
        deaf stopped disk; do
        for options in '' -t; do
            # Without a room kill(-1) reaches others' processes, too.
            [ "$name$options" = amok-t ] && [ "$(id -u)" != 0 ] && continue
            echo "$name" $options
        done
    done >cases
    export -f timed
    xargs -P 4 -L 1 bash -c 'timed "$@"' timed <cases >verdicts 3>&-
    cat verdicts
    run -1 grep -v ' verdict 1$' verdicts
    # Four at once are a busy machine: what is late there is judged alone.
    while read -r time name options; do
        for try in 1 2 3; do
            [ "$time" -gt 10000 ] || break
            read -r time line < <(timed "$name" ${options:+"$options"})
            echo "alone: $time $line"
            [[ $line == *' verdict 1' ]]
        done
        [ "$time" -le 10000 ]
    done < <(sed 's/ *verdict 1$//' verdicts)
    reports flood 'it printed more than 1024 KiB'
    reports bomb 'it starts more processes'
    reports memory 'signal 11'
    reports many 'it uses more memory'
    run pgrep -l "hostile$$"
    [ -z "$output" ]
}

@test "Ctrl-C ends the judge and all that it started" {
    hostile asleep 'for (;;) pause();'
    for options in '' -t; do
        start judge "$JUDGE" $options asleep
        await judge 'started it'
        eventually pgrep "hostile$$"
        kill -INT "$(cat judge.pid)"
        finish judge
        [ "$status" = 130 ]
        run pgrep -l "hostile$$"
        [ -z "$output" ]
    done
}

# forks [LEFT]: starts the judge, without a room, on a right server that
# forks for each client, once the file `go` is there. Its user may then have
# LEFT processes more than now.
forks() {
    sed "s|^    int sock = socket|    while (access(\"$PWD/go\", F_OK) == -1)\
        poll(0, 0, 5);\n&|; 1i #include <poll.h>" \
        "$BUILD/mended/23/right.c" >forks.c
    cc -w -o forks forks.c
    "$ROOT/scripts/judge/build" 23_zombies
    ordinary_user
    cp "$BUILD"/judge/{23_zombies,enter} .
    chmod 777 .
    chmod 755 23_zombies enter forks
    local limit=() user
    user=$("${AS[@]}" id -u)
    [ $# = 0 ] ||
        limit=(prlimit "--nproc=$(($1 + $(ps -eLo ruid= | awk -v user="$user" '$1 == user { n++ } END { print n + 0 }')))")
    start judge "${AS[@]}" "${limit[@]}" "$PWD/23_zombies" -t "$PWD/forks"
    await judge 'started it'
}

# strangers COUNT [LEFT]: forks; then there are so many processes of the user
# of the judge that have nothing to do with it, and the server may fork.
strangers() {
    cat >strangers.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char *argv[])
{
    for (int i = argc > 1 ? atoi(argv[1]) : 0; i > 0; i--)
        if (fork() == 0)
            pause();
    fclose(fopen("go", "w"));
    pause();
}
END
    cc -o strangers strangers.c
    forks "${@:2}"
    start strangers "${AS[@]}" "$PWD/strangers" "$1"
}

@test "what else its user runs takes no process from a program" {
    strangers 60
    finish judge 0
}

@test "a program that gets no process, because there is none, gets no verdict" {
    strangers 600 100 # so many that it does not matter who else ends
    finish judge 2
    grep '^judge: it could not be judged: .*: Resource temporarily unavailable$' judge.err
}

# fails_at CALL COMMAND: makes ./COMMAND, which passes its words on to the
# one in PATH, but not the call with that number: then there is no process.
fails_at() {
    cat >"$2" <<END
#!/bin/sh
echo >>"$PWD/calls"
[ "\$(wc -l <"$PWD/calls")" != $1 ] || {
    echo "$2: vfork: Resource temporarily unavailable" >&2
    exit 1
}
exec $(command -v "$2") "\$@"
END
    chmod 755 "$2"
    : >calls
}

@test "a compiler or a room that the machine cannot make is no verdict" {
    "$ROOT/scripts/judge/build" 07_nobody_can_connect
    ordinary_user # the compiler's, if we are root
    local right=$BUILD/mended/07/right
    fails_at 1 cc
    chmod 777 . calls
    # The compiler fails once: it is asked again. Or always, without a
    # program too.
    CC=$PWD/cc run -0 "$BUILD/judge/07_nobody_can_connect" -t "$right.c"
    echo "$output"
    [ "$(wc -l <calls)" = 3 ]
    sed -i 's/ != 1 / = 0 /' cc
    CC=$PWD/cc run -2 --separate-stderr "$BUILD/judge/07_nobody_can_connect" -t "$right.c"
    [[ $stderr == "judge: it could not be judged: "*"cc: vfork: Resource temporarily unavailable" ]]
    run ! grep -q 'not yet' <<<"$output"
    # A program that says so itself is judged.
    echo '#error Resource temporarily unavailable' >wrong.c
    run -1 "$BUILD/judge/07_nobody_can_connect" -t wrong.c
    [[ $output == *'does not compile.' ]]
    can room || return 0
    cc -o program "$right.c"
    fails_at 1 bwrap
    PATH=$PWD:$PATH run -2 --separate-stderr "$BUILD/judge/07_nobody_can_connect" -k program
    [[ $stderr == "judge: it could not be judged: the program cannot be begun: bwrap: vfork: "* ]]
}

@test "a judge that is killed leaves no folder" {
    hostile asleep 'for (;;) pause();'
    start judge "$JUDGE" -t asleep
    await judge 'started it'
    for folder in /tmp/judge.*; do # another user's, if we are root
        ! cmp -s asleep "$folder/${JUDGE##*/}" || break
    done
    [[ $folder == /tmp/judge.* ]]
    kill -KILL "$(cat judge.pid)"
    finish judge
    eventually [ ! -e "$folder" ]
    eventually nobody_hostile
}
nobody_hostile() { ! pgrep "hostile$$"; }

@test "scripts/check reports, shows hints one after another, and counts" {
    workplace
    run -1 work/scripts/check 08
    [[ $output == *"the compiler says:"*"warning"* ]]
    [[ $output == *"expected "*"came "*"not yet."*"Task: "* ]]
    run -1 work/scripts/check -i 7 <<<$'\n\nq'
    [[ $output == *"1. "*"2. "* ]]
    [[ $output != *"3. "* ]]
    [[ $output == *"the first of 3 hints"*"printf '%x\\n' 8888"* ]]
    cp "$BUILD/mended/07/right.c" \
        work/lessons/mistakes/07_nobody_can_connect/07_nobody_can_connect.c
    run -0 work/scripts/check 07
    [[ $output == *"07_nobody_can_connect: mended."*"  why  "*'  read on   "'*'", in the book' ]]
    run -1 work/scripts/check 20 07 06
    [ "$output" = "after lesson 05
  07      The server that nobody finds                         mended
after lesson 07
  06      The server that cannot be started again              not begun
after lesson 09
  20      The server for exactly one client                    not begun
1 of 3 mended" ]
    echo 'int main(void) { return }' >wrong.c
    run -1 work/scripts/check -f wrong.c 07
    [[ $output == *"It does not compile."* ]]
    [[ $output == *"scripts/check -n -f '"*"/wrong.c' 07, "*"  cc '"*"/wrong.c' -o "* ]]
}

# twice: the right program of task 2, which closes each descriptor twice.
twice() {
    sed 's/^\( *\)close(client);/\1close(client), close(client);/' \
        "$ROOT/tests/tasks/2/right.c" >twice.c
    run -1 cmp -s twice.c "$ROOT/tests/tasks/2/right.c"
}

@test "done, but what is wrong nevertheless is said, once, and counts" {
    twice
    run -0 "$ROOT/scripts/check" -f twice.c task-2 3>&-
    grep -A 1 '^task-2: done, but:$' <<<"$output" |
        grep -qE 'Call [0-9]+: descriptor 4 was closed in call [0-9]+\.$'
    [ "$(grep -c 'was closed in call' <<<"$output")" -eq 1 ]
    run -0 "$ROOT/scripts/check" -f "$ROOT/tests/tasks/2/right.c" task-2 3>&-
    [[ $output == *$'\ntask-2: done.\n'* ]]
}

@test "-n shows the calls of a program that was right, too" {
    twice
    run -0 "$ROOT/scripts/check" -n -f twice.c task-2 3>&-
    [[ $output == *"its calls, the last of them:"*"close(4) = -1 EBADF"*"Note: descriptor 4 was closed"*"task-2: done."* ]]
}

@test "without a number: all in the order of the lessons, and the next one to do" {
    local file=work/lessons/mistakes/10_unknown_callers/10_unknown_callers.c
    workplace
    rm -f work/build/judge/*.verdict
    run -1 work/scripts/check
    [ "$(grep -c 'not begun$' <<<"$output")" -eq \
        "$(ls -d work/lessons/{mistakes,tasks}/*/ | wc -l)" ]
    grep '^after lesson' <<<"$output" >lessons
    sort -uc lessons
    [[ $output == *"Next: work/lessons/mistakes/10_unknown_callers/task.md; then work/scripts/check 10" ]]
    cp "$BUILD/mended/10/right.c" "$file"
    run -1 work/scripts/check
    [[ $output == *" mended"*"1 of "*" mended"*"Next: work/lessons/mistakes/07_"* ]]
}

@test "what has not changed is not judged again, what has is" {
    local file=work/lessons/mistakes/07_nobody_can_connect/07_nobody_can_connect.c
    workplace
    echo '// mine' >>"$file"
    run -1 work/scripts/check 07 06
    [[ $output == *'nobody finds '*' not yet'* ]]
    sed -i 's/^1 /0 /' work/build/judge/07_nobody_can_connect.verdict
    run -1 work/scripts/check 07 06
    [[ $output == *'nobody finds '*' mended'* ]]
    echo '// and changed' >>"$file"
    run -1 work/scripts/check 07 06
    [[ $output == *'nobody finds '*' not yet'* ]]
}

@test "-w judges at each save; Enter goes to the next one when it is mended" {
    local file=work/lessons/mistakes/07_nobody_can_connect/07_nobody_can_connect.c
    workplace
    prepare
    in_terminal 80x24 work/scripts/check -w 07
    shows '^Save the file to have it judged again. Ctrl-C: end'
    shows 'not yet'
    cp "$BUILD/mended/07/right.c" "$file"
    shows '^Save the file.* Enter: the next one, 10; Ctrl-C: end'
    press Enter
    shows '^10_unknown_callers'
    shows '^Save the file to have it judged again. Ctrl-C: end'
    press C-c
    shows '^ended with 130'
    given_back
    all_gone
    run -2 --separate-stderr work/scripts/check -w 07 </dev/null
    [ "$stderr" = 'check: -w needs a terminal: it waits for keys' ]
}

# commands PATH: runs PATH/scripts/check 11, then what it names, from here.
commands() {
    run -1 "$1scripts/check" 11
    said=$output
    sh -c "test -f $(sed -n 's/^Task: \(.*\)  Hints: .*/\1/p' <<<"$said")"
    hints=$(sed -n 's/^Task: .*  Hints: //p' <<<"$said")
    run -1 sh -c "$hints" <<<$'\nq'
    [[ $output == *'1. Which two descriptors'* ]]
    [[ ${output//$'\n'/} == *"\`${2-$1}scripts/narrate ./11_not_connected\`"* ]]
    run -1 sh -c "$(sed -n 's/^Its calls: \(.*\), or by hand/\1/p' <<<"$said")"
    [[ $output == *'its calls:'* ]]
    sh -c "$(sed -n 's/^  cc /cc /p' <<<"$said")"
    [ -x 11_not_connected ]
    run -0 sh -c "$(sed -n 's/^  \(.*scripts.narrate\) .*/\1/p' <<<"$said") -h"
    rm 11_not_connected
}

@test "the commands that it names can be typed where it was called" {
    workplace
    commands work/
    mv work 'our & work'
    commands 'our & work/' "'our & work/'"
    cd 'our & work'
    commands ''
    cd lessons/mistakes/11_not_connected
    commands ../../../
    run -1 ../../../scripts/check -f 11_not_connected.c 11
    sh -c "$(sed -n 's/^  cc /cc /p' <<<"$output")"
    [ -x 11_not_connected ]
}

@test "judges that cannot be built where another built them are said to be so" {
    workplace
    rm -rf work/build/judge
    touch work/build/judge # not even root can make it a folder
    run -2 --separate-stderr work/scripts/check 07
    [[ $stderr == "check: build/judge cannot be written;"* ]]
}

@test "no verdict where the shell's own limits are narrower than a program's" {
    must_have network
    local limit
    for limit in 'nofile=63 n' 'nproc=31 u' 'as=200000000 v'; do
        run -2 unshare -Ur prlimit "--${limit% *}" "$ROOT/scripts/check" 08
        [[ ${lines[1]} == "judge: ulimit -${limit#* }: the limit here is "* ]]
    done
}

@test "scripts/check refuses what it does not know, in a line" {
    for words in 99 0 abc -x '-f none.c 07' '-f /etc/passwd 07' '-f' '-f x 06 07' \
        '-i 06 07' -i; do
        # shellcheck disable=SC2086 # split on purpose
        run -2 --separate-stderr "$ROOT/scripts/check" $words
        [ -z "$output" ]
        [[ $stderr == "check: "* ]]
    done
}

@test "-h that cannot be written ends with status 1, and nothing is begun" {
    [ -w /dev/full ] || skip 'no /dev/full'
    for script in check reset report grade bare; do
        run -1 bash -c '"$0" -h 2>&1 >/dev/full' "$ROOT/scripts/$script"
        [ "${#lines[@]}" -eq 1 ]
    done
}

@test "scripts/reset brings the mistake back, asks first, and keeps the work" {
    workplace
    file=work/lessons/mistakes/20_only_one_client/20_only_one_client.c
    cp "$file" first
    run -0 work/scripts/reset 20
    [[ $output == *"is as it was." ]]
    echo '// mine' >>"$file"
    cp "$file" mine
    run -1 work/scripts/reset 20 <<<n
    cmp mine "$file"
    run -1 work/scripts/reset 20 </dev/null
    cmp mine "$file"
    run -0 work/scripts/reset 20 <<<y
    cmp first "$file"
    cmp mine "$file.1"
    echo '// again' >>"$file"
    run -0 work/scripts/reset -y 20
    cmp mine "$file.1"
    [ "$(tail -n 1 "$file.2")" = '// again' ]
    rm "$file"
    run -0 work/scripts/reset 20
    cmp first "$file"
    run -2 work/scripts/reset 99
    run -2 work/scripts/reset
}
