# The programs to write, lessons/tasks: right ones pass whatever their
# architecture, wrong ones fail and the report says where.
#
# tests/tasks/N holds right.c, the reference; unusual_*.c, right as well;
# and wrong_*.sed, each an edit of the reference. Its first line says what
# it makes wrong, its second what the report has to say, from the last
# thing that the judge did to the end.

load helper

NEEDS='getopt'

setup_file() {
    export WORK=$BATS_FILE_TMPDIR
    export -f judged
    umask 022
    # The programs and the compiler run as a user id that nobody else has.
    chmod 755 "$BATS_RUN_TMPDIR" "$WORK"
    basename -as .c "$ROOT"/scripts/judge/tasks/*.c | xargs "$ROOT/scripts/judge/build"
    local edit folder number
    for edit in "$ROOT"/tests/tasks/*/wrong_*.sed; do
        number=$(basename "$(dirname "$edit")")
        sed -f "$edit" "${edit%/*}/right.c" \
            >"$WORK/$number.$(basename "$edit" .sed).c"
    done
    for folder in "$ROOT"/lessons/tasks/*/; do
        number=$(basename "$folder")
        number=${number%%_*}
        cp "$folder/as_shipped.c" "$WORK/$number.as_shipped.c"
        for edit in "$ROOT/tests/tasks/$number"/*.c; do
            cp "$edit" "$WORK/$number.$(basename "$edit")"
        done
    done
}

# judged N.NAME.c: writes its verdict to N.NAME.c.verdict, its report beside
# it. One that the machine cannot give (2) is asked for three times.
judged() {
    local name=${1##*/} verdict=2 try
    for try in 1 2 3; do
        [ "$verdict" = 2 ] || break
        verdict=0
        # shellcheck disable=SC2086 # options of the judge, or none
        "$ROOT/build/judge/task-${name%%.*}" $OPTIONS "$1" \
            >"$1.report" 2>&1 3>&- || verdict=$?
    done
    echo "$verdict" >"$1.verdict"
}

# judge_all VERDICT FILE...: judges several at once, as they mostly wait.
# Then names those with another verdict, and fails if there are any.
judge_all() {
    local verdict=$1 file wrong=0
    export ROOT OPTIONS="${OPTIONS-$(how_judged)}"
    shift
    printf '%s\n' "$@" | nice xargs -P 6 -I{} bash -c 'judged {}' 3>&-
    for file; do
        [ "$(cat "$file.verdict")" = "$verdict" ] && continue
        echo "# ${file##*/}: not $verdict"
        cat "$file.report"
        wrong=1
    done
    return $wrong
}

# said FILE: prints the last thing that was done, and all after it, as a line.
said() {
    awk '/^  did / { text = "" } { sub(/^ +/, " "); text = text $0 }
        END { print text }' "$1.report"
}

