# shellcheck shell=bash disable=SC2154 # scripts/dev/bench gives work
# How much processor time the handout takes: one changed chapter, and each
# page of the PDF; and how long all formats take, of which two are made at
# the same time. Compared with how long a person would wait.
make -s build/play
tar cf - Makefile docs lessons scripts LICENSE build/play build/player | tar xf - -C "$work"
set -o pipefail # what fails is not measured
export SOURCE_DATE_EPOCH=1700000000

# spent COMMAND...: its processor time in ms, children included; other
# work on the machine does not count.
spent() {
    local TIMEFORMAT='%U %S'
    { time "$@" >&2; } 2>&1 >/dev/null | tail -1 |
        awk '{ printf "%.0f\n", ($1 + $2) * 1000 }'
}

echo >>"$work/docs/chapters/03-listen.md"
chapter=$(CHAPTERS=03 spent "$work/scripts/dev/handout")
row "one chapter" "$chapter" ms "3 s" 3000 "<=1.0"

all=$(took "$work/scripts/dev/handout")
row "the book, all formats" "$all" ms "30 s" 30000 "<=1.0"

# The book that is handed out: the time for its PDF alone is the difference
# to a second call, which finds everything made.
export CHAPTERS='00-13 80 81 90-97'
out=$work/build/handout-00-13-80-81-90-97.pdf
"$work/scripts/dev/handout" >&2
pages=$(pdfinfo "$out" | awk '$1 == "Pages:" { print $2 }')
row "pages" "$pages" pages "110 pages" 110 "<=1.0"
rm "$out"
made=$(spent "$work/scripts/dev/handout")
found=$(spent "$work/scripts/dev/handout")
row "a page of the PDF" \
    "$(awk -v pages="$pages" -v made="$made" -v found="$found" \
        'BEGIN { print (made - found) / pages }')" \
    ms "130 ms" 130 "<=1.0"
