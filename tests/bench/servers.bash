# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# For the sections that measure servers, which source this file. It compiles
# the programs that measure, and compiles and starts what is measured.

runs=5
make -s tools
flags=(-O2 -I lessons)
declare -A port pid

for driver in bench/bare bench/load support/crowd; do
    cc "${flags[@]}" "tests/$driver.c" -o "$work/${driver#*/}"
done

# lesson NAME [SED [AS]]: compiles a lesson, or a copy of it that sed
# has changed, under another name.
lesson() {
    mkdir -p "$work/changed"
    sed "${2-}" "lessons/$1.c" >"$work/changed/${3-$1}.c"
    [ -z "${2-}" ] || ! cmp -s "lessons/$1.c" "$work/changed/${3-$1}.c"
    cc "${flags[@]}" "$work/changed/${3-$1}.c" -o "$work/${3-$1}"
}

# plain NAME: compiles a lesson without the lines of narrate.h, as
# plain_NAME.
plain() {
    grep -v -e '^#define \(TITLE\|PARTNER\|ADDRESSES\|FILTER\)' \
        -e '^#include "narrate.h"' "lessons/$1.c" >"$work/plain_$1.c"
    cc -O2 "$work/plain_$1.c" -o "$work/plain_$1"
}

# serve NAME COMMAND...: starts it at a port of its own, ${port[NAME]},
# and waits until it listens there.
serve() {
    local name=$1
    shift
    port[$name]=$(free_port)
    # The word PORT stands for that port.
    "${@/#PORT/${port[$name]}}" >/dev/null 2>"$work/errors" &
    pid[$name]=$!
    build/tests/until -t 10 listens "${port[$name]}" "${pid[$name]}" || {
        echo "$name does not start: $(cat "$work/errors")" >&2
        return 1
    }
}

# ended NAME...: ends these servers.
ended() {
    local name
    for name; do
        kill "${pid[$name]}"
        wait "${pid[$name]}" || true
    done 2>&-
}

# in_turns FILE COMMAND... -- NAME...: runs the command five times with
# the port of each server, the servers in turns, so that what disturbs
# the machine disturbs all of them alike. FILE.NAME has what it printed.
in_turns() {
    local file=$1 command=() i name
    shift
    while [ "$1" != -- ]; do
        command+=("$1")
        shift
    done
    shift
    for ((i = 0; i < runs; i++)); do
        for name; do
            "${command[@]/#PORT/${port[$name]}}" >>"$work/$file.$name"
        done
    done
}

# told FILE.NAME WORD: the median of the numbers after WORD.
told() {
    sed "s/.*\<$2 \([0-9.]*\).*/\1/" "$work/$1" | median
}

# per DIVISOR: divides the number that it reads.
per() {
    awk -v divisor="$1" '{ print $1 / divisor }'
}
