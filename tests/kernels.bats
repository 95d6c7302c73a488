# What the kernels hold follows from the calls and the segments: a model of
# them (docs/filters/tcp.lua) is right about every recorded kernel line.

load helper

NEEDS='pandoc'

# predicted RUN...: the kernel lines of these runs: see tests/support/kernels.lua.
predicted() {
    (cd "$ROOT" && echo | pandoc --lua-filter=tests/support/kernels.lua \
        -M runs="$*" -t plain) | grep .
}

@test "each kernel line of the runs is what the calls and segments before it lead to" {
    local known
    predicted "$ROOT"/docs/runs/* >lines
    # Lines of calls that are told in one do not say which state they show.
    [ "$(wc -l <lines)" -eq "$(cat "$ROOT"/docs/runs/* |
        awk -F '\t' '$1 == "kernel" && $8 != ""' | wc -l)" ]
    # In these the ACK of the FIN came after the kernel was asked, and stands
    # before what it answered.
    known='
07 client shutdown
09 server shutdown
09 server shutdown
10 client shutdown
11 client shutdown
11 other shutdown
12 client close
14 server close
15 client shutdown
15 other shutdown
16 client shutdown
16 other shutdown
17 client close
17 client shutdown
20 program close
21 server shutdown
23 client shutdown
23-level client shutdown'
    diff <(sed -n '/./s/$/: FIN-WAIT-1, predicted FIN-WAIT-2/p' <<<"$known") \
        <(grep predicted lines)
}

@test "the model misses a segment that is left out, and a state that is wrong" {
    awk -F '\t' '$8 != "FIN|ACK" || $14 !~ /:8888/' "$ROOT/docs/runs/07" >without-fin
    predicted "$PWD/without-fin" | grep -q 'client recv: TIME-WAIT, predicted FIN-WAIT-2'
    sed 's/1 waiting/2 waiting/' "$ROOT/docs/runs/03" >two-wait
    predicted "$PWD/two-wait" | grep -q 'getchar: LISTEN, 2 waiting, backlog 5, predicted LISTEN, 1 waiting'
    sed 's/23 bytes unread/12 bytes unread/' "$ROOT/docs/runs/06-unread" >twelve
    predicted "$PWD/twelve" | grep -q 'accept: ESTABLISHED, 12 bytes unread, predicted ESTABLISHED, 23'
}
