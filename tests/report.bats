# scripts/report makes the lab report: who, the code, a run of both sides
# here, the questions; and never overwrites what a student wrote.

load helper

who=(--name 'Ada "L" Lovelace' --number 1815 --course 'Networks: an introduction')

report() {
    LESSON_PORT=$PORT "$ROOT/scripts/report" "$@"
}

# Gives these reports their predictions, so that they are played at once.
predicted() {
    for file; do
        echo 'It blocks in accept.' >"prediction-$file.md"
    done
}

section() { sed -n "/^## $1\$/,/^## /p" "${2:-report-06.md}"; }

setup() {
    bats_require_minimum_version 1.5.0
    cd "$BATS_TEST_TMPDIR" || return
    unset LESSON_CUE
    export LC_ALL=C.UTF-8
    PORT=$(free_port)
    predicted 01 03 05 06 10 told again mine
}

@test "a report has its parts, the student's name, and the plain program" {
    run -0 report "${who[@]}" 06
    [ "$(grep '^## ' report-06.md)" = "## Aim
## Theory
## Prediction
## Code
## Output
## Observations
## Figure
## A fault, provoked
## Answers" ]
    section Observations | grep -q '^| (write here) |  *|  *|$'
    section Prediction | grep -qx 'It blocks in accept\.'
    for part in Theory Observations Figure 'A fault, provoked'; do
        section "$part" | grep -qx '(write here)'
    done
    grep -qF 'author: "Ada \"L\" Lovelace (1815)"' report-06.md
    grep -qF 'course: "Networks: an introduction"' report-06.md
    [ "$(section Aim | sed '/^## /d' | wc -w)" -gt 5 ]
    run -0 report "${who[@]}" 01
    section Code report-01.md | listing 1 |
        cmp - <(make -s -C "$ROOT" bare LESSON=01_socket)
    run -0 report "${who[@]}" --told --output told.md 01
    section Code told.md | listing 1 | cmp - "$ROOT/lessons/01_socket.c"
}

# listing N: the Nth program of a section.
listing() { awk -v n="$1" '/^~~~~/ { i++; next } i == 2 * n - 1'; }

@test "its code is what the lesson before did not have, and says where the rest is" {
    run -0 report "${who[@]}" 06
    make -s -C "$ROOT" bare LESSON=05_connect >older
    make -s -C "$ROOT" bare LESSON=06_send_recv_client >newer
    section Code | listing 2 >shown
    diff older newer | sed -n 's/^> //p' | diff - <(grep -v '^/\* line' shown)
    # With the lines that it names it is the whole program again.
    while IFS= read -r line; do
        case $line in
        '/* line'*' as in 05_connect.c */')
            read -r _ _ from to rest <<<"$line"
            [ "$to" = to ] && to=${rest%%:*} || to=$from
            sed -n "${from%:},${to%:}p" newer
            ;;
        *) printf '%s\n' "$line" ;;
        esac
    done <shown | diff - newer
}

@test "without a terminal the prediction is written first, and nothing is played before" {
    rm prediction-06.md
    run -0 report "${who[@]}" 06
    [[ $output == "prediction-06.md is made, and nothing is played yet."*'makes report-06.md.' ]]
    [ ! -e report-06.md ]
    [ "$(grep -c '(write here)' prediction-06.md)" = 3 ]
    run -2 report "${who[@]}" 06
    [[ $output == *'prediction-06.md is not complete, so nothing is played'* ]]
    : >prediction-06.md
    run -2 report "${who[@]}" 06
    [ ! -e report-06.md ]
    echo 'Both block, & "recv" too.' >prediction-06.md
    run -0 report "${who[@]}" 06
    section Prediction | grep -qxF 'Both block, & "recv" too.'
}

@test "on a terminal it asks for the prediction, then plays" {
    need script
    rm prediction-06.md
    run -0 env LESSON_PORT="$PORT" script -qec "$(printf '%q ' \
        "$ROOT/scripts/report" "${who[@]}" 06)" /dev/null \
        <<<$'accept\n\nsend: 12, *recv*\nboth'
    [[ $output == *$'\n> A guess will do. > '* ]]
    run -1 grep -n '.\{80\}' <<<"$output"
    section Prediction | tr -d '\n' | grep -q '^## Prediction1\. .*    accept2\. .*    send: 12, \*recv\*3\. .*    both## Code'
    rm prediction-06.md report-06.md
    run -1 env LESSON_PORT="$PORT" script -qec "$(printf '%q ' \
        "$ROOT/scripts/report" "${who[@]}" 06)" /dev/null <<<accept
    [[ $output == *'no prediction, so nothing is played'* ]]
    [ ! -e prediction-06.md ]
    [ ! -e report-06.md ]
}

