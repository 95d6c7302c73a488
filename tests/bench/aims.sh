# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# What the narrator may cost: a small request, a told call, its start, a
# thread and a stack.
. tests/bench/servers.bash

make -s build/narrate.so

# ---- small requests: one at a time, through the server of 10 and of 11

for name in 10_echo_server 11_many_clients; do
    plain "$name"
    serve untold "$work/plain_$name" 127.0.0.1 PORT
    serve told scripts/narrate "$work/plain_$name" 127.0.0.1 PORT
    in_turns "lines.$name" "$work/load" lines PORT 10000 -- untold told
    ended untold told
    row "lines: ${name#*_} told" "$(median <"$work/lines.$name.told" | per 1000)" \
        1000/s untold "$(median <"$work/lines.$name.untold" | per 1000)" '>=0.25'
done

# redis-benchmark asks for three kinds of small requests, 50 clients at a time.
if command -v redis-benchmark >/dev/null && command -v redis-server >/dev/null; then
    serve untold redis-server --save '' --port PORT
    serve told scripts/narrate redis-server --save '' --port PORT
    in_turns redis redis-benchmark -n 20000 -t get -q --csv -p PORT -- untold told
    for way in untold told; do
        sed -n 's/^"GET","\([0-9.]*\)".*/\1/p' "$work/redis.$way" >"$work/get.$way"
    done
    ended untold told
    row "redis: get told" "$(median <"$work/get.told" | per 1000)" 1000/s \
        untold "$(median <"$work/get.untold" | per 1000)" '>=0.25'
fi

# ---- system calls

# counted NAME COMMAND...: runs the server of 06 and its client, quiet;
# prints how many system calls the server has made.
counted() {
    local name=$1
    shift
    serve it strace -f -qq -c -U calls,name -o "$work/$name" "$@"
    "$work/06_send_recv_client" -q "${port[it]}" >/dev/null
    wait "${pid[it]}"
    awk '$2 == "total" { print $1 }' "$work/$name"
}

lesson 06_send_recv_client
lesson 06_send_recv_server
plain 06_send_recv_server
if command -v strace >/dev/null; then
    bare=$(counted bare "$work/plain_06_send_recv_server" 127.0.0.1 PORT)
    quiet=$(counted quiet "$work/06_send_recv_server" -q PORT)
    told=$(counted told "$work/06_send_recv_server" PORT)
    preloaded=$(counted preloaded -E "LD_PRELOAD=$PWD/build/narrate.so" \
        -E NARRATE_OUT=- "$work/plain_06_send_recv_server" 127.0.0.1 PORT)
    # It makes ten calls that are told.
    row "06_send_recv_server: -q" "$quiet" calls "without narrate.h" "$bare"
    row "06_send_recv_server: told" $(((told - quiet) / 10)) "a call" \
        "the aim" 34 '<=1'
    row "06_send_recv_server: narrate" $(((preloaded - bare) / 10)) "a call" \
        "the aim" 30 '<=1'
fi

# ---- start

for ((turn = 0; turn < 3 * runs; turn++)); do
    took /bin/true >>"$work/start.bare"
    took scripts/narrate /bin/true >>"$work/start.told"
done 2>/dev/null
row "start: scripts/narrate true" "$(median <"$work/start.told")" ms \
    "true alone" "$(median <"$work/start.bare")"

# ---- memory of a thread, and of a handler's stack

if command -v readelf >/dev/null; then
    size=$(readelf -lW build/narrate.so | awk '$1 == "TLS" { print $6 }')
    row "thread-local data" $((size)) bytes "the aim" 1024 '<=1'
fi
gcc -O2 -std=c11 -fPIC -fno-omit-frame-pointer -fstack-usage -c lessons/narrator/preload/preload.c \
    -o "$work/preload.o"
row "largest frame" "$(cut -f 2 "$work/preload.su" | sort -n | tail -n 1)" \
    bytes "the aim" 1536 '<=1'
