# shellcheck shell=bash disable=SC2154 # scripts/bench gives work
# What it costs to be told by scripts/narrate: 64 MiB through an echo
# server and back, both sides told, against both untold. The lines go to
# a file; that the bytes stay the same is a test in
# tests/any-program-untold.bats.
. tests/bench/servers.bash

plain 10_echo_server
make -s build/narrate.so
serve untold "$work/plain_10_echo_server" 127.0.0.1 PORT
serve told scripts/narrate "$work/plain_10_echo_server" 127.0.0.1 PORT
for ((turn = 0; turn < runs; turn++)); do
    "$work/load" bytes "${port[untold]}" 64 >>"$work/bytes.untold"
    scripts/narrate "$work/load" bytes "${port[told]}" 64 \
        >>"$work/bytes.told" 2>"$work/lines"
done
row "bytes: both sides told" "$(median <"$work/bytes.told")" MiB/s \
    "both untold" "$(median <"$work/bytes.untold")" ">=0.5"