@test "its output is of a run here and now: both sides, the same ports, date and host" {
    before=$(date +%s)
    run -0 report "${who[@]}" 06
    section Output >output
    grep -qF "on the host $(uname -n)" output
    at=$(sed -n 's/^Run on \(.*\) at \([0-9:]*\),.*/\1 \2/p' output)
    at=$(date -d "$at" +%s)
    [ "$at" -ge "$before" ]
    [ "$at" -le "$(date +%s)" ]
    chosen=$(grep -o "^ *client.*ESTABLISHED  127.0.0.1:[0-9]*" output |
        sed 's/.*://' | sort -u)
    [ "$(wc -w <<<"$chosen")" = 1 ]
    grep -q "^server|.*<-> 127.0.0.1:$chosen\$" output
    report --output again.md "${who[@]}" 06
    section Output again.md >again
    run ! cmp -s output again
}

@test "every lesson that can be played has its questions, and every report asks them" {
    grep -c '^- for: .*report' "$ROOT"/docs/questions/[0-9]*.md |
        sed -n 's|.*/\(..\).md:[2-9]$|\1|p' | sort >asked
    find "$ROOT/scripts/cues" -name '??' -printf '%f\n' | sort | comm -23 - asked >unasked
    diff /dev/null unasked
    run -0 report "${who[@]}" 03
    awk '/^## / { ask = substr($0, 4) } /^- for: .*report/ { print ask }' \
        "$ROOT/docs/questions/03.md" >questions
    section Answers report-03.md | sed 's/True or false? //' | grep -oFf <(sed 's/^/. /' questions) |
        cut -c 3- | diff questions -
    [ "$(section Answers report-03.md | grep -c '(write here)')" = \
        "$(wc -l <questions)" ]
}

@test "the student is known from report.yaml, options come first" {
    printf '# who\nname: Grace Hopper\nnumber: "7"\ncourse: Nets\n' >report.yaml
    run -0 report --number 8 01
    grep -qF 'author: "Grace Hopper (8)"' report-01.md
    mkdir other
    printf 'name: Alan\nnumber: 1\ncourse: x\n' >other/me
    run -0 report --yaml=other/me --number='A\n"1"' --output mine.md 01
    grep -qxF 'author: "Alan (A\\n\"1\")"' mine.md
}

@test "report.yaml may come from Windows, but is UTF-8" {
    printf '\xEF\xBB\xBFname: Zoë\r\nnumber: 1\r\ncourse: x\r\n' >report.yaml
    run -0 report 01
    grep -qxF 'author: "Zoë (1)"' report-01.md
    printf 'name: Zo\xEB\nnumber: 1\ncourse: x\n' >latin.yaml
    run -2 report --yaml latin.yaml --output latin.md 01
    [ "$output" = 'report: latin.yaml is not UTF-8 text: save it as UTF-8' ]
}

@test "an edited report is never written over" {
    echo mine >report-06.md
    run report "${who[@]}" 06
    [[ ${lines[0]} == "report-06.md is there already and stays as it is."* ]]
    [ "$(cat report-06.md)" = mine ]
}

@test "called again it makes a PDF with all that the student wrote" {
    need pandoc weasyprint pdftotext
    report "${who[@]}" 05
    sed -i 's/(write here)/Here is what I think \& saw < of it./' report-05.md
    cp report-05.md before
    mkdir "it's ü"
    TMPDIR=$PWD/"it's ü" LC_ALL=C run -0 report "${who[@]}" 05
    [[ $output != *'still to be written'* ]]
    cmp before report-05.md
    pdftotext -layout report-05.pdf text
    for words in 'Lab report: lesson 05' 'Ada .L. Lovelace (1815)' \
        'Networks: an introduction' 'Here is what I think & saw < of it\.' \
        'Observations' 'if (connect(sock' 'client|.*ESTABLISHED' \
        'Who chooses the port of our end'; do
        grep -q -e "$words" text
    done
    # What belongs to the book alone: a link of its page, its licences.
    run ! grep -e 'Skip to' -e 'CC BY' text
    # Nor what only told the student what to write.
    run ! grep -e 'your own words' -e 'Draw it' -e 'where you had' text
}

