# shellcheck shell=bash
# For tests of lessons 09 and 10, with every kind of client.
# shellcheck disable=SC2086 # UNDER and CC are words

peer() { python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" "$@" 3>&-; }

# The echo's client, for no longer than we have patience.
client() { timeout "$PATIENCE" "$BUILD/10_echo_client" "$@" 3>&-; }

# serve LESSON [OPTION...]: starts the server "server" on $port, and
# returns when it can be called.
serve() {
    local lesson=$1
    shift
    port=${port:-$(free_port)}
    start server ${UNDER:-} "${PROGRAMS:-$BUILD}/$lesson" "$@" "$port"
    listening "$port" server
}

# The server serves a new client, and the client ends well.
serves() {
    local client=${1:-$SERVER} said=
    if [ "${client%%_*}" = 09 ]; then
        said=$(timeout "$PATIENCE" "$BUILD/09_greeting_client" -q "$port" 3>&-)
        [ "$said" = "Hello from the server!" ]
    else
        said=$(echo "Are you there?" | client "$port")
        [ "$said" = "Are you there?" ]
    fi
}

# impatient LESSON: the server with a second's patience, in $PROGRAMS.
impatient() {
    variant "$1" 's/PATIENCE = [0-9]*/PATIENCE = 1/'
    PROGRAMS=.
}
