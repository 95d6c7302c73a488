# Every lesson compiles alone, without a warning, with every compiler,
# and has the form that lessons have.

load helper

WARNINGS='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'

# alone FILE: a new folder with that lesson and the two headers, and
# nothing else.
alone() {
    rm -rf "$BATS_TEST_TMPDIR/alone"
    mkdir "$BATS_TEST_TMPDIR/alone"
    cp "$1" "$ROOT/lessons/narrate.h" "$ROOT/lessons/errors.h" \
        "$BATS_TEST_TMPDIR/alone"
}

# strict COMPILER...: all lessons, all warnings, at -O0 and -O2.
strict() {
    local level
    need "$1"
    cp "$ROOT"/lessons/[0-9]*.c "$ROOT"/lessons/*.h .
    for level in -O0 -O2; do
        # shellcheck disable=SC2086 # the flags are words
        "$@" -std=c11 $WARNINGS $level -c ./[0-9]*.c
    done
}

@test "each lesson compiles alone with the compiler's defaults, silently" {
    local file name
    for file in "$ROOT"/lessons/[0-9]*.c; do
        alone "$file"
        name=$(basename "$file" .c)
        cd alone
        run ${CC:-cc} "$name.c" -o "$name"
        [ "$status" -eq 0 ]
        [ -z "$output" ]
        [ -x "$name" ]
        cd ..
    done
}

@test "a lesson compiles from another folder and by its absolute path" {
    local output=$PWD/x
    ${CC:-cc} -Werror "$ROOT/lessons/03_listen.c" -o "$output"
    (cd "$ROOT" && ${CC:-cc} -Werror lessons/03_listen.c -o "$output")
    run "$output" -h
    [[ ${lines[0]} == '03_listen: '* ]]
}

@test "gcc has nothing to say with all warnings" {
    strict gcc
}

@test "clang has nothing to say with all warnings" {
    strict clang
}

@test "musl-gcc has nothing to say with all warnings" {
    strict musl-gcc
}

@test "gcc's analyzer finds nothing" {
    need gcc
    cp "$ROOT"/lessons/[0-9]*.c "$ROOT"/lessons/*.h .
    gcc -std=c11 -O1 -fanalyzer -Werror -c ./[0-9]*.c
}

@test "a forgotten cast to struct sockaddr is still warned of" {
    alone "$ROOT/lessons/02_bind.c"
    sed -i 's/(struct sockaddr \*)//' alone/02_bind.c
    run ${CC:-cc} alone/02_bind.c -o x
    [[ $output == *bind*pointer* ]]
}

@test "narrate.h refuses to come after a system header" {
    printf '#include <stdio.h>\n#define TITLE ""\n%s\n' \
        '#include "narrate.h"' >late.c
    run ${CC:-cc} -I "$ROOT/lessons" -c late.c
    [ "$status" -ne 0 ]
    [[ $output == *'include narrate.h before'* ]]
}

# The headers of Linux are not at hand for musl-gcc.
@test "the scripts' own programs: no compiler, no analyzer finds anything" {
    local file
    need gcc clang musl-gcc
    for file in "$ROOT"/scripts/*/*.c; do
        # shellcheck disable=SC2086 # the flags are words
        gcc -std=c11 $WARNINGS -O1 -fanalyzer -c "$file" -o gcc.o
        # shellcheck disable=SC2086
        clang -std=c11 $WARNINGS -O2 -c "$file" -o clang.o
        # shellcheck disable=SC2086
        grep -q '^#include <linux/' "$file" ||
            musl-gcc -std=c11 $WARNINGS -O2 -c "$file" -o musl.o
    done
}

# ---- the form of a lesson

@test "no line of a lesson is wider than 72 columns, nor has a tab" {
    LC_ALL=C run awk '
        { s = $0; gsub(/[\200-\277]/, "", s) }
        length(s) > 72 || /\t/ { print FILENAME ": " FNR ": " $0 }
    ' "$ROOT"/lessons/[0-9]*.c "$ROOT"/lessons/*.h
    [ -z "$output" ]
}

@test "the first socket call of a core lesson comes within 35 lines" {
    run awk '
        FNR == 1 { seen = 0 }
        !seen && !/^ *\/\// && /socket\(/ {
            seen = 1
            calls++
            if (FNR > 35)
                print FILENAME ": " FNR
        }
        END { if (calls != ARGC - 1) print calls " of " ARGC - 1 " call it" }
    ' "$ROOT"/lessons/0[1-8]*.c
    [ -z "$output" ]
}

@test "a lesson holds no #ifdef, and names itself in its first line" {
    local file number
    for file in "$ROOT"/lessons/[0-9]*.c; do
        run grep -nE '^ *# *(if|el|endif)' "$file"
        [ -z "$output" ]
        number=$(basename "$file" | cut -c 1-2)
        head -n 1 "$file" | grep -q "^// # $number "
        grep -q '^#define TITLE "' "$file"
    done
}
