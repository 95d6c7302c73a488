# Every lesson compiles alone, without a warning, with every compiler,
# and has the form that lessons have.

load helper

WARNINGS='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'

# alone FILE: a new folder with that lesson and the narrator, and nothing
# else.
alone() {
    rm -rf "$BATS_TEST_TMPDIR/alone"
    mkdir "$BATS_TEST_TMPDIR/alone"
    cp -R "$1" "$ROOT/lessons/narrate.h" "$ROOT/lessons/narrator" \
        "$BATS_TEST_TMPDIR/alone"
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

# That each compiler is silent at -O0 and -O2 with all warnings, the tests
# of narration.bats see, which build every lesson so.

@test "each header of the narrator is silent in the strictest of checks" {
    local compiler
    cat >all.c <<'EOF'
#define TITLE "all"
#include "narrate.h"
int main(void)
{
    struct pollfd none = {-1, 0, 0};
    struct msghdr message = {0};
    char byte = 0;
    int ends[2];

    if (pipe(ends) == -1 || poll(&none, 1, 0) == -1)
        return 1;
    if (sendmsg(-1, &message, 0) != -1)
        return 1;
    return (int)read(ends[0], &byte, (size_t)getchar());
}
EOF
    for compiler in gcc clang musl-gcc; do
        # shellcheck disable=SC2086 # the flags are words
        "$compiler" -std=c17 $WARNINGS -Wformat=2 -Wundef -Wvla -O2 \
            -I "$ROOT/lessons" -c all.c
    done
}

@test "gcc's analyzer finds nothing" {
    need gcc
    cp -R "$ROOT"/lessons/[0-9]*.c "$ROOT"/lessons/*.h \
        "$ROOT/lessons/narrator" .
    gcc -std=c11 -O1 -fanalyzer -Werror -c ./[0-9]*.c
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
    ' "$ROOT"/lessons/[0-9]*.c "$ROOT"/lessons/*.h \
        "$ROOT"/lessons/narrator/*.h
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
