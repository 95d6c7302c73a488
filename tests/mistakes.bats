# The exercises of lessons/mistakes: each fails its check as shipped and
# with each of its wrong mends, passes it with the right ones, and cannot
# be got past by a cheat; and the judge ends in time and leaves nothing,
# whatever a program does.

load helper

NEEDS='bwrap getopt flock'

# A folder NN for each exercise, in which its program and its mends lie
# compiled, as *.run; and its judge beside them.
prepare() {
    WORK=$(cat "$BATS_FILE_TMPDIR/where")
    export WORK ROOT
    export -f judged
}

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    umask 022
    mktemp -d >"$BATS_FILE_TMPDIR/where"
    prepare
    chmod 755 "$WORK"
    command -v bwrap >/dev/null || return 0
    local folder name number
    for folder in "$ROOT"/lessons/mistakes/[0-9]*/; do
        name=$(basename "$folder")
        number=${name%%_*}
        mkdir -p "$WORK/$number"
        cp "$folder/as_shipped.c" "$ROOT/tests/mended/$number"/*.c \
            "$WORK/$number"
        ln -s "$ROOT/build/judge/$name" "$WORK/$number/judge"
        echo "$name"
    done | xargs "$ROOT/scripts/judge/build"
    compile "$WORK"/*/*.c
}

teardown_file() {
    rm -rf "$(cat "$BATS_FILE_TMPDIR/where")"
}

# compile FILE.c...: to FILE.c.run, two at a time; those that do not
# compile are left out.
compile() {
    printf '%s\n' "$@" | xargs -P 2 -I{} cc -w -o {}.run {} 2>&- || true
}

