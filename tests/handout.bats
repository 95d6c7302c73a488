# The handout: all of it is real, its code can be copied out of it, and it
# can be navigated.

load helper
load handout

NEEDS='pandoc weasyprint pdftotext python3'

setup_file() {
    # If a tool is missing, each test is skipped; bats 1.8 cannot skip here.
    # shellcheck disable=SC2086 # names of tools are words
    type -P $NEEDS >/dev/null || return 0
    cd "$BATS_FILE_TMPDIR" || return
    bookshop here
    export HERE=$BATS_FILE_TMPDIR/here SOURCE_DATE_EPOCH=1700000000
    TZ=America/New_York here/scripts/dev/handout >here.out 2>&1 || {
        cat here.out >&2
        return 1
    }
    cp -a here copy
    export COPY=$BATS_FILE_TMPDIR/copy
    plain_programs here
    mkdir weave whole
    ask code . # into weave and whole, where anything of this is listed
    pdftotext here/build/handout.pdf book.txt
    pdftotext -layout here/build/handout.pdf layout.txt
    pdftotext -bbox here/build/handout.pdf words.html
}

ask() {
    local question=$1
    shift
    python3 "$ROOT/tests/support/handout_page.py" "$question" "$HERE/build/.handout/page.html" "$@"
}

# silent COMMAND...: it succeeds and has nothing to say.
silent() {
    local said
    said=$("$@" 2>&1) && [ -z "$said" ] && return
    echo "$said"
    return 1
}

# A program without the comment at its head, and the blank line after it.
headless() {
    awk '!body && /^\/\// { next } !body && $0 == "" { next }
        { body = 1; print }'
}

@test "every lesson is in the book, and whole" {
    local lesson name
    cd "$BATS_FILE_TMPDIR"
    for lesson in plain/*.c; do
        name=${lesson##*/}
        [ -s "whole/$name" ]
        case $name in
        0[1-5]*) [ ! -e "weave/$name" ] ;;
        *) [ -s "weave/$name" ] ;;
        esac
    done
}

@test "the woven code, joined, is the plain program less its prose" {
    local file
    cd "$BATS_FILE_TMPDIR/weave"
    [ -s 06_send_recv_client.c ]
    for file in *.c; do
        grep -vE '^ *//( |$)' "../plain/$file" | diff - "$file"
    done
}

@test "a whole listing is the plain program" {
    local file
    cd "$BATS_FILE_TMPDIR/whole"
    for file in [0-9]*.c; do
        case $file in
        0[1-5]*) headless <"../plain/$file" | diff - "$file" ;;
        *) diff "../plain/$file" "$file" ;;
        esac
    done
}

@test "no program is printed twice" {
    cd "$BATS_FILE_TMPDIR"
    [ "$(grep -c '/\* end of 0[1-5]_' book.txt)" -eq 5 ]
    [ "$(grep -c '/\* end of [0-9]' book.txt)" -eq 5 ]
}

# bats test_tags=second
@test "lessons 00 to 13, lab, Python and appendices have at most 110 pages" {
    local others pages
    # All pages of the book but those that begin with another chapter's
    # number and title. Contents, index and answers are those of all
    # chapters, so a book of these chapters alone has no more pages.
    others=$(sed -sn '1{ s/^#[ 0-9]*//; s/ {.*//; s/`//g; p }' \
        "$HERE"/docs/chapters/{1[4-9],2[0-4],70,8[2-4]}-*.md | paste -sd '|')
    awk 'BEGIN { RS = "\f"; FS = "\n" }
        { for (i = 1; i < NF; i++) if ($i ~ /[^ ]/) { print $i; next } }' \
        "$BATS_FILE_TMPDIR/layout.txt" >heads
    pages=$(grep -cvE "^(/\* )?[0-9]+ ($others)( \*/|\$)" heads)
    echo "$pages pages of $(wc -l <heads)"
    [ "$(wc -l <heads)" -eq "$(pages "$HERE/build/handout.pdf")" ]
    [ "$pages" -gt 60 ]
    [ "$pages" -le 110 ] || {
        cd "$COPY"
        CHAPTERS='00-13 80 81 90-97' scripts/dev/handout
        [ "$(pages build/handout-00-13-80-81-90-97.pdf)" -le 110 ]
    }
}

@test "few pages are more than a third empty" {
    # The text of a page stands between 17 and 283 mm.
    awk -F '"' '
        /<page/ { page++; last[page] = 0 }
        /<word/ && $8 < 283 * 72 / 25.4 && $8 > last[page] { last[page] = $8 }
        END {
            for (page in last)
                if (last[page] < (283 - .35 * 266) * 72 / 25.4) print page
        }' "$BATS_FILE_TMPDIR/words.html" | sort -n >early
    echo "pages $(paste -sd " " early)"
    [ "$(wc -l <early)" -le 4 ]
}

