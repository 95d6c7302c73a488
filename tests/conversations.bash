# shellcheck shell=bash
# For tests of the servers that live on, except 11, with all kinds of clients.
# shellcheck disable=SC2086 # UNDER and CC are words

peer() { python3 "$BATS_TEST_DIRNAME/support/unkind_peers.py" "$@" 3>&-; }

# The echo client, which is ended after PATIENCE seconds.
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

# serves [LESSON]: the server serves a new client, which gets its answer.
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
    21*)
        said=$(timeout "$PATIENCE" "$BUILD/21_http_client" -q "$port" 3>&-)
        [[ $said == *'<h1>It works!</h1>'* ]]
        ;;
    *)
        said=$(echo "Are you there?" | client "$port")
        [ "$said" = "Are you there?" ]
        ;;
    esac
}

# Prints the lesson that is the client of $SERVER.
client_of() {
    case $SERVER in
    1[56]_*) echo 10_echo_client ;;
    *) echo "${SERVER%server}client" ;;
    esac
}

# impatient LESSON: makes $PROGRAMS hold a copy whose PATIENCE is 1 second.
impatient() {
    variant "$1" 's/PATIENCE = [0-9]*/PATIENCE = 1/'
    PROGRAMS=.
}
