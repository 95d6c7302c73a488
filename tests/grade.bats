# scripts/grade judges the work of a class: every verdict is right, no
# file and no name does harm, and an interrupted run goes on.

load helper

NEEDS='getopt make python3'

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    "$ROOT/scripts/judge/build" "$(basename "$ROOT"/lessons/mistakes/08_*)"
}

grade() { "$ROOT/scripts/grade" "$@" 3>&-; }

# hands STUDENT FILE NAME: puts the mend FILE into a folder, as NAME.
hands() {
    mkdir -p "class/$1"
    cp "$BUILD/mended/$2.c" "class/$1/$3"
}

verdicts() { "$ROOT/tests/support/verdicts" grades.csv; }

# cells COLUMN: prints what it says of every student, a line each.
cells() {
    python3 -c 'import csv, sys
for row in csv.DictReader(open("grades.csv", newline="", encoding="utf-8")):
    print(row[sys.argv[1]])' "$1"
}

nothing_runs() { ! pgrep -f "$PWD/grades-logs"; }

# refused WORD...: grade refuses these with status 2 and one line.
refused() {
    run -2 --separate-stderr grade "$@"
    [ -z "$output" ]
    [[ $stderr == "grade: "* ]]
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "every verdict on a class is right" {
    "$ROOT/tests/support/hand_in" class 6 08 09 12 13 16 28 >expected
    cat >class/"student 001"/08.c <<'END'
int main(void) { return }
END
    printf 'student 001\t08\tdoes not compile\n' >>expected
    sed -i '/001.08.\(mended\|not yet\)/d' expected
    run -0 grade class
    echo "$output"
    verdicts | sort | diff - <(sort expected)
    [ "$(grep -c 'mended$' expected)" -gt 10 ]
    for student in class/*; do
        grep -q '^  \(did\|the compiler says\)' "grades-logs/logs/$(basename "$student").txt"
    done
}

# bats test_tags=second
@test "cheats and attacks are not right, and harm nothing" {
    mkdir -p class/cheat class/{read,write,incbin,outlive,bomb} cheats
    "$ROOT/tests/support/cheat" common "$PWD/class/cheat"
    mv class/cheat/empty.c class/cheat/12.c
    mv class/cheat/asleep.c class/cheat/13.c
    mv class/cheat/words.c class/cheat/16.c
    echo token-7261 >secret
    for attack in read write incbin outlive bomb; do
        sed "s|@HOME@|$PWD|g; s|@NEIGHBOUR@|$PWD/class/cheat/12.c|g
            s|@TREE@|$ROOT|g; s|@SOURCE@|$PWD/class/$attack/12.c|g
            s|@PORT@|1|g; s|@NAME@|attack$$|g" \
            "$ROOT/tests/attacks/$attack.c" >"class/$attack/12.c"
    done
    sum=$(find class "$ROOT/build/judge" -type f -exec cat {} + | sha256sum)
    run -0 grade class
    echo "$output"
    run verdicts
    [ "$(wc -l <<<"$output")" -eq 8 ]
    run -1 grep mended <<<"$output"
    [ "$(find class "$ROOT/build/judge" -type f -exec cat {} + | sha256sum)" = "$sum" ]
    run -1 grep -r 'token-7261\|stolen\|written:' grades-logs/logs
    run -1 pgrep "attack$$"
}

@test "a student may have any name" {
    newline=$'two\nlines' bytes=$'\xff\xfe' ringing=$'a\a\x1b[31m' long=$(printf 'x%.0s' {1..250})
    names=("$newline" "$bytes" "$ringing" "$long" '=1+1' '+1' '-rf' '@x' $'\t=1'
        'with blanks' 'quo"te' "sing'le" 'semi;colon' 'a,b' '$(touch harm)' '*' '%0A'
        'back\slash' 'Åsa Öberg' $'\xe2\x80\xaeturned')
    for name in "${names[@]}"; do
        mkdir -p "class/$name"
        cp "$BUILD/mended/08/right.c" "class/$name/08.c"
    done
    ln "class/with blanks/08.c" "class/with blanks/"$'\n08.c'
    run -0 grade class
    echo "$output"
    [ "$(find grades-logs/logs -name '*.txt' | wc -l)" -eq "${#names[@]}" ]
    [ "$(verdicts | grep -c $'\t08\tmended$')" -eq "${#names[@]}" ]
    cells student >cells
    for cell in "'=1+1" "'+1" "'-rf" "'@x" 'two\x0Alines' '\xFF\xFE' 'Åsa Öberg' \
        'back\\slash' 'quo"te' '\xE2\x80\xAEturned' "\\x09=1"; do
        echo "# $cell"
        grep -qxF -e "$cell" cells
    done
    run -1 grep -n '^[=+@-]' cells
    run -1 grep -nP '[\x00-\x08\x0b-\x1f\x7f]' grades.csv cells
    grep -qF '\x0A08.c: fits no' "grades-logs/logs/with blanks.txt"
    [ ! -e harm ]
}

@test "only regular files are opened: no link, FIFO, device, folder, or huge file" {
    hands ada 08/right 08_not_a_socket.c
    hands victim 12/right 12.c
    cd class/ada
    ln -s ../victim/12.c 12.c
    ln -s ../victim linked
    ln -s / root
    mkfifo 09.c
    mkdir 13.c
    truncate -s 5G 16.c
    head -c 300000 /dev/zero >28.c
    [ "$(id -u)" != 0 ] || mknod 17.c c 1 5
    chmod 0 28.c
    cd ../..
    ln -s / class/everything
    echo mine >mine
    ln -s mine grades.csv.new
    start lesson timeout 60 "$ROOT/scripts/grade" class
    finish lesson 2
    cat lesson.out lesson.err grades-logs/logs/ada.txt
    [ "$(verdicts | grep -c mended)" -eq 2 ]
    [ "$(verdicts | grep -c 'ada.*not judged')" -eq 2 ]
    log=grades-logs/logs/ada.txt
    grep -q '^  12.c: a symbolic link is not followed' "$log"
    grep -q '^  linked: a symbolic link' "$log"
    grep -q '^  09.c: this is a FIFO' "$log"
    grep -q '^  13.c: this is a folder' "$log"
    grep -q '^  why .*256 KiB at most' "$log"
    [ "$(id -u)" != 0 ] || grep -q '^  17.c: this is a device' "$log"
    grep -q "not a student's folder: everything" lesson.out
    grep -q "^grade: ada/12.c: a symbolic link is not followed" lesson.err
    grep -q "^grade: ada/09.c: this is a FIFO" lesson.err
    [ "$(cat mine)" = mine ]
}

@test "of two files the newer one counts, at any depth, and what fits nothing is named" {
    hands ada 08/wrong_zero 08_not_a_socket.c
    mkdir -p class/ada/deep/er class/bob
    cp "$BUILD/mended/08/right.c" class/ada/deep/er/08.c
    cp "$BUILD/mended/09/right.c" class/ada/9_late.c
    touch -d '2026-01-02 03:04:05' class/ada/08_not_a_socket.c class/ada/9_late.c
    touch -d '2026-01-02 03:04:06' class/ada/deep/er/08.c
    touch class/ada/{main.c,99.c,008.c,task-99.c,notes.txt,08x.c,report-06.txt,prediction-06.md}
    run -0 grade class
    echo "$output"
    log=grades-logs/logs/ada.txt
    cat "$log"
    [ "$(verdicts)" = $'ada\t08\tmended\nada\t09\tmended' ]
    grep -qF '08_not_a_socket.c: there is a newer one, deep/er/08.c' "$log"
    for name in main.c 99.c 008.c task-99.c notes.txt 08x.c report-06.txt prediction-06.md; do
        grep -q "^  $name: fits no exercise" "$log"
    done
    [ "$(cells time | head -n 1)" = '2026-01-02 03:04:06' ]
    [ "$(cells older | head -n 1)" -eq 1 ]
    [ "$(cells unfit | head -n 1)" -eq 8 ]
    # An older hand-in that is touched again is the newer one.
    touch class/ada/08_not_a_socket.c
    run -0 grade class
    verdicts | grep -q $'ada\t08\tnot yet'
}

@test "what is swapped for a link between look and use gets its student nothing" {
    hands victim 08/right 08.c
    hands file 08/wrong_zero 08_mine.c
    hands folder/deep 08/wrong_zero 08.c
    hands whole 08/wrong_zero 08.c
    # Runs grade; whenever that opens one of these, it has just become a link.
    cat >swap.py <<'END'
import os, runpy, sys
links = {"file/08_mine.c": "../victim/08.c", "folder/deep": "../victim", "whole": "victim"}
here = os.getcwd()
def swap(event, what):
    if event == "open" and isinstance(what[0], (str, bytes)):
        for path in list(links):
            if os.path.basename(path) == os.path.basename(os.fsdecode(what[0])):
                link, kept = links.pop(path), f"{here}/{len(links)}"
                os.rename(f"{here}/class/{path}", kept)
                os.symlink(link, f"{here}/class/{path}")
sys.addaudithook(swap)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
END
    # 2: what is a link is refused.
    run -2 python3 -X utf8 swap.py "$ROOT/scripts/judge/grade.py" class 3>&-
    echo "$output"
    [ -L class/file/08_mine.c ]
    [ -L class/folder/deep ]
    [ -L class/whole ]
    [ "$(verdicts | grep 'mended$')" = $'victim\t08\tmended' ]
}

# toolkit: makes ./sockets, what students unpack.
toolkit() {
    need git
    git -c safe.directory='*' clone -q --shared "$ROOT" clone
    make -s -C clone student-archive
    tar -xzf clone/build/sockets.tar.gz
}

# mends NUMBER...: mends these exercises where they are in ./sockets.
mends() {
    local number file
    for number; do
        file=$(echo sockets/lessons/mistakes/"$number"_*/"$number"_*.c)
        [ -f "$file" ]
        cp "$BUILD/mended/$number/right.c" "$file"
    done
}

