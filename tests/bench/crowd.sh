# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# Lesson 11 when a crowd arrives at once: how many are answered and can
# stay, how long they wait, and what each of them costs. Compared with
# the least code that serves many with poll.
. tests/bench/servers.bash

lesson 11_many_clients
for n in 10 100 500 1000; do
    rounds=$((n == 10 ? 200 : n == 100 ? 50 : 10))
    for ((i = 0; i < runs; i++)); do
        serve bare "$work/bare" poll PORT
        serve lesson "$work/11_many_clients" -q PORT
        for name in bare lesson; do
            "$work/crowd" -n "$n" -r "$rounds" -p "${pid[$name]}" \
                "${port[$name]}" >>"$work/$n.$name"
        done
        ended bare lesson
    done
done

for n in 500 1000; do
    for what in answered held; do
        row "$n at once: $what" "$(told "$n.lesson" "$what")" clients \
            "all of them" "$n" ">=1.0"
    done
    for what in p50 p99 ask99; do
        row "$n at once: $what" "$(told "$n.lesson" "$what")" us \
            "a bare poll loop" "$(told "$n.bare" "$what")" \
            "$([ "$what" = p50 ] || echo "<=2.0")"
    done
done

# What a client costs: time for each answer while all of them ask, and
# memory while it is connected.
few=$(told 10.lesson each)
row "time an answer: 10 clients" "$few" us "a bare poll loop" \
    "$(told 10.bare each)"
row "time an answer: 1000 clients" "$(told 1000.lesson each)" us \
    "a bare poll loop" "$(told 1000.bare each)"
row "time an answer: 1000 clients" "$(told 1000.lesson each)" us \
    "10 clients" "$few" "<=1.2"

# memory FEW MANY: KiB per additional client. FEW is not 10: the kernel's
# count may be off by as much as those take. proc(5), VmRSS
memory() {
    awk -v few="$1" -v many="$2" -v a="$(told "$1.lesson" rss)" \
        -v b="$(told "$2.lesson" rss)" \
        'BEGIN { print (b - a) / (many - few) }'
}
few=$(memory 100 500)
row "memory a client: 100 to 500" "$few" KiB
row "memory a client: 500 to 1000" "$(memory 500 1000)" KiB \
    "100 to 500" "$few" "<=1.2"
