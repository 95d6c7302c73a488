# make quiz: the items for an exam, as GIFT and on paper.

load helper

quiz() { python3 -B "$ROOT/docs/quiz.py" "$@"; }

setup_file() {
    export LC_ALL=C.UTF-8
}

@test "there are sixty items and more, over all lessons, with points and answers" {
    need python3
    run -0 python3 "$ROOT/tests/support/questions.py" exam "$ROOT/docs"
    [[ $output =~ ^([0-9]+)\ items,\ ([0-9]+)\ points$ ]]
    [ "${BASH_REMATCH[1]}" -ge 60 ]
    # It sees what is wrong.
    cp -R "$ROOT/docs" docs
    sed -i 's/^- points: 4$/- points: many/; s/^6: the queue/Six: the queue/' docs/exam.md
    run -1 python3 "$ROOT/tests/support/questions.py" exam docs
    [[ $output == *'points: many'* && $output == *'does not begin with a number'* ]]
}

@test "what Moodle gets is GIFT: a parser finds each item, its form and its answer" {
    need python3
    quiz gift >quiz.gift
    python3 "$ROOT/tests/support/gift.py" quiz.gift >items
    [ "$(wc -l <items)" -eq "$(grep -c '^## ' "$ROOT/docs/exam.md")" ]
    [ "$(cut -f 1 items | sort -u | wc -l)" -eq 24 ]
    [ "$(cut -f 2 items | sed 's/ of .*//' | sort -u | xargs)" = 'choice essay number true-false' ]
    grep -q $'^Sockets/02\tnumber\t47138.0\t' items
    grep -q $'^Sockets/02\ttrue-false\tF\t`bind` succeeds' items
    grep -q $'^Sockets/04\tchoice of 3\tthe listening socket\t' items
    grep -q $'^Sockets/09\tessay\t-\t.*\t.*EBADF' items
    # Braces, = and new lines of code come out as they went in.
    grep -qF 'recv` is called' items
    grep -qF '```c\nint s = socket(AF_INET, SOCK_STREAM, 0);\n' items
    grep -qF 'while (left > 0) { ssize_t n = send(s,' items
    # And it does not take everything.
    sed '0,/=nothing/s//~nothing/' quiz.gift >broken
    run -1 python3 "$ROOT/tests/support/gift.py" broken
    sed '0,/{#0/s//#0/' quiz.gift >broken
    run -1 python3 "$ROOT/tests/support/gift.py" broken
}

@test "LESSONS chooses, and what it cannot mean is named" {
    need python3
    quiz gift 01-03 20 | sed -n 's/^\$CATEGORY: //p' >got
    [ "$(xargs <got)" = 'Sockets/01 Sockets/02 Sockets/03 Sockets/20' ]
    run -2 quiz gift 1
    [ "$output" = 'quiz: LESSONS has 1; numbers expected, as in 03 or 01-07' ]
    run -2 quiz gift 66
    [ "$output" = 'quiz: docs/exam.md has no item for the lessons 66' ]
}

@test "the worksheet has every question and no answer, its key has both" {
    need pandoc weasyprint pdftotext
    cp -R "$ROOT/docs" "$ROOT/scripts" "$ROOT/lessons" "$ROOT/LICENSE" .
    LESSONS='06 17' run -0 scripts/dev/handout quiz
    pdftotext -layout build/quiz.pdf - | tr -d '\f' >sheet
    pdftotext -layout build/quiz-key.pdf - | tr -d '\f' >key
    count=$(quiz gift 06 17 | grep -c '^::')
    for file in sheet key; do
        grep -q "^ *$count items, [0-9]* points" $file
        [ "$(grep -cE '^ *[0-9]+\. ' $file)" -eq "$count" ]
    done
    grep -q SIGPIPE sheet
    run ! grep -q 'Answer:\|without end\|FIN comes after' sheet
    grep -q 'FIN comes after' key
    python3 "$ROOT/tests/support/gift.py" build/quiz.gift | wc -l | grep -qx "$count"
}
