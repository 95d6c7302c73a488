# The exercises of lessons/mistakes: each fails its check as shipped and
# with each of its wrong mends, passes it with the right ones, and no
# cheat passes it.

load helper

NEEDS='getopt'

# $WORK has a folder NN for each exercise: its program and its mends,
# compiled to *.run except for the wrong ones, and its judge.
prepare() {
    WORK=$(cat "$BATS_FILE_TMPDIR/where")
    export WORK
}

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    umask 022
    mktemp -d >"$BATS_FILE_TMPDIR/where"
    prepare
    chmod 755 "$WORK"
    local folder name number
    for folder in "$ROOT"/lessons/mistakes/[0-9]*/; do
        name=$(basename "$folder")
        number=${name%%_*}
        mkdir -p "$WORK/$number"
        cp "$folder/as_shipped.c" "$BUILD/mended/$number"/*.c \
            "$WORK/$number"
        ln -s "$ROOT/build/judge/$name" "$WORK/$number/judge"
        echo "$name"
    done | xargs "$ROOT/scripts/judge/build"
    compile 'gcc -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -O1' \
        "$WORK"/*/{as_shipped,right,unusual*}.c
}

teardown_file() {
    rm -rf "$(cat "$BATS_FILE_TMPDIR/where")"
}

# compile COMPILER FILE.c...: to FILE.c.run, two at a time, with the
# compiler's words in FILE.c.words; those that do not compile are left out.
compile() {
    printf '%s\n' "${@:2}" | xargs -P 2 -I{} sh -c \
        '$0 -o "$1.run" "$1" 2>"$1.words"' "$1" {} || true
}

