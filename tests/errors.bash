# For the tests of lessons/narrator/errors.h: its tables, the manual
# pages that they are from, and what becomes of a server.

# The tables, as docs/error-rows.c prints them.
# shellcheck disable=SC2120,SC2119 # most want no option
rows() { # [OPTION]
    [ -x rows ] || cc -o rows "$ROOT/docs/error-rows.c"
    ./rows "$@"
}

# One line on stderr says what is wrong: for lists that must be empty.
empty() { # WHAT
    local lines
    lines=$(cat)
    [ -z "$lines" ] && return
    echo "# $1:" >&2
    echo "$lines" >&2
    return 1
}

# Call, errno: of the rows; of errors.pages, after the page; of
# errors.tsv, with what becomes of it.
table() {
    rows | awk -F '\t' -v OFS='\t' '{
        n = split($1, calls, " ")
        for (i = 1; i <= n; i++)
            print calls[i], $2
    }'
}
pages() {
    grep -v '^#' "$BATS_TEST_DIRNAME/errors.pages" |
        awk -F ': ' -v OFS='\t' 'NF {
            n = split($2, calls, " "); m = split($3, errors, " ")
            for (i = 1; i <= n; i++)
                for (j = 1; j <= m; j++)
                    print $1, calls[i], errors[j]
        }'
}
known() { # WHAT
    awk -F '\t' -v OFS='\t' -v what="$1" '$3 ~ what && !/^#/ && NF {
        n = split($1, calls, " "); m = split($2, errors, " ")
        for (i = 1; i <= n; i++)
            for (j = 1; j <= m; j++)
                print calls[i], errors[j], $3
    }' "$BATS_TEST_DIRNAME/errors.tsv"
}

# ---- each row, in each lesson

FIRST_PART='^(0|1[0-3])' # of lessons

# Servers that are meant to live on.
LIVING='^(09|10|11|14|15|16)_.*(server|clients)$'

# Injected these would be lies: lesson 12 waits for the handshake, and
# where a signal interrupts its recv, it calls again; UDP's connect waits
# for no handshake. And strace counts a thread's calls apart from the
# loader's: that 16 outlives a close that fails is in servers.bats.
LIES='^(12_names	(connect	EINPROGRESS|recv	EINTR)'
LIES+='|18_udp_retry_sender	connect	EINPROGRESS|16_thread_server	close)'

# Calls after whose failure a lesson goes on, as it shows failures.
SHOWN='^(17_endings_client (recv|setsockopt|shutdown|close)'
SHOWN+='|17_endings_server (send|recv|close)'
SHOWN+='|18_udp_retry_receiver sendto|18_udp_retry_sender (send|recv))$'

# The calls that each lesson makes: lesson, call. What stands in strings
# and comments is none. The sockets of lesson 13 are of another family
# than the table's; only that it needs a right is said there.
lesson_calls() {
    local file
    for file in "$ROOT"/lessons/[0-9]*.c; do
        sed 's/"[^"]*"//g; s,//.*,,' "$file" |
            grep -oE "\b($(table | cut -f 1 | sort -u | paste -sd '|'))\(" |
            sort -u | sed "s/($//; s/^/$(basename "$file" .c)	/"
    done | grep -vE '^13_wiretap	(bind|recvfrom)$'
}

# The jobs for tests/support/provoke_errors: each row with each lesson that makes one
# of its calls.
jobs_of() {
    rows | grep -v '^getaddrinfo' >rows.tsv
    { known 'carries on|backs off'; echo; cat rows.tsv; echo; lesson_calls; } |
        awk -F '\t' -v OFS='\t' -v living="$LIVING" -v shown="$SHOWN" '
        !NF { part++; next }
        !part { survived[$1, $2] = $3 }
        part == 1 {
            n = split($1, calls, " ")
            for (i = 1; i <= n; i++)
                rows[calls[i]] = rows[calls[i]] NR " "
            error[NR] = $2
            rest[NR] = $3 OFS $4
        }
        part == 2 {
            n = split(rows[$2], of, " ")
            for (i = 1; i <= n; i++) {
                then = "ends"
                if ($1 " " $2 ~ shown)
                    then = "carries on"
                else if ($1 ~ living && $2 ~ /^(send|recv|shutdown|close)$/)
                    then = "carries on" # one client is not all
                else if ($1 ~ living && ($2, error[of[i]]) in survived)
                    then = survived[$2, error[of[i]]]
                print $1, $2, error[of[i]], then, rest[of[i]]
            }
        }' | grep -vE "$LIES"
}

# Of the jobs, each row in the first lesson that makes the call; and in
# all the others.
in_first_lesson() { jobs_of | awk -F '\t' '!seen[$2, $3]++'; }
in_other_lessons() { jobs_of | awk -F '\t' 'seen[$2, $3]++'; }

# provoke_all <JOBS: two at a time; whatever went wrong is shown, and
# the number of jobs done is in $provoked.
provoke_all() {
    local port worker workers=2
    port=$(free_port)
    cat >jobs.tsv
    for ((worker = 0; worker < workers; worker++)); do
        "$ROOT/tests/support/provoke_errors" "$BUILD" "$port" "$worker" "$workers" \
            <jobs.tsv >"provoked.$worker" 3>&- 4>&- &
        STARTED="$STARTED $!"
    done
    wait
    grep -hv ' provoked$' provoked.* >&2 && return 1
    provoked=$(awk '{ n += $1 } END { print n }' provoked.*)
}
