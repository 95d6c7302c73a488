# shellcheck shell=bash disable=SC2034 # BOARD: the tests read it
# For tests of scripts/classroom.

NEEDS=ss
BOARD=("$ROOT"/scripts/class/{board,paint,clients,log,addresses}.c
    "$ROOT"/scripts/play/{screen,letters,keys}.c)

# room SIZE WORD...: the classroom, in a terminal of this size.
room() {
    prepare
    PORT=$LESSON_PORT
    in_terminal "$1" "$ROOT/scripts/classroom" "${@:2}"
    shows '^ 11_many_clients listens on '
}

# plain WORD...: the same without a terminal.
plain() {
    prepare
    PORT=$LESSON_PORT
    start room "$ROOT/scripts/classroom" "$@"
    await room '^type: '
}

# join: connects; the descriptor is in $client.
join() { exec {client}<>"/dev/tcp/127.0.0.1/$PORT"; }

# answered DESCRIPTOR TEXT: it says this, and this comes back.
answered() {
    printf '%s\n' "$2" >&"$1"
    read -r -t "$PATIENCE" -u "$1"
    [ "$REPLY" = "$2" ]
}
