# scripts/grade judges the work of a class: every verdict is right, no
# file and no name does harm, and an interrupted run goes on.

load helper

NEEDS='getopt flock make python3'

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    "$ROOT/scripts/judge/build" "$(basename "$ROOT"/lessons/mistakes/08_*)"
    make -s -C "$ROOT" build/grade build/system-names
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
    sum=$(cat class/*/* "$ROOT"/build/judge/* | sha256sum)
    run -0 grade class
    echo "$output"
    run verdicts
    [ "$(wc -l <<<"$output")" -eq 8 ]
    run -1 grep mended <<<"$output"
    [ "$(cat class/*/* "$ROOT"/build/judge/* | sha256sum)" = "$sum" ]
    run -1 grep -r 'token-7261\|stolen\|written:' grades-logs/logs
    run -1 pgrep "attack$$"
}

@test "a student may have any name" {
    newline=$'two\nlines' bytes=$'\xff\xfe' ringing=$'a\a\x1b[31m' long=$(printf 'x%.0s' {1..250})
    names=("$newline" "$bytes" "$ringing" "$long" '=1+1' '+1' '-rf' '@x' $'\t=1'
        'with blanks' 'quo"te' "sing'le" 'semi;colon' 'a,b' '$(touch harm)' '*' '%0A'
        'back\slash' 'Åsa Öberg' $'\u202eturned')
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
    finish lesson 1
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

@test "what is swapped for a link while grade runs gets its student nothing" {
    local student
    hands victim 08/right 08.c
    echo token-7261 >secret
    for student in {file,secret,own}{1..8} folder{1..8}/deep; do
        mkdir -p "class/$student"
        echo 'int main(void) { return }' >"class/$student/08.c"
    done
    cat >swap.py <<'END'
import glob, os
links = {"file*/08.c": "../victim/08.c", "secret*/08.c": "../../secret",
         "folder*/deep": "../victim", "own*": "victim"}
swaps = [(path, link) for name, link in links.items() for path in glob.glob("class/" + name)]
os.mkdir("kept")
print("swapping", flush=True)
turn = 0
while True:
    for number, (path, link) in enumerate(swaps):
        kept = f"kept/{number}"
        if number % 2 == turn:
            os.rename(path, kept)
            os.symlink(link, path)
        elif os.path.exists(kept):
            os.unlink(path)
            os.rename(kept, path)
    turn = 1 - turn
END
    start swapper timeout 60 python3 swap.py
    await swapper swapping
    grade class || [ $? -eq 1 ] # 1: not all could be judged
    verdicts
    [ "$(verdicts | grep 'mended$')" = $'victim\t08\tmended' ]
    run -1 grep -r token-7261 grades.csv grades-logs
    # Some were caught in it, others read: else nothing was tried.
    [ "$(verdicts | grep -c 'not compile\|not judged')" -ge 8 ]
    kill -0 "$(<swapper.pid)"
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

@test "who hands in the whole toolkit, as a clone or unpacked, has done what was mended" {
    local ten='01 02 07 08 09 11 12 13 16 18'
    toolkit
    # shellcheck disable=SC2086 # words
    mends $ten
    echo '// tried' >>sockets/lessons/07_close_client.c
    mkdir -p class/{zipped,loose,nothing}/deep sockets/build
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
    # One that is newer and as given out, one that is mended, beside these.
    cp -R sockets class/loose
    cp sockets/lessons/mistakes/07_*/as_shipped.c class/loose/07.c
    cp "$BUILD/mended/20/right.c" class/loose/sockets/20_mine.c
    touch -d '2026-01-02' class/loose/sockets/20_mine.c
    run -0 grade class
    echo "$output"
    for student in cloned loose zipped; do
        for number in $ten; do
            printf '%s\t%s\tmended\n' "$student" "$number"
        done
    done >expected
    printf 'loose\t20\tmended\n' >>expected
    verdicts | grep -v $'\tnot attempted$' | diff - <(sort expected)
}

@test "files that differ only in blanks, comments and names are named, no others" {
    hands ada 08/right 08.c
    sed 's,//.*,,; s/^    /\t/; s/\<client\>/kunde/g; s/\<sock\>/s1/g; s/\<buffer\>/puffer/g; s/\<got\>/n/g' \
        class/ada/08.c >changed.c
    run cmp class/ada/08.c changed.c
    [ "$status" -eq 1 ]
    mkdir class/{bob,carl,dora,eva}
    cp changed.c class/bob/08.c
    cp "$BUILD/mended/08/unusual.c" class/carl/08.c
    for student in dora eva; do
        cp "$ROOT"/lessons/mistakes/08_*/as_shipped.c "class/$student/08.c"
    done
    # Two mends that differ in one name of the system.
    hands ada 07/right 07.c
    sed 's/htons(/htonl(/' class/ada/07.c >class/bob/07.c
    run cmp class/ada/07.c class/bob/07.c
    [ "$status" -eq 1 ]
    run -0 grade class
    cat grades-logs/copies.txt
    [ "$(grep -c '^[0-9].* the same' grades-logs/copies.txt)" -eq 1 ]
    grep -A 2 '^08: 2 the same but for names' grades-logs/copies.txt >group
    grep -qx '    ada: 08.c' group
    grep -qx '    bob: 08.c' group
    run -0 cells copies
    [ "$output" = $'08\n08\n\n\n' ] || [ "$output" = $'08\n08' ]
    # A log can be handed back: it accuses nobody.
    run -1 grep -ri 'copies\|carl\|ada' grades-logs/logs/bob.txt
}

@test "reports that share a port and a second are named, whatever else is theirs" {
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
    [ "$(grep -c ' of .*: port' grades-logs/copies.txt)" -eq 1 ]
    grep -qF 'report-05 of ada, report-05 of bob: port 45678 on 22 November 2026 at 15:52:56' \
        grades-logs/copies.txt
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
    find grades-logs/judged -name '*.txt' -exec grep -l 'settled 1' {} + |
        tr '\n' '\0' | xargs -0 sha256sum >kept
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
