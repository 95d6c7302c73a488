# shellcheck shell=bash disable=SC2034 # the tests read NEEDS
# For tests of scripts/classroom.

NEEDS=ss
CLASSROOM=$ROOT/scripts/classroom

# changed [FILE SED]...: makes CLASSROOM a copy, in `work`, in which each
# FILE of the lessons is changed by its SED.
changed() {
    mkdir -p work/lessons
    cp -a "$ROOT"/{scripts,Makefile} work
    cp -a "$ROOT"/lessons/{narrat*,11_many_clients.c} work/lessons
    while [ $# -gt 0 ]; do
        cp "work/lessons/$1" before
        sed -i "$2" "work/lessons/$1"
        ! cmp before "work/lessons/$1" >&- || return
        shift 2
    done
    CLASSROOM=work/scripts/classroom
}

# compiled CC TARGET...: makes CLASSROOM a copy; CC compiles these targets.
compiled() {
    changed
    make -s -C work CC="$1" "${@:2}"
}

# room SIZE WORD...: starts the classroom in a terminal of this size.
classroom() {
    prepare
    PORT=$LESSON_PORT
    in_terminal "$1" "$CLASSROOM" "${@:2}"
    shows '^ 11_many_clients listens on '
}

# plain WORD...: the same without a terminal.
plain() {
    prepare
    PORT=$LESSON_PORT
    start room "$CLASSROOM" "$@"
    await room '^type: '
}

# join: connects; the descriptor is in $client.
join() { exec {client}<>"/dev/tcp/127.0.0.1/$PORT"; }

# answered DESCRIPTOR TEXT: sends TEXT as a line, and TEXT comes back.
answered() {
    printf '%s\n' "$2" >&"$1"
    read -r -t "$PATIENCE" -u "$1"
    [ "$REPLY" = "$2" ]
}
