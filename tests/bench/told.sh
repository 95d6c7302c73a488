# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# What telling costs a server that has a process or a thread for each
# client: 300 clients, 30 at a time, each of which sends a line and has it
# back. Lessons 15 and 16 tell themselves, or scripts/narrate tells them
# as plain programs; both are compared with the lesson under -q.
#
# At a backlog of 1,024 nobody has to call twice. At the lessons' own, 5,
# callers overflow the queue, told or not, and wait a second or three: so
# these rows have no goal.
. tests/bench/servers.bash

make -s build/narrate.so
runs=3

# overflows: how often a caller has found a queue full. netstat's MIB in
# the kernel's net/ipv4/proc.c, TcpExt: ListenOverflows
overflows() {
    awk '/^TcpExt:/ && !n { while ($++n != "ListenOverflows"); next }
        /^TcpExt:/ { print $n }' /proc/net/netstat
}

# spent PID: the processor time of a process and of those children that it
# has waited for, in ms. proc_pid_stat(5)
spent() {
    sed 's/.*) //' "/proc/$1/stat" |
        awk -v hz="$(getconf CLK_TCK)" \
            '{ printf "%d", ($12 + $13 + $14 + $15) * 1000 / hz }'
}

# thirty PORT: 30 clients at a time, each calls ten times.
thirty() {
    local clients=() i
    for ((i = 0; i < 30; i++)); do
        "$work/load" connects "$1" 10 >/dev/null &
        clients+=($!)
    done
    wait "${clients[@]}"
}

# meet FILE COMMAND...: starts a server and sends it the 300.
meet() {
    local file=$1 full busy
    shift
    serve it "$@"
    full=$(overflows) busy=$(spent "${pid[it]}")
    took thirty "${port[it]}" >>"$work/$file.took"
    echo $(($(overflows) - full)) >>"$work/$file.overflows"
    echo $(($(spent "${pid[it]}") - busy)) >>"$work/$file.spent"
    ended it
}

for name in 15_fork_server 16_thread_server; do
    for backlog in 1024 5; do
        as=${name%%_*}.$backlog
        lesson "$name" "s/BACKLOG = 5/BACKLOG = $backlog + 0/" "$as"
        grep -v -e '^#define \(TITLE\|PARTNER\)' -e '^#include "narrate.h"' \
            "$work/changed/$as.c" >"$work/changed/plain.$as.c"
        cc -O2 -pthread "$work/changed/plain.$as.c" -o "$work/plain.$as"
        for ((turn = 0; turn < runs; turn++)); do
            meet "$as.untold" "$work/$as" -q PORT
            meet "$as.lesson" "$work/$as" PORT
            meet "$as.narrate" scripts/narrate "$work/plain.$as" \
                127.0.0.1 PORT
        done
        goal=$([ "$backlog" = 5 ] || echo '<=3.0')
        for way in untold lesson narrate; do
            for what in took spent; do
                row "$as: $way: ${what/spent/processor}" \
                    "$(median <"$work/$as.$way.$what")" ms \
                    "$([ $way = untold ] || echo untold)" \
                    "$([ $way = untold ] || median <"$work/$as.untold.$what")" \
                    "$([ $way = untold ] || echo "$goal")"
            done
            row "$as: $way: overflows" \
                "$(median <"$work/$as.$way.overflows")" times
        done
    done
done
