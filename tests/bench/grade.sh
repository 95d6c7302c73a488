# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# How long it takes to grade 60 students who hand in 30 exercises each, half
# of them mended. Compared with ten minutes, which a lecturer would wait.
# shellcheck disable=SC2046 # one word per exercise
tests/support/hand_in "$work/class" 60 $(seq -w 30) >"$work/expected"
# shellcheck disable=SC2046 # one word per judge
scripts/judge/build $(cd lessons/mistakes && echo [0-9]*/ | tr -d /)
{
    TIMEFORMAT='%R %U %S'
    time scripts/grade -o "$work/grades.csv" "$work/class" >"$work/said" 2>&1
} 2>"$work/took"
row "60 students x 30 exercises" "$(cut -d ' ' -f 1 "$work/took")" s \
    "10 minutes" 600 "<=1.0"
row "processor, each program" \
    "$(awk '{ print ($2 + $3) / 1.8 }' "$work/took")" ms
row "time, each program" \
    "$(awk '{ print $1 / 1.8 }' "$work/took")" ms
wrong=$(tests/support/verdicts "$work/grades.csv" | diff - "$work/expected" |
    grep -c '^<' || true)
row "wrong verdicts" "$wrong" of-1800
