# shellcheck shell=bash
# For tests of programs that need a terminal: tmux provides it, and the
# test presses keys and reads the screen.

TERMINALS=0
terminal() { tmux -S "terminal$TERMINALS" "$@"; }

teardown() {
    for ((; TERMINALS > 0; TERMINALS--)); do
        terminal kill-server 2>&- || true
    done
    end_leftovers
}

# in_terminal SIZE COMMAND...: runs it in a terminal of SIZE, such as
# 80x24, which shows "ended with STATUS" when it is over. Only the command
# has the TMPDIR of the test; tmux and the shell in it do not.
in_terminal() {
    local size=$1
    shift
    need tmux
    TERMINALS=$((TERMINALS + 1))
    # shellcheck disable=SC2016 # for the other shell
    env -u TMPDIR -u TMUX tmux -S "terminal$TERMINALS" -f /dev/null \
        new-session -d -x "${size%x*}" -y "${size#*x}" \
        sh -c 'set -m # keys that are signals are for the command alone
            TMPDIR=$1; export TMPDIR; shift; "$@"; status=$?
            unset TMPDIR
            echo "ended with $status"; exec tail -f /dev/null' sh \
        "$TMPDIR" "$@" 3>&- 4>&-
}

screen() { terminal capture-pane -p; }

press() { terminal send-keys "$@"; }

# shows PATTERN: waits until a line of the screen matches.
shows() {
    eventually shows_now "$1" && return
    echo "# the screen never showed: $1"
    screen
    return 1
}
shows_now() { screen | grep -qE -e "$1"; }

# called: prints the pid of the command in the terminal; part NAME: that of
# the process of ours that runs the program NAME.
called() { children "$(terminal display-message -p '#{pane_pid}')"; }
part() { ours | awk -v name="/$1\$" '$2 ~ name { print $1; exit }'; }

# given_back: whether the terminal is as it was before the command: the
# usual screen, a cursor, echo.
given_back() {
    terminal display-message -p '#{alternate_on} #{cursor_flag}' |
        grep -qx '0 1'
    stty -a -F "$(terminal display-message -p '#{pane_tty}')" >modes
    ! grep -qE -e '-(icanon|echo|isig|ixon) ' modes
}
