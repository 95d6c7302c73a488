# The handout: all of it is real, its code can be copied out of it, and it
# can be navigated.

load helper

NEEDS='pandoc weasyprint pdftotext python3'

setup_file() {
    # Then every test is skipped. Here, bats 1.8 would call it a failure.
    # shellcheck disable=SC2086 # names of tools are words
    type -P $NEEDS >/dev/null || return 0
    cd "$BATS_FILE_TMPDIR" || return
    bookshop here
    export HERE=$BATS_FILE_TMPDIR/here SOURCE_DATE_EPOCH=1700000000
    TZ=America/New_York here/scripts/handout >here.out 2>&1 || {
        cat here.out >&2
        return 1
    }
    cp -a here copy
    export COPY=$BATS_FILE_TMPDIR/copy
    local lesson
    for lesson in here/lessons/[0-9]*.c; do
        here/scripts/bare "${lesson%.c}" >"plain.${lesson##*/}"
    done
}

ask() {
    local question=$1
    shift
    python3 "$ROOT/tests/support/handout_page.py" "$question" "$HERE/build/handout.html" "$@"
}

# silent COMMAND...: it succeeds and has nothing to say.
silent() {
    local said
    said=$("$@" 2>&1) && [ -z "$said" ] && return
    echo "$said"
    return 1
}

# The lessons NAME... as they were copied out of a PDF, text in $1: each
# compiles with nothing beside it, and is the plain lesson but for its
# comments.
compiles_from() {
    local lesson text=$1
    shift
    mkdir copied
    awk '
        /^[ \f]*\/\* [0-9]+_[a-z_]+\.c \*\/ *$/ {
            name = $0
            gsub(/[^0-9a-z_.]/, "", name)
            copying = 1
        }
        copying { print >("copied/" name) }
        /\/\* end of / { copying = 0 }
    ' "$text"
    (cd copied && ${CC:-cc} -Wall -Wextra -Werror -c "${@##*/}")
    for lesson in "${@##*/}"; do
        cmp <(bare "$(plain "$lesson")") <(bare "copied/$lesson")
    done
}

# The file with a lesson without the lines that make it talk.
plain() { echo "$BATS_FILE_TMPDIR/plain.$1"; }

# A program without comments and white space.
bare() {
    ${CC:-cc} -fpreprocessed -dD -E -P "$1" 2>&- | tr -d ' \t\f\n'
}

# A program without the comment at its head, and the blank line after it.
headless() {
    awk '!body && /^\/\// { next } !body && $0 == "" { next }
        { body = 1; print }'
}

@test "every lesson is in the book, and whole" {
    local lesson name
    mkdir weave whole
    ask code weave weave
    ask code whole whole
    for lesson in "$HERE"/lessons/[0-9]*.c; do
        name=$(basename "$lesson")
        [ -s "whole/$name" ]
        case $name in
        0[1-5]*) [ ! -e "weave/$name" ] ;;
        *) [ -s "weave/$name" ] ;;
        esac
    done
}

@test "the woven code, joined, is the plain program less its prose" {
    local file
    mkdir weave
    ask code weave weave
    [ -s weave/06_send_recv_client.c ]
    for file in weave/*.c; do
        grep -vE '^ *//( |$)' "$(plain "${file#*/}")" | diff - "$file"
    done
}

@test "a whole listing is the plain program" {
    local file
    mkdir whole
    ask code whole whole
    for file in whole/[0-9]*.c; do
        case $file in
        */0[1-5]*) headless <"$(plain "${file#*/}")" | diff - "$file" ;;
        *) diff "$(plain "${file#*/}")" "$file" ;;
        esac
    done
}

@test "no program is printed twice" {
    pdftotext "$HERE/build/handout.pdf" book.txt
    [ "$(grep -c '/\* end of 0[1-5]_' book.txt)" -eq 5 ]
    [ "$(grep -c '/\* end of [0-9]' book.txt)" -eq 5 ]
}

