# Each lesson is the one before plus its own call: between neighbours
# code is only added, and what was explained before is named in one line.
# The heading is each lesson's own, and so are the last lines, where it
# waits for a person.

load helper

# Prints the code, below its heading, of the lesson on standard input:
# each constant on a line of its own, and without main's parameters.
code() {
    sed -E '1,/^#include "narrate.h"$/d; /^ *(\/\/|$)/d
        s/^int main\(.*/int main/
        /^enum \{ /{ s//enum /; s/ \};$//; s/, /\nenum /g; }'
}

# The same without the last lines.
without_last_lines() {
    awk '
        { line[NR] = $0 }
        /^    puts\(/ && last != NR - 1 { first = NR }
        /^    puts\(/ { last = NR }
        /^    while \(getchar\(\)/ { waits = first }
        END {
            for (i = 1; i <= NR && (!waits || i < waits); i++)
                print line[i]
        }'
}

# The steps of a lesson that have a comment: the line of code, the number
# of lines of the comment, and the comment.
steps() {
    awk '
        /^#include "narrate.h"$/ { below = 1; next }
        /^ *\/\// { n++; comment = comment $0; next }
        below && n && /[^ ]/ && !/^    puts/ { print $0 "\t" n "\t" comment }
        { n = 0; comment = "" }' "$1"
}

grows_into() {
    local lesson=$ROOT/lessons/$1.c next=$ROOT/lessons/$2.c gone
    [ "$(code <"$lesson" | wc -l)" -gt 10 ]
    gone=$(diff <(code <"$lesson" | without_last_lines) <(code <"$next") |
        grep '^<' || true)
    [ -z "$gone" ] || {
        echo "these lines of $1 are not in $2, or not in this order:"
        echo "$gone"
        return 1
    }
    # The next lesson leaves a comment as it is, or makes it one line.
    gone=$(awk -F '\t' '
        FNR == NR { known[$1] = $3; next }
        $1 in known && $2 > 1 && $3 != known[$1] { print $3 }
    ' <(steps "$lesson") <(steps "$next"))
    [ -z "$gone" ] || {
        echo "what $1 has explained, $2 says in more than a line:"
        echo "$gone"
        return 1
    }
    run ! cmp -s "$lesson" "$next"
}

@test "the server grows from 01 to 07 by insertion alone" {
    grows_into 01_socket 02_bind
    grows_into 02_bind 03_listen
    grows_into 03_listen 04_accept
    grows_into 04_accept 06_send_recv_server
    grows_into 06_send_recv_server 07_close_server
}

@test "the client grows from 01 to 07 by insertion alone" {
    grows_into 01_socket 05_connect
    grows_into 05_connect 06_send_recv_client
    grows_into 06_send_recv_client 07_close_client
}

@test "a line that changes between neighbours is found" {
    mkdir lessons
    cp "$ROOT"/lessons/0[34]*.c lessons/
    ROOT=$PWD
    grows_into 03_listen 04_accept
    sed -i 's/if (listen(sock/if (listen (sock/' lessons/04_accept.c
    run grows_into 03_listen 04_accept
    [ "$status" -eq 1 ]
    [[ $output == *'if (listen(sock, BACKLOG) == -1)'* ]]
}

@test "an explanation that comes again between neighbours is found" {
    mkdir lessons
    cp "$ROOT"/lessons/0[34]*.c lessons/
    ROOT=$PWD
    sed -i 's,^    // From now on the kernel answers.*,&\n    // Once more.,' \
        lessons/04_accept.c
    run grows_into 03_listen 04_accept
    [ "$status" -eq 1 ]
    [[ $output == *'Once more.'* ]]
}