@test "one's own server takes the place of the lesson's, and talks with its client" {
    make -s -C "$ROOT" bare LESSON=06_send_recv_server >my_server.c
    run -0 report "${who[@]}" --file my_server.c 06 -- 127.0.0.1 "$PORT"
    section Code | awk '/^~~~~/ { n++; next } n == 1' | cmp - my_server.c
    section Output | grep -q "^server| The client's line: Hello from the client!"
    section Output | grep -q '^client|.*received: "Hello from the server!'
    # Nobody can type to the lesson's program, so it asks nobody to.
    section Output | grep -qx 'client| The connection stands until either program ends\.'
    run ! grep '^client| Type q' report-06.md
}

@test "one's own client too, and a server that lives on is ended" {
    # Tildes could end the listing; and the last line may lack its newline.
    printf '/*\n~~~~~~~~~~\n*/\n%s' "$(make -s -C "$ROOT" bare \
        LESSON=10_echo_client)" >my_client.c
    run -0 report "${who[@]}" --file my_client.c 10 -- 127.0.0.1 "$PORT"
    section Code report-10.md | sed -n '/^~~~~~~~~~~~/,//p' | sed '1d;$d' |
        cmp - <(cat my_client.c && echo)
    section Output report-10.md | grep -q '^client| Hello$'
    section Output report-10.md | grep -q '^server|.*accept('
    [ -z "$(ss -Htln "sport = :$PORT")" ]
}

@test "one's own program may include narrate.h, and be called as a file of the room" {
    cp "$ROOT/lessons/05_connect.c" names.c
    run -0 report "${who[@]}" --file names.c 05
    section Output report-05.md | grep -q '^client|.*connect(.*) = 0$'
}

@test "a run of one's own programs is reported, with the sources that it keeps" {
    local empty=$'\t\t\t\t\t\t\t\t\t\t\t'
    cp "$ROOT/docs/runs/06" run.txt
    printf 'source\t\t%s\t\t\t\t%s\n' "my[server" "1$empty  2 > 1;" \
        "my[server" "2$empty/* \\n */" client.py "1${empty}x = 1" >>run.txt
    run -0 report "${who[@]}" --file run.txt 06
    section Code | awk '/^~~~~/ { n++; next } n == 1' |
        cmp - <(printf '  2 > 1;\n/* \\n */\n')
    section Code | grep -qxF 'The file `client.py`:'
    section Output | grep -q '^ *client|.*received: "Hello from the server!'
    section Output | grep -qF 'by `scripts/demo --save run.txt'
}

# failing LESSON CODE: for a program of one's own that does CODE, there is
# no report.
failing() {
    printf '#include <stdio.h>\n#include <stdlib.h>\n#include <sys/socket.h>
        #include <unistd.h>\nint main(void)\n{\n%s\n}\n' "$2" >mine.c
    run -1 --separate-stderr timeout 40 env LESSON_PORT="$PORT" \
        "$ROOT/scripts/report" "${who[@]}" --file mine.c "$1"
    echo "# $stderr" | cut -c1-200
    [ -z "$output" ]
    [ ! -e "report-$1.md" ]
}

@test "a side that fails makes no report: which side and why is said last" {
    failing 06 'perror("connect"); return 1;'
    [[ $stderr == *"client| connect: "*$'\n'"report: the client, mine, failed: it ended with exit status 1" ]]
    failing 06 'abort();'
    [[ $stderr == *"report: the client, mine, failed: it was ended by signal 6"* ]]
    failing 06 'int s = socket(AF_INET, SOCK_STREAM, 0); listen(s, 1); sleep(30);'
    [[ $stderr == *"report: the server, mine, failed: after 2 seconds it is not at port $PORT" ]]
    failing 01 'sleep(30);'
    [[ $stderr == *"report: the client, mine, failed: after 8 seconds it still ran"* ]]
    can room || return 0 # else others reach a server, too
    failing 06 'puts("never"); return 0;'
    [[ $stderr == *"report: the client, mine, failed: it ended without having reached the server" ]]
}

@test "a lesson whose side fails makes no report either" {
    bookshop work
    file=work/lessons/06_send_recv_client.c
    tac "$file" | sed '0,/return 0/s//return 7/' | tac >changed.c
    run ! cmp -s changed.c "$file"
    cp changed.c "$file"
    run -1 --separate-stderr env LESSON_PORT="$PORT" work/scripts/report \
        "${who[@]}" 06
    [[ $stderr == *"report: the lesson was not played to its end: 06_send_recv_client ended with status 7"* ]]
    [ ! -e report-06.md ]
}

