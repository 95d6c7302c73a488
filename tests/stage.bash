# shellcheck shell=bash
# For tests of the stage, scripts/demo --stage. They drive it as a lecturer
# does: in a terminal, which tmux provides, they press keys and read the
# screen.

# stage SIZE WORD...: starts it in a terminal of SIZE, such as 80x24;
# through the command $THROUGH, if that is set.
stage() {
    local size=$1
    shift
    prepare
    # shellcheck disable=SC2086 # its words
    in_terminal "$size" ${THROUGH-} "$ROOT/scripts/demo" --stage "$@"
}

# step PATTERN: presses Enter, and waits until a line, the bar, matches. If
# the source of the next call has to wait for another Enter, presses that.
step() {
    press Enter
    shows "$1|^ Enter the next call "
    if ! shows_now "$1"; then
        press Enter
        shows "$1"
    fi
}

# Where the bar names the step: on its right.
STEP='  [0-9]{2}[-a-z]*(:[0-9.]+)?$'

# Prints the bar: whose turn it is, and the step.
bar() { screen | grep -E "$STEP"; }

# steps_to PATTERN: presses Enter, once for each bar that names a step (or has
# what matches $MARK), until a line of the screen matches.
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
        now=$(grep -E -e "${MARK-$STEP}" seen) || continue
        [ "$now" != "$before" ] || continue
        ! grep -q '^ Under way' seen || continue
        before=$now
        press Enter
    done
}

# quits: presses q twice, and sees that nothing is left.
quits() {
    press q
    shows 'End the play\? q again ends it'
    press q
    shows '^ended with 0'
    all_gone
}

# to_the_accept [SIZE [OPTION...]]: plays 04 until its accept blocks.
to_the_accept() {
    stage "${1:-80x24}" "${@:2}" 04
    shows "server's turn:  socket\(.* 04:1\$"
    step ' 04:2$'
    step ' 04:3$'
    step ' 04:4$'
    step "server's turn:  accept\(3, .* 04:5\$"
    step "client's turn:  socket\(.* 04:6\$"
}

# questions PATTERN [SCENES]: prints, sorted, the questions with a step that
# matches PATTERN, of scenes that match SCENES.
questions() {
    cat "$ROOT"/docs/questions/[0-9]*.md | tr -d '`' | awk -F ' [|] ' \
        -v step="$1" -v scenes="^${2-.*}\$" '
        function line() { if (fits) print (statement ? "True or false? " : "") ask }
        /^## / { line(); ask = substr($0, 4); fits = statement = 0 }
        /^- form: true or false/ { statement = 1 }
        /^- step: / { fits = fits || $2 ~ step && substr($1, 9) ~ scenes }
        END { line() }' | sed "s/{port}/$LESSON_PORT/" | sort -u
}

# planned PERIOD: the scenes of the lecture notes' table, each with its keys.
planned() {
    local name
    case $1 in 1) name=first ;; 2) name=second ;; 3) name=third ;; *) name=one ;; esac
    awk -F '|' -v name=" $name double period " '
        $3 ~ name { here = 1 } here && $5 + 0 > 0 { print $4 + 0 == 0 ? "" : $4, $5 + 0 }
        here && !/\|/ { exit }' "$ROOT/docs/lecture-notes.md" | tr -s ' ' | sed 's/^ //'
}
