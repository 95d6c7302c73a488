# What every file of the project keeps to.

load helper

# The files of the project: those that git knows, in a clone.
tracked() {
    need git
    git -C "$ROOT" -c safe.directory="$ROOT" ls-files "$@"
}

# nowhere PATTERN [FILE...]: no line of the project matches, binary files
# aside. The brackets in the patterns keep this file from matching.
nowhere() {
    local found
    cd "$ROOT" || return
    found=$(tracked "${@:2}" | tr '\n' '\0' |
        xargs -0 grep -snIE -e "$1" -- /dev/null || true)
    echo "$found"
    [ -z "$found" ]
}

@test "git knows the files of the project" {
    tracked >files
    grep -q '^lessons/narrate.h$' files
    grep -q '^Makefile$' files
}

@test "the top level holds what it should, and nothing else" {
    run tracked
    [ "$status" -eq 0 ]
    run bash -c 'cut -d / -f 1 | sort -u | grep -v "^\."' <<<"$output"
    [ "$output" = 'LICENSE
Makefile
README.md
docs
lessons
scripts
tests' ]
}

@test "nothing names a path of the machine it was made on" {
    nowhere '/wor[k]/|/far[m]/|/tmp/brie[f]|/hom[e]/[a-z]+/|/roo[t]/'
}

@test "nothing is left to be done, in any file" {
    nowhere '\b(TOD[O]|FIXM[E]|XX[X]|TB[D])\b|lorem ipsu[m]'
    nowhere 'FILL I[N]' ':!scripts/dev/new' ':!tests/new.bats' ':!docs/CONTRIBUTING.md'
}

@test "every lesson is played by tests/plays.bash" {
    local lesson
    for lesson in "$ROOT"/lessons/[0-9]*.c; do
        lesson=$(basename "$lesson" .c)
        echo "$lesson"
        grep -qw "$lesson" "$ROOT/tests/plays.bash"
    done
}

@test "nothing names a host of packages, or an issue's number" {
    nowhere '(pypi|crates|npmjs|debian|ubuntu|archlinux|rubygems)\.(or[g]|co[m]|i[o])'
    nowhere '\b[Ii]ssue #?[0-9]'
}

@test "the top of scripts holds the commands that one types, and nothing else" {
    local file
    cd "$ROOT"
    for file in $(tracked scripts | grep -v '^scripts/.*/'); do
        echo "$file"
        [ -x "$file" ]
        grep -q "$file\b" README.md docs/*.md docs/chapters/*.md Makefile
    done
}

@test "every text ends its lines with LF, the last one too" {
    local cr=$'\r' file
    nowhere "$cr\$"
    cd "$ROOT"
    ends=$(tracked -z | xargs -0 grep -IlZ . -- | xargs -0 tail -qc 1 |
        tr -d '\n')
    echo "their last letters: $ends"
    [ -z "$ends" ]
}

@test "no line ends with spaces, but in transcripts and patches" {
    nowhere ' +$' ':!docs/transcripts' ':!*.patch'
}

@test "no test waits for time, and none burns a core while it waits" {
    cd "$ROOT"
    nowhere '(^|[^a-z_"])slee[p] [0-9$]|time\.slee[p]' tests ':!tests/mended'
    nowhere '(do|then) :; *(don[e]|f[i])|while (:|tru[e]);' tests
}

@test "no test takes a number out of a source: it would follow a mistake" {
    nowhere '\$\((sed|gre[p]|awk) [^)]*(enum|#define|= *\[0-9)' tests/*.bats
}

@test "a negation in the middle of a test is one that counts" {
    cd "$ROOT"
    # bash goes on after a line with a plain `!`, whatever its outcome. It
    # counts only as the last line of a function.
    run awk '
        bad && !/^}/ { print bad }
        { bad = "" }
        /^ +! / && !/ \|\| / { bad = FILENAME ": " FNR ": " $0 }
    ' tests/*.bats tests/helper.bash
    [ -z "$output" ]
}

@test "the scripts can be run, and are POSIX sh" {
    cd "$ROOT"
    local file
    for file in $(tracked scripts .ci); do
        head -c 2 "$file" | grep -q '^#!' || continue
        [ -x "$file" ]
        case $file in
        scripts/dev/setup | scripts/dev/test | scripts/demo | .ci/run)
            [ "$(head -n 1 "$file")" = '#!/bin/sh' ]
            ;;
        esac
    done
}

@test "shellcheck has nothing to say of the scripts" {
    need shellcheck
    cd "$ROOT"
    local file scripts=()
    for file in $(tracked scripts .ci); do
        case $(head -n 1 "$file") in
        '#!/bin/sh' | '#!/bin/bash' | '# shellcheck shell=sh') scripts+=("$file") ;;
        esac
    done
    [[ " ${scripts[*]} " == *' scripts/common/basics.sh '* ]]
    shellcheck "${scripts[@]}"
}

# bats test_tags=second
@test "shellcheck has nothing to say of the tests" {
    need shellcheck
    cd "$ROOT"
    printf '%s\n' tests/*.bats tests/*.bash tests/bench/*.{sh,bash} \
        tests/support/{provoke_errors,cheat,hand_in} |
        xargs -n 8 -P 2 shellcheck -x
}

@test "what is made is old when something changes that it is made of" {
    make -s -C "$ROOT" build/mended/07/right.c
    make -q -C "$ROOT" build/mended/07/right.c
    while read -r target input; do
        echo "# $target, $input"
        run -1 make -q -C "$ROOT" -W "$input" "build/$target"
    done <<END
mended/07/right.c tests/mended/07/right.diff
mended/07/right.c lessons/mistakes/07_nobody_can_connect/as_shipped.c
05_connect lessons/narrator/text.h
narrate.so lessons/narrator/text.h
play scripts/play/cues.h
board scripts/play/screen.h
board scripts/class/paint.h
END
}

@test "make help lists every target that one may want" {
    run make -s -C "$ROOT" help
    [ "$status" -eq 0 ]
    for target in lessons demo test clean help; do
        grep -q "^$target " <<<"$output"
    done
}

# answers FIRST COMMAND...: with -h and --help it prints the same, whose
# first line matches FIRST, and nothing else, and ends with 0.
answers() {
    local first=$1 option said=
    shift
    for option in -h --help; do
        echo "# $* $option"
        run -0 --separate-stderr timeout "$PATIENCE" "$@" "$option" \
            </dev/null 3>&-
        [[ ${lines[0]} =~ $first ]]
        [ -z "$stderr" ]
        [ "$output" = "${said:=$output}" ]
    done
}

@test "each script says with -h and --help how it is called, wherever one is" {
    cd "$ROOT/scripts"
    local script
    for script in * dev/*; do
        [ -f "$script" ] || continue
        answers "^(usage: )?scripts/${script}[: ]" "./$script"
        [[ $output != *shellcheck* ]]
    done
    answers '^usage: scripts/demo ' ./demo 06 --stage
    answers '^usage: scripts/narrate ' ./narrate -s
    run -0 --separate-stderr ./narrate cat --version # that is cat's
    [[ $output == 'cat ('* ]]
}

@test "each lesson says with -h and --help how it is called" {
    local lesson
    cd "$ROOT/lessons"
    for lesson in [0-9]*.c; do
        answers "^${lesson%.c}: " "$BUILD/${lesson%.c}"
    done
    for lesson in python/[0-9]*.py; do
        answers "^usage: ${lesson#*/} " python3 "$lesson"
    done
}

