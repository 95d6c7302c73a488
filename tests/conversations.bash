# shellcheck shell=bash
# For tests of the servers that live on but 11, with every kind of client.
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
    case $client in
    09*)
        said=$(timeout "$PATIENCE" "$BUILD/09_greeting_client" -q "$port" 3>&-)
        [ "$said" = "Hello from the server!" ]
        ;;
    14*)
        # shellcheck disable=SC2016 # it is for another shell to expand
        said=$(timeout "$PATIENCE" bash -c 'exec 5<>"/dev/tcp/127.0.0.1/$0"
            printf "\0\0\0\2hi" >&5; head -c 6 <&5 | tail -c 2' "$port" 3>&-)
        [ "$said" = hi ]
        ;;
    *)
        said=$(echo "Are you there?" | client "$port")
        [ "$said" = "Are you there?" ]
        ;;
    esac
}

# The server's client, a lesson: $SERVER's.
client_of() {
    case $SERVER in
    1[56]_*) echo 10_echo_client ;;
    *) echo "${SERVER%server}client" ;;
    esac
}

# impatient LESSON: the server with a second's patience, in $PROGRAMS.
impatient() {
    variant "$1" 's/PATIENCE = [0-9]*/PATIENCE = 1/'
    PROGRAMS=.
}