@test "another's program is run in the room: it reads nothing and is bounded" {
    mkdir home
    echo token-7261 >home/secret
    cat >evil.c <<END
#include <stdio.h>
#include <sys/prctl.h>
int main(void)
{
    prctl(PR_SET_NAME, "evil$$");
    FILE *file = fopen("$PWD/home/secret", "r");
    char text[20];
    printf("\\033[2J red \\a %s\\n", file ? fgets(text, 20, file) : "none");
    for (;;)
        puts("more");
}
END
    run -1 timeout 40 env LESSON_PORT="$PORT" HOME="$PWD/home" \
        "$ROOT/scripts/report" "${who[@]}" --file evil.c 01
    [[ $output == *'client| ?[2J red ? none'* ]]
    [[ $output != *token-7261* ]]
    [ "${#lines[@]}" -lt 2200 ]
    run -1 grep -P '[\x00-\x08\x0b-\x1f\x7f]' <<<"$output"
    run pgrep "evil$$"
    [ -z "$output" ]
}

@test "without a room one's own program is run behind a fence; --trust does without" {
    mkdir bin
    ln -s /usr/bin/* bin
    rm -f bin/bwrap
    make -s -C "$ROOT" bare LESSON=05_connect >mine.c
    run -0 env PATH="$PWD/bin" LESSON_PORT="$PORT" "$ROOT/scripts/report" \
        "${who[@]}" --file mine.c 05 -- 127.0.0.1 "$PORT"
    section Output report-05.md | grep -q '^client|'
    section Output report-05.md | tr -s ' \n' ' ' |
        grep -q 'where [a-z ]*fence, [^|]*bwrap'
    rm report-05.md
    run -0 env PATH="$PWD/bin" LESSON_PORT="$PORT" "$ROOT/scripts/report" \
        "${who[@]}" --trust --file mine.c 05 -- 127.0.0.1 "$PORT"
    section Output report-05.md | grep -q 'where *in neither room nor fence, '
}

@test "a report that is killed leaves no folder" {
    printf '%s\n' '#include <unistd.h>' 'int main(void) { sleep(60); }' >mine.c
    mkdir tmp
    TMPDIR=$PWD/tmp LESSON_PORT=$PORT start report "$ROOT/scripts/report" \
        "${who[@]}" --trust --file mine.c 01
    eventually at_work
    kill -KILL "$(<report.pid)"
    finish report 137
    eventually nothing_left
}
at_work() { ls tmp/*/output; }
nothing_left() { [ -z "$(ls tmp)" ]; }

@test "a picture beside the report comes into its PDF" {
    need pandoc weasyprint pdfimages
    report "${who[@]}" 01
    printf 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC' |
        base64 -d >figure.png
    sed -i '/^## Figure/,/^## /s/^(write here)$/![Who sent what](figure.png)/' \
        report-01.md
    run -0 report "${who[@]}" 01
    [ "$(pdfimages -list report-01.pdf | grep -c image)" -ge 1 ]
}

@test "a full disk leaves no report, and is named" {
    need unshare
    must_have mounts
    mkdir full
    # shellcheck disable=SC2016 # it is for the other shell to expand
    run -1 unshare -rm sh -c 'mount -t tmpfs -o size=8k none full
        cp prediction-mine.md full; head -c 4096 /dev/zero >full/all
        "$@" --output full/mine.md; ls full
        TMPDIR=$PWD/full "$@" --output mine.md; [ -e mine.md ]' sh \
        env "LESSON_PORT=$PORT" "$ROOT/scripts/report" "${who[@]}" 01
    [[ $output == *"/full/mine.md cannot be written: is the disk full?
all
prediction-mine.md
report: "*"full/"*" cannot be written: is the disk full?" ]]
}

@test "what is missing or wrong is said in a line, and nothing is written" {
    printf 'name: Ada\nage: 17\n' >bad.yaml
    echo 'int main(void) { return }' >wrong.c
    echo text >text.txt
    while read -r status words; do
        # shellcheck disable=SC2086 # split on purpose
        run "-$status" --separate-stderr report $words
        echo "# $words: $stderr"
        [[ $stderr == *"report: "* ]]
        [ -z "$output" ]
    done <<END
2
2 06
2 --name Ada --number 1 06
2 99
2 abc
2 06 07
2 --name
2 --frobnicate 06
2 --yaml none.yaml 06
2 --yaml bad.yaml 06
2 --name A --number 1 --course C --file none.c 06
2 --name A --number 1 --course C --file text.txt 06
1 --name A --number 1 --course C --file wrong.c 06
2 --name A --number 1 --course C --output report.pdf 06
1 --name A --number 1 --course C --output none/report.md 06
END
    run -2 report --number 1 06
    [[ $output == *'name, course'*'--name, --course'* ]]
    [ -z "$(ls report* 2>&-)" ]
}
