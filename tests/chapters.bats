# The chapters and lists that the handout is made from, before it is made.

load helper

DOCS=$ROOT/docs

@test "every run of a lesson and all other output is in the book" {
    local file
    for file in "$DOCS"/transcripts/*.txt "$DOCS"/runs/[0-9][0-9]; do
        grep -qE "^::: \{\.(transcript|dump) file=\"$(basename "$file" .txt)\"" \
            "$DOCS"/chapters/*.md || {
            echo "no chapter shows $file"
            return 1
        }
    done
}

@test "the words that every course needs are explained, each in its lesson" {
    local chapter word missing=
    while read -r chapter word; do
        grep -qiE "\[\`?$word(s|ing)?\`?\]\{\.term" \
            "$DOCS/chapters/$chapter"-*.md || missing+="$chapter $word, "
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

@test "each declaration in docs/calls.txt is the one of its header" {
    awk -F ': ' '
        /^header: / { print "#include <" $2 ">" }
    ' "$DOCS/calls.txt" | sort -u >calls.c
    awk '/^prototype: / { sub("prototype: ", ""); on = 1 }
        on && !/^header/ { print }
        /^header/ { on = 0 }' "$DOCS/calls.txt" >declared
    [ "$(grep -c '^[^ ].*(' declared)" -eq "$(grep -c '^call: ' "$DOCS/calls.txt")" ]
    cat declared >>calls.c
    ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -Werror -c calls.c -o x.o
}

@test "every question has its answer" {
    local file number
    for file in "$DOCS"/chapters/*.md; do
        number=${file##*/}
        number=${number%%-*}
        [ "$(counted '::: {.tryit}' "$file")" -eq "$(counted \
            "::: {.answers chapter=\"$number\"}" \
            "$DOCS/chapters/97-answers.md")" ]
    done
}

# counted MARKER FILE: how many numbered items stand between the marker
# and the end of its box.
counted() {
    awk -v marker="$1" '$0 == marker { on = 1 } $0 == ":::" { on = 0 }
        on && /^[0-9]+\. / { count++ } END { print count + 0 }' "$2"
}
