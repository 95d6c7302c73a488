# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# What narrating costs: an echo server with its narration, which goes to
# /dev/null here, compared with the same server with -q.
. tests/bench/servers.bash

lesson 11_many_clients
serve quiet "$work/11_many_clients" -q PORT
serve told "$work/11_many_clients" PORT
in_turns bytes "$work/load" bytes PORT 256 -- quiet told
in_turns connects "$work/load" connects PORT 4000 -- quiet told
row "bytes: 11_many_clients" "$(median <"$work/bytes.told")" MiB/s \
    "the same with -q" "$(median <"$work/bytes.quiet")"
row "connects: 11_many_clients" "$(median <"$work/connects.told" | per 1000)" \
    1000/s "the same with -q" "$(median <"$work/connects.quiet" | per 1000)"
