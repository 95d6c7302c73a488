# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# poll (11) and epoll (23) while many clients are connected and silent: what
# a new client costs the server, in processor time. There are as many as the
# hard limit of descriptors allows, up to 19,900: each needs a port of its own.
# Compared with the same server without them, and with the other.
. tests/bench/servers.bash

ulimit -n "$(ulimit -Hn)"
most=$(ulimit -n)
most=$((most < 20000 ? most : 20000))
many=$((most - 100))
count=100 # new clients, one after the other
ways=(11_many_clients 23_epoll_server)

# spent PID: its processor time, in microseconds. proc(5), schedstat
spent() { awk '{ printf "%d\n", $1 / 1000 }' "/proc/$1/schedstat"; }

declare -A each
for name in "${ways[@]}"; do
    lesson "$name" "s/ CLIENTS = 4096,/ CLIENTS = $most,/"
    for idle in 0 1000 "$many"; do
        serve "$name" "$work/$name" -q PORT
        crowds=()
        # In parts, which the queue of callers can hold.
        for ((left = idle; left > 0; left -= 1000)); do
            some=$((left < 1000 ? left : 1000))
            "$work/crowd" -k -r 0 -t 100 -n "$some" "${port[$name]}" >"$work/held.$name.$left" &
            crowds+=($!)
            build/tests/until -t 100 line "$work/held.$name.$left" "held $some "
        done
        for ((i = 0; i < runs; i++)); do
            before=$(spent "${pid[$name]}")
            "$work/load" connects "${port[$name]}" "$count" >/dev/null
            after=$(spent "${pid[$name]}")
            echo $(((after - before) / count)) >>"$work/spent.$name.$idle"
        done
        for crowd in "${crowds[@]}"; do
            kill "$crowd"
            wait "$crowd" || true
        done
        ended "$name"
        each[$name.$idle]=$(median <"$work/spent.$name.$idle")
    done
done

for idle in 0 1000 "$many"; do
    for name in "${ways[@]}"; do
        row "a client more while $idle are idle: $name" "${each[$name.$idle]}" us \
            "none is idle" "${each[$name.0]}"
    done
    row "a client more while $idle are idle: 11_many_clients" \
        "${each[11_many_clients.$idle]}" us 23_epoll_server "${each[23_epoll_server.$idle]}"
done