@test "who hands in the whole toolkit, as a clone, zipped or unpacked, has done what was mended" {
    local ten='01 02 07 08 09 11 12 13 16 18'
    toolkit
    # shellcheck disable=SC2086 # words
    mends $ten
    echo '// tried' >>sockets/lessons/07_close_client.c
    mkdir -p class/{zipped,loose,nothing,packed}/deep sockets/build
    cp sockets/lessons/mistakes/07_*/as_shipped.c class/nothing/deep/07.c
    cp sockets/lessons/08_udp_sender.c class/nothing
    cp "$BUILD/mended/20/wrong_"*.c sockets/build
    (
        cd sockets
        git init -q
        git add -A
        git -c user.name=x -c user.email=x@x commit -qm mended
    )
    git clone -q sockets class/cloned
    python3 -m zipfile -c sockets.zip sockets
    python3 -m zipfile -e sockets.zip class/zipped/deep
    cp sockets.zip class/packed/deep
    # One that is newer and as given out, one that is mended, beside these.
    cp -R sockets class/loose
    cp sockets/lessons/mistakes/07_*/as_shipped.c class/loose/07.c
    cp "$BUILD/mended/20/right.c" class/loose/sockets/20_mine.c
    touch -d '2026-01-02' class/loose/sockets/20_mine.c
    run -0 grade class
    echo "$output"
    for student in cloned loose packed zipped; do
        for number in $ten; do
            printf '%s\t%s\tmended\n' "$student" "$number"
        done
    done >expected
    printf 'loose\t20\tmended\n' >>expected
    verdicts | grep -v $'\tnot attempted$' | diff - <(sort expected)
}