# pages PDF: how many it has.
pages() { pdfinfo "$1" | awk '$1 == "Pages:" { print $2 }'; }

# copied_with COMMAND...: the programs that are whole in the book, and all
# lessons in programs.pdf, compile as COMMAND reads them. It gets a PDF and
# writes its text to stdout.
copied_with() {
    local name
    for name in handout programs; do
        "$@" "$HERE/build/$name.pdf" >$name.txt
    done
    compiles_from handout.txt '0[1-5]*.c faulty/*.c'
    compiles_from programs.txt '[0-9]*.c'
}

text() { pdftotext "$@" -; }
drawn() { mutool draw -q -F txt "$1"; }

@test "code copied out with pdftotext compiles and is the program" {
    copied_with text
}

@test "code copied out with pdftotext -layout compiles and is the program" {
    copied_with text -layout
}

@test "code copied out with pdftotext -raw compiles and is the program" {
    copied_with text -raw
    # What the engine writes at the end of a page would be copied, too.
    run ! grep -nE '^ *(•|[1-9]\.) *$' handout.txt
}

@test "code copied out with mutool compiles and is the program" {
    need mutool
    copied_with drawn
}

# copied_from PAGE...: the text of pages as a browser copies it.
copied_from() {
    timeout "$((20 * PATIENCE))" python3 "$ROOT/tests/support/browser.py" text "$@"
}

