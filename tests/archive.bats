# make student-archive: what students get. It works on its own, and holds
# no solution, answer or lecture note.

load helper

NEEDS='git make python3'

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    cd "$BATS_FILE_TMPDIR" || return
    command -v git >/dev/null || return 0
    git -c safe.directory='*' clone -q --shared "$ROOT" clone
    make -s -C clone student-archive >said
    tar -xzf clone/build/sockets.tar.gz
    cp -rp sockets with-player
    make -s -C with-player build/play
}

# ours [with-player]: copies what a student has unpacked to ./sockets.
ours() { cp -rp "$BATS_FILE_TMPDIR/${1-sockets}" sockets; }

# clone: copies the lecturer's clone to ./clone.
clone() { cp -rp "$BATS_FILE_TMPDIR/clone" .; }

@test "no solution, wrong mend, answer or lecture note is in the archive" {
    run -0 "$ROOT/tests/support/leaks" "$ROOT" "$BATS_FILE_TMPDIR/sockets"
    echo "$output"
    [[ $output == "looked for "*" programs and "*" sentences"* ]]
}

@test "a solution is found by its text, wherever it is and whatever it is called" {
    ours
    { echo '/* mine */' && cat "$BUILD/mended/07/right.c"; } >sockets/lessons/x.txt
    cp "$BUILD/mended/12/wrong_larger.c" sockets/docs/larger.md
    diff -u /dev/null "$BUILD/mended/20/unusual.c" >sockets/scripts/patch || true
    sed -n '/^# The report/,/^#/p' "$ROOT/docs/lecture-notes.md" >sockets/docs/points
    sed -n '/^Neither[.]/p' "$ROOT/docs/questions/03.md" >sockets/lessons/seventh
    mkdir sockets/tests
    sed -n '/^For ever, as/p' "$ROOT/docs/exam.md" >sockets/docs/power
    touch sockets/tests/none sockets/docs/98-answers.md
    run -1 "$ROOT/tests/support/leaks" "$ROOT" sockets
    echo "$output"
    for leak in 'lessons/x.txt: all of build/mended/07/right.c' \
        'docs/larger.md: all of build/mended/12/wrong_larger.c' \
        'scripts/patch: all of build/mended/20/unusual.c' \
        'from lecture-notes.md: ' 'from 03.md: ' 'from exam.md: ' 'tests/none: not for' '98-answers.md: not for'; do
        echo "# $leak"
        grep -qF "$leak" <<<"$output"
    done
}

@test "a chapter of answers is left out, wherever it stands" {
    clone
    cd clone
    echo 'The secret is that it is three.' | tee docs/98-answers.c \
        docs/chapters/98-answers.md >lessons/answers.h
    git add -A
    git -c user.name=x -c user.email=x@x commit -qm x
    run -0 make -s student-archive
    run -0 tar -tzf build/sockets.tar.gz
    [[ $output == *docs/chapters/94-glossary.md* ]]
    [[ $output != *answers* ]]
}

@test "a lecturer's own mend, not committed, does not go out, and that is said" {
    clone
    cd clone
    cp "$BUILD/mended/07/right.c" lessons/mistakes/07_nobody_can_connect/07_nobody_can_connect.c
    echo secret >lessons/mistakes/07_nobody_can_connect/notes.md
    echo secret >lessons/secret.c
    run -0 make -s student-archive
    [[ $output == *"committed version of: lessons/mistakes/07_nobody_can_connect/07_nobody_can_connect.c"* ]]
    tar -xzf build/sockets.tar.gz
    cmp sockets/lessons/mistakes/07_nobody_can_connect/{07_nobody_can_connect,as_shipped}.c
    [ ! -e sockets/lessons/secret.c ]
    [ ! -e sockets/lessons/mistakes/07_nobody_can_connect/notes.md ]
}

