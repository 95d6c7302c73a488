# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# The same server, lesson 11, with a backlog of 5, 50, 511 and 4096 (its
# own): how many of 500 clients that arrive at once have their answer
# within 10 seconds, and how long 99 in 100 of these wait for it at most.
# A client that finds the queue full tries again after 1, 3 and 7 seconds.
. tests/bench/servers.bash

printf 'The kernel allows a backlog of %s (net.core.somaxconn).\n' \
    "$(cat /proc/sys/net/core/somaxconn)"
for backlog in 5 50 511 4096; do
    lesson 11_many_clients "s/BACKLOG = 4096/BACKLOG = $backlog + 0/" \
        "backlog_$backlog"
    crowds=()
    # Each run takes some milliseconds, except for clients that have to
    # try again; so the next one begins 300 ms later.
    for ((i = 0; i < runs; i++)); do
        serve "$backlog.$i" "$work/backlog_$backlog" -q PORT
        "$work/crowd" -w $((300 * i)) -n 500 -r 0 -t 10 "${port[$backlog.$i]}" \
            >"$work/crowd.$backlog.$i" &
        crowds+=($!)
    done
    all_crowds+=("${crowds[@]}")
done
wait "${all_crowds[@]}"

for backlog in 5 50 511 4096; do
    cat "$work/crowd.$backlog".? >"$work/crowd.$backlog"
    row "backlog $backlog: answered" "$(told "crowd.$backlog" answered)" \
        clients "all of them" 500
    row "backlog $backlog: p99" "$(told "crowd.$backlog" p99)" us
done
