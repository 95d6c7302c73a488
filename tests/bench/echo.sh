# shellcheck shell=bash disable=SC2154 # scripts/bench gives work
# Bytes and connections a second through the echo servers, against the
# least code that does the same: it accepts one client after the other,
# and reads and writes with 64 KiB. And against the twin in Python.
. tests/bench/servers.bash

lesson 10_echo_server
lesson 11_many_clients
serve bare "$work/bare" echo PORT
serve 10_echo_server "$work/10_echo_server" -q PORT
serve 11_many_clients "$work/11_many_clients" -q PORT
names=(bare 10_echo_server 11_many_clients)
if command -v python3 >/dev/null; then
    serve 10_echo_server.py python3 lessons/python/10_echo_server.py -q PORT
    names+=(10_echo_server.py)
fi

in_turns bytes "$work/load" bytes PORT 256 -- "${names[@]}"
in_turns connects "$work/load" connects PORT 4000 -- "${names[@]}"

# compare FILE WHAT DIVISOR UNIT
compare() {
    local name bare value python
    bare=$(median <"$work/$1.bare" | per "$3")
    row "$2: a bare loop" "$bare" "$4"
    for name in "${names[@]:1}"; do
        value=$(median <"$work/$1.$name" | per "$3")
        if [ "$name" = 10_echo_server.py ]; then
            row "$2: $name" "$value" "$4" "a bare loop" "$bare"
        else
            row "$2: $name" "$value" "$4" "a bare loop" "$bare" ">=0.95"
        fi
    done
    [ -f "$work/$1.10_echo_server.py" ] || return 0
    python=$value
    value=$(median <"$work/$1.10_echo_server" | per "$3")
    row "$2: 10_echo_server" "$value" "$4" 10_echo_server.py "$python"
}
compare bytes bytes 1 MiB/s
compare connects connects 1000 1000/s
