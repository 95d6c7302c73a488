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
