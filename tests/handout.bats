# The handout: all of it is real, its code can be copied out of it, it
# can be navigated, and whoever breaks it is told what is wrong.
#
# The book is made once, and at the same time once more in another
# folder and time zone; the tests look at what came out.

load helper

NEEDS='pandoc weasyprint pdftotext python3'

setup_file() {
    # Then every test is skipped. Here, bats 1.8 would call it a failure.
    # shellcheck disable=SC2086 # names of tools are words
    type -P $NEEDS >/dev/null || return 0
    cd "$BATS_FILE_TMPDIR" || return
    mkdir -p here elsewhere/and
    cp -a "$ROOT"/docs "$ROOT"/lessons "$ROOT"/scripts here
    cp -a here elsewhere/and/deeper
    export SOURCE_DATE_EPOCH=1700000000
    TZ=Pacific/Auckland LANG=C LC_ALL=C \
        elsewhere/and/deeper/scripts/handout >elsewhere.out 2>&1 3>&- &
    TZ=America/New_York here/scripts/handout >here.out 2>&1 || {
        cat here.out >&2
        return 1
    }
    wait $! || {
        cat elsewhere.out >&2
        return 1
    }
    export HERE=$BATS_FILE_TMPDIR/here
    export ELSEWHERE=$BATS_FILE_TMPDIR/elsewhere/and/deeper
}

ask() {
    local question=$1
    shift
    python3 "$ROOT/tests/page.py" "$question" "$HERE/build/handout.html" "$@"
}

# silent COMMAND...: it succeeds and has nothing to say.
silent() {
    local said
    said=$("$@" 2>&1) && [ -z "$said" ] && return
    echo "$said"
    return 1
}

# The lessons as they were copied out of the PDF, text in $1: each
# compiles, also without the lines that ask to be told and with nothing
# beside it, and is the lesson but for its comments.
compiles_from() {
    local lesson
    mkdir copied alone
    awk '
        /^[ \f]*\/\* [0-9]+_[a-z_]+\.c \*\/ *$/ {
            name = $0
            gsub(/[^0-9a-z_.]/, "", name)
            copying = 1
        }
        copying { print >("copied/" name) }
        /\/\* end of / { copying = 0 }
    ' "$1"
    cp -R "$HERE"/lessons/narrate.h "$HERE"/lessons/narrator copied
    for lesson in "$HERE"/lessons/[0-9]*.c; do
        lesson=$(basename "$lesson")
        (cd copied && ${CC:-cc} -std=c11 -Wall -Werror -c "$lesson" -o x.o)
        untold "copied/$lesson" >"alone/$lesson"
        (cd alone && ${CC:-cc} -Wall -Wextra -Werror -c "$lesson" -o x.o)
        cmp <(bare "$HERE/lessons/$lesson") <(bare "copied/$lesson")
    done
}

# A program without narrate.h and the #defines directly above it.
untold() {
    awk '
        /^#define / { held = held $0 "\n"; next }
        $0 != "#include \"narrate.h\"" { printf "%s%s\n", held, $0 }
        { held = "" }
    ' "$1"
}

# A program without comments and white space.
bare() {
    ${CC:-cc} -fpreprocessed -dD -E -P "$1" 2>&- | tr -d ' \t\f\n'
}

@test "every lesson is in the book, annotated and whole" {
    local lesson
    mkdir weave whole
    ask code weave weave
    ask code whole whole
    for lesson in "$HERE"/lessons/[0-9]*.c; do
        [ -s "weave/$(basename "$lesson")" ]
        [ -s "whole/$(basename "$lesson")" ]
    done
}

@test "the woven code, joined, is the file less its prose" {
    local file
    mkdir weave
    ask code weave weave
    [ -s weave/03_listen.c ]
    for file in weave/*.c; do
        grep -vE '^ *//( |$)' "$HERE/lessons/$(basename "$file")" |
            diff - "$file"
    done
}

@test "the lines that ask to be told are marked, and no others" {
    local file kind
    for kind in weave whole; do
        mkdir "$kind"
        ask told "$kind" "$kind"
        for file in "$kind"/[0-9]*.c; do
            untold "$HERE/lessons/$(basename "$file")" |
                diff "$HERE/lessons/$(basename "$file")" - |
                sed -n 's/^< //p' >marked
            [ "$(wc -l <marked)" -ge 2 ]
            diff marked "$file"
        done
    done
}