@test "with --version each script says which commit it is" {
    local script
    for script in demo check narrate grade report dev/new; do
        run -0 --separate-stderr "$ROOT/scripts/$script" --version
        [ "$output" = "${script#dev/} (sockets) $(git -C "$ROOT" describe \
            --tags --always --dirty)" ]
    done
    mkdir copy
    cp -r "$ROOT/scripts" copy
    run -0 copy/scripts/check --version
    [ "$output" = 'check (sockets) of unknown version' ]
    echo v9.1 >copy/VERSION
    run -0 copy/scripts/check --version
    [ "$output" = 'check (sockets) v9.1' ]
}

@test "scripts/dev/test refuses a test that is not there" {
    run -2 "$ROOT/scripts/dev/test" no-such-test
    [[ $output == *no-such-test*hygiene* ]]
    SETUP=some run -2 "$ROOT/scripts/dev/test" hygiene
}

@test "scripts/dev/test tries again, alone, what failed, and names it" {
    mkdir -p work/scripts/dev work/tests/support
    cp -r "$ROOT/scripts/common" work/scripts
    cp "$ROOT/scripts/dev/test" work/scripts/dev
    cp "$ROOT/tests/support/results.awk" work/tests/support
    ln -s /bin/true work/scripts/dev/setup
    echo '%:;@:' >work/Makefile
    # bats would take a line that begins with @test for its own.
    printf '%s\n' '@test "is (well) + good" { :; }' \
        "@test \"fails [once].\" { ! mkdir '$PWD/tried'; }" >work/tests/some.bats
    # Without what this bats has set for its own tests.
    alone=(env -i "PATH=${PATH//$BATS_LIBEXEC:/}" work/scripts/dev/test some)
    run -0 "${alone[@]}"
    [[ $output == *'some: 1 passed, 1 FAILED'* ]]
    [[ $output == *$'failed beside others, passed alone:\n    some: fails [once].\n'* ]]
    [ "${lines[-1]}" = '2 passed, 0 failed' ]
    echo '@test "fails" { false; }' >>work/tests/some.bats
    run -1 "${alone[@]}"
    [[ $output == *$'\nfailed:\n    some: fails\n'* ]]
    [ "${lines[-1]}" = '2 passed, 1 failed' ]
}

