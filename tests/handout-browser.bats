# The book in a browser, which is what most of its readers have: its web
# page, and its PDF as pdf.js shows it.

load helper

AXE=$ROOT/build/npm/node_modules/axe-core/axe.min.js
PDFJS=/usr/share/javascript/pdf/build
SOME='02 05 06 08 81 82 91 94 97' # chapters with parts of every kind

setup_file() {
    type -P pandoc weasyprint pdftotext chromium >/dev/null || return 0
    cd "$BATS_FILE_TMPDIR" || return
    bookshop here
    export BOOK=$BATS_FILE_TMPDIR/here/build/handout-${SOME// /-}
    CHAPTERS=$SOME here/scripts/handout >here.out 2>&1 || {
        cat here.out >&2
        return 1
    }
}

browser() {
    timeout "$((10 * PATIENCE))" python3 "$ROOT/tests/support/browser.py" "$@"
}

prepare() { need pandoc weasyprint pdftotext chromium python3; }

# bats test_tags=second
@test "axe finds nothing in the web page, on a phone and on a desk, in the dark too" {
    prepare
    [ -e "$AXE" ] || lacking axe-core
    run -0 browser axe "$BOOK.html" "$AXE"
    [ -z "$output" ]
    # It does find faults where there are some.
    cat >bad.html <<'EOF'
<!DOCTYPE html><html><title>Bad</title><body><img src=x><p>Black on white</p>
<style>@media (prefers-color-scheme: dark) { p { color: #333; background: #222 } }
@media (max-width: 400px) { p { color: #ddd } }</style></html>
EOF
    run -1 browser axe bad.html "$AXE"
    [[ $output == *html-has-lang* && $output == *image-alt* ]]
    [[ $output == *'390 light color-contrast 1'* ]]
    [[ $output == *'1280 dark color-contrast 1'* ]]
    [[ $output != *'1280 light color-contrast'* ]]
}

# bats test_tags=second
@test "the buttons of the web page copy each program, plain and whole" {
    local copy count=0
    prepare
    mkdir copied
    browser copies "$BOOK.html" copied
    for copy in copied/*.c; do
        diff <("$ROOT/scripts/bare" "$(basename "$copy" .c)" | bare -) \
            <(bare "$copy")
        count=$((count + 1))
    done
    [ "$count" -eq 6 ]
    diff "$ROOT/lessons/python/05_connect.py" copied/05_connect.py
}

# bats test_tags=second
@test "a program copied from the PDF with pdf.js compiles and is the lesson" {
    prepare
    [ -e "$PDFJS/pdf.js" ] || lacking pdf.js
    browser pdf "$BOOK.pdf" "$PDFJS" >book.txt
    sed -n '/^ *\/\* 02_bind.c \*\/ *$/,/\/\* end of /p' book.txt >02_bind.c
    ${CC:-cc} -Wall -Wextra -Werror -c 02_bind.c -o x.o
    cmp <(bare 02_bind.c) <("$ROOT/scripts/bare" 02_bind | bare -)
    sed -n '/^ *\/\* faulty\/quote.c \*\/ *$/,/\/\* end of /p' book.txt >quote.c
    cmp <(bare quote.c) <(bare "$ROOT/lessons/faulty/quote.c")
    run ! grep -nE '^ *(•|[1-9]\.) *$' book.txt
}

# A program without comments and white space.
bare() {
    ${CC:-cc} -fpreprocessed -dD -E -P -x c "$1" 2>&- | tr -d ' \t\f\n'
}
