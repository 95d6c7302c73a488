# Loaded by every test file: `load helper`.
#
# Each test works in a folder of its own. It starts programs with `start`,
# waits with `await` for the line that says they are ready (never for time
# to pass), and collects their exit status with `finish`. Whatever still
# runs when the test ends is killed.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
BUILD=$ROOT/build
TOOLS=$BUILD/tests # the compiled programs of tests/support
PATIENCE=${PATIENCE-20} # seconds after which a wait counts as a hang

case $BATS_VERSION in 1.8.*) [ -n "${WHOLE_TRACE-}" ] || load support/trace ;; esac

PORTS=${PORTS-${TMPDIR-/tmp}} # folder of the file from which free_port counts
STARTED= # process ids
NEEDS=   # tools that every test of this file needs

setup() {
    # shellcheck disable=SC2086 # names of tools are words
    need $NEEDS
    # scripts/dev/test has made them already, once for all files.
    [ -n "${RESULTS-}" ] || make -s -C "$ROOT" tools 3>&-
    cd "$BATS_TEST_TMPDIR" || return
    unset LESSON_PORT LESSON_CUE NARRATE_CUE NARRATE_SECRET NO_COLOR
    export LC_ALL=C.UTF-8
}

teardown() { end_leftovers; }

end_leftovers() {
    local pid
    for pid in $STARTED; do
        kill -0 "$pid" || continue
        # shellcheck disable=SC2046 # a word a child
        kill -KILL "$pid" $(children "$pid") || true
        wait "$pid" || true
    done 2>&-
}

# children PID: prints the process ids of its children; fails if it has
# none. pgrep is the fallback: it looks at every process that there is.
children() {
    local all=
    [ -r "/proc/$1/task/$1/children" ] || { pgrep -P "$1"; return; }
    read -r all <"/proc/$1/task/$1/children" || [ -n "$all" ] || return
    echo "$all"
}

# end_child SIGNAL NAME: sends SIGNAL to the child of NAME (see start).
end_child() {
    # shellcheck disable=SC2046 # a word a child
    kill -s "$1" $(children "$(<"$2.pid")")
}

# Prints a free port that no other test gets, whatever its or our TMPDIR.
free_port() { "$TOOLS/free_port" "$PORTS/lesson-ports.$UID" 3>&- 4>&-; }

# prepare: sets a port and a TMPDIR of its own for a demo or a stage. All
# that it starts inherits this TMPDIR, by which `ours` finds it.
prepare() {
    LESSON_PORT=$(free_port)
    export LESSON_PORT TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir -p "$TMPDIR"
}

# Waits until no process with our TMPDIR is left, and TMPDIR is empty.
all_gone() {
    eventually none_left && return
    echo "# left: $(ours) $(ls "$TMPDIR")"
    return 1
}
none_left() { ! ours >/dev/null && [ -z "$(ls "$TMPDIR")" ]; }

# ordinary_user: makes ./tmp, and AS the words before a command that run
# it as a user who is not root (none if we are one). Where this user may
# not read the project, ROOT is a copy of it from now on.
ordinary_user() {
    AS=()
    mkdir -m 777 tmp
    [ "$(id -u)" -eq 0 ] || return 0
    need setpriv
    chmod o+x "$BATS_RUN_TMPDIR" .. .
    AS=(setpriv --reuid 65534 --regid 65534 --clear-groups
        env "TMPDIR=$PWD/tmp" "HOME=$PWD/tmp")
    "${AS[@]}" test -x "$ROOT/scripts/lab" && return
    mkdir copy
    cp -Rp "$ROOT"/{Makefile,build,lessons,scripts} copy
    ROOT=$PWD/copy
}

# workplace: copies the toolkit to ./work: without git, with the compiled
# judges and narrator.
workplace() {
    make -s -C "$ROOT" build/narrate.so 3>&-
    mkdir -p work/lessons work/docs work/build
    cp -a "$ROOT/scripts" "$ROOT/Makefile" work
    cp -a "$ROOT"/lessons/{mistakes,tasks,narrator,narrate.h} work/lessons
    cp -a "$ROOT/docs/chapters" work/docs
    cp -a "$ROOT"/build/{common,judge,narrate.so} work/build
}

# bookshop FOLDER: copies there all that the book is made from, and the
# compiled player, which draws its ladders.
bookshop() {
    make -s -C "$ROOT" build/play 3>&-
    mkdir -p "$1/build"
    cp -a "$ROOT"/{docs,lessons,scripts,LICENSE,Makefile} "$1"
    cp -a "$ROOT"/build/play* "$1/build"
}

