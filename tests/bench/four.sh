# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# One echo server, four ways: one client after another (10), a loop round
# poll (11), a process for each (15), a thread for each (16), all without
# narrate.h, with the queue of 11. Compared with 10 where possible (it
# never serves two at once), and otherwise with 11.
. tests/bench/servers.bash

ways=(10_echo_server 11_many_clients 15_fork_server 16_thread_server)
for name in "${ways[@]}"; do
    plain "$name"
    sed -i 's/BACKLOG = 5\>/BACKLOG = 4096/' "$work/plain_$name.c"
    cc -O2 -pthread "$work/plain_$name.c" -o "$work/plain_$name"
    serve "$name" "$work/plain_$name" 127.0.0.1 PORT
done
in_turns connects "$work/load" connects PORT 2000 -- "${ways[@]}"
ended "${ways[@]}"

# family PID: it and its children.
family() {
    echo "$1"
    ps -o pid= --ppid "$1"
}

# memory NAME: the server's memory in KiB, with its children; a page that
# several processes share counts in part. proc(5), Pss
memory() {
    local one
    for one in $(family "${pid[$1]}"); do
        cat "/proc/$one/smaps_rollup"
    done | awk '$1 == "Pss:" { sum += $2 } END { print sum }'
}

# stays NAME N: N clients arrive and stay; what became of them is in
# NAME.N. Prints the server's memory. Nobody asks again: for that, crowd
# waits until all are answered, so a single client that is not would spoil
# it for the others.
stays() {
    "$work/crowd" -k -r 0 -t 30 -n "$2" "${port[$1]}" >"$work/$1.$2" &
    crowd=$!
    build/tests/until -t 60 line "$work/$1.$2" clients
    memory "$1"
    kill "$crowd"
    wait "$crowd" || true
}

declare -A each held
for name in "${ways[@]:1}"; do
    serve "$name" "$work/plain_$name" 127.0.0.1 PORT
    few=$(stays "$name" 100 2>&-)
    ended "$name"
    serve "$name" "$work/plain_$name" 127.0.0.1 PORT
    many=$(stays "$name" 1000 2>&-)
    ended "$name"
    each[$name]=$(awk -v a="$few" -v b="$many" 'BEGIN { print (b - a) / 900 }')
    held[$name]=$(told "$name.1000" held)
done

for name in "${ways[@]}"; do
    row "lines of C: $name" "$(sed '/^ *\/\//d; /^ *$/d' \
        "$work/plain_$name.c" | wc -l)" lines 10_echo_server \
        "$(sed '/^ *\/\//d; /^ *$/d' "$work/plain_10_echo_server.c" | wc -l)"
    row "connects: $name" "$(median <"$work/connects.$name" | per 1000)" \
        1000/s 10_echo_server \
        "$(median <"$work/connects.10_echo_server" | per 1000)"
done
for name in "${ways[@]:1}"; do
    row "memory each: $name" "${each[$name]}" KiB 11_many_clients \
        "${each[11_many_clients]}"
    row "1000 held: $name" "${held[$name]}" clients "all of them" 1000
done
