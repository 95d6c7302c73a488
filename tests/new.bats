# scripts/dev/new: the skeleton of a mistake, a task or a lesson is whole and
# marks what is to be written.

load helper

NEEDS='getopt make patch'

# copy: a copy of what it reads and builds on, in ./work.
copy() {
    mkdir -p work/tests
    cp -r "$ROOT"/{Makefile,scripts,lessons,docs} work
    cp -r "$ROOT"/tests/{mended,tasks} work/tests
    cd work || return
}

# after PATH...: one more than how many of these there are.
after() { echo $(($# + 1)); }

# marked: every file that new has named holds a mark.
marked() {
    local file
    while read -r file; do
        echo "# $file"
        grep -q 'FILL IN' "$file"
    done < <(grep -v ': \|;' <<<"$output")
}

@test "a mistake: a program, its page, hints, a judge and four mends, all of which build" {
    local number name last
    copy
    number=$(after lessons/mistakes/*/) last=$((number - 1))
    name=${number}_half_a_page
    run -0 scripts/dev/new mistake half_a_page
    echo "$output"
    marked
    [ "${#lines[@]}" -eq 10 ]
    grep -A 1 "^| $last " docs/chapters/93-mistakes.md | grep -q "^| $number | FILL IN"
    # But for the row, the chapter is as it was.
    grep -v "^| $number " docs/chapters/93-mistakes.md | cmp - "$ROOT/docs/chapters/93-mistakes.md"
    scripts/judge/build "$name"
    make -s "build/mended/$number"/{right,unusual,wrong_one,wrong_other}.c
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -c "build/mended/$number/right.c" -o right.o
    run -1 "build/judge/$name" -o "lessons/mistakes/$name/as_shipped.c"
    [[ $output == *"$name: not yet." ]]
    run -0 scripts/dev/new mistake another
    name=$((number + 1))_another
    [ -f "lessons/mistakes/$name/$name.c" ]
}

@test "a task: a starter, its page, hints, a judge, right programs and wrong ones" {
    local number last
    copy
    number=$(after lessons/tasks/*/) last=$((number - 1))
    run -0 scripts/dev/new task proxy
    echo "$output"
    marked
    [ "${#lines[@]}" -eq 12 ]
    folder=lessons/tasks/${number}_proxy
    [ "$(wc -l <"$folder/task-$number.c")" -le 25 ]
    cmp "$folder"/{"task-$number",as_shipped}.c
    grep -A 1 "^| \`task-$last\`" docs/chapters/93-mistakes.md |
        grep -q "^| \`task-$number\` | FILL IN"
    scripts/judge/build "task-$number"
    run -1 "build/judge/task-$number" -o "$folder/task-$number.c"
    [[ $output == *"task-$number: not yet." ]]
}

@test "a lesson: a program that runs, a cue list and a chapter" {
    local number name
    copy
    number=$(basename -a lessons/[0-9]*.c | cut -d _ -f 1 | sort -u | wc -l)
    number=$((number + 1))
    run -0 scripts/dev/new lesson multicast
    echo "$output"
    marked
    [ "${#lines[@]}" -eq 4 ]
    name=$(printf %02d "$number")_multicast
    make -s "build/$name"
    run -0 "build/$name"
    [[ $output == *'socket('* ]]
}

@test "a name of no use is refused, and nothing is made" {
    copy
    find . >../before
    for words in '' mistake 'mistake Half' 'mistake ../x' 'chapter x' 'task a b'; do
        # shellcheck disable=SC2086 # split on purpose
        run -2 scripts/dev/new $words
        [ "${#lines[@]}" -eq 1 ]
    done
    find . | diff ../before -
}
