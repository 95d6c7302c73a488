# The pairs talk under the eyes of the sanitizers and of valgrind, which
# find nothing: no wrong access, no undefined behaviour, no leak.

load helper

# talk FOLDER SERVER CLIENT [WATCHER...]: the pair talks under the eyes of
# a watcher, which would end it with another status, or complain.
talk() {
    local port
    port=$(free_port)
    start server "${@:4}" "$1/$2" "$port"
    await server 'blocks until'
    start client "${@:4}" "$1/$3" "$port"
    finish client 0
    finish server 0
    cat server.err client.err
    [ ! -s server.err ] && [ ! -s client.err ]
}

all_talk() {
    talk "$1" 04_accept 05_connect "${@:2}"
    talk "$1" 06_send_recv_server 06_send_recv_client "${@:2}"
    talk "$1" 07_close_server 07_close_client "${@:2}"
    talk "$1" 08_udp_receiver 08_udp_sender "${@:2}"
}

# flawless FOLDER: runs the pairs there, built with ASan and UBSan. A refused
# call and a wrong argument go through other code, so they are run, too.
flawless() {
    all_talk "$1"
    run -0 "$1/03_listen" "$(free_port)" 3>&-
    run -1 "$1/05_connect" "$(free_port)" 3>&-
    [[ $output != *ERROR:* && $output != *'runtime error'* ]]
    run -2 "$1/03_listen" "$(printf '\xe2\x80\xae\xf0%0500d' 7)"
    [[ $output != *ERROR:* && $output != *'runtime error'* ]]
}
PAIRS=(03_listen 04_accept 05_connect 06_send_recv_{server,client}
    07_close_{server,client} 08_udp_{receiver,sender})

# bats test_tags=second
@test "the pairs run clean under gcc's address and undefined sanitizers" {
    sanitized "${PAIRS[@]}"
    flawless "$BUILD/sanitized"
}

# bats test_tags=second
@test "the pairs run clean under clang's address and undefined sanitizers" {
    local name
    need_sanitizers clang
    for name in "${PAIRS[@]}"; do
        clang -g -fsanitize=address,undefined -fno-sanitize-recover=all \
            "$ROOT/lessons/$name.c" -o "$name"
    done
    flawless .
}

# bats test_tags=second
@test "the pairs run clean under valgrind" {
    need valgrind
    all_talk "$BUILD" valgrind -q --error-exitcode=99 --leak-check=full
}

# bats test_tags=second
@test "a bug would be seen by the sanitizers and by valgrind" {
    need valgrind
    need_sanitizers gcc
    local CC=gcc bug='s/^    int on = 1;/    char *heap = malloc(3); heap[argc + 2] = 0;\n&/'
    variant 02_bind "$bug" -g -fsanitize=address,undefined
    run ./02_bind 0
    [[ $output == *AddressSanitizer* ]]
    variant 02_bind "$bug" -g
    run -99 valgrind -q --error-exitcode=99 ./02_bind 0
}
