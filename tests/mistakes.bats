# The exercises of lessons/mistakes: each fails its check as shipped,
# passes it mended, and cannot be got past by a cheat; and the judge ends
# in time and leaves nothing, whatever a program does.

load helper

# Both sides of a patch that shows the whole file.
broken_of() { sed '1,3d;/^+/d;s/^.//' "$1"; }
mended_of() { sed '1,3d;/^-/d;s/^.//' "$1"; }

# The judge, a folder NN with broken.c and mended.c for each exercise,
# and their compiled forms *.run: in a place where others may enter,
# unlike that of bats, for the judge gives up root's rights.
prepare() {
    EXERCISES=$(cat "$BATS_FILE_TMPDIR/where")
    JUDGE=$EXERCISES/judge
    export JUDGE EXERCISES ROOT
    export -f compile judged
}

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    umask 022
    mktemp -d >"$BATS_FILE_TMPDIR/where"
    prepare
    chmod 755 "$EXERCISES"
    cc -O1 -Wall -Wextra -Werror -o "$JUDGE" "$ROOT"/scripts/judge/*.c
    for patch in "$ROOT"/tests/mended/*.patch; do
        number=$(basename "$patch" .patch)
        mkdir -p "$EXERCISES/$number"
        cp "$ROOT/lessons/mistakes/$number"_*.c "$EXERCISES/$number/broken.c"
        mended_of "$patch" >"$EXERCISES/$number/mended.c"
    done
    compile "$EXERCISES"/*/*.c
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
    local number
    number=${1#"$EXERCISES"/}
    "$JUDGE" $PLAIN "${number%%/*}" "$1" >"${1%.run}.report" 2>&1 3>&-
    echo $? >"${1%.run}.verdict"
}

# judge_all PATTERN: many at once, for they mostly wait. Then says of
# which the verdict is not the one that is given.
judge_all() { # VERDICT FILE...
    local verdict=$1 file wrong=0
    shift
    printf '%s\n' "$@" | xargs -P 24 -I{} bash -c 'judged {}' 3>&-
    for file; do
        [ "$(cat "${file%.run}.verdict")" = "$verdict" ] && continue
        echo "# ${file#"$EXERCISES"/}: not $verdict"
        cat "${file%.run}.report"
        wrong=1
    done
    return $wrong
}

@test "there are at least 24 exercises, each of at most 80 lines of 72 columns" {
    [ "$(ls "$ROOT"/lessons/mistakes/*.c | wc -l)" -ge 24 ]
    for file in "$ROOT"/lessons/mistakes/*.c; do
        [ "$(wc -l <"$file")" -le 80 ]
        run -1 grep -n '.\{73\}' "$file"
        grep -q '^// Symptom: ' "$file"
        grep -q '^// Provoke: ' "$file"
    done
}

@test "every exercise has a patch that shows all of it, and a small mend" {
    for file in "$ROOT"/lessons/mistakes/*.c; do
        number=$(basename "$file")
        number=${number%%_*}
        patch=$ROOT/tests/mended/$number.patch
        broken_of "$patch" | cmp - "$file"
        [ "$(sed 1,3d "$patch" | grep -c '^[-+]')" -le 24 ]
    done
}

@test "every exercise has three hints" {
    for file in "$ROOT"/lessons/mistakes/*.c; do
        number=$(basename "$file")
        number=${number%%_*}
        [ "$(sed -n "/^## $number\$/,/^## /s/^- //p" \
            "$ROOT/lessons/mistakes/hints.md" | wc -l)" = 3 ]
    done
    [ "$(grep -c '^## ' "$ROOT/lessons/mistakes/hints.md")" = \
        "$(ls "$ROOT"/lessons/mistakes/*.c | wc -l)" ]
}

@test "the compiler sees a mistake where its head says so, and no other" {
    for file in "$ROOT"/lessons/mistakes/*.c; do
        run -0 gcc -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
            -O1 -c "$file" -o out.o
        if grep -q '^// The compiler can see' "$file"; then
            [[ $output == *warning* ]]
        else
            [ -z "$output" ]
        fi
    done
}

@test "the mended exercises compile without a warning" {
    prepare
    for file in "$EXERCISES"/*/mended.c; do
        gcc -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
            -O1 -c "$file" -o out.o
    done
}

@test "every exercise fails its check as shipped" {
    prepare
    judge_all 1 "$EXERCISES"/*/broken.c.run
    for report in "$EXERCISES"/*/broken.c.report; do
        grep -q '^  did  ' "$report"
        grep -q '^  saw  ' "$report"
        grep -q '^  expected  ' "$report"
    done
}

@test "every exercise passes its check when it is mended" {
    prepare
    judge_all 0 "$EXERCISES"/*/mended.c.run
}

@test "without namespaces the verdicts are the same" {
    prepare
    export PLAIN=-p
    judge_all 0 "$EXERCISES"/*/mended.c.run
    judge_all 1 "$EXERCISES"/{01,03,06,15,20,23,24}/broken.c.run
}

@test "an ordinary user gets the same verdicts" {
    [ "$(id -u)" = 0 ] || skip "we are one"
    prepare
    for number in 01 23; do
        for side in broken mended; do
            for plain in '' -p; do
                verdict=0
                setpriv --reuid 64999 --regid 64999 --clear-groups \
                    "$JUDGE" $plain "$number" \
                    "$EXERCISES/$number/$side.c.run" >report 2>&1 3>&- ||
                    verdict=$?
                cat report
                [ "$side$verdict" = broken1 ] || [ "$side$verdict" = mended0 ]
            done
        done
    done
}