@test "each task: a page with the port in it, a starter, three hints, a judge" {
    [ "$(ls -d "$ROOT"/lessons/tasks/*/ | wc -l)" -eq "$(ls "$ROOT"/scripts/judge/tasks/*.c | wc -l)" ]
    for folder in "$ROOT"/lessons/tasks/*/; do
        number=$(basename "$folder")
        number=${number%%_*}
        echo "# $number"
        starter=${folder}task-$number.c
        cmp "$starter" "$folder/as_shipped.c"
        [ "$(wc -l <"$starter")" -le 25 ]
        [ "$(wc -l <"$folder/task.md")" -le 60 ]
        run -1 grep -n '.\{73\}' "$starter" "$folder/task.md"
        grep -q "^# Task $number: " "$folder/task.md"
        lesson=$(sed -n '3s/^After lesson \([0-9][0-9]\)\.$/\1/p' "$folder/task.md")
        ls "$ROOT/lessons/$lesson"_*
        tr '\n' ' ' <"$folder/task.md" |
            grep -q "\*\*The port is the first argument[:*].*\`./task-$number 90"
        grep -q '^\*\*A session\*\*' "$folder/task.md"
        [ "$(grep -c '^- ' "$folder/hints.md")" -eq 3 ]
        [ "$(wc -l <"$folder/hints.md")" -eq 3 ]
        judge=$ROOT/scripts/judge/tasks/task-$number.c
        parts=$(sed -n 's/^    \.parts = \(.*\),$/\1/p' "$judge")
        if [ "$number" = 4 ]; then # in a loop
            [ "$parts" -eq 4 ]
        else
            [ "$(grep -c '^    part();$' "$judge")" -eq "$parts" ]
        fi
        [ "$(wc -l <"$ROOT/tests/tasks/$number/right.c")" -le 150 ]
        ls "$ROOT/tests/tasks/$number"/unusual_*.c
        [ "$(ls "$ROOT/tests/tasks/$number"/wrong_*.sed | wc -l)" -ge 4 ]
    done
}

@test "starters and right programs compile without a warning" {
    for file in "$WORK"/*.{as_shipped,right}.c "$WORK"/*.unusual_*.c; do
        gcc -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
            -O1 -c "$file" -o out.o
    done
}

@test "as shipped each task is not yet done" {
    judge_all 1 "$WORK"/*.as_shipped.c
}

@test "right programs are done: blocking, forking, with threads, with poll" {
    judge_all 0 "$WORK"/*.right.c "$WORK"/*.unusual_[!n]*.c
    for file in "$WORK"/*.right.c; do
        grep -A 1 '^task-[0-9]: done\.$' "$file.report" | grep -q '^  why  '
    done
}

@test "a program may ask for localhost by its name" {
    can room || must_have localhost # a room has an /etc/hosts
    judge_all 0 "$WORK/4.unusual_names.c"
}

@test "a judge needs no umask in which others may read" {
    umask 077
    judge_all 0 "$WORK/1.right.c"
}

# bats test_tags=second
@test "right programs are done on a machine that is busy" {
    busy 3 nice
    judge_all 0 "$WORK"/*.right.c
}

# bats test_tags=second
@test "the verdicts are the same on a machine with too little time for them" {
    busy 2
    judge_all 0 "$WORK"/{1,4}.right.c &
    judge_all 1 "$WORK"/1.wrong_time_*.c "$WORK/4.wrong_waits_second.c"
    wait $!
}

@test "right programs are done while their calls are told, and without a room" {
    make -s -C "$ROOT" build/narrate.so
    OPTIONS="-l $BUILD/narrate.so" judge_all 0 "$WORK"/*.right.c
    OPTIONS=-t judge_all 0 "$WORK"/*.right.c
    # Calls are told without a room, too.
    file=$WORK/1.wrong_no_reuseaddr.c
    OPTIONS="-t -l $BUILD/narrate.so" judge_all 1 "$file"
    grep -q '| .*bind(.* EADDRINUSE$' "$file.report"
}

# bats test_tags=second
@test "wrong programs are not yet done, and the report says where" {
    judge_all 1 "$WORK"/*.wrong_*.c
    for file in "$WORK"/*.wrong_*.c; do
        name=$(basename "$file" .c)
        edit=$ROOT/tests/tasks/${name%%.*}/${name#*.}.sed
        echo "# $name"
        run -1 cmp -s "$file" "$WORK/${name%%.*}.right.c"
        run -1 grep 'does not compile' "$file.report"
        grep -q '^  expected  ' "$file.report"
        grep -q '^  came  ' "$file.report"
        words=$(sed -n '2s/^# report: //p' "$edit")
        [ -n "$words" ]
        said "$file"
        said "$file" | grep -q -e "$words"
        # What was right before is counted, and never all of it.
        run -1 grep '^  so far  *\([0-9]*\) of \1 ' "$file.report"
    done
}

# bats test_tags=second
@test "a judge that was held up gives no verdict" {
    # shellcheck disable=SC2046 # an option
    start judge "$ROOT/build/judge/task-4" $(how_judged) "$WORK/4.right.c"
    await judge 'where each is answered'
    pkill -STOP -x task-4 -P "$(<judge.pid)"
    eventually answered_by_none
    pkill -CONT -x task-4 -P "$(<judge.pid)"
    finish judge 2
    grep '^judge: it could not be judged: pings that are answered in time' judge.err
}
# Those to which nothing was to be sent have ended: seconds have passed.
answered_by_none() { ! pgrep -f '^\./task-4 [0-9]+ [23]$'; }

@test "what it said before the last caller came is marked as earlier" {
    file=$WORK/2.wrong_no_rest.c
    judge_all 1 "$file"
    grep -q '^  earlier   "recv: Connection reset' "$file.report"
    run -1 grep '^  it says' "$file.report"
}

@test "of a program that has sent no ping, that is what is said" {
    file=$WORK/4.as_shipped.c
    judge_all 1 "$file"
    grep -q '^  came  *no ping; it ended with exit status 0' "$file.report"
}

# bats test_tags=second
@test "a program that answers by rote, or is hostile, is not yet done" {
    for number in 1 2 3 4 5 6 7; do
        # It says what the right program said in another run.
        sed -n 's/^.*"\(.*\)".*$/puts("\1");/p' "$WORK/$number.right.c.report" \
            >words 2>&- || true
        printf '#include <stdio.h>\nint main(void) {\n%s\n' "$(cat words)" \
            >"$WORK/$number.rote.c"
        printf 'puts("task-%s: done.");}\n' "$number" >>"$WORK/$number.rote.c"
        printf '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n' \
            >"$WORK/$number.asleep.c"
        printf '#include <stdio.h>\nint main(void) { for (;;) puts("ping 1: lost"); }\n' \
            >"$WORK/$number.flood.c"
        printf '#include <unistd.h>\nint main(void) { for (;;) fork(); }\n' \
            >"$WORK/$number.bomb.c"
    done
    judge_all 1 "$WORK"/*.{rote,asleep,flood,bomb}.c
}

@test "no byte that a program sends or prints reaches the terminal as it is" {
    sed 's/%Y-%m-%d/\\033[2J\\233/' "$WORK/1.right.c" >"$WORK/1.escape.c"
    sed 's/printf("ping %d: lost/printf("\\033[2J%d/' "$WORK/4.right.c" \
        >"$WORK/4.escape.c"
    printf '#include <stdlib.h>\n#include <unistd.h>
        int main(void) { for (int i = 3; i < 99; i++)
        write(i, "\\033[2J\\233\\n", 6); return 1; }\n' >"$WORK/2.escape.c"
    make -s -C "$ROOT" build/narrate.so
    OPTIONS="-l $BUILD/narrate.so" judge_all 1 "$WORK"/*.escape.c
    grep -q '\\x1B\[2J' "$WORK/1.escape.c.report"
    grep -q '\\x1B\[2J' "$WORK/4.escape.c.report"
    grep -q '| \\x1B\[2J\\x9B' "$WORK/2.escape.c.report"
    run -1 grep -l $'\033' "$WORK"/*.escape.c.report
    LC_ALL=C run -1 grep -l $'\233' "$WORK"/*.escape.c.report
}

# session N [ARGUMENT]: runs the commands of the callers on the task's page,
# with the reference as their server. What the page says that they print is in
# `expected`; what they print here is in `here`.
session() {
    local page=$ROOT/lessons/tasks port
    page=$(echo "$page/$1"_*/task.md)
    port=$(sed -n "s/^    server\$ .*task-$1 \([0-9]*\)\b.*$/\1/p" "$page")
    cc -o "task-$1" "$ROOT/tests/tasks/$1/right.c"
    other=$(free_port)
    sed -n 's/^    server\$ \(mkdir .*\)$/\1/p' "$page" | bash
    start server "./task-$1" "$other" ${2+"$2"}
    listening "$other" server
    awk '/^    caller\$ /, /^$/ { print substr($0, 5) }' "$page" |
        grep . >page
    sed -n 's/^caller\$ //p; s/^> //p' page >commands
    grep -v '^caller\$ \|^> ' page >expected
    sed -i "s/\b$port\b/$other/" commands
    bash commands </dev/null >here
}

