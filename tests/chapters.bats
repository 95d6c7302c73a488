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

questions() { python3 "$ROOT/tests/support/questions.py" "$@"; }

@test "every question has its answer, once, and its chapter asks it" {
    need python3
    questions whole "$DOCS" >wrong || true
    diff /dev/null wrong
    # It sees what is wrong.
    cp -R "$DOCS/questions" .
    sed -i 's/^No[.] It returns what/Perhaps. It returns what/; s/^- run: both[.].*//' questions/06.md
    sed -i 's/^False[.] It returns at once.*//; s/^- step: any | listen(/- stop: any | listen(/' questions/03.md
    cat "$DOCS/questions/10.md" >>questions/09.md
    mkdir copy && mv questions copy && cp -R "$DOCS/chapters" copy
    questions whole copy >wrong || true
    for one in '06: Fewer bytes' '06: How many `recv`' '03: `listen` blocks' 'stop' 'twice'; do
        grep -F "$one" wrong
    done
}

@test "what an answer says of a step is what its recorded run shows" {
    need python3
    run -0 questions shown "$DOCS"
    [[ $output =~ ^[1-9][0-9]+\ steps$ ]]
    cp -R "$DOCS/questions" "$DOCS/runs" .
    sed -i 's/| = 11$/| = 12/' questions/06.md
    run -1 questions shown .
    [[ $output == *'06: '*'does not show "= 12"'* ]]
}