# bats test_tags=second
@test "lessons 00 to 13, lab, Python and appendices have at most 110 pages" {
    local pages
    cd "$COPY"
    CHAPTERS='00-13 80 81 90-97' run -0 scripts/handout
    [ "$(grep -c '<section id="ch-' build/handout-00-13-80-81-90-97.html)" -eq 25 ]
    pages=$(pdfinfo build/handout-00-13-80-81-90-97.pdf |
        awk '$1 == "Pages:" { print $2 }')
    echo "$pages pages"
    [ "$pages" -gt 60 ]
    [ "$pages" -le 110 ]
}

@test "every transcript is in the book" {
    local file
    for file in "$HERE"/docs/transcripts/*.txt; do
        grep -qE "^::: \{\.(transcript|dump) file=\"$(basename "$file" .txt)\"" \
            "$HERE"/docs/chapters/*.md || {
            echo "no chapter shows $file"
            return 1
        }
    done
}

# copies COMMAND...: the command, given a PDF, prints its text.
copies() {
    "$@" "$HERE/build/handout.pdf" >book.txt
    compiles_from book.txt "$HERE"/lessons/0[1-5]*.c
    rm -r copied
    "$@" "$HERE/build/programs.pdf" >book.txt
    compiles_from book.txt "$HERE"/lessons/[0-9]*.c
}

text_of() { pdftotext "$1" -; }
layout_of() { pdftotext -layout "$1" -; }

@test "code copied out with pdftotext compiles and is the lesson" {
    copies text_of
}

@test "code copied out with pdftotext -layout compiles and is the lesson" {
    copies layout_of
}

@test "code copied out with mutool compiles and is the lesson" {
    need mutool
    copies mutool draw -q -F txt
}

@test "the sources come out of the PDF byte for byte" {
    local file
    mkdir out
    pdfdetach -saveall -o out "$HERE/build/handout.pdf"
    # What scripts/reset brings back is the exercise itself once more.
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

@test "the words that every course needs are explained, each in its lesson" {
    local chapter word missing=
    while read -r chapter word; do
        grep -qiE "\[\`?$word(s|ing)?\`?\]\{\.term" \
            "$HERE/docs/chapters/$chapter"-*.md || missing+="$chapter $word, "
    done <<'WORDS'
00 process
00 kernel
00 system call
00 host
00 port
00 loopback
00 network byte order
00 client
00 server
00 segment
00 datagram
00 stream
01 descriptor
01 errno
03 handshake
03 SYN
03 ACK
03 backlog
03 queue
00 block
04 peer
05 ephemeral port
05 RST
06 buffer
07 FIN
07 half-close
07 TIME-WAIT
WORDS
    [ -z "$missing" ] || {
        echo "not explained: $missing"
        return 1
    }
}

@test "the spelling is right, or the word is in docs/spelling-words.txt" {
    local unknown
    need aspell
    ask text >prose.txt
    [ "$(wc -w <prose.txt)" -gt 3000 ]
    unknown=$(aspell list --lang=en_GB --encoding=utf-8 <prose.txt |
        sort -u | grep -vxFf "$HERE/docs/spelling-words.txt" || true)
    [ -z "$unknown" ] || {
        echo "unknown words: $unknown"
        return 1
    }
}

@test "no placeholder is left" {
    local left
    left=$(grep -nE 'TO''DO|FIX''ME|XX''X|TB''D|lorem|\?\?\?' -r \
        "$HERE"/docs --include='*.md' --include='*.svg' \
        --include='*.yaml' || true)
    [ -z "$left" ] || {
        echo "$left"
        return 1
    }
    pdftotext "$HERE/build/handout.pdf" - | grep -qF 'In short'
}

@test "the web page needs no network" {
    silent ask outside
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
PYTHON
}

# bats test_tags=second
@test "epubcheck finds nothing in the EPUB" {
    local jar=/usr/share/java/epubcheck.jar
    need java
    [ -e $jar ] || skip 'epubcheck is not here'
    # It ends before it would be worth to compile it well.
    run java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -jar $jar \
        "$HERE/build/handout.epub"
    [ "$status" -eq 0 ]
    [[ $output == *'No errors or warnings detected.'* ]]
}

@test "each declaration in docs/calls.txt is the one of its header" {
    awk -F ': ' '
        /^header: / { print "#include <" $2 ">" }
    ' "$HERE/docs/calls.txt" | sort -u >calls.c
    awk '/^prototype: / { sub("prototype: ", ""); on = 1 }
        on && !/^header/ { print }
        /^header/ { on = 0 }' "$HERE/docs/calls.txt" >declared
    [ "$(grep -c '^[^ ].*(' declared)" -eq "$(grep -c '^call: ' "$HERE/docs/calls.txt")" ]
    cat declared >>calls.c
    ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -Werror -c calls.c -o x.o
}

@test "every question has its answer" {
    local file number
    for file in "$HERE"/docs/chapters/*.md; do
        number=${file##*/}
        number=${number%%-*}
        [ "$(counted '::: {.tryit}' "$file")" -eq "$(counted \
            "::: {.answers chapter=\"$number\"}" \
            "$HERE/docs/chapters/97-answers.md")" ]
    done
}

# counted MARKER FILE: how many numbered items stand between the marker
# and the end of its box.
counted() {
    awk -v marker="$1" '$0 == marker { on = 1 } $0 == ":::" { on = 0 }
        on && /^[0-9]+\. / { count++ } END { print count + 0 }' "$2"
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
    PERIOD=1 run scripts/handout
    [ "$status" -eq 0 ]
    [ "$(pdfinfo build/period-1.pdf | awk '$1 == "Pages:" { print $2 }')" -le 30 ]
    silent python3 "$ROOT/tests/support/handout_page.py" links build/period-1.html
}

# bats test_tags=second
@test "two builds, in two folders and time zones, give the same bytes" {
    local product
    bookshop elsewhere/and/deeper
    TZ=Pacific/Auckland LANG=C LC_ALL=C elsewhere/and/deeper/scripts/handout
    for product in handout.pdf handout.html handout.epub programs.pdf \
        sheet.pdf lecture-notes.pdf; do
        cmp "$HERE/build/$product" "elsewhere/and/deeper/build/$product"
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
    grep -aq '/Title (Before the first call)' plain.pdf ||
        grep -aq '/Title (00 Before the first call)' plain.pdf
}

@test "all fonts are embedded" {
    pdffonts "$HERE/build/handout.pdf" >fonts
    [ "$(wc -l <fonts)" -gt 5 ]
    silent awk 'NR > 2 && $(NF - 4) != "yes"' fonts
    grep -q Charis fonts
    grep -q Inter fonts
    grep -q JetBrains fonts
}

@test "nothing runs over the edge of the paper" {
    pdftotext -bbox "$HERE/build/handout.pdf" words.html
    silent awk -F '"' '
        /<page/ { width = $2; height = $4; page++ }
        /<word/ && ($6 > width - 20 || $8 > height - 20 || $2 < 20) {
            print "page " page ": " $0
        }' words.html
}

@test "no words lie on others" {
    pdftotext -bbox "$HERE/build/handout.pdf" words.html
    silent python3 - <<'PYTHON'
import re
page, rows, number = 0, {}, r'="([\d.]+)" '
word = re.compile("<word xMin" + number + "yMin" + number + "xMax" + number
                  + r'yMax="([\d.]+)">(.*)</word>')
for line in open("words.html"):
    if "<page" in line:
        page, rows = page + 1, {}
    for found in word.findall(line):
        left, top, right, bottom = map(float, found[:4])
        for row in range(int(top) // 4, int(bottom) // 4 + 1):
            for others in rows.get(row, ()):
                if (min(right, others[2]) - max(left, others[0]) > 1
                        and min(bottom, others[3]) - max(top, others[1]) > 3.5):
                    print(f"page {page}: {found[4]} and {others[4]}")
            rows.setdefault(row, []).append((left, top, right, bottom, found[4]))
PYTHON
}

@test "what has not changed is not made again" {
    cd "$HERE"
    run scripts/handout
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == 'handout: done: '* ]]
}

@test "CHAPTERS makes a book of some chapters; links to others become words" {
    local page=build/handout-05-01-03-97.html
    cd "$COPY"
    CHAPTERS='05 01-03 97' run scripts/handout
    [ "$status" -eq 0 ]
    silent python3 "$ROOT/tests/support/handout_page.py" links "$page"
    [ "$(grep -c '<section id="ch-' "$page")" -eq 5 ]
    # Of the answers, those to what these ask.
    [ "$(grep -c 'id="answers-' "$page")" -eq 4 ]
    grep -q 'class="index"' "$page"
    grep -q 'id="contents"' "$page"
}

@test "CHAPTERS makes one chapter alone, PAPER another size, ANSWERS=no no answers" {
    local name=build/handout-03-97-no-answers
    cd "$COPY"
    CHAPTERS='03 97' PAPER=letter ANSWERS=no run scripts/handout
    [ "$status" -eq 0 ]
    pdfinfo $name-letter.pdf | grep -q '^Page size: .*letter'
    pdftotext $name-letter.pdf - | grep -q 'the port starts'
    [ -s $name.html ]
    run ! grep -q 'id="answers-' $name.html
}