# judged FILE.c.run: its verdict in FILE.c.verdict, its report beside it.
judged() {
    local folder
    folder=${1#"$WORK"/}
    # shellcheck disable=SC2086 # options of the judge, or none
    "$WORK/${folder%%/*}/judge" $OPTIONS "$1" >"${1%.run}.report" 2>&1 3>&-
    echo $? >"${1%.run}.verdict"
}

# judge_all VERDICT FILE...: many at once, for they mostly wait. Then says
# of which the verdict is another one.
judge_all() {
    local verdict=$1 file wrong=0
    shift
    printf '%s\n' "$@" | xargs -P 16 -I{} bash -c 'judged {}' 3>&-
    for file; do
        [ "$(cat "${file%.run}.verdict")" = "$verdict" ] && continue
        echo "# ${file#"$WORK"/}: not $verdict"
        cat "${file%.run}.report"
        wrong=1
    done
    return $wrong
}

@test "30 exercises: a program of 110 lines at most, a task, three hints, a judge" {
    [ "$(ls -d "$ROOT"/lessons/mistakes/*/ | wc -l)" -eq 30 ]
    for folder in "$ROOT"/lessons/mistakes/*/; do
        name=$(basename "$folder")
        echo "# $name"
        file=$folder$name.c
        [ "$(wc -l <"$file")" -le 110 ]
        run -1 grep -n '.\{73\}' "$file"
        grep -q '^// Symptom: ' "$file"
        grep -q '^// Provoke: ' "$file"
        cmp "$file" "$folder/as_shipped.c"
        grep -q "^# ${name%%_*} " "$folder/task.md"
        [ "$(wc -l <"$folder/task.md")" -le 40 ]
        [ "$(grep -c '^- ' "$folder/hints.md")" -eq 3 ]
        [ "$(wc -l <"$folder/hints.md")" -eq 3 ]
        [ -f "$ROOT/scripts/judge/$name.c" ]
    done
    [ "$(ls "$ROOT"/scripts/judge/[0-9]*.c | wc -l)" -eq 30 ]
}

@test "every exercise has its mends: a small right one, an unusual one, two wrong ones" {
    for folder in "$ROOT"/lessons/mistakes/*/; do
        number=$(basename "$folder")
        number=${number%%_*}
        echo "# $number"
        cd "$ROOT/tests/mended/$number"
        [ -f unusual.c ]
        [ "$(ls wrong_*.c | wc -l)" -ge 2 ]
        [ "$(diff "$folder/as_shipped.c" right.c | grep -c '^[<>]')" -le 24 ]
        run -1 grep -n '.\{73\}' ./*.c
    done
}

@test "why, and where to read on: each judge names a heading of the book" {
    prepare
    for judge in "$WORK"/*/judge; do
        anchor=$("$judge" -r)
        echo "# $judge $anchor"
        [ "$(cat "$ROOT"/docs/chapters/*.md |
            grep -c "^#.*{#$anchor[} ]")" -eq 1 ]
    done
}

@test "the compiler sees a mistake where its head says so, and no other" {
    for file in "$ROOT"/lessons/mistakes/*/as_shipped.c; do
        run -0 gcc -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
            -O1 -c "$file" -o out.o
        echo "# $file"
        if grep -q '^// The compiler can see' "$file"; then
            [[ $output == *warning* ]]
        else
            [ -z "$output" ]
        fi
    done
}

@test "the right mends compile without a warning" {
    for file in "$ROOT"/tests/mended/*/{right,unusual}*.c; do
        gcc -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
            -O1 -c "$file" -o out.o
    done
}

@test "every exercise fails its check as shipped" {
    prepare
    judge_all 1 "$WORK"/*/as_shipped.c.run
    for report in "$WORK"/*/as_shipped.c.report; do
        grep -q '^  did  ' "$report"
        grep -q '^  expected  ' "$report"
        grep -q '^  came  ' "$report"
    done
}

@test "every exercise passes with its right mends, by argument and by LESSON_PORT" {
    prepare
    judge_all 0 "$WORK"/*/{right,unusual}*.c.run
    for report in "$WORK"/*/right.c.report; do
        tail -n +1 "$report" | grep -A 1 ': mended\.$' | grep -q '^  why  '
    done
    export OPTIONS=-e
    judge_all 0 "$WORK"/*/right.c.run
}

@test "no wrong mend passes" {
    prepare
    judge_all 1 "$WORK"/*/wrong_*.c.run
}

@test "no cheat passes: empty, asleep, early end, words, calls left out, one port" {
    prepare
    mkdir common
    "$ROOT/tests/cheat" common "$PWD/common"
    compile common/*.c
    for number in "$WORK"/[0-9]*; do
        mkdir -p "$number/cheats"
        "$ROOT/tests/cheat" "$number"/{as_shipped.c,right.c,cheats}
    done
    # The address of 17 left out is INADDR_ANY, which is the mend.
    rm "$WORK"/17/cheats/left_out.c
    for number in "$WORK"/[0-9]*; do
        # What is the mended one's is called mended_... here.
        cc -w -c -Dmain=mended_main -o "$number/mended.o" "$number/right.c"
        objcopy --keep-global-symbol=mended_main "$number/mended.o"
        cc -w -o "$number/all" "$number/cheats/all.c" "$number/mended.o"
        rm "$number/cheats/all.c"
        ln common/*.run "$number/cheats"
        for name in $(cat "$number/cheats/names"); do
            word=$(printf '%-19s' "$name." | tr ' ' .)
            LC_ALL=C sed "s/cheat:\.\{19\}/cheat:$word/" "$number/all" \
                >"$number/cheats/$name.c.run"
        done
    done
    compile "$WORK"/*/cheats/*.c
    for number in "$WORK"/[0-9]*; do
        [ "$(ls "$number"/cheats/*.c.run | wc -l)" -ge 10 ]
    done
    judge_all 1 "$WORK"/*/cheats/*.c.run
}

@test "without a room the verdicts are the same" {
    prepare
    export OPTIONS=-t
    judge_all 0 "$WORK"/*/right.c.run
    judge_all 1 "$WORK"/{01,03,06,15,20,23,24}/as_shipped.c.run
}

@test "an ordinary user gets the same verdicts" {
    [ "$(id -u)" = 0 ] || skip "we are one"
    need setpriv
    prepare
    # Where this user may go: there is the judge, and what it judges.
    for number in 01 06 15 23; do
        cp "$ROOT"/build/judge/"${number}"_* "$ROOT/build/judge/enter" \
            "$WORK/$number"
        for side in as_shipped right; do
            for options in '' -t; do
                verdict=0
                # shellcheck disable=SC2086 # an option, or none
                setpriv --reuid 64999 --regid 64999 --clear-groups \
                    "$WORK/$number/$(basename "$(readlink \
                        "$WORK/$number/judge")")" $options \
                    "$WORK/$number/$side.c.run" >report 2>&1 3>&- ||
                    verdict=$?
                cat report
                [ "$side$verdict" = as_shipped1 ] ||
                    [ "$side$verdict" = right0 ]
            done
        done
    done
}

# hostile NAME CODE: a program that does that in main.
hostile() {
    cat >"$1.c" <<END
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

# reports NAME WORDS: the judge says so of it. A busy machine may be too
# slow for a program to do its worst within one judging.
reports() {
    for try in 1 2 3 4 5; do
        "$WORK/01/judge" "$1" >report 3>&- || true
        grep -q "$2" report && return
    done
    cat report
    return 1
}

@test "whatever a program does, the judge ends within 10 seconds and leaves nothing" {
    prepare
    hostile loop 'for (;;) ;'
    hostile flood 'for (;;) puts("mended.");'
    hostile complain 'for (;;) fputs("mended.", stderr);'
    hostile bomb 'for (;;) fork();'
    hostile memory 'for (;;) memset(malloc(1 << 20), 1, 1 << 20);'
    hostile many 'fork(), fork(), fork(), fork();
        for (;;) { void *p = malloc(1 << 20); if (p) memset(p, 1, 1 << 20); }'
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
            # Without a room "all" would be more than its own.
            [ "$name$options" = amok-t ] && [ "$(id -u)" != 0 ] && continue
            echo "$name" $options
        done
    done >cases
    xargs -P 4 -L 1 sh -c 'start=$(date +%s)
        "$WORK/01/judge" $1 "$0" >"$0$1.report" 2>&1
        echo "$0 $1 verdict $? after $(($(date +%s) - start)) s"' \
        <cases >verdicts 3>&-
    cat verdicts
    [ "$(grep -c 'verdict 1 after [0-9] s\|verdict 1 after 10 s' verdicts)" = \
        "$(wc -l <cases)" ]
    reports flood 'it printed more than 1024 KiB'
    reports memory 'signal 11'
    reports many 'it uses more memory'
    run pgrep "hostile$$"
    [ -z "$output" ]
}

@test "Ctrl-C ends the judge and all that it started" {
    prepare
    hostile asleep 'for (;;) pause();'
    for options in '' -t; do
        start judge "$WORK/01/judge" $options asleep
        await judge 'started it'
        pgrep "hostile$$"
        kill -INT "$(cat judge.pid)"
        finish judge
        [ "$status" = 130 ]
        run pgrep "hostile$$"
        [ -z "$output" ]
    done
}

# A copy of the toolkit to work in, without git.
workplace() {
    mkdir -p work/lessons work/docs
    cp -r "$ROOT/scripts" work
    cp -r "$ROOT/lessons/mistakes" work/lessons
    cp -r "$ROOT/docs/chapters" work/docs
}

@test "scripts/check reports, shows hints one after another, and counts" {
    workplace
    run -1 work/scripts/check 08
    [[ $output == *"the compiler says:"*"warning"* ]]
    [[ $output == *"expected "*"came "*"not yet."*"Task: "* ]]
    run -1 work/scripts/check -i 7 <<<$'\n\nq'
    [[ $output == *"1. "*"2. "* ]]
    [[ $output != *"3. "* ]]
    cp "$ROOT/tests/mended/07/right.c" \
        work/lessons/mistakes/07_byte_order/07_byte_order.c
    run -0 work/scripts/check 07
    [[ $output == *"07_byte_order: mended."*"  why  "*'  read on   "'*'", in the book' ]]
    run -1 work/scripts/check 20 07 06
    [ "$output" = "06 not yet
07 mended
20 not yet
1 of 3 mended" ]
    echo 'int main(void) { return }' >wrong.c
    run -1 work/scripts/check -f wrong.c 07
    [[ $output == *"It does not compile."* ]]
}

@test "scripts/check refuses what it does not know, in a line" {
    for words in 31 0 abc -x '-f none.c 07' '-f /etc/passwd 07' '-f' '-f x 06 07' \
        '-i 06 07' -i; do
        # shellcheck disable=SC2086 # split on purpose
        run -2 --separate-stderr "$ROOT/scripts/check" $words
        [ -z "$output" ]
        [[ $stderr == "check: "* ]]
    done
}

@test "scripts/reset brings the mistake back, asks first, and keeps the work" {
    workplace
    file=work/lessons/mistakes/20_one_socket/20_one_socket.c
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
    run -2 work/scripts/reset 31
    run -2 work/scripts/reset
}