@test "the sessions on the pages are those that a right program has" {
    need nc od
    nc -h 2>&1 | grep -q -e '-N' || skip "this nc has no -N"
    for number in 2 3; do
        session "$number"
        [ -s expected ]
        diff expected here
    done
    need curl
    session 6 site
    tr -d '\r' <here | grep . | diff expected -
    session 1
    [ "$(sed 's/[0-9]/9/g' expected)" = "$(sed 's/[0-9]/9/g' here)" ]
}

@test "the two sides of task 7 may be by different people" {
    local names='right unusual_window' name other port
    for name in $names; do
        cc -o "$name" "$ROOT/tests/tasks/7/$name.c"
    done
    head -c 12345 right >letter
    for name in $names; do
        port=$(free_port)
        start "$name" "./$name" "$port"
        for other in $names; do
            [ "$other" = "$name" ] || "./$other" "$port" letter
        done
    done
    for name in $names; do
        eventually cmp letter "$name.out"
    done
}

@test "scripts/check names the task, the hints, scripts/narrate; -n and -i show them" {
    workplace
    file=work/lessons/tasks/1_time/task-1.c
    run -1 work/scripts/check task-1
    [[ $output == *"task-1: not yet."*"Task: work/lessons/tasks/1_time/task.md"* ]]
    [[ $output == *"scripts/check -i task-1"* ]]
    [[ $output == *"scripts/check -n task-1"*"scripts/narrate ./task-1 PORT"* ]]
    run -1 work/scripts/check -i task-1 <<<$'\n\n\nq'
    [[ $output == *"1. "*"2. "*"3. "* ]]
    cp "$WORK/1.wrong_sigpipe.c" "$file"
    run -1 work/scripts/check -n task-1
    [[ $output == *"its calls"*"| "*"send("*"EPIPE"*"SIGPIPE ends the program here"* ]]
    cp "$WORK/1.wrong_no_reuseaddr.c" "$file"
    run -1 work/scripts/check -n task-1
    [[ $output == *"bind("*"EADDRINUSE"*"Try: "* ]]
    run -1 work/scripts/check -n 07
    [[ $output == *"its calls"*"bind("*"Note: "*"with its two bytes swapped"* ]]
    cp "$WORK/1.right.c" "$file"
    run -0 work/scripts/check -n task-1
    [[ $output == *"task-1: done."*"  why  "*'  read on   "'* ]]
    run -1 work/scripts/check 07 task-2 task-1
    [[ $output == *"  task-1 "*" done
after lesson 10
  task-2 "*" not begun
0 of 1 mended
1 of 2 done" ]]
    run -1 work/scripts/check -f "$WORK/2.wrong_no_rest.c" task-2
    [[ $output == *"client 4 sent"* ]]
    run -0 work/scripts/check -f "$WORK/2.right.c" task-2
    for words in task-9 task- task-1_time '-n task-1 task-2' -n; do
        # shellcheck disable=SC2086 # split on purpose
        run -2 --separate-stderr work/scripts/check $words
        [ -z "$output" ]
        [[ $stderr == "check: "* ]]
    done
    run -0 work/scripts/reset -y task-1
    cmp "$file" "$WORK/1.as_shipped.c"
    cmp "$file.1" "$WORK/1.right.c"
    run -2 work/scripts/reset task-9
}
