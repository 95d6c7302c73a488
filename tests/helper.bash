# Loaded by every test file: `load helper`.
#
# A test works in a folder of its own. It starts programs with `start`,
# waits with `await` for the line that says they are ready, never for
# time, and collects their exit status with `finish`. Whatever is still
# running when the test ends is a leftover, and is ended.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
BUILD=$ROOT/build
PATIENCE=20 # seconds, after which a wait counts as a hang

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    unset LESSON_PORT LESSON_CUE NO_COLOR
    export LC_ALL=C.UTF-8
}

teardown() {
    local pid
    for pid in $STARTED; do
        pkill -KILL -P "$pid" 2>&- || true
        kill -KILL "$pid" 2>&- || true
    done
}

# A port that is free for TCP and UDP and that no other test of this run
# gets. It lies below the range from which the kernel chooses.
free_port() {
    local counter=$BATS_RUN_TMPDIR/port port
    exec 9>"$counter.lock"
    flock 9
    port=$(cat "$counter" 2>&- || echo $((10000 + $$ % 20000)))
    while :; do
        port=$((port >= 32000 ? 10000 : port + 1))
        ss -Htuan "sport = :$port" | grep -q . || break
    done
    echo "$port" >"$counter"
    exec 9>&-
    echo "$port"
}

# start NAME COMMAND...: runs it in the background; what it prints goes
# to NAME.out and NAME.err, its process id to NAME.pid. bats' descriptor
# 3 is closed, for lessons print descriptor numbers.
start() {
    local name=$1
    shift
    : >"$name.out"
    "$@" </dev/null >"$name.out" 2>"$name.err" 3>&- 4>&- &
    echo $! >"$name.pid"
    STARTED="$STARTED $!"
}

# await NAME PATTERN: returns once NAME has printed a line that matches.
await() {
    timeout "$PATIENCE" tail -n +1 -s 0.01 -f --pid="$(cat "$1.pid")" \
        "$1.out" 3>&- | grep -m 1 -q -e "$2" && return
    grep -q -e "$2" "$1.out" && return
    echo "# $1 never printed: $2" >&2
    cat "$1.out" "$1.err" >&2
    return 1
}

# finish NAME: waits until it has ended; its exit status is in $status.
finish() {
    local pid
    pid=$(cat "$1.pid")
    if ! timeout "$PATIENCE" tail -s 0.01 -f --pid="$pid" /dev/null 3>&-; then
        echo "# $1 does not end" >&2
        cat "$1.out" "$1.err" >&2
        return 1
    fi
    status=0
    wait "$pid" || status=$?
}

# need TOOL...: skips the test where one is missing; with SETUP=all that
# is a failure.
need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >&- 2>&- && continue
        if [ "$SETUP" = all ]; then
            echo "# $tool is missing, with SETUP=all" >&2
            return 1
        fi
        skip "$tool is missing; scripts/setup all installs it"
    done
}
