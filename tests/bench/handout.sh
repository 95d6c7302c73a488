# shellcheck shell=bash disable=SC2154 # scripts/bench gives work
# How long the handout takes: one chapter that was changed, the whole
# book, and that for each page. Compared with what a person waits for.
tar cf - docs lessons scripts | tar xf - -C "$work"
export SOURCE_DATE_EPOCH=1700000000

echo >>"$work/docs/chapters/03-listen.md"
CHAPTER=03
export CHAPTER
row "one chapter" "$(took "$work/scripts/handout")" ms "10 s" 10000 "<=1.0"
unset CHAPTER

took "$work/scripts/handout" >"$work/whole"
row "the whole book, all formats" "$(cat "$work/whole")" ms

took weasyprint -q --pdf-variant pdf/ua-1 "$work/build/handout.html" \
    "$work/book.pdf" >"$work/set"
pages=$(pdfinfo "$work/book.pdf" | awk '$1 == "Pages:" { print $2 }')
row "pages" "$pages" pages
row "a page of the PDF" \
    "$(awk -v pages="$pages" '{ print $1 / pages }' "$work/set")" ms \
    "100 ms" 100 "<=1.0"
