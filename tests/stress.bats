# A told program under hard conditions does what it does untold, and not
# a line of what is told is torn.

load helper

setup_file() {
    ${CC:-cc} -std=c11 -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
        -Werror -I "$BATS_TEST_DIRNAME/../lessons" -pthread \
        "$BATS_TEST_DIRNAME/support/storm.c" -o "$BATS_FILE_TMPDIR/storm"
}

# torn: prints the lines of standard input that the narrator never writes,
# as a first line or as the rest of one. What it says of a call never has
# two blanks in a row.
torn() {
    local words='[^ ]+( [^ ]+)*$'
    LC_ALL=C grep -avE "^a?$|^storm: a storm$|^[0-9]+ sent$|^( \[child \
[0-9]+\])?( \[thread [0-9]+\])?( *[0-9]+  [a-z]+\($words|     $words|     \
kernel: fd [0-9]+  |     received: \"[a-z0-9 ]*\"$|         $words|       \
      [^ ])" || true
}

# through STORM: runs it; all that it printed is in a file of that name, its
# errors are in `errors`, and no line is torn. A deadlock times out.
through() {
    STORM=$1 timeout 120 "$BATS_FILE_TMPDIR/storm" 2>errors </dev/null 3>&- |
        tee >(torn | head >torn) >"$1"
    [ "${PIPESTATUS[*]}" = '0 0' ]
    cat torn
    [ ! -s torn ]
}

# results STORM: prints how many sends were told, and how many were made.
results() {
    echo "$(joined "$1" | grep -acE ' send\(.*\) *= [0-9]+$')" \
        "told, $(tail -n 1 "$1")"
}

@test "a signal every 300 µs, whose handler makes calls that fail" {
    through signals
    [[ $(results signals) =~ ^([0-9]+)' told, '([0-9]+)' sent'$ ]]
    [ "${BASH_REMATCH[1]}" -eq "${BASH_REMATCH[2]}" ]
    [ "${BASH_REMATCH[1]}" -ge 10 ]
    # What fails is told line by line, too.
    run ! grep -avE '^ {5}(That means|Try): |^ {7}[^ ]' errors
    grep -q '^     That means: ' errors
}

@test "20 threads" {
    through threads
    [ "$(results threads)" = '2000 told, 2000 sent' ]
}

@test "10 forks" {
    through forks
    [ "$(results forks)" = '2000 told, 2000 sent' ]
    # Each child's lines name it.
    [ "$(grep -ao '^ .child [0-9]*' forks | sort -u | wc -l)" -eq 10 ]
}

# bats test_tags=second
@test "64 MiB through a told echo pair" {
    through flood
}

# bats test_tags=second
@test "the thread sanitizer finds nothing in 20 threads" {
    need gcc setarch
    gcc -std=c11 -O1 -g -fsanitize=thread -I "$ROOT/lessons" -pthread \
        "$ROOT/tests/support/storm.c" -o storm || lacking "gcc's thread sanitizer"
    STORM=threads run timeout 120 setarch -R ./storm 3>&-
    [ "$status" -eq 0 ]
    [[ $output != *'ThreadSanitizer'* ]]
    [[ ${lines[-1]} == '2000 sent' ]]
}

@test "a line that is torn is seen" {
    through forks
    sed -i '100s/\(.......\).*/\1  7  send(3, "a", 1, 0) = 1/' forks
    [ "$(torn <forks | wc -l)" -eq 1 ]
}
