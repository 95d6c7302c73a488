# For the tests of lessons/narrator/errors.h: its tables, the manual
# pages that they come from, and what a server does after an error.

# The tables, as docs/error-rows.c prints them.
# shellcheck disable=SC2120,SC2119 # most want no option
rows() { # [OPTION]
    [ -x rows ] || cc -o rows "$ROOT/docs/error-rows.c"
    ./rows "$@"
}

# Standard input, a list, must be empty; else it is printed under WHAT.
empty() { # WHAT
    local lines
    lines=$(cat)
    [ -z "$lines" ] && return
    echo "# $1:" >&2
    echo "$lines" >&2
    return 1
}

# Each prints calls with their errnos: table those of the rows (but those of
# one cause, such as bind/left), pages those of errors.pages after the page,
# known those of errors.tsv and the outcome.
table() {
    rows | awk -F '\t' -v OFS='\t' '$1 !~ "/" {
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
LIVING='^(09|10|11|14|15|16|21|23|24)_.*(server|clients)$'

# Not injected, because that would prove nothing: lesson 12 waits for the
# handshake; 12 and 21's client call recv again after a signal; UDP's connect has no
# handshake to wait for; 24's server calls connect only where a path was left
# (servers.bats), and with getsockopt the narrator, too, learns nothing;
# 24's client calls recv again after a signal; the pair is two processes;
# 08, 18 and 22 call recvfrom again after a signal, which
# conversations-survival.bats tests; 18's receiver has a time limit only when
# it is done, and ends well when that runs out. And strace counts a thread's
# calls apart from the loader's: servers.bats tests that 16 outlives a close
# that fails.
LIES='^(12_names	connect	EINPROGRESS|(12_names|21_http_client|24_unix_client)	recv	EINTR'
LIES+='|(08_udp_sender|18_udp_retry_receiver|22_dns_answer)	recvfrom	EINTR'
LIES+='|18_udp_retry_receiver	recvfrom	EAGAIN'
LIES+='|(18_udp_retry_sender|22_dns_question)	connect	EINPROGRESS|16_thread_server	close'
LIES+='|24_unix_server	(connect|getsockopt)|24_unix_pair	(send|recv|close))'

# Calls whose failures a lesson is there to show: it goes on after them.
SHOWN='^(17_endings_client (recv|setsockopt|shutdown|close)'
SHOWN+='|17_endings_server (send|recv|close)'
SHOWN+='|18_udp_retry_receiver sendto|18_udp_retry_sender (send|recv)'
SHOWN+='|22_dns_answer sendto|22_dns_question (send|recv)'
SHOWN+='|24_unix_server (setsockopt|recvmsg))$'

# What those rows are about that a failure of AF_UNIX looks up, too: see
# narrate_is_local. For all else it has rows of its own, such as bind/path.
ALIKE='^(EBADF|ENOTSOCK|EFAULT|EINTR|EMFILE|ENFILE|ENOBUFS|ENOMEM)$'

# Prints each lesson with each call that it makes, strings and comments
# aside; of 13 not bind and recvfrom: the table's rows are about other
# families, and of 13's they say only that socket needs a right.
lesson_calls() {
    local file
    for file in "$ROOT"/lessons/[0-9]*.c; do
        sed 's/"[^"]*"//g; s,//.*,,' "$file" |
            grep -oE "\b($(table | cut -f 1 | sort -u | paste -sd '|'))\(" |
            sort -u | sed "s/($//; s/^/$(basename "$file" .c)	/"
    done | grep -vE '^13_wiretap	(bind|recvfrom)$'
}

# The jobs for tests/support/provoke_errors: each row with each lesson
# that makes one of its calls.
jobs_of() {
    rows | grep -v '^getaddrinfo' >rows.tsv
    { known 'carries on|backs off'; echo; cat rows.tsv; echo; lesson_calls; } |
        awk -F '\t' -v OFS='\t' -v living="$LIVING" -v shown="$SHOWN" -v alike="$ALIKE" '
        !NF { part++; next }
        !part { survived[$1, $2] = $3 }
        part == 1 {
            n = split($1, calls, " ")
            for (i = 1; i <= n; i++)
                rows[calls[i]] = rows[calls[i]] NR " "
            error[NR] = $2
            call[NR] = $1
            rest[NR] = $3 OFS $4
        }
        part == 2 {
            path = $1 ~ /^24/ && $2 ~ /^(bind|listen|connect|send|recv)/
            n = split(rows[$2] (path ? rows[$2 "/path"] : ""), of, " ")
            for (i = 1; i <= n; i++) {
                if (path && call[of[i]] !~ "/path" && error[of[i]] !~ alike)
                    continue
                then = "ends"
                if ($1 " " $2 ~ shown)
                    then = "carries on"
                else if ($1 ~ living && $2 ~ /^(send|recv|shutdown|close)$/)
                    then = "carries on" # only this client is lost
                else if ($1 ~ living && ($2, error[of[i]]) in survived)
                    then = survived[$2, error[of[i]]]
                print $1, $2, error[of[i]], then, rest[of[i]]
            }
        }' | grep -vE "$LIES"
}

# Of the jobs, those in the first lesson that makes the call, for each
# row; and those in all other lessons.
in_first_lesson() { jobs_of | awk -F '\t' '!seen[$2, $3]++'; }
in_other_lessons() { jobs_of | awk -F '\t' 'seen[$2, $3]++'; }

# provoke_all <JOBS: does them, two at a time. Prints what went wrong, and
# fails then; else $provoked is the number of jobs done.
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
