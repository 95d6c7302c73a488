# The ladders of the book: each is drawn from the records of its run.

load helper

NEEDS='pandoc weasyprint pdftotext python3'
RUNS='05 06 07 08 11 12 15 18' # what setup_file makes chapters of

setup_file() {
    # shellcheck disable=SC2086 # names of tools are words
    type -P $NEEDS >/dev/null || return 0
    cd "$BATS_FILE_TMPDIR" || return
    bookshop here
    export HERE=$BATS_FILE_TMPDIR/here
    export PAGE=$HERE/build/.handout-${RUNS// /-}/page.html
    CHAPTERS=$RUNS here/scripts/dev/handout >here.out 2>&1 || {
        cat here.out >&2
        return 1
    }
    python3 "$ROOT/tests/support/ladder.py" "$PAGE" .
}

ask() { cat "$BATS_FILE_TMPDIR/$2.$1"; }

@test "every segment of a run is in its ladder, in the order of the wire" {
    local run
    for run in $RUNS; do
        awk -F '\t' '$1 == "segment" {
            gsub(/\|/, ", ", $8)
            print $8 ($17 > 0 ? ", " $17 " byte" ($17 > 1 ? "s" : "") : "")
        }' "$HERE/docs/runs/$run" >wire
        [ -s wire ]
        ask words "$run" | grep -oE '((SYN|ACK|PSH|RST|FIN|UDP)(, )?)+([0-9]+ bytes?)? from the' |
            sed 's/ from the$//' | diff wire -
    done
}

@test "every call of a run is in its ladder, unless it is known" {
    local calls drawn
    calls=$(awk -F '\t' '$1 == "call"' "$HERE/docs/runs/12" | wc -l)
    [ "$calls" -gt 10 ]
    # Twice, the two calls of fcntl are one row.
    drawn=$(ask words 12 | grep -oE ' calls [a-z]+\(' | wc -l)
    [ "$drawn" -eq $((calls - 4)) ]
    [ "$(ask words 12 | grep -o 'calls fcntl, fcntl: as in 11' | wc -l)" -eq 2 ]
}

