# The book's PDF in a browser, as pdf.js shows it.

load helper
load handout

PDFJS=/usr/share/javascript/pdf/build
SOME='02 82 83' # a lesson, and longer programs

setup_file() {
    type -P pandoc weasyprint pdftotext chromium >/dev/null || return 0
    cd "$BATS_FILE_TMPDIR" || return
    bookshop here
    plain_programs here
    export BOOK=$BATS_FILE_TMPDIR/here/build/handout-${SOME// /-}
    CHAPTERS=$SOME here/scripts/dev/handout >here.out 2>&1 || {
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
    compiles_from book.txt '02_bind.c faulty/*.c'
    run ! grep -nE '^ *(•|[1-9]\.) *$' book.txt
}
