# shellcheck shell=bash disable=SC2154 # scripts/bench gives work
# How much processor time the handout takes: one changed chapter, the whole
# book, and that for each page. Compared with what a person waits for.
tar cf - docs lessons scripts LICENSE | tar xf - -C "$work"
export SOURCE_DATE_EPOCH=1700000000

# spent COMMAND...: its processor time in ms, children included; other
# work on the machine does not count.
spent() {
    local TIMEFORMAT='%U %S'
    { time "$@" >&2; } 2>&1 >/dev/null | tail -1 |
        awk '{ printf "%.0f\n", ($1 + $2) * 1000 }'
}

echo >>"$work/docs/chapters/03-listen.md"
row "one chapter" "$(CHAPTERS=03 spent "$work/scripts/handout")" ms \
    "3 s" 3000 "<=1.0"

row "the book, all formats" "$(spent "$work/scripts/handout")" ms \
    "30 s" 30000 "<=1.0"

rm "$work/build/.handout.pdf"
pages=$(pdfinfo "$work/build/handout.pdf" | awk '$1 == "Pages:" { print $2 }')
row "pages" "$pages" pages "110 pages" 110 "<=1.0"
row "a page of the PDF" \
    "$(spent "$work/scripts/handout" | awk -v pages="$pages" '{ print $1 / pages }')" \
    ms "130 ms" 130 "<=1.0"
