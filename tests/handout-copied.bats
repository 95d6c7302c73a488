# The book's PDF in a browser, as pdf.js shows it.

load helper

PDFJS=/usr/share/javascript/pdf/build
SOME='02 82' # a lesson, and a longer program

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