@test "a bar is drawn where a call blocks, and nowhere else" {
    [ "$(ask svg 05 | grep -c '<rect class="bar ')" -eq 4 ]
    [ "$(ask words 05 | grep -o 'which blocks' | wc -l)" -eq 4 ]
    ask words 05 | grep -q 'The server calls accept(3, &peer, &length), which blocks\.'
    [ "$(ask words 05 | grep -c 'listen(.*), which blocks')" -eq 0 ]
}

@test "what a child calls is said to be its own, and blocks beside its parent" {
    ask words 15 | tr '\n' ' ' >words
    grep -q 'The server, child 2: recv(4, buffer, 65536, 0), which blocks\.' words
    grep -q 'The server, child 2: = 28, from recv\.' words
    # accept blocks three times, and returns twice.
    [ "$(grep -o 'The server calls accept([^)]*), which blocks' words | wc -l)" -eq 3 ]
    [ "$(grep -o 'The server has from ' words | wc -l)" -eq 2 ]
    [ "$(grep -o 'The server has from accept: = 4\.' words | wc -l)" -eq 2 ]
    # Bars: of two clients, the parent and two children.
    [ "$(ask svg 15 | grep -o '<rect class="bar ink" x="[^"]*"' | sort -u | wc -l)" -eq 5 ]
}

@test "a text that is cut has one ellipsis" {
    ask texts 08 | grep -F 'A datagram that is …",'
    [ "$(ask texts 08 | grep -cF '"...')" -eq 0 ]
}

@test "a segment stands behind the call that sends it" {
    ask words 07 | tr '\n' ' ' >words
    grep -q 'calls shutdown(3, SHUT_WR) = 0. FIN, ACK from the client' words
    grep -q 'calls close(4) = 0. FIN, ACK from the server' words
}

@test "what the kernel holds is beside each side" {
    ask texts 07 | grep -x 'fd 3 FIN-WAIT-1'
    ask texts 07 | grep -x 'fd 4 CLOSE-WAIT'
    ask texts 07 | grep -x 'fd 3 TIME-WAIT'
    ask words 07 | grep -q 'The server has in its kernel: fd 4 CLOSE-WAIT\.'
}

@test "the three endings of 05 are side by side, in one image" {
    [ "$(ask words 05 | wc -l)" -eq 1 ]
    [ "$(ask texts 05 | grep -cx 'client')" -eq 3 ]
    ask texts 05 | grep -x 'ECONNREFUSED'
}

@test "the caption of a ladder says what its run shows" {
    grep -q 'demo 05: the same client, several servers\.' "$PAGE"
    grep -q 'demo 18: nobody there, .*; then lost, doubled, late\.' "$PAGE"
}

@test "the program that a run does not show has a life line" {
    ask texts 12 | grep -x 'other side'
    ask words 12 | grep -q 'RST, ACK from the other side to the client\.'
}

@test "what a ladder draws, its words say" {
    local run
    for run in $RUNS; do
        # In ladders side by side, calls have no arguments.
        ask words "$run" | sed 'p; s/([^)]*)//g' | tr -d ' \n,' >words
        [ -s words ]
        ask texts "$run" | tr -d ' ,' | awk '
            NR == FNR { words = words $0; next }
            !index(words, $0) { print run ": " $0 }' run="$run" words - >missing
        diff /dev/null missing
    done
}

@test "a ladder is black and white, without a style sheet, and 8 points high" {
    local run
    for run in $RUNS; do
        ask svg "$run" | sed 's/<style>[^<]*<\/style>//' >drawn
        [ "$(grep -c '<text' drawn)" -gt 10 ]
        [ "$(grep '<text' drawn | grep -vc ' fill="#111"')" -eq 0 ]
        [ "$(grep '<rect' drawn | grep -vc ' fill="#')" -eq 0 ]
        grep -oE '#[0-9a-f]{3,6}"' drawn | sort -u >colours
        [ "$(grep -vcE '#(.)\1\1"|#(..)\2\2"' colours)" -eq 0 ]
        # 672 units are 178 mm, so that 11 are 8.26 points.
        [ "$(grep '<svg' drawn | grep -vc ' width="672" ')" -eq 0 ]
        [ "$(grep -o 'font-size="[^"]*"' drawn | sort -u)" = 'font-size="11"' ]
    done
    grep -q 'figure.ladder img { display: block; width: 178mm; }' "$HERE/docs/handout.css"
}

@test "paper has beside a ladder only what is explained for the first time" {
    pdftotext -layout "$HERE/build/handout-${RUNS// /-}.pdf" book.txt
    grep -q 'We have said all: a FIN follows our last byte' book.txt
    [ "$(grep -c 'Our TCP socket is descriptor' book.txt)" -eq 0 ]
    grep -q 'Our TCP socket is descriptor' "$PAGE"
}

@test "a changed record changes ladder and transcript" {
    local page=book/build/.handout-06/page.html
    cp -a "$HERE" book
    echo 'import sys; open(sys.argv[-1], "w")' >book/docs/paper.py # no paper
    sed -i '/^call\tserver.*\tsend\t/s/\t23\t\(.*\)= 23$/\t21\t\1= 21/' \
        book/docs/runs/06
    sed -i '/^segment\tFIN/d; /^segment.*\tFIN|ACK\t/d' book/docs/runs/06
    CHAPTERS=06 book/scripts/dev/handout
    python3 "$ROOT/tests/support/ladder.py" $page .
    ask texts 06 | grep 'MSG_NOSIGNAL) = 23'
    [ "$(grep -c 'MSG_NOSIGNAL) = 23' 06.texts)" -eq 0 ]
    grep 'MSG_NOSIGNAL) = 21' 06.texts
    ask texts 06 | grep 'FIN, ACK'
    [ "$(grep -c 'FIN, ACK' 06.texts)" -eq 0 ]
    grep -q 'send(4, &quot;Hello from the server!\\n&quot;, 23, MSG_NOSIGNAL) = 21' $page
}