@test "code copied out of the site's pages compiles and is the program" {
    need chromium
    copied_from "$HERE"/build/site/*.html >site.txt
    compiles_from site.txt '[0-9]*.c faulty/*.c'
}

@test "code copied out of the EPUB compiles and is the program" {
    need chromium
    python3 -m zipfile -e "$HERE/build/handout.epub" epub
    copied_from epub/EPUB/text/*.xhtml >epub.txt
    compiles_from epub.txt '0[1-5]*.c faulty/*.c'
}

@test "the sources come out of the PDF byte for byte" {
    local file
    mkdir out
    pdfdetach -saveall -o out "$HERE/build/handout.pdf"
    # as_shipped.c, which scripts/reset brings back, is a copy.
    for file in $(cd "$HERE" &&
        find lessons -name '*.[ch]' ! -name as_shipped.c -o -name '*.py'); do
        cmp "$HERE/$file" "out/$(basename "$file")"
    done
}

@test "links and references resolve, ids are unique, no heading is empty" {
    silent ask links
}

@test "every figure has its text alternative" {
    silent ask figures
}

@test "no word is used before the chapter that explains it" {
    silent ask terms
}

@test "the spelling is right, or the word is in docs/spelling-words.txt" {
    local unknown
    need aspell
    ask text >prose.txt
    [ "$(wc -w <prose.txt)" -gt 3000 ]
    unknown=$(aspell list --lang=en_GB --encoding=utf-8 <prose.txt |
        sort -u | grep -vxFf "$HERE/docs/spelling-words.txt" || true)
    silent echo "$unknown"
}

@test "no placeholder is left" {
    run -1 grep -nE 'TO''DO|FIX''ME|XX''X|TB''D|lorem|\?\?\?' -r \
        "$HERE"/docs --include='*.md' --include='*.svg' --include='*.yaml'
    grep -qF 'In short' "$BATS_FILE_TMPDIR/book.txt"
}

@test "each colour of the site has a value for the night" {
    local colour
    grep -oE 'var\(--[a-z]+' "$HERE"/docs/handout.css "$HERE"/docs/web/site.css |
        sed 's/.*--//' | sort -u >used
    [ "$(wc -l <used)" -gt 10 ]
    while read -r colour; do
        grep -qE "^ *--$colour: light-dark\(" "$HERE/docs/web/site.css"
    done <used
    # The plain rules of the book, and those of the site, name no colour.
    silent awk '/^@media print/,/^}/ { next } /^:root/,/^}/ { next } /^@page/,/^}/ { next }
        /#[0-9a-f][0-9a-f][0-9a-f]/ && !/light-dark|--[a-z]+: #|shadow/' \
        "$HERE"/docs/handout.css "$HERE"/docs/web/site.css
}

@test "a line of output is whole, on paper and in the EPUB, and one that is too wide goes on further in" {
    python3 - "$HERE/build/.handout/page.html" "$HERE/build/handout.epub" "$HERE/docs/runs" <<'PYTHON'
import html, os, re, sys, zipfile
*books, runs = sys.argv[1:]
for book in books:
    if book.endswith(".epub"):
        pack = zipfile.ZipFile(book)
        page = "".join(pack.read(name).decode() for name in pack.namelist() if name.endswith((".xhtml", ".css")))
    else:
        page = re.sub("<!--/?s-->", "", open(book, encoding="utf-8").read())
    shown = set()
    for turn in re.findall('<div class="turn .*?</div>', page, re.S):
        for kind, line in re.findall('<span class="([^"]*)">([^<]+)', turn):
            assert line.find("\n") in (-1, len(line) - 1), line
            assert kind in ("screen", "short", "own", "blank") or re.search(
                r"(?m)^\.turn \." + kind + r"[ ,].*text-indent|^\.turn \.meaning", page), kind
            shown.add(html.unescape(line).strip())
    assert len(shown) > 600, len(shown)
    for run in os.listdir(runs):
        if "-" not in run:
            for line in open(os.path.join(runs, run), encoding="utf-8"):
                fields = line.rstrip("\n").replace("\xa0", " ").split("\t")
                if fields[1] and fields[0] in ("means", "error", "kernel", "note"):
                    assert fields[17].strip() in shown, (book, run, fields[17])
PYTHON
}

@test "the EPUB is well-formed and holds every chapter" {
    python3 - "$HERE/build/handout.epub" <<'PYTHON'
import sys, zipfile
from xml.etree import ElementTree
book = zipfile.ZipFile(sys.argv[1])
names = book.namelist()
assert names[0] == "mimetype", names[0]
text = ""
for name in names:
    if name.endswith((".xhtml", ".opf", ".ncx")):
        ElementTree.fromstring(book.read(name))
        text += book.read(name).decode()
for chapter in ("Before the first call", "the port starts to answer"):
    assert chapter in text, chapter
assert sum(name.endswith(".svg") for name in names) > 5, names
for what in "Mode", "ModeSufficient", "ibilityFeature", "ibilityHazard", "ibilitySummary":
    assert f'<meta property="schema:access{what}">' in text, what
PYTHON
}

@test "in the EPUB, rows stay rows, ladders are narrow, and no picture is wider than the screen" {
    python3 - "$HERE/build/handout.epub" <<'PYTHON'
import re, sys, zipfile
book = zipfile.ZipFile(sys.argv[1])
text = {name: book.read(name).decode() for name in book.namelist()
        if name.endswith((".xhtml", ".css"))}
looks = "".join(text[name] for name in text if name.endswith(".css"))
rows = set(re.findall('<tr class="([^"]+)"', "".join(text.values())))
assert "screen" in rows, rows
for row in rows:
    assert not re.search(r"(?m)^\." + row + r" \{[^}]*display:", looks), row
assert re.search(r"(?m)^img \{[^}]*max-width: 100%", looks)
# Letters of 11 in a drawing of 370 can be read on a phone.
ladders = re.findall('<figure class="ladder".*?</figure>', "".join(text.values()), re.S)
drawn = [name for ladder in ladders for name in re.findall('<img src="../([^"]+)', ladder)]
assert len(ladders) > 15 and len(drawn) > 150, (len(ladders), len(drawn))
for name in drawn:
    width = re.search('viewBox="0 0 ([0-9.]+)', book.read("EPUB/" + name).decode())[1]
    assert float(width) < 400, (name, width)
PYTHON
}

# bats test_tags=second
@test "epubcheck finds nothing in the EPUB" {
    local jar=/usr/share/java/epubcheck.jar
    need java
    [ -e $jar ] || skip 'epubcheck is not here'
    # It ends too soon for a better compilation of it to pay off.
    run java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -jar $jar \
        "$HERE/build/handout.epub"
    [ "$status" -eq 0 ]
    [[ $output == *'No errors or warnings detected.'* ]]
}

@test "the sheet has two pages, every call and the licences" {
    local call
    pdfinfo "$HERE/build/sheet.pdf" | grep -q '^Pages: *2$'
    pdftotext -layout "$HERE/build/sheet.pdf" sheet.txt
    awk '/^call: / { call = $2 } /^header: / && !other { print call }
        { other = /^in: / || !/^$/ && other }' "$HERE/docs/calls.txt" >calls
    [ -s calls ]
    while read -r call; do
        grep -q "[ *]$call(" sheet.txt
    done <calls
    pdfdetach -list "$HERE/build/sheet.pdf" | grep -q FONTS.txt
}

@test "the code on the sheet compiles" {
    # The first block has the headers, each other the body of a function.
    awk '/^```c/ { code = 1; if (block++) print "int f" block "(int s, char *bytes, size_t left) {"; next }
        /^```/ { if (block == 1) print known; else if (code) print "return 0; }"; code = 0 }
        code' known='enum { MOST = 9 }; void converse(int); int serve(int);
            static char line[99], *newline; static size_t got;' \
        "$HERE/docs/sheet.md" >sheet.c
    [ "$(grep -c '^int f' sheet.c)" -eq 6 ]
    ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror \
        -Wno-unused-parameter -fsyntax-only sheet.c
}

# bats test_tags=second
@test "the sheet has two pages of US Letter, too" {
    cd "$COPY"
    # The book counts as made, since it would take long.
    cp build/handout.pdf build/handout-letter.pdf
    cp build/.handout.pdf build/.handout-letter.pdf
    PAPER=letter run -0 scripts/dev/handout
    [ "$(pages build/sheet-letter.pdf)" -eq 2 ]
}

@test "the licences travel with what is built" {
    local product
    cmp "$HERE/LICENSE" "$HERE/build/LICENSE"
    cmp "$HERE/docs/FONTS.txt" "$HERE/build/FONTS.txt"
    for product in handout programs sheet lecture-notes; do
        pdfdetach -list "$HERE/build/$product.pdf" >attached
        grep -q 'LICENSE$' attached
        grep -q 'FONTS.txt$' attached
    done
}

# bats test_tags=second
@test "a period of the lecture notes is a book of at most 30 pages" {
    cd "$COPY"
    PERIOD=1 run -0 scripts/dev/handout
    [ "$(pages build/period-1.pdf)" -le 30 ]
    silent python3 "$ROOT/tests/support/handout_page.py" links build/.period-1/page.html
}

# bats test_tags=second
@test "two builds, in two folders and time zones, give the same bytes" {
    local product there=elsewhere/and/deeper
    bookshop $there
    export TZ=Pacific/Auckland LANG=C LC_ALL=C
    $there/scripts/dev/handout
    diff -r "$HERE/build/site" "$there/build/site"
    for product in handout.pdf handout.epub programs.pdf sheet.pdf lecture-notes.pdf; do
        cmp "$HERE/build/$product" "$there/build/$product"
    done
}

@test "the PDF has its title, language, tags and bookmarks" {
    need qpdf
    pdfinfo "$HERE/build/handout.pdf" >info
    grep -q "^Title: *$(sed -n 's/^title: //p' "$HERE/docs/handout.yaml")$" info
    grep -q '^Author: *[A-Za-z]' info
    grep -q '^Tagged: *yes' info
    grep -q '^Page size: .*A4' info
    qpdf --qdf "$HERE/build/handout.pdf" plain.pdf
    grep -aq '/Lang (en-GB)' plain.pdf
    grep -aqE '/Title \((00 )?Before the first call\)' plain.pdf
}

# bats test_tags=second
@test "a screen reader gets each figure's text, each column's title, and links in their place" {
    local figures
    need qpdf
    figures=$(ask drawings)
    [ "$figures" -gt 60 ]
    qpdf --qdf --object-streams=disable "$HERE/build/handout.pdf" plain.pdf
    [ "$(grep -ac '/S /Figure' plain.pdf)" -eq "$figures" ]
    [ "$(grep -ac '^  /Alt (\|^  /Alt <' plain.pdf)" -eq "$figures" ]
    [ "$(grep -ac '/S /TH$' plain.pdf)" -gt 90 ]
    [ "$(grep -ac '/S /TH$' plain.pdf)" -eq "$(grep -ac '/Scope /Column' plain.pdf)" ]
    # What is drawn first, as a float is, is read where it stands.
    cd "$COPY"
    CHAPTERS='03 11 14' run -0 scripts/dev/handout
    pdfinfo -struct-text build/handout-03-11-14.pdf >read.txt
    awk '/"(14 A length|Code|14_framing_server)/ { print $1 }' read.txt |
        grep -A2 '"14$' >order.txt
    diff order.txt - <<<$'"14\n"Code"\n"14_framing_server.c'
    grep -A3 '"Lesson 11"$' read.txt | grep -q '^ *" shows what'
    # A running head is no part of the text.
    run ! grep -F '"/* 14 ' read.txt
}

@test "all fonts are embedded" {
    pdffonts "$HERE/build/handout.pdf" >fonts
    [ "$(wc -l <fonts)" -gt 5 ]
    silent awk 'NR > 2 && $(NF - 4) != "yes"' fonts
    grep -q Charis fonts
    grep -q Inter fonts
    grep -q JetBrains fonts
}

@test "nothing runs over the edge of the paper, nor into its margin" {
    # Text and notes end 12 mm from the right edge; a word may have 1 mm more.
    silent awk -F '"' '
        /<page/ { width = $2; height = $4; page++ }
        /<word/ && ($6 > width - 31 || $8 > height - 20 || $2 < 20) {
            print "page " page ": " $0
        }' "$BATS_FILE_TMPDIR/words.html"
}

@test "no line ends inside a path or an option, or begins with a blank" {
    run ! grep -nE '(^| )(\./|-)$' "$BATS_FILE_TMPDIR/book.txt"
    run ! grep -nE '<p>(<[^>]*>)* ' "$HERE/build/.handout/page.html"
}

@test "in a table of errors, an example is one that fails so" {
    local page=$HERE/build/.handout/page.html
    grep -q 'only root may use 127.0.0.1:80: ' "$page"
    run ! grep -E '127\.0\.0\.1 does not belong|(route to|back from|deliver to|ahosts) 127\.0\.0\.1' "$page"
}

@test "no words lie on others" {
    local name
    for name in sheet lecture-notes; do
        pdftotext -bbox "$HERE/build/$name.pdf" -
    done | cat "$BATS_FILE_TMPDIR/words.html" - >words.html
    silent python3 - words.html <<'PYTHON'
import math, re, sys
HEIGHT = 3.5  # points; words that share more lie on a row of the grid below
page, grid, number = 0, {}, r'="([\d.]+)" '
word = re.compile("<word xMin" + number + "yMin" + number + "xMax" + number
                  + r'yMax="([\d.]+)">(.*)</word>')
for line in open(sys.argv[1]):
    if "<page" in line:
        page += 1
    for *box, text in word.findall(line):
        left, top, right, bottom = map(float, box)
        for row in range(math.ceil(top / HEIGHT), int(bottom / HEIGHT) + 1):
            grid.setdefault((page, row), []).append((left, right, top, bottom, text))
assert len(grid) > 5000, len(grid)
for (page, row), words in grid.items():
    before = []
    for left, right, top, bottom, text in sorted(words):
        before = [other for other in before if other[1] - left > 1]
        for other in before:
            if (right - left > 1 and min(bottom, other[3])
                    - max(top, other[2]) > HEIGHT):
                print(f"page {page}: {text} and {other[4]}")
        before.append((left, right, top, bottom, text))
PYTHON
}

@test "what has not changed is not made again" {
    cd "$HERE"
    run -0 scripts/dev/handout
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == 'handout: done: '* ]]
}

# bats test_tags=second
@test "CHAPTERS makes a book of some chapters; links to others become words" {
    local heading page=build/.handout-03-01-03-70-97/page.html
    cd "$COPY"
    CHAPTERS='03 01-03 70 97' run -0 scripts/dev/handout
    silent python3 "$ROOT/tests/support/handout_page.py" links "$page"
    # A chapter that is named twice is in it once, and each has the
    # number that it has in the whole book.
    [ "$(grep -c '<section id="ch-' "$page")" -eq 5 ]
    grep -o '<h1 class="[ac].*</h1>' "$page" >headings
    [ "$(wc -l <headings)" -eq 5 ]
    while read -r heading; do
        grep -qF "$heading" "$HERE/build/.handout/page.html"
    done <headings
    # Of the answers, only those to these chapters' questions.
    [ "$(grep -c 'id="answers-' "$page")" -eq 3 ]
    grep -q 'class="index"' "$page"
    grep -q 'id="contents"' "$page"
}

@test "CHAPTERS makes one chapter alone, PAPER another size, ANSWERS=no no answers" {
    local name=build/handout-03-97-no-answers
    cd "$COPY"
    CHAPTERS='03 97' PAPER=letter ANSWERS=no run -0 scripts/dev/handout
    pdfinfo $name-letter.pdf | grep -q '^Page size: .*letter'
    pdftotext $name-letter.pdf - | grep -q 'the port starts'
    [ -s build/site-03-97-no-answers/listen.html ]
    run ! grep -qE 'id="answers-|class="answer"' build/.handout-03-97-no-answers/page.html
    # The chapter of answers alone has them all.
    CHAPTERS=97 run scripts/dev/handout
    [ "$(grep -c 'id="answers-' build/.handout-97/page.html)" -eq \
        "$(grep -c 'id="answers-' "$HERE/build/.handout/page.html")" ]
}