# What a machine may lack however much is installed, and what a test is then
# skipped for: one whose subject it is, by `must_have WHAT`. With SETUP=all
# no other test may be skipped; and where there are rooms, none at all.
CANNOT='room: no room can be made here
user-room: an ordinary user can have no room here
network: no network of its own can be made here
mounts: no mounts of its own can be made here
fence: Landlock is missing here, or older than version 6
locale: there is no UTF-8 locale here
localhost: the name localhost is not in /etc/hosts here'

# can WHAT: whether the machine can. Asked once in a run.
can() {
    local answer=${RESULTS-$BATS_RUN_TMPDIR}/can-$1.$UID
    [ -s "$answer" ] || { ask "$1" && echo yes || echo no; } >"$answer"
    [ "$(<"$answer")" = yes ]
}

ask() {
    case $1 in
    room)
        bwrap --unshare-user --unshare-net --unshare-pid --ro-bind / / \
            --proc /proc true && { [ "$UID" -ne 0 ] || unshare -nmi true; }
        ;;
    user-room)
        if [ "$UID" -eq 0 ]; then
            setpriv --reuid 64999 --regid 64999 --clear-groups unshare -U true
        else
            ask room
        fi
        ;;
    network) unshare -Urn true ;;
    mounts) unshare -rm true ;;
    fence) [ "$("$TOOLS/landlock")" -ge 6 ] ;;
    locale) [ "$(LC_ALL=C.UTF-8 locale charmap)" = UTF-8 ] ;;
    localhost) sed 's/#.*//' /etc/hosts | grep -q '\blocalhost\b' ;;
    esac
} >&- 2>&-

must_have() {
    local what
    for what; do
        can "$what" && continue
        if [ "$what" != room ] && [ "$SETUP" = all ] && can room; then
            echo "# no $what, though there are rooms" >&2
            return 1
        fi
        skip "$(sed -n "s/^$what: //p" <<<"$CANNOT")"
    done
}

# how_judged: prints the option with which a judge is called for a program of
# this project, which may be judged anywhere.
how_judged() { if can room; then echo -k; else echo -t; fi; }

# Prints the processes with our TMPDIR, oldest first: pid and command.
ours() {
    local process command found=1
    for process in $(env -u TMPDIR grep -lzsxF "TMPDIR=$TMPDIR" \
        /proc/[0-9]*/environ | cut -d / -f 3 |
        env -u TMPDIR xargs -r ps --sort start_time,pid -o pid= -p); do
        command=$(tr '\0' ' ' 2>/dev/null <"/proc/$process/cmdline") || continue
        [ -n "$command" ] || continue
        echo "$process $command"
        found=0
    done 2>/dev/null
    return "$found"
}

# start NAME COMMAND...: runs it in the background; what it prints goes
# to NAME.out and NAME.err, its process id to NAME.pid. bats' descriptor
# 3 is closed because lessons print descriptor numbers. Ctrl-C (SIGINT),
# which a shell makes its background commands ignore, ends it.
start() {
    local name=$1
    shift
    rm -f "$name.out" # a child of an earlier one may still write there
    : >"$name.out"
    (
        trap - INT QUIT
        exec "$@"
    ) </dev/null >"$name.out" 2>"$name.err" 3>&- 4>&- &
    echo $! >"$name.pid"
    STARTED="$STARTED $!"
}

# fails COMMAND...: as `run !`, but what a function starts is ended with the
# test: `run` calls it in a shell of its own.
fails() { if "$@"; then return 1; fi; }

# cued NAME COMMAND...: starts a lesson that waits for cues.
# cue NAME CUES: gives it one cue for each letter: q ends a hold, any
# other letter goes on.
cued() {
    rm -f "$1.cues"
    mkfifo "$1.cues"
    LESSON_CUE=$1.cues start "$@"
    exec {CUES}<>"$1.cues" # so that giving a cue never blocks
}
cue() { printf '%s' "$2" >"$1.cues"; }

# until_it WHAT...: waits until that is so: see tests/support/until.c.
until_it() { "$TOOLS/until" -t "$PATIENCE" "$@" 3>&- 4>&-; }

# eventually COMMAND...: repeats the command, at growing intervals, until
# it succeeds; fails after PATIENCE seconds.
eventually() {
    local deadline=$((SECONDS + PATIENCE)) pause=3 seconds
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return
        printf -v seconds '0.%02d' "$pause"
        rest "$seconds"
        pause=$((pause < 20 ? pause * 5 / 4 + 1 : 25))
    done
}

