# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# How long a lesson takes to compile, narration and error table and all,
# against an empty main: gcc -O0, the median of 20, taken in turns. No
# goal: it shows what the narration costs, and whether that grows.
runs=20

printf 'int main(void)\n{\n    return 0;\n}\n' >"$work/empty.c"
for ((i = 0; i < runs; i++)); do
    for source in "$work/empty.c" lessons/[0-9]*.c; do
        name=$(basename "$source" .c)
        took gcc -O0 "$source" -o "$work/program" >>"$work/$name.times"
    done
done
empty=$(median <"$work/empty.times")
row "an empty main" "$empty" ms
for source in lessons/[0-9]*.c; do
    name=$(basename "$source" .c)
    row "$name" "$(median <"$work/$name.times")" ms "an empty main" "$empty"
done