@test "a name counts in any case, with blanks, and with words before or behind" {
    hands ada 07/right 'mueller_07_nobody_can_connect.c'
    hands ada 08/right '08 Not a Socket (1).C'
    hands ada 09/right 'Group 3 09.c'
    hands ada 12/right 'lovelaceada_LATE_12345_67890_12_prints_too_much-1.c'
    hands ada 13/right 'Übung 4, 13_good_mor.c'
    cp "$ROOT"/lessons/tasks/1_*/as_shipped.c 'class/ada/Ada TASK 1 final.c'
    # None of these; and a lesson's program is ours under any such name.
    for name in 'server 2.c' '12 13.txt' 'two 16 or 17.c' '07 close client (1).c' 'ada_10_echo_server.c'; do
        echo 'int main(void) { return 1; }' >"class/ada/$name"
    done
    run -0 grade class
    cat grades-logs/logs/ada.txt
    [ "$(verdicts)" = $'ada\t07\tmended\nada\t08\tmended\nada\t09\tmended\nada\t12\tmended
ada\t13\tmended\nada\ttask-1\tnot attempted' ]
    [ "$(cells unfit)" = 3 ]
    grep -qF '  two 16 or 17.c: fits no exercise' grades-logs/logs/ada.txt
}

@test "zips and tarballs are looked into; hostile ones are refused, the rest is graded" {
    mkdir -p class/{good,tarred,slips,bomb,tarbomb,corrupt,torn,locked,many,odd,links,nested}
    python3 - "$BUILD/mended/08/right.c" <<'END'
import io, stat, sys, tarfile, zipfile
right = open(sys.argv[1], "rb").read()

def packed(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members:
            z.writestr(name, data)

def tarred(path, *members):
    with tarfile.open(path, "w:gz") as t:
        for name, data, kind in members:
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(data), kind, "/etc/passwd"
            t.addfile(info, io.BytesIO(data))

packed("class/good/work.ZIP", ("Ada's work/08.c", right), ("__MACOSX/Ada's work/._08.c", b"x"))
tarred("class/tarred/work.tgz", ("deep/08.c", right, tarfile.REGTYPE))
packed("class/slips/work.zip", ("../../slipped/08.c", right), ("/slipped/08.c", right), ("08.c", right))
packed("class/bomb/08.zip", ("08.c", right), ("09.c", bytes(300 << 20)))
tarred("class/tarbomb/work.tar.gz", ("08.c", bytes(300 << 20), tarfile.REGTYPE))
packed("class/many/work.zip", *((f"{i}/a", b"") for i in range(20001)))
packed("class/corrupt/work.zip", ("08.c", right))
data = bytearray(open("class/corrupt/work.zip", "rb").read())
data[60] ^= 255
open("class/corrupt/work.zip", "wb").write(data)
open("class/torn/work.zip", "wb").write(data[:200])
packed("class/locked/work.zip", ("08.c", right))
data = bytearray(open("class/locked/work.zip", "rb").read())
data[6] |= 1
data[data.rindex(b"PK\1\2") + 8] |= 1
open("class/locked/work.zip", "wb").write(data)
info = zipfile.ZipInfo("08.c")
info.external_attr = (stat.S_IFLNK | 0o777) << 16
packed("class/links/work.zip", (info, b"/etc/passwd"))
tarred("class/odd/work.tar.gz", ("09.c", b"", tarfile.SYMTYPE), ("12.c", b"", tarfile.LNKTYPE),
       ("13.c", b"", tarfile.FIFOTYPE), ("16.c", b"", tarfile.CHRTYPE))
packed("class/nested/work.zip", ("inner.zip", open("class/good/work.ZIP", "rb").read()))
END
    cp "$BUILD/mended/09/right.c" class/bomb/09.c
    find class >before
    run -2 --separate-stderr grade class
    echo "$output" "$stderr"
    find class | diff before -
    [ -z "$(find / -name slipped -newer before 2>/dev/null)" ]
    [ "$(verdicts)" = $'bomb\t09\tmended\ncorrupt\t08\tnot judged\ngood\t08\tmended\nlocked\t08\tnot judged
slips\t08\tmended\ntarred\t08\tmended' ]
    grep -v '^grade: \([0-9]* of\|each runs\)' <<<"$stderr" | cut -d : -f 2 | sort -u >named
    [ "$(paste -sd ' ' named)" = " bomb/08.zip  corrupt/work.zip/08.c  links/work.zip/08.c  locked/work.zip/08.c  many/work.zip\
  odd/work.tar.gz/09.c  odd/work.tar.gz/12.c  odd/work.tar.gz/13.c  odd/work.tar.gz/16.c\
  slips/work.zip/../../slipped/08.c  slips/work.zip//slipped/08.c  tarbomb/work.tar.gz  torn/work.zip" ]
    grep -q '  work.zip/inner.zip: fits no' grades-logs/logs/nested.txt
}

# roster: three students, two of whom have handed in, as a course system
# names their folders.
roster() {
    hands 'Öberg, Åsa_4711_assignsubmission_file_' 08/right 08.c
    hands 'Öberg, Åsa_4711_assignsubmission_file_' 07/wrong_htonl 07.c
    hands s002 08/right 08.c
    hands nobody 08/right 08.c
    touch -d '2026-11-29 12:00' class/*/*.c
    touch -d '2026-12-01 00:00:01' class/s002/08.c
    printf '\xef\xbb\xbfID number;First name;Surname;Email address\r\n' >roster.csv
    printf '%s\r\n' 's001;Åsa;Öberg;asa@x.org' 's002;Bob;=Builder;bob@x.org' \
        's003;Carl;Missing;carl@x.org' >>roster.csv
}

# column FILE NAME...: prints these columns of a table.
column() {
    python3 -c 'import csv, sys
for row in csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")):
    print(*(row[name] for name in sys.argv[2:]), sep="|")' "$@"
}

@test "with a roster, points and a time that is due, the table is a course's" {
    roster
    printf '%s\n' '# what counts' '07-09 2' 'task-1 2.5' >points
    run -0 --separate-stderr grade --roster roster.csv --points points --due 2026-11-30 \
        --only 07-09,task-1 --json class
    echo "$output"
    [[ $output == *$'\nnobody is not on the roster\nnothing handed in: Carl Missing (s003)\n'* ]]
    head -n 1 grades.csv
    [ "$(head -n 1 grades.csv)" = student,id,email,time,late,done,points,of,07,08,09,task-1,older,unfit ]
    run -0 column grades.csv student id email late 'done' points of 08
    [ "$output" = 'nobody||||1|2|8.5|mended
s002|s002|bob@x.org|08|1|2|8.5|mended
Öberg, Åsa_4711_assignsubmission_file_|s001|asa@x.org||1|2|8.5|mended
Carl Missing|s003|carl@x.org||0|0|8.5|' ]
    grep -q '^  changed   2026-12-01 00:00:01, late$' grades-logs/logs/s002.txt
    python3 - <<'END'
import json
with open("grades-logs/results/s002/results.json") as file:
    whole = json.load(file)
assert whole["score"] == 2 and whole["max_score"] == 8.5, whole
assert [t["name"] for t in whole["tests"]] == ["07", "08", "09", "task-1"]
assert [t["status"] for t in whole["tests"]] == ["failed", "passed", "failed", "failed"]
assert "== binds more tightly" in whole["tests"][1]["output"]
END
}

@test "--format writes what Moodle and Canvas import, and Moodle's feedback files" {
    roster
    run -0 grade --roster roster.csv --only 08 --format moodle class
    run -0 column grades-moodle.csv Identifier 'Full name' 'ID number' 'Email address' Grade 'Maximum Grade'
    [ "$output" = '|nobody|||1|1
|Bob =Builder|s002|bob@x.org|1|1
Participant 4711|Åsa Öberg|s001|asa@x.org|1|1
|Carl Missing|s003|carl@x.org|0|1' ]
    python3 -m zipfile -e grades-logs/feedback.zip feedback
    cmp 'feedback/Öberg, Åsa_4711_assignsubmission_file_/feedback.txt' \
        'grades-logs/logs/Öberg, Åsa_4711_assignsubmission_file_.txt'
    run -0 grade --roster roster.csv --only 08 --format canvas class
    [ "$(head -n 2 grades-canvas.csv)" = 'Student,ID,SIS User ID,SIS Login ID,Section,"grades"
"    Points Possible","","","","",1' ]
    run -0 column grades-canvas.csv Student 'SIS User ID' grades
    [ "${lines[3]}" = 'Åsa Öberg|s001|1' ]
    echo 'Identifier,Full name,ID number,Email address,Status' >grades-moodle.csv
    refused --only 08 --format moodle class
    [ "$(wc -l <grades-moodle.csv)" -eq 1 ]
}

@test "two of one name are told apart by id alone, and none loses the log" {
    hands 'Ada King' 08/right 08.c
    hands 'Ada King s2' 08/right 08.c
    hands 's2 again' 08/right 08.c
    printf '%s\n' 'id,name,email' 's1,Ada King,a@x' 's2,"King, Ada",b@x' >roster.csv
    run -0 grade --roster roster.csv --only 08 class
    echo "$output"
    [[ $output == *$'\nAda King fits two on the roster\n'*$'\n2 folders: King, Ada (s2)\n'* ]]
    [[ $output == *'nothing handed in: Ada King (s1)'* ]]
    grep -q '^08: mended' 'grades-logs/logs/Ada King.txt'
}

@test "a task that is not done yet counts by its parts, whatever the program prints" {
    mkdir -p class/{ada,bob,carl}
    sed -f "$ROOT/tests/tasks/3/wrong_sigpipe.sed" "$ROOT/tests/tasks/3/right.c" >class/ada/task-3.c
    cp "$ROOT/tests/tasks/3/right.c" class/bob/task-3.c
    cat >class/carl/task-3.c <<'END'
#include <stdio.h>
int main(void)
{
    fputs("x\n  so far    4 of 5 parts are right\n", stderr);
    return 1;
}
END
    run -0 grade --only task-3 --points 10 class
    run -0 column grades.csv student task-3 points of
    [ "$output" = 'ada|not yet: 4 of 5 parts|8|10
bob|done|10|10
carl|not yet|0|10' ]
    grep -q '^  so far    4 of 5 parts are right$' grades-logs/logs/ada.txt
}

@test "an option of no use: one line, and nothing is begun" {
    hands ada 08/right 08.c
    printf 'name,email\nAda,a@x\n' >short.csv
    printf 'id,name,email\n' >empty.csv
    printf '08 two\n' >bad-points
    refused --roster short.csv class
    [[ $stderr == *'no column id' ]]
    refused --roster empty.csv class
    refused --roster nowhere.csv class
    refused --only 99 class
    [[ $stderr == *"there is no exercise, task or report '99'" ]]
    refused --only 01-,task-1 class
    refused --only 10-01 class
    refused --points -1 class
    refused --points bad-points class
    refused --due yesterday class
    refused --format excel class
    [ ! -e grades-logs ]
    mkdir bin
    for tool in sh dirname uname sed cat; do
        ln -s "$(command -v $tool)" bin
    done
    run -2 --separate-stderr env PATH="$PWD/bin" "$ROOT/scripts/grade" class
    [ "$stderr" = 'grade: it needs python3; scripts/dev/setup test installs it' ]
}

@test "what could not be judged at first is judged again" {
    cp -r "$ROOT"/{scripts,lessons,docs} .
    mkdir -p build/judge
    hands ada 08/right 08.c
    hands bob 08/wrong_zero 08.c
    # A judge that lacks something when it is first asked about a file.
    cat >scripts/judge/build <<'END'
#!/bin/sh
cat >build/judge/08_not_a_socket <<'STOP'
#!/bin/sh
[ "$1" = -n ] && exit
mkdir "$2.seen" 2>/dev/null && { echo 'judge: it could not be judged: no process' >&2; exit 2; }
case $2 in */bob/*) echo 'judge: still no process' >&2; exit 2 ;; esac
STOP
chmod +x build/judge/08_not_a_socket
END
    run -1 scripts/grade --only 08 class
    cat grades-logs/logs/bob.txt
    [ "$(verdicts)" = $'ada\t08\tmended\nbob\t08\tnot judged' ]
    grep -q '^  why       judge: still no process$' grades-logs/logs/bob.txt
}

@test "files that differ only in blanks and comments are listed, no others, and nobody is accused" {
    hands ada 08/right 08.c
    sed 's,//.*,,; s/^    /\t/; s/$/ /' class/ada/08.c >changed.c
    sed 's/\<sock\>/s1/g' class/ada/08.c >renamed.c
    mkdir class/{bob,carl,dora,eva}
    cp changed.c class/bob/08.c
    cp renamed.c class/carl/08.c
    for student in dora eva; do
        { echo '// mine' && cat "$ROOT"/lessons/mistakes/08_*/as_shipped.c; } >"class/$student/08.c"
    done
    run -0 grade class
    cat grades-logs/copies.txt
    [ "$(tail -n +3 grades-logs/copies.txt)" = $'\n08: 2 the same\n    ada: 08.c\n    bob: 08.c' ]
    # A log can be handed back: it accuses nobody.
    run -1 grep -ri 'copies\|carl\|ada' grades-logs/logs/bob.txt
}

@test "reports of the same run are listed, whatever else is theirs; what they lack is said" {
    for student in ada bob carl dora; do
        mkdir -p "class/$student"
        cat >"class/$student/report-05.md" <<'END'
---
author: "STUDENT"
---

## Theory

Words of STUDENT

## Output

Run on 22 November 2026 at 15:52:56, on the host vm (Linux), by `scripts/demo 05`:

~~~~~~~~
server|   3  bind(3, 127.0.0.1:9000, 16) = 0
server|      kernel: fd 3  LISTEN  127.0.0.1:9000  0 waiting
  client|   2  connect(3, 127.0.0.1:9000, 16) = 0
  client|      kernel: fd 3  ESTABLISHED  127.0.0.1:45678 <-> 127.0.0.1:9000
~~~~~~~~

## Answers
END
        sed -i "s/STUDENT/$student/" "class/$student/report-05.md"
    done
    sed -i 's/45678/45679/' class/carl/report-05.md
    sed -i 's/:56, on/:57, on/' class/dora/report-05.md
    printf '(write here)\n\n(write here)\n' >>class/dora/report-05.md
    sed -i 's/^Run on/Walk on/' class/carl/report-05.md
    run -0 grade class
    cat grades-logs/copies.txt
    [ "$(tail -n +3 grades-logs/copies.txt)" = $'\nreport-05: 2 the same\n    ada: report-05.md\n    bob: report-05.md' ]
    [ "$(verdicts)" = $'ada\treport-05\twhole
bob\treport-05\twhole
carl\treport-05\tnot yet
dora\treport-05\tnot yet' ]
    grep -q '2 of its parts are not written' grades-logs/logs/dora.txt
}

# bats test_tags=second
@test "killed, it leaves nothing running; called again it goes on, to the same table" {
    "$ROOT/tests/support/hand_in" class 5 06 08 09 16 28 >expected
    cp -rp class other
    run -0 grade -o whole.csv other
    start first "$ROOT/scripts/grade" -j 2 class
    four_judged() { [ "$(find grades-logs/judged -name '*.txt' | wc -l)" -ge 4 ]; }
    eventually four_judged
    kill -KILL "$(cat first.pid)"
    finish first
    eventually nothing_runs
    [ ! -e grades.csv ]
    find grades-logs/judged -name '*.txt' -exec sha256sum {} + >kept
    [ "$(wc -l <kept)" -lt 25 ]
    run -0 grade class
    cmp grades.csv whole.csv
    verdicts | diff - expected
    # The verdicts that were there were not made again.
    sha256sum -c kept
}

@test "Ctrl-C ends it with all its judges, and it says how to go on" {
    for student in a b c d e f; do
        hands "$student" 07/wrong_htonl 07.c
    done
    start first "$ROOT/scripts/grade" -j 2 class
    eventually pgrep -f "$PWD/grades-logs/judged/b/07.c"
    kill -INT "$(cat first.pid)"
    finish first 130
    grep -q 'interrupted, [0-9]* of 6 judged; the same command goes on' first.err
    nothing_runs
}

@test "in the folder of the class, another table's logs are no student" {
    hands ada 08/right 08.c
    hands exam-logs 08/right 08.c
    cd class
    run -0 grade .
    run -0 grade -o second.csv .
    cut -d , -f 1 second.csv >students
    [ "$(paste -s students)" = $'student\t"ada"\t"exam-logs"' ]
}

@test "two at once for one table: the second one is refused" {
    for student in a b c; do
        hands "$student" 07/wrong_htonl 07.c
    done
    start first "$ROOT/scripts/grade" -j 1 class
    eventually pgrep -f "$PWD/grades-logs/judged/a/07.c"
    run -1 --separate-stderr grade class
    [[ $stderr == "grade: another scripts/grade is writing "* ]]
    kill -INT "$(cat first.pid)"
    finish first 130
}

@test "no folder, a file, an empty folder, a table of no use: one line" {
    mkdir empty files folder.csv
    touch file files/07.c
    refused
    refused nowhere
    refused ''
    refused file
    refused empty
    refused files
    refused empty files
    refused -x empty
    refused -j 0 empty
    hands ada 08/right 08.c
    refused -o grades.txt class
    refused -o folder.csv class
    refused -o nowhere/grades.csv class
    [ ! -e grades-logs ]
    echo 'a list, of mine' >grades.csv
    refused class
    [ "$(cat grades.csv)" = 'a list, of mine' ]
    rm grades.csv
    touch grades-logs
    run -1 --separate-stderr grade class
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "without a room: one line says why, and what is there instead" {
    mkdir bin class
    "$ROOT/tests/support/hand_in" class 6 08 >expected
    printf '#!/bin/sh\necho "bwrap: %s" >&2; exit 1\n' \
        'No permissions to make a room here, and a long reason' >bin/bwrap
    chmod +x bin/bwrap
    PATH=$PWD/bin:$PATH
    if can fence; then
        run -0 --separate-stderr grade class
        [[ $(head -n 1 <<<"$stderr") == "grade: each runs behind a fence,\
 because there is no room: "*". The fence leaves open: the names of files, UDP" ]]
        ! can room || [[ $stderr == *', and a long reason. The fence'* ]]
        verdicts | sort | diff - <(sort expected)
        rm -r grades*
    else
        run -1 --separate-stderr grade class
        [[ $stderr == "grade: someone else's program"*--trust* ]]
        [ "$(wc -l <<<"$stderr")" -eq 1 ]
    fi
    run -0 --separate-stderr grade --trust class
    [[ $stderr == "grade: --trust: neither room nor fence. "* ]]
    verdicts | sort | diff - <(sort expected)
}

@test "a full disk: one line, and what was judged is not lost" {
    [ "$(id -u)" = 0 ] || skip 'only root can make a small disk'
    need unshare mount
    must_have mounts
    "$ROOT/tests/support/hand_in" class 4 08 09 >expected
    mkdir disk
    cat >steps <<'END'
mount -t tmpfs -o size=44k,mode=755 small disk || exit
"$ROOT/scripts/grade" -j 1 -o disk/grades.csv class >out 2>err
echo $? >first
find disk -name '*.txt' | wc -l >kept
mount -o remount,size=10m disk
"$ROOT/scripts/grade" -o disk/grades.csv class
echo $? >second
cp disk/grades.csv .
END
    ROOT=$ROOT unshare -m sh steps 3>&-
    cat out err
    [ "$(cat first)" = 1 ]
    [ "$(grep -vc 'grade: [0-9]* of ' err)" -eq 1 ]
    [ "$(cat kept)" -ge 1 ]
    grep -q 'No space left.*What was judged is kept; the same command goes on' err
    [ "$(cat second)" = 0 ]
    verdicts | diff - expected
}

@test "it begins where another umask, folder or CDPATH would lead astray" {
    hands ada 08/right 08.c
    (
        umask 077
        CDPATH=/ grade "$PWD/class"
    )
    [ "$(verdicts)" = $'ada\t08\tmended' ]
    # Nobody but the owner can read the students' work.
    [ "$(stat -c %a grades-logs grades.csv | tr '\n' ' ')" = '700 600 ' ]
    cd class
    run -0 grade .
    run -0 grade .
    [ "$(tail -n +2 grades.csv | wc -l)" -eq 1 ]
}