# rest [SECONDS]: waits a moment by reading a FIFO that nobody writes to.
# It starts no process in the background: $! stays what it was.
rest() {
    local never=${BATS_TEST_TMPDIR-$BATS_FILE_TMPDIR}/never
    [ -p "$never" ] || mkfifo "$never"
    read -r -t "${1-0.03}" <>"$never" || true
}

# complain NAME WORDS...: prints them and NAME's last lines, and fails.
complain() {
    echo "# $*" >&2
    tail -n 99 "$1.out" "$1.err" >&2
    return 1
}

# await NAME PATTERN [FILE]: waits until NAME has printed a line that
# matches (or FILE has one). It need not have its newline yet.
await() {
    until_it line "${3:-$1.out}" "$2" "$(<"$1.pid")" ||
        complain "$1" "never printed: $2"
}

# listening PORT [NAME]: waits until a program listens there.
listening() {
    until_it listens "$1" ${2:+"$(<"$2.pid")"} ||
        complain "${2-server}" "nobody listens at $1"
}

# variant LESSON SED [FLAG...]: compiles a copy of the lesson, changed by
# SED, to ./LESSON. Fails if SED changes nothing.
variant() {
    sed -E "$2" "$ROOT/lessons/$1.c" >"$1.c"
    ! cmp "$ROOT/lessons/$1.c" "$1.c" >&- || return
    # shellcheck disable=SC2086 # CC may be words
    ${CC:-cc} -DNARRATE_PLAYER -I "$ROOT/lessons" "$1.c" -o "$1" "${@:3}"
}

# message NUMBER TRY: prints what lesson 18 sends, for `peer say`.
message() { printf '\\x00\\x00\\x00\\x%02X\\x00\\x00\\x00\\x%02X' "$1" "$2"; }

# joined FILE...: what was told, with each call, kernel line or error on
# one line: a line indented by seven columns or more continues the one
# before.
joined() {
    awk '
        /^       / { sub(/^ */, " "); line = line $0; next }
        NR > 1 { print line }
        { line = $0 }
        END { if (NR > 0) print line }' "$@"
}

# busy LOOPS [COMMAND...]: starts that many endless loops, each through
# the command; they share one processor with the rest of the test.
busy() {
    local load processor
    need taskset
    processor=$(taskset -cp "$BASHPID")
    processor=${processor##* }
    taskset -cp "${processor%%[,-]*}" "$BASHPID"
    for ((load = 1; load <= $1; load++)); do
        start "load$load" "${@:2}" timeout 200 sh -c 'exec yes >/dev/null'
    done
}

# traced NAME COMMAND...: like start, with its socket calls in NAME.trace.
traced() {
    need strace
    : >"$1.trace"
    start "$1" strace -qq -o "$1.trace" -s 9999 \
        -e trace=network,close,poll,fcntl,pipe,pipe2,epoll_create1,epoll_ctl,?epoll_wait,?epoll_pwait,?unlink "${@:2}"
}

# finish NAME [STATUS]: waits until NAME has ended; its exit status is
# then in $status, and must be STATUS if that is given.
finish() {
    local pid
    pid=$(<"$1.pid")
    until_it gone "$pid" || complain "$1" "does not end" || return
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq "${2:-$status}" ] ||
        complain "$1" "ended with status $status, $2 expected"
}

# need TOOL...: skips the test if one of them is missing; with SETUP=all
# the test fails.
need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >&- 2>&- || lacking "$tool" || return
    done
}

# need_sanitizers COMPILER: the same for its sanitizers' run time, which
# some systems keep in a separate package.
need_sanitizers() {
    need "$1"
    echo 'int main(void) { return 0; }' |
        "$@" -fsanitize=address,undefined -x c - -o probe 2>/dev/null ||
        lacking "a sanitizer of $*"
}

# sanitized LESSON...: builds these in build/sanitized, with gcc's address
# and undefined sanitizers: whatever they find ends the program.
sanitized() {
    need_sanitizers gcc
    mkdir -p "$BUILD/sanitized"
    flock "$BUILD/sanitized" \
        make -s -j 2 -C "$ROOT" "${@/#/build/sanitized/}" 3>&-
}

lacking() {
    [ "$SETUP" = all ] || skip "$1 is missing; scripts/dev/setup all installs it"
    echo "# $1 is missing, with SETUP=all" >&2
    return 1
}