@test "one commit gives the same bytes, in another zone, umask and year" {
    clone
    cd clone
    before=$(sha256sum <build/sockets.tar.gz)
    touch -d 2001-01-01 README.md lessons/*.c
    git config tar.umask 0077
    (
        umask 077
        TZ=Asia/Tokyo make -s student-archive
    )
    [ "$(sha256sum <build/sockets.tar.gz)" = "$before" ]
    run tar --numeric-owner -tvzf build/sockets.tar.gz
    [ "$(grep -vc ' 0/0 ' <<<"$output")" -eq 0 ]
    [ "$(ls build)" = sockets.tar.gz ]
}

@test "its commands say from which commit it is" {
    ours
    run -0 sockets/scripts/check --version
    [ "$output" = "check (sockets) $(git -C "$BATS_FILE_TMPDIR/clone" \
        describe --tags --always)" ]
}

@test "unpacked over an older one, it builds its own programs, whatever their times" {
    ours
    cd sockets
    make -s build/01_socket
    sed -i 's/return 0;/return 7;/' lessons/01_socket.c
    touch -d 2001-01-01 lessons/01_socket.c
    make -s build/01_socket
    run -0 build/01_socket
    echo newer >VERSION
    make -s build/01_socket
    run -7 build/01_socket
}

# bats test_tags=second
@test "it has the licence; unpacked, it builds and plays a lesson" {
    ours with-player
    cmp "$ROOT/LICENSE" sockets/LICENSE
    make -s -C sockets
    [ "$(ls sockets/build/[0-9]* | wc -l)" -eq "$(ls "$ROOT"/lessons/[0-9]*.c | wc -l)" ]
    prepare
    run -0 sockets/scripts/demo 05
    [[ $output == *"connect(3, 127.0.0.1:$LESSON_PORT"*ESTABLISHED* ]]
    run -0 make -s -C sockets bare LESSON=05_connect
    [[ $output == *"int main("* ]]
}

@test "it checks an exercise, and makes a report" {
    need bwrap getopt
    ours with-player
    file=lessons/mistakes/08_not_a_socket/08_not_a_socket.c
    run -2 make -s -C sockets check-08
    [[ $output == *"not yet."* ]]
    cp "$BUILD/mended/08/right.c" "sockets/$file"
    run -0 make -s -C sockets check-08
    [[ $output == *"mended."*"read on"* ]]
    prepare
    echo 'It blocks.' >prediction-04.md
    run -0 sockets/scripts/report --name A --number 1 --course C 04
    grep -q ESTABLISHED report-04.md
}

@test "it makes its handout, dated as the commit" {
    need pandoc weasyprint pdftotext
    ours with-player
    # Inside another clone the date would be that one's.
    CHAPTERS=01 GIT_CEILING_DIRECTORIES=/ GIT_DIR=/none run -0 make -s -C sockets handout
    echo "$output"
    [ -s sockets/build/handout-01.pdf ]
    date=$(git -C "$BATS_FILE_TMPDIR/clone" log -1 --format=%cs)
    grep -q "$(LC_ALL=C date -d "$date" '+%-d %B %Y')" sockets/build/site-01/index.html
}

# bats test_tags=second
@test "what the course leaves out is in no archive, demo or book, and nothing leads there" {
    need pandoc
    clone
    sed -i 's/^left-out:.*/left-out: 07 13/' clone/docs/handout.yaml
    git -C clone -c user.name=x -c user.email=x@example.com commit -qam x
    make -s -C clone student-archive
    tar -xzf clone/build/sockets.tar.gz
    run ! grep -rl 'lesson 07\.$' sockets/lessons/mistakes sockets/lessons/tasks
    (cd sockets && find . -type f) >files
    run ! grep -E '/((cues|runs|chapters|questions|python)/(07|13)|lessons/13)[-_.]' files
    run ! grep -E '^\| (07|13) \|' sockets/README.md
    run -2 sockets/scripts/demo 07-restart
    [[ $output == *"no lesson '07-restart' to play"* ]]
    [ "$(sockets/scripts/demo --period short | grep -o '^== [0-9]*' | uniq | tr -d '\n=')" = \
        ' 01 02 05 06 15' ]
    (cd sockets && scripts/dev/handout site)
    python3 "$ROOT/tests/support/handout_page.py" links sockets/build/.handout/page.html
    sed -i 's/^left-out:.*/left-out: 7/' sockets/docs/handout.yaml
    run -2 sockets/scripts/demo 01
    [[ $output == *"left-out: '7'; numbers of lessons expected, as in 13 or 14-20"* ]]
}

@test "make test, bench, quiz and student-archive there say what is missing" {
    ours
    for target in test bench student-archive quiz; do
        run -2 make -s -C sockets "$target"
        echo "$output"
        [[ $output == *": the tests are not in"* || $output == *"not the archive for students"* ||
            $output == *"is not a git clone"* || $output == *"only lecturers have it"* ]]
    done
}

@test "a clone that belongs to another is named as one" {
    cp -R "$ROOT/scripts" .
    git init -q .
    GIT_TEST_ASSUME_DIFFERENT_OWNER=1 run -1 scripts/dev/archive
    [[ $output == "archive: this clone is another user's"*"\"$(pwd -P)\"" ]]
}

@test "every file of the project is given out, or kept back for a reason" {
    cd "$BATS_FILE_TMPDIR/clone"
    git ls-files | sort >all
    (cd ../sockets && find . -type f | cut -c 3- | sort) >out
    comm -23 all out | grep -v '^tests/\|^scripts/grade$\|^scripts/judge/grade\|answers' >kept
    cat kept
    [ "$(cat kept)" = '.ci/run
.clang-format
.editorconfig
.github/workflows/ci.yml
.github/workflows/macos.yml
.github/workflows/pages.yml
.github/workflows/release.yml
docs/CONTRIBUTING.md
docs/exam.md
docs/lecture-notes.md
docs/student-files
scripts/dev/new' ]
    [ "$(comm -13 all out)" = VERSION ]
}
