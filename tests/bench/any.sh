# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# What scripts/narrate costs: 64 MiB to an echo server and back, with both
# sides told, compared with both untold. The lines go to a file;
# tests/any-program-untold.bats tests that the bytes stay the same.
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
