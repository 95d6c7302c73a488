# Each lesson is the one before plus its own call: between neighbours
# lines are only added. The heading is each lesson's own, and the last
# hold, which may be gone.

load helper

# The lesson below its heading; in $1 without its last hold, too.
body() { sed -n '/^#include "narrate.h"$/,$p' "$1"; }

without_last_hold() {
    awk '
        { line[NR] = $0 }
        /^    hold\(/ { first = NR; last = 0 }
        first && !last && /\);$/ { last = NR }
        END {
            for (i = 1; i <= NR; i++)
                if (i < first || i > last)
                    print line[i]
        }'
}

grows_into() {
    local lesson=$ROOT/lessons/$1.c next=$ROOT/lessons/$2.c gone
    [ "$(body "$lesson" | wc -l)" -gt 20 ]
    gone=$(diff <(body "$lesson" | without_last_hold) <(body "$next") |
        grep '^<' || true)
    [ -z "$gone" ] || {
        echo "these lines of $1 are not in $2, or not in this order:"
        echo "$gone"
        return 1
    }
    ! diff -q <(body "$lesson") <(body "$next")
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
