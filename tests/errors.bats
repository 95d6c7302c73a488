# lessons/narrator/errors.h: the tables of failed calls are complete and
# well formed, their texts are filled in, and each row is told in each
# lesson that makes the call.
# shellcheck disable=SC2016 # backquotes stand in the texts
load helper
load errors

# ---- the tables, and the pages that they come from

@test "each errno that a manual page lists has a row, or a reason why not" {
    pages | cut -f 2,3 | sort -u >listed
    { table; known skipped | cut -f 1,2; } | sort >explained
    [ "$(wc -l <listed)" -gt 250 ]
    comm -23 listed <(uniq explained) | empty "neither a row nor skipped"
    comm -13 listed <(uniq explained) | empty "no page lists it"
    uniq -d explained | empty "there twice"
}

@test "what a server survives has a row" {
    known 'carries on|backs off' | cut -f 1,2 | sort >survived
    [ "$(wc -l <survived)" -gt 15 ]
    comm -23 survived <(table | sort) | empty "has no row"
}

@test "every errno of this system has its own name" {
    rows -n | cut -f 2 | sort >named
    echo '#include <errno.h>' | cc -E -dM - |
        awk '$2 ~ /^E[A-Z0-9]+$/ { print $2 }' | sort >defined
    [ "$(wc -l <defined)" -gt 100 ]
    # The others are second names: EAGAIN, EOPNOTSUPP, EDEADLK come first.
    comm -13 named defined | grep -vxE 'EWOULDBLOCK|ENOTSUP|EDEADLOCK' |
        empty "without a name"
    comm -23 named defined | empty "not of this system"
}

@test "the rows read alike: no full stop, known marks, pairs" {
    rows | cut -f 3,4 | tr '\t' '\n' >texts
    [ "$(wc -l <texts)" -gt 200 ]
    grep -nE '\.$|^$|^ | $|  ' texts | empty "a full stop or a blank"
    grep -nvE '^[]a-zA-Z0-9 .,;:()&=/_`{}"|['"'-]*\$" texts | empty "a letter"
    grep -oE '\{[a-z]+\}' texts |
        grep -vE '\{(lesson|other|address|port|where|words|handout|holder|state)\}' |
        empty "an unknown mark"
    sed -E 's/\[[^][|]*(\|[^][|]*)?\]//g' texts | grep -n '[][|]' |
        empty "a bracket alone"
    sed -E 's/`[^`]+`//g' texts | grep -n '`' | empty "a backquote alone"
    # The other program may be unknown: it is named in brackets only.
    sed -E 's/\[[^]]*\]//g' texts | grep -n '{other}' |
        empty "other, without brackets"
}

# ---- filling in

# fill LESSON OTHER ADDRESS PORT TEXT: prints the text as it is told; `~`
# is a space at which no line is broken. An argument - is not known.
fill() {
    [ -x fill ] || {
        cat >fill.c <<END
#define main rows_main
#include "$ROOT/docs/error-rows.c"
#undef main
#include <stdlib.h>

int main(int argc, char *argv[])
{
    NARRATE_TEXT(out, 1000);
    struct narrate_place place = {argv[1], argv[2], argv[3], 0};

    place.port = (unsigned)atoi(argv[4]);
    place.lesson = *argv[1] == '-' ? "" : argv[1];
    place.other = *argv[2] == '-' ? "" : argv[2];
    place.address = *argv[3] == '-' ? "" : argv[3];
    narrate_add(&out, "<");
    narrate_fill(&out, argv[5], &place);
    for (char *s = out.text; *s != 0; s++)
        *s = *s == '\b' ? '~' : *s;
    printf("%s>\n", out.text);
    return argc == 6 ? 0 : 2;
}
END
        cc -g -o fill fill.c
    }
    ./fill "$@"
}
LESSON=(05_connect 04_accept)