@test "no cheat passes: empty, asleep, early end, words, calls left out, one port" {
    prepare
    mkdir common
    "$ROOT/tests/cheat" common "$PWD/common"
    compile common/*.c
    for number in "$EXERCISES"/[0-9]*; do
        mkdir -p "$number/cheats"
        "$ROOT/tests/cheat" "$number/broken.c" "$number/mended.c" \
            "$number/cheats"
    done
    # The address of 17 left out is INADDR_ANY, which is the mend.
    rm "$EXERCISES"/17/cheats/left_out.c
    compile "$EXERCISES"/*/cheats/*.c
    for number in "$EXERCISES"/[0-9]*; do
        ln common/*.run "$number/cheats"
        for name in $(cat "$number/cheats/names"); do
            ln "$number/cheats/all.c.run" "$number/cheats/$name.c.run"
        done
        [ "$(ls "$number"/cheats/*.c.run | wc -l)" -ge 11 ]
    done
    judge_all 1 "$EXERCISES"/*/cheats/*.c.run
}

# hostile NAME CODE: a program that does that in main.
hostile() {
    cat >"$1.c" <<END
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    $2
}
END
    cc -w -o "$FOLDER/$1" "$1.c"
}

# reports NAME WORDS: the judge says so of it. A busy machine may be too
# slow for a program to do its worst within one judging.
reports() {
    for try in 1 2 3 4 5; do
        "$JUDGE" 01 "$FOLDER/$1" >report 3>&- || true
        grep -q "$2" report && return
    done
    cat report
    return 1
}

# What is left of the programs in the folder, whoever they belong to.
left() {
    for exe in /proc/[0-9]*/exe; do
        readlink "$exe" || true
    done 2>&- | grep -F "$FOLDER/" || true
}

@test "whatever a program does, the judge ends within 10 seconds and leaves nothing" {
    prepare
    FOLDER=$BATS_TEST_TMPDIR
    export FOLDER
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
        for plain in '' -p; do
            # Without a namespace "all" would be more than its own.
            [ "$name$plain" = amok-p ] && [ "$(id -u)" != 0 ] && continue
            echo "$name" $plain
        done
    done >cases
    xargs -P 4 -L 1 sh -c 'start=$(date +%s)
        "$JUDGE" $1 01 "$FOLDER/$0" >"$0$1.report" 2>&1
        echo "$0 $1 verdict $? after $(($(date +%s) - start)) s"' \
        <cases >verdicts 3>&-
    cat verdicts
    [ "$(grep -c 'verdict 1 after [0-9] s' verdicts)" = \
        "$(wc -l <cases)" ]
    reports flood 'it printed more than 1024 KiB'
    reports memory 'signal 11'
    reports many 'it uses more memory'
    run left
    [ -z "$output" ]
}

@test "Ctrl-C ends the judge and all that it started" {
    prepare
    FOLDER=$BATS_TEST_TMPDIR
    hostile daemon 'puts("here"); if (fork()) return 0; setsid();
        for (;;) pause();'
    for plain in '' -p; do
        start judge "$JUDGE" $plain 05 "$EXERCISES/05/broken.c.run"
        await judge 'client 6 sent'
        kill -INT "$(cat judge.pid)"
        finish judge
        [ "$status" = 130 ]
        FOLDER=$EXERCISES/05 run left
        [ -z "$output" ]
    done
}

# A copy of the toolkit to work in, without git.
workplace() {
    mkdir -p work/lessons work/tests
    cp -r "$ROOT/scripts" work
    cp -r "$ROOT/lessons/mistakes" work/lessons
    cp -r "$ROOT/tests/mended" work/tests
}

@test "scripts/check reports, shows hints one after another, and counts" {
    workplace
    run -1 work/scripts/check 08
    [[ $output == *"the compiler says:"*"warning"* ]]
    [[ $output == *"saw "*"expected "*"not yet."* ]]
    run -1 work/scripts/check -i 7 <<<$'\n\nq'
    [[ $output == *"1. "*"2. "* ]]
    [[ $output != *"3. "* ]]
    mended_of "$ROOT/tests/mended/07.patch" \
        >work/lessons/mistakes/07_byte_order.c
    run -0 work/scripts/check 07
    [[ $output == *"07_byte_order: mended." ]]
    run -1 work/scripts/check 20 07 06
    [ "$output" = "06 not yet
07 mended
20 not yet
1 of 3 mended" ]
    run -1 work/scripts/check -f "$ROOT/tests/mended/07.patch" 07
    [[ $output == *"It does not compile."* ]]
}

@test "scripts/check refuses what it does not know, in a line" {
    for words in 18 0 abc -x '-f none 07' '-f' '-f x 06 07' \
        '-i 06 07' -i; do
        # shellcheck disable=SC2086 # split on purpose
        run -2 --separate-stderr "$ROOT/scripts/check" $words
        [ -z "$output" ]
        [[ $stderr == "check: "* ]]
    done
}

@test "scripts/reset brings the mistake back, asks first, and keeps the work" {
    workplace
    file=work/lessons/mistakes/20_one_socket.c
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
    run -2 work/scripts/reset 18
    run -2 work/scripts/reset
}
