# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# Bytes and connections a second through the echo servers with -q, compared
# with the least code that does the same: for 10, it accepts one client after
# the other, and reads and writes with 64 KiB; for 11, it does so with
# poll. Compared with the same lesson without narrate.h, too, and 10 with its
# twin in Python. strace -c shows the calls that make the difference: for each
# connection 10 makes 8 (the 5 of a bare loop, two time limits and its
# report), and 11 makes 11 (the 8 of a bare poll loop, two fcntl and the
# accept that finds nobody).
. tests/bench/servers.bash

declare -A against=([10_echo_server]=bare [11_many_clients]=bare_poll)
names=(bare bare_poll)
serve bare "$work/bare" echo PORT
serve bare_poll "$work/bare" poll PORT
for name in "${!against[@]}"; do
    lesson "$name"
    plain "$name"
    serve "$name" "$work/$name" -q PORT
    serve "plain_$name" "$work/plain_$name" 127.0.0.1 PORT
    names+=("$name" "plain_$name")
done
if command -v python3 >/dev/null; then
    serve 10_echo_server.py python3 lessons/python/10_echo_server.py \
        127.0.0.1 PORT
    names+=(10_echo_server.py)
fi

in_turns bytes "$work/load" bytes PORT 256 -- "${names[@]}"
in_turns connects "$work/load" connects PORT 4000 -- "${names[@]}"

# rate FILE NAME DIVISOR
rate() { median <"$work/$1.$2" | per "$3"; }

# compare FILE DIVISOR UNIT
compare() {
    local name value
    for name in "${!against[@]}"; do
        value=$(rate "$1" "$name" "$2")
        row "$1: ${against[$name]}" "$(rate "$1" "${against[$name]}" "$2")" "$3"
        row "$1: $name" "$value" "$3" "${against[$name]}" \
            "$(rate "$1" "${against[$name]}" "$2")" ">=0.95"
        row "$1: $name" "$value" "$3" "without narrate.h" \
            "$(rate "$1" "plain_$name" "$2")" ">=0.95"
    done
    [ -f "$work/$1.10_echo_server.py" ] || return 0
    row "$1: 10_echo_server" "$(rate "$1" 10_echo_server "$2")" "$3" \
        10_echo_server.py "$(rate "$1" 10_echo_server.py "$2")"
}
compare bytes 1 MiB/s
compare connects 1000 1000/s