# judge_all VERDICT FILE.c.run...: judges them, many at once because they
# mostly wait, with $OPTIONS, else wherever they may be judged. Writes
# FILE.c.verdict and FILE.c.report; then names those with another verdict,
# and fails if there are any.
judge_all() {
    local verdict=$1 file wrong=0
    shift
    export OPTIONS="${OPTIONS-$(how_judged)}"
    # shellcheck disable=SC2016 # for the other shell
    printf '%s\n' "$@" | xargs -P "${AT_ONCE:-16}" -I{} sh -c '
        folder=${1#"$WORK"/}
        "$WORK/${folder%%/*}/judge" $OPTIONS "$1" >"${1%.run}.report" 2>&1
        echo $? >"${1%.run}.verdict"' sh {} 3>&-
    for file; do
        [ "$(<"${file%.run}.verdict")" = "$verdict" ] && continue
        echo "# ${file#"$WORK"/}: not $verdict"
        cat "${file%.run}.report"
        wrong=1
    done
    return $wrong
}

@test "each exercise: a program of 110 lines at most, a task, three hints, a judge" {
    [ "$(ls -d "$ROOT"/lessons/mistakes/*/ | wc -l)" -ge 31 ]
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
        lesson=$(sed -n '3s/^After lesson \([0-9][0-9]\)\.$/\1/p' "$folder/task.md")
        ls "$ROOT/lessons/$lesson"_*
        [ "$(wc -l <"$folder/task.md")" -le 40 ]
        [ "$(grep -c '^- ' "$folder/hints.md")" -eq 3 ]
        [ "$(wc -l <"$folder/hints.md")" -eq 3 ]
        [ -f "$ROOT/scripts/judge/exercises/$name.c" ]
    done
    [ "$(ls "$ROOT"/scripts/judge/exercises/*.c | wc -l)" -eq "$(ls -d "$ROOT"/lessons/mistakes/*/ | wc -l)" ]
}

@test "every exercise has its mends: a small right one, an unusual one, two wrong ones" {
    for folder in "$ROOT"/lessons/mistakes/*/; do
        number=$(basename "$folder")
        number=${number%%_*}
        echo "# $number"
        cd "$BUILD/mended/$number"
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
            grep -c "^#.*{#${anchor}[} ]")" -eq 1 ]
    done
}

@test "the compiler sees a mistake where its head says so, and no other" {
    prepare
    for file in "$WORK"/*/as_shipped.c; do
        echo "# $file"
        [ -x "$file.run" ]
        if grep -q '^// The compiler can see' "$file"; then
            grep warning "$file.words"
        else
            [ ! -s "$file.words" ]
        fi
    done
}

@test "the right mends compile without a warning" {
    prepare
    for file in "$WORK"/*/{right,unusual*}.c; do
        [ -x "$file.run" ]
        cat "$file.words"
        [ ! -s "$file.words" ]
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
    export OPTIONS='-k -e'
    judge_all 0 "$WORK"/*/right.c.run
}

# bats test_tags=second
@test "on a machine that has little time for it no right mend is too slow" {
    prepare
    busy 2
    export -f judge_all
    nice -n 13 bash -c 'judge_all 0 "$@"' - \
        "$WORK"/{06,19,26}/right.c.run
}

@test "of several runs a report tells the end of the one that it judges" {
    prepare
    cd "$WORK/26"
    compile 'cc -w' "$PWD/wrong_restart.c"
    judge_all 1 "$PWD/wrong_restart.c.run"
    cat wrong_restart.c.report
    grep '^  came      it still runs$' wrong_restart.c.report
    # The one with an answer was started last, and has ended.
    run -1 grep 'exit status 0$' wrong_restart.c.report
}

@test "30: what the page says to type runs it out of descriptors, in a terminal" {
    need nc
    prepare
    callers=$(sed -n 's/^    \(for .*\)$/\1/p' "$ROOT"/lessons/mistakes/30_*/task.md)
    port=$(free_port)
    start server bash -c "ulimit -n 10; exec $WORK/30/as_shipped.c.run $port"
    listening "$port" server
    mkfifo terminal # nothing is typed, and the input does not end
    exec 9<>terminal
    timeout 10 bash -c "${callers//8888/$port}" <&9 || true
    exec 9<&-
    await server 'accept: Too many open files' server.err
}

@test "what another start of the program said is marked as earlier" {
    prepare
    compile 'cc -w' "$WORK"/19/wrong_any_answer.c "$WORK"/26/wrong_connected.c \
        "$WORK"/18/wrong_type_as_family.c
    judge_all 1 "$WORK"/{19/wrong_any_answer,26/wrong_connected}.c.run \
        "$WORK"/18/wrong_type_as_family.c.run
    # It ended with 0 and was silent; the start before had refused.
    report=$WORK/19/wrong_any_answer.c.report
    grep '^  came      it ended with exit status 0$' "$report"
    grep '^  earlier   "The server did not confirm the order"$' "$report"
    run -1 grep '^  it says' "$report"
    # The one that still runs has a service, which is silent.
    report=$WORK/26/wrong_connected.c.report
    grep '^  came      it still runs$' "$report"
    grep '^  earlier   "recvfrom: Connection refused"$' "$report"
    run -1 grep '^  it says' "$report"
    # Its own words are not, and no word loses its last letter.
    grep '^  it says   "connect: Address family not supported by protocol"$' \
        "$WORK/18/wrong_type_as_family.c.report"
}

# bats test_tags=second
@test "no wrong mend passes" {
    prepare
    compile 'cc -w' "$WORK"/*/wrong_*.c
    judge_all 1 "$WORK"/*/wrong_*.c.run
}

# bats test_tags=second
@test "no cheat passes: empty, asleep, early end, words, calls left out, one port" {
    prepare
    mkdir common
    "$ROOT/tests/support/cheat" common "$PWD/common"
    compile 'cc -w' common/*.c
    for number in "$WORK"/[0-9]*; do
        mkdir -p "$number/cheats"
        "$ROOT/tests/support/cheat" "$number"/{as_shipped.c,right.c,cheats}
    done
    # 17 without its address has INADDR_ANY, which is the mend.
    rm "$WORK"/17/cheats/left_out.c
    for number in "$WORK"/[0-9]*; do
        # The mended program becomes mended_main, its only global name.
        cc -w -c -Dmain=mended_main -o "$number/mended.o" "$number/right.c"
        objcopy --keep-global-symbol=mended_main "$number/mended.o"
        cc -w -o "$number/all" "$number/cheats/all.c" "$number/mended.o"
        rm "$number/cheats/all.c"
        ln common/*.run "$number/cheats"
        mapfile -t names < <(tr ' ' '\n' <"$number/cheats/names")
        for name in "${names[@]}"; do
            printf -v word '%-19s' "$name."
            LC_ALL=C sed "s/cheat:\.\{19\}/cheat:${word// /.}/" "$number/all" \
                >"$number/cheats/$name.c.run"
        done
    done
    compile 'cc -w' "$WORK"/*/cheats/*.c
    for number in "$WORK"/[0-9]*; do
        [ "$(ls "$number"/cheats/*.c.run | wc -l)" -ge 10 ]
    done
    AT_ONCE=24 judge_all 1 "$WORK"/*/cheats/*.c.run
}

@test "without a room the verdicts are the same, behind a fence and without" {
    prepare
    mkdir bin
    printf '#!/bin/sh\nexit 1\n' >bin/bwrap
    chmod 755 bin/bwrap
    PATH=$PWD/bin:$PATH
    for OPTIONS in -o -t; do
        # A fence forbids the path of 36: that is no verdict.
        judge_all 0 "$WORK"/{[0-2]?,3[!6]}/right.c.run
        judge_all "$([ "$OPTIONS" = -t ] && echo 0 || echo 2)" "$WORK"/36/right.c.run
        judge_all 1 "$WORK"/{01,03,06,15,20,23,24}/as_shipped.c.run
    done
    # Killed, a server leaves its path in the /tmp of all.
    number=$(sed -n 's/.* start 1, with number //p' "$WORK"/36/right.c.report)
    [ -n "$number" ]
    [ ! -e "/tmp/greeting.$number" ]
}

@test "an ordinary user gets the same verdicts" {
    [ "$(id -u)" = 0 ] || skip "we are one"
    need setpriv unshare
    must_have user-room
    prepare
    # The judge and what it judges must be where this user may go.
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
