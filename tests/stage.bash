# shellcheck shell=bash
# For tests of the stage, scripts/demo --stage: it is driven as a lecturer
# does, in a terminal that tmux provides, by keys, and by what stands on
# the screen.

# stage SIZE WORD...: starts it in a terminal of so many columns and
# lines. THROUGH is a command that starts it, if one is needed.
stage() {
    local size=$1
    shift
    prepare
    # shellcheck disable=SC2086 # its words
    in_terminal "$size" ${THROUGH-} "$ROOT/scripts/demo" --stage "$@"
}

# step BAR: Enter, and the bar below shows that.
step() {
    press Enter
    shows "$1"
}

# The bar: whose turn it is and, at its right, the step.
bar() { screen | grep -E '  [0-9]{2}[-a-z]*(:[0-9.]+)?$'; }

# steps_to PATTERN: Enter, once for each change of the bar, until a line
# of the screen matches.
steps_to() {
    local now before='' deadline=$((SECONDS + PATIENCE))
    until
        screen >seen
        grep -qE -e "$1" seen
    do
        [ "$SECONDS" -lt "$deadline" ] || {
            echo "# no step led to: $1"
            cat seen
            return 1
        }
        rest
        now=$(grep -E '  [0-9]{2}[-a-z]*(:[0-9.]+)?$' seen) || continue
        [ "$now" != "$before" ] || continue
        ! grep -q '^ Under way' seen || continue
        before=$now
        press Enter
    done
}

# quits: q, and q again; all is gone.
quits() {
    press q
    shows 'End the play\? q again ends it'
    press q
    shows '^ended with 0'
    all_gone
}

# Plays 04 up to the waiting accept. to_the_accept [SIZE [OPTION...]]
to_the_accept() {
    stage "${1:-80x24}" "${@:2}" 04
    shows "server's turn:  socket\(.* 04:1\$"
    step ' 04:2$'
    step ' 04:3$'
    step ' 04:4$'
    step "server's turn:  accept\(3, .* 04:5\$"
    step "client's turn:  socket\(.* 04:6\$"
}

# questions PATTERN [SCENES]: those in the file whose step matches, and
# whose scenes are such, in order.
questions() {
    awk -F ' *[|] *' -v step="$1" -v scenes="^${2-.*}\$" \
        '!/^#/ && $2 ~ step && $1 ~ scenes { print $3 }' \
        "$ROOT/scripts/play/questions" | sed "s/{port}/$LESSON_PORT/" | sort -u
}
