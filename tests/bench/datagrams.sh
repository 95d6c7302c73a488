# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# Datagrams a second that lesson 08 answers, and how many it loses. The
# lesson ends after two; this is a copy that goes on. It prints each one
# (here to /dev/null) even with -q, so a copy that prints nothing is measured,
# too. Compared with the least code that sends datagrams back.
. tests/bench/servers.bash

count=20000
endless='s/DATAGRAMS = 2 /DATAGRAMS = 1000000000 /'
lesson 08_udp_receiver "$endless" prints
no_words='/^int main/i#define printf(...) ((void)0)\n#define print(...) ((void)0)'
lesson 08_udp_receiver "$endless; $no_words" mute
serve bare "$work/bare" datagrams PORT
serve prints "$work/prints" -q PORT
serve mute "$work/mute" -q PORT

rate() { awk '{ print $1 / 1000 }' "$work/$1" | median; }
loss() { awk -v n="$count" '{ print $2 / n * 100 }' "$work/$1" | median; }

for flight in 1 16; do
    in_turns "$flight" "$work/load" datagrams PORT "$count" "$flight" -- \
        bare prints mute
    bare=$(rate "$flight.bare")
    row "$flight in flight: a bare loop" "$bare" 1000/s
    row "$flight in flight: 08 is silent" "$(rate "$flight.mute")" \
        1000/s "a bare loop" "$bare" ">=0.95"
    row "$flight in flight: 08 with -q" "$(rate "$flight.prints")" \
        1000/s "a bare loop" "$bare"
    row "$flight in flight: 08 lost" "$(loss "$flight.prints")" %
    row "$flight in flight: bare lost" "$(loss "$flight.bare")" %
done
