# shellcheck shell=bash
# For tests of programs that take a terminal: it is one of tmux, and the
# test goes by keys, and by what stands on the screen.

terminal() { tmux -S outer "$@"; }

teardown() {
    terminal kill-server 2>&- || true
    end_leftovers
}

# in_terminal SIZE COMMAND...: runs it in a terminal of so many columns
# and lines. "ended with STATUS" stands there when it is over. Of all
# this only the command has the TMPDIR of the test.
in_terminal() {
    local size=$1
    shift
    need tmux
    mkfifo never
    exec {NEVER}<>never
    # shellcheck disable=SC2016 # for the other shell
    env -u TMPDIR -u TMUX tmux -S outer -f /dev/null \
        new-session -d -x "${size%x*}" -y "${size#*x}" \
        sh -c 'set -m # keys that are signals are for the command alone
            TMPDIR=$1; export TMPDIR; shift; "$@"; status=$?
            unset TMPDIR
            echo "ended with $status"; exec tail -f /dev/null' sh \
        "$TMPDIR" "$@" 3>&- 4>&-
}

screen() { terminal capture-pane -p; }

press() { terminal send-keys "$@"; }

# shows PATTERN: returns as soon as a line of the screen matches.
shows() {
    local deadline=$((SECONDS + PATIENCE))
    until screen | grep -qE -e "$1"; do
        timeout 0.02 cat <&"$NEVER" || true # not read -t: see scripts/stage
        [ "$SECONDS" -lt "$deadline" ] || {
            echo "# the screen never showed: $1"
            screen
            return 1
        }
    done
}