@test "a mark is replaced by its value" {
    local text='{lesson} {other} {address} {port} {where}'
    run fill "${LESSON[@]}" 127.0.0.2 9000 "$text"
    [ "$output" = '<05_connect 04_accept 127.0.0.2 9000 127.0.0.2:9000>' ]
    run fill "${LESSON[@]}" ::1 9000 '{address} {where}'
    [ "$output" = '<::1 [::1]:9000>' ]
    run fill "${LESSON[@]}" 127.0.0.1 0 '{where}'
    [ "$output" = '<127.0.0.1:0>' ]
    run fill "${LESSON[@]}" 127.0.0.1 9 '{2, 500000} {handout} {'
    [ "$output" = '<{2, 500000} {handout} {>' ]
}

@test "a command names an address only where that is needed" {
    local address
    for address in 127.0.0.1 0.0.0.0 :: localhost example.org -; do
        run fill "${LESSON[@]}" "$address" 9000 '`./x {words}`'
        [ "$output" = '<./x~9000>' ]
    done
    for address in 127.0.0.2 192.0.2.1 ::1 2001:db8::5; do
        run fill "${LESSON[@]}" "$address" 9000 '`./x {words}`'
        [ "$output" = "<./x~$address~9000>" ]
    done
}

@test "no line may be broken inside a command, and it shows no backquote" {
    run fill "${LESSON[@]}" 127.0.0.1 9000 'see `ls -l x` or `a b`, it is'
    [ "$output" = '<see ls~-l~x or a~b, it is>' ]
}

@test "what is not known is left out, or stands in capitals" {
    local text='start it[: `./{other} {words}`] now'
    run fill "${LESSON[@]}" 127.0.0.1 9000 "$text"
    [ "$output" = '<start it: ./04_accept~9000 now>' ]
    run fill 05_connect - 127.0.0.1 9000 "$text"
    [ "$output" = '<start it now>' ]
    run fill 05_connect '' 127.0.0.1 9000 "$text"
    [ "$output" = '<start it now>' ]
    run fill "${LESSON[@]}" 192.0.2.1 0 "$text" # nobody has port 0
    [ "$output" = '<start it now>' ]

    text='see [`{other}`|the other program] run[{handout}, or not]'
    run fill "${LESSON[@]}" 127.0.0.1 9000 "$text"
    [ "$output" = '<see 04_accept run>' ]
    run fill - - 127.0.0.1 9000 "$text"
    [ "$output" = '<see the other program run>' ]

    run fill - - - 0 '`./{lesson}` {address} {where} {port}'
    [ "$output" = '<./PROGRAM ADDRESS ADDRESS PORT>' ]
}

@test "a bracket that is not closed, and a very long name, do no harm" {
    local long
    long=$(printf 'x%.0s' {1..2000})
    for text in '[{other}' '[' '[|' '`' '{other' 'a|b' 'a]b' '{address}'; do
        run fill - - "$long" 1 "$text"
        [ "$status" -eq 0 ]
    done
    run fill - - "$long" 1 '{where}'
    [ "${#output}" -eq 259 ]
}

@test "no text with the longest host name is cut off" {
    local host meaning try
    host=$(printf 'x%.0s' {1..253})
    fill - - - 0 x
    rows | while IFS=$'\t' read -r _ _ meaning try; do
        fill 06_send_recv_client 06_send_recv_server "$host" 65535 "$meaning"
        fill 06_send_recv_client 06_send_recv_server "$host" 65535 "$try"
    done | awk 'length > 1100' | empty "too long"
}

# ---- each row, in each lesson; those of the second part are in
# errors-further.bats, which runs beside this one

@test "every row in the first lesson that makes the call: it ends with status 1 and says what that means, or carries on" {
    need strace
    in_first_lesson >all.tsv
    [ "$(cut -f 1 all.tsv | uniq | wc -l)" -gt 9 ]
    [ "$(wc -l <all.tsv)" -gt 190 ]
    provoke_all <all.tsv
    [ "$provoked" -eq "$(wc -l <all.tsv)" ]
}

# bats test_tags=second
@test "every row in every other lesson to 13 that makes the call: the same" {
    need strace
    in_other_lessons | grep -E "$FIRST_PART" >all.tsv
    [ "$(wc -l <all.tsv)" -gt 900 ]
    provoke_all <all.tsv
    [ "$provoked" -eq "$(wc -l <all.tsv)" ]
}
