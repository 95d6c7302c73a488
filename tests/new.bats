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

# marked: every file that new has named holds a mark.
marked() {
    local file
    while read -r file; do
        echo "# $file"
        grep -q 'FILL IN' "$file"
    done < <(grep -v ': \|;' <<<"$output")
}

@test "a mistake: a program, its page, hints, a judge and four mends, all of which build" {
    copy
    run -0 scripts/dev/new mistake half_a_page
    echo "$output"
    marked
    [ "${#lines[@]}" -eq 10 ]
    grep -A 1 '^| 31 ' docs/chapters/93-mistakes.md | grep -q '^| 32 | FILL IN'
    # But for the row, the chapter is as it was.
    grep -v '^| 32 ' docs/chapters/93-mistakes.md | cmp - "$ROOT/docs/chapters/93-mistakes.md"
    scripts/judge/build 32_half_a_page
    make -s build/mended/32/{right,unusual,wrong_one,wrong_other}.c
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -c build/mended/32/right.c -o right.o
    run -1 build/judge/32_half_a_page -o lessons/mistakes/32_half_a_page/as_shipped.c
    [[ $output == *'32_half_a_page: not yet.' ]]
    run -0 scripts/dev/new mistake another
    [ -f lessons/mistakes/33_another/33_another.c ]
}

@test "a task: a starter, its page, hints, a judge, right programs and wrong ones" {
    copy
    run -0 scripts/dev/new task proxy
    echo "$output"
    marked
    [ "${#lines[@]}" -eq 12 ]
    [ "$(wc -l <lessons/tasks/6_proxy/task-6.c)" -le 25 ]
    cmp lessons/tasks/6_proxy/{task-6,as_shipped}.c
    grep -A 1 '^| `task-5`' docs/chapters/93-mistakes.md | grep -q '^| `task-6` | FILL IN'
    scripts/judge/build task-6
    run -1 build/judge/task-6 -o lessons/tasks/6_proxy/task-6.c
    [[ $output == *'task-6: not yet.' ]]
}

@test "a lesson: a program that runs, a cue list and a chapter" {
    copy
    run -0 scripts/dev/new lesson multicast
    echo "$output"
    marked
    [ "${#lines[@]}" -eq 4 ]
    make -s build/21_multicast
    run -0 build/21_multicast
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
