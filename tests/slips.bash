# shellcheck shell=bash disable=SC2034 # tests read PAIR
# For the tests of slips: programs of one's own with narrate.h.

# own NAME <<source: writes this program of one's own, told and bare.
own() {
    printf '%s\n' '#define TITLE "a slip"' '#include "narrate.h"' \
        '#include <fcntl.h>' '#include <poll.h>' '#include <unistd.h>' >"$1.c"
    cat >>"$1.c"
    sed 's/^#define TITLE.*//; s/^#include "narrate.*//' "$1.c" >"$1.bare.c"
}

# tell NAME: compiles such a program; what it tells goes to ./told.
tell() {
    gcc -w -pthread -I "$ROOT/lessons" "$1.c" -o "$1"
    run -0 "./$1" </dev/null 3>&- 4>&-
    joined <<<"$output" >told
}

# A connection with both its ends in one process; the other end is silent.
PAIR='
    static int listener, here, there;
    static struct sockaddr_in at;
    static void pair(void)
    {
        socklen_t length = sizeof at;

        narrator.telling = 0;
        listener = socket(AF_INET, SOCK_STREAM, 0);
        listen(listener, 1);
        getsockname(listener, (struct sockaddr *)&at, &length);
        here = socket(AF_INET, SOCK_STREAM, 0);
        narrator.telling = 1;
        connect(here, (struct sockaddr *)&at, length);
        narrator.telling = 0;
        there = accept(listener, NULL, NULL);
        narrator.telling = 1;
    }
    static void reset(void)
    {
        struct linger now = {1, 0};

        narrator.telling = 0;
        setsockopt(there, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(there);
        narrator.telling = 1;
    }'