@test "a test that fails is told as bats itself tells it" {
    local form
    mkdir -p tests
    cp -r "$ROOT"/tests/{helper.bash,support} tests
    # bats would take a line that begins with @test for its own.
    sed 's/^ *test/@test/' >tests/some.bats <<'EOF'
        load helper
        deep() { deeper "$@"; }
        deeper() {
            local i
            for i in 1 2 3; do
                [ "$i" -lt 3 ]
            done
        }
        test "a command" { true; false; true; }
        test "brackets" {
            true
            [[ a == b ]]
        }
        test "a sum" { ((1 == 2)); }
        test "deep" { deep; true; }
        test "run" { run -0 false; }
        test "run not" { run ! true; }
        test "unset" { set -u; echo "$nothing"; }
        test "not found" { nosuchcommand; }
        test "a pipe" { echo x | grep y; true; }
        test "a subshell" { (exit 3); true; }
        test "the end" { exit 4; }
        test "in a function of the helper" { complain "$0"; }
        test "a substitution" { x=$(false); true; }
        test "or" { false || deep; }
        test "none" { false || ! false; }
        teardown() { [ "$BATS_TEST_NUMBER" != 7 ]; }
EOF
    for form in yes ''; do
        env -i "PATH=${PATH//$BATS_LIBEXEC:/}" RESULTS="$PWD" WHOLE_TRACE=$form \
            bats --tap tests/some.bats 3>&- >"told$form" 2>&1 || true
    done
    [ "$(grep -c '^not ok' told)" -eq 14 ]
    grep -q "from function .deeper. in file tests/some.bats, line 6" told
    diff toldyes told
}

@test "CDPATH, which cd would search, leads no script astray" {
    local script told wrong
    cd "$ROOT"
    for script in scripts/* scripts/dev/* scripts/dev/recording/look; do
        [ -f "$script" ] && [ -x "$script" ] || continue
        wrong=2 # 127 is what a shell says where there is no such program
        [ "$script" != scripts/narrate ] || wrong=127
        run "-$wrong" timeout "$PATIENCE" "$script" nosuch </dev/null
        told=$output
        CDPATH=. run "-$wrong" timeout "$PATIENCE" "$script" nosuch </dev/null
        [ "$output" = "$told" ]
    done
}