@test "a whole listing is the file" {
    local file
    mkdir whole
    ask code whole whole
    for file in whole/[0-9]*.c; do
        diff "$HERE/lessons/$(basename "$file")" "$file"
    done
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

@test "code copied out with pdftotext compiles and is the lesson" {
    pdftotext "$HERE/build/handout.pdf" book.txt
    compiles_from book.txt
}

@test "code copied out with pdftotext -layout compiles and is the lesson" {
    pdftotext -layout "$HERE/build/handout.pdf" book.txt
    compiles_from book.txt
}

@test "code copied out with mutool compiles and is the lesson" {
    need mutool
    mutool draw -q -F txt -o book.txt "$HERE/build/handout.pdf"
    compiles_from book.txt
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
04 block
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

@test "the spelling is right, or the word is in docs/words.txt" {
    local unknown
    need aspell
    ask text >prose.txt
    [ "$(wc -w <prose.txt)" -gt 3000 ]
    unknown=$(aspell list --lang=en_GB --encoding=utf-8 <prose.txt |
        sort -u | grep -vxFf "$HERE/docs/words.txt" || true)
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

@test "two builds, in two folders and time zones, give the same bytes" {
    local product
    for product in handout.pdf handout.html handout.epub; do
        cmp "$HERE/build/$product" "$ELSEWHERE/build/$product"
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

@test "what has not changed is not made again" {
    cd "$HERE"
    run scripts/handout
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == 'handout: done: '* ]]
}

@test "CHAPTER makes a book of some chapters; links to others become words" {
    cd "$ELSEWHERE"
    CHAPTER='05 01-03' run scripts/handout
    [ "$status" -eq 0 ]
    page=build/chapter-05-01-03.html
    silent python3 "$ROOT/tests/page.py" links "$page"
    [ "$(grep -c '<section id="ch-' "$page")" -eq 4 ]
    grep -q 'class="index"' "$page"
    grep -q 'id="contents"' "$page"
}

@test "CHAPTER makes one chapter alone, PAPER another size" {
    cd "$ELSEWHERE"
    CHAPTER=03 PAPER=letter run scripts/handout
    [ "$status" -eq 0 ]
    pdfinfo build/chapter-03-letter.pdf | grep -q '^Page size: .*letter'
    pdftotext build/chapter-03-letter.pdf - | grep -q 'the port starts'
    [ -s build/chapter-03.html ]
}

# refuses PATTERN: the build of the copy in ./book stops with status 1
# and one line that matches.
refuses() {
    CHAPTER=${chapter-03} run --separate-stderr book/scripts/handout
    [ "$status" -eq 1 ]
    # shellcheck disable=SC2154 # bats sets it
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == 'handout: '$1 ]] || {
        echo "$stderr"
        return 1
    }
}

@test "a marker that names no file stops the build" {
    cp -a "$HERE" book
    sed -i 's/file="03_listen.c"/file="03_lisp.c"/' book/docs/chapters/03-*.md
    refuses 'docs/chapters/03-listen.md: lessons/03_lisp.c is not there*'
}

@test "a transcript that is not there stops the build" {
    cp -a "$HERE" book
    rm book/docs/transcripts/03.txt
    refuses '*docs/transcripts/03.txt is not there: record it with scripts/record*'
}

@test "a figure that is not there stops the build" {
    cp -a "$HERE" book
    rm book/docs/figures/backlog.svg
    refuses '*docs/figures/backlog.svg is not there*'
}

@test "a figure without a text alternative stops the build" {
    cp -a "$HERE" book
    sed -i '/backlog.svg/s/alt="[^"]*"//' book/docs/chapters/03-*.md
    refuses '*figures/backlog.svg has no text alternative*'
}

@test "an error that errors.h does not have stops the build" {
    cp -a "$HERE" book
    sed -i 's/{.errors calls="listen"/{.errors calls="listne"/' \
        book/docs/chapters/03-*.md
    refuses '*narrator has no row for listne*'
}

@test "a link to nowhere stops the build" {
    cp -a "$HERE" book
    echo 'See [there](#nowhere-at-all).' >>book/docs/chapters/03-listen.md
    chapter='' refuses 'docs/chapters/03-listen.md: a link goes to #nowhere-at-all*'
}

@test "a lesson that is in no chapter stops the build" {
    cp -a "$HERE" book
    cp book/lessons/03_listen.c book/lessons/03_new.c
    chapter='' refuses '*lessons/03_new.c is in no chapter*'
}

@test "a tool that is missing stops the build and is named" {
    local tool missing
    cp -a "$HERE" book
    mkdir bin
    for missing in pandoc weasyprint; do
        rm -rf bin && mkdir bin
        for tool in sh cc pandoc weasyprint git sed cat find sort date cksum \
            mktemp mkdir rm mv dirname tr awk grep cut paste uname id; do
            [ $tool = $missing ] || ln -s "$(command -v $tool)" bin
        done
        PATH=$PWD/bin run --separate-stderr book/scripts/handout
        [ "$status" -eq 1 ]
        [[ $stderr == *"handout: $missing is missing; scripts/setup handout installs it" ]]
    done
}

@test "wrong settings are refused" {
    PAPER=a5 run --separate-stderr "$HERE/scripts/handout"
    [ "$status" -eq 2 ]
    [[ $stderr == *'PAPER is a5; a4 or letter expected' ]]
    CHAPTER=77 run --separate-stderr "$HERE/scripts/handout"
    [ "$status" -eq 2 ]
    [[ $stderr == *'there is no chapter 77; there are: '*03-listen.md* ]]
    CHAPTER=01- run --separate-stderr "$HERE/scripts/handout"
    [ "$status" -eq 2 ]
    [[ $stderr == *'CHAPTER is 01-; numbers expected, as in 03 or 01-04' ]]
    run --separate-stderr "$HERE/scripts/handout" now
    [ "$status" -eq 2 ]
    [[ $stderr == *'no arguments expected, not: now'* ]]
}
