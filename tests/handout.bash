# shellcheck shell=bash
# What the tests of the book share: programs that are copied out of it.

# plain_programs FOLDER: the lessons there without the lines that make them
# talk, and the faulty programs, in plain/.
plain_programs() {
    local lesson
    mkdir plain
    for lesson in "$1"/lessons/[0-9]*.c; do
        "$1/scripts/bare" "${lesson%.c}" >"plain/${lesson##*/}"
    done
    cp -r "$1/lessons/faulty" plain
}

# compiles_from TEXT PATTERNS: each program of such a name, copied out of
# the book's text, compiles with nothing beside it, and is the plain program
# except for its comments.
compiles_from() {
    local plain=$BATS_FILE_TMPDIR/plain
    mkdir -p copied/faulty
    awk '
        /^[ \f]*\/\* (faulty\/)?[0-9a-z_]+\.c \*\/ *$/ {
            name = "copied/" $2
            copying = 1
        }
        copying { print >name }
        /\/\* end of / { copying = 0 }
    ' "$1"
    # shellcheck disable=SC2046 # no name has a blank
    set -- $(cd "$plain" && eval "echo $2")
    (cd copied && ${CC:-cc} -Wall -Wextra -Werror -fsyntax-only "$@")
    diff <(cd "$plain" && bare "$@") <(cd copied && bare "$@")
    rm -r copied
}

# Programs without comments and white space, a line for each statement.
bare() {
    cat "$@" | ${CC:-cc} -fpreprocessed -dD -E -P -x c - |
        tr -d ' \t\f\n' | sed 's/[;{}]/&\n/g'
}
